# SPDX-License-Identifier: Apache-2.0
import threading
import time

from drivers.bins_turn import Turn
from firmware_io.links.serial_port import SerialLink

PATIENCE_S = 30.0


def test_who_only_looks_can_tell_that_an_act_waits_for_the_line():
    turn = Turn(SerialLink("/dev/nowhere", 9600))
    acted = threading.Event()

    def act() -> None:
        with turn.mine():
            acted.set()

    thread = threading.Thread(target=act, daemon=True)
    with turn.if_free() as free:
        assert free
        assert not turn.wanted
        thread.start()
        limit = time.monotonic() + PATIENCE_S
        while not turn.wanted and time.monotonic() < limit:
            threading.Event().wait(0.001)
        assert turn.wanted
        assert not acted.is_set()
    assert acted.wait(PATIENCE_S)
    thread.join(PATIENCE_S)
    assert not turn.wanted


def test_who_only_looks_does_not_wait_for_the_line():
    turn = Turn(SerialLink("/dev/nowhere", 9600))
    with turn.mine(), turn.if_free() as free:
        assert not free
        assert not turn.wanted


def test_an_act_that_waits_for_the_line_is_called_off_too_and_a_later_one_is_not():
    link = SerialLink("/dev/nowhere", 9600)
    turn = Turn(link)
    called_off: list[bool] = []

    def act() -> None:
        with turn.mine():
            called_off.append(link._cancelled.is_set())

    with turn.if_free():
        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        limit = time.monotonic() + PATIENCE_S
        while not turn.wanted and time.monotonic() < limit:
            threading.Event().wait(0.001)
        assert turn.wanted
        turn.call_off()
    thread.join(PATIENCE_S)
    act()
    assert called_off == [True, False]

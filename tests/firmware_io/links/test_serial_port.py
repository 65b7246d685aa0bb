# SPDX-License-Identifier: Apache-2.0
import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import (
    LinkBusyError,
    LinkCancelledError,
    LinkLostError,
    LinkTimeoutError,
)
from firmware_io.links.serial_port import SerialLink

SOON = 40.0  # generous: reached only when something hangs


class Wire:
    """The far end of a pseudo-terminal."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self._pulling = threading.Lock()  # a timer may pull it while the fixture tidies up

    def unplug(self) -> None:
        with self._pulling:
            if self.master >= 0:
                os.close(self.slave)
                os.close(self.master)
                self.master = -1


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.unplug()


@pytest.fixture
def link(wire: Wire) -> Iterator[SerialLink]:
    with SerialLink(wire.path, 57600) as link:
        yield link


def test_bytes_go_both_ways(wire: Wire, link: SerialLink) -> None:
    link.write(b"ping", Deadline.after(SOON))
    assert os.read(wire.master, 10) == b"ping"
    os.write(wire.master, b"pong")
    assert link.read(Deadline.after(SOON)) == b"pong"


def test_silence_ends_at_the_deadline_and_the_link_goes_on(wire: Wire, link: SerialLink) -> None:
    with pytest.raises(LinkTimeoutError):
        link.read(Deadline.after(0.02))
    with pytest.raises(LinkTimeoutError):
        link.read(Deadline.after(-1))
    os.write(wire.master, b"late")
    assert link.read(Deadline.after(SOON)) == b"late"


def test_what_has_arrived_is_given_even_when_the_deadline_has_passed(
    wire: Wire, link: SerialLink
) -> None:
    os.write(wire.master, b"x")
    assert link.read(Deadline.after(SOON)) == b"x"
    os.write(wire.master, b"y")
    poll_until(lambda: ready(link))
    assert link.read(Deadline.after(-1)) == b"y"


def ready(link: SerialLink) -> bool:
    assert link._fd is not None
    return bool(select.select([link._fd], [], [], 0)[0])


def poll_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not done():
        assert time.monotonic() < end


def test_draining_drops_what_waits_and_counts_it(wire: Wire, link: SerialLink) -> None:
    os.write(wire.master, b"late reply")
    assert link.drain(0.05) == 10
    assert link.drain(0.0) == 0
    os.write(wire.master, b"answer")
    assert link.read(Deadline.after(SOON)) == b"answer"


def test_draining_a_babbling_line_ends(wire: Wire, link: SerialLink) -> None:
    stop = threading.Event()

    def babble() -> None:
        while not stop.is_set():
            os.write(wire.master, b"xx")

    babbler = threading.Thread(target=babble)
    babbler.start()
    try:
        assert link.drain(0.05, limit_s=0.1) > 0
    finally:
        stop.set()
        link.drain(0.05, limit_s=SOON)
        babbler.join()


def read(link: SerialLink) -> None:
    link.read(Deadline.after(SOON))


def read_for_ever(link: SerialLink) -> None:
    link.read(Deadline.after(3600))


def write(link: SerialLink) -> None:
    link.write(b"x", Deadline.after(SOON))


def drain(link: SerialLink) -> None:
    link.drain()


def change_speed(link: SerialLink) -> None:
    link.set_baudrate(9600)


CALLS = [read, read_for_ever, write, drain, change_speed]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_unplugging_is_one_error_whatever_is_being_done(
    wire: Wire, link: SerialLink, call: Callable[[SerialLink], None]
) -> None:
    wire.unplug()
    with pytest.raises(LinkLostError):
        call(link)
    assert not link.is_open
    with pytest.raises(LinkLostError):
        call(link) if call is not change_speed else link.open()


def test_unplugging_in_the_middle_of_a_read_ends_it(wire: Wire, link: SerialLink) -> None:
    os.write(wire.master, b"abc")
    read(link)
    threading.Timer(0.02, wire.unplug).start()
    with pytest.raises(LinkLostError):
        read_for_ever(link)


def test_a_port_that_is_not_there_is_lost_and_a_held_one_is_busy(
    wire: Wire, link: SerialLink, tmp_path: Path
) -> None:
    with pytest.raises(LinkLostError):
        SerialLink(str(tmp_path / "none"), 9600).open()
    with pytest.raises(LinkBusyError):
        SerialLink(wire.path, 9600).open()


def test_the_same_path_opens_again_after_a_replug(tmp_path: Path) -> None:
    first, second = Wire(), Wire()
    name = tmp_path / "by-id"
    name.symlink_to(first.path)
    link = SerialLink(str(name), 57600)
    link.open()
    first.unplug()
    with pytest.raises(LinkLostError):
        read(link)
    name.unlink()
    name.symlink_to(second.path)
    link.open()
    os.write(second.master, b"back")
    assert link.read(Deadline.after(SOON)) == b"back"
    link.close()
    second.unplug()


@pytest.mark.parametrize("call", [read_for_ever, write, drain], ids=lambda call: call.__name__)
def test_a_cancel_holds_until_taken_back(
    wire: Wire, link: SerialLink, call: Callable[[SerialLink], None]
) -> None:
    os.write(wire.master, b"data")
    link.cancel()
    link.cancel()
    for _ in range(2):
        with pytest.raises(LinkCancelledError):
            call(link)
    link.rearm()
    assert link.read(Deadline.after(SOON)) == b"data"


@pytest.mark.parametrize("act", [SerialLink.cancel, SerialLink.close], ids=["cancel", "close"])
def test_another_thread_ends_a_read_that_would_last_an_hour(
    wire: Wire, link: SerialLink, act: Callable[[SerialLink], None]
) -> None:
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            read_for_ever(link)
        except (LinkCancelledError, LinkLostError) as error:
            ended.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    act(link)
    waiting.join(SOON)
    assert not waiting.is_alive()
    # A close may come before the read has begun, which then finds no open port.
    assert isinstance(ended[0], LinkCancelledError) or act is SerialLink.close


def test_a_cancel_before_opening_holds_after_it(wire: Wire) -> None:
    link = SerialLink(wire.path, 9600)
    link.cancel()
    with link, pytest.raises(LinkCancelledError):
        read(link)


def test_a_far_side_that_takes_nothing_ends_a_write_at_the_deadline(link: SerialLink) -> None:
    with pytest.raises(LinkTimeoutError):
        link.write(bytes(1 << 20), Deadline.after(0.05))

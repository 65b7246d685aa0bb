# SPDX-License-Identifier: Apache-2.0
"""Vectors: "K720/K730/k750 Communication Protocol" (jenschr/k750, 612c2de)."""

import pytest
import serial

from firmware_io.emulators.device import ControlError
from firmware_io.emulators.dispenser_k7 import K7
from firmware_io.emulators.stage import Stage

STATUS = "02 30 30 00 02 41 50 03 12"
TO_READER = "02 30 30 00 03 46 43 37 03 30"
PRESENT = "02 30 30 00 03 46 43 34 03 33"
CAPTURE = "02 30 30 00 02 43 50 03 10"
GO = "05 30 30"
ACK, NAK = "06 30 30", "15 30 30"


class Line:
    """A machine and a clock that the test moves."""

    def __init__(self, *cards: str, **more) -> None:
        self.machine = K7(seed=3, **more)
        self.now = 50.0
        self.machine.power_cycle(self.now)
        self.desk(stock=list(cards))

    def run(self, seconds: float) -> str:
        end, said = self.now + seconds, []
        while True:
            said += self.machine.poll(self.now)
            due = self.machine.wake_at()
            if due is None or due > end:
                break
            self.now = due
        self.now = end
        return b"".join(send.data for send in said).hex(" ").upper()

    def say(self, wire: str, seconds: float = 0.0) -> str:
        self.machine.feed(bytes.fromhex(wire), self.now)
        return self.run(seconds)

    def do(self, wire: str, seconds: float = 5.0) -> str:
        assert self.say(wire) == ACK
        return self.say(GO, seconds)

    def desk(self, **request):
        return self.machine.control(request, self.now)


def test_the_status_follows_the_card_through_the_channel_in_the_manual_s_bytes():
    line = Line("A", "B", "C", "D")
    assert line.do(STATUS) == "02 30 30 00 06 53 46 30 30 30 30 03 12"
    line.do(TO_READER, 0.5)
    assert line.do(STATUS) == "02 30 30 00 06 53 46 30 38 30 30 03 1A"  # dispensing
    assert line.do(STATUS) == "02 30 30 00 06 53 46 30 30 30 34 03 16"  # at the reader
    line.do(PRESENT)
    assert line.do(STATUS) == "02 30 30 00 06 53 46 30 30 30 31 03 13"  # in the mouth
    assert line.desk(take_card=True) == {"cards": ["A"]}
    assert line.do(STATUS) == "02 30 30 00 06 53 46 30 30 30 30 03 12"
    assert line.desk(check=True)["violations"] == []


def test_an_empty_and_a_nearly_empty_hopper_are_told():
    assert Line().do(STATUS) == "02 30 30 00 06 53 46 30 30 30 38 03 1A"
    assert Line("A").do(STATUS) == "02 30 30 00 06 53 46 30 30 31 30 03 13"


def test_a_captured_card_is_in_the_box():
    line = Line("A")
    line.do(STATUS)
    line.do(TO_READER)
    line.do(STATUS)
    line.do(CAPTURE)
    assert line.desk(check=True)["box"] == ["A"]


def test_without_the_word_to_go_nothing_moves_and_it_can_be_taken_back():
    line = Line("A")
    line.do(STATUS)
    assert line.say(TO_READER, 5.0) == ACK
    line.say("04")
    line.say(GO, 5.0)
    assert line.desk(check=True)["moves"] == []


@pytest.mark.parametrize("wire", ["02 30 30 00 02 41 50 03 13", "02 30 30 00 02 41 50 04 15"])
def test_a_damaged_frame_is_not_understood(wire: str):
    assert Line().say(wire) == NAK


def test_another_address_gets_silence():
    assert Line(address=3).say(STATUS) == ""


def test_a_pause_of_more_than_15_ms_voids_a_frame():
    line = Line()
    line.say(STATUS[:14], 0.02)
    assert line.say(STATUS[15:], 0.1) != ACK
    assert line.say(STATUS[:14], 0.01) == ""
    assert line.say(STATUS[15:]) == ACK


def test_what_no_driver_may_do_is_a_violation():
    line = Line("A", "B")
    line.do(TO_READER)
    line.do(STATUS)
    line.do(TO_READER, 0.1)
    line.do("02 30 30 00 02 52 53 03 02")
    told = " ".join(line.desk(check=True)["violations"])
    for what in ("without asking", "onto a card", "a reset"):
        assert what in told


def test_cards_taken_out_of_the_hopper_are_staff_s_and_none_is_lost():
    line = Line("A", "B")
    line.desk(empty_hopper=True)
    held = line.desk(check=True)
    assert (held["hopper"], sorted(held["taken"]), held["unaccounted"]) == ([], ["A", "B"], [])


def test_the_desk_refuses_what_nobody_could_do():
    line = Line("A")
    for request in ({"take_card": True}, {"stock": [1]}, {"bogus": 1}):
        with pytest.raises(ControlError):
            line.machine.control(request, line.now)
    with pytest.raises(ControlError):
        line.machine.fault({"dies_at": "never"}, line.now)


def test_a_stranger_on_a_real_port_gets_a_status():
    with Stage(K7(factor=0.0)) as stage, serial.Serial(stage.path, 9600, timeout=20) as port:
        port.write(bytes.fromhex(STATUS))
        assert port.read(3) == bytes.fromhex(ACK)
        port.write(bytes.fromhex(GO))
        assert port.read(13) == bytes.fromhex("02 30 30 00 06 53 46 30 30 30 38 03 1A")

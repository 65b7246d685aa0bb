# SPDX-License-Identifier: Apache-2.0
"""Vectors: constants of syntech-pro/crt571 (0fc886e), assembled and summed by hand.

Manners: the maker's "CRT-591-M001 communication protocol", 1.4.
"""

import pytest
import serial

from firmware_io.emulators.device import ControlError
from firmware_io.emulators.dispenser_crt import Crt
from firmware_io.emulators.stage import Stage

RESET = "F2 00 00 03 43 30 33 03 B2"
STATUS = "F2 00 00 03 43 31 30 03 B0"
SENSORS = "F2 00 00 03 43 31 31 03 B1"
PRESENT = "F2 00 00 03 43 32 30 03 B3"
TO_CHIP = "F2 00 00 03 43 32 31 03 B2"
TO_BIN = "F2 00 00 03 43 32 33 03 B0"
OUT = "F2 00 00 03 43 32 39 03 BA"
ACK, NAK, CLEAR = "06", "15", "04"
NOBODY = "F2 00 00 06 50 31 30 30 32 30 03 94"
IN_GATE = "F2 00 00 06 50 31 30 31 32 30 03 95"
AT_READER = "F2 00 00 06 50 31 30 32 32 30 03 96"


class Line:
    """A machine and a clock that the test moves."""

    def __init__(self, *cards: str, make: str = "crt571", reset: bool = True, **more) -> None:
        self.machine = Crt(make, seed=3, **more)
        self.now = 50.0
        self.machine.power_cycle(self.now)
        self.desk(stock=list(cards))
        if reset:
            self.do(RESET)

    def run(self, seconds: float) -> list[str]:
        end, said = self.now + seconds, []
        while True:
            said += [send.data.hex(" ").upper() for send in self.machine.poll(self.now)]
            due = self.machine.wake_at()
            if due is None or due > end:
                break
            self.now = max(self.now, due)
        self.now = end
        return said

    def say(self, wire: str, seconds: float = 0.0) -> list[str]:
        self.machine.feed(bytes.fromhex(wire), self.now)
        return self.run(seconds)

    def do(self, wire: str) -> str:
        """One dialogue to its end: what was answered."""
        said = self.say(wire)
        assert said[:1] == [ACK]
        answer = (said[1:] or self.run(5.0))[0]
        self.say(ACK)
        return answer

    def desk(self, **request):
        return self.machine.control(request, self.now)

    @property
    def violations(self) -> list[str]:
        return self.desk(check=True)["violations"]


def test_the_status_follows_the_card_in_the_known_bytes():
    line = Line("A", "B", "C", "D")
    assert line.do(STATUS) == NOBODY
    assert line.do(TO_CHIP) == "F2 00 00 06 50 32 31 32 32 30 03 94"
    assert line.do(STATUS) == AT_READER
    line.do(PRESENT)
    assert line.do(STATUS) == IN_GATE
    assert line.desk(take_card=True) == {"cards": ["A"]}
    assert line.do(STATUS) == NOBODY
    assert line.violations == []


def test_until_it_is_reset_it_says_so_and_moves_nothing():
    line = Line("A", reset=False)
    assert line.do(PRESENT) == "F2 00 00 05 45 32 30 42 30 03 C1"
    assert line.desk(check=True)["moves"] == []
    assert line.do(RESET).startswith("F2 00 00 0D 50 30 33 30 31 30")
    line.do(STATUS)
    assert line.violations == []


def test_an_answer_is_given_again_until_it_is_acknowledged_and_at_once_when_asked():
    line = Line("A", "B", "C")
    assert line.say(STATUS) == [ACK, NOBODY]
    assert line.run(0.35) == [NOBODY]
    assert line.say(NAK) == [NOBODY]
    line.say(ACK)
    assert line.run(5.0) == []
    assert len(line.say(STATUS, 10.0)) == 1 + 1 + 3


def test_a_new_command_ends_the_wait_for_an_acknowledgement():
    line = Line("A", "B", "C")
    line.say(STATUS)
    line.say(STATUS)
    line.say(ACK)
    assert line.run(5.0) == []


@pytest.mark.parametrize("wire", ["F2 00 00 03 43 31 30 03 B1", "F2 00 00 03 43 31 30 04 B7"])
def test_a_damaged_frame_is_not_understood(wire: str):
    assert Line().say(wire) == [NAK]


def test_another_address_gets_silence():
    assert Line(address=3, reset=False).say(STATUS) == []


def test_half_a_frame_is_forgotten():
    line = Line()
    line.say(STATUS[:14], 0.5)
    assert line.say(STATUS)[:1] == [ACK]


def test_while_it_moves_it_hears_only_that_it_must_stop():
    line = Line("A")
    line.do(STATUS)
    assert line.say(TO_CHIP, 0.2) == [ACK]
    assert line.say(STATUS, 0.2) == []
    assert line.say(CLEAR) == [CLEAR]
    assert line.run(5.0) == []
    assert line.do(STATUS) == "F2 00 00 06 50 31 30 30 30 30 03 96"
    assert line.violations == ["04: a movement was stopped half way"]


def test_why_not_is_said_in_the_known_bytes():
    line = Line("A")
    line.do(STATUS)
    line.machine.fault({"jam": True}, line.now)
    assert line.do(PRESENT) == "F2 00 00 05 45 32 30 31 30 03 B2"
    empty = Line()
    empty.do(STATUS)
    assert empty.do(PRESENT) == "F2 00 00 05 45 32 30 41 30 03 C2"


def test_a_jam_stays_until_the_machine_is_cleared_and_reset():
    line = Line("A")
    line.do(STATUS)
    line.machine.fault({"jam": True}, line.now)
    line.do(TO_CHIP)
    jammed = "F2 00 00 05 45 31 30 31 30 03 B1"
    assert line.do(STATUS) == jammed
    line.desk(clear=True)
    assert line.do(STATUS) == jammed
    line.do(RESET)
    assert line.do(STATUS) == "F2 00 00 06 50 31 30 30 30 30 03 96"
    assert line.violations == []


def test_a_movement_with_an_empty_channel_takes_the_next_card_and_tells_the_desk():
    """Why presenting must never be repeated: the second card would go to whoever took the first."""
    line = Line("A", "B")
    line.do(STATUS)
    line.do(TO_CHIP)
    line.do(STATUS)
    line.do(PRESENT)
    line.desk(take_card=True)
    line.do(PRESENT)
    assert line.desk(check=True)["card"] == "B"
    assert [one.partition(": ")[2] for one in line.violations] == [
        "a movement without asking for the status first",
        "a card is presented that nobody has read",
    ]


def test_the_591_differs_as_one_was_seen_to():
    line = Line("A", make="crt591")
    line.do(STATUS)
    line.do(TO_CHIP)
    line.do(STATUS)
    assert line.do(TO_BIN) == "F2 00 00 06 50 32 33 32 30 30 03 94"  # done, and still there
    assert line.desk(check=True)["at"] == "reader"
    line.do(STATUS)
    line.do(OUT)
    assert line.desk(check=True)["box"] == ["A"]
    line.do(STATUS)
    assert line.do(TO_CHIP) == "F2 00 00 05 4E 32 31 30 41 03 C8"  # N, "0A"
    line.machine.fault({"box_full": True}, line.now)
    assert line.do(STATUS) == "F2 00 00 06 50 31 30 30 30 32 03 94"
    told = bytes.fromhex(line.do(SENSORS))[10:-2]
    assert (len(told), told[2:3], told[16:]) == (17, b"2", b"1")


def test_what_other_hosts_say_first_is_answered():
    line = Line()
    assert line.do("F2 00 00 03 43 33 31 03 B3") == "F2 00 00 06 50 33 31 30 30 30 03 95"
    version = bytes.fromhex(line.do("F2 00 00 03 43 A4 30 03 25"))
    assert version[4:7] == b"P\xa40"
    assert version[10:-2] == b"CRT-571"
    assert line.do("F2 00 00 03 43 32 37 03 B4")[12:27] == "45 32 37 30 30 "


def test_what_no_driver_may_do_is_a_violation():
    line = Line("A")
    line.do(RESET)
    line.do("F2 00 00 03 43 30 31 03 B0")
    told = " ".join(line.violations)
    for what in ("nothing called for", "moves a card"):
        assert what in told


def test_the_desk_refuses_a_code_that_there_is_not():
    line = Line()
    with pytest.raises(ControlError, match="the codes are"):
        line.machine.fault({"code": "99"}, line.now)
    with pytest.raises(ControlError):
        line.machine.fault({"bogus": 1}, line.now)


def test_a_stranger_on_a_real_port_resets_it_and_gets_a_status():
    with Stage(Crt(factor=0.0)) as stage, serial.Serial(stage.path, 9600, timeout=20) as port:
        port.write(bytes.fromhex(RESET))
        reset = bytes.fromhex("06 F2 00 00 0D 50 30 33 30 30 30 43 52 54 2D 35 37 31 03 C4")
        assert port.read(len(reset)) == reset
        port.write(bytes.fromhex(ACK + STATUS))
        empty = bytes.fromhex(ACK + "F2 00 00 06 50 31 30 30 30 30 03 96")
        assert port.read_until(empty).endswith(empty)  # whoever is slow hears the first one again

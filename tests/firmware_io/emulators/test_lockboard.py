# SPDX-License-Identifier: Apache-2.0
"""Vectors: the sheet of the 8A board (CSDN, u012909822, 147892413), the WKLY vendor's examples,
frames of the public Android project com.blitztech.pudokiosk for the Winnsen board.
"""

import pytest
import serial

from firmware_io.emulators.device import ControlError
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.emulators.stage import Stage


class Line:
    """A board and a clock that the test moves."""

    def __init__(self, make: str = "8a", **more) -> None:
        self.board = LockBoard(make, seed=3, **more)
        self.now = 50.0
        self.board.power_cycle(self.now)

    def run(self, seconds: float) -> bytes:
        end, said = self.now + seconds, []
        while True:
            said += self.board.poll(self.now)
            due = self.board.wake_at()
            if due is None or due > end:
                break
            self.now = due
        self.now = end
        return b"".join(send.data for send in said)

    def ask(self, wire: str, seconds: float = 0.5) -> str:
        self.board.feed(bytes.fromhex(wire), self.now)
        return self.run(seconds).hex(" ").upper()

    def desk(self, **request):
        return self.board.control(request, self.now)


def test_a_board_answers_with_the_bytes_of_its_sheet():
    line = Line()
    assert line.ask("80 01 01 33 B3") == "80 01 01 11 91"
    assert line.ask("80 01 00 33 B2") == "80 01 FF FF FF 33 4D"
    line.desk(open_door=3)
    assert line.ask("80 01 00 33 B2") == "80 01 FF FF FB 33 49"
    assert line.ask("80 01 03 33 B1") == "80 01 03 00 82"


def test_a_wkly_board_answers_with_the_bytes_of_its_vendor():
    line = Line("wkly", boards=(0,), locks=4)
    assert line.ask("57 4B 4C 59 09 00 83 01 82") == "57 4B 4C 59 0B 00 83 00 01 01 81"
    for door in (1, 4):
        line.desk(open_door=door)
    assert line.ask("57 4B 4C 59 08 00 84 85") == "57 4B 4C 59 0E 00 84 00 04 00 01 01 00 87"
    line.desk(close_door=1)
    assert line.run(1.0).hex(" ").upper() == "57 4B 4C 59 0A 00 85 01 01 86"


def test_a_winnsen_board_answers_with_the_bytes_of_the_public_program():
    line = Line("winnsen", boards=(0,), swapped=True)
    assert line.ask("90 06 12 00 01 03") == "90 07 92 00 00 01 03"
    assert line.ask("90 06 05 00 01 03", 0.7) == ""  # its pulse lasts 0.75 s
    assert line.ask("90 06 12 00 01 03", 0.05) == ""  # and it answers nothing meanwhile
    assert line.run(0.2).hex(" ").upper() == "90 07 85 00 01 01 03 90 07 92 00 01 01 03"
    other = Line("winnsen", boards=(0,))
    assert other.ask("90 06 12 00 05 03") == "90 07 92 00 05 00 03"
    other.desk(open_door=5)
    assert other.ask("90 06 12 00 05 03") == "90 07 92 00 05 01 03"


def test_a_winnsen_lock_gets_no_second_pulse_before_it_has_cooled_down():
    line = Line("winnsen")
    line.ask("90 06 12 01 03 03")
    assert line.ask("90 06 05 01 03 03", 2.0) == "90 07 85 01 03 01 03"
    line.desk(close_door=3)
    line.ask("90 06 12 01 03 03")
    assert line.ask("90 06 05 01 03 03", 2.0) == "90 07 85 01 03 02 03"
    line.ask("90 06 12 01 04 03")
    assert line.ask("90 06 05 01 04 03", 2.0) == "90 07 85 01 04 01 03"  # another coil
    line.desk(close_door=4)
    line.run(15.0)
    line.ask("90 06 12 01 03 03")
    assert line.ask("90 06 05 01 03 03", 2.0) == "90 07 85 01 03 01 03"
    report = line.desk(check=True)
    assert [name for _, name in report["pulses"]] == ["1/3", "1/4", "1/3"]
    assert report["violations"] == []


@pytest.mark.parametrize(
    "wire",
    [
        "90 06 12 02 01 03",
        "90 06 12 01 11 03",
        "90 06 05 01 00 03",
        "90 06 13 01 01 03",
        "90 06 12 01 01 04",
        "90 07 12 01 01 03",
        "80 01 01 33 B3",
    ],
)
def test_a_winnsen_board_is_silent_at_another_board_lock_function_or_end(wire: str):
    line = Line("winnsen")
    assert line.ask(wire, 2.0) == ""
    assert line.desk(check=True)["pulses"] == []


@pytest.mark.parametrize(("boards", "locks"), [((5,), 16), ((1,), 17), ((), 16)])
def test_no_winnsen_cabinet_has_more_than_such_boards_have(boards, locks):
    with pytest.raises(ValueError, match="boards 0 to 4, locks 1 to 16"):
        LockBoard("winnsen", boards=boards, locks=locks)


@pytest.mark.parametrize(
    "wire",
    ["80 01 01 33 B2", "80 02 01 33 B0", "80 01 19 33 AB", "81 01 01 33 B2", "00 FF 00 FF 00"],
)
def test_a_wrong_sum_address_lock_or_command_gets_silence(wire: str):
    assert Line().ask(wire) == ""


def test_opening_pulses_once_and_the_door_springs_within_300_ms():
    line = Line()
    line.desk(put_card="A17", into=1)
    line.ask("80 01 01 33 B3")
    assert line.ask("8A 01 01 11 9B", 0.2) in ("8A 01 01 00 8A", "8A 01 01 11 9B")
    assert line.ask("80 01 01 33 B3") == "80 01 01 00 80"
    assert line.desk(take_card=True) == {"cards": ["A17"]}
    report = line.desk(check=True)
    assert (report["taken"], report["violations"]) == (["A17"], [])
    assert [name for _, name in report["pulses"]] == ["1/1"]


def test_lock_0_opens_everything_and_is_a_violation():
    line = Line(locks=3)
    line.ask("80 01 00 33 B2")
    line.ask("8A 01 00 11 9A", 5.0)
    report = line.desk(check=True)
    assert report["open"] == ["1/1", "1/2", "1/3"]
    assert "1: several locks opened with one frame" in report["violations"]


def test_a_second_pulse_within_a_second_and_one_without_a_question_are_violations():
    line = Line()
    line.ask("80 01 01 33 B3")
    line.ask("8A 01 01 11 9B")
    line.desk(close_door=1)
    line.ask("8A 01 01 11 9B")
    violations = line.desk(check=True)["violations"]
    assert violations == [
        "1/1: a second pulse within 1 s",
        "1/1: a pulse without asking for the door first",
    ]


def test_on_an_echoing_line_a_failure_and_an_echo_have_the_same_bytes():
    line = Line(echo=True)
    line.board.control({"status": True}, line.now)
    line.board.fault({"jammed": 1}, line.now)
    assert line.ask("8A 01 01 11 9B") == "8A 01 01 11 9B 8A 01 01 11 9B"


def test_contacts_of_the_other_kind_say_the_opposite():
    assert Line(inverted=True).ask("80 01 01 33 B3") == "80 01 01 00 80"


@pytest.mark.parametrize(
    ("instant", "pulsed", "is_open"),
    [("heard", 0, []), ("pulse", 1, ["1/1"]), ("sprung", 1, ["1/1"]), ("answer", 1, ["1/1"])],
)
def test_a_supply_lost_in_a_movement_leaves_what_was_moved(instant, pulsed, is_open):
    line = Line()
    line.board.fault({"dies_at": instant}, line.now)
    answer = line.ask("8A 01 01 11 9B", 2.0)
    assert answer == "" or instant == "sprung"
    report = line.desk(check=True)
    assert (len(report["pulses"]), report["open"]) == (pulsed, is_open)
    assert line.ask("80 01 01 33 B3") == ""
    line.board.power_cycle(line.now)
    assert line.ask("80 01 01 33 B3") != ""


def test_the_desk_refuses_what_nobody_could_do():
    line = Line()
    line.desk(put_card="A", into=1)
    for request in ({"take_card": 1}, {"take_card": True}, {"close_door": 99}, {"bogus": 1}):
        with pytest.raises(ControlError):
            line.board.control(request, line.now)
    with pytest.raises(ControlError):
        line.board.fault({"dies_at": "never"}, line.now)
    with pytest.raises(ControlError):
        line.board.fault({"bogus": 1}, line.now)


def test_a_stranger_on_a_real_port_opens_a_door():
    with Stage(LockBoard(factor=0.0)) as stage, serial.Serial(stage.path, 9600, timeout=20) as port:
        port.write(bytes.fromhex("80 01 01 33 B3"))
        assert port.read(5) == bytes.fromhex("80 01 01 11 91")
        port.write(bytes.fromhex("8A 01 01 11 9B"))
        assert port.read(5)[:3] == bytes.fromhex("8A 01 01")
        assert [name for _, name in stage.control({"check": True})["pulses"]] == ["1/1"]

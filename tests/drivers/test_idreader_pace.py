# SPDX-License-Identifier: Apache-2.0
"""How long the card reader's driver waits for a lost answer, in virtual time."""

from collections.abc import Iterator
from datetime import date

import pytest

from bench.campaign.virtual import Line, VirtualLink
from drivers.idreader_talk import Pace, SilentError, Talk
from firmware_io.codecs.samv_tables import Command, Status
from firmware_io.emulators.idreader import IdReaderDevice

ZHANG = "341522199811070025"
FIND_S, READ_S = 1.5, 4.2  # what the driver grants at most


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line(IdReaderDevice(today=date(2026, 12, 1)), 1)
    line.pass_time(3.0)  # it has started up
    with line.clock():
        yield line


@pytest.fixture
def talk(line: Line) -> Talk:
    link = VirtualLink(line, "virtual", 115200)
    link.open()
    return Talk(link, silence_s=0.3)  # type: ignore[arg-type]


def _lost(line: Line, talk: Talk, command: Command, limit_s: float) -> float:
    """Seconds until a swallowed answer is given up."""
    line.control({"fault": {"silent": True}})
    begun = line.now
    with pytest.raises(SilentError):
        talk.ask(command, limit_s)
    return line.now - begun


def test_an_unknown_module_is_given_all_the_time_there_is(line: Line, talk: Talk) -> None:
    assert _lost(line, talk, Command.FIND, FIND_S) == pytest.approx(FIND_S, abs=0.05)


def test_a_lost_answer_of_a_known_module_costs_little(line: Line, talk: Talk) -> None:
    assert talk.ask(Command.FIND, FIND_S).status == Status.NOT_FOUND
    assert _lost(line, talk, Command.FIND, FIND_S) < 0.4
    line.control({"place_card": ZHANG})
    assert talk.ask(Command.FIND, FIND_S).status == Status.CARD_FOUND
    assert talk.ask(Command.SELECT, FIND_S).status == Status.SUCCESS
    begun = line.now
    assert talk.ask(Command.READ, READ_S).status == Status.SUCCESS
    took = line.now - begun
    assert _lost(line, talk, Command.READ, READ_S) <= max(2.0, 3 * took) + 0.05
    assert _lost(line, talk, Command.SELECT, FIND_S) < 0.4


def test_after_a_lost_answer_the_next_wait_is_the_longest_again(line: Line, talk: Talk) -> None:
    talk.ask(Command.FIND, FIND_S)
    _lost(line, talk, Command.FIND, FIND_S)
    line.control({"fault": {"slow": 1.2}})  # it has become slow, and is heard nevertheless
    assert talk.ask(Command.FIND, FIND_S).status == Status.NOT_FOUND


def test_another_module_on_the_port_is_unknown_again(line: Line, talk: Talk) -> None:
    talk.ask(Command.FIND, FIND_S)
    talk.reopened()
    assert _lost(line, talk, Command.FIND, FIND_S) > 1.0


def test_the_pace_keeps_its_bounds() -> None:
    pace = Pace()
    pace.took(Command.FIND, 0.001)
    assert pace.limit_s(Command.FIND, 1.5) == 0.3
    pace.took(Command.FIND, 0.2)
    assert pace.limit_s(Command.FIND, 1.5) == pytest.approx(0.6)
    pace.took(Command.FIND, 9.0)
    assert pace.limit_s(Command.FIND, 1.5) == 1.5
    assert pace.limit_s(Command.STATUS, 0.3) == 0.3

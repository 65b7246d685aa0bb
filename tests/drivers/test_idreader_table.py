# SPDX-License-Identifier: Apache-2.0
"""Every answer a module may give at every step, and what comes of it: in virtual time.

The meanings are those of the SW3 table that reader makers publish after GA 467.
"""

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog

from bench.campaign.virtual import Line, VirtualEvent, VirtualLink
from drivers.errors import AskAgainError, BoothError, OutOfServiceError
from drivers.health import State
from drivers.idreader import IdReader
from firmware_io.emulators.idreader import IdReaderDevice
from kiosk.texts import words
from kiosk.view import text

ZHANG = "341522199811070025"  # made up
PERSON = ("张静", ZHANG, "19981107", "1998", "霍邱", "光明大道", "20161211")


def codes(told: str) -> list[str]:
    return [f"{one:02X}" for one in bytes.fromhex(told)]


CODES = codes("10112123243132 33373F404147506066 8081919F01FF")
REFUSED = dict.fromkeys(codes("24 3132333F37 50 91 01FF"), "card.unreadable")
MOVED = dict.fromkeys(codes("41 47 81"), "card.moved")
ILL = dict.fromkeys(codes("10 11 21 23 60"), "idreader.faulty") | {"66": "idreader.not_authorised"}
COMMON = {**REFUSED, **MOVED, **ILL, "40": "card.not_id_card"}
TABLE: dict[str, dict[str, str]] = {
    "find": COMMON | {"80": "card.none", "9F": "card.moved"},
    "select": COMMON | {"80": "card.moved", "9F": "card.moved"},
    "read": COMMON | {"80": "card.moved", "9F": "card.unreadable"},
}
EACH = [(step, code) for step in TABLE for code in CODES]
WAIT_S, LATEST_S = 3.0, 20.0


class Booth:
    """Driver and emulated module in virtual time."""

    def __init__(self, line: Line) -> None:
        link = VirtualLink(line, "virtual", 115200)
        self.line = line
        self.reader = IdReader("virtual", link=link)  # type: ignore[arg-type]
        self.reader._called_off = VirtualEvent(line)  # type: ignore[assignment]
        self.events: list[str] = []

    def tell(self, **said: Any) -> None:
        self.line.control(said)

    def read(self) -> Any:
        return self.reader.read_card(WAIT_S, self.events.append)

    def next_citizen(self) -> str:
        """The number read once all is mended and another card was laid down."""
        self.tell(fault={})
        self.tell(remove_card=True)
        self.tell(place_card=ZHANG)
        return self.reader.read_card(10.0, lambda _: None).number


@pytest.fixture
def booth() -> Iterator[Booth]:
    line = Line(IdReaderDevice(today=date(2026, 12, 1)), 1)
    with line.clock():
        line.pass_time(3.0)
        booth = Booth(line)
        booth.tell(repeat="again")
        booth.tell(place_card=ZHANG)
        yield booth


@pytest.mark.parametrize(("step", "code"), EACH)
def test_an_answer_that_stays_ends_in_one_error_with_words_and_the_next_card_is_read(
    booth: Booth, step: str, code: str
) -> None:
    booth.tell(fault={"answer": code, "answer_on": step, "answer_times": 0})
    begun = booth.line.now
    with pytest.raises(BoothError) as told:
        booth.read()
    assert booth.line.now - begun < LATEST_S
    assert booth.events.count("reading") <= 3
    assert told.value.code == TABLE[step][code]
    for language in ("zh", "en"):
        assert words(text(told.value.code), language)
        assert words(text(f"{told.value.code}.remedy"), language)
    health = booth.reader.health()
    if isinstance(told.value, OutOfServiceError):
        assert (health.state, health.reason) == (State.ILL, told.value.code)
        assert health.remedy == f"{health.reason}.remedy"
    else:
        assert isinstance(told.value, AskAgainError)
        assert health.state is State.READY
    assert booth.next_citizen() == ZHANG
    assert booth.reader.health().state is State.READY


@pytest.mark.parametrize("code", [one for one in CODES if one not in ("60", "66", "9F")])
def test_a_status_or_number_that_says_something_odd_keeps_no_citizen_away(
    booth: Booth, code: str
) -> None:
    for asked in ("status", "number"):
        booth.tell(fault={"answer": code, "answer_on": asked, "answer_times": 0})
    assert booth.read().number == ZHANG


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("step", ["find", "select", "read"])
def test_an_answer_that_comes_once_costs_at_most_a_gesture(
    booth: Booth, step: str, code: str
) -> None:
    booth.tell(fault={"answer": code, "answer_on": step, "answer_times": 1})
    outcomes = [TABLE[step][code], ZHANG]
    try:
        outcome = booth.read().number
    except BoothError as told:
        outcome = told.code
    assert outcome in outcomes
    assert booth.next_citizen() == ZHANG


@pytest.mark.parametrize("step", ["find", "read"])
def test_nothing_of_the_person_reaches_a_log_a_message_or_a_repr(
    booth: Booth, step: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Canary: the card's own words are looked for wherever something could have been left."""
    left: list[str] = []
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        for fault in (
            *({"answer": code, "answer_on": step, "answer_times": 0} for code in CODES),
            {"corrupt": "any", "times": 0},
            {"truncate": 700, "times": 0},
            {"lose": 0.01, "times": 0},
            {"text_length": 255},
            {"noise_inside": 9, "times": 0},
        ):
            booth.tell(fault=fault)
            try:
                left.append(repr(booth.read()))
            except BoothError as told:
                link: BaseException | None = told
                while link is not None:
                    left += [repr(link), str(link), repr(link.args)]
                    link = link.__cause__ or link.__context__
            left.append(repr(booth.reader.health()))
            booth.tell(fault={})
            booth.tell(remove_card=True)
            booth.tell(place_card=ZHANG)
        left.append(repr(booth.reader.read_card(10.0, lambda _: None)))
    captured = capfd.readouterr()
    told_all = "\n".join([*left, *map(repr, logs), caplog.text, captured.out, captured.err])
    assert "IdCard(kind='resident'" in told_all
    for mark in PERSON:
        assert mark not in told_all
        assert repr(mark.encode("utf-16-le"))[2:-1] not in told_all

# SPDX-License-Identifier: Apache-2.0
"""Printers of every state and of other makes: one reason, one remedy, no paper moved."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from drivers import printer_talk
from drivers.errors import BoothError
from drivers.health import State
from drivers.printer import PrinterLostError, Proof, ProofBy, ReceiptPrinter
from drivers.printer_profile import complaint
from firmware_io.codecs.escpos_status import (
    automatic_condition,
    is_realtime_answer,
    realtime_condition,
)
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage

REASONS = {
    "",
    "printer.broken",
    "printer.cover_open",
    "printer.jam",
    "printer.paper_out",
    "printer.overheated",
    "printer.stopped",
    "printer.busy",
}
LEGAL = [value for value in range(256) if is_realtime_answer(value)]


def expected(n1: int, n2: int, n3: int, n4: int) -> str:
    """What a person does first, read from the tables of Epson's guide (DLE EOT) once more."""
    if n3 & 0x20:
        return "printer.broken"
    if n2 & 0x04:
        return "printer.cover_open"
    if n3 & 0x08:
        return "printer.jam"
    if n2 & 0x20 or n4 & 0x60:
        return "printer.paper_out"
    if n3 & 0x40:
        return "printer.overheated"
    if n3 & 0x04 or n2 & 0x40:
        return "printer.stopped"
    if n2 & 0x08 or n1 & 0x20:
        return "printer.busy"
    return "printer.stopped" if n1 & 0x08 else ""


def test_every_combination_of_the_four_answers_has_one_reason() -> None:
    assert len(LEGAL) == 16
    for four in itertools.product(LEGAL, repeat=4):
        got = complaint(realtime_condition(*four))
        assert got in REASONS
        assert got == expected(*four), [f"{byte:02x}" for byte in four]


def test_every_automatic_status_has_one_reason_and_its_fourth_byte_says_nothing() -> None:
    firsts = [byte for byte in range(256) if byte & 0x93 == 0x10]
    rest = [byte for byte in range(256) if not byte & 0x90]
    for one, two in itertools.product(firsts, rest):
        for three in (0x00, 0x03, 0x0C, 0x0F):
            said = automatic_condition(bytes((one, two, three, 0)))
            assert complaint(said) in REASONS
            assert automatic_condition(bytes((one, two, three, 0x6F))) == said
            if one & 0x20 and not two & 0x20:
                assert complaint(said) == "printer.cover_open"


class Rig:
    def __init__(self, tmp_path: Path, profile: str = "80", model: str | None = None) -> None:
        self.stage = Stage(Printer(profile=model or profile, factor=0.0), link=tmp_path / "printer")
        self.driver = ReceiptPrinter(
            str(tmp_path / "printer"), profile=profile, baudrate=921600, poll_s=60
        )

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    with made.stage:
        yield made
        made.driver.close()


def slip() -> Image.Image:
    image = Image.new("1", (320, 64), 1)
    ImageDraw.Draw(image).rectangle((10, 10, 200, 50), fill=0)
    return image


TOGETHER = [  # what is wrong at once, what a person is told first
    ([{"paper": "out"}, {"cover": "open"}], "printer.cover_open"),
    ([{"paper": "out"}, {"fault": {"hot": True}}], "printer.paper_out"),
    ([{"cover": "open"}, {"fault": {"broken": True}}], "printer.broken"),
    ([{"fault": {"mechanical": True}}], "printer.stopped"),
    ([{"fault": {"waiting": True}}], "printer.busy"),
    ([{"hold_feed": True}], "printer.busy"),
    ([{"hold_feed": True}, {"paper": "out"}], "printer.paper_out"),
]


@pytest.mark.parametrize(("wrong", "code"), TOGETHER)
def test_of_several_troubles_the_first_to_mend_is_told_and_no_paper_moves(
    rig: Rig, wrong: list[dict], code: str
) -> None:
    for one in wrong:
        rig.control(**one)
    rig.driver.start()
    health = rig.driver.health()
    assert (health.state, health.reason, health.remedy) == (State.ILL, code, f"{code}.remedy")
    with pytest.raises(BoothError) as caught:
        rig.driver.print(slip())
    assert caught.value.code == code
    assert rig.control(status=True)["rows_printed"] == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no answer will ever come, waiting for it in full shows nothing more."""
    monkeypatch.setattr(printer_talk, "ANSWER_S", 0.1)
    monkeypatch.setattr(printer_talk, "TRY_PAUSE_S", 0.05)
    monkeypatch.setattr(printer_talk, "PROBE_S", 0.1)


@pytest.mark.parametrize("manner", ["zeros", "garbage", "echo"])
@pytest.mark.usefixtures("impatient")
def test_a_printer_of_another_make_is_told_as_such_and_gets_nothing(rig: Rig, manner: str) -> None:
    rig.control(fault={manner: True})
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.strange", False)
    health = rig.driver.health()
    assert (health.reason, health.remedy) == ("printer.strange", "printer.strange.remedy")
    assert rig.control(status=True)["rows_printed"] == 0


def test_a_printer_that_answers_one_question_late_is_strange_and_taken_again(rig: Rig) -> None:
    rig.control(fault={"late_answers": True})
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.strange", False)
    assert rig.control(status=True)["rows_printed"] == 0
    assert rig.driver.health().reason == "printer.strange"
    rig.control(fault={})
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED


@pytest.mark.parametrize(
    ("profile", "model", "outcome", "by"),
    [
        ("80", "80", Proof.CONFIRMED, ProofBy.PROCESS_ID),
        ("80", "80-plain", Proof.UNCONFIRMED, ProofBy.PROCESSED),
        ("80-plain", "80-plain", Proof.UNCONFIRMED, ProofBy.PROCESSED),
        ("58-plain", "58-china", Proof.UNCONFIRMED, ProofBy.NOTHING),
    ],
)
def test_the_outcome_says_what_the_proof_rests_on(tmp_path, profile, model, outcome, by) -> None:
    rig = Rig(tmp_path, profile, model)
    with rig.stage:
        rig.driver.start()
        printed = rig.driver.print(slip())
        rig.driver.close()
        assert (printed.outcome, printed.by) == (outcome, by)
        assert rig.control(status=True)["violations"] == []


def test_a_printer_whose_automatic_status_gets_lost_is_still_watched(rig: Rig) -> None:
    rig.control(fault={"no_automatic": True})
    rig.driver.start()
    rig.control(paper="out", after_mm=3)
    with pytest.raises(BoothError) as caught:
        rig.driver.print(slip())
    assert caught.value.code == "printer.paper_out"


@pytest.mark.usefixtures("impatient")
def test_a_printer_that_holds_the_line_when_it_stops_is_not_waited_for_for_ever(rig: Rig) -> None:
    """DTR/BUSY set to "offline or full": neither bytes nor questions get through any more."""
    rig.control(offline_busy=True)
    rig.control(cover="open")
    with pytest.raises(BoothError) as caught:
        rig.driver.print(slip())
    assert caught.value.code in ("printer.cover_open", "printer.silent")
    assert rig.control(status=True)["rows_printed"] == 0

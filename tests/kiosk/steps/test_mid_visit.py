# SPDX-License-Identifier: Apache-2.0
"""Every step with everything that can fall ill on it, as docs/mid-visit.md has it in a table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idcard.records import (
    FeeState,
)
from kiosk.commands import (
    AskEligibility,
    EnrolFinger,
    HandOver,
    OpenPayment,
    PrintNote,
    PrintSlip,
    Wipe,
)
from kiosk.events import (
    PowerFailing,
)
from kiosk.facts import Eligible, HandedOver, Outcome
from kiosk.journeys import RENEW
from kiosk.steps.submit import SubmitStep
from kiosk.view import SlipSheet, Text

TABLE = Path(__file__).parents[3] / "docs" / "mid-visit.md"


def cells() -> Iterator[tuple[str, str, str]]:
    lines = [line.strip("| ") for line in TABLE.read_text("utf-8").splitlines() if "|" in line]
    heads = [one.strip() for one in lines[0].split("|")][1:]
    for line in lines[2:]:
        row, *words_of_row = (one.strip() for one in line.split("|"))
        assert len(words_of_row) == len(heads)
        yield from ((row, head, word) for head, word in zip(heads, words_of_row, strict=True))


@pytest.mark.parametrize(("row", "head", "word"), list(cells()))
def test_every_cell_of_the_table_is_what_the_citizen_meets(
    hall: Any, row: str, head: str, word: str
) -> None:
    visit = hall.at(row)
    if head == "mains":
        before = visit.name
        visit.send(PowerFailing())
        assert visit.name == (before if word == "finished" else "wipe")
        assert word in ("wiped", "finished")
        return
    device, reason = hall.DEVICES[head]
    shown = visit.view
    match word:
        case "on":
            hall.ill(visit, head)
            assert visit.name == shown.step_name
            assert (visit.view.heading, visit.view.advice) == (shown.heading, shown.advice)
            if row not in ("refusal", "wipe"):
                healthy = device not in ("printer",) or row == "receipt"
                hall.rest(visit if healthy else visit.health(), row)
        case "asked":
            hall.ill(visit, head)
            if device == "camera":
                assert visit.name == "photo"
                visit.wake("away-")
            asked(hall, visit, row, device, reason)
        case "next":
            hall.ill(visit, head)
            assert visit.view.heading == shown.heading
            hall.ON[row](visit)
            if row in ("photo, no take", "fingers, first"):  # the same step goes on to its end
                assert visit.name == row.partition(",")[0]
                hall.ON[list(hall.ON)[list(hall.ON).index(row) + 1]](visit)
            assert visit.name == "trouble"
            assert visit.view.heading == Text(reason)
            there = visit.back.name
            if device != "fingerprint":
                assert "retry" not in {one.id for one in visit.view.buttons if one.enabled}
            visit.wake("look")
            assert visit.name == "trouble"
            by_itself = visit.twin().health()
            if device != "fingerprint":
                assert by_itself.wake("look").name == there
            visit.health().press("retry")
            assert visit.name == there
            hall.rest(visit, hall.AFTER_FIRST[there])
        case "takes":
            hall.ill(visit, head).wake("away-")
            assert visit.view.advice.remedy == Text("photo.camera_away.pick")
            hall.rest(visit, row)
        case "own rules":
            visit.health(device, reason)
            visit.answer(AskEligibility, Eligible(hall.ANSWER, online=False))
            assert visit.name == "details"
        case "window":
            visit.choose("qr").health(device, reason).fail(OpenPayment, "post.line_down")
            assert visit.view.advice.reason == Text("fee.offline")
            visit.health()
            hall.rest(visit, row)
            assert visit.visit.facts.fee is not None
            assert visit.visit.facts.fee.state is FeeState.DUE
        case "at sending":
            visit.health(device, reason).sign()
            assert visit.name == "submit"
            asked(hall, visit.fail(HandOver, reason), "submit", device, reason)
        case "stored":
            visit.health(device, reason)
            visit = visit.sign() if row == "review" else visit
            visit.answer(HandOver, HandedOver(False, "B03-261201-0007-K"))
            assert visit.view.lines[0] == Text("receipt.stored")
        case "number":
            visit.tell(PrintSlip, "drawn", "slip").tell(PrintSlip, "code", "https://x/1")
            hall.ill(visit, head)
            sheet = visit.view.content
            assert isinstance(sheet, SlipSheet)
            assert (sheet.number, sheet.code) == ("320402 001 20261201 00007", "https://x/1")
            assert visit.count(PrintSlip) == 1, "nothing is printed twice unasked"
            assert visit.press("print").count(PrintSlip) == 2
        case "no slip":
            assert "print" in {one.id for one in visit.view.buttons}
            hall.ill(visit, head)
            assert "print" not in {one.id for one in visit.view.buttons}
            assert visit.press("end").count(PrintNote) == 0
        case "told":
            hall.ill(visit, head)
            assert visit.view.advice.reason == Text("wipe.failed")
        case _:
            raise AssertionError(f"the table says {word!r}, which means nothing")


def asked(hall: Any, visit: Any, row: str, device: str, reason: str) -> None:
    """One reason and two ways: on with the visit where it was, or the window and the wipe."""
    assert visit.name == "trouble"
    view = visit.view
    named = (view.heading, *view.lines)
    assert Text(reason) in named
    offered = {one.id: one.enabled for one in view.buttons}
    assert offered["give-up"]
    assert {"staff", "help", "leave"} <= offered.keys()
    # Where only trying can tell, one may try at once; else when the device says that it is well.
    assert offered["retry"] == (device in ("fingerprint", "post"))
    going = visit.twin()
    going.health().press("retry")
    assert going.name == row.partition(",")[0]
    if row == "fingers, second":
        assert going.visit.step.taken == (hall.finger(1, "right-thumb"),)  # type: ignore[attr-defined]
        assert going.open(EnrolFinger)[-1].command == EnrolFinger("left-thumb", 2)
    handed = going.count(HandOver)
    if row == "submit":
        assert going.open(HandOver)[-1].command.strokes == hall.STROKES
        hall.ON["receipt"](hall.ON["submit"](going))
    else:
        hall.rest(hall.look(going) if row == "photo, no take" else going, row)
    assert going.count(HandOver) == max(handed, 1)
    sent = visit.count(HandOver)
    visit.press("give-up")
    assert visit.view.lines[0] == Text("rule.M01.remedy")
    visit.press("print").answer(PrintNote, True).press("end").answer(Wipe)
    visit.press("end")
    assert visit.visit.ended is Outcome.REFUSED
    assert visit.count(HandOver) == sent
    assert visit.count(PrintSlip) == 0


def test_the_table_has_every_step_and_everything_that_can_fall_ill(
    hall: Any,
) -> None:
    found = list(cells())
    steps = {make().name for make in RENEW.steps} - {"welcome"}
    assert {row.partition(",")[0] for row, _, _ in found} == steps | {"refusal", "wipe"}
    assert {head for _, head, _ in found} == {*hall.DEVICES, "mains"}


def test_what_a_journey_needs_is_what_its_steps_use() -> None:
    used = frozenset[str]().union(*(make().uses for make in RENEW.steps))
    assert used | SubmitStep.uses == RENEW.needs

# SPDX-License-Identifier: Apache-2.0
"""A refusal on the screen, and its slip."""

from typing import Any

import pytest

from idcard.records import PaymentState
from kiosk.commands import HandOver, OpenPayment, PrintNote
from kiosk.events import Pressed
from kiosk.view import Text
from kiosk.voice import thing_to_do


@pytest.mark.parametrize(
    ("end", "key"),
    [
        (True, "refusal.take"),
        (False, "refusal.look"),
        ("printer.paper_out", "refusal.no_paper"),
    ],
)
def test_a_slip_says_how_it_went_and_is_printed_once(hall: Any, end: Any, key: str) -> None:
    visit = hall.at("refusal").press("print")
    assert "end" not in {one.id for one in visit.view.buttons if one.enabled}
    visit.send(Pressed(visit.visit.question, "print"))
    assert visit.count(PrintNote) == 1
    visit = visit.fail(PrintNote, end) if isinstance(end, str) else visit.answer(PrintNote, end)
    assert visit.view.advice.remedy == Text(key)
    assert visit.press("end").name == "wipe"


def test_without_paper_no_refusal_sends_people_to_a_slip(hall: Any) -> None:
    visit = hall.at("details").press("wrong")
    assert visit.view.lines == (Text("rule.N04.remedy"),)
    visit.health("printer", "printer.paper_out")
    assert visit.view.lines == (Text("refusal.household"),)


def test_what_to_do_is_said_aloud_and_no_payment_s_number(hall: Any) -> None:
    visit = hall.at("fee").choose("qr").tell(OpenPayment, "opened", hall.OPENED)
    visit.answer(OpenPayment, PaymentState.PAID).sign().fail(HandOver, "post.full")
    assert Text("post.full") in thing_to_do(visit.view)
    visit.press("give-up")
    assert thing_to_do(visit.view) == (Text("rule.M01.remedy"), Text("refusal.kept"))

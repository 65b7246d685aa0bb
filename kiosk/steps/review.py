# SPDX-License-Identifier: Apache-2.0
"""Read everything, sign with a finger."""

from dataclasses import dataclass
from typing import ClassVar

from idcard.records import FingerResult
from kiosk.commands import Command, NoteConsent
from kiosk.events import Event, Signed
from kiosk.facts import Facts
from kiosk.steps.base import Jump, Plain, Turn, primary, secondary
from kiosk.steps.details import identity_rows
from kiosk.steps.submit import SubmitStep
from kiosk.steps.trouble import TroubleStep, ill_now
from kiosk.view import Money, ReviewSheet, Row, Screen, View, text

VERSION = "2026-11"
LEAST_POINTS = 8  # fewer is a touch by mistake, not a signature


@dataclass(frozen=True, slots=True)
class ReviewStep(Plain):
    """The whole application on one screen, and the pad."""

    name: ClassVar[str] = "review"
    section: ClassVar[str] = "section.review"

    def view(self, facts: Facts) -> View:
        """Rows, portrait, the sentence that is signed."""
        return View(
            Screen.REVIEW,
            text("review.heading"),
            text(self.section),
            content=ReviewSheet(
                review_rows(facts),
                facts.chosen.ref if facts.chosen else "",
                text("review.sentence"),
            ),
            buttons=(
                secondary("clear", "review.clear"),
                primary("sign", "review.sign"),
            ),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """A signature sends; a mere touch does not."""
        if isinstance(event, Signed) and sum(map(len, event.strokes)) >= LEAST_POINTS:
            if wrong := ill_now(facts, frozenset({"clock"})):  # nothing is signed at a wrong time
                return Jump(TroubleStep(ReviewStep(), wrong, ahead=True), facts)
            return Jump(SubmitStep(event.strokes), facts, (NoteConsent("summary", VERSION),))
        return None


def review_rows(facts: Facts) -> tuple[Row, ...]:
    """What is applied for, line by line."""
    rows = list(identity_rows(facts.identity)[:2]) if facts.identity else []
    rows.append(Row(text("review.kind"), text(f"kind.{facts.kind}")))
    if facts.fee is not None:
        rows.append(
            Row(
                text("review.fee"),
                text(f"review.fee.{facts.fee.state}", fee=Money(facts.fee.due_fen)),
            )
        )
    if facts.delivery is not None:
        rows.append(Row(text("review.delivery"), text(f"review.{facts.delivery.pickup}")))
        if facts.delivery.post_phone:
            rows.append(Row(text("review.phone"), grouped_phone(facts.delivery.post_phone)))
    for one in facts.fingers:
        state = "finger" if one.result == FingerResult.REGISTERED else "finger_none"
        rows.append(
            Row(
                text(f"review.slot{one.slot}"),
                text(f"review.{state}", finger=text(f"finger.{one.position}")),
            )
        )
    return tuple(rows)


def grouped_phone(phone: str) -> str:
    """A mobile number in groups of 3, 4 and 4 digits."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}"

# SPDX-License-Identifier: Apache-2.0
"""The fee, the waiver question, and payment by QR through the counter's gateway."""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.records import Fee, FeeState, Payment, PaymentState
from kiosk.commands import CancelPayment, Command, OpenPayment
from kiosk.events import Chose, Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Who
from kiosk.steps.base import Next, Plain, Stay, Turn, primary
from kiosk.view import (
    Advice,
    Button,
    Choice,
    Choices,
    Money,
    Role,
    Screen,
    Tone,
    View,
    Waiting,
    text,
)
from kiosk.view import Payment as PaymentSheet


@dataclass(frozen=True, slots=True)
class FeeStep(Plain):
    """How to pay; the code; a payment that failed is told and asked again."""

    opening: bool = False
    payment: Payment | None = None
    cancelling: bool = False
    trouble: str = ""  # message key: declined, expired, no line
    name: ClassVar[str] = "fee"
    section: ClassVar[str] = "section.fee"

    def view(self, facts: Facts) -> View:
        """Paid already, the code to scan, or the question."""
        due = _due(facts)
        if facts.fee is not None and facts.fee.state == FeeState.PAID:
            return View(
                Screen.CHOICE,
                text("fee.paid.heading"),
                text(self.section),
                lines=(text("fee.paid.line", fee=Money(due)),),
                picture="tick",
                buttons=(primary("go", "frame.next"),),
            )
        if self.payment is not None:
            return View(
                Screen.PAY,
                text("fee.pay.heading"),
                text(self.section),
                lines=(text("fee.pay.line"),),
                content=PaymentSheet(self.payment.qr, Money(due), text("fee.pay.waiting")),
                buttons=(Button("other", text("fee.pay.other"), Role.BACK),),
            )
        if self.opening:
            return View(
                Screen.WAIT,
                text("fee.opening"),
                text(self.section),
                content=Waiting(typical_s=1.0),
            )
        return self._question(due)

    def _question(self, due: int) -> View:
        if due == 0:
            return View(
                Screen.CHOICE,
                text("fee.free.heading"),
                text(self.section),
                lines=(text("fee.free.line"),),
                buttons=(primary("go", "frame.next"),),
            )
        advice = None
        if self.trouble:
            advice = Advice(text(f"{self.trouble}.remedy"), text(self.trouble), Tone.CHANGE)
        tiles = (
            Choice("qr", text("fee.qr"), text("fee.qr.line"), "qr"),
            Choice("waiver", text("fee.waiver"), text("fee.waiver.line"), "paper"),
            Choice("window", text("fee.window"), text("fee.window.line"), "person"),
        )
        return View(
            Screen.CHOICE,
            text("fee.heading", fee=Money(due)),
            text(self.section),
            lines=(text("fee.line"),),
            advice=advice,
            content=Choices(tiles),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Nothing counts as paid but the counter's own word."""
        due = _due(facts)
        paid = facts.fee is not None and facts.fee.state == FeeState.PAID
        match event:
            case Pressed(button="go") if paid:
                return Next(facts)
            case Pressed(button="go") if due == 0:
                return Next(replace(facts, fee=Fee(due_fen=0, state=FeeState.NONE)))
            case Chose(item="qr") if not self.opening and self.payment is None and not paid:
                return Stay(replace(self, opening=True, trouble=""), (OpenPayment(due),))
            case Chose(item="waiver") if not self.opening and self.payment is None and not paid:
                return Next(replace(facts, fee=Fee(due_fen=due, state=FeeState.WAIVER)))
            case Chose(item="window") if not self.opening and self.payment is None and not paid:
                return Next(replace(facts, fee=Fee(due_fen=due, state=FeeState.DUE)))
            case Told(what="opened", value=Payment() as payment):
                return Stay(replace(self, payment=payment, opening=False))
            case Done(value=PaymentState.PAID) if self.payment is not None:
                done = Fee(due_fen=due, state=FeeState.PAID, payment_id=self.payment.payment_id)
                return Next(replace(facts, fee=done))
            case Done(value=PaymentState() as state):
                asked = state == PaymentState.CANCELLED
                return Stay(FeeStep(trouble="" if asked else f"fee.{state}"))
            case Failed(code=code) if event.who != Who.CANCELLED:
                key = "fee.offline" if code.startswith("post.") else "fee.failed"
                return Stay(FeeStep(trouble=key))
            case Pressed(button="other") if self.payment is not None and not self.cancelling:
                # A payment that came first still counts: the counter's answer decides.
                return Stay(replace(self, cancelling=True), (CancelPayment(),))
        return None


def _due(facts: Facts) -> int:
    return facts.eligible.answer.fee_fen if facts.eligible else 0

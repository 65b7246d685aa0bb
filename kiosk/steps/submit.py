# SPDX-License-Identifier: Apache-2.0
"""Hand the application over: stored durably first, then received if the line is up."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from kiosk.commands import Command, HandOver
from kiosk.events import Done, Event, Failed, Stroke, Told
from kiosk.facts import Facts, HandedOver, Outcome, Who
from kiosk.steps.base import Jump, Plain, Stay, Turn
from kiosk.steps.receipt import ReceiptStep
from kiosk.steps.trouble import TroubleStep
from kiosk.view import Screen, View, Waiting, text


@dataclass(frozen=True, slots=True)
class SubmitStep(Plain):
    """Nothing is told as done that is not proven; what could not be kept is asked about."""

    strokes: tuple[Stroke, ...] = field(default=(), repr=False)
    stored: str = ""
    name: ClassVar[str] = "submit"
    section: ClassVar[str] = "section.submit"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    waits: ClassVar[bool] = True
    uses: ClassVar[frozenset[str]] = frozenset({"post", "clock"})

    def enter(self, facts: Facts) -> "tuple[SubmitStep, tuple[Command, ...]]":
        """Hand over at once."""
        return self, (HandOver(facts, self.strokes),)

    def view(self, facts: Facts) -> View:
        """What is being done."""
        key = "submit.heading.stored" if self.stored else "submit.heading"
        return View(
            Screen.WAIT,
            text(key),
            text(self.section),
            lines=(text("submit.line"),),
            content=Waiting(typical_s=2.0),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Received, stored, or neither."""
        match event:
            case Told(what="stored", value=number):
                return Stay(replace(self, stored=str(number)))
            case Done(value=HandedOver() as handed):
                outcome = Outcome.RECEIVED if handed.received else Outcome.STORED
                return Jump(ReceiptStep(), replace(facts, handed=handed, outcome=outcome))
            case Failed(code=code) if event.who != Who.CANCELLED:
                return Jump(TroubleStep(SubmitStep(self.strokes), code), facts)
        return None

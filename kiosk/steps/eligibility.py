# SPDX-License-Identifier: Apache-2.0
"""The early no: asked right after the card, before photo and fingers."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.commands import AskEligibility, Command
from kiosk.events import Done, Event, Failed
from kiosk.facts import Eligible, Facts, Who
from kiosk.steps.base import Jump, Next, Plain, Turn
from kiosk.steps.refusal import RefusalStep
from kiosk.steps.trouble import TroubleStep
from kiosk.view import Screen, View, Waiting, text


@dataclass(frozen=True, slots=True)
class EligibilityStep(Plain):
    """Asks the rules, here and at the counter."""

    name: ClassVar[str] = "eligibility"
    may_go_back: ClassVar[bool] = False
    waits: ClassVar[bool] = True

    def enter(self, facts: Facts) -> "tuple[EligibilityStep, tuple[Command, ...]]":
        """Ask at once."""
        return self, (AskEligibility(facts),)

    def view(self, facts: Facts) -> View:
        """Calm progress."""
        return View(
            Screen.WAIT,
            text("eligibility.heading"),
            text(self.section),
            lines=(text("eligibility.line"),),
            content=Waiting(typical_s=1.0),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """A ground is shown as a refusal; none goes on."""
        match event:
            case Done(value=Eligible() as eligible):
                ground = eligible.answer.ground
                known = replace(facts, eligible=eligible, ground=ground)
                return Next(known) if ground is None else Jump(RefusalStep(ground), known)
            case Failed(code=code) if event.who != Who.CANCELLED:
                return Jump(TroubleStep(EligibilityStep(), code), facts)
        return None

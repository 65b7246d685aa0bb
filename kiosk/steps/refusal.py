# SPDX-License-Identifier: Apache-2.0
"""An early no: one reason, one remedy, a picture, and a way on."""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.records import Ground
from kiosk.commands import Command
from kiosk.events import Event, Pressed
from kiosk.facts import Facts, Outcome
from kiosk.steps.base import Jump, Plain, Turn, primary
from kiosk.steps.wipe import WipeStep
from kiosk.view import Advice, Arg, Screen, Tone, View, text

PICTURES = {
    "N01": "number",
    "N02": "family",
    "N03": "calendar",
    "N04": "map",
    "N05": "ticket",
    "M01": "booth",
    "M02": "paper",
}


def window_ground() -> Ground:
    """Please go to the window (N05)."""
    return Ground(code="N05", reason="rule.N05", remedy="rule.N05.remedy")


def booth_ground(code: str) -> Ground:
    """This booth cannot go on (M01); `code` names the device's reason."""
    return Ground(code="M01", reason=code, remedy="rule.M01.remedy")


@dataclass(frozen=True, slots=True)
class RefusalStep(Plain):
    """Shows `ground` until the citizen is done with it."""

    ground: Ground
    name: ClassVar[str] = "refusal"
    may_go_back: ClassVar[bool] = False

    def view(self, facts: Facts) -> View:
        """Reason as the heading, remedy under it, the date when there is one."""
        ground, opens = self.ground, self.ground.possible_from
        lines = []
        if opens is not None:
            lines.append(text("refusal.from", date=opens))
            if facts.identity is not None and facts.identity.old_card_end is not None:
                lines.append(text("refusal.ends", date=facts.identity.old_card_end))
        named: dict[str, Arg] = {"running": ground.running}
        if opens is not None:
            named["possible_from"] = opens
            lines.append(text("refusal.damaged"))
        else:
            lines.append(text(ground.remedy, **named))
        return View(
            Screen.REFUSAL,
            text(ground.reason, **named),
            text(self.section),
            lines=tuple(lines),
            advice=Advice(text("refusal.kept"), tone=Tone.CALM),
            picture=PICTURES.get(ground.code, "ticket"),
            buttons=(primary("end", "refusal.end"),),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """The end of the visit."""
        if isinstance(event, Pressed) and event.button == "end":
            refused = replace(facts, ground=self.ground, outcome=Outcome.REFUSED)
            return Jump(WipeStep(outcome=Outcome.REFUSED), refused)
        return None

    def enter(self, facts: Facts) -> "tuple[RefusalStep, tuple[Command, ...]]":
        """Nothing is asked for."""
        return self, ()

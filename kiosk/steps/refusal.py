# SPDX-License-Identifier: Apache-2.0
"""An early no: one reason, one remedy, a picture, and a way on; on paper too when asked for."""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.records import Ground
from kiosk.commands import Command, PrintNote
from kiosk.events import Done, Event, Failed, Pressed
from kiosk.facts import Facts, Outcome, Who
from kiosk.steps.base import Jump, Plain, Stay, Step, Turn, primary, secondary
from kiosk.steps.paid import paid_line
from kiosk.steps.wipe import WipeStep
from kiosk.view import Advice, Arg, Button, Role, Screen, Text, Tone, View, text

PICTURES = {
    "N01": "number",
    "N02": "family",
    "N03": "calendar",
    "N04": "map",
    "N05": "ticket",
    "M01": "booth",
    "M02": "paper",
}
DOUBT = "rule.M01.doubt"


def window_ground() -> Ground:
    """Please go to the window (N05)."""
    return Ground(code="N05", reason="rule.N05", remedy="rule.N05.remedy")


def booth_ground(code: str) -> Ground:
    """This booth cannot go on (M01); `code` names the device's reason."""
    return Ground(code="M01", reason=code, remedy="rule.M01.remedy")


def doubt_ground(code: str) -> Ground:
    """As `booth_ground`, of an application that may be stored here: only the window can tell."""
    return Ground(code="M01", reason=code, remedy=DOUBT)


def paper_fit(facts: Facts) -> bool:
    """Whether the printer says that it can print."""
    return any(one.device == "printer" and one.state != "ill" for one in facts.devices)


@dataclass(frozen=True, slots=True)
class RefusalStep(Plain):
    """Shows `ground` until the citizen is done with it. Printing is offered, never done unasked.

    `back`: the question that led here; it can be asked again until a slip may have come out.
    """

    ground: Ground
    printing: bool = False
    printed: bool = False  # paper came out, for sure
    trouble: str = ""  # why it did not, or not for sure
    back: Step | None = None
    name: ClassVar[str] = "refusal"
    may_go_back: ClassVar[bool] = False

    def view(self, facts: Facts) -> View:
        """Reason as the heading, remedy under it, the date when there is one."""
        ground = self.ground
        named: dict[str, Arg] = {"running": ground.running} if ground.running else {}
        if ground.possible_from is not None:
            named["possible_from"] = ground.possible_from
        return View(
            Screen.REFUSAL,
            text(ground.reason, **named),
            text(self.section),
            lines=(*self._remedy(facts, named), *paid_line(facts)),
            advice=self._advice(),
            picture=PICTURES.get(ground.code, "ticket"),
            buttons=(
                *self._again(),
                *self._print(facts),
                primary("end", "refusal.end", enabled=not self.printing),
            ),
        )

    def _remedy(self, facts: Facts, named: dict[str, Arg]) -> tuple[Text, ...]:
        ground, opens = self.ground, self.ground.possible_from
        if opens is not None:
            lines = [text("refusal.from", date=opens)]
            if facts.identity is not None and facts.identity.old_card_end is not None:
                lines.append(text("refusal.ends", date=facts.identity.old_card_end))
            return (*lines, text("refusal.damaged"))
        if ground.code == "N04" and not paper_fit(facts):
            return (text("refusal.household"),)  # no slip will say where that is
        return (text(ground.remedy, **named),)

    def _advice(self) -> Advice:
        if self.printing:
            return Advice(text("refusal.printing"), tone=Tone.CALM, icon="clock")
        if self.printed:
            return Advice(text("refusal.take"), tone=Tone.GOOD, icon="paper")
        if self.trouble:
            sure = self.trouble != "receipt.unproven"
            remedy = text("refusal.no_paper" if sure else "refusal.look")
            return Advice(remedy, text(self.trouble), Tone.CHANGE, "paper")
        doubt = self.ground.remedy == DOUBT
        return Advice(text("refusal.doubt" if doubt else "refusal.kept"), tone=Tone.CALM)

    def _again(self) -> tuple[Button, ...]:
        if self.back is None or self.printed or self.trouble == "receipt.unproven":
            return ()
        return (Button("back", text("frame.back"), Role.BACK, not self.printing),)

    def _print(self, facts: Facts) -> tuple[Button, ...]:
        if self.printed or not paper_fit(facts):
            return ()
        return (secondary("print", "refusal.print", enabled=not self.printing),)

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """The slip, and the end of the visit."""
        match event:
            case Pressed(button="print") if not self.printing and self._print(facts):
                now = replace(self, printing=True, trouble="")
                return Stay(now, (PrintNote(facts, self.ground),))
            case Done(value=proven) if isinstance(command, PrintNote):
                trouble = "" if proven else "receipt.unproven"
                now = replace(self, printing=False, printed=bool(proven), trouble=trouble)
                return Stay(now)
            case Failed(code=code, who=who) if who != Who.CANCELLED:
                return Stay(replace(self, printing=False, trouble=code))
            case Pressed(button="back") if self.back and self._again() and not self.printing:
                return Jump(self.back, facts)
            case Pressed(button="end") if not self.printing:
                refused = replace(facts, ground=self.ground, outcome=Outcome.REFUSED)
                return Jump(WipeStep(outcome=Outcome.REFUSED), refused)
        return None

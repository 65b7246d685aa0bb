# SPDX-License-Identifier: Apache-2.0
"""The visible wipe at the end of every visit."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.commands import Command, WakeAfter, Wipe
from kiosk.events import Done, Event, Failed, Pressed, Told, Woke
from kiosk.facts import Facts, Outcome
from kiosk.steps.base import End, Plain, Stay, Turn, primary
from kiosk.steps.paid import paid_line
from kiosk.view import Advice, Screen, Text, Tone, View, WipeSheet, text

ITEMS = ("photo", "fingers", "name", "signature")
POWER = "panel.power_failing"  # the reason that closes the booth while the mains are gone
PAID_SHOWN_S = 20.0  # a number to be noted down
SHOWN_S = 2.5  # long enough to read that all is erased, short enough for the next in the queue


@dataclass(frozen=True, slots=True)
class WipeStep(Plain):
    """Erases, shows each tick, and ends the visit.

    A fee paid in a visit that then ended without an application stands here with its number.
    """

    outcome: Outcome
    erased: tuple[str, ...] = ()
    failed: str = ""
    name: ClassVar[str] = "wipe"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    waits: ClassVar[bool] = True

    def enter(self, facts: Facts) -> "tuple[WipeStep, tuple[Command, ...]]":
        """Erase at once."""
        return self, (Wipe(),)

    def view(self, facts: Facts) -> View:
        """What is erased so far, and money that is owed an answer; never a word of the citizen."""
        done = set(self.erased)
        advice = None
        if POWER in facts.closing:
            advice = Advice(text("rule.M01.remedy"), text(POWER), Tone.CHANGE)
        if self.failed:
            advice = Advice(text("wipe.failed.remedy"), text("wipe.failed"), Tone.LOST)
        lines = self._paid(facts)
        if not lines or advice is None:  # a small panel in large type has no room for all three
            lines += (text("wipe.belongings"),)
        return View(
            Screen.WIPE,
            text(f"wipe.heading.{self._ending(facts)}"),
            text("section.booth"),
            lines=lines,
            advice=advice,
            content=WipeSheet(tuple((text(f"wipe.{item}"), item in done) for item in ITEMS)),
            buttons=(primary("end", "wipe.end", enabled=done >= set(ITEMS)),),
        )

    def _ending(self, facts: Facts) -> str:
        nobody = self.outcome is Outcome.ABANDONED and facts.identity is None
        return "nobody" if nobody else str(self.outcome)

    def _paid(self, facts: Facts) -> tuple[Text, ...]:
        return paid_line(facts) if self.outcome is Outcome.ABANDONED else ()

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Ticks, then the end: by touch or by itself."""
        shown_s = PAID_SHOWN_S if self._paid(facts) else SHOWN_S
        match event:
            case Told(what="erased", value=item):
                return Stay(replace(self, erased=(*self.erased, str(item))))
            case Done() if isinstance(command, Wipe):
                return Stay(replace(self, erased=ITEMS), (WakeAfter(shown_s, "shown"),))
            case Failed(code=code) if isinstance(command, Wipe):
                # The data dies with this process in any case; a device that keeps some is named.
                return Stay(
                    replace(self, failed=code), (WakeAfter(max(SHOWN_S * 2, shown_s), "shown"),)
                )
            case Woke(tag="shown"):
                return End(self.outcome)
            case Pressed(button="end") if set(self.erased) >= set(ITEMS):
                return End(self.outcome)
        return None

# SPDX-License-Identifier: Apache-2.0
"""The screen that waits for a citizen, and the question what they would like to do."""

from dataclasses import dataclass
from typing import ClassVar

from idcard.booth_health import STARTING
from kiosk.commands import Command
from kiosk.events import Chose, Event, Pressed
from kiosk.facts import Facts
from kiosk.health_pictures import picture_of
from kiosk.steps.base import Jump, Next, Plain, Turn, primary
from kiosk.steps.refusal import RefusalStep, window_ground
from kiosk.view import Advice, Choice, Choices, Screen, Tone, View, text

# What stands on the menu: (id, icon, taken at this booth). The others are told where to go.
MENU = (
    ("renew", "card", True),
    ("lost", "search", False),
    ("collect", "enter", False),
    ("progress", "clock", False),
)


@dataclass(frozen=True, slots=True)
class WelcomeStep(Plain):
    """Nobody is here; one touch begins."""

    name: ClassVar[str] = "welcome"
    section: ClassVar[str] = "section.booth"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False

    def view(self, facts: Facts) -> View:
        """The greeting; or, before anyone starts, what this booth cannot do now."""
        advice = Advice(text("welcome.ready"), tone=Tone.GOOD, icon="tick")
        picture = "booth"
        if facts.closing == (STARTING,):
            advice = Advice(text("welcome.starting"), tone=Tone.CALM, icon="clock")
        elif facts.closing:
            advice = Advice(text("rule.M01.remedy"), text(facts.closing[0]), Tone.CHANGE)
            picture = picture_of(facts.closing[0])
        elif facts.limiting:
            advice = Advice(text(f"welcome.limit.{limit_of(facts)}"), tone=Tone.CALM)
        return View(
            Screen.WELCOME,
            text("welcome.heading"),
            text(self.section),
            lines=(text("welcome.line"),),
            advice=advice,
            picture=picture,
            buttons=(primary("start", "welcome.start", enabled=not facts.closing),),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """A touch on the big button begins."""
        start = isinstance(event, Pressed) and event.button == "start"
        return Next(facts) if start and not facts.closing else None


def limit_of(facts: Facts) -> str:
    """What is missing, in the citizen's terms: paper, the line to the counter, or another."""
    first = facts.limiting[0].partition(".")[0]
    return {"post": "line", "printer": "paper"}.get(first, "some")


@dataclass(frozen=True, slots=True)
class MenuStep(Plain):
    """What would you like to do?"""

    name: ClassVar[str] = "menu"
    section: ClassVar[str] = "section.booth"

    def view(self, facts: Facts) -> View:
        """The tiles."""
        shut = dict(facts.shut)
        tiles = tuple(
            Choice(
                item,
                text(f"menu.{item}"),
                text(shut.get(item, f"menu.{item}.line")),
                icon,
                enabled=item not in shut,
            )
            for item, icon, _ in MENU
        )
        return View(
            Screen.MENU,
            text("menu.heading"),
            text(self.section),
            lines=(text("menu.line"),),
            content=Choices(tiles),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Renewal goes on here; what this booth does not take has its place named."""
        if not isinstance(event, Chose):
            return None
        for item, _, taken in MENU:
            if item == event.item and item not in dict(facts.shut):
                return Next(facts) if taken else Jump(RefusalStep(window_ground()), facts)
        return None

# SPDX-License-Identifier: Apache-2.0
"""Staff look at the card dispenser: its own word, and a doubt settled by what they saw.

Nothing here moves a card.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from kiosk.cabinet import DispenserSeen, Found
from kiosk.commands import CallOff, Command, SettleDispenser, WatchDispenser
from kiosk.events import Chose, Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Outcome, Who
from kiosk.steps.base import Jump, Plain, Stay, Step, Turn, primary
from kiosk.steps.bins_words import moment, remedy_of, stopped
from kiosk.steps.wipe import WipeStep
from kiosk.view import (
    Advice,
    Button,
    Choice,
    Choices,
    Role,
    Row,
    Rows,
    Screen,
    Tone,
    View,
    text,
)


@dataclass(frozen=True, slots=True)
class DispenserStep(Plain):
    """`seen` None: the machine has not been asked yet. `code`: why it ended."""

    seen: DispenserSeen | None = None
    doing: Literal["watch", "ask", "settle", "stop"] = "watch"
    code: str = ""
    name: ClassVar[str] = "dispenser"
    section: ClassVar[str] = "section.staff"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    staff_only: ClassVar[bool] = True

    def enter(self, facts: Facts) -> "tuple[Step, tuple[Command, ...]]":
        """The machine is asked, and nothing else."""
        return DispenserStep(), (WatchDispenser(),)

    def view(self, facts: Facts) -> View:
        """What it says of itself; the question what was found."""
        section, end = text(self.section), Button("end", text("bins.end"), Role.BACK)
        match self.doing:
            case "settle":
                return moment(section, "bins.settle")
            case "stop":
                return stopped(section, self.code)
            case "ask":
                tiles = (
                    Choice(Found.NOTHING, text("dispenser.found.nothing"), icon="tick"),
                    Choice(Found.TAKEN, text("dispenser.found.taken"), icon="hand"),
                )
                return View(
                    Screen.CHOICE,
                    text("dispenser.found"),
                    section,
                    lines=(text("dispenser.found.line"),),
                    content=Choices(tiles),
                    buttons=(Button("watch", text("frame.back"), Role.BACK),),
                )
        if self.seen is None:
            return replace(moment(section, "dispenser.asking"), buttons=(end,))
        return self._page(self.seen, end)

    def _page(self, seen: DispenserSeen, end: Button) -> View:
        rows: list[Row] = []
        if not seen.reason:  # a reason says more
            rows.append(Row(text("dispenser.row.machine"), text(f"device.state.{seen.state}")))
        if seen.hopper:
            rows.append(Row(text("dispenser.row.hopper"), text(f"dispenser.hopper.{seen.hopper}")))
        channel = "card" if seen.card else "none"
        rows.append(Row(text("dispenser.row.channel"), text(f"dispenser.channel.{channel}")))
        if seen.since is not None:
            rows.append(Row(text("bins.row.since"), text("bins.since", at=seen.since)))
        if seen.doubt:
            advice = Advice(text("dispenser.todo.doubt"), text("dispenser.doubt"))
        elif seen.reason:
            advice = Advice(remedy_of(seen.reason), text(seen.reason))
        elif seen.hopper == "low":
            advice = Advice(text("dispenser.low.remedy"), text("dispenser.low"), Tone.CALM)
        else:
            advice = Advice(text("dispenser.well"), tone=Tone.GOOD, icon="tick")
        looked = (primary("looked", "dispenser.looked"),) if seen.doubt else ()
        return View(
            Screen.DETAILS,
            text("dispenser.heading"),
            text(self.section),
            advice=advice,
            content=Rows(tuple(rows)),
            buttons=(end, *looked),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """What it says, what the person found; whatever ends this ends in the wipe."""
        match event:
            case Told(what="seen", value=DispenserSeen() as seen):
                return Stay(replace(self, seen=seen))
            case Done() if isinstance(command, SettleDispenser):
                return Jump(DispenserStep(), facts)
            case Failed(code=code, who=who) if who != Who.CANCELLED:
                return Stay(replace(self, doing="stop", code=code))
            case Chose(item=Found.NOTHING | Found.TAKEN as item) if self.doing == "ask":
                settle = (CallOff(WatchDispenser), SettleDispenser(Found(item)))
                return Stay(replace(self, doing="settle"), settle)
            case Pressed(button=button):
                return self._pressed(button, facts)
        return None

    def _pressed(self, button: str, facts: Facts) -> Turn | None:
        match self.doing, button:
            case "watch", "end":
                return Jump(WipeStep(outcome=Outcome.ABANDONED), facts)
            case "watch", "looked" if self.seen and self.seen.doubt:
                return Stay(replace(self, doing="ask"))
            case "ask", "watch":
                return Stay(replace(self, doing="watch"))
            case "stop", "home":
                return Jump(DispenserStep(), facts)
        return None

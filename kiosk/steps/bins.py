# SPDX-License-Identifier: Apache-2.0
"""Staff look after the bins: all of them as doors, and from there to loading and to each door.

Its pages are steps of their own (`bins_load`, `bins_door`); each is given the step to come back to.
"""

from dataclasses import dataclass
from typing import ClassVar

from kiosk.cabinet import CabinetSeen
from kiosk.commands import Command, WatchBins
from kiosk.events import Chose, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Outcome, Who
from kiosk.steps.base import Jump, Plain, Stay, Step, Turn, primary
from kiosk.steps.bins_door import DoorStep
from kiosk.steps.bins_load import LoadStep
from kiosk.steps.wipe import WipeStep
from kiosk.view import (
    Advice,
    Button,
    Cabinet,
    CabinetDoor,
    DoorState,
    Role,
    Screen,
    View,
    Waiting,
    text,
)

LOOK_S = 1.0  # about what it takes until every board has been asked


@dataclass(frozen=True, slots=True)
class CabinetStep(Plain):
    """Every bin as a door. `seen` None: the boards have not been asked yet."""

    seen: CabinetSeen | None = None
    name: ClassVar[str] = "bins"
    section: ClassVar[str] = "section.bins"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    staff_only: ClassVar[bool] = True

    def enter(self, facts: Facts) -> "tuple[Step, tuple[Command, ...]]":
        """What was seen before may be old: the cabinet is asked anew."""
        return CabinetStep(), (WatchBins(),)

    @property
    def _loads(self) -> bool:
        """Whether a card can be loaded now."""
        seen = self.seen
        return seen is not None and not seen.reason and seen.count(DoorState.FREE) > 0

    def view(self, facts: Facts) -> View:
        """The doors, counted in words, and the one thing that is wrong with the cabinet."""
        end = Button("end", text("bins.end"), Role.BACK)
        if self.seen is None:
            return View(
                Screen.WAIT,
                text("bins.asking"),
                text(self.section),
                content=Waiting(LOOK_S),
                buttons=(end,),
            )
        seen = self.seen
        ill = Advice(text(f"{seen.reason}.remedy"), text(seen.reason)) if seen.reason else None
        legend = tuple(
            (state, text(f"bins.count.{state}", count=seen.count(state)))
            for state in DoorState
            if seen.count(state)
        )
        doors = tuple(CabinetDoor(one.place, one.label, one.state) for one in seen.bins)
        return View(
            Screen.CABINET,
            text("bins.heading"),
            text(self.section),
            lines=(text("bins.line"),) if doors else (),
            advice=ill,
            content=Cabinet(doors, legend),
            buttons=(end, primary("load", "bins.load", enabled=self._loads)),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """To a new card, to a door, or away; whatever ends this ends in the wipe."""
        match event:
            case Told(what="seen", value=CabinetSeen() as seen):
                return Stay(CabinetStep(seen))
            case Failed(code=code, who=who) if who != Who.CANCELLED:
                return Stay(CabinetStep(CabinetSeen(reason=code)))
            case Pressed(button="end"):
                return Jump(WipeStep(outcome=Outcome.ABANDONED), facts)
            case Pressed(button="load") if self.seen and self._loads:
                return Jump(LoadStep(self), facts)
            case Chose(item=place) if self.seen and (found := self.seen.find(place)):
                return Jump(DoorStep(self, found), facts)
        return None

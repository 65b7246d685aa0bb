# SPDX-License-Identifier: Apache-2.0
"""One bin's page: what the books say, a look into it, and what lay there."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from kiosk.cabinet import BinSeen, Found
from kiosk.commands import AwaitBin, CallStaff, Command, OpenBin, SettleBin
from kiosk.events import Chose, Done, Event, Failed, Pressed, StaffCame
from kiosk.facts import Facts, Outcome, Who
from kiosk.steps.base import Jump, Plain, Stay, Step, Turn, primary, secondary
from kiosk.steps.bins_words import closed_or_not, moment, stopped
from kiosk.steps.wipe import WipeStep
from kiosk.view import (
    Advice,
    Button,
    Choice,
    Choices,
    DoorState,
    Role,
    Row,
    Rows,
    Screen,
    Tone,
    View,
    text,
)

LEFT_OPEN = "bins.left_open"
SECOND = "bins.second_staff"
ICONS = {Found.SAME: "card", Found.NOTHING: "box", Found.TAKEN: "hand"}
BY_KEY = frozenset({DoorState.LOOK, DoorState.STUCK})
"""Bins that may have to be opened with the mechanical key, and are settled by what was seen."""


@dataclass(frozen=True, slots=True)
class DoorStep(Plain):
    """`home` is where this goes back to, `bin` what the books said when the door was touched.

    `code`: the reason why the door is to be shut once more, or why this ended.
    """

    home: Step
    bin: BinSeen
    doing: Literal["book", "second", "open", "look", "ask", "settle", "stop"] = "book"
    code: str = ""
    name: ClassVar[str] = "bins-door"
    section: ClassVar[str] = "section.bins"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    staff_only: ClassVar[bool] = True

    @property
    def hands_over(self) -> bool:
        """While a second member of the staff is asked for."""
        return self.doing == "second"

    def view(self, facts: Facts) -> View:
        """The books' page, the open door, the question, or why it ended."""
        section, label = text(self.section), self.bin.label
        match self.doing:
            case "book":
                return self._book()
            case "second":
                return View(
                    Screen.CHOICE,
                    text(SECOND),
                    section,
                    lines=(text(f"{SECOND}.remedy"),),
                    picture="person",
                    buttons=(Button("end", text("bins.end"), Role.BACK),),
                )
            case "open" | "settle":
                return moment(section, f"bins.{self.doing}")
            case "look":
                return closed_or_not(section, "bins.look", label, "bin-open", self.code)
            case "ask":
                tiles = tuple(
                    Choice(one, text(f"bins.found.{one}"), icon=ICONS[one]) for one in self._answers
                )
                return View(
                    Screen.CHOICE,
                    text("bins.found", bin=label),
                    section,
                    lines=(text("bins.found.line"),),
                    content=Choices(tiles),
                )
            case "stop":
                return stopped(section, self.code)

    @property
    def _answers(self) -> tuple[Found, ...]:
        """A card that the books know nothing of is taken out and loaded as a new one."""
        return tuple(Found) if self.bin.card else (Found.NOTHING, Found.TAKEN)

    def _book(self) -> View:
        one = self.bin
        rows = [Row(text("bins.row.state"), text(f"bins.state.{one.state}"))]
        if one.state not in (DoorState.CARD, DoorState.LATE):
            known = "bins.books.card" if one.card else "bins.books.none"
            rows.append(Row(text("bins.row.books"), text(known)))
        if one.loaded is not None:
            rows.append(Row(text("bins.row.loaded"), text("bins.since", at=one.loaded)))
        elif one.since is not None:
            rows.append(Row(text("bins.row.since"), text("bins.since", at=one.since)))
        advice = None
        if one.state not in (DoorState.FREE, DoorState.CARD):
            advice = Advice(text(f"bins.todo.{one.state}"), tone=Tone.CHANGE)
        buttons = [Button("home", text("frame.back"), Role.BACK)]
        if one.state in BY_KEY:
            buttons.append(secondary("by-key", "bins.by_key"))
        if one.state is DoorState.OPEN:
            buttons.append(primary("shut", "bins.shut"))
        else:
            buttons.append(primary("open", "bins.open_and_look"))
        return View(
            Screen.DETAILS,
            text("bins.door", bin=one.label),
            text(self.section),
            lines=(text("bins.door.line"),),
            advice=advice,
            content=Rows(tuple(rows)),
            buttons=tuple(buttons),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """What the person touches, and what the bins answer."""
        match event:
            case Pressed(button=button):
                return self._pressed(button, facts)
            case Chose(item=item) if self.doing == "ask" and item in self._answers:
                now = replace(self, doing="settle", code="")
                return Stay(now, (SettleBin(self.bin.place, Found(item)),))
            case Done() if isinstance(command, OpenBin):
                return Stay(replace(self, doing="look", code=""), (AwaitBin(self.bin.place),))
            case Done() if isinstance(command, AwaitBin):
                return Stay(replace(self, doing="ask", code=""))
            case Done() if isinstance(command, SettleBin):
                return Jump(self.home, facts)
            case StaffCame() if self.doing == "second":
                now = replace(self, doing="open")
                return Stay(now, (CallStaff(False), OpenBin(self.bin.place)))
            case Failed(code=code) if isinstance(command, OpenBin) and code == SECOND:
                return Stay(replace(self, doing="second"), (CallStaff(True),))
            case Failed(code=code, who=who) if who != Who.CANCELLED:
                if isinstance(command, AwaitBin) and code == LEFT_OPEN:
                    return Stay(replace(self, doing="look", code=code))
                return Stay(replace(self, doing="stop", code=code))
        return None

    def _pressed(self, button: str, facts: Facts) -> Turn | None:
        match self.doing, button:
            case (("book" | "stop"), "home"):
                return Jump(self.home, facts)
            case "second", "end":  # nobody's card need be in the reader now
                return Jump(WipeStep(outcome=Outcome.ABANDONED), facts, (CallStaff(False),))
            case "book", "open" if self.bin.state is not DoorState.OPEN:
                return Stay(replace(self, doing="open"), (OpenBin(self.bin.place),))
            case "book", "by-key" if self.bin.state in BY_KEY:
                return Stay(replace(self, doing="ask"))
            case ("book", "shut") if self.bin.state is DoorState.OPEN:
                return Stay(replace(self, doing="look", code=""), (AwaitBin(self.bin.place),))
            case "look", "shut" if self.code:
                return Stay(replace(self, code=""), (AwaitBin(self.bin.place),))
        return None

# SPDX-License-Identifier: Apache-2.0
"""Staff load a finished card: read, opened for, laid in, shut, and said where it is."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from kiosk.cabinet import BinSeen, Found, NewCard
from kiosk.commands import AwaitBin, Command, Lamp, OpenFreeBin, ReadNewCard, SettleBin
from kiosk.events import Chose, Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Who
from kiosk.steps.base import Jump, Plain, Stay, Step, Turn, primary
from kiosk.steps.bins_words import closed_or_not, moment, remedy_of, stopped
from kiosk.view import Advice, Button, Choice, Choices, Role, Row, Rows, Screen, Tone, View, text

LEFT_OPEN = "bins.left_open"


@dataclass(frozen=True, slots=True)
class LoadStep(Plain):
    """One card after the other; `home` is where this goes back to.

    `code`: the reason why something is to be done again. `bin`: the one that was opened. `lies`:
    what the person has said of the card, once it is asked.
    """

    home: Step
    doing: Literal["read", "check", "open", "lay", "ask", "settle", "done", "stop"] = "read"
    reading: bool = False
    code: str = ""
    card: NewCard | None = None
    bin: BinSeen | None = None
    lies: bool | None = None
    name: ClassVar[str] = "bins-load"
    section: ClassVar[str] = "section.bins"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    staff_only: ClassVar[bool] = True

    @property
    def _place(self) -> str:
        return self.bin.place if self.bin else ""

    @property
    def _label(self) -> str:
        return self.bin.label if self.bin else ""

    def enter(self, facts: Facts) -> "tuple[Step, tuple[Command, ...]]":
        """The reader is lit and waits."""
        return self, (Lamp("reader", 1.0), ReadNewCard())

    def view(self, facts: Facts) -> View:
        """One page for each thing that the person does."""
        section, home = text(self.section), Button("home", text("frame.back"), Role.BACK)
        match self.doing:
            case "read":
                return self._reader(home)
            case "check" if self.code:
                again = (home, primary("open", "bins.try_again"))
                return replace(stopped(section, self.code), buttons=again)
            case "check":
                return self._check()
            case "open" | "settle":
                return moment(section, f"bins.{self.doing}")
            case "lay":
                return closed_or_not(section, "bins.lay", self._label, "card-into-bin", self.code)
            case "ask":
                tiles = tuple(
                    Choice(one, text(f"bins.lies.{one}"), icon=icon)
                    for one, icon in (("yes", "card"), ("no", "hand"))
                )
                return View(
                    Screen.CHOICE,
                    text("bins.lies", bin=self._label),
                    section,
                    lines=(text("bins.lies.line"),),
                    content=Choices(tiles),
                )
            case "done":
                return View(
                    Screen.CHOICE,
                    text("bins.loaded" if self.lies else "bins.not_loaded", bin=self._label),
                    section,
                    lines=(text("bins.loaded.line" if self.lies else "bins.not_loaded.line"),),
                    picture="tick" if self.lies else "hand",
                    buttons=(home, primary("next", "bins.next")),
                )
            case "stop":
                return stopped(section, self.code)

    def _reader(self, home: Button) -> View:
        advice = None
        if self.reading:
            advice = Advice(text("identify.reading"), tone=Tone.CALM, icon="clock")
        elif self.code:
            advice = Advice(remedy_of(self.code), text(self.code))
        again = (primary("again", "bins.again"),) if self.code and not self.reading else ()
        return View(
            Screen.CARD,
            text("bins.read"),
            text(self.section),
            lines=(text("bins.read.line"),),
            advice=advice,
            picture="card-on-reader",
            buttons=(home, *again),
        )

    def _check(self) -> View:
        card = self.card or NewCard("", "", None)
        end = text("details.until", date=card.end) if card.end else text("bins.card.long")
        rows = (
            Row(text("details.name"), card.name),
            Row(text("details.number"), card.number),
            Row(text("details.end"), end),
        )
        return View(
            Screen.DETAILS,
            text("bins.check"),
            text(self.section),
            lines=(text("bins.check.line"),),
            content=Rows(rows),
            buttons=(
                Button("read", text("frame.back"), Role.BACK),
                primary("open", "bins.open_free"),
            ),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """What the person touches, and what reader and bins answer."""
        match event:
            case Pressed(button=button):
                return self._pressed(button, facts)
            case Chose(item="yes" | "no" as said) if self.doing == "ask":
                found = Found.SAME if said == "yes" else Found.TAKEN
                now = replace(self, doing="settle", lies=said == "yes")
                return Stay(now, (SettleBin(self._place, found),))
            case Told(what="found" | "reading"):
                return Stay(replace(self, reading=True, code=""))
            case Told(what="again"):
                return Stay(replace(self, reading=False, code="card.moved"))
            case Done(value=NewCard() as card):
                return Stay(replace(self, doing="check", card=card, reading=False, code=""))
            case Done(value=BinSeen() as opened):
                now = replace(self, doing="lay", bin=opened, card=None, code="")
                return Stay(now, (Lamp("reader", 0.0), AwaitBin(opened.place)))
            case Done() if isinstance(command, AwaitBin):
                return Stay(replace(self, doing="ask", code=""))
            case Done() if isinstance(command, SettleBin):
                return Stay(replace(self, doing="done"))
            case Failed(code=code, who=who) if who != Who.CANCELLED:
                return self._failed(code, who, command)
        return None

    def _pressed(self, button: str, facts: Facts) -> Turn | None:
        match self.doing, button:
            case (("read" | "check" | "done" | "stop"), "home"):
                return Jump(self.home, facts)
            case ("read", "again") | ("check", "read") | ("done", "next"):
                fresh = LoadStep(self.home)
                return Jump(fresh, facts)
            case "check", "open":
                return Stay(replace(self, doing="open", code=""), (OpenFreeBin(),))
            case "lay", "shut" if self.code:
                return Stay(replace(self, code=""), (AwaitBin(self._place),))
        return None

    def _failed(self, code: str, who: str, command: Command | None) -> Turn | None:
        match command:
            case ReadNewCard():
                return Stay(replace(self, reading=False, code=code))
            case OpenFreeBin() if who in (Who.STAFF, Who.AGAIN):
                return Stay(replace(self, doing="check", code=code))
            case AwaitBin() if code == LEFT_OPEN:
                return Stay(replace(self, code=code))
        return Stay(replace(self, doing="stop", code=code))

# SPDX-License-Identifier: Apache-2.0
"""The photo booth: shoot until satisfied, see all takes side by side, pick one."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.commands import Command, DropTake, KeepTake, Lamp, Shoot, StartPreview, WakeAfter
from kiosk.events import Chose, Done, Event, Failed, Pressed, Told, Woke
from kiosk.facts import Facts, Hint, Shot, Who
from kiosk.steps.base import Jump, Next, Plain, Stay, Turn, primary, secondary
from kiosk.steps.refusal import RefusalStep, booth_ground
from kiosk.view import (
    Advice,
    Booth,
    Button,
    Role,
    Screen,
    Take,
    TakeSheet,
    Tone,
    View,
    text,
)

COUNT_FROM = 3


def proposed(takes: tuple[Shot, ...]) -> str:
    """The take to propose: the best-ranked one without advice, else the best-ranked."""
    if not takes:
        return ""
    return max(takes, key=lambda shot: (not shot.advice, shot.rank)).id


@dataclass(frozen=True, slots=True)
class PhotoStep(Plain):
    """Preview and shutter (face "booth"), all takes (face "sheet"), a last look (face "warn")."""

    takes: tuple[Shot, ...] = ()
    taken: int = 0
    hint: Hint | None = None
    live: bool = False
    counting: int | None = None
    shooting: bool = False
    face: str = "booth"
    chosen: str = ""
    keeping: bool = False
    name: ClassVar[str] = "photo"
    section: ClassVar[str] = "section.photo"

    def enter(self, facts: Facts) -> "tuple[PhotoStep, tuple[Command, ...]]":
        """Light and preview."""
        return self, (Lamp("photo", 1.0), StartPreview())

    def view(self, facts: Facts) -> View:
        """The booth, the sheet, or the last look."""
        if self.face == "sheet":
            return self._sheet()
        if self.face == "warn":
            return self._warn()
        return self._booth()

    def _booth(self) -> View:
        blocked = not self.live or self.shooting or self.keeping
        blocked = blocked or (self.hint is not None and self.hint.blocks)
        busy = blocked or self.counting is not None
        return View(
            Screen.PHOTO,
            text("photo.heading"),
            text(self.section),
            lines=(text("photo.taken", count=len(self.takes)),),
            advice=self._advice(),
            content=Booth(self._shown(), self.counting, self.live, self.shooting),
            buttons=(
                Button("shoot", text("photo.shoot"), Role.SHUTTER, not busy),
                secondary("shoot3", "photo.shoot3", enabled=not busy),
                primary("pick", "photo.pick", enabled=bool(self.takes) and not self.shooting),
            ),
        )

    def _advice(self) -> Advice:
        if not self.live and self.hint is not None and self.hint.reason.startswith("camera."):
            return Advice(text(self.hint.remedy), text(self.hint.reason), icon="camera")
        if not self.live:
            return Advice(text("photo.waiting"), tone=Tone.CALM, icon="clock")
        if self.hint is None:
            return Advice(text("photo.look"), tone=Tone.CALM, icon="camera")
        if not self.hint.reason:
            return Advice(text(self.hint.remedy), tone=Tone.GOOD, icon="tick")
        tone = Tone.CALM if self.hint.reason == "photo.starting" else Tone.CHANGE
        return Advice(text(self.hint.remedy), text(self.hint.reason), tone, self.hint.icon)

    def _shown(self) -> tuple[Take, ...]:
        best = proposed(self.takes)
        return tuple(
            Take(shot.id, shot.ref, text(shot.advice) if shot.advice else None, shot.id == best)
            for shot in self.takes
        )

    def _sheet(self) -> View:
        return View(
            Screen.TAKES,
            text("takes.heading"),
            text(self.section),
            lines=(text("takes.line"),),
            content=TakeSheet(self._shown(), self.chosen),
            buttons=(
                Button("again", text("takes.again"), Role.BACK),
                secondary("delete", "takes.delete", enabled=bool(self.chosen)),
                primary("use", "takes.use", enabled=bool(self.chosen) and not self.keeping),
            ),
        )

    def _warn(self) -> View:
        shot = self._picked()
        reason = text(shot.advice) if shot else text("takes.heading")
        return View(
            Screen.CONSENT,
            text("takes.warn.heading"),
            text(self.section),
            lines=(text("takes.warn.line", reason=reason), text("takes.warn.choice")),
            buttons=(
                Button("retake", text("takes.warn.retake"), Role.PRIMARY),
                secondary("keep", "takes.warn.keep", enabled=not self.keeping),
            ),
        )

    def _picked(self) -> Shot | None:
        return next((shot for shot in self.takes if shot.id == self.chosen), None)

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Buttons, the countdown, takes as they come, the pick."""
        match event:
            case Told(what="guidance", value=Hint() as hint):
                return Stay(replace(self, hint=hint))
            case Told(what="live", value=live):
                return Stay(replace(self, live=bool(live)))
            case Done(value=Shot() as shot) if isinstance(command, Shoot):
                now = replace(self, takes=(*self.takes, shot), shooting=False)
                return Stay(replace(now, taken=self.taken + 1))
            case Failed() if isinstance(command, Shoot):
                return Stay(replace(self, shooting=False))
            case Failed(code=code, who=who) if isinstance(command, StartPreview):
                return self._lost(code, who, facts)
            case Done() if isinstance(command, KeepTake):
                known = replace(facts, takes=self.taken, chosen=self._picked())
                return Next(known)
            case Failed(code=code) if isinstance(command, KeepTake):
                return Jump(RefusalStep(booth_ground(code)), facts)
            case Woke(tag="count"):
                return self._count()
            case Woke(tag="left"):
                return None
            case Pressed(button=button):
                return self._pressed(button)
            case Chose(item=item) if self.face == "sheet" and any(s.id == item for s in self.takes):
                return Stay(replace(self, chosen=item))
            case Chose(item=item) if self.face == "booth" and self.takes:
                return self._open_sheet(item)
        return None

    def _lost(self, code: str, who: str, facts: Facts) -> Turn | None:
        if who == Who.CANCELLED:
            return None
        return Jump(RefusalStep(booth_ground(code)), facts)

    def _count(self) -> Turn | None:
        if self.counting is None:
            return None
        if self.counting > 1:
            return Stay(replace(self, counting=self.counting - 1), (WakeAfter(1.0, "count"),))
        return Stay(replace(self, counting=None, shooting=True), (Shoot(),))

    def _open_sheet(self, chosen: str = "") -> Turn:
        known = any(shot.id == chosen for shot in self.takes)
        picked = chosen if known else self.chosen or proposed(self.takes)
        return Stay(replace(self, face="sheet", chosen=picked, counting=None))

    def _pressed(self, button: str) -> Turn | None:
        idle = not self.shooting and self.counting is None and not self.keeping
        blocked = not self.live or (self.hint is not None and self.hint.blocks)
        match button, self.face:
            case "shoot", "booth" if idle and not blocked:
                return Stay(replace(self, shooting=True), (Shoot(),))
            case "shoot3", "booth" if idle and not blocked:
                return Stay(replace(self, counting=COUNT_FROM), (WakeAfter(1.0, "count"),))
            case "pick", "booth" if self.takes and not self.shooting:
                return self._open_sheet()
            case ("again", "sheet") | ("retake", "warn"):
                return Stay(replace(self, face="booth"))
            case "delete", "sheet" if self.chosen:
                left = tuple(shot for shot in self.takes if shot.id != self.chosen)
                face = "sheet" if left else "booth"
                now = replace(self, takes=left, chosen=proposed(left), face=face)
                return Stay(now, (DropTake(self.chosen),))
            case "use", "sheet" if self.chosen and not self.keeping:
                picked = self._picked()
                if picked is not None and picked.advice:
                    return Stay(replace(self, face="warn"))
                return self._keep()
            case "keep", "warn" if not self.keeping:
                return self._keep()
        return None

    def _keep(self) -> Turn:
        return Stay(replace(self, keeping=True), (KeepTake(self.chosen, self.taken),))

# SPDX-License-Identifier: Apache-2.0
"""The photo booth: shoot until satisfied, see all takes side by side, pick one."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.commands import Command, DropTake, KeepTake, Lamp, Shoot, StartPreview, WakeAfter
from kiosk.events import Chose, Done, Event, Failed, Pressed, Told, Woke
from kiosk.facts import Facts, Hint, Shot, Who
from kiosk.steps import photo_views
from kiosk.steps.base import Back, Jump, Next, Plain, Stay, Turn
from kiosk.steps.photo_views import COUNT_FROM, Face, Photo, proposed
from kiosk.steps.trouble import TroubleStep
from kiosk.view import View

BUSY_S = 5.0
DONE_S = 2.5  # long enough to read, and to be said aloud
AWAY_S = 10.0  # a camera that is away for so long, with no take to go on with, is asked about


@dataclass(frozen=True, slots=True)
class PhotoStep(Photo, Plain):
    """Preview and shutter, all takes, and one question about a take; see `Face`.

    Its own limit of time loses nothing; the visit's silence is another thing and ends the visit
    (`kiosk.flow`).
    """

    name: ClassVar[str] = "photo"
    section: ClassVar[str] = "section.photo"
    uses: ClassVar[frozenset[str]] = frozenset({"camera"})

    def enter(self, facts: Facts) -> "tuple[PhotoStep, tuple[Command, ...]]":
        """Light and preview; who comes back finds the take picked before, if it is still there."""
        keep = facts.chosen.id if facts.chosen else ""
        begun = replace(self, taken=facts.takes)
        return begun, (
            Lamp("photo", 1.0),
            StartPreview(keep),
            WakeAfter(self.limit_s, "limit"),
            WakeAfter(AWAY_S, self._away_tag),
        )

    def view(self, facts: Facts) -> View:
        """The face that is shown."""
        return photo_views.view(self)

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Buttons, the countdown, takes as they come, the pick."""
        match event:
            case Told(what="guidance", value=Hint() | None as hint):
                return Stay(replace(self, hint=hint))
            case Told(what="live", value=live):
                return self._seen(live=bool(live))
            case Told(what="kept", value=True) if facts.chosen and not self.takes:
                return Stay(replace(self, takes=(facts.chosen,), chosen=facts.chosen.id))
            case Done(value=Shot() as shot) if isinstance(command, Shoot):
                now = replace(self, takes=(*self.takes, shot), taken=self.taken + 1)
                now = replace(now, shooting=False, missed=False, done=True)
                return Stay(now, (WakeAfter(DONE_S, f"done-{now.taken}"),))
            case Failed() if isinstance(command, Shoot):
                return Stay(replace(self, shooting=False, missed=True))
            case Failed(code=code, who=who) if isinstance(command, StartPreview):
                return self._lost(code, who, facts)
            case Done() if isinstance(command, KeepTake):
                return Next(replace(facts, takes=self.taken, chosen=self.picked))
            case Failed() if isinstance(command, KeepTake):
                now = replace(self, keeping=False, unkept=True, kept=False)
                return Stay(replace(now, face=Face.SHEET))
            case Woke(tag=tag) if tag == self._count_tag:
                return self._count()
            case Woke(tag=tag) if tag == f"done-{self.taken}":
                return Stay(replace(self, done=False))
            case Woke(tag=tag) if tag == self._away_tag and not self.live:
                return self._still_away(facts)
            case Woke(tag="limit"):
                return self._time_is_up()
            case Pressed(button=button):
                return self._pressed(button, facts)
            case Chose(item=item) if any(shot.id == item for shot in self.takes):
                if self.face is Face.SHEET:
                    return Stay(replace(self, chosen=item, kept=False, unkept=False))
                return self._open_sheet(item) if self.face is Face.BOOTH else None
        return None

    def _lost(self, code: str, who: str, facts: Facts) -> Turn | None:
        """The preview ended by itself. Takes are enough to go on with."""
        if who == Who.CANCELLED:
            return None
        if self.takes:
            hint = Hint("camera.silent", "camera.silent.remedy", blocks=True)
            return Stay(replace(self, live=False, counting=None, hint=hint))
        return Jump(TroubleStep(PhotoStep(self.limit_s), code), replace(facts, takes=self.taken))

    @property
    def _away_tag(self) -> str:
        """The wake-up of the present loss: one before it may have been mended meanwhile."""
        return f"away-{self.losses}"

    def _seen(self, *, live: bool) -> Turn:
        if live:
            return Stay(replace(self, live=True))
        lost = replace(self, live=False, counting=None, losses=self.losses + 1)
        return Stay(lost, (WakeAfter(AWAY_S, lost._away_tag),))

    def _still_away(self, facts: Facts) -> Turn:
        """Without a take the citizen is asked: wait, or go to the window."""
        reason = self.hint.reason if self.hint is not None else ""
        if self.takes or self.shooting or not reason.startswith("camera."):
            return Stay(self, (WakeAfter(AWAY_S, self._away_tag),))
        there = TroubleStep(PhotoStep(self.limit_s), reason, ahead=True)
        return Jump(there, replace(facts, takes=self.taken))

    @property
    def _count_tag(self) -> str:
        """The wake-up of the present countdown: one that was stopped may still wake."""
        return f"count-{self.countdowns}"

    def _count(self) -> Turn | None:
        if self.counting is None:
            return None
        if self.counting > 1:
            now = replace(self, counting=self.counting - 1)
            return Stay(now, (WakeAfter(1.0, self._count_tag),))
        return self._shoot()

    def _shoot(self) -> Turn:
        return Stay(
            replace(self, counting=None, shooting=True, missed=False, done=False), (Shoot(),)
        )

    def _time_is_up(self) -> Turn:
        """The best take is kept and shown; without one there is nothing to lose, time goes on."""
        if self.face is Face.BOOTH and self.takes:
            if not self.idle:
                return Stay(self, (WakeAfter(BUSY_S, "limit"),))
            best = proposed(self.takes)
            now = replace(self, face=Face.SHEET, chosen=best, kept=True)
            return Stay(now, (WakeAfter(self.limit_s, "limit"),))
        return Stay(self, (WakeAfter(self.limit_s, "limit"),))

    def _open_sheet(self, chosen: str = "") -> Turn:
        picked = chosen or (self.chosen if self.picked else proposed(self.takes))
        now = replace(self, chosen=picked, counting=None, kept=False, unkept=False)
        return Stay(replace(now, face=Face.SHEET))

    def _pressed(self, button: str, facts: Facts) -> Turn | None:
        match self.face, button:
            case Face.BOOTH, _:
                return self._at_the_camera(button)
            case Face.SHEET, "again":
                return self._to(Face.BOOTH)
            case Face.SHEET, "delete" if self.picked:
                return self._to(Face.DROP)
            case Face.SHEET, "use" if self.picked and not self.keeping:
                return self._to(Face.WARN) if self.picked.advice else self._keep()
            case (Face.WARN | Face.DROP, "takes") | (Face.LEAVE, "again"):
                return self._to(Face.BOOTH if self.face is Face.LEAVE else Face.SHEET)
            case Face.WARN, "retake":
                return self._to(Face.BOOTH)
            case Face.WARN, "keep" if not self.keeping:
                return self._keep()
            case Face.DROP, "drop":
                return self._drop()
            case Face.LEAVE, "go-back":
                return Back(replace(facts, chosen=None))
        return None

    def _at_the_camera(self, button: str) -> Turn | None:
        match button:
            case "shoot" if self.idle and not self.blocked:
                return self._shoot()
            case "shoot3" if self.idle and not self.blocked:
                begun = self.countdowns + 1
                now = replace(self, counting=COUNT_FROM, countdowns=begun, missed=False, done=False)
                return Stay(now, (WakeAfter(1.0, now._count_tag),))
            case "stop" if self.counting is not None:
                return Stay(replace(self, counting=None))
            case "pick" if self.takes:
                return self._open_sheet()
            case "back" if self.takes:
                return Stay(replace(self, face=Face.LEAVE, counting=None))
        return None

    def _to(self, face: Face) -> Turn:
        return Stay(replace(self, face=face, kept=False, unkept=False))

    def _drop(self) -> Turn:
        left = tuple(shot for shot in self.takes if shot.id != self.chosen)
        face = Face.SHEET if left else Face.BOOTH
        now = replace(self, takes=left, chosen=proposed(left), face=face)
        return Stay(now, (DropTake(self.chosen),))

    def _keep(self) -> Turn:
        return Stay(replace(self, keeping=True), (KeepTake(self.chosen, self.taken),))

# SPDX-License-Identifier: Apache-2.0
"""The photo step's state, and what is shown of it on each of its faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kiosk.facts import Hint, Shot
from kiosk.steps.base import primary, secondary
from kiosk.view import (
    Advice,
    Booth,
    Button,
    OneTake,
    Reminder,
    Role,
    Screen,
    Take,
    TakeSheet,
    Text,
    Tone,
    View,
    text,
)

COUNT_FROM = 3
"""Seconds of the countdown."""
LIMIT_S = 600.0
"""Seconds before the camera, unless the booth's settings say otherwise."""

REMINDERS = (
    Reminder("hint-seat", text("photo.seat")),
    Reminder("hint-hair", text("photo.hair")),
    Reminder("hint-hat", text("photo.hat")),
)
"""What is to be thought of before the first picture; no measure sees it surely."""

SECTION = text("section.photo")

WAIT = frozenset({"camera.busy", "camera.frozen", "camera.silent"})
"""The camera's reasons whose remedy is to wait; those of the others are staff's alone."""


class Face(StrEnum):
    """What the photo step shows."""

    BOOTH = "booth"  # preview and shutter
    SHEET = "sheet"  # all takes
    WARN = "warn"  # the picked take may be sent back
    DROP = "drop"  # shall this take be deleted
    LEAVE = "leave"  # going back would forget the takes


@dataclass(frozen=True, slots=True)
class Photo:
    """The photo step's state.

    `limit_s`: so long before the camera, then the takes are shown with the best one kept.
    `taken` counts every shot of the visit, deleted ones too; `countdowns` those begun.
    `missed`: the last shot gave no take. `done`: a moment ago one did.
    `kept`: the time before the camera was up, and the best take was kept.
    `unkept`: the picked take could not be sealed. `losses`: how often the camera went away.
    """

    limit_s: float = LIMIT_S
    takes: tuple[Shot, ...] = ()
    taken: int = 0
    hint: Hint | None = None
    live: bool = False
    counting: int | None = None
    countdowns: int = 0
    shooting: bool = False
    missed: bool = False
    done: bool = False
    face: Face = Face.BOOTH
    chosen: str = ""
    kept: bool = False
    keeping: bool = False
    unkept: bool = False
    losses: int = 0

    @property
    def blocked(self) -> bool:
        """No picture can be taken now: the camera is away, or no portrait could be cut."""
        return not self.live or (self.hint is not None and self.hint.blocks)

    @property
    def idle(self) -> bool:
        """Nothing runs that a touch would disturb."""
        return not self.shooting and self.counting is None and not self.keeping

    @property
    def picked(self) -> Shot | None:
        """The chosen take."""
        return next((shot for shot in self.takes if shot.id == self.chosen), None)


def proposed(takes: Sequence[Shot]) -> str:
    """The id of the take to propose: the best-ranked one without advice, else the best-ranked."""
    if not takes:
        return ""
    return max(takes, key=lambda shot: (not shot.advice, shot.rank)).id


def view(photo: Photo) -> View:
    """The face that is shown."""
    match photo.face:
        case Face.BOOTH:
            return _booth(photo)
        case Face.SHEET:
            return _sheet(photo)
        case Face.WARN:
            return _warn(photo)
        case Face.DROP:
            return _drop(photo)
        case Face.LEAVE:
            return _leave(photo)


def _booth(photo: Photo) -> View:
    ready = photo.idle and not photo.blocked
    counting = photo.counting
    # The quiet button stops a countdown, but not by the second tap of one that began it.
    quiet = secondary("shoot3", "photo.shoot3", enabled=ready)
    if counting is not None:
        quiet = secondary("stop", "photo.stop", enabled=counting < COUNT_FROM)
    reminders = () if photo.takes or photo.missed else REMINDERS
    line = text("photo.taken", count=len(photo.takes)) if photo.takes else text("photo.before")
    return View(
        Screen.PHOTO,
        text("photo.heading"),
        SECTION,
        lines=(text("photo.missed") if photo.missed else line,),
        advice=_advice(photo),
        content=Booth(_shown(photo.takes), counting, photo.live, photo.shooting, reminders),
        buttons=(
            Button("shoot", text("photo.shoot"), Role.SHUTTER, ready),
            quiet,
            primary("pick", "photo.pick", enabled=bool(photo.takes)),
        ),
    )


def _advice(photo: Photo) -> Advice:
    hint = photo.hint
    if not photo.live and hint is not None and hint.reason.startswith("camera."):
        remedy = hint.remedy if hint.reason in WAIT else "photo.camera_away.remedy"
        if photo.takes:  # what was taken is still here, and enough to go on with
            remedy = "photo.camera_away.pick"
        return Advice(text(remedy), text(hint.reason), icon="camera")
    if not photo.live:
        return Advice(text("photo.waiting"), tone=Tone.CALM, icon="clock")
    if photo.counting is not None and not (hint is not None and hint.blocks):
        return Advice(text("photo.hold"), tone=Tone.CALM, icon="look")
    if photo.done:
        return Advice(text("photo.done"), tone=Tone.GOOD, icon="ok")
    if hint is None:
        return Advice(text("photo.look"), tone=Tone.CALM, icon="look")
    if not hint.reason:
        return Advice(text(hint.remedy), tone=Tone.GOOD, icon="ok")
    tone = Tone.CALM if hint.reason == "photo.starting" else Tone.CHANGE
    return Advice(text(hint.remedy), text(hint.reason), tone, hint.icon)


def _shown(takes: Sequence[Shot]) -> tuple[Take, ...]:
    best = proposed(takes)
    return tuple(_take(shot, best) for shot in takes)


def _take(shot: Shot, best: str) -> Take:
    return Take(shot.id, shot.ref, word_of(shot.advice), shot.id == best)


def word_of(reason: str) -> Text | None:
    """The one word that stands under a take with this advice; None: it passes."""
    if not reason:
        return None
    kind = reason.removeprefix("photo.").partition(".")[0]
    return text(f"takes.word.{kind}")


def _sheet(photo: Photo) -> View:
    chosen = photo.picked is not None
    kept = Advice(text("takes.kept"), tone=Tone.CALM, icon="clock") if photo.kept else None
    if photo.unkept:
        kept = Advice(text("takes.unkept.remedy"), text("takes.unkept"))
    return View(
        Screen.TAKES,
        text("takes.heading"),
        SECTION,
        lines=(text("takes.line"),),
        advice=kept,
        content=TakeSheet(_shown(photo.takes), photo.chosen),
        buttons=(
            Button("again", text("takes.again"), Role.BACK),
            secondary("delete", "takes.delete", enabled=chosen),
            primary("use", "takes.use", enabled=chosen and not photo.keeping),
        ),
    )


def _one(photo: Photo) -> OneTake | None:
    shot = photo.picked
    return None if shot is None else OneTake(_take(shot, proposed(photo.takes)))


def _warn(photo: Photo) -> View:
    shot = photo.picked
    advice = None
    if shot is not None and shot.advice:
        icon = shot.advice.rpartition(".")[2]
        advice = Advice(text(f"{shot.advice}.remedy"), text(shot.advice), icon=icon)
    return View(
        Screen.TAKE,
        text("takes.warn.heading"),
        SECTION,
        lines=(text("takes.warn.choice"),),
        advice=advice,
        content=_one(photo),
        buttons=(
            Button("takes", text("takes.warn.takes"), Role.BACK),
            secondary("keep", "takes.warn.keep", enabled=not photo.keeping),
            primary("retake", "takes.warn.retake"),
        ),
    )


def _drop(photo: Photo) -> View:
    return View(
        Screen.TAKE,
        text("takes.drop.heading"),
        SECTION,
        lines=(text("takes.drop.line"),),
        content=_one(photo),
        buttons=(
            Button("drop", text("takes.drop.yes"), Role.BACK, icon="trash"),
            primary("takes", "takes.drop.no"),
        ),
    )


def _leave(photo: Photo) -> View:
    return View(
        Screen.CHOICE,
        text("photo.leave.heading"),
        SECTION,
        lines=(text("photo.leave.line"),),
        picture="head",
        buttons=(
            Button("go-back", text("photo.leave.yes"), Role.BACK),
            primary("again", "photo.leave.no"),
        ),
    )

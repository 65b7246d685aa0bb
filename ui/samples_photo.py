# SPDX-License-Identifier: Apache-2.0
"""Realistic views of the photo booth's screens."""

from dataclasses import replace

from kiosk.facts import Facts, Hint, Shot
from kiosk.steps import photo_views
from kiosk.steps.calibrate import CalibrateStep
from kiosk.steps.photo_views import Face, Photo
from kiosk.view import Button, Role, Take, View

ADVICE = ("", "", "photo.mouth", "", "photo.eyes", "")


def takes(count: int) -> tuple[Take, ...]:
    """So many takes; the second is proposed, some have something to change."""
    return tuple(
        Take(shot.id, shot.ref, photo_views.word_of(shot.advice), number == 1)
        for number, shot in enumerate(shots(count))
    )


def shots(count: int) -> tuple[Shot, ...]:
    """The same as the flow knows them."""
    return tuple(
        Shot(f"take{number}", f"take-{number}", ADVICE[number % 6], 9.0 if number == 1 else 1.0)
        for number in range(count)
    )


def hint(reason: str, icon: str = "", *, blocks: bool = False) -> Hint:
    """What guidance says with a reason."""
    return Hint(reason, f"{reason}.remedy", blocks, icon or reason.rpartition(".")[2])


def views(
    frame: tuple[Button, ...], staff: Button, leave: Button, help_: Button
) -> dict[str, View]:
    """Name to view; `frame` and the others are the frame's buttons."""
    good = Hint("", "photo.ok.remedy", icon="ok")
    live = Photo(live=True, hint=good)
    shown = {
        "photo": replace(live, takes=shots(3), hint=hint("photo.tilted")),
        "photo-first": replace(live, hint=hint("photo.off_centre.up", "up", blocks=True)),
        "photo-good": replace(live, takes=shots(5)),
        "photo-done": replace(live, takes=shots(1), done=True),
        "photo-counting": replace(live, counting=3),
        "photo-missed": replace(live, missed=True, hint=hint("photo.several_faces", blocks=True)),
        "photo-away": Photo(),
        "takes": replace(live, face=Face.SHEET, takes=shots(4), chosen="take1"),
        "takes-one": replace(live, face=Face.SHEET, takes=shots(1), chosen="take0"),
        "takes-twelve": replace(live, face=Face.SHEET, takes=shots(12), chosen="take1"),
        "takes-many": replace(live, face=Face.SHEET, takes=shots(17), chosen="take1"),
        "takes-kept": replace(live, face=Face.SHEET, takes=shots(6), chosen="take1", kept=True),
        "take-warn": replace(live, face=Face.WARN, takes=shots(4), chosen="take2"),
        "take-drop": replace(live, face=Face.DROP, takes=shots(4), chosen="take1"),
        "photo-leave": replace(live, face=Face.LEAVE, takes=shots(4), chosen="take1"),
    }
    said: dict[str, View] = {}
    for name, photo in shown.items():
        view = photo_views.view(photo)
        own = any(one.role is Role.BACK for one in view.buttons)
        buttons = (staff, leave, help_) if own else frame
        said[name] = replace(view, buttons=(*buttons, *view.buttons), step=(3, 7))
    return said | _calibrating()


def _calibrating() -> dict[str, View]:
    """The staff's pages of the camera."""
    live = CalibrateStep(live=True, reason="")
    shown = {
        "calibrate-wall": replace(live, reason="calibration.wall.uneven"),
        "calibrate-lamp": replace(live, page=1, lamp=0.7),
        "calibrate-lamp-plain": replace(live, page=1, dims=False, reason="calibration.wall.bright"),
        "calibrate-distance": replace(live, page=2, reason="calibration.seat.too_close"),
        "calibrate-focus": replace(live, page=3, reason="calibration.seat.blurred"),
        "calibrate-away": replace(live, live=False, reason="camera.torn"),
        "calibrate-kept": replace(live, page=4),
    }
    return {name: step.view(Facts()) for name, step in shown.items()}

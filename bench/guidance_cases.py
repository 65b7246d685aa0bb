# SPDX-License-Identifier: Apache-2.0
"""Scripted faults x places x sizes, and good sittings, with the reason a person should be told.

All of them are the one public-domain face of the camera clips, painted and bent: synthetic. What
they prove is that rules, order and directions are right, not how well people are judged.
"""

from dataclasses import dataclass, replace

from firmware_io.emulators.camera_clips import Scene

SIT = Scene(neutral=True, sway=3.0)
"""Nothing to change: a closed mouth, 240 px of face in the middle."""
PLACES = {  # of a face so wide that all of head and shoulders is in the picture
    "middle": {},
    "small": {"face_width": 222.0},
    "large": {"face_width": 290.0, "y": 425.0},
    "aside": {"x": 520.0, "face_width": 255.0, "y": 360.0},
}


@dataclass(frozen=True, slots=True)
class Case:
    """`expected` is a reason key. `first` is looked at before `then` where a change is meant."""

    name: str
    expected: str
    then: Scene
    first: Scene | None = None


def _at(place: str, **changes: object) -> Scene:
    return replace(SIT, **{**PLACES[place], **changes})  # type: ignore[arg-type]


def _each(name: str, expected: str, *places: str, **changes: object) -> list[Case]:
    some = places or tuple(PLACES)
    return [Case(f"{name}, {place}", expected, _at(place, **changes)) for place in some]


def _after(name: str, expected: str, *places: str, **changes: object) -> list[Case]:
    """The person sits well first: their own eyes and sharpness are known."""
    some = places or tuple(PLACES)
    return [Case(f"{name}, {place}", expected, _at(place, **changes), _at(place)) for place in some]


def _place() -> list[Case]:
    cases = [
        Case(f"{wide:.0f} px of face", "photo.too_far", replace(SIT, face_width=wide, x=x))
        for wide, x in ((120.0, 640.0), (150.0, 500.0), (175.0, 800.0), (195.0, 640.0))
    ]
    cases += [
        Case(f"{wide:.0f} px of face", "photo.too_close", replace(SIT, face_width=wide, y=400.0))
        for wide in (370.0, 400.0, 440.0, 500.0)
    ]
    # The preview is a mirror: whoever sits at the picture's right is at their own left side.
    for way, scenes in {
        "right": ({"x": 1150.0}, {"x": 1120.0, "face_width": 270.0, "y": 390.0}, {"x": 1190.0}),
        "left": ({"x": 130.0}, {"x": 160.0, "face_width": 270.0, "y": 390.0}, {"x": 100.0}),
        "down": ({"y": 235.0}, {"y": 215.0, "x": 500.0}, {"y": 260.0, "face_width": 270.0}),
        "up": ({"y": 580.0}, {"y": 600.0, "x": 800.0}, {"y": 560.0, "face_width": 270.0}),
    }.items():
        for number, scene in enumerate(scenes, 1):
            name = f"has to move {way}, {number}"
            changed = replace(SIT, **scene)  # type: ignore[arg-type]
            cases.append(Case(name, f"photo.off_centre.{way}", changed))
    return cases


def _presence() -> list[Case]:
    cases = [
        Case(f"nobody, {wall} wall", "photo.no_face", replace(SIT, empty=True, wall=wall))
        for wall in ("white", "blue", "checker")
    ]
    cases += [
        Case(
            f"gain {gain}, {wide:.0f} px",
            "photo.too_dark",
            replace(SIT, gain=gain, face_width=wide),
        )
        for gain, wide in ((0.04, 240.0), (0.06, 280.0), (0.1, 240.0), (0.15, 260.0), (0.2, 225.0))
    ]
    cases += [
        Case(
            f"a second face of {other:.0f} px, first at {x:.0f}",
            "photo.several_faces",
            replace(SIT, companion=True, companion_width=other, x=x),
        )
        for other, x in ((120.0, 500.0), (170.0, 480.0), (220.0, 450.0), (240.0, 640.0))
    ]
    return cases


def _pose() -> list[Case]:
    cases: list[Case] = []
    for roll in (-25.0, -14.0, 12.0, 20.0):
        cases += _each(f"roll {roll:+.0f}", "photo.tilted", "middle", "aside", roll=roll, y=400.0)
    for turned in (-0.55, 0.45, 0.6):
        cases += _each(f"turned {turned:+.2f}", "photo.turned", "middle", "large", turned=turned)
    for chin, reason in (
        (-0.45, "photo.chin_down"),
        (-0.55, "photo.chin_down"),
        (0.4, "photo.chin_up"),
    ):
        cases += _each(f"chin {chin:+.2f}", reason, "middle", "large", chin=chin)
    return cases


def _face() -> list[Case]:
    return [
        *_each("dark glasses", "photo.sunglasses", wear="sunglasses"),
        *_each("glare on glasses", "photo.glare", wear="glint"),
        *_each("a mask", "photo.mask", wear="mask"),
        *_after("eyes closed", "photo.eyes", closed=True),
        *_each("smile with teeth", "photo.mouth", neutral=False),
    ]


def _picture() -> list[Case]:
    cases = [
        *_each("light from the left", "photo.light", side_light=1.0),
        # The photograph is lit from the left itself: this evens the face out and darkens the wall.
        *_each("light from the right", "photo.background", "middle", "aside", side_light=-1.0),
        *_each("gain 1.7", "photo.too_bright", "middle", "large", gain=1.7),
        *_each("gain 2.2", "photo.too_bright", "middle", "aside", gain=2.2),
        *_each("blue light", "photo.colour", "middle", "large", tint=(1.3, 0.9, 0.7)),
        *_each("green light", "photo.colour", "middle", tint=(0.7, 1.1, 0.75)),
        *_after("out of focus", "photo.blur", "middle", "large", "aside", blur=6.0),
    ]
    for wall in ("blue", "red", "green", "grey", "dark", "checker", "ramp"):
        cases.append(Case(f"{wall} wall", "photo.background", replace(SIT, wall=wall)))
    return cases


def _two_at_once() -> list[Case]:
    """More than one thing to change: the more important one is told."""
    return [
        Case(name, reason, replace(SIT, **scene))  # type: ignore[arg-type]
        for name, reason, scene in (
            ("far and tilted", "photo.too_far", {"face_width": 150.0, "roll": 15.0}),
            ("dark and far", "photo.too_dark", {"face_width": 150.0, "gain": 0.05}),
            ("aside and smiling", "photo.off_centre.right", {"x": 1150.0, "neutral": False}),
            ("tilted and smiling", "photo.tilted", {"roll": 15.0, "y": 400.0, "neutral": False}),
            ("turned, dark glasses", "photo.turned", {"turned": 0.6, "wear": "sunglasses"}),
            ("a mask, blue wall", "photo.mask", {"wear": "mask", "wall": "blue"}),
            ("smiling, blue wall", "photo.mouth", {"neutral": False, "wall": "blue"}),
            ("smiling in side light", "photo.mouth", {"neutral": False, "side_light": 1.0}),
            ("two, tilted", "photo.several_faces", {"companion": True, "x": 480.0, "roll": 15.0}),
        )
    ]


def faults() -> list[Case]:
    """Everything that should be told."""
    return [*_presence(), *_place(), *_pose(), *_face(), *_picture(), *_two_at_once()]


def good() -> list[Case]:
    """Sittings in which nothing is to be changed."""
    scenes: list[tuple[str, Scene]] = []
    for place in PLACES:
        scenes.append((place, _at(place)))
        scenes += [(f"{place}, gain {gain}", _at(place, gain=gain)) for gain in (0.93, 0.97, 1.04)]
        scenes += [(f"{place}, roll {roll:+.0f}", _at(place, roll=roll)) for roll in (-4.0, 4.0)]
        scenes += [(f"{place}, turned {by:+.2f}", _at(place, turned=by)) for by in (-0.08, 0.08)]
        scenes.append((f"{place}, glasses", _at(place, wear="glasses")))
        scenes.append((f"{place}, sensor noise", _at(place, noise=5.0)))
        scenes.append((f"{place}, a blink", _at(place, blink=True, frames=75)))
    return [Case(name, "photo.ok", scene) for name, scene in scenes]

# SPDX-License-Identifier: Apache-2.0
"""The photo lamp follows the face while the preview runs, and is dark when it has ended."""

import threading
from typing import Any, cast

from drivers.camera import Camera
from drivers.health import Health
from kiosk.acts.photo import Light, PhotoRoom, PreviewAct
from kiosk.commands import StartPreview
from kiosk.photo.booth import PhotoBooth
from kiosk.photo.engine import HaarEngine
from kiosk.photo.guide import STARTING, Guidance, guidance_for
from kiosk.photo.guide_watch import Seen
from kiosk.vault import Vault


class Quiet:
    """A camera that is well and has no picture."""

    def health(self) -> Health:
        return Health.ready("camera")

    def latest(self) -> None:
        return None


class Looking:
    """A booth that sees a burnt out face at each look, and ends the preview after some of them."""

    def __init__(self, looks: int, off: threading.Event) -> None:
        self.looks, self.number, self.off = looks, 0, off

    def guidance(self) -> Guidance:
        return guidance_for(STARTING, blocks=True)

    def seen(self) -> Seen:
        self.number += 1
        if self.number >= self.looks:
            self.off.set()
        return Seen(self.number, self.number / 15.0, None, luminance=0.9, over=0.3)

    def pace(self) -> tuple[int, float]:
        return self.number, 10.0

    def close(self) -> None:
        """Nothing runs."""


def room(lamp: Any, *, dims: bool = True) -> PhotoRoom:
    return PhotoRoom(
        cast("Camera", Quiet()),
        cast("Any", HaarEngine),
        Vault(),
        lamp=lamp,
        dims=dims,
        lamp_level=0.9,
    )


def watched(lamp: Any, looks: int, *, dims: bool = True) -> None:
    here, off = room(lamp, dims=dims), threading.Event()
    here._prepared = cast("PhotoBooth", Looking(looks, off))
    PreviewAct(here).run(StartPreview(), lambda *_: None, off)


def test_the_lamp_begins_at_its_level_goes_down_for_a_bright_face_and_out_in_the_end() -> None:
    levels: list[float] = []
    watched(levels.append, looks=40)
    assert levels[0] == 0.9
    assert levels[-1] == 0.0
    way = levels[:-1]
    assert way == sorted(way, reverse=True)
    assert way[-1] < 0.8


def test_a_lamp_that_cannot_be_dimmed_is_left_alone_at_full_and_out_in_the_end() -> None:
    levels: list[float] = []
    watched(levels.append, looks=40, dims=False)
    assert levels == [1.0, 0.0]


def test_a_booth_without_a_lamp_shows_its_preview_all_the_same() -> None:
    watched(None, looks=3)


def test_the_same_look_told_again_does_not_move_the_lamp() -> None:
    levels: list[float] = []
    light = Light(room(levels.append))
    bright = Seen(7, 1.0, None, luminance=0.9)
    for _ in range(100):
        light.follow(bright)
        light.follow(None)
    assert levels == [0.9]

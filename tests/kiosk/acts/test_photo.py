# SPDX-License-Identifier: Apache-2.0
"""Takes are in memory only, and only as long as the citizen chooses among them."""

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest
from uuid6 import uuid7

from drivers.camera import Camera
from drivers.errors import CancelledError
from idcard.keys import OpeningKey
from idcard.records import Part
from kiosk.acts.photo import STALE_S, KeepTakeAct, PhotoRoom, ShootAct, hint_of
from kiosk.commands import KeepTake, Shoot
from kiosk.photo.booth import PhotoBooth, Take
from kiosk.photo.crop import Portrait
from kiosk.photo.engine import HaarEngine
from kiosk.photo.guide import Guidance, guidance_for
from kiosk.photo.verdict import OK, TILTED, Verdict
from kiosk.sealer import Sealer
from kiosk.vault import Vault


class Shutter:
    """A booth that gives takes of its own making and keeps only weak hold of their pixels."""

    def __init__(self) -> None:
        self.pixels: list[weakref.ref[Any]] = []
        self.before_answer = lambda: None

    def shoot(self) -> Take:
        image = np.full((441, 358, 3), len(self.pixels), np.uint8)
        self.pixels.append(weakref.ref(image))
        jpeg = b"\xff\xd8 synthetic %d" % len(self.pixels)
        portrait = Portrait(jpeg, image, 80, 207.0, 12.0, 215.0, 300.0, ())
        self.before_answer()
        return Take(portrait, Verdict(True, OK, False, ()), "", 1.0, (358, 441), 1, 1.0)

    def close(self) -> None:
        """Nothing runs."""

    def alive(self) -> int:
        """How many takes' pixels are still held by anybody."""
        gc.collect()
        return sum(1 for one in self.pixels if one() is not None)


@pytest.fixture
def shutter() -> Shutter:
    return Shutter()


@pytest.fixture
def room(shutter: Shutter) -> Iterator[PhotoRoom]:
    room = PhotoRoom(cast("Camera", None), HaarEngine, Vault())
    room.booth = cast("PhotoBooth", shutter)
    yield room
    room.drop_takes()


def shoot(room: PhotoRoom, off: threading.Event | None = None) -> str:
    return ShootAct(room).run(Shoot(), lambda *_: None, off or threading.Event()).id


def sealer() -> Sealer:
    key = OpeningKey.generate().recipient
    return Sealer("B03", uuid7(), key, key)


def test_the_pick_is_sealed_and_of_the_others_nothing_stays(
    room: PhotoRoom, shutter: Shutter
) -> None:
    names = [shoot(room) for _ in range(12)]
    assert shutter.alive() == 12
    kept = sealer()
    KeepTakeAct(room, kept).run(KeepTake(names[4], 12), lambda *_: None, threading.Event())
    assert list(kept.parts()) == [Part.PORTRAIT]
    assert shutter.alive() == 0
    assert [name for name in names if room.vault.get(name)] == [names[4]]
    assert room.vault.drop("") == 1


def test_the_pick_can_be_picked_again_and_holds_no_pixels_meanwhile(
    room: PhotoRoom, shutter: Shutter
) -> None:
    names = [shoot(room) for _ in range(3)]
    KeepTakeAct(room, sealer()).run(KeepTake(names[1], 3), lambda *_: None, threading.Event())
    room.drop_takes(but=names[1])  # as a preview that begins anew does
    assert (list(room.takes), shutter.alive()) == ([names[1]], 0)
    again = sealer()
    KeepTakeAct(room, again).run(KeepTake(names[1], 3), lambda *_: None, threading.Event())
    assert list(again.parts()) == [Part.PORTRAIT]
    room.drop_takes()
    assert not room.takes
    assert room.vault.drop("") == 0


def test_a_deleted_take_is_gone_and_its_neighbours_by_name_are_not(
    room: PhotoRoom, shutter: Shutter
) -> None:
    names = [shoot(room) for _ in range(12)]
    KeepTakeAct(room, sealer()).drop("take-1")  # not take-10, take-11, take-12
    assert shutter.alive() == 11
    assert [name for name in names if not room.vault.get(name)] == ["take-1"]


def test_a_picture_that_comes_after_the_wipe_is_not_kept(room: PhotoRoom, shutter: Shutter) -> None:
    off = threading.Event()

    def wiped() -> None:
        off.set()
        room.forget()

    shutter.before_answer = wiped
    with pytest.raises(CancelledError):
        shoot(room, off)
    assert shutter.alive() == 0
    assert room.vault.drop("") == 0


def test_a_picture_that_comes_after_the_preview_has_ended_is_not_kept(
    room: PhotoRoom, shutter: Shutter
) -> None:
    shutter.before_answer = lambda: room.close(cast("PhotoBooth", shutter))
    with pytest.raises(CancelledError):
        shoot(room)
    assert shutter.alive() == 0
    assert not room.shooting


def test_guidance_about_a_frame_half_a_second_old_is_not_shown() -> None:
    seen = Guidance(TILTED, f"{TILTED}.remedy", "", False, seq=7, stamp=100.0)
    fresh = hint_of(seen, 100.0 + STALE_S)
    assert fresh is not None
    assert (fresh.reason, fresh.icon) == (TILTED, "tilted")
    assert hint_of(seen, 100.0 + STALE_S + 0.001) is None


def test_a_board_that_looks_slowly_still_says_something() -> None:
    seen = Guidance(TILTED, f"{TILTED}.remedy", "", False, seq=7, stamp=100.0)
    assert hint_of(seen, 101.9, look_s=0.8) is not None
    assert hint_of(seen, 102.1, look_s=0.8) is None
    assert hint_of(seen, 100.6, look_s=0.012) is None


def test_guidance_does_not_age_while_a_picture_is_taken() -> None:
    seen = Guidance(OK, f"{OK}.remedy", "", False, seq=7, stamp=100.0)
    hint = hint_of(seen, 103.0, busy=True)
    assert hint is not None
    assert hint.reason == ""


def test_what_rests_on_no_frame_does_not_age() -> None:
    hint = hint_of(guidance_for("camera.silent", blocks=True), 1e6)
    assert hint is not None
    assert hint.blocks

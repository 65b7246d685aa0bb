# SPDX-License-Identifier: Apache-2.0
"""Preview with guidance, shots, and the pick sealed to the counter."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from drivers.camera import Camera
from drivers.errors import CancelledError
from drivers.health import State
from idcard.records import Part, PortraitPart
from kiosk.commands import KeepTake, Shoot, StartPreview
from kiosk.facts import Hint, Shot
from kiosk.head import PreviewFrame
from kiosk.lane import Tell
from kiosk.photo.booth import PhotoBooth, Take
from kiosk.photo.engine import Engine
from kiosk.photo.guide import Guidance
from kiosk.photo.guide_watch import Seen
from kiosk.photo.light import LampControl
from kiosk.sealer import Sealer
from kiosk.vault import Vault

LOOK_S = 0.05  # how often the newest guidance is looked at
STALE_S = 0.5  # guidance about an older frame is not shown
_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)


class PhotoRoom:
    """The photo step's devices, shared by its acts: camera, engine, takes, lamp.

    Args:
        camera: started by somebody else.
        open_engine: loads the face engine; called once.
        vault: where the takes' pictures are kept.
        lamp: lights the booth's photo lamp, 0..1; None where none is fitted.
        dims: whether that lamp knows levels between dark and full; else it burns full.
        lamp_level: where a lamp that does begins.
        sharpness: the booth's calibrated sharpness at `kiosk.photo.measures.PREVIEW_PX`.
    """

    def __init__(
        self,
        camera: Camera,
        open_engine: Callable[[], Engine],
        vault: Vault,
        *,
        lamp: Callable[[float], None] | None = None,
        dims: bool = True,
        lamp_level: float = 1.0,
        sharpness: float | None = None,
    ) -> None:
        self.camera, self.vault = camera, vault
        self.lamp, self.dims, self.lamp_level = lamp, dims, lamp_level
        self._sharpness = sharpness
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._engine_lock = threading.Lock()
        self.booth: PhotoBooth | None = None
        self._prepared: PhotoBooth | None = None
        self._shown: PreviewFrame | None = None
        self.takes: dict[str, Take] = {}
        self.count = 0
        self.shooting = self._watched = False
        self._takes_lock = threading.Lock()

    def warm(self) -> None:
        """Loads the engine ahead of the photo step; safe to call from any thread."""
        with self._engine_lock:
            if self._engine is None:
                self._engine = self._open_engine()

    def engine(self) -> Engine:
        """The engine, loaded once a process."""
        self.warm()
        assert self._engine is not None  # noqa: S101
        return self._engine

    def prepare(self) -> None:
        """Begins to look in the background; `open` then finds it settled."""
        threading.Thread(target=self._prepare, name="photo-prepare", daemon=True).start()

    def _prepare(self) -> None:
        engine = self.engine()
        with self._engine_lock:
            if self._prepared is None and self.booth is None:
                self._prepared = PhotoBooth(engine, self.camera, sharpness=self._sharpness)
                self._prepared.start()

    def open(self) -> PhotoBooth:
        """The prepared booth, or a fresh one. The caller closes it."""
        engine = self.engine()
        with self._engine_lock:
            booth, self._prepared = self._prepared, None
            if booth is None:
                booth = PhotoBooth(engine, self.camera, sharpness=self._sharpness)
                booth.start()
            self.booth = booth
        return booth

    def frame(self) -> PreviewFrame | None:
        """The newest picture for the preview, RGB; None while no preview runs.

        While a picture is taken it stands still: the shot has the machine for itself.
        """
        if self.booth is None and not self._watched:
            return None
        if self.shooting and self._shown is not None:
            return self._shown
        frame = self.camera.latest()
        if frame is None:
            return None
        shown = self._shown
        if shown is None or shown.seq != frame.seq:
            height, width = frame.image.shape[:2]
            rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
            shown = PreviewFrame(frame.seq, frame.stamp, width, height, rgb.tobytes())
            with self._takes_lock:
                self._shown = shown if self.booth is not None or self._watched else None
        return shown

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Shows the preview without a booth that guides and shoots."""
        self._watched = True
        try:
            yield
        finally:
            with self._takes_lock:
                self._watched, self._shown = False, None

    def keep(self, take: Take, booth: PhotoBooth, off: threading.Event) -> Shot:
        """Puts a take among the others, in memory only.

        Raises CancelledError when the shot was called off meanwhile: what comes after the wipe
        must not stay.
        """
        with self._takes_lock:
            if off.is_set() or self.booth is not booth:
                raise CancelledError
            self.count += 1
            name = f"take-{self.count}"
            self.takes[name] = take
            return Shot(name, self.vault.put(name, take.jpeg), take.advice, take.rank)

    def drop_takes(self, but: str = "") -> None:
        """Drops every take and the newest picture; of take `but` only the finished portrait stays.

        The citizen sees it once more before signing, and may come back and pick it again.
        """
        with self._takes_lock:
            self._shown = None
            left = self.vault.get(but) if but else b""
            kept = self.takes.get(but)
            self.takes.clear()
            self.vault.drop("take-")
            if left and kept is not None:
                self.vault.put(but, left)
                bare = replace(kept.portrait, image=_NO_PIXELS)
                self.takes[but] = replace(kept, portrait=bare)

    def drop_take(self, name: str) -> None:
        """Drops one take."""
        with self._takes_lock:
            self.takes.pop(name, None)
            self.vault.remove(name)

    def close(self, booth: PhotoBooth) -> None:
        """Ends the preview."""
        with self._takes_lock:
            self.booth = self._shown = None
        booth.close()

    def forget(self) -> None:
        """Drops every take, and a booth that was prepared and not used."""
        with self._engine_lock:
            unused, self._prepared = self._prepared, None
        if unused is not None:
            unused.close()
        self.drop_takes()


def hint_of(seen: Guidance, now: float, *, busy: bool = False, look_s: float = 0.0) -> Hint | None:
    """What is shown of a guidance at monotonic `now`; None when it is out of date.

    It says something about a frame that is long gone, and the citizen has moved since. A board
    that needs `look_s` for a look gets the time of two and a half, or it could never say anything.
    Guidance that rests on no frame (starting, a camera's own reason) does not age, nor does any
    while a picture is taken (`busy`), because nothing is looked at meanwhile.
    """
    if seen.stamp and not busy and now - seen.stamp > max(STALE_S, 2.5 * look_s):
        return None
    reason = "" if seen.reason == "photo.ok" else seen.reason
    return Hint(reason, seen.remedy, seen.blocks_shutter, seen.picture)


class Light:
    """The photo lamp during one preview; does nothing where none is fitted.

    One that cannot be dimmed is left alone, at full.
    """

    def __init__(self, room: PhotoRoom) -> None:
        self._lamp = room.lamp
        self._control = LampControl(room.lamp_level) if room.dims else None
        self._seq = -1
        self._show(1.0 if self._control is None else self._control.level)

    def follow(self, seen: Seen | None) -> None:
        """Takes in the newest look; one that was taken in already changes nothing."""
        control = self._control
        if control is not None and seen is not None and seen.seq != self._seq:
            self._seq, before = seen.seq, control.level
            if (level := control.see(seen.luminance, seen.over, seen.stamp)) != before:
                self._show(level)

    def out(self) -> None:
        """Puts the lamp out, as the flow does on leaving the step: whoever comes last, it is dark.

        A preview that follows lights it again.
        """
        self._show(0.0)

    def _show(self, level: float) -> None:
        if self._lamp is not None:
            self._lamp(level)


class PreviewAct:
    """Answers `StartPreview`: runs until called off, telling guidance as it changes."""

    takes = (StartPreview,)

    def __init__(self, room: PhotoRoom) -> None:
        self._room = room

    def run(self, command: StartPreview, tell: Tell, off: threading.Event) -> None:
        """Starts a fresh booth and follows it."""
        room = self._room
        room.drop_takes(but=command.keep)
        if command.keep:
            tell("kept", command.keep in room.takes)
        booth, light = room.open(), Light(room)
        live, said = False, None
        try:
            while not off.wait(LOOK_S):
                now = room.camera.health().state is State.READY and room.camera.latest() is not None
                if now != live:
                    live = now
                    tell("live", live)
                light.follow(booth.seen())
                seen, (_looks, look_ms) = booth.guidance(), booth.pace()
                moment = time.monotonic()
                hint = hint_of(seen, moment, busy=room.shooting, look_s=look_ms / 1000.0)
                if hint != said:
                    said = hint
                    tell("guidance", hint)
        finally:
            light.out()
            room.close(booth)

    def cancel(self) -> None:
        """The loop looks at `off` itself."""


class ShootAct:
    """Answers `Shoot`."""

    takes = (Shoot,)

    def __init__(self, room: PhotoRoom) -> None:
        self._room = room

    def run(self, command: Shoot, tell: Tell, off: threading.Event) -> Shot:
        """A take out of the frames already in memory."""
        room = self._room
        booth = room.booth
        if booth is None:
            raise RuntimeError("no preview runs")
        room.shooting = True
        try:
            take = booth.shoot()
        finally:
            room.shooting = False
        return room.keep(take, booth, off)

    def cancel(self) -> None:
        """A shot is over in a tenth of a second; its answer is dropped."""


class KeepTakeAct:
    """Answers `KeepTake`: seals the pick, forgets the rest."""

    takes = (KeepTake,)

    def __init__(self, room: PhotoRoom, sealer: Sealer) -> None:
        self._room, self._sealer = room, sealer

    def run(self, command: KeepTake, tell: Tell, off: threading.Event) -> None:
        """The portrait part, sealed; only its picture stays to be seen on the screen."""
        take = self._room.takes[command.take]
        self._sealer.seal(Part.PORTRAIT, portrait_part(take, command, self._room.engine()))
        self._room.drop_takes(but=command.take)

    def cancel(self) -> None:
        """Over at once."""

    def drop(self, name: str) -> None:
        """Forgets one take."""
        self._room.drop_take(name)


def portrait_part(take: Take, command: KeepTake, engine: Any) -> PortraitPart:
    """The record of a take."""
    portrait = take.portrait
    return PortraitPart(
        jpeg=portrait.jpeg,
        sha256=hashlib.sha256(portrait.jpeg).hexdigest(),
        jpeg_quality=portrait.quality,
        take_no=int(command.take.rpartition("-")[2]),
        takes=command.takes,
        face_width_px=round(portrait.face_width_px, 1),
        top_px=round(portrait.top_px, 1),
        eye_line_px=round(portrait.eye_line_px, 1),
        verdict=take.advice or "photo.ok",
        engine=getattr(engine, "name", type(engine).__name__),
    )

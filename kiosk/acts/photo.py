# SPDX-License-Identifier: Apache-2.0
"""Preview with guidance, shots, and the pick sealed to the counter."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import cv2

from drivers.camera import Camera
from drivers.health import State
from idcard.records import Part, PortraitPart
from kiosk.commands import KeepTake, Shoot, StartPreview
from kiosk.facts import Hint, Shot
from kiosk.head import PreviewFrame
from kiosk.lane import Tell
from kiosk.photo.booth import PhotoBooth, Take
from kiosk.photo.engine import Engine
from kiosk.sealer import Sealer
from kiosk.vault import Vault

LOOK_S = 0.05  # how often the newest guidance is looked at


class PhotoRoom:
    """The photo step's devices, shared by its acts: camera, engine, takes."""

    def __init__(self, camera: Camera, open_engine: Callable[[], Engine], vault: Vault) -> None:
        self.camera, self.vault = camera, vault
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._engine_lock = threading.Lock()
        self.booth: PhotoBooth | None = None
        self._prepared: PhotoBooth | None = None
        self._shown: PreviewFrame | None = None
        self.takes: dict[str, Take] = {}
        self.count = 0

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
                self._prepared = PhotoBooth(engine, self.camera)
                self._prepared.start()

    def open(self) -> PhotoBooth:
        """The prepared booth, or a fresh one. The caller closes it."""
        engine = self.engine()
        with self._engine_lock:
            booth, self._prepared = self._prepared, None
            if booth is None:
                booth = PhotoBooth(engine, self.camera)
                booth.start()
            self.booth = booth
        return booth

    def frame(self) -> PreviewFrame | None:
        """The newest picture for the preview, RGB; None while no preview runs."""
        if self.booth is None:
            return None
        frame = self.camera.latest()
        if frame is None:
            return None
        shown = self._shown
        if shown is None or shown.seq != frame.seq:
            height, width = frame.image.shape[:2]
            rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
            shown = PreviewFrame(frame.seq, frame.stamp, width, height, rgb.tobytes())
            self._shown = shown
        return shown

    def drop_takes(self) -> None:
        """Drops every take and the newest picture."""
        self._shown = None
        self.takes.clear()
        self.vault.drop("take-")

    def forget(self) -> None:
        """Drops every take, and a booth that was prepared and not used."""
        with self._engine_lock:
            unused, self._prepared = self._prepared, None
        if unused is not None:
            unused.close()
        self.drop_takes()


class PreviewAct:
    """Answers `StartPreview`: runs until called off, telling guidance as it changes."""

    takes = (StartPreview,)

    def __init__(self, room: PhotoRoom) -> None:
        self._room = room

    def run(self, command: StartPreview, tell: Tell, off: threading.Event) -> None:
        """Starts a fresh booth and follows it."""
        room = self._room
        room.drop_takes()
        booth = room.open()
        live, said = False, ("", "")
        try:
            while not off.wait(LOOK_S):
                now = room.camera.health().state is State.READY and room.camera.latest() is not None
                if now != live:
                    live = now
                    tell("live", live)
                seen = booth.guidance()
                if (seen.reason, seen.remedy) != said:
                    said = (seen.reason, seen.remedy)
                    passes = seen.reason == "photo.ok"
                    icon = seen.direction or seen.reason.rpartition(".")[2]
                    tell(
                        "guidance",
                        Hint("" if passes else seen.reason, seen.remedy, seen.blocks_shutter, icon),
                    )
        finally:
            room.booth = None
            booth.close()

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
        take = booth.shoot()
        room.count += 1
        name = f"take-{room.count}"
        room.takes[name] = take
        return Shot(name, room.vault.put(name, take.jpeg), take.advice, take.rank)

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
        chosen = self._room.vault.get(command.take)
        self._room.drop_takes()
        self._room.vault.put(command.take, chosen)

    def cancel(self) -> None:
        """Over at once."""

    def drop(self, name: str) -> None:
        """Forgets one take."""
        self._room.takes.pop(name, None)
        self._room.vault.drop(name)


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

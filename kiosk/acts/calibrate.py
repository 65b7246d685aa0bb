# SPDX-License-Identifier: Apache-2.0
"""Judges the empty wall or the seat while staff set the photo booth up, and keeps the figures."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from drivers.errors import AskStaffError
from drivers.health import State
from kiosk.acts.photo import PhotoRoom
from kiosk.commands import CheckCamera, KeepCalibration
from kiosk.lane import Tell
from kiosk.photo.calibration import Calibration, CalibrationError
from kiosk.photo.calibration_checks import FRAMES, SeatCheck, WallCheck, measure_seat, measure_wall
from kiosk.photo.faces import Image

LOOK_S = 0.1
SOON_S = 5.0  # a camera that ran a moment ago has new pictures by then


class CalibrateAct:
    """Answers `CheckCamera` and `KeepCalibration`.

    CheckCamera runs until called off. KeepCalibration measures fresh pictures once more and keeps
    the record when they are good. `path` is this booth's record, `source` the setting that names
    its camera, `now` the time with its offset.
    """

    takes = (CheckCamera, KeepCalibration)

    def __init__(
        self, room: PhotoRoom, path: Path, source: str, now: Callable[[], datetime]
    ) -> None:
        self._room, self._path, self._source, self._now = room, path, source, now

    def run(
        self, command: CheckCamera | KeepCalibration, tell: Tell, off: threading.Event
    ) -> str | None:
        """One after the other: the engine serves one thread."""
        if isinstance(command, KeepCalibration):
            return self._keep(command, off)
        self._check(command, tell, off)
        return None

    def cancel(self) -> None:
        """The loop looks at `off` itself; a measurement is over in a moment."""

    def _check(self, command: CheckCamera, tell: Tell, off: threading.Event) -> None:
        """Tells whether there is a picture, and each change of the verdict, until called off.

        First of all whether the photo lamp can be dimmed.
        """
        room = self._room
        tell("dims", room.dims)
        live, said = False, None
        recent: deque[Image] = deque(maxlen=FRAMES)
        seq = -1
        with room.watching():
            while not off.wait(LOOK_S):
                health, frame = room.camera.health(), room.camera.latest()
                if (here := health.state is State.READY and frame is not None) != live:
                    live = here
                    tell("live", live)
                if health.state is State.ILL:
                    reason = health.reason
                elif frame is None or frame.seq == seq:
                    continue
                else:
                    seq = frame.seq
                    recent.append(frame.image)
                    if len(recent) < FRAMES:
                        continue
                    reason = self._judge(command.what, list(recent)).reason
                if reason != said:
                    said = reason
                    tell("checked", reason)

    def _keep(self, command: KeepCalibration, off: threading.Event) -> str:
        """One more measurement, of fresh pictures; kept when it is good. Its reason, or "".

        Raises AskStaffError: the camera's own reason, or the record cannot be written.
        """
        frames = self._fresh(off)
        found = self._judge(command.what, frames)
        if not found.good:
            return found.reason
        try:
            kept = Calibration.load(self._path)
        except CalibrationError:
            kept = Calibration.default()  # what cannot be used is measured anew
        height, width = frames[0].shape[:2]
        made = kept.of(self._source, width, height, self._now())
        if isinstance(found, WallCheck):
            made = made.with_wall(found, command.lamp)
        else:
            made = made.with_seat(found)
        try:
            made.save(self._path)
        except CalibrationError:
            raise AskStaffError("calibration.not_kept") from None
        return ""

    def _judge(self, what: str, frames: list[Image]) -> WallCheck | SeatCheck:
        if what == "wall":
            return measure_wall(frames[-1])
        engine = self._room.engine()
        return measure_seat(frames, lambda image: engine.look(image, None, sweep=True))

    def _fresh(self, off: threading.Event) -> list[Image]:
        camera, images, seq = self._room.camera, list[Image](), -1
        end = time.monotonic() + SOON_S
        while len(images) < FRAMES:
            frame = camera.latest()
            if frame is not None and frame.seq != seq:
                seq = frame.seq
                images.append(frame.image)
            elif time.monotonic() > end or off.wait(0.01):
                raise AskStaffError(camera.health().reason or "camera.silent")
        return images

# SPDX-License-Identifier: Apache-2.0
"""The photo booth: guidance all the time, a portrait when asked.

One thread owns the engine; everything the engine does happens there. `shoot` hands it the frames
that are already in memory and waits for the result.
"""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from drivers.camera import Frame
from drivers.errors import AskAgainError, BoothError, CancelledError, OutOfServiceError
from drivers.health import Health, State
from kiosk.photo import jpeg, take, verdict
from kiosk.photo.engine import Engine
from kiosk.photo.guide import STARTING, Guidance, guidance_for
from kiosk.photo.guide_pace import threads_for
from kiosk.photo.guide_watch import Seen, Watch
from kiosk.photo.profile import PROFILES, Profile
from kiosk.photo.take import Take
from kiosk.photo.verdict import Limits

__all__ = ["BURST", "Camera", "PhotoBooth", "Take"]

BURST = 5
"""Frames of a shot, the newest at the press."""
_SHOT_S = 0.35  # no frame of a shot is older
_STALE_S = 1.0  # without a new frame for so long there is no picture
_SHOOT_S = 10.0


class Camera(Protocol):
    """What is needed of `drivers.camera.Camera`."""

    def latest(self) -> Frame | None:
        """The newest frame."""
        ...

    def burst(self, n: int = 6) -> list[Frame]:
        """The newest frames in memory, oldest first."""
        ...

    def health(self) -> Health:
        """How fit it is."""
        ...


@dataclass(slots=True)
class _Shot:
    frames: list[Frame]
    done: "Future[Take]"


class PhotoBooth:
    """Watches the camera from `start` to `close`. Methods may be called from any thread.

    Args:
        engine: used by the booth's own thread alone once it has started.
        camera: where frames come from.
        profile: what portraits must fulfil.
        limits: where advice begins; None takes the start values.
        sharpness: the booth's calibrated sharpness (`measures.PREVIEW_PX`); None compares with the
            person's own usual one.
        clock: monotonic seconds, the camera's stamps among them.
    """

    def __init__(
        self,
        engine: Engine,
        camera: Camera,
        *,
        profile: str | Profile = "ga461_2004",
        limits: Limits | None = None,
        sharpness: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._camera, self._clock = engine, camera, clock
        self._profile = PROFILES[profile] if isinstance(profile, str) else profile
        self._limits = limits or Limits(
            face_width=self._profile.face_width / self._profile.face_width_factor
        )
        self._wake = threading.Condition()
        self._shots: deque[_Shot] = deque()
        self._closed = False
        self._guidance = guidance_for(STARTING, blocks=True)
        self._seen: Seen | None = None
        self._recent: deque[Frame] = deque(maxlen=BURST)
        self._looks = 0
        self._look_ms = 0.0
        self._watcher = Watch(engine, self._profile, self._limits, sharpness=sharpness, clock=clock)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to look. Call once; the engine must not be used elsewhere from here on."""
        cv2.setNumThreads(threads_for(os.cpu_count() or 1))
        self._thread = threading.Thread(target=self._run, name="photo-booth", daemon=True)
        self._thread.start()

    def guidance(self) -> Guidance:
        """The newest guidance; its `seq` and `stamp` name the frame it was made from.

        It may be old: whoever shows it looks at the stamp (`kiosk.acts.photo.hint_of`).
        """
        with self._wake:
            return self._guidance

    def seen(self) -> Seen | None:
        """The newest look; None before the first one."""
        with self._wake:
            return self._seen

    def pace(self) -> tuple[int, float]:
        """How many frames were looked at, and how long the last one took in milliseconds."""
        with self._wake:
            return self._looks, self._look_ms

    def shoot(self) -> Take:
        """Makes a take from the frames already in memory; blocks for about 0.1 s.

        Raises:
            AskAgainError: a reason of `verdict.BLOCKING` (``photo.no_face`` ...): no whole portrait
                of one person can be cut.
            OutOfServiceError: the camera's own reason when it gives no picture.
            CancelledError: the booth was closed meanwhile.
        """
        frames = self._frames()
        health, now = self._camera.health(), self._clock()
        frames = [frame for frame in frames if now - frame.stamp <= _STALE_S]
        if health.state is State.ILL or not frames:  # a frozen camera still gives pictures
            raise OutOfServiceError(health.reason or "camera.silent")
        shot = _Shot(frames, Future())
        with self._wake:
            if self._closed or self._thread is None or not self._thread.is_alive():
                raise CancelledError
            self._shots.append(shot)
            self._wake.notify_all()
        try:
            return shot.done.result(timeout=_SHOOT_S)
        except FutureCancelled:
            raise CancelledError from None
        except FutureTimeout:
            raise OutOfServiceError("camera.silent", "analysis did not answer") from None

    def _frames(self) -> list[Frame]:
        """The frames of a shot, oldest first: those looked at a moment ago, and the newest.

        They are chosen for what is known of them already. A board that looks too seldom has too
        few of them; then the camera's own last ones are taken.
        """
        newest = self._camera.latest()
        if newest is None:
            return []
        with self._wake:
            seen = [frame for frame in self._recent if newest.stamp - frame.stamp <= _SHOT_S]
        if len(seen) < BURST - 1:
            return self._camera.burst(BURST)
        return seen if seen[-1].seq >= newest.seq else [*seen[1 - BURST :], newest]

    def close(self) -> None:
        """Stops looking and forgets everything seen; safe to call twice."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    # -- the thread that owns the engine ----------------------------------------------------------

    def _run(self) -> None:
        try:
            self._watch()
        finally:  # also when a mistake of ours ends it: nobody may wait for an answer in vain
            with self._wake:
                self._closed = True
                for shot in self._shots:
                    shot.done.cancel()
                self._shots.clear()
                self._recent.clear()
                self._seen = None
            self._watcher.begin_anew()

    def _watch(self) -> None:
        # The first encoding of a process takes 50 ms longer: not at the citizen's first picture.
        jpeg.encode(
            np.zeros((self._profile.height, self._profile.width, 3), np.uint8), self._profile
        )
        watcher, last_seq, next_at = self._watcher, -1, self._clock()
        while True:
            with self._wake:
                while not self._closed and not self._shots and self._clock() < next_at:
                    self._wake.wait(next_at - self._clock())
                if self._closed:
                    return
                shot = self._shots.popleft() if self._shots else None
            if shot is not None:
                self._answer(shot)
                continue
            begun = self._clock()
            frame = self._camera.latest()
            health = self._camera.health()
            stale = frame is None or begun - frame.stamp > _STALE_S
            if stale or health.state is State.ILL:
                self._lost(health)
                next_at = begun + 0.05
            elif frame is None or frame.seq == last_seq:
                next_at = begun + 0.005
            else:
                last_seq = frame.seq
                # A mesh without extent, which OpenCV refuses: nothing to say about this frame.
                with contextlib.suppress(ValueError, cv2.error):
                    self._publish(watcher.see(frame), frame)
                took = self._clock() - begun
                with self._wake:
                    self._looks, self._look_ms = self._looks + 1, took * 1000.0
                next_at = begun + watcher.pace.looked(took)

    def _publish(self, guidance: Guidance, frame: Frame) -> None:
        with self._wake:
            self._guidance = replace(guidance, seq=frame.seq, stamp=frame.stamp)
            self._seen = self._watcher.newest()
            self._recent.append(frame)

    def _lost(self, health: Health) -> None:
        reason = health.reason if health.state is State.ILL else ""
        if reason:
            self._watcher.begin_anew()
            with self._wake:
                self._recent.clear()
                self._guidance = guidance_for(reason, blocks=True)
        else:
            self._watcher.person.face = None

    def _answer(self, shot: _Shot) -> None:
        if not shot.done.set_running_or_notify_cancel():
            return
        try:
            made = take.make(self._watcher, self._engine, self._profile, self._limits, shot.frames)
            shot.done.set_result(made)
        except BoothError as refused:
            shot.done.set_exception(refused)
        except (ValueError, cv2.error):
            shot.done.set_exception(AskAgainError(verdict.NO_FACE))

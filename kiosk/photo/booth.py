# SPDX-License-Identifier: Apache-2.0
"""The photo booth: guidance all the time, a portrait when asked.

One thread owns the engine; everything the engine does happens there. `shoot` hands it the frames
that are already in memory and waits for the result.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from statistics import median
from typing import Protocol

import cv2
import numpy as np

from drivers.camera import Frame
from drivers.errors import AskAgainError, BoothError, CancelledError, OutOfServiceError
from drivers.health import Health, State
from kiosk.photo import background, burst, crop, jpeg, measures, verdict
from kiosk.photo.crop import Portrait
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Face
from kiosk.photo.guide import STARTING, Guidance, Guide, guidance_for
from kiosk.photo.profile import PROFILES, Profile
from kiosk.photo.verdict import Limits, Sight, Verdict

BURST = 6
_RATE_MOST = 15.0  # looks a second
_REST = 1.5  # the next look begins no earlier than this many durations of the last one
_SWEEP_EVERY = 4  # looks between searches for bystanders
_EYES_EVERY = 4
_HAIR_S = 1.0
_HISTORY = 60
_ENOUGH = 10  # values before a person's own median counts
_STALE_S = 1.0
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


@dataclass(frozen=True, slots=True)
class Take:
    """One picture taken.

    `advice` is a reason key, "" when nothing is to be said. `rank` orders takes for the proposal,
    higher is better, never shown. `stamp` is the monotonic time of the chosen frame, seconds.
    """

    portrait: Portrait
    verdict: Verdict
    advice: str
    rank: float
    size: tuple[int, int]
    seq: int
    stamp: float

    @property
    def jpeg(self) -> bytes:
        """The portrait's file."""
        return self.portrait.jpeg


@dataclass(slots=True)
class _Shot:
    frames: list[Frame]
    done: "Future[Take]"


class PhotoBooth:
    """Watches the camera from `start` to `close`. Methods may be called from any thread."""

    def __init__(
        self,
        engine: Engine,
        camera: Camera,
        *,
        profile: str | Profile = "ga461_2004",
        limits: Limits | None = None,
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
        self._looks = 0
        self._look_ms = 0.0
        self._person = _Person()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to look. Call once; the engine must not be used elsewhere from here on."""
        self._thread = threading.Thread(target=self._run, name="photo-booth", daemon=True)
        self._thread.start()

    def guidance(self) -> Guidance:
        """The newest guidance; its `seq` and `stamp` name the frame it was made from."""
        with self._wake:
            return self._guidance

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
        frames = self._camera.burst(BURST)
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

    def _watch(self) -> None:
        # The first encoding of a process takes 50 ms longer: not at the citizen's first picture.
        jpeg.encode(
            np.zeros((self._profile.height, self._profile.width, 3), np.uint8), self._profile
        )
        guide, last_seq, next_at = Guide(self._limits), -1, self._clock()
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
                guide = self._lost(guide, health)
                next_at = begun + 0.05
            elif frame is None or frame.seq == last_seq:
                next_at = begun + 0.005
            else:
                last_seq = frame.seq
                # A mesh without extent, which OpenCV refuses: nothing to say about this frame.
                with contextlib.suppress(ValueError, cv2.error):
                    self._publish(self._see(guide, frame), frame)
                took = self._clock() - begun
                with self._wake:
                    self._looks, self._look_ms = self._looks + 1, took * 1000.0
                next_at = begun + max(1.0 / _RATE_MOST, _REST * took)

    def _publish(self, guidance: Guidance, frame: Frame) -> None:
        with self._wake:
            self._guidance = replace(guidance, seq=frame.seq, stamp=frame.stamp)

    def _lost(self, guide: Guide, health: Health) -> Guide:
        reason = health.reason if health.state is State.ILL else ""
        self._person.face = None
        with self._wake:
            if reason:
                self._guidance = guidance_for(reason, blocks=True)
        return Guide(self._limits) if reason else guide

    def _see(self, guide: Guide, frame: Frame) -> Guidance:
        person, image = self._person, frame.image
        person.looks += 1
        look = self._engine.look(image, person.face, sweep=person.looks % _SWEEP_EVERY == 0)
        if look.face is None:
            person.lost(frame.stamp)
            return guide.feed(Sight(look), frame.stamp)
        person.seen(frame.stamp)
        face = person.face = look.face
        figures = measures.measure(image, face, measures.PREVIEW_PX)
        person.sharpness.append(figures.values.get("sharpness", 0.0))
        if person.looks % _EYES_EVERY == 0 or person.eyes_low:
            person.measured(self._engine.eye_openness(image, face), self._limits)
        if frame.stamp - person.hair_at >= _HAIR_S:
            person.hair_at = frame.stamp
            hair = crop.hair_row(image, face, self._engine, self._profile)
            person.hair = None if hair is None else hair / face.width
        hair = None if person.hair is None else person.hair * face.width
        place = crop.placement(face, hair, self._profile)
        missing = crop.leaves(place, look.width, look.height)
        sight = verdict.sight_of(look, figures.with_openness(person.openness), missing)
        sight = replace(
            sight,
            usual_openness=person.usual_openness(),
            usual_sharpness=person.usual_sharpness(),
        )
        return guide.feed(sight, frame.stamp)

    def _answer(self, shot: _Shot) -> None:
        if not shot.done.set_running_or_notify_cancel():
            return
        try:
            shot.done.set_result(self._take(shot.frames))
        except BoothError as refused:
            shot.done.set_exception(refused)
        except (ValueError, cv2.error):
            shot.done.set_exception(AskAgainError(verdict.NO_FACE))

    def _take(self, frames: Sequence[Frame]) -> Take:
        person, engine = self._person, self._engine
        found = burst.examine(engine, [frame.image for frame in frames], person.face)
        if not found:
            raise AskAgainError(verdict.NO_FACE)
        best = burst.ranked(found, person.usual_openness(), self._limits)[0]
        frame = frames[best.index]
        look = engine.look(frame.image, best.face, sweep=True, refine=True)
        if look.face is None:
            raise AskAgainError(verdict.NO_FACE)
        figures = measures.measure(frame.image, look.face, measures.STILL_PX)
        sight = verdict.sight_of(look, figures.with_openness(best.openness))
        # Whether it is large enough and whole is decided by the crop itself.
        limits = replace(self._limits, face_width=0.0)
        first = verdict.judge(sight, limits)
        if first.blocks:
            raise AskAgainError(first.reason_key)
        portrait = crop.portrait(frame.image, look, engine, self._profile)
        mask = engine.person(portrait.image)
        mask = background.person_by_fill(portrait.image) if mask is None else mask
        wall = background.wall_of(portrait.image, mask)
        sight = replace(sight, wall=wall, usual_openness=person.usual_openness())
        judged = verdict.judge(sight, limits)
        return Take(
            portrait,
            judged,
            "" if judged.ok else judged.reason_key,
            _rank(judged, best, person.usual_openness()),
            (self._profile.width, self._profile.height),
            frame.seq,
            frame.stamp,
        )


class _Person:
    """What was learnt about whoever sits there: their own medians, the height of their hair."""

    def __init__(self) -> None:
        self.face: Face | None = None
        self.looks = 0
        self.hair: float | None = None  # above the eyes / face width
        self.hair_at = float("-inf")
        self.openness: float | None = None
        self.eyes_low = False
        self.eyes: deque[float] = deque(maxlen=_HISTORY)
        self.sharpness: deque[float] = deque(maxlen=_HISTORY)
        self._gone_since: float | None = None

    def lost(self, t: float) -> None:
        """No face at `t`; after two seconds the next one may be another person."""
        self.face = None
        self._gone_since = t if self._gone_since is None else self._gone_since
        if t - self._gone_since > 2.0:
            self.eyes.clear()
            self.sharpness.clear()
            self.hair, self.hair_at, self.openness, self.eyes_low = None, float("-inf"), None, False

    def seen(self, t: float) -> None:
        """A face at `t`."""
        self._gone_since = None

    def measured(self, openness: float | None, limits: Limits) -> None:
        """A new figure of the eyes; a low one is looked at again at once, it may be a blink."""
        self.openness = openness
        if openness is None:
            return
        self.eyes_low = openness < max(
            limits.eyes_floor, limits.eyes_share * (self.usual_openness() or 0.0)
        )
        if not self.eyes_low:
            self.eyes.append(openness)

    def usual_openness(self) -> float | None:
        """Their median, None before there are enough values."""
        return median(self.eyes) if len(self.eyes) >= _ENOUGH else None

    def usual_sharpness(self) -> float | None:
        """Their median, None before there are enough values."""
        return median(self.sharpness) if len(self.sharpness) >= _ENOUGH else None


def _rank(judged: Verdict, best: burst.Candidate, usual: float | None) -> float:
    scores = [judged.scores[key] for key in ("luminance", "illumination", "mouth", "over")
              if key in judged.scores]  # fmt: skip
    mean = sum(scores) / (100.0 * len(scores)) if scores else 0.0
    open_share = min(best.openness / usual, 1.0) if best.openness and usual else 1.0
    return mean + open_share - len(judged.reasons) + best.sharpness - best.motion

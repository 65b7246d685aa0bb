# SPDX-License-Identifier: Apache-2.0
"""The camera: newest pictures out of a child process that may hang, and is replaced when it does.

A picture is never asked for: the child keeps the last ones in shared memory all the time, so the
newest is at hand in a fraction of a millisecond and a shot needs no mode change.
"""

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.camera_child import CameraChild
from drivers.health import Health, State
from firmware_io.links.video import AUTO, TURNS, Exit, Frame, FrameRing, Wish

__all__ = ["Camera", "Frame", "is_slow"]

_STALE_S = 1.0  # older pictures are not given out
_QUIET_S = 0.85  # without a new picture: not answering, so that it is told within a second
_FROZEN_S = 0.8  # of identical pictures
_PROOF = 2  # pictures after the first that must differ before a frozen camera counts as well
_SICK_RESTART_S = 4.0  # of frozen or torn pictures, then a fresh child
_OPEN_S = 2.0  # a camera may need so long from being asked to its first picture
_OPEN_RESTART_S = 6.0  # after that its child is replaced
_START_S = 40.0  # and so long a child may need until it asks: a slow board, a busy disk
_SLOW_WINDOW_S, _SLOW_GAP_S, _SLOW_COUNT = 0.9, 0.25, 4
_BACK_OFF_S = (1.0, 2.0, 5.0, 10.0)
_STEADY_S = 5.0  # of good pictures, then back-off begins anew
_TICK_S = 0.05  # between two looks while something is under way or amiss
_EASY_S = 0.4  # while pictures come steadily, or there is no camera
_BRISK_S = 0.15  # the newest picture is younger while they come steadily
_LATE_S = 0.35  # the watch itself did not run: the machine stood still, not the camera
_REASONS = {
    Exit.STOPPED: "camera.silent",
    Exit.ABSENT: "camera.absent",
    Exit.FORMAT: "camera.format",
    Exit.SILENT: "camera.silent",
    Exit.BUSY: "camera.busy",
    Exit.DENIED: "camera.denied",
    Exit.AMBIGUOUS: "camera.ambiguous",
    Exit.SLOW: "camera.slow",
    Exit.TORN: "camera.torn",
    Exit.SMALL: "camera.small",
}


def is_slow(stamps: Sequence[float], now: float) -> bool:
    """Whether pictures with these capture times (seconds, rising) come too slowly to be of use.

    That is fewer than 4 in the last 0.9 s with two gaps of more than 0.25 s, the one up to `now`
    counted: one stall alone is none, and silence is another matter.
    """
    last = [stamp for stamp in stamps if now - stamp <= _SLOW_WINDOW_S]
    edges = [*stamps[-len(last) - 1 :], now] if last else []
    gaps = sum(b - a > _SLOW_GAP_S for a, b in itertools.pairwise(edges))
    return 0 < len(last) < _SLOW_COUNT and gaps >= 2


class Camera:
    """Starts and watches the child. All methods may be called from any thread.

    `on_change` is called in the watching thread each time `health` says another word than before;
    set it before `start`, and let it return at once.

    Args:
        source: a V4L2 device (best by a stable name under /dev/v4l), a video file, a pipe of JPEG
            pictures, or ``auto`` for the only camera of the machine.
        width: pixels asked of a device, and the largest picture accepted (4:3 may be higher).
        height: see `width`.
        fps: frames a second asked of a device.
        turn: degrees clockwise (0, 90, 180, 270) that make its pictures upright; `latest` and
            `burst` give them turned.
        least: the smallest upright width and height that serve; smaller is ``camera.small``.

    Raises:
        ValueError: `turn` is none of the four.
    """

    def __init__(
        self,
        source: str,
        *,
        width: int = 1280,
        height: int = 720,
        fps: float = 30.0,
        turn: int = 0,
        least: tuple[int, int] = (1, 1),
    ) -> None:
        if turn not in TURNS:
            raise ValueError(f"a camera is turned by one of {TURNS} degrees")
        self._wish = Wish(source, width, height, fps, turn, least)
        self.on_change: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._host: CameraChild | None = None
        self._ring: FrameRing | None = None
        self._health = Health("camera", State.BUSY, detail="starting")
        self._seq = 0
        self._stamps: deque[float] = deque(maxlen=64)
        self._good_since = self._sick_since = 0.0
        self._failures = 0
        self._retry_at = self._patient_until = 0.0
        self._node: tuple[int, ...] = ()  # what lay at the path when it was opened last
        self._told: tuple[object, ...] = ()  # what the detail of a ready camera was made of

    def start(self) -> None:
        """Starts the watch, which starts the child. Returns at once; see `health`."""
        if self._thread is None:
            # A daemon: the end of a visit is the end of the process, whatever a driver does.
            self._thread = threading.Thread(target=self._watch, name="camera", daemon=True)
            self._thread.start()

    def health(self) -> Health:
        """How fit it is. Ready, its detail is size, format and announced rate.

        Ill, its reason is ``camera.`` with absent, ambiguous, busy, denied, format, frozen, silent,
        slow, small or torn.
        """
        with self._lock:
            return self._health

    def latest(self) -> Frame | None:
        """A copy of the newest frame; None when there is none of the last second."""
        ring = self._ring
        frame = ring.latest() if ring else None
        return frame if frame and time.monotonic() - frame.stamp <= _STALE_S else None

    def burst(self, n: int = 6) -> list[Frame]:
        """Copies of the up to `n` (at most 8) newest frames of the last second, oldest first."""
        ring, now = self._ring, time.monotonic()
        frames = ring.burst(n) if ring else []
        return [frame for frame in frames if now - frame.stamp <= _STALE_S]

    def close(self) -> None:
        """Ends child and watch; safe to call twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
        self._ring = None

    # -- the watch --------------------------------------------------------------------------------

    def _watch(self) -> None:
        last, pause = time.monotonic(), _TICK_S
        try:
            while not self._stop.wait(pause):
                now = time.monotonic()
                if now - last > pause + _LATE_S:  # the child may have stood still as we did
                    self._patient_until = now + _LATE_S
                last = now
                if self._host is None:
                    self._revive(now)
                elif not self._there():
                    self._fail("camera.absent", now)
                elif (ended := self._host.ended()) is not None:
                    trouble = self._host.ring.trouble if ended is Exit.SILENT else None
                    self._fail(_REASONS[trouble or ended], now)
                elif self._host.seen:
                    self._check(self._host, now)
                else:
                    self._await_first(self._host, now)
                pause = self._pause_s()
        finally:
            self._end()

    def _pause_s(self) -> float:
        """How long nothing can happen that a look sooner would tell sooner, but for lost nodes."""
        host = self._host
        if host is None:
            return _EASY_S if self.health().reason == "camera.absent" else _TICK_S
        steady = (
            host.seen
            and self.health().state is State.READY
            and time.monotonic() - host.ring.stamp_of(host.ring.newest) < _BRISK_S
            and not host.ring.unchanged_since
        )
        return _EASY_S if steady else _TICK_S

    def _there(self) -> tuple[int, ...]:
        """What lies at the path, as numbers that differ once it was plugged in anew; () nothing."""
        try:
            if self._wish.source == AUTO:
                return tuple(node.stat().st_ino for node in Path("/dev").glob("video[0-9]*"))
            found = os.stat(self._wish.source)
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_rdev

    def _revive(self, now: float) -> None:
        node = self._there()
        if not node:
            self._node = ()
            self._say("camera.absent")
            return
        if node == self._node and now < self._retry_at:
            return  # plugged in again there is no reason to wait
        self._node = node
        try:
            self._host = CameraChild(self._wish, self._seq + 1)
        except OSError:
            self._fail("camera.silent", now)
            return
        self._ring = self._host.ring
        self._stamps.clear()
        self._good_since = self._sick_since = 0.0

    def _await_first(self, host: CameraChild, now: float) -> None:
        trouble, asked = host.ring.trouble, host.ring.asked
        if asked and now - asked > (_QUIET_S if trouble else _OPEN_S):
            self._say(_REASONS[trouble or Exit.SILENT])
        if now - (asked or host.started) > (_OPEN_RESTART_S if asked else _START_S):
            self._fail(_REASONS[trouble or Exit.SILENT], now)

    def _check(self, host: CameraChild, now: float) -> None:
        ring = host.ring
        newest = ring.newest
        fresh = range(max(self._seq + 1, newest - 7, host.first), newest + 1)
        self._stamps.extend(stamp for seq in fresh if (stamp := ring.stamp_of(seq)))
        self._seq = max(self._seq, newest)
        stamp = ring.stamp_of(newest)
        if not stamp or now < self._patient_until:
            return  # the writer has just moved on: the next tick sees it
        trouble = ring.trouble
        if now - stamp > _QUIET_S and trouble is None:
            self._fail("camera.silent", now)
        elif now - stamp > _QUIET_S:
            self._sick(_REASONS[trouble or Exit.TORN], now)
        elif ring.unchanged_since and now - ring.unchanged_since > _FROZEN_S:
            self._sick("camera.frozen", now)
        elif is_slow(tuple(self._stamps), now):
            self._say("camera.slow")
        elif self._believable(host, newest, now):
            self._good(host, newest, now)

    def _believable(self, host: CameraChild, newest: int, now: float) -> bool:
        """Whether pictures that look well now make an ill camera well."""
        reason = self.health().reason
        if reason == "camera.frozen":  # a fresh child's first picture proves nothing
            return not host.ring.unchanged_since and newest >= host.first + _PROOF
        if reason == "camera.slow":
            return sum(now - stamp <= _SLOW_WINDOW_S for stamp in self._stamps) > _SLOW_COUNT
        return True

    def _good(self, host: CameraChild, newest: int, now: float) -> None:
        self._sick_since = 0.0
        self._good_since = self._good_since or now
        if now - self._good_since > _STEADY_S:
            self._failures = 0
        ring = host.ring
        facts = (*ring.size_of(newest), ring.kind, ring.period)
        if facts == self._told and self.health().state is State.READY:
            return
        self._told = facts
        width, height, kind, period = facts
        rate = f"{1.0 / period:.0f} a second" if period else "rate unknown"
        self._note(Health.ready("camera", f"{width}x{height} {kind}, {rate}"))

    def _sick(self, reason: str, now: float) -> None:
        """Pictures come and are of no use: told, and after a while a fresh child may help."""
        self._good_since = 0.0
        self._sick_since = self._sick_since or now
        self._say(reason)
        if now - self._sick_since > _SICK_RESTART_S:
            self._fail(reason, now)

    def _fail(self, reason: str, now: float) -> None:
        self._say(reason)  # before: a hung child may take a second to go
        self._end()
        self._retry_at = now + _BACK_OFF_S[min(self._failures, len(_BACK_OFF_S) - 1)]
        self._failures += 1

    def _say(self, reason: str) -> None:
        if self.health().reason != reason:
            self._note(Health.ill("camera", reason))

    def _note(self, health: Health) -> None:
        with self._lock:
            news, self._health = self._health != health, health
        if news:
            self.on_change()

    def _end(self) -> None:
        host, self._host, self._ring = self._host, None, None
        if host is not None:
            self._seq = max(self._seq, host.ring.newest)
            host.end()

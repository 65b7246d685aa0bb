# SPDX-License-Identifier: Apache-2.0
"""The camera: newest pictures out of a child process that may hang, and is replaced when it does.

A picture is never asked for: the child keeps the last ones in shared memory all the time, so the
newest is at hand in a fraction of a millisecond and a shot needs no mode change.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from drivers.health import Health, State
from firmware_io.links.video import Exit, Frame, FrameRing, create_memory
from firmware_io.links.video import __file__ as video_file

__all__ = ["Camera", "Frame"]

_QUIET_S = 1.0  # without a new picture: not answering
_FROZEN_S = 1.0  # of identical pictures
_PROOF = 2  # pictures after the first that must differ before a frozen camera counts as well
_FROZEN_RESTART_S = 4.0
_START_S = 6.0  # a child may need so long for its first picture
_BACK_OFF_S = (1.0, 2.0, 5.0, 10.0)
_STEADY_S = 5.0  # of good pictures, then back-off begins anew
_TICK_S = 0.05
_REASONS = {
    Exit.ABSENT: "camera.absent",
    Exit.FORMAT: "camera.format",
    Exit.SILENT: "camera.silent",
}


@dataclass(slots=True)
class _Host:
    """One child with its ring."""

    process: "subprocess.Popen[bytes]"
    ring: FrameRing
    first: int
    started: float
    since: float = 0.0  # good pictures since


class Camera:
    """Starts and watches the child. All methods may be called from any thread.

    Args:
        source: a V4L2 device, a video file or a pipe of JPEG pictures.
        width: pixels asked of a device, and the largest picture accepted.
        height: see `width`.
        fps: frames a second asked of a device.
    """

    def __init__(
        self, source: str, *, width: int = 1280, height: int = 720, fps: float = 30.0
    ) -> None:
        self._source, self._width, self._height, self._fps = source, width, height, fps
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._host: _Host | None = None
        self._ring: FrameRing | None = None
        self._health = Health("camera", State.BUSY, detail="starting")
        self._seq = 0
        self._failures = 0
        self._retry_at = 0.0
        self._was_absent = False

    def start(self) -> None:
        """Starts the watch, which starts the child. Returns at once; see `health`."""
        if self._thread is None:
            # A daemon: the end of a visit is the end of the process, whatever a driver does.
            self._thread = threading.Thread(target=self._watch, name="camera", daemon=True)
            self._thread.start()

    def health(self) -> Health:
        """``camera.absent``, ``camera.silent``, ``camera.frozen`` or ``camera.format`` when ill."""
        with self._lock:
            return self._health

    def latest(self) -> Frame | None:
        """A copy of the newest frame; None when there is none of the last second."""
        ring = self._ring
        frame = ring.latest() if ring else None
        return frame if frame and time.monotonic() - frame.stamp <= _QUIET_S else None

    def burst(self, n: int = 6) -> list[Frame]:
        """Copies of the up to `n` (at most 8) newest frames of the last second, oldest first."""
        ring, now = self._ring, time.monotonic()
        frames = ring.burst(n) if ring else []
        return [frame for frame in frames if now - frame.stamp <= _QUIET_S]

    def close(self) -> None:
        """Ends child and watch; safe to call twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
        self._ring = None

    # -- the watch --------------------------------------------------------------------------------

    def _watch(self) -> None:
        try:
            while not self._stop.wait(_TICK_S):
                now = time.monotonic()
                if self._host is None:
                    self._revive(now)
                else:
                    self._check(self._host, now)
        finally:
            self._end()

    def _revive(self, now: float) -> None:
        if not os.path.exists(self._source):
            self._was_absent = True
            self._say("camera.absent")
            return
        if self._was_absent:  # plugged in again: no reason to wait
            self._was_absent, self._retry_at = False, now
        if now >= self._retry_at:
            self._spawn(now)

    def _spawn(self, now: float) -> None:
        memory = create_memory(self._width, self._height)
        command = [sys.executable, "-m", "firmware_io.links.video_host", "--source", self._source]
        command += ["--memory-fd", str(memory), "--first", str(self._seq + 1)]
        command += ["--width", str(self._width), "--height", str(self._height)]
        command += ["--fps", str(self._fps)]
        # The driver's own wait must be shorter than ours is long; whole seconds only.
        environment = {**os.environ, "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2"}
        root = str(Path(video_file).resolve().parents[2])  # the same code, from any directory
        environment["PYTHONPATH"] = os.pathsep.join(
            part for part in (root, os.environ.get("PYTHONPATH", "")) if part
        )
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(memory,),
                env=environment,
            )
            ring = FrameRing(memory)
        except OSError:
            self._fail("camera.silent", now)
            return
        finally:
            os.close(memory)
        self._host = _Host(process, ring, self._seq + 1, now)
        self._ring = ring

    def _check(self, host: _Host, now: float) -> None:
        ended = host.process.poll()
        newest = host.ring.newest
        self._seq = max(self._seq, newest)
        if ended is not None:
            reason = _REASONS.get(Exit(ended), "") if ended in set(Exit) else ""
            self._fail(reason or "camera.silent", now)
        elif newest < host.first:
            if now - host.started > _START_S:
                self._fail("camera.silent", now)
        elif now - host.ring.stamp_of(newest) > _QUIET_S:
            # The stamp may be gone if the writer has just moved on: then the next tick sees it.
            if host.ring.newest == newest:
                self._fail("camera.silent", now)
        elif host.ring.unchanged_since and now - host.ring.unchanged_since > _FROZEN_S:
            host.since = 0.0
            self._say("camera.frozen")
            if now - host.ring.unchanged_since > _FROZEN_RESTART_S:
                self._fail("camera.frozen", now)
        elif self.health().reason != "camera.frozen" or self._moves(host, newest):
            self._good(host, now)  # a frozen one is well again only once its pictures change

    def _moves(self, host: _Host, newest: int) -> bool:
        """Whether pictures were seen to differ; a fresh host's first one proves nothing."""
        return not host.ring.unchanged_since and newest >= host.first + _PROOF

    def _good(self, host: _Host, now: float) -> None:
        host.since = host.since or now
        if now - host.since > _STEADY_S:
            self._failures = 0
        rate = f"{1.0 / host.ring.period:.0f} a second" if host.ring.period else "rate unknown"
        health = Health.ready("camera", rate)
        with self._lock:
            self._health = health

    def _fail(self, reason: str, now: float) -> None:
        self._end()
        self._say(reason)
        self._retry_at = now + _BACK_OFF_S[min(self._failures, len(_BACK_OFF_S) - 1)]
        self._failures += 1

    def _say(self, reason: str) -> None:
        with self._lock:
            if self._health.reason != reason:
                self._health = Health.ill("camera", reason)

    def _end(self) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        host.process.kill()  # not terminate: a hung driver does not listen
        if host.process.stdin:
            with contextlib.suppress(OSError):
                host.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            host.process.wait(timeout=1.0)
        self._ring = None

# SPDX-License-Identifier: Apache-2.0
"""A camera that can be told how its sitter behaves: JPEG pictures at 30 a second into a pipe.

The pipe (FIFO) at PATH is what `firmware_io.links.video_source` opens in place of ``/dev/videoN``.
Like a camera it drops the pictures that nobody took in time, has one reader, stops when unplugged
(the path vanishes, the reader sees the end) and comes back when plugged in again.

``python -m firmware_io.emulators.camera --link PATH [--clips DIR]`` prints
``{"device": "camera", "path": PATH}`` when ready, answers each JSON line on stdin with one on
stdout, and runs until SIGTERM, also when stdin ends. In a test: ``with CameraEmulator(PATH, DIR)``.
"""

import argparse
import array
import contextlib
import fcntl
import os
import sys
import tempfile
import termios
import threading
import time
import zipfile
from pathlib import Path
from typing import Any, Self

from firmware_io.emulators.camera_clips import (
    LOOKS,
    ClipError,
    build,
    default_clips,
    default_models,
)
from firmware_io.emulators.desk import attend, leave

FPS = 30.0
CONTROLS = """\
controls, one JSON object a line on stdin:
  {"look": LOOK}                 how the sitter behaves, one of
      good away far near left dark two closed empty tilt neutral blink moving chin_up chin_down
      glasses sunglasses glint mask bright sidelight wall
  {"fault": {"freeze": true}}    the same picture again and again
  {"fault": {"stop": true}}      no more pictures, the device stays
  {"fault": {"torn": N}}         the next N pictures are cut short; -1: all
  {"fault": {"slow": N}}         only N pictures a second
  {"fault": {"raw": true}}       pictures of another kind, no JPEG
  {"fault": {"busy": true}}      unplugged and in again, and another program was quicker
  {"fault": {}}                  all is well again
  {"power": "cycle"|"off"|"on"}  supply switched: the device vanishes, is back half a second after
                                 power comes, and its faults are cleared
  {"unplug": true}               the device vanishes; {"replug": true} brings it back
  {"status": true}               what it does
"""
_PIPE_BYTES = 1 << 20  # so that a whole picture fits
_F_SETPIPE_SZ = 1031  # <linux/fcntl.h>
_REBOOT_S = 0.5
_RAW = bytes(range(16, 235)) * 400  # no JPEG begins in it


class CameraEmulator:
    """The camera in a thread of its own. `control` takes one request and gives its answer."""

    def __init__(self, path: str | Path, clips: str | Path, *, fps: float = FPS) -> None:
        self.path = str(path)
        self._clips, self._period = Path(clips), 1.0 / fps
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._loaded: dict[str, list[bytes]] = {}
        self._look = "good"
        self._pictures = self._load("good")
        self._index = 0
        self._frozen = self._silent = False
        self._raw = False
        self._torn = 0
        self._every = self._skipped = 1  # one of so many pictures is sent
        self._holder: int | None = None  # another program that has the device
        self._replug_at: float | None = None
        self._plugged = False
        self._fd: int | None = None
        self._rest = b""
        self._sent = self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="camera-emulator")

    def open(self) -> None:
        """Makes the pipe and starts to send."""
        self._plug()
        self._thread.start()

    def close(self) -> None:
        """Stops and removes the pipe."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._unplug()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """Does one request; ``{"ok": True, ...}`` or ``{"ok": False, "reason": "..."}``."""
        if len(request) != 1:
            return _no("one request at a time; see --help")
        ((verb, value),) = request.items()
        match verb:
            case "look":
                return self._turn_to(value)
            case "fault" if isinstance(value, dict):
                return self._fail(value)
            case "fault" if value is None:
                return self._fail({})
            case "power" if value in ("cycle", "off", "on"):
                with self._lock:
                    if value != "on":
                        self._unplug()
                    self._replug_at = None if value == "off" else time.monotonic() + _REBOOT_S
                return self._fail({})
            case "unplug":
                with self._lock:
                    self._replug_at = None
                    self._unplug()
                return {"ok": True}
            case "replug":
                with self._lock:
                    self._plug()
                return {"ok": True}
            case "status":
                with self._lock:
                    return {
                        "ok": True,
                        "look": self._look,
                        "plugged": self._plugged,
                        "watched": self._fd is not None,
                        "sent": self._sent,
                        "dropped": self._dropped,
                    }
        return _no(f"not understood: {str(verb)[:40]}; see --help")

    def _turn_to(self, look: Any) -> dict[str, Any]:
        if look not in LOOKS:
            return _no(f"unknown look; known are {', '.join(LOOKS)}")
        try:
            pictures = self._load(look)
        except ClipError as missing:
            return _no(str(missing))
        with self._lock:
            self._look, self._pictures = look, pictures
        return {"ok": True, "look": look}

    def _fail(self, fault: dict[str, Any]) -> dict[str, Any]:
        unknown = set(fault) - {"freeze", "stop", "torn", "slow", "raw", "busy"}
        if unknown:
            return _no("unknown fault; known are freeze, stop, torn, slow, raw, busy")
        rate, torn = fault.get("slow", 0), fault.get("torn", 0)
        if not isinstance(rate, int | float) or not isinstance(torn, int) or not 0 <= rate <= FPS:
            return _no("torn is a number of pictures, slow one of pictures a second")
        with self._lock:
            self._frozen, self._silent = bool(fault.get("freeze")), bool(fault.get("stop"))
            self._raw, self._torn = bool(fault.get("raw")), torn
            self._every = round(1.0 / (self._period * rate)) if rate else 1
            self._hold(bool(fault.get("busy")))
        return {"ok": True}

    def _hold(self, busy: bool) -> None:
        """Lets another program have the device, or takes it away from there."""
        if self._holder is not None:
            os.close(self._holder)
            self._holder = None
        if busy and self._plugged:
            self._unplug()
            self._plug(held=True)

    def _load(self, look: str) -> list[bytes]:
        if look not in self._loaded:
            try:
                with zipfile.ZipFile(self._clips / f"{look}.zip") as archive:
                    self._loaded[look] = [archive.read(name) for name in archive.namelist()]
            except (OSError, zipfile.BadZipFile):
                raise ClipError(
                    f"no clip {look} in {self._clips}; run: "
                    "python -m firmware_io.emulators.camera_clips build"
                ) from None
        return self._loaded[look]

    # -- the device -------------------------------------------------------------------------------

    def _plug(self, held: bool = False) -> None:
        self._replug_at = None
        if self._plugged:
            return
        fresh = f"{self.path}.{os.getpid()}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
        os.mkfifo(fresh, 0o600)
        if held:
            self._holder = os.open(fresh, os.O_RDWR | os.O_NONBLOCK)
            fcntl.flock(self._holder, fcntl.LOCK_EX)
        os.replace(fresh, self.path)
        self._plugged = True

    def _unplug(self) -> None:
        if not self._plugged:
            return
        self._plugged = False
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self._hang_up()
        self._hold(False)

    def _hang_up(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd, self._rest = None, b""

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            with self._lock:
                self._tick(now)
            due += self._period
            if now - due > 1.0:
                due = now

    def _tick(self, now: float) -> None:
        if not self._frozen:
            self._index += 1
        if self._replug_at is not None and now >= self._replug_at:
            self._plug()
        if not self._plugged or self._silent or self._holder is not None:
            return
        self._skipped += 1
        if self._skipped < self._every:
            return
        self._skipped = 0
        if self._fd is None and not self._connect():
            return
        if self._flush() and not self._waiting():
            picture = self._pictures[self._index % len(self._pictures)]
            if self._raw:
                picture = _RAW
            elif self._torn:
                self._torn -= self._torn > 0
                picture = picture[: len(picture) // 2]
            self._rest = picture
            self._sent += 1
            self._flush()
        else:
            self._dropped += 1  # the reader is late: a camera does not wait

    def _connect(self) -> bool:
        try:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False  # nobody watches
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._fd, _F_SETPIPE_SZ, _PIPE_BYTES)
        return True

    def _waiting(self) -> int:
        """Bytes that the reader has not taken yet."""
        if self._fd is None:
            return 0
        count = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.FIONREAD, count)
        return count[0]

    def _flush(self) -> bool:
        """Sends what is left of a picture; True when nothing is left and someone still watches."""
        try:
            while self._rest and self._fd is not None:
                self._rest = self._rest[os.write(self._fd, self._rest) :]
        except BlockingIOError:
            return False
        except OSError:  # the reader has gone
            self._hang_up()
        return self._fd is not None


def _no(reason: str) -> dict[str, Any]:
    return {"ok": False, "reason": reason}


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_io.emulators.camera",
        description="An emulated camera: JPEG pictures of a sitter into a pipe.",
        epilog=CONTROLS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--link", metavar="PATH", help="where the pipe is made")
    parser.add_argument(
        "--clips", type=Path, help="folder of LOOK.zip clips; default: the project's own, made now"
    )
    parser.add_argument("--look", choices=LOOKS, default="good")
    parser.add_argument("--factor", type=float, default=1.0, help="accepted, no effect: live video")
    parser.add_argument("--seed", type=int, default=0, help="accepted, no effect: clips are fixed")
    given = parser.parse_args(arguments)
    path = given.link or os.path.join(tempfile.mkdtemp(prefix="idbooth-camera-"), "video")
    try:
        if given.clips is None:
            build(default_clips(), default_models())
        camera = CameraEmulator(path, given.clips or default_clips())
        camera.control({"look": given.look})
        camera.open()
    except (ClipError, OSError) as refused:
        print(f"{parser.prog}: {refused}", file=sys.stderr)
        return 1
    return attend(camera, "camera", path)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))

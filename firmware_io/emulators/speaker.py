# SPDX-License-Identifier: Apache-2.0
"""A loudspeaker with an ear: takes samples from a pipe at the pace of sound and keeps them.

ALSA's own "file" device writes what is played into the pipe (FIFO) at PATH, so everything up to
ALSA is what a real card has; the booth's setting is ``device = "file:FILE=PATH,FORMAT=raw"``. The
pipe is emptied at 22050 samples of 16 bits a second: whoever plays is held back like by a card.

``python -m firmware_io.emulators.speaker --link PATH`` prints ``{"device": "speaker", "path":
PATH}`` when ready, answers each JSON line on stdin with one on stdout, and runs until SIGTERM, also
when stdin ends. In a test: ``with SpeakerEmulator(PATH)``.
"""

import argparse
import contextlib
import fcntl
import os
import sys
import tempfile
import threading
import time
import wave
from pathlib import Path
from typing import Any, Self

from firmware_io.emulators.desk import attend, leave

RATE_HZ = 22050
BYTES_A_SECOND = 2 * RATE_HZ
KEPT_S = 600  # the ear forgets what is older
CONTROLS = """\
controls, one JSON object a line on stdin:
  {"record": "PATH"}             WAV of everything heard since the start or the last "forget"
  {"forget": true}               begin to listen anew
  {"fault": {"hang": true}}      takes no more samples, like a card whose driver hangs
  {"fault": {}}                  all is well again
  {"unplug": true}               nobody takes the samples: what plays breaks off, what would play
                                 next waits in vain; {"replug": true} brings the device back
  {"status": true}               utterances and seconds heard, whether one is being played
"""
_F_SETPIPE_SZ = 1031  # <linux/fcntl.h>
_PIPE_BYTES = 4096  # a tenth of a second, about what a card buffers
_TICK_S = 0.01


class SpeakerEmulator:
    """The speaker in a thread of its own; `factor` scales its pace (0: as fast as it comes)."""

    def __init__(self, path: str | Path, *, factor: float = 1.0) -> None:
        self.path = str(path)
        self._factor = factor
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._fd: int | None = None
        self._hung = False
        self._heard = bytearray()
        self._sounding = False  # an utterance is being played
        self._count = 0
        self._thread = threading.Thread(target=self._run, name="speaker-emulator")

    def open(self) -> None:
        """Makes the pipe (one left by an ended process is replaced) and starts to listen."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        os.mkfifo(self.path, 0o600)
        self._plug()
        self._thread.start()

    def close(self) -> None:
        """Stops and removes the pipe."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._unplug()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """Does one request; ``{"ok": True, ...}`` or ``{"ok": False, "reason": "..."}``."""
        match request:
            case {"record": str(path)}:
                return self._record(path)
            case {"forget": True}:
                with self._lock:
                    self._heard.clear()
                    self._count = 0
            case {"fault": {**fault}} if set(fault) <= {"hang"}:
                with self._lock:
                    self._hung = bool(fault.get("hang"))
            case {"unplug": True}:
                with self._lock:
                    self._unplug()
            case {"replug": True}:
                with self._lock:
                    self._plug()
            case {"status": True}:
                with self._lock:
                    return {
                        "ok": True,
                        "plugged": self._fd is not None,
                        "utterances": self._count,
                        "seconds": round(len(self._heard) / BYTES_A_SECOND, 2),
                        "playing": self._sounding,
                    }
            case _:
                return {"ok": False, "reason": "unknown request; --help lists them"}
        return {"ok": True}

    def heard(self) -> bytes:
        """The samples heard so far: s16le, one channel, 22050 a second."""
        with self._lock:
            return bytes(self._heard)

    def _record(self, path: str) -> dict[str, Any]:
        try:
            with wave.open(path, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                file.writeframes(self.heard())
        except OSError as refused:
            return {"ok": False, "reason": f"cannot be written: {refused.strerror}"}
        return {"ok": True}

    def _plug(self) -> None:
        if self._fd is None:
            self._fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            with contextlib.suppress(OSError):
                fcntl.fcntl(self._fd, _F_SETPIPE_SZ, _PIPE_BYTES)

    def _unplug(self) -> None:
        # The pipe stays: ALSA would make a plain file of a free name, and play into it.
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
            self._over()

    def _run(self) -> None:
        before = time.monotonic()
        while not self._stop.wait(_TICK_S):
            now = time.monotonic()
            share = (now - before) / self._factor if self._factor else 60.0
            before = now
            with self._lock:
                if self._fd is not None and not self._hung:
                    self._take(self._fd, 2 * round(share * RATE_HZ))
                del self._heard[: -KEPT_S * BYTES_A_SECOND]

    def _take(self, fd: int, most: int) -> None:
        while most > 0:
            try:
                data = os.read(fd, min(most, _PIPE_BYTES))
            except BlockingIOError:
                return  # whoever plays has nothing ready
            if not data:  # nobody plays, or the one who did has closed the device
                self._over()
                return
            most -= len(data)
            self._heard += data
            # A moment of silence, with which a card is tried, is no utterance.
            self._sounding = self._sounding or any(data)

    def _over(self) -> None:
        self._count += self._sounding
        self._sounding = False


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_io.emulators.speaker",
        description="An emulated loudspeaker: keeps what ALSA's file device plays into a pipe.",
        epilog=CONTROLS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--link", metavar="PATH", help="where the pipe is made")
    parser.add_argument("--factor", type=float, default=1.0, help="scales the pace (0: none)")
    parser.add_argument("--seed", type=int, default=0, help="accepted, no effect")
    given = parser.parse_args(arguments)
    path = given.link or os.path.join(tempfile.mkdtemp(prefix="idbooth-speaker-"), "sound")
    speaker = SpeakerEmulator(path, factor=given.factor)
    try:
        speaker.open()
    except OSError as refused:
        print(f"{parser.prog}: {path}: {refused.strerror}", file=sys.stderr)
        return 1
    return attend(speaker, "speaker", path)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))

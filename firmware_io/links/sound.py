# SPDX-License-Identifier: Apache-2.0
"""Sound out of a card through ALSA: ``aplay`` in a child process, which may hang without harm.

A sound driver that stops taking samples blocks whoever writes to it, sometimes beyond any signal.
So each stretch of sound has a child of its own, its samples lie in an anonymous file (memfd) that
the child reads, and the child is killed when it is not over in time. One that cannot even be killed
is left behind and never waited for.
"""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum

RATE_HZ = 22050
"""Samples a second: what Debian's synthesiser gives; ALSA converts for the card."""
_STDERR_BYTES = 4096
_LOOK_S = 0.25  # how soon a cut is noticed of a child that does not die of it
_REAP_S = 0.5


class Ending(StrEnum):
    """How a stretch of sound ended."""

    PLAYED = "played"
    CUT = "cut"
    HUNG = "hung"  # not over in time
    ABSENT = "absent"  # no such card
    BUSY = "busy"  # another program has it
    REFUSED = "refused"  # the player ended for another reason
    NO_PLAYER = "no_player"  # aplay is not installed


def _why(said: bytes) -> Ending:
    """What the player's last words mean (alsa-utils and alsa-lib 1.2.8)."""
    if b"busy" in said:
        return Ending.BUSY
    if b"No such file or directory" in said or b"No such device" in said:
        return Ending.ABSENT
    return Ending.REFUSED


@dataclass
class Playing:
    """One stretch of sound on its way. `cut` may be called from any thread."""

    _child: subprocess.Popen[bytes] | None
    _cut: threading.Event = field(default_factory=threading.Event)

    def cut(self) -> None:
        """Stop the sound now. Idempotent."""
        self._cut.set()
        if self._child is not None:
            with contextlib.suppress(OSError):
                self._child.send_signal(signal.SIGKILL)

    def wait(self, limit_s: float) -> Ending:
        """How it ended, within `limit_s` seconds and a moment. Call once, from one thread."""
        child = self._child
        if child is None:
            return Ending.NO_PLAYER
        end = time.monotonic() + limit_s
        over = self._is_over(child, end)
        if not over and not self._cut.is_set():
            child.send_signal(signal.SIGKILL)
            self._is_over(child, time.monotonic() + _REAP_S)
            return self._ended(child, Ending.HUNG)
        if self._cut.is_set():
            self._is_over(child, time.monotonic() + _REAP_S)
            return self._ended(child, Ending.CUT)
        return self._ended(child, Ending.PLAYED)

    def _is_over(self, child: subprocess.Popen[bytes], end: float) -> bool:
        """Whether the child has ended by `end`; a cut is waited for no longer than needed."""
        try:
            handle = os.pidfd_open(child.pid)
        except OSError:
            return child.poll() is not None
        try:
            cut = self._cut.is_set()
            while (left := end - time.monotonic()) > 0:
                if select.select([handle], [], [], min(left, _LOOK_S))[0]:
                    return True
                if self._cut.is_set() and not cut:
                    return False
            return False
        finally:
            os.close(handle)

    def _ended(self, child: subprocess.Popen[bytes], ending: Ending) -> Ending:
        status = child.poll()
        said = b""
        if child.stderr is not None:
            if status is not None:
                said = child.stderr.read(_STDERR_BYTES)
            child.stderr.close()
        if ending is Ending.PLAYED and status:
            return _why(said)
        return ending


class Sound:
    """The ALSA device `device` ("default", "plughw:CARD=Device", "file:FILE=/tmp/x,FORMAT=raw")."""

    def __init__(self, device: str = "default", *, player: str = "aplay") -> None:
        self._device, self._player = device, player

    def begin(self, samples: bytes) -> Playing:
        """Start to play `samples`: signed 16 bit little endian, one channel, `RATE_HZ`."""
        file = os.memfd_create("sound", os.MFD_CLOEXEC)
        try:
            with open(file, "wb", closefd=False) as out:
                out.write(samples)
            os.lseek(file, 0, os.SEEK_SET)
            return Playing(self._start(file))
        finally:
            os.close(file)

    def _start(self, file: int) -> subprocess.Popen[bytes] | None:
        command = [self._player, "-q", "-D", self._device, "-t", "raw", "-f", "S16_LE", "-c", "1"]
        try:
            return subprocess.Popen(
                [*command, "-r", str(RATE_HZ)],
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError:
            return None

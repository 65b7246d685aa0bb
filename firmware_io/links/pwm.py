# SPDX-License-Identifier: Apache-2.0
"""One channel of a hardware PWM as Linux shows it: files in /sys/class/pwm/pwmchipN/pwmM.

What the kernel does (Linux Documentation/driver-api/pwm.rst, drivers/pwm/sysfs.c and core.c) and
what follows from it here:

- the channel's files are there once its number was written to the chip's ``export``; one that is
  exported already, or that another driver holds, answers EBUSY. Their group is set by udev a
  moment later, so that a fresh channel may refuse its own user at first;
- every write is checked against the state as a whole: a duty longer than the period is EINVAL, and
  so is any duty before there is a period. So a duty left behind is lowered before the period is
  set, and a fresh channel gets its period first;
- a channel that is disabled may stop at either level: to be dark it keeps running, at duty 0;
- a chip that has gone takes its files with it.
"""

import errno
import os
import re
import time
from pathlib import Path

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError

PERIOD_NS = 40_000
"""25 kHz: no ear hears it, and a line of a rolling shutter that is exposed for 1 ms sees 25 whole
periods, where one of 100 Hz would see a tenth of one and show bands."""
_FORM = re.compile(r"/(?:.+/)?pwmchip\d+/pwm\d+")
_POLL_S = 0.01
_NOT_YET = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM})


def channel_path(path: Path) -> Path:
    """`path` itself; ValueError when it names no channel."""
    if not _FORM.fullmatch(str(path)):
        raise ValueError("a PWM channel is named like /sys/class/pwm/pwmchip0/pwm0")
    return path


def put(path: Path, value: int) -> None:
    """One number in one write, as the kernel wants it. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(fd, b"%d\n" % value)
    finally:
        os.close(fd)


def read(path: Path) -> int:
    """The number in a file. Raises OSError, also when there is none."""
    try:
        return int(path.read_text(encoding="ascii"))
    except ValueError:
        raise OSError(errno.EIO, "no number", str(path)) from None


class PwmChannel:
    """The channel at `path`, ``…/pwmchipN/pwmM``, for one thread at a time.

    Raises ValueError for a path of another form.
    """

    def __init__(self, path: Path) -> None:
        self.path = channel_path(path)
        self._chip, self._number = path.parent, int(path.name.removeprefix("pwm"))

    def open(self, patience_s: float = 0.0) -> None:
        """Take it and let it run dark; its files may need up to `patience_s` to come.

        Raises LinkLostError when there is no such channel, another program's driver has it, it is
        not permitted, or it cannot run at `PERIOD_NS`.
        """
        deadline = Deadline.after(patience_s)
        while True:
            try:
                self._take()
                return
            except OSError as error:
                if error.errno not in _NOT_YET or deadline.passed:
                    raise self._lost(error) from error
            time.sleep(_POLL_S)

    def set(self, level: float) -> None:
        """Light at `level`, 0.0 to 1.0 of each period. Raises LinkLostError."""
        try:
            put(self.path / "duty_cycle", round(level * PERIOD_NS))
        except OSError as error:
            raise self._lost(error) from error

    def off(self) -> None:
        """Level 0. Raises LinkLostError."""
        self.set(0.0)

    def look(self) -> None:
        """Raises LinkLostError when the channel has gone, or does not run any more."""
        try:
            running = read(self.path / "enable")
        except OSError as error:
            raise self._lost(error) from error
        if not running:
            raise LinkLostError(f"{self._name} was stopped by another program")

    def close(self) -> None:
        """Give it back, without a word when it has gone. It is `off`, and runs on at that."""
        try:
            put(self._chip / "unexport", self._number)
        except OSError:
            return

    def _take(self) -> None:
        if not self.path.is_dir():
            try:
                put(self._chip / "export", self._number)
            except OSError as error:
                if error.errno != errno.EBUSY or not self.path.is_dir():
                    raise
        if read(self.path / "duty_cycle"):
            put(self.path / "duty_cycle", 0)
        put(self.path / "period", PERIOD_NS)
        put(self.path / "enable", 1)

    @property
    def _name(self) -> str:
        return f"{self._chip.name}/{self.path.name}"

    def _lost(self, error: OSError) -> LinkLostError:
        return LinkLostError(f"{self._name}: {errno.errorcode.get(error.errno or 0, 'no number')}")

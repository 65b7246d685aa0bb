# SPDX-License-Identifier: Apache-2.0
"""A serial port as drivers need it: exclusive, one deadline a call, cancellable, honest when gone.

pyserial opens and configures the port; waiting is done by `PolledLink`, because a pyserial
time-out is per call and restarts with every byte.

Unplugging shows in many forms (empty read, EIO, ``termios.error`` which is no OSError, a vanished
node, POLLHUP): each becomes `LinkLostError`, and the port is closed by then. `open` again by the
same path: it should be a stable name such as those in ``/dev/serial/by-id``.

DTR and RTS are left alone: a pseudo-terminal refuses them, and no device of the booth needs them.
"""

import contextlib
import errno
import os
import termios

import serial

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError, LinkTimeoutError
from firmware_io.links.polled import CHUNK, PolledLink

QUIET_S = 0.02  # silence that ends `drain`: over two byte times at 1200 baud and above
DRAIN_LIMIT_S = 0.5  # a far side that never falls silent may not hold `drain` longer


class SerialLink(PolledLink):
    """One exclusively opened port, 8 data bits, no parity, 1 stop bit, no flow control.

    `path` is opened by `open`, not by the constructor, and what waited in it is dropped then.
    `baudrate` in bits a second; change it on an open link with `set_baudrate`.
    """

    def __init__(self, path: str, baudrate: int) -> None:
        super().__init__(path, baudrate)
        self._port: serial.Serial | None = None

    def drain(self, quiet_s: float = QUIET_S, limit_s: float = DRAIN_LIMIT_S) -> int:
        """Reads away what waits and what still comes, until `quiet_s` of silence; how many bytes.

        Call it before a request of a protocol without sequence numbers: a late reply to the
        request before is then never taken for the answer. Ends after `limit_s` even when bytes
        keep coming. Raises LinkLostError or LinkCancelledError.
        """
        dropped = 0
        whole = Deadline.after(limit_s)
        with self._owner:
            while not whole.passed:
                try:
                    dropped += len(self.read(whole.within(quiet_s)))
                except LinkTimeoutError:
                    break
        return dropped

    def set_baudrate(self, baudrate: int) -> None:
        """Changes the speed, at once if the link is open and for every later `open`."""
        with self._owner:
            self.baudrate = baudrate
            if self._port is not None:
                try:
                    self._port.baudrate = baudrate
                except (OSError, termios.error, ValueError) as error:
                    raise self._lost(getattr(error, "errno", None)) from error

    def _open_fd(self) -> int:
        try:
            port = serial.Serial(
                self.path, self.baudrate, timeout=0, write_timeout=1.0, exclusive=True
            )
        except (OSError, termios.error, ValueError) as error:
            number = getattr(error, "errno", None)
            if number in (errno.EAGAIN, errno.EBUSY):
                raise LinkBusyError(f"{self.path} is held by another program") from error
            name = errno.errorcode.get(number or 0, type(error).__name__)
            raise LinkLostError(f"{self.path} cannot be opened ({name})") from error
        self._port = port
        return port.fileno()

    def _shut(self, fd: int) -> None:
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError, termios.error):  # a torn-off port
                port.close()

    def _get(self, fd: int) -> bytes:
        data = os.read(fd, CHUNK)
        if not data:
            raise ConnectionResetError("hung up")
        return data

# SPDX-License-Identifier: Apache-2.0
"""A serial port as drivers need it: exclusive, one deadline a call, cancellable, honest when gone.

pyserial opens and configures the port; waiting is done here with ``poll``, because a pyserial
time-out is per call and restarts with every byte. One thread owns a link and calls everything;
only `cancel` and `close` may come from another thread.

Unplugging shows in many forms (empty read, EIO, ``termios.error`` which is no OSError, a vanished
node, POLLHUP): each becomes `LinkLostError`, and the port is closed by then. `open` again by the
same path: it should be a stable name such as those in ``/dev/serial/by-id``.

DTR and RTS are left alone: a pseudo-terminal refuses them, and no device of the booth needs them.
"""

import contextlib
import errno
import os
import select
import termios
import threading
from types import TracebackType

import serial

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import (
    LinkBusyError,
    LinkCancelledError,
    LinkLostError,
    LinkTimeoutError,
)

QUIET_S = 0.02  # silence that ends `drain`: over two byte times at 1200 baud and above
DRAIN_LIMIT_S = 0.5  # a far side that never falls silent may not hold `drain` longer
_CHUNK = 4096


class SerialLink:
    """One exclusively opened port, 8 data bits, no parity, 1 stop bit, no flow control.

    `path` is opened by `open`, not by the constructor. `baudrate` in bits a second; change it on
    an open link with `set_baudrate`.
    """

    def __init__(self, path: str, baudrate: int) -> None:
        self.path = path
        self.baudrate = baudrate
        self._port: serial.Serial | None = None
        self._wake: int | None = None  # eventfd, readable while cancelled
        self._cancelled = threading.Event()
        self._state = threading.Lock()  # guards _port and _wake against `cancel` and `close`
        self._owner = threading.RLock()  # held during a call, so that `close` waits for its end

    @property
    def is_open(self) -> bool:
        """Whether the port is open as far as known; a pulled plug shows at the next call."""
        return self._port is not None

    def open(self) -> None:
        """Opens the port and drops what waited in it. Does nothing when it is open.

        Raises `LinkBusyError` when another program holds it, `LinkLostError` when it is not there
        or cannot be configured.
        """
        with self._owner:
            if self._port is not None:
                return
            try:
                port = serial.Serial(
                    self.path, self.baudrate, timeout=0, write_timeout=1.0, exclusive=True
                )
            except (OSError, termios.error, ValueError) as error:
                number = getattr(error, "errno", None)
                if number in (errno.EAGAIN, errno.EBUSY):
                    raise LinkBusyError(f"{self.path} is held by another program") from error
                raise LinkLostError(f"{self.path} cannot be opened (errno {number})") from error
            with self._state:
                self._port = port
                self._wake = os.eventfd(1 if self._cancelled.is_set() else 0, os.EFD_NONBLOCK)

    def close(self) -> None:
        """Closes the port, ending a call of another thread with `LinkCancelledError`. Idempotent.

        The link may be opened again.
        """
        was_cancelled = self._cancelled.is_set()
        self.cancel()
        with self._owner:
            self._release()
            if not was_cancelled:
                self._cancelled.clear()

    def cancel(self) -> None:
        """Ends the call in progress, and every later one until `rearm`, with LinkCancelledError.

        Callable from any thread.
        """
        with self._state:
            self._cancelled.set()
            if self._wake is not None:
                os.eventfd_write(self._wake, 1)

    def rearm(self) -> None:
        """Takes `cancel` back: calls wait again."""
        with self._state:
            self._cancelled.clear()
            if self._wake is not None:
                with contextlib.suppress(BlockingIOError):  # nothing had been written
                    os.eventfd_read(self._wake)

    def read(self, deadline: Deadline) -> bytes:
        """At least one byte and at most 4096, as soon as any is there.

        Raises LinkTimeoutError, LinkLostError or LinkCancelledError. What has arrived is returned
        even when the deadline has just passed.
        """
        with self._owner:
            while True:
                self._wait(select.POLLIN, deadline)
                try:
                    data = os.read(self._fd(), _CHUNK)
                except BlockingIOError:
                    continue  # a false alarm of poll
                except OSError as error:
                    raise self._lost(error) from error
                if not data:
                    raise self._lost(None)
                return data

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands all of `data` to the system.

        Raises LinkTimeoutError when the far side took less of it before the deadline (a part may
        be on its way), LinkLostError or LinkCancelledError.
        """
        view = memoryview(data)
        with self._owner:
            while view:
                self._wait(select.POLLOUT, deadline)
                try:
                    view = view[os.write(self._fd(), view) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise self._lost(error) from error

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
                    raise self._lost(error) from error

    def __enter__(self) -> "SerialLink":
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _fd(self) -> int:
        if self._port is None:
            raise LinkLostError(f"{self.path} is not open")
        return self._port.fileno()

    def _wait(self, event: int, deadline: Deadline) -> None:
        """Until `event` (or a hang-up) is reported. A cancel wins over data."""
        fd, wake = self._fd(), self._wake
        if wake is None:
            raise LinkLostError(f"{self.path} is not open")
        poller = select.poll()
        poller.register(fd, event)
        poller.register(wake, select.POLLIN)
        ready = dict(poller.poll(deadline.left * 1000))
        if wake in ready or self._cancelled.is_set():
            raise LinkCancelledError(f"{self.path}: called off")
        if not ready:
            raise LinkTimeoutError(f"{self.path}: nothing before the deadline")
        if ready[fd] & (select.POLLNVAL | select.POLLERR):
            raise self._lost(None)

    def _lost(self, error: BaseException | None) -> LinkLostError:
        self._release()
        return LinkLostError(f"{self.path} is gone (errno {getattr(error, 'errno', None)})")

    def _release(self) -> None:
        with self._state:
            port, wake, self._port, self._wake = self._port, self._wake, None, None
        if wake is not None:
            os.close(wake)
        if port is not None:
            with contextlib.suppress(OSError, termios.error):  # a torn-off port
                port.close()

# SPDX-License-Identifier: Apache-2.0
"""A wire behind one file descriptor that can be polled: deadlines, calling off, honest ends.

`SerialLink`, `LpLink` (USB line printer) and `SocketLink` (network printer) say how their
descriptor is opened and closed; everything else is here. One thread owns a link and calls
everything, only `cancel` and `close` may come from another thread.

The set of descriptors to wait for is made once an opening: a booth asks its resting devices many
times a second, for days.
"""

import contextlib
import errno
import os
import select
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkCancelledError, LinkLostError, LinkTimeoutError

CHUNK = 4096
EMPTY_PAUSE_S = 0.02  # between two looks at a device that says "readable" and then gives nothing


class PolledLink(ABC):
    """One opened wire. `path` names it in texts; `baudrate` is what it surely carries, bits/s."""

    def __init__(self, path: str, baudrate: int) -> None:
        self.path = path
        self.baudrate = baudrate
        self._fd: int | None = None
        self._wake: int | None = None  # eventfd, readable while cancelled
        self._poller: select.poll | None = None  # of both, from the first wait on
        self._waits_for = 0
        self._cancelled = threading.Event()
        self._state = threading.Lock()  # guards _fd and _wake against `cancel` and `close`
        self._owner = threading.RLock()  # held during a call, so that `close` waits for its end

    @abstractmethod
    def _open_fd(self) -> int:
        """A non-blocking descriptor. Raises LinkLostError, LinkBusyError, LinkCancelledError."""

    @abstractmethod
    def _shut(self, fd: int) -> None:
        """Gives the descriptor back; nothing is raised that matters."""

    @property
    def is_open(self) -> bool:
        """Whether it is open as far as known; a pulled plug shows at the next call."""
        return self._fd is not None

    def open(self) -> None:
        """Opens the wire. Does nothing when it is open.

        Raises LinkBusyError when another program holds it, LinkLostError when it is not there.
        """
        with self._owner:
            if self._fd is not None:
                return
            with self._state:
                self._wake = os.eventfd(1 if self._cancelled.is_set() else 0, os.EFD_NONBLOCK)
            try:
                fd = self._open_fd()
            except BaseException:
                self._release()
                raise
            with self._state:
                self._fd = fd

    def close(self) -> None:
        """Closes it, ending a call of another thread with `LinkCancelledError`. Idempotent."""
        was_cancelled = self._cancelled.is_set()
        self.cancel()
        with self._owner:
            self._release()
            if not was_cancelled:
                self._cancelled.clear()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def cancel(self) -> None:
        """Ends the call in progress, and every later one until `rearm`. From any thread."""
        with self._state:
            self._cancelled.set()
            if self._wake is not None:
                os.eventfd_write(self._wake, 1)

    def rearm(self) -> None:
        """Takes `cancel` back: calls wait again."""
        with self._state:
            if not self._cancelled.is_set():
                return
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
                fd = self._until(select.POLLIN, deadline)
                try:
                    data = self._get(fd)
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError as error:
                    raise self._lost(error.errno) from error
                if data:
                    return data
                self._pause(deadline)

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands all of `data` over, in as many parts as the far side likes.

        Raises LinkTimeoutError when it took less before the deadline (a part may be on its way),
        LinkLostError or LinkCancelledError.
        """
        view = memoryview(data)
        with self._owner:
            while view:
                fd = self._until(select.POLLOUT, deadline)
                try:
                    view = view[self._put(fd, view) :]
                except (BlockingIOError, InterruptedError):
                    self._pause(deadline)
                except OSError as error:
                    if not self._bears(error.errno):
                        raise self._lost(error.errno) from error
                    self._pause(deadline)

    def _get(self, fd: int) -> bytes:
        """What is there; b"" when the device called and then had nothing."""
        return os.read(fd, CHUNK)

    def _put(self, fd: int, view: memoryview) -> int:
        return os.write(fd, view)

    def _bears(self, number: int | None) -> bool:
        """Whether a write that failed so is worth trying again before its deadline."""
        return False

    def _until(self, event: int, deadline: Deadline) -> int:
        """Waits for `event`, and gives the descriptor. A cancel wins over data."""
        fd, wake = self._fd, self._wake
        if fd is None or wake is None:
            raise LinkLostError(f"{self.path} is not open")
        if self._poller is None:
            self._poller = select.poll()
            self._poller.register(wake, select.POLLIN)
            self._waits_for = 0
        if self._waits_for != event:
            self._poller.register(fd, event)
            self._waits_for = event
        self._judge(fd, dict(self._poller.poll(deadline.left * 1000)))
        return fd

    def _until_connected(self, fd: int, deadline: Deadline) -> None:
        """The same for a descriptor that is only being opened."""
        poller = select.poll()
        poller.register(fd, select.POLLOUT)
        if self._wake is not None:
            poller.register(self._wake, select.POLLIN)
        self._judge(fd, dict(poller.poll(deadline.left * 1000)))

    def _judge(self, fd: int, ready: dict[int, int]) -> None:
        """What came of a wait, as nothing or as an error."""
        if self._wake in ready or self._cancelled.is_set():
            raise LinkCancelledError(f"{self.path}: called off")
        if not ready:
            raise LinkTimeoutError(f"{self.path}: nothing before the deadline")
        if ready[fd] & (select.POLLNVAL | select.POLLERR) or ready[fd] == select.POLLHUP:
            raise self._lost(None)

    def _pause(self, deadline: Deadline) -> None:
        """A moment in which only a cancel is heard; LinkTimeoutError when no time is left."""
        if deadline.passed:
            raise LinkTimeoutError(f"{self.path}: nothing before the deadline")
        if self._cancelled.wait(deadline.within(EMPTY_PAUSE_S).left):
            raise LinkCancelledError(f"{self.path}: called off")

    def _lost(self, number: int | None) -> LinkLostError:
        self._release()
        name = errno.errorcode.get(number or 0, "closed")
        return LinkLostError(f"{self.path} is gone ({name})")

    def _release(self) -> None:
        with self._state:
            fd, wake, self._fd, self._wake = self._fd, self._wake, None, None
            self._poller = None
        if wake is not None:
            os.close(wake)
        if fd is not None:
            with contextlib.suppress(OSError):
                self._shut(fd)

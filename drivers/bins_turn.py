# SPDX-License-Identifier: Apache-2.0
"""One act at a time on one line, which another thread may call off."""

import contextlib
import threading
from collections.abc import Iterator

from firmware_io.links.serial_port import SerialLink


class Turn:
    """Who may talk on the line now. `call_off` reaches the acts that have begun and no later one.

    An act has begun when it waits for the line: somebody else's look may hold it a second.
    """

    def __init__(self, link: SerialLink) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._state = threading.Lock()  # guards all below
        self._acting = False
        self._waiting = 0
        self._called_off = 0  # how often, so far

    @property
    def wanted(self) -> bool:
        """Whether an act waits for the line to be free."""
        return self._waiting > 0

    @contextlib.contextmanager
    def mine(self) -> Iterator[None]:
        """Waits for the line and keeps it for one act."""
        with self._state:
            self._waiting += 1
            before = self._called_off
        with self._lock:
            with self._state:
                self._waiting -= 1
                self._link.rearm()
                if self._called_off != before:
                    self._link.cancel()
                self._acting = True
            try:
                yield
            finally:
                with self._state:
                    self._acting = False

    @contextlib.contextmanager
    def if_free(self) -> Iterator[bool]:
        """Whether the line was free; if so it is kept meanwhile, for a look that takes no turn."""
        if not self._lock.acquire(blocking=False):
            yield False
            return
        try:
            self._link.rearm()
            yield True
        finally:
            self._lock.release()

    def call_off(self) -> None:
        """Ends the act in progress and those that wait, if there are any. From any thread."""
        with self._state:
            self._called_off += 1
            if self._acting:
                self._link.cancel()

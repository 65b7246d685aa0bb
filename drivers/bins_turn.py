# SPDX-License-Identifier: Apache-2.0
"""One act at a time on one line, which another thread may call off."""

import contextlib
import threading
from collections.abc import Iterator

from firmware_io.links.serial_port import SerialLink


class Turn:
    """Who may talk on the line now. `call_off` reaches the act in progress and no later one."""

    def __init__(self, link: SerialLink) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._state = threading.Lock()  # guards _acting and _waiting
        self._acting = False
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        """Whether an act waits for the line to be free."""
        return self._waiting > 0

    @contextlib.contextmanager
    def mine(self) -> Iterator[None]:
        """Waits for the line and keeps it for one act."""
        with self._state:
            self._waiting += 1
        with self._lock:
            with self._state:
                self._waiting -= 1
                self._link.rearm()
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
        """Ends the act in progress, if there is one. From any thread."""
        with self._state:
            if self._acting:
                self._link.cancel()

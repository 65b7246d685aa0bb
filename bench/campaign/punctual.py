# SPDX-License-Identifier: Apache-2.0
"""How late this very process is: what real time cannot be blamed on the driver for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOOK_S = 0.005


class Punctuality:
    """Wakes up again and again and notes by how much it was late."""

    def __init__(self) -> None:
        self._worst_s = 0.0
        self._stop = threading.Event()

    def worst_s(self) -> float:
        """The longest delay since the last `begin`."""
        return self._worst_s

    def begin(self) -> None:
        """Forgets what was before."""
        self._worst_s = 0.0

    def _watch(self) -> None:
        due = time.monotonic() + LOOK_S
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            self._worst_s = max(self._worst_s, now - due)
            due = now + LOOK_S


@contextmanager
def punctuality() -> Iterator[Punctuality]:
    """Watches meanwhile, in a thread of its own."""
    one = Punctuality()
    watch = threading.Thread(target=one._watch, name="punctuality", daemon=True)
    watch.start()
    try:
        yield one
    finally:
        one._stop.set()
        watch.join()

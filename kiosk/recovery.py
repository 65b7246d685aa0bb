# SPDX-License-Identifier: Apache-2.0
"""A device that was lost is started again while nobody is at the booth."""

import threading
from collections.abc import Callable, Sequence

from drivers.health import State
from kiosk.devices import Device

EVERY_S = 2.0  # between two tries; a try on a module that is silent takes about as long


class Recovery:
    """Starts ill devices again, beside the caller. `start` of each must be safe to call again.

    Only while `idle`: starting the fingerprint module empties it, and a citizen's fingers with it.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        start: Callable[[Sequence[Device]], Sequence[threading.Thread]],
        idle: Callable[[], bool],
    ) -> None:
        self._devices, self._start, self._idle = tuple(devices), start, idle
        self._trying: Sequence[threading.Thread] = ()
        self._next_s = 0.0

    def look(self, now_s: float) -> None:
        """Begins a try when one is due; `now_s` is monotonic. Never waits."""
        if now_s < self._next_s or not self._idle():
            return
        if any(thread.is_alive() for thread in self._trying):
            return
        ill = [one for one in self._devices if one.health().state is State.ILL]
        if ill:
            self._next_s = now_s + EVERY_S
            self._trying = self._start(ill)

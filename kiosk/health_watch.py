# SPDX-License-Identifier: Apache-2.0
"""Looks at everything a booth needs, each thing as often as it is worth."""

import threading
from collections.abc import Callable
from datetime import datetime

from drivers.health import Health, State
from idcard.booth_health import Cabinet
from kiosk.devices import Devices
from kiosk.events import HealthChanged
from kiosk.health import clock_health, fitness
from kiosk.post_watch import PostWatch

LOOK_S = 0.25
"""The longest pause between two looks. Camera, printer, panel, bins, dispenser and post say by
themselves when their word changes; the card reader and the fingerprint module must be asked, and
a silent one, with its own patience, is known within a second."""
ASK_S = 0.45
"""Between two questions to a resting fingerprint module."""
STORES_S = 0.7
"""Between two counts of what lies in the bins, while no device says anything new."""


class HealthWatch:
    """One booth's watch. `look` and `rest` belong to one thread, all else to any.

    `staff_word` is the staff-card reader's health as last seen: looking may take it a second, so
    that whoever polls its cards sets it.
    """

    def __init__(self, devices: Devices, post: PostWatch, now: Callable[[], datetime]) -> None:
        self._devices, self._post, self._now = devices, post, now
        self._found: object = None
        self._told = HealthChanged()
        self._asked_at = float("-inf")
        self._news = threading.Event()
        self._stores: tuple[tuple[str, ...], Cabinet | None] = ((), None)
        self._counted_at = float("-inf")
        self.staff_word = Health("staffcard", State.ABSENT)
        devices.on_change(self._news.set)
        post.on_change = self._news.set

    def rest(self, seconds: float) -> None:
        """Waits for a device that says another word, at most `seconds`."""
        if self._news.wait(seconds):
            self._news.clear()
            self._counted_at = float("-inf")

    def wake(self) -> None:
        """Ends `rest`."""
        self._news.set()

    def look(self, now_s: float, *, idle: bool = False) -> HealthChanged:
        """How the booth is at monotonic `now_s`; the same object while nothing has changed.

        `idle`: no visit has begun, so that the fingerprint module may be asked on its wire; in a
        visit its acts tell. A silent module or reader may hold this up for 0.6 s.
        """
        if idle and now_s - self._asked_at >= ASK_S:
            self._asked_at = now_s
            self._devices.fingerprint.look()
        if now_s - self._counted_at >= STORES_S:
            self._counted_at = now_s
            self._stores = self._devices.notes(), self._devices.cabinet()
        panel = self._devices.panel
        found = (
            (
                *self._devices.health(),
                self.staff_word,
                *self._post.health(),
                clock_health(self._now()),
            ),
            self._stores,
            (panel.key_open, panel.says("power"), panel.says("door")),
        )
        if self._found != found:  # most looks see what the one before saw
            self._found = found
            healths, (notes, cabinet), (key, power, door) = found
            self._told = fitness(
                healths,
                key_open=key,
                power_failing=power,
                door_open=door,
                notes=notes,
                cabinet=cabinet,
            )
        return self._told

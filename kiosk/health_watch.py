# SPDX-License-Identifier: Apache-2.0
"""Looks at everything a booth needs, each thing as often as it is worth."""

from collections.abc import Callable
from datetime import datetime

from drivers.health import Health, State
from kiosk.devices import Devices
from kiosk.events import HealthChanged
from kiosk.health import clock_health, fitness, post_health
from kiosk.post.mailbox import Mailbox

LOOK_S = 0.25
"""Between two looks; with the slowest device's own look a change is known within a second."""
ASK_S = 0.45
"""Between two questions to a resting fingerprint module."""
POST_S = 0.75
"""Between two questions to the post, which cost a connection and a thread each."""


class HealthWatch:
    """One booth's watch; `look` belongs to one thread, `staff_word` may come from another.

    `staff_word` is the staff-card reader's health as last seen: looking may take it a second, so
    that whoever polls its cards sets it.
    """

    def __init__(self, devices: Devices, mailbox: Mailbox, now: Callable[[], datetime]) -> None:
        self._devices, self._mailbox, self._now = devices, mailbox, now
        self._post: tuple[Health, ...] = ()
        self._found: object = None
        self._told = HealthChanged()
        self._post_at = self._asked_at = float("-inf")
        self.staff_word = Health("staffcard", State.ABSENT)

    def look(self, now_s: float, *, idle: bool = False) -> HealthChanged:
        """How the booth is at monotonic `now_s`.

        `idle`: no visit has begun, so that the fingerprint module may be asked on its wire; in a
        visit its acts tell. A silent module or reader may hold this up for 0.6 s.
        """
        if idle and now_s - self._asked_at >= ASK_S:
            self._asked_at = now_s
            self._devices.fingerprint.look()
        if now_s - self._post_at >= POST_S:
            self._post_at = now_s
            self._post = post_health(self._mailbox)
        panel = self._devices.panel
        found = (
            (*self._devices.health(), self.staff_word, *self._post, clock_health(self._now())),
            self._devices.notes(),
            self._devices.cabinet(),
            (panel.key_open, panel.says("power"), panel.says("door")),
        )
        if self._found != found:  # most looks see what the one before saw
            self._found = found
            healths, notes, cabinet, (key, power, door) = found
            self._told = fitness(
                healths,
                key_open=key,
                power_failing=power,
                door_open=door,
                notes=notes,
                cabinet=cabinet,
            )
        return self._told

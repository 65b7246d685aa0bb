# SPDX-License-Identifier: Apache-2.0
"""Inputs of the panel settled in software: what has lasted counts, bounce and noise do not.

Debouncing by the pin library cannot be tested with its mock pins, which do not simulate it; this
state machine is pure (moments are handed in) and the same for every library. Edges carry their own
moments, so a press that came and went while the booth was busy is not lost.
"""

import time
from collections import deque
from collections.abc import Callable

from gpiozero import DigitalInputDevice

STUCK_S = 20.0
"""A button held for so long is stuck, or somebody leans on it; it is told once and asks nothing."""
_EDGES = 256  # of a floating wire only the newest are kept


class Settling:
    """A level that follows the wire once the wire has kept it for `on_s` or `off_s` seconds.

    `value`: the level to begin with.
    """

    def __init__(self, on_s: float, off_s: float, *, value: bool = False) -> None:
        self.value = value
        self._on_s, self._off_s = on_s, off_s
        self._seen = value
        self._since = float("-inf")
        self._changes: list[bool] = []

    @property
    def since(self) -> float:
        """When the wire took its present level."""
        return self._since

    def feed(self, level: bool, at: float) -> None:
        """The wire has this level from `at` on."""
        self.settle(at)
        if level != self._seen:
            self._seen, self._since = level, at

    def settle(self, now: float) -> float | None:
        """Take in the wire up to `now`. When to look again; None: at the next edge."""
        if self._seen == self.value:
            return None
        due = self._since + (self._on_s if self._seen else self._off_s)
        if now < due:
            return due
        self.value = self._seen
        self._changes.append(self.value)
        return None

    def changes(self) -> list[bool]:
        """The settled changes since this was asked last, oldest first."""
        told, self._changes = self._changes, []
        return told


class Contact:
    """One input pin, settled.

    `inverted`: it counts while the pin is inactive. `value`: what was known of it before.
    """

    def __init__(
        self,
        pin: DigitalInputDevice,
        on_s: float,
        off_s: float,
        wake: Callable[[], None],
        *,
        inverted: bool = False,
        value: bool = False,
    ) -> None:
        self.pin = pin
        self.settling = Settling(on_s, off_s, value=value)
        self._inverted, self._wake = inverted, wake
        self._edges: deque[tuple[bool, float]] = deque(maxlen=_EDGES)
        pin.when_activated = lambda: self._edge(True)
        pin.when_deactivated = lambda: self._edge(False)

    @property
    def value(self) -> bool:
        """The settled level."""
        return self.settling.value

    def look(self) -> float | None:
        """Take in what happened; when to look again, None: at the next edge."""
        while self._edges:
            self.settling.feed(*self._edges.popleft())
        now = time.monotonic()
        self.settling.feed(bool(self.pin.is_active) != self._inverted, now)
        return self.settling.settle(now)

    def _edge(self, active: bool) -> None:
        self._edges.append((active != self._inverted, time.monotonic()))
        self._wake()


class Push:
    """A push button: each press counts once, when it begins.

    One that is down when the panel starts counts only after it was let go.
    """

    def __init__(self, contact: Contact) -> None:
        self.contact = contact
        self._armed = not contact.pin.is_active
        self._told_stuck = False

    @property
    def stuck(self) -> bool:
        """Whether it has been down for `STUCK_S`."""
        return self._told_stuck

    def look(self) -> tuple[int, float | None]:
        """(presses since the last look, when to look again)."""
        due = self.contact.look()
        presses = 0
        for down in self.contact.settling.changes():
            presses += down and self._armed
            self._armed = True
        self._told_stuck = False
        if self.contact.value:
            stuck_at = self.contact.settling.since + STUCK_S
            self._told_stuck = time.monotonic() >= stuck_at
            if not self._told_stuck:
                due = stuck_at if due is None else min(due, stuck_at)
        return presses, due

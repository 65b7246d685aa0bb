# SPDX-License-Identifier: Apache-2.0
"""Who is at the booth: the seat that stays empty, and staff who answer a call with their card.

Both only judge what sensor and reader say, at a time that is handed in; `kiosk.front` looks.
"""

import threading
from collections.abc import Callable

from drivers.staffcard import StaffCardState
from kiosk.events import Event, PresenceLost, StaffCame, StaffLeft


class SeatWatch:
    """Tells once when somebody was there and the seat has been empty for `away_s` seconds."""

    def __init__(self, away_s: float) -> None:
        self._away_s = away_s
        self._seen = False
        self._empty_since: float | None = None

    def look(self, present: bool, now: float) -> PresenceLost | None:
        """One look at the settled sensor at monotonic `now`."""
        if present:
            self._seen, self._empty_since = True, None
            return None
        if not self._seen:  # no sensor, or nobody came yet: silence alone ends such a visit
            return None
        if self._empty_since is None:
            self._empty_since = now
        if now - self._empty_since < self._away_s:
            return None
        self._seen, self._empty_since = False, None
        return PresenceLost()


class StaffWatch:
    """Looks into the staff-card reader while no visit has begun, staff are called, or their card
    is in.

    A card that lay there before is a forgotten one: it calls nobody here. Only in a visit's first
    seconds, before the first look, nobody can tell; then it counts for a call.
    """

    def __init__(self, poll: Callable[[], StaffCardState]) -> None:
        self._poll = poll
        self._turn = threading.Lock()
        self._before: StaffCardState | None = None
        self._called = self._here = False
        self._swapped = False  # another card since the one that was told

    def called(self, on: bool) -> None:
        """Staff were called, or the call was taken back. From any thread; cheap."""
        with self._turn:
            self._called = on

    def wanted(self, *, idle: bool) -> bool:
        """Whether the next `look` is worth its cost. `idle`: the booth waits for a citizen."""
        with self._turn:
            return idle or self._called or self._here or self._before is None

    def look(self, *, idle: bool) -> Event | None:
        """One look: what it says now that it did not say before. Never raises."""
        state = self._poll()
        with self._turn:
            before, self._before = self._before, state
            if before is None:
                fresh = self._called
            else:
                fresh = not before.card or state.insertions != before.insertions
            if self._here and (not state.card or fresh):
                self._here = False
                self._swapped = state.card
                return StaffLeft()
            fresh, self._swapped = fresh or self._swapped, False
            if not self._here and state.card and fresh and (idle or self._called):
                self._here = True
                return StaffCame()
        return None

# SPDX-License-Identifier: Apache-2.0
"""What an answer means for an upload, and when to try again. Pure: no clock, no network."""

import random
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

BASE_S = 2.0
CAP_S = 300.0
# A wrong Retry-After header must not silence a booth for a day.
LONGEST_RETRY_AFTER_S = 3600.0

Key = TypeVar("Key", bound=Hashable)


class Verdict(StrEnum):
    """What to do about an HTTP status."""

    GOOD = "good"
    RETRY = "retry"  # this one again, later
    STOP = "stop"  # the counter does not admit this booth: nothing more until it does
    PARK = "park"  # this one needs a person; the others go on


def judge_status(status: int) -> Verdict:
    """The class of an HTTP status. A 2xx is only good together with what it must carry."""
    if 200 <= status < 300:
        return Verdict.GOOD
    if status in (408, 425, 429) or status >= 500 or status < 400:
        return Verdict.RETRY
    if status in (401, 403):
        return Verdict.STOP
    return Verdict.PARK


def delay_s(failures: int, rng: random.Random, retry_after_s: float = 0.0) -> float:
    """Full jitter: evenly from 0 to min(300 s, 2 s doubled for each failure before).

    Many booths that lost the line together so come back spread out. `retry_after_s` is a lower
    bound, itself cut at an hour. `failures` counts from 1.
    """
    ceiling = min(CAP_S, BASE_S * 2.0 ** min(failures - 1, 16))
    return max(rng.uniform(0, ceiling), min(max(retry_after_s, 0.0), LONGEST_RETRY_AFTER_S))


@dataclass(slots=True)
class _Turn:
    at: float
    order: int
    failures: int = 0


@dataclass(slots=True)
class Schedule(Generic[Key]):
    """Whose turn is when. Each item stands for itself: a stuck one never holds up another."""

    rng: random.Random = field(default_factory=random.SystemRandom)
    _turns: dict[Key, _Turn] = field(default_factory=dict)
    _order: int = 0

    def add(self, key: Key, now: float) -> None:
        """A new item, due at once. Adding one that waits changes nothing."""
        if key not in self._turns:
            self._order += 1
            self._turns[key] = _Turn(now, self._order)

    def drop(self, key: Key) -> None:
        """The item is done or parked."""
        self._turns.pop(key, None)

    def due(self, now: float) -> Key | None:
        """The item whose turn came first, or None."""
        key = self._first()
        return key if key is not None and self._turns[key].at <= now else None

    def soonest(self) -> float | None:
        """When the next turn is, or None when nothing waits."""
        key = self._first()
        return None if key is None else self._turns[key].at

    def failed(self, key: Key, now: float, retry_after_s: float = 0.0) -> float:
        """Puts the item off; answers for how many seconds."""
        turn = self._turns[key]
        turn.failures += 1
        wait = delay_s(turn.failures, self.rng, retry_after_s)
        turn.at = now + wait
        return wait

    def line_is_back(self, now: float) -> None:
        """Everything gets a turn within the base time, whatever it had waited for."""
        for turn in self._turns.values():
            turn.at = min(turn.at, now + self.rng.uniform(0, BASE_S))

    def waiting(self) -> int:
        """How many items wait."""
        return len(self._turns)

    def _first(self) -> Key | None:
        return min(
            self._turns,
            key=lambda key: (self._turns[key].at, self._turns[key].order),
            default=None,
        )

# SPDX-License-Identifier: Apache-2.0
"""One absolute point in monotonic time that a whole act must meet, handed down unchanged."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` is in seconds of ``time.monotonic``; a step of the wall clock never moves it."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline `seconds` from this moment."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds still to go, never below zero."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.at

    def within(self, seconds: float) -> "Deadline":
        """The earlier of this deadline and `seconds` from now: a step inside a longer act."""
        return Deadline(min(self.at, time.monotonic() + seconds))

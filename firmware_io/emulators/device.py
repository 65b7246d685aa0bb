# SPDX-License-Identifier: Apache-2.0
"""What every emulated serial device is to its stage: bytes in, messages out, requests answered."""

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from firmware_io.emulators.wire_faults import WIRE_FAULT_KEYS


@dataclass(frozen=True, slots=True)
class Send:
    """One message of the device: leaves when monotonic time `due` (seconds) has come."""

    due: float
    data: bytes


@dataclass(slots=True)
class Spent:
    """What one kind of act has cost the machine since it was built, unscaled by the factor."""

    times: int = 0
    seconds: float = 0.0  # the machine's own, without the line
    bytes_in: int = 0  # asked by the host
    bytes_out: int = 0  # answered


class ControlError(Exception):
    """A request that the device refuses; the text tells the person at the desk why."""


class Device(ABC):
    """What an emulated machine does with bytes. Knows no port and starts no thread.

    All times are seconds of ``time.monotonic``, handed in as `now`. `factor` scales the machine's
    own delays (0 = none); use `delay`. `random` is seeded. Calls come from one thread at a time.
    """

    name: ClassVar[str]  # as printed in the ready line: "fingerprint"
    controls: ClassVar[str] = ""  # help text for the device's own requests

    def __init__(self, *, factor: float = 1.0, seed: int = 0) -> None:
        self.factor = factor
        self.seed = seed
        self.random = random.Random(seed)
        self.spent: dict[str, Spent] = {}
        self._outbox: list[Send] = []

    @property
    def line_rate(self) -> int | None:
        """The speed the device speaks, bits a second; None takes any speed of the host."""
        return None

    def delay(self, seconds: float) -> float:
        """A time of the real machine, scaled by the factor."""
        return seconds * self.factor

    def spend(self, act: str, seconds: float, bytes_in: int = 0, bytes_out: int = 0) -> None:
        """Adds one finished act to `spent`: what nobody could have had from it any sooner."""
        cost = self.spent.setdefault(act, Spent())
        cost.times += 1
        cost.seconds += seconds
        cost.bytes_in += bytes_in
        cost.bytes_out += bytes_out

    def send(self, data: bytes, due: float) -> None:
        """Queues one message for the host."""
        self._outbox.append(Send(due, data))

    @abstractmethod
    def feed(self, data: bytes, now: float) -> None:
        """Takes bytes from the host, as late as the line carries them. Call `send` to answer."""

    def poll(self, now: float) -> list[Send]:
        """What has been queued since the last call. Called after each feed, request and wake.

        Override to do work that time alone brings (then return ``super().poll(now)``), and name
        the next such moment in `wake_at`.
        """
        sends, self._outbox = self._outbox, []
        return sends

    def wake_at(self) -> float | None:
        """When `poll` must be called next although nothing arrives; None: no such moment."""
        return None

    def room(self) -> int:
        """How many bytes the device can take now (hardware flow control); unlimited here."""
        return 1 << 20

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """Takes the part of a ``{"fault": ...}`` that the wire does not know; {} clears.

        "times" and "skip" come along when they were given. Raises ControlError for an unknown
        key; this one knows none.
        """
        if fault:
            known = ", ".join(sorted(WIRE_FAULT_KEYS))
            raise ControlError(f"unknown fault {', '.join(fault)}; known: {known}")

    @abstractmethod
    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """Answers one request of the desk with plain JSON values (``{}`` is a good answer).

        Raises ControlError when it refuses. ``{"status": true}`` is to be understood.
        """

    @abstractmethod
    def power_cycle(self, now: float) -> None:
        """The supply came (back) at `now`: RAM is empty, flash is kept, start-up begins.

        Called once when the stage opens, and after each power cycle or replug.
        """

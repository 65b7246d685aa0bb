# SPDX-License-Identifier: Apache-2.0
"""A dispenser's line: what was heard and not yet taken, whatever the make."""

from collections import deque
from typing import Generic, Protocol, TypeVar

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

A = TypeVar("A")
WRITE_S = 1.0


class _Decoder(Protocol[A]):
    def feed(self, data: bytes) -> list[A]: ...

    def silence(self) -> list[A]: ...

    def reset(self) -> None: ...


class Line(Generic[A]):
    """One thread at a time."""

    def __init__(self, link: SerialLink, decoder: _Decoder[A]) -> None:
        self._link = link
        self._decoder = decoder
        self.heard: deque[A] = deque()

    def say(self, data: bytes) -> None:
        """Sends one message."""
        self._link.write(data, Deadline.after(WRITE_S))

    def clean(self) -> None:
        """Lets go of all that belongs to an earlier dialogue, also of what is on its way."""
        self._link.drain()
        self._decoder.reset()
        self.heard.clear()

    def hear(self, deadline: Deadline) -> bool:
        """Takes in what comes next; whether anything did."""
        try:
            self.heard.extend(self._decoder.feed(self._link.read(deadline)))
        except LinkTimeoutError:
            return False
        return True

    def silence(self) -> None:
        """Nothing more comes: what hangs unfinished is taken for what it is."""
        self.heard.extend(self._decoder.silence())

    def rest(self, until: Deadline) -> None:
        """Lets time pass. Ends at once when called off."""
        while not until.passed and self.hear(until):
            pass

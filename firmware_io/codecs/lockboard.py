# SPDX-License-Identifier: Apache-2.0
"""What a lock board says, whatever its make: the values that its codecs answer with.

A lock board pulses the coils of a cabinet's doors and reads one contact a door. Boards are numbered
by a switch, locks from 1. A pulse given is not a door opened, nor a door opened a card taken.

Built are the three makes whose frames are public in full: 8A/80, WKLY, Winnsen. Not built, as the
public word on them is not enough to open a door by: boards that begin with 5A 5A (the rule of
their check byte is not confirmed), those that speak ASCII lines ("comm,01,..."), Modbus relays.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PulseAnswer:
    """The answer to "open". `door_open` is the contact at that moment, perhaps before the spring.

    `like_request`: its bytes are the very bytes of the request, so it may be an adapter's echo.
    """

    board: int
    lock: int
    door_open: bool
    like_request: bool = False


@dataclass(frozen=True, slots=True)
class DoorAnswer:
    """One door's contact; boards of some makes also say it unasked when a door closes."""

    board: int
    lock: int
    door_open: bool


@dataclass(frozen=True, slots=True)
class DoorsAnswer:
    """All contacts of a board; `open_doors[0]` is lock 1."""

    board: int
    open_doors: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class DoorChanged:
    """Said unasked: a door has opened or closed."""

    board: int
    lock: int
    door_open: bool


@dataclass(frozen=True, slots=True)
class Echo:
    """A question that came back: the line's adapter repeats what the host sends."""

    board: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The board says that it could not do it. `lock` 0: it does not say which one."""

    board: int
    lock: int


@dataclass(frozen=True, slots=True)
class Resting:
    """The board says that it gave no pulse, for this lock's coil must cool down first."""

    board: int
    lock: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that made no frame: why, and how many."""

    reason: str
    skipped: int


Answer = PulseAnswer | DoorAnswer | DoorsAnswer | DoorChanged | Echo | Refusal | Resting | Damaged


def xor(data: bytes | bytearray) -> int:
    """XOR of all bytes, 0..255; 0 for nothing."""
    rest = 0
    for byte in data:
        rest ^= byte
    return rest

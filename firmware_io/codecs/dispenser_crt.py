# SPDX-License-Identifier: Apache-2.0
"""Frames of the CRT-571 and CRT-591 card machines: bytes <-> commands and answers.

``F2 address length(2, big-endian) text 03 BCC``, BCC the XOR from F2 through 03. The host's text is
"C", command, parameter, data. The device acknowledges it with 06 (or 15), does it, then answers "P"
with three status characters, or "E" (some builds "N") with a two-character error, and is
acknowledged itself; without that it answers again. 04 clears the line: it stops what is being
done, and is answered with 04.

What a movement's parameter does differs from build to build, so a site proves each with a dummy
card (`kiosk dispenser prove`). On one CRT-591 a full bin is "2", and the error "A0" came as "0A".
A CRT-591H build with another frame and a 16-bit CRC is not spoken here. Source:
`dispenser_crt_tables`.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from firmware_io.codecs.dispenser_crt_tables import (
    ACK,
    ADDRESSES,
    CLEAR,
    HEAD,
    MOST_BYTES,
    NAK,
    TAIL,
)
from firmware_io.codecs.lockboard import xor
from firmware_io.codecs.resync import Resync

_BEFORE = 4
_ACT: Final = re.compile(r"[0-9A-Za-z]{2}")
_LEAST_TEXT = 5


class Card(Enum):
    """Where a card is."""

    NONE = "0"
    GATE = "1"
    READER = "2"


@dataclass(frozen=True, slots=True)
class Positive:
    """Done. `card`, `stacker` (0 empty, 1 few, 2 enough), `bin_full`; None: not told or unknown.

    `data`: for SENSORS one character a sensor, "1" with a card; how many differs between builds.
    """

    act: str
    card: Card | None
    stacker: int | None
    bin_full: bool | None
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Negative:
    """Not done; `error` as `dispenser_crt_tables.Code` writes it, or a code that is not in there.

    A digit before a letter, as one build sent it, is put in the maker's order: no code begins so.
    """

    act: str
    error: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The frame was understood."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The frame was not understood; nothing happens."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """The line is clear: nothing is being done."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that made no frame for us: how many."""

    skipped: int


Answer = Positive | Negative | Acknowledged | NotUnderstood | Cleared | Damaged
_ALONE: Final[dict[int, Answer]] = {ACK: Acknowledged(), NAK: NotUnderstood(), CLEAR: Cleared()}


def command(act: str, address: int = 0) -> bytes:
    """The frame of a command: `act` is command and parameter, address 0..15. ValueError else."""
    if address not in ADDRESSES:
        raise ValueError(f"no such address: {address}")
    if not _ACT.fullmatch(act):
        raise ValueError("a command is two letters or digits")
    text = b"C" + act.encode("ascii")
    frame = bytes((HEAD, address)) + len(text).to_bytes(2, "big") + text + bytes((TAIL,))
    return frame + bytes((xor(frame),))


def acknowledge() -> bytes:
    """The answer has arrived; else it is sent again."""
    return bytes((ACK,))


def ask_again() -> bytes:
    """The answer came damaged; it is sent again, and nothing is done again."""
    return bytes((NAK,))


def clear_line() -> bytes:
    """Stops what is being done, wherever the card is then."""
    return bytes((CLEAR,))


class Decoder(Resync[Answer]):
    """Turns what the wire brings into answers of one address. Never raises; holds 1029 bytes."""

    def __init__(self, address: int = 0) -> None:
        if address not in ADDRESSES:
            raise ValueError(f"no such address: {address}")
        super().__init__(MOST_BYTES)
        self._address = address

    def _first(self, *, silent: bool) -> tuple[Answer, int] | Literal[False] | None:
        size = self._size()
        if not size:
            return None if size is None else False
        found = _answer(bytes(self._held[:size]))
        return (found, size) if found else False

    def _damaged(self, skipped: int) -> Answer:
        return Damaged(skipped)

    def _size(self) -> int | None:
        """Of the message at the front; None: bytes are missing; 0: there is none."""
        held = self._held
        if held[0] in _ALONE:
            return 1
        if held[0] != HEAD or (len(held) > 1 and held[1] != self._address):
            return 0
        if len(held) < _BEFORE:
            return None
        text = int.from_bytes(held[2:_BEFORE], "big")
        size = _BEFORE + text + 2
        if text < _LEAST_TEXT or text > MOST_BYTES:
            return 0
        if len(held) < size:
            return None
        return size if held[size - 2] == TAIL and xor(held[:size]) == 0 else 0


def _answer(message: bytes) -> Answer | None:
    if message[0] in _ALONE:
        return _ALONE[message[0]]
    text = message[_BEFORE:-2].decode("latin-1")
    kind, act, rest = text[:1], text[1:3], text[3:]
    if kind in ("E", "N"):
        first, second = rest[:2].upper()
        return Negative(
            act, second + first if first.isdigit() and second in "AB" else first + second
        )
    if kind != "P" or len(rest) < 3:
        return None
    place, stacker, full = rest[:3]
    return Positive(
        act,
        Card(place) if place in "012" else None,
        int(stacker) if stacker in "012" else None,
        {"0": False, "1": True, "2": True}.get(full),
        rest[3:].encode("latin-1"),
    )

# SPDX-License-Identifier: Apache-2.0
"""Frames of the CRT-571 and CRT-591 card issuing machines: bytes <-> commands and answers.

``F2 address length(2, big-endian) text 03 BCC``, BCC the XOR from F2 through 03. The host's text is
"C", command, parameter, data. The device acknowledges it with 06 (or 15), then answers "P" with
three status characters, or "E" (some builds "N") with a two-character error, and is acknowledged
itself.

What a movement's parameter does differs from build to build (presenting and the error bin were seen
exchanged), so a site proves each with a dummy card; there is no driver for these machines yet.
Sources: syntech-pro/crt571 (0fc886e); a public driver written for a CRT-591-M001 and corrected on
the machine, where a full bin is "2" and an error came as "0A" for "A0". Not tried on hardware here.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from firmware_io.codecs.lockboard import xor
from firmware_io.codecs.resync import Resync

HEAD: Final = 0xF2
TAIL: Final = 0x03
ACK: Final = 0x06
NAK: Final = 0x15
MOST_BYTES: Final = 1024
_BEFORE = 4
ADDRESSES: Final = range(16)


class Act(bytes, Enum):
    """Command and parameter. All but STATUS, SENSORS and the entry switches may move a card."""

    RESET_LEAVING_THE_CARD = b"03"
    STATUS = b"10"
    SENSORS = b"11"
    PRESENT = b"20"
    TO_CHIP = b"21"
    TO_ANTENNA = b"22"
    TO_ERROR_BIN = b"23"
    EJECT = b"29"
    ALLOW_ENTRY = b"30"
    FORBID_ENTRY = b"31"


class Card(Enum):
    """Where a card is."""

    NONE = "0"
    GATE = "1"
    READER = "2"


@dataclass(frozen=True, slots=True)
class Positive:
    """Done. `card`, `stacker` (0 empty, 1 few, 2 enough), `bin_full`; None: not told or unknown."""

    act: bytes
    card: Card | None
    stacker: int | None
    bin_full: bool | None
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Negative:
    """Not done; `error` as the maker writes it: 10 jam, A0 empty, A1 bin full, B0 reset me."""

    act: bytes
    error: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The frame was understood."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The frame was not understood; nothing happens."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that made no frame for us: how many."""

    skipped: int


Answer = Positive | Negative | Acknowledged | NotUnderstood | Damaged


def command(act: Act, address: int = 0) -> bytes:
    """The frame of a command. Address 0..15; ValueError else."""
    if address not in ADDRESSES:
        raise ValueError(f"no such address: {address}")
    text = b"C" + act.value
    frame = bytes((HEAD, address)) + len(text).to_bytes(2, "big") + text + bytes((TAIL,))
    return frame + bytes((xor(frame),))


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
        if held[0] in (ACK, NAK):
            return 1
        if held[0] != HEAD or (len(held) > 1 and held[1] != self._address):
            return 0
        if len(held) < _BEFORE:
            return None
        text = int.from_bytes(held[2:_BEFORE], "big")
        size = _BEFORE + text + 2
        if text < 5 or text > MOST_BYTES:
            return 0
        if len(held) < size:
            return None
        return size if held[size - 2] == TAIL and xor(held[:size]) == 0 else 0


def _answer(message: bytes) -> Answer | None:
    if message[0] == ACK:
        return Acknowledged()
    if message[0] == NAK:
        return NotUnderstood()
    text = message[_BEFORE:-2]
    kind, act, rest = text[:1], text[1:3], text[3:]
    if kind in (b"E", b"N"):
        return Negative(act, rest[:2].decode("latin-1").upper())
    if kind != b"P" or len(rest) < 3:
        return None
    place, stacker, full = (chr(byte) for byte in rest[:3])
    return Positive(
        act,
        Card(place) if place in "012" else None,
        int(stacker) if stacker in "012" else None,
        {"0": False, "1": True, "2": True}.get(full),
        rest[3:],
    )

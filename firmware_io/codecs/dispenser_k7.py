# SPDX-License-Identifier: Apache-2.0
"""Frames of the K720, K730 and K750 card dispensers: bytes <-> commands and answers.

``02 address(2 digits) length(2, big-endian) payload 03 BCC``, BCC the XOR from 02 through 03. The
host sends a frame, the device acknowledges (06 and its address), the host lets it happen with 05.
Only questions have an answer; what a movement did is found by asking for the status. The older K720
has frames without address and length, and acknowledges with 06 alone. Source: `dispenser_tables`.
"""

from dataclasses import dataclass
from typing import Literal

from firmware_io.codecs.dispenser_tables import (
    ACK,
    ADDRESSES,
    D1,
    D2,
    D3,
    D4,
    ENQ,
    EOT,
    ETX,
    MOST_BYTES,
    NAK,
    STX,
)
from firmware_io.codecs.lockboard import xor
from firmware_io.codecs.resync import Resync

_HEAD = 5
_OLD_PAYLOAD = range(1, 17)


@dataclass(frozen=True, slots=True)
class Status:
    """What the machine says of itself. Sensors from inside to outside: reader, middle, mouth.

    `channel_known` is False for the answer to RF and for the older set, which leave it out.
    """

    box_full: bool = False
    cannot_execute: bool = False
    preparation_failed: bool = False
    preparing: bool = False
    dispensing: bool = False
    collecting: bool = False
    dispense_error: bool = False
    collect_error: bool = False
    hopper_full: bool = False
    overlapped: bool = False
    jam: bool = False
    low: bool = False
    empty: bool = False
    at_reader: bool = False
    at_middle: bool = False
    at_mouth: bool = False
    channel_known: bool = True

    @property
    def occupied(self) -> bool:
        """Whether any sensor of the channel sees a card."""
        return self.at_reader or self.at_middle or self.at_mouth

    @property
    def moving(self) -> bool:
        """Whether it says that it is at work."""
        return self.dispensing or self.collecting or self.preparing


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The frame was understood and waits for `execute`."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The frame was not understood; nothing happens."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command failed: 0 undefined, 1 parameter, 2 data, 3 cannot be executed, 4 failed."""

    code: int


@dataclass(frozen=True, slots=True)
class Other:
    """A sound frame of another kind."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that made no frame: how many."""

    skipped: int


Answer = Status | Acknowledged | NotUnderstood | Rejected | Other | Damaged


def _digits(address: int) -> bytes:
    if address not in ADDRESSES:
        raise ValueError(f"no such address: {address}")
    return b"%02d" % address


def command(act: str, address: int | None = 0) -> bytes:
    """The frame of a command (of `Act`); address 0..15, None for the older set. ValueError else."""
    payload = act.encode("ascii")
    head = b"" if address is None else _digits(address) + len(payload).to_bytes(2, "big")
    frame = bytes((STX,)) + head + payload + bytes((ETX,))
    return frame + bytes((xor(frame),))


def execute(address: int | None = 0) -> bytes:
    """Lets an acknowledged command happen. Sent twice, it may happen twice."""
    return bytes((ENQ,)) + (b"" if address is None else _digits(address))


def call_off() -> bytes:
    """Takes an acknowledged command back that was not executed yet."""
    return bytes((EOT,))


class Decoder(Resync[Answer]):
    """Turns what the wire brings into answers of the device at `address` (None: the older set).

    Never raises on it; holds at most 299 bytes. Frames of other addresses are skipped as damage.
    """

    def __init__(self, address: int | None = 0) -> None:
        super().__init__(MOST_BYTES)
        self._mark = b"" if address is None else _digits(address)
        self._old = address is None

    def _first(self, *, silent: bool) -> tuple[Answer, int] | Literal[False] | None:
        size = self._size()
        if not size:
            return None if size is None else False
        return self._answer(bytes(self._held[:size])), size

    def _damaged(self, skipped: int) -> Answer:
        return Damaged(skipped)

    def _size(self) -> int | None:
        """Of the message at the front; None: bytes are missing; 0: there is none."""
        held, mark = self._held, self._mark
        if held[0] not in (ACK, NAK, STX):
            return 0
        if not mark.startswith(bytes(held[1 : 1 + len(mark)])):
            return 0
        if len(held) < 1 + len(mark):
            return None
        if held[0] != STX:
            return 1 + len(mark)
        return self._old_size() if self._old else self._frame_size()

    def _frame_size(self) -> int | None:
        held = self._held
        if len(held) < _HEAD:
            return None
        size = _HEAD + int.from_bytes(held[3:_HEAD], "big") + 2
        if not _HEAD + 3 <= size <= MOST_BYTES:
            return 0
        if len(held) < size:
            return None
        return size if held[size - 2] == ETX and xor(held[:size]) == 0 else 0

    def _old_size(self) -> int | None:
        held = self._held
        for length in _OLD_PAYLOAD:
            if len(held) < length + 3:
                return None
            if held[length + 1] == ETX and xor(held[: length + 3]) == 0:
                return length + 3
        return 0

    def _answer(self, message: bytes) -> Answer:
        if message[0] == ACK:
            return Acknowledged()
        if message[0] == NAK:
            return NotUnderstood()
        payload = message[1 if self._old else _HEAD : -2]
        if payload[:2] == b"SF":
            return _status(payload[2:]) or Other(payload)
        if payload[:1] == b"N" and len(payload) == 4:
            return Rejected(payload[3])
        return Other(payload)


def _status(digits: bytes) -> Status | None:
    """Three or four digits, each a hex digit of flags."""
    if len(digits) not in (3, 4) or not all(chr(digit) in "0123456789ABCDEF" for digit in digits):
        return None
    flags = {
        name: bool(int(chr(digit), 16) >> bit & 1)
        for digit, names in zip(digits, (D1, D2, D3, D4), strict=False)
        for bit, name in enumerate(names)
    }
    return Status(**flags, channel_known=len(digits) == 4)

# SPDX-License-Identifier: Apache-2.0
"""Frames of the resident-ID-card module: bytes <-> requests and replies, no port and no clock.

Request ``AA AA AA 96 69 | length | CMD PARA data | check``; reply ``AA AA AA 96 69 | length |
SW1 SW2 SW3 data | check``. The length is two bytes, big-endian, and counts all that follows it. The
check byte is the XOR of length and body, so the XOR from byte 5 to the frame's end is zero.
Half-duplex: the module only answers. Source: see `firmware_io.codecs.samv_tables`.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

from firmware_io.codecs.samv_tables import (
    ADDRESS_BYTES,
    BODY_NUMBER_BYTES,
    FINGER_BYTES,
    FINGER_MARK,
    HEAD_BYTES,
    MAX_ADDRESSES,
    MAX_REPLY_LENGTH,
    MIN_REPLY_LENGTH,
    PHOTO_BYTES,
    PREAMBLE,
    SAM_NUMBER_BYTES,
    TEXT_BYTES,
    BriefCommand,
    Command,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole, checked answer. Decide on `status` (SW3); SW1 SW2 echo the card's own answer.

    `data` is 0 to 2556 bytes and may be a person's text: it is left out of `repr`.
    """

    status: int
    sw1: int = 0
    sw2: int = 0
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that made no frame: why, and how many. Never the bytes, they may be a person's."""

    reason: str
    skipped: int


def xor(data: bytes | bytearray | memoryview) -> int:
    """XOR of all bytes, 0..255; 0 for nothing."""
    rest = int.from_bytes(data, "little")
    size = len(data)
    while size > 1:
        size = (size + 1) // 2
        rest = (rest >> (8 * size)) ^ (rest & ((1 << (8 * size)) - 1))
    return rest


def encode(command: Command, data: bytes = b"") -> bytes:
    """The request's wire bytes: 10 with no data, one more for each byte of `data` (0..250)."""
    if len(data) > 250:
        raise ValueError("no known request carries more than 250 bytes")
    body = struct.pack(">HH", 3 + len(data), command) + data
    return PREAMBLE + body + bytes((xor(body),))


def encode_brief(command: BriefCommand) -> bytes:
    """The 9 wire bytes of a request that is one byte long."""
    body = struct.pack(">HB", 2, command)
    return PREAMBLE + body + bytes((xor(body),))


class Decoder:
    """Turns whatever a wire brings into replies. Never raises on its content.

    Holds at most one frame (2567 bytes) between calls. After damage it goes on one byte behind the
    failed preamble, so a good frame inside the damage is still found.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._skipped = 0

    @property
    def held(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Reply | Damaged]:
        """All that `data` completed, in wire order."""
        self._held += data
        return self._take(line_is_silent=False)

    def silence(self) -> list[Reply | Damaged]:
        """Told that nothing more is coming: reports what hangs unfinished, and forgets it.

        A frame behind a cut-off one may come out here.
        """
        return self._take(line_is_silent=True)

    def _take(self, *, line_is_silent: bool) -> list[Reply | Damaged]:
        out: list[Reply | Damaged] = []
        while True:
            start = self._held.find(PREAMBLE)
            if start < 0:
                keep = 0 if line_is_silent else _overlap(self._held)
                self._skip(len(self._held) - keep)
                break
            self._skip(start)
            if len(self._held) < HEAD_BYTES:
                reason = "cut off"
            else:
                length = int.from_bytes(self._held[5:HEAD_BYTES], "big")
                if not MIN_REPLY_LENGTH <= length <= MAX_REPLY_LENGTH:
                    self._fail(out, "length out of range")
                    continue
                end = HEAD_BYTES + length
                if len(self._held) >= end:
                    if not self._check_holds(end):
                        self._fail(out, "checksum")
                        continue
                    self._report(out, "junk")
                    sw1, sw2, status = self._held[7:10]
                    out.append(Reply(status, sw1, sw2, bytes(self._held[10 : end - 1])))
                    del self._held[:end]
                    continue
                reason = "cut off"
            if not line_is_silent:
                break
            self._fail(out, reason)
        if line_is_silent or self._skipped > MAX_REPLY_LENGTH:
            self._report(out, "junk")
        return out

    def _check_holds(self, end: int) -> bool:
        """Whether length, body and check byte of the frame that ends at `end` cancel out."""
        with memoryview(self._held) as held:
            return xor(held[5:end]) == 0

    def _skip(self, count: int) -> None:
        del self._held[:count]
        self._skipped += count

    def _fail(self, out: list[Reply | Damaged], reason: str) -> None:
        self._skip(1)
        self._report(out, reason)

    def _report(self, out: list[Reply | Damaged], reason: str) -> None:
        if self._skipped:
            out.append(Damaged(reason, self._skipped))
            self._skipped = 0


def _overlap(data: bytearray) -> int:
    """How many bytes at the end of `data` may be the start of a preamble."""
    for size in range(min(len(PREAMBLE) - 1, len(data)), 0, -1):
        if PREAMBLE.startswith(bytes(data[-size:])):
            return size
    return 0


@dataclass(frozen=True, slots=True)
class FingerRecord:
    """One 512-byte fingerprint record of the chip; its features are opaque to a booth.

    `result` 1 registered, 2 failed, 3 not registered, 9 unknown; `finger` 11..15 right thumb to
    little, 16..20 left, 97..99 unspecified; `quality` 0 unknown or 1..100. `usable` is False when
    the record lacks its mark, and the other figures then mean nothing.
    """

    usable: bool
    result: int
    finger: int
    quality: int
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a card holds: 256 bytes of text, 0..1024 bytes of photo (opaque), 0..2 fingers."""

    text: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    fingers: tuple[FingerRecord, ...] = ()


_TWO_LENGTHS: Final = struct.Struct(">HH")
_THREE_LENGTHS: Final = struct.Struct(">HHH")


def parse_holdings(data: bytes, *, with_fingers: bool) -> Holdings | None:
    """Data of a good answer to READ (or READ_WITH_FINGERS); None when its lengths disagree."""
    head = _THREE_LENGTHS if with_fingers else _TWO_LENGTHS
    if len(data) < head.size:
        return None
    sizes = head.unpack_from(data)
    text_size, photo_size, finger_size = sizes if with_fingers else (*sizes, 0)
    if text_size != TEXT_BYTES or photo_size > PHOTO_BYTES:
        return None
    if finger_size % FINGER_BYTES or finger_size > 2 * FINGER_BYTES:
        return None
    if head.size + text_size + photo_size + finger_size != len(data):
        return None
    photo_at = head.size + text_size
    fingers_at = photo_at + photo_size
    return Holdings(
        text=data[head.size : photo_at],
        photo=data[photo_at:fingers_at],
        fingers=tuple(
            _finger(data[at : at + FINGER_BYTES])
            for at in range(fingers_at, len(data), FINGER_BYTES)
        ),
    )


def _finger(raw: bytes) -> FingerRecord:
    return FingerRecord(raw[0] == FINGER_MARK, raw[4], raw[5], raw[6], raw)


def parse_addresses(data: bytes) -> tuple[str, ...] | None:
    """Appended addresses, blank records left out; None when the size is not 1..4 records."""
    count, rest = divmod(len(data), ADDRESS_BYTES)
    if rest or not 1 <= count <= MAX_ADDRESSES:
        return None
    records = (data[at : at + ADDRESS_BYTES] for at in range(0, len(data), ADDRESS_BYTES))
    texts = (record.decode("utf-16-le", "replace").rstrip(" \0") for record in records)
    return tuple(text for text in texts if text)


def parse_sam_number(data: bytes) -> str | None:
    """The module's number as printed on it, such as ``05.03-20151028-0001234567-3456789012``.

    16 bytes, little-endian: u16, u16, then a date written as a decimal number and two serials,
    u32 each. None for another size.
    """
    if len(data) != SAM_NUMBER_BYTES:
        return None
    return "{:02d}.{:02d}-{:08d}-{:010d}-{:010d}".format(*struct.unpack("<HHIII", data))


@dataclass(frozen=True, slots=True)
class BodyNumbers:
    """The chip's own numbers; personal data, to compare cards with and never to show."""

    iin: bytes = field(repr=False)
    serial: bytes = field(repr=False)
    chip: bytes = field(repr=False)


def parse_body_numbers(data: bytes) -> BodyNumbers | None:
    """28 bytes: 4 of IIN, 8 of serial, 16 of chip number; None for another size.

    UNKNOWN: the split is inferred from GA/T 490's field names; only the total is published.
    """
    if len(data) != BODY_NUMBER_BYTES:
        return None
    return BodyNumbers(data[:4], data[4:12], data[12:])

# SPDX-License-Identifier: Apache-2.0
"""ESC/POS: the bytes a receipt printer is sent.

Only what a booth needs: everything is printed as raster rows, because a printer's own font cannot
be trusted with names (4-byte GB 18030 codes are rare in printer ROMs), so text commands are absent.

Numbers and layouts are those of Epson's "ESC/POS Programming / Application guide, Paper roll"
and of the TM-T88III, TM-T90 and TM-T81 specifications; `GS ( H` and `DLE DC4 fn 8` follow Epson's
ESC/POS command reference on the web. The printer's answers are read by `escpos_status`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DLE, EOT, ENQ, DC4, ESC, GS, FS = 0x10, 0x04, 0x05, 0x14, 0x1B, 0x1D, 0x1C

INIT = bytes((ESC, 0x40))
"""`ESC @`: print buffer and modes back to power-up. Queued: it waits behind all sent before."""

CLEAR_BUFFERS = bytes((DLE, DC4, 8, 1, 3, 20, 1, 6, 2, 8))
"""`DLE DC4` fn 8, real-time: both buffers are emptied. Answered by `37 25 00`."""

NO_PULSE_NO_POWER_OFF = bytes((GS, 0x28, 0x44, 5, 0, 20, 1, 0, 2, 0))
"""`GS ( D`: real-time drawer pulse and power-off are ignored from here on (TM-T90 and later)."""

RECOVER_AND_CLEAR = bytes((DLE, ENQ, 2))
"""`DLE ENQ 2`: leave a cutter error after its cause was removed; buffers are emptied."""

QUEUED_PAPER_STATUS = bytes((GS, 0x72, 1))
"""`GS r 1`: one byte once everything before it was processed. Never answered when paper is out."""

HEAD_ROWS_MAX = 255
"""Rows in one strip: keeps `yH` at 0, which some clones misread (they take rows modulo 16)."""

# Sequences a printer obeys on reception, even between the bytes of an image: status requests
# (n = 17, 18 and 20 are Custom's), error recovery, pulse, power-off, clear (Epson, DLE chapters).
_REALTIME = re.compile(
    rb"\x10(?:\x04[\x01-\x08\x11\x12\x14]|\x05[\x00-\x03]|\x14[\x01-\x03\x06-\x08])"
)


@dataclass(frozen=True, slots=True)
class Strip:
    """One command that moves `rows` rows of paper, and its bytes."""

    data: bytes
    rows: int


def status_query(n: int) -> bytes:
    """`DLE EOT n`: 1 printer, 2 cause of being offline, 3 cause of an error, 4 paper sensors."""
    if n not in (1, 2, 3, 4):
        raise ValueError("status queries are numbered 1 to 4")
    return bytes((DLE, EOT, n))


def automatic_status(on: bool) -> bytes:
    """`GS a`: four bytes at every change of any item. Send it after `INIT`, which may cancel it."""
    return bytes((GS, 0x61, 0xFF if on else 0))


def process_id(number: int) -> bytes:
    """`GS ( H` fn 48: ask for a report once all sent before is on paper; see `process_mark`."""
    return bytes((GS, 0x28, 0x48, 6, 0, 0x30, 0x30)) + process_mark(number)


def offline_report(on: bool) -> bytes:
    """`GS ( H` fn 49: from here on a block comes whenever the printer goes offline."""
    return bytes((GS, 0x28, 0x48, 3, 0, 0x31, 0x30, 0x31 if on else 0x30))


def process_mark(number: int) -> bytes:
    """The four characters that stand for `number` (0-65535): one nibble each, 40h-4Fh.

    Those values can be mistaken for no status byte even when the head of the report is lost.
    """
    if not 0 <= number <= 0xFFFF:
        raise ValueError("a process id is 0 to 65535")
    return bytes(0x40 + (number >> shift & 15) for shift in (12, 8, 4, 0))


def process_number(mark: bytes) -> int | None:
    """The number of a four-character mark; None when it is not one of ours."""
    if len(mark) != 4 or any(byte & 0xF0 != 0x40 for byte in mark):
        return None
    number = 0
    for byte in mark:
        number = number << 4 | byte & 15
    return number


def identity_query(n: int) -> bytes:
    """`GS I n`, answered by a text block.

    65 firmware, 66 maker, 67 model, 68 serial number, 69 the language of its font.
    """
    if n not in (65, 66, 67, 68, 69):
        raise ValueError("identity queries are numbered 65 to 69")
    return bytes((GS, 0x49, n))


def cut(*, partial: bool = True, to_cutter: bool = True) -> bytes:
    """`GS V`: cut, by default after feeding the last row past the cutter."""
    if to_cutter:
        return bytes((GS, 0x56, 0x42 if partial else 0x41, 0))
    return bytes((GS, 0x56, 1 if partial else 0))


def feed(units: int) -> bytes:
    """`ESC J` as often as needed for `units` vertical motion units (usually a dot each)."""
    if units < 0:
        raise ValueError("paper feeds forward only")
    whole, rest = divmod(units, 255)
    return bytes((ESC, 0x4A, 255)) * whole + (bytes((ESC, 0x4A, rest)) if rest else b"")


def raster(rows: bytes, width_bytes: int) -> bytes:
    """`GS v 0`: dot rows of `width_bytes` bytes each, top first, leftmost dot in the high bit.

    One dot is turned black wherever the bytes would read as a real-time command (a picture could
    otherwise empty the printer's buffers or switch it off). Shapes two dots wide never change.
    """
    height, rest = divmod(len(rows), width_bytes)
    if rest or not 1 <= height <= HEAD_ROWS_MAX or not 1 <= width_bytes <= 255:
        raise ValueError("a strip has 1 to 255 whole rows of 1 to 255 bytes")
    return bytes((GS, 0x76, 0x30, 0, width_bytes, 0, height, 0)) + defused(rows)


def defused(rows: bytes) -> bytes:
    """`rows` with every real-time command in it broken by one more black dot (10h becomes 30h)."""
    return _REALTIME.sub(lambda found: b"\x30" + found.group()[1:], rows)


def realtime_commands(data: bytes) -> int:
    """How many real-time commands a printer would see anywhere in `data`."""
    return len(_REALTIME.findall(data))


def strips(
    bitmap: bytes, width_bytes: int, *, rows_per_strip: int = 24, feed_units_per_row: int = 1
) -> Iterator[Strip]:
    """A whole picture as commands: raster strips as wide as their ink, white rows fed, not sent.

    `bitmap` holds rows as for `raster`, any number of them; the printer must justify left (as
    after `INIT`). The wire is slower than the head, and most of a slip is white: what is left of
    it is sent. A strip stays small so that a lost byte spoils one strip only and the head can start
    while the rest is on the wire. Raises ValueError on a broken row.
    """
    count, rest = divmod(len(bitmap), width_bytes)
    if rest:
        raise ValueError("the picture does not consist of whole rows")
    blank = bytes(width_bytes)
    at = 0
    while at < count:
        end = at
        while end < count and bitmap[end * width_bytes : (end + 1) * width_bytes] == blank:
            end += 1
        white = end - at
        if white:
            for start in range(0, white, 255):
                rows = min(255, white - start)
                yield Strip(feed(rows * feed_units_per_row), rows)
            at = end
            continue
        end = at
        while (
            end < count
            and end - at < rows_per_strip
            and bitmap[end * width_bytes : (end + 1) * width_bytes] != blank
        ):
            end += 1
        rows = [bitmap[row * width_bytes : (row + 1) * width_bytes] for row in range(at, end)]
        inked = max(len(row.rstrip(b"\0")) for row in rows)
        yield Strip(raster(b"".join(row[:inked] for row in rows), inked), end - at)
        at = end

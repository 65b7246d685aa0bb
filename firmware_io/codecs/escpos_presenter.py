# SPDX-License-Identifier: Apache-2.0
"""Custom's kiosk printers: presenter, retractor, and their six-byte status.

Command references of Custom Engineering's KPM150, KPM210/216, KPM300 and TG02H. Printers of other
makes must not be sent these.
"""

from dataclasses import dataclass

from firmware_io.codecs.escpos import DLE, EOT, ESC, GS

FULL_STATUS = 20
FULL_STATUS_QUERY = bytes((DLE, EOT, FULL_STATUS))
"""`DLE EOT` 20, real-time; answered by `10 0F` and four bytes."""

RETRACT = bytes((GS, 0x65, 0x02))
EJECT = bytes((GS, 0x65, 0x05))
TOTAL_CUT = bytes((ESC, 0x69))
"""Cuts where the paper stands; the presenter's loop holds what is below."""


def present(steps: int) -> bytes:
    """`GS e 3`: push the slip out; a step is 0.6 to 22 mm, by model, and 0 the model's own way."""
    if not 0 <= steps <= 255:
        raise ValueError("0 to 255 steps")
    return bytes((GS, 0x65, 0x03, steps))


@dataclass(frozen=True, slots=True)
class PresenterStatus:
    """The full status. `ticket`: a slip stands in the mouth."""

    ticket: bool = False
    paper_out: bool = False
    paper_near_end: bool = False
    cover_open: bool = False
    overheated: bool = False
    unrecoverable: bool = False

    @classmethod
    def of(cls, four: bytes) -> "PresenterStatus":
        """From the four bytes after `10 0F`: paper, user, recoverable, unrecoverable."""
        paper, user, recoverable, unrecoverable = four
        return cls(
            ticket=bool(paper & 0x20),
            paper_out=bool(paper & 0x01),
            paper_near_end=bool(paper & 0x04),
            cover_open=bool(user & 0x03),
            overheated=bool(recoverable & 0x01),
            unrecoverable=bool(unrecoverable),
        )

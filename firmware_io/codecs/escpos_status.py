# SPDX-License-Identifier: Apache-2.0
"""ESC/POS: the bytes a receipt printer answers with, told apart and put into words.

Four kinds share the line without framing (Epson TM-T88III specification, appendix on
"identification of send status"; Citizen CT-S2000 manual, the same):

====================  ==========================================================
``0xx1xx10``          answer to `DLE EOT`
``0xx1xx00``          first of four automatic status bytes; the others ``0xx0xxxx``
35 37 3B 3D 5F        head of a block that ends with 00
11, 13                XON, XOFF, also inside the others
anything ``0xx0xxxx`` answer to `GS r` or `GS I` (by position only)
====================  ==========================================================
"""

from dataclasses import dataclass

from firmware_io.codecs.escpos_presenter import PresenterStatus

XON, XOFF = 0x11, 0x13
BLOCK_HEADS = frozenset((0x35, 0x37, 0x3B, 0x3D, 0x5F))
BLOCK_MAX = 96
"""Longest block kept. `GS I` texts end at 80 characters at the latest on the makes seen."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a printer says about itself, whichever way it was asked."""

    offline: bool = False
    cover_open: bool = False
    feeding: bool = False
    waiting: bool = False
    paper_out: bool = False
    paper_near_end: bool = False
    mechanical_error: bool = False
    cutter_error: bool = False
    unrecoverable: bool = False
    overheated: bool = False
    error: bool = False


@dataclass(frozen=True, slots=True)
class RealtimeAnswer:
    """The answer to the one `DLE EOT` on its way; `value` keeps its raw byte."""

    value: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """An unasked report of all items."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class ProcessDone:
    """All that was sent before this process id is on paper. `mark` is its four characters."""

    mark: bytes


@dataclass(frozen=True, slots=True)
class WentOffline:
    """Told by itself (`GS ( H` fn 49): cover, paper or an error. `causes` differ by model."""

    causes: bytes


@dataclass(frozen=True, slots=True)
class BuffersCleared:
    """The answer to `CLEAR_BUFFERS`."""


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Any other block: its head and what stood before the closing 00 (maker, model...)."""

    head: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PlainByte:
    """A byte that only its position explains: the answer to `GS r` or a one-byte `GS I`."""

    value: int


@dataclass(frozen=True, slots=True)
class FlowControl:
    """XON (`go` true) or XOFF."""

    go: bool


@dataclass(frozen=True, slots=True)
class FullStatus:
    """A Custom presenter's six bytes."""

    status: PresenterStatus


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that fit no kind."""

    skipped: int


Answer = (
    RealtimeAnswer
    | AutomaticStatus
    | ProcessDone
    | WentOffline
    | BuffersCleared
    | TextBlock
    | PlainByte
    | FlowControl
    | FullStatus
    | Damaged
)


class Decoder:
    """Bytes in, answers out. Keeps at most one block; never raises on what a wire says.

    `presenter`: the printer is one of Custom's, whose status of six bytes begins with `10 0F` and
    may hold anything, also what elsewhere is flow control.
    """

    def __init__(self, *, presenter: bool = False) -> None:
        self._held = bytearray()
        self._presenter = presenter

    def feed(self, data: bytes) -> list[Answer]:
        """Everything `data` completed, in wire order; XON and XOFF first if inside another."""
        out: list[Answer] = []
        for byte in data:
            if byte in (XON, XOFF) and not self._in_full_status:
                out.append(FlowControl(byte == XON))
                continue
            self._held.append(byte)
            while self._held and self._take(out):
                pass
        return out

    @property
    def _in_full_status(self) -> bool:
        return self._presenter and self._held[:2] == b"\x10\x0f"

    def reset(self) -> None:
        """Forget a half answer, as after a line was lost."""
        self._held.clear()

    def _take(self, out: list[Answer]) -> bool:
        """Move one answer from what is held to `out`; False when more bytes are needed."""
        head = self._held[0]
        if head in BLOCK_HEADS:
            return self._take_block(out)
        if head & 0x93 == 0x12:
            out.append(RealtimeAnswer(head))
        elif head & 0x93 == 0x10:
            return self._take_automatic(out)
        elif head & 0x90 == 0x00:
            out.append(PlainByte(head))
        else:
            out.append(Damaged(1))
        del self._held[0]
        return True

    def _take_automatic(self, out: list[Answer]) -> bool:
        if self._in_full_status:
            if len(self._held) < 6:
                return False
            out.append(FullStatus(PresenterStatus.of(bytes(self._held[2:6]))))
            del self._held[:6]
            return True
        if any(byte & 0x90 for byte in self._held[1:]):
            return self._skip_head(out)
        if len(self._held) < 4:
            return False
        out.append(AutomaticStatus(automatic_condition(bytes(self._held[:4]))))
        del self._held[:4]
        return True

    def _take_block(self, out: list[Answer]) -> bool:
        held = self._held
        end = held.find(0, 1)
        body = bytes(held[1 : end if end > 0 else None])
        if held[0] == 0x37 and body and body[0] not in b"\x22\x23\x25":
            return self._skip_head(out)
        offline = held[0] == 0x37 and body[:1] == b"\x23"
        if offline and (len(body) > 11 or any(not 0x40 <= byte <= 0x7F for byte in body[1:])):
            return self._skip_head(out)
        if not offline and any(not 0x20 <= byte <= 0x7E for byte in body):
            return self._skip_head(out)
        if len(held) > BLOCK_MAX:
            return self._skip_head(out)
        if held[0] == 0x37 and body[:1] == b"\x22" and (len(body) > 5 or 0 < end != 6):
            return self._skip_head(out)
        if end < 0:
            return False
        if held[0] == 0x37 and body[:1] == b"\x22":
            out.append(ProcessDone(body[1:]))
        elif offline:
            out.append(WentOffline(body[1:]))
        elif held[0] == 0x37 and body == b"\x25":
            out.append(BuffersCleared())
        else:
            out.append(TextBlock(held[0], body))
        del held[: end + 1]
        return True

    def _skip_head(self, out: list[Answer]) -> bool:
        out.append(Damaged(1))
        del self._held[0]
        return True


def is_realtime_answer(value: int) -> bool:
    """Whether a byte has the fixed bits of a `DLE EOT` answer."""
    return value & 0x93 == 0x12


def realtime_condition(n1: int, n2: int, n3: int, n4: int) -> Condition:
    """The four `DLE EOT` answers as one condition.

    With the cover open the paper sensor may say anything, so cover open outranks paper. Either
    bit of a sensor's pair counts as set: some clones set one only.
    """
    cover = bool(n2 & 0x04)
    return Condition(
        offline=bool(n1 & 0x08),
        waiting=bool(n1 & 0x20),
        cover_open=cover,
        feeding=bool(n2 & 0x08),
        paper_out=not cover and bool(n2 & 0x20 or n4 & 0x60),
        paper_near_end=bool(n4 & 0x0C),
        mechanical_error=bool(n3 & 0x04),
        cutter_error=bool(n3 & 0x08),
        unrecoverable=bool(n3 & 0x20),
        overheated=bool(n3 & 0x40),
        error=bool(n2 & 0x40),
    )


def automatic_condition(group: bytes) -> Condition:
    """The four bytes of an automatic status; the fourth is reserved and may hold anything."""
    b1, b2, b3, _ = group
    cover = bool(b1 & 0x20)
    return Condition(
        offline=bool(b1 & 0x08),
        waiting=bool(b2 & 0x01),
        cover_open=cover,
        feeding=bool(b1 & 0x40),
        paper_out=not cover and bool(b3 & 0x0C),
        paper_near_end=bool(b3 & 0x03),
        mechanical_error=bool(b2 & 0x04),
        cutter_error=bool(b2 & 0x08),
        unrecoverable=bool(b2 & 0x20),
        overheated=bool(b2 & 0x40),
        error=bool(b2 & 0x6C),
    )

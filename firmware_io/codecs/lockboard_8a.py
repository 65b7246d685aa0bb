# SPDX-License-Identifier: Apache-2.0
"""Frames of the "8A / 80" lock board: head, board, lock, function, XOR of the four.

Lock 0 means every lock, and the frame that opens all of board 1 has the check byte of one that
opens lock 3 of board 2: XOR does not protect the address. So nothing here builds an opening of
lock 0. "Not opened" has the very bytes of the request. Source: `lockboard_tables`.
"""

from typing import Literal

from firmware_io.codecs.lockboard import (
    Answer,
    Damaged,
    DoorAnswer,
    DoorsAnswer,
    Echo,
    PulseAnswer,
    xor,
)
from firmware_io.codecs.lockboard_tables import (
    BOARDS_8A,
    CODE_CLOSED,
    CODE_OPENED,
    FRAME_8A,
    FUNCTION_ASK,
    FUNCTION_OPEN,
    HEAD_OPEN,
    HEAD_STATE,
    LOCKS_8A,
)
from firmware_io.codecs.resync import Resync


def open_lock(board: int, lock: int) -> bytes:
    """Pulses one lock. Board 1..32, lock 1..24; ValueError else, above all for lock 0."""
    if board not in BOARDS_8A or lock not in LOCKS_8A:
        raise ValueError(f"no such lock: board {board}, lock {lock}")
    return _frame(HEAD_OPEN, board, lock, FUNCTION_OPEN)


def ask(board: int, lock: int) -> bytes:
    """Asks for one door. Board 1..32, lock 1..24; ValueError else."""
    if board not in BOARDS_8A or lock not in LOCKS_8A:
        raise ValueError(f"no such lock: board {board}, lock {lock}")
    return _frame(HEAD_STATE, board, lock, FUNCTION_ASK)


def ask_all(board: int) -> bytes:
    """Asks for all doors of a board, 1..32; ValueError else."""
    if board not in BOARDS_8A:
        raise ValueError(f"no such board: {board}")
    return _frame(HEAD_STATE, board, 0, FUNCTION_ASK)


def _frame(*fields: int) -> bytes:
    return bytes((*fields, xor(bytes(fields))))


class Decoder(Resync[Answer]):
    """Turns what the wire brings into answers. Never raises on it, holds at most 6 bytes.

    `locks` is the board's size, 1..24: its answer to `ask_all` has a bit a lock, in whole bytes (of
    24 locks three; for smaller boards that is an assumption). `inverted`: contacts of the other
    kind, both replies swapped. An answer about one door can be the beginning of one about all, so
    set `awaits_all` after `ask_all`.
    """

    def __init__(self, locks: int = 24, *, inverted: bool = False) -> None:
        if locks not in LOCKS_8A:
            raise ValueError(f"a board has 1 to 24 locks, not {locks}")
        super().__init__(FRAME_8A + 1)
        self._locks, self._inverted = locks, inverted
        self._whole = 4 + (locks + 7) // 8
        self.awaits_all = False

    def _first(self, *, silent: bool) -> tuple[Answer, int] | Literal[False] | None:
        held = self._held
        if held[0] not in (HEAD_OPEN, HEAD_STATE):
            return False
        if len(held) >= 2 and held[1] not in BOARDS_8A:
            return False
        if len(held) < FRAME_8A:
            return None
        short = self._short(held[:FRAME_8A])
        if held[0] == HEAD_OPEN:
            return (short, FRAME_8A) if short else False
        if short and not self.awaits_all:
            return short, FRAME_8A
        if len(held) < self._whole:
            may_be = self._whole - 2 >= len(held) or held[self._whole - 2] == FUNCTION_ASK
            return None if may_be and not silent else ((short, FRAME_8A) if short else False)
        frame = held[: self._whole]
        if frame[-2] == FUNCTION_ASK and xor(frame) == 0:
            return self._all(frame), self._whole
        return (short, FRAME_8A) if short else False

    def _damaged(self, skipped: int) -> Answer:
        return Damaged("junk", skipped)

    def _short(self, frame: bytearray) -> Answer | None:
        head, board, lock, code, _ = frame
        if xor(frame):
            return None
        if head == HEAD_STATE and code == FUNCTION_ASK and lock <= self._locks:
            return Echo(board)
        if code not in (CODE_OPENED, CODE_CLOSED) or not 1 <= lock <= self._locks:
            return None
        is_open = (code == CODE_OPENED) is not self._inverted
        if head == HEAD_STATE:
            return DoorAnswer(board, lock, is_open)
        return PulseAnswer(board, lock, is_open, like_request=code == FUNCTION_OPEN)

    def _all(self, frame: bytearray) -> DoorsAnswer:
        bits = int.from_bytes(frame[2:-2], "big")
        is_open = [(not bits >> lock & 1) is not self._inverted for lock in range(self._locks)]
        return DoorsAnswer(frame[1], tuple(is_open))

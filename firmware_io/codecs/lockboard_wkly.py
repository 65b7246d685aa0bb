# SPDX-License-Identifier: Apache-2.0
"""Frames of the "WKLY" lock board: WKLY, whole length, board, command, data, XOR of all before.

Requests are shorter than the answers to them, so an adapter's echo can be told from an answer. The
commands that hold a coil or open several doors are not built here. Source: `lockboard_tables`.
"""

from typing import Literal

from firmware_io.codecs.lockboard import (
    Answer,
    Damaged,
    DoorAnswer,
    DoorChanged,
    DoorsAnswer,
    Echo,
    PulseAnswer,
    Refusal,
    xor,
)
from firmware_io.codecs.lockboard_tables import (
    BOARDS_WKLY,
    DOOR_CLOSED,
    DOOR_OPEN,
    LOCKS_WKLY,
    STATUS_FAILED,
    STATUS_OK,
    WKLY,
    WKLY_LEAST,
    WKLY_MOST,
    Wkly,
)
from firmware_io.codecs.resync import Resync


def open_lock(board: int, lock: int) -> bytes:
    """Pulses one lock. Board 0..31, lock 1..24; ValueError else."""
    return _frame(board, Wkly.OPEN, _lock(lock))


def ask(board: int, lock: int) -> bytes:
    """Asks for one door. Board 0..31, lock 1..24; ValueError else."""
    return _frame(board, Wkly.ASK, _lock(lock))


def ask_all(board: int) -> bytes:
    """Asks for all doors of a board, 0..31; ValueError else."""
    return _frame(board, Wkly.ASK_ALL)


def _lock(lock: int) -> int:
    if lock not in LOCKS_WKLY:
        raise ValueError(f"no such lock: {lock}")
    return lock


def _frame(board: int, command: Wkly, *data: int) -> bytes:
    if board not in BOARDS_WKLY:
        raise ValueError(f"no such board: {board}")
    frame = WKLY + bytes((WKLY_LEAST + len(data), board, command, *data))
    return frame + bytes((xor(frame),))


class Decoder(Resync[Answer]):
    """Turns what the wire brings into answers. Never raises on it, holds at most 63 bytes."""

    def __init__(self) -> None:
        super().__init__(WKLY_MOST + 1)

    def _first(self, *, silent: bool) -> tuple[Answer, int] | Literal[False] | None:
        size = self._size()
        if not size:
            return None if size is None else False
        return _answer(bytes(self._held[:size])) or Damaged("unknown frame", size), size

    def _damaged(self, skipped: int) -> Answer:
        return Damaged("junk", skipped)

    def _size(self) -> int | None:
        """Of the whole frame at the front; None: bytes are missing; 0: there is none."""
        held = self._held
        start = bytes(held[: len(WKLY)])
        if not WKLY.startswith(start):
            return 0
        if len(held) <= len(WKLY):
            return None
        size = held[len(WKLY)]
        if not WKLY_LEAST <= size <= WKLY_MOST:
            return 0
        if len(held) < size:
            return None
        return 0 if xor(held[:size]) else size


def _answer(frame: bytes) -> Answer | None:
    board, command, data = frame[5], frame[6], frame[7:-1]
    match command, tuple(data):
        case ((Wkly.OPEN | Wkly.ASK | Wkly.ASK_ALL), (status, *rest)) if status == STATUS_FAILED:
            return Refusal(board, rest[0] if rest else 0)
        case ((Wkly.OPEN | Wkly.ASK), (_,)):
            return Echo(board)
        case Wkly.ASK_ALL, ():
            return Echo(board)
        case Wkly.OPEN, (status, lock, door) if status == STATUS_OK and _is_door(door):
            return PulseAnswer(board, lock, door == DOOR_OPEN)
        case Wkly.ASK, (status, lock, door) if status == STATUS_OK and _is_door(door):
            return DoorAnswer(board, lock, door == DOOR_OPEN)
        case Wkly.CHANGED, (lock, door) if _is_door(door):
            return DoorChanged(board, lock, door == DOOR_OPEN)
        case Wkly.ASK_ALL, (status, count, *doors) if (
            status == STATUS_OK and count == len(doors) and all(map(_is_door, doors))
        ):
            return DoorsAnswer(board, tuple(door == DOOR_OPEN for door in doors))
        case _:
            return None


def _is_door(value: int) -> bool:
    return value in (DOOR_OPEN, DOOR_CLOSED)

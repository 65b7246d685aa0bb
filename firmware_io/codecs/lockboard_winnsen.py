# SPDX-License-Identifier: Apache-2.0
"""Frames of the "Winnsen" lock board: 90, whole length, function, board, lock, state, 03.

No check byte: a flipped bit of the state is an answer like any other, so whoever asks must ask
twice. One question is about one lock. In the answer to it, some firmware says the state before the
lock, which cannot be told from the bytes alone: the site says which. Source: `lockboard_tables`.
"""

from typing import Final, Literal

from firmware_io.codecs.lockboard import (
    Answer,
    Damaged,
    DoorAnswer,
    Echo,
    PulseAnswer,
    Resting,
)
from firmware_io.codecs.lockboard_tables import (
    BOARDS_WINNSEN,
    LOCKS_WINNSEN,
    WINNSEN,
    WINNSEN_DONE,
    WINNSEN_END,
    WINNSEN_FAILED,
    WINNSEN_REPLY,
    WINNSEN_REQUEST,
    WINNSEN_RESTING,
    Winnsen,
)
from firmware_io.codecs.resync import Resync

_FUNCTIONS: Final = {
    WINNSEN_REQUEST: (Winnsen.OPEN, Winnsen.ASK),
    WINNSEN_REPLY: (Winnsen.OPENED, Winnsen.STATE),
}
_STATES: Final = (WINNSEN_FAILED, WINNSEN_DONE)


def open_lock(board: int, lock: int) -> bytes:
    """Pulses one lock. Board 0..4, lock 1..16; ValueError else."""
    return _frame(Winnsen.OPEN, board, lock)


def ask(board: int, lock: int) -> bytes:
    """Asks for one door. Board 0..4, lock 1..16; ValueError else."""
    return _frame(Winnsen.ASK, board, lock)


def _frame(function: Winnsen, board: int, lock: int) -> bytes:
    if board not in BOARDS_WINNSEN or lock not in LOCKS_WINNSEN:
        raise ValueError(f"no such lock: board {board}, lock {lock}")
    return bytes((WINNSEN, WINNSEN_REQUEST, function, board, lock, WINNSEN_END))


class Decoder(Resync[Answer]):
    """Turns what the wire brings into answers. Never raises on it, holds at most 6 bytes.

    `locks` is the board's size, 1..16. `inverted`: contacts of the other kind. `state_first`: the
    answer about a door says its state before its lock; one that fits only the other order is
    `Damaged`.
    """

    def __init__(
        self, locks: int = 16, *, inverted: bool = False, state_first: bool = False
    ) -> None:
        if locks not in LOCKS_WINNSEN:
            raise ValueError(f"a board has 1 to 16 locks, not {locks}")
        super().__init__(WINNSEN_REPLY + 1)
        self._locks, self._inverted, self._state_first = locks, inverted, state_first

    def _first(self, *, silent: bool) -> tuple[Answer, int] | Literal[False] | None:
        held = self._held
        if held[0] != WINNSEN:
            return False
        if len(held) < 2:
            return None
        size = held[1]
        functions = _FUNCTIONS.get(size)
        if functions is None or (len(held) > 2 and held[2] not in functions):
            return False
        if len(held) < size:
            return None
        if held[size - 1] != WINNSEN_END:
            return False
        answer = self._meant(*held[2 : size - 1])
        return (answer, size) if answer else False

    def _damaged(self, skipped: int) -> Answer:
        return Damaged("junk", skipped)

    def _meant(self, function: int, board: int, *rest: int) -> Answer | None:
        if board not in BOARDS_WINNSEN:
            return None
        match function, rest:
            case Winnsen.OPENED, (lock, state) if self._has(lock):
                return self._opened(board, lock, state)
            case Winnsen.STATE, fields:
                state, lock = fields if self._state_first else reversed(fields)
                if self._has(lock) and state in _STATES:
                    return DoorAnswer(board, lock, (state == WINNSEN_DONE) is not self._inverted)
                if self._has(state) and lock in _STATES:
                    return Damaged("state and lock in the other order", WINNSEN_REPLY)
            case _, (lock,) if self._has(lock):
                return Echo(board)
        return None

    def _opened(self, board: int, lock: int, state: int) -> Answer | None:
        if state == WINNSEN_RESTING:
            return Resting(board, lock)
        return PulseAnswer(board, lock, state == WINNSEN_DONE) if state in _STATES else None

    def _has(self, lock: int) -> bool:
        return 1 <= lock <= self._locks

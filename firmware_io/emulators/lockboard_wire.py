# SPDX-License-Identifier: Apache-2.0
"""How the emulated lock boards hear and speak: requests taken from the wire, answers put on it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Protocol

from firmware_io.codecs import lockboard_tables as table
from firmware_io.codecs.lockboard_tables import Winnsen, Wkly

OPEN_ANSWER_AFTER_S = 0.15


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: `act` is open, ask, ask_all or other; no locks means all of them."""

    act: str
    board: int
    locks: tuple[int, ...] = ()


class Tongue(Protocol):
    """A make's way to speak. `doors` are contacts: True is open.

    `takes_s`: from the pulse to the answer about it; meanwhile some boards answer nothing else.
    """

    takes_s: float
    busy: bool

    def hear(self, held: bytearray) -> Heard | None:
        """Takes the first whole request out of `held`, and all that can be none before it."""
        ...

    def opened(self, board: int, lock: int, is_open: bool) -> bytes:
        """The answer to "open"."""
        ...

    def door(self, board: int, lock: int, is_open: bool) -> bytes:
        """One contact."""
        ...

    def doors(self, board: int, doors: Sequence[bool]) -> bytes:
        """All contacts of a board."""
        ...

    def changed(self, board: int, lock: int, is_open: bool) -> bytes:
        """Said unasked."""
        ...

    def resting(self, board: int, lock: int) -> bytes:
        """No pulse was given, the coil must cool down; nothing if a board of this make has no word.

        Only such a board refuses.
        """
        ...


def _summed(fields: Iterable[int]) -> bytes:
    body = bytes(fields)
    return body + bytes((reduce(xor, body, 0),))


@dataclass(slots=True)
class Tongue8A:
    """The 8A/80 board. `inverted`: feedback contacts of the other kind."""

    inverted: bool = False
    takes_s: float = OPEN_ANSWER_AFTER_S
    busy: bool = False

    def hear(self, held: bytearray) -> Heard | None:
        """See `Tongue`."""
        while len(held) >= table.FRAME_8A:
            head, board, lock, function, check = held[: table.FRAME_8A]
            kind = {
                (table.HEAD_OPEN, table.FUNCTION_OPEN): "open",
                (table.HEAD_STATE, table.FUNCTION_ASK): "ask",
            }.get((head, function))
            if kind is None or check != head ^ board ^ lock ^ function:
                del held[0]
                continue
            del held[: table.FRAME_8A]
            if lock == 0:
                return Heard("ask_all" if kind == "ask" else "open", board)
            return Heard(kind, board, (lock,))
        return None

    def _code(self, is_open: bool) -> int:
        return table.CODE_OPENED if is_open is not self.inverted else table.CODE_CLOSED

    def opened(self, board: int, lock: int, is_open: bool) -> bytes:
        """The answer to "open"."""
        return _summed((table.HEAD_OPEN, board, lock, self._code(is_open)))

    def door(self, board: int, lock: int, is_open: bool) -> bytes:
        """One contact."""
        return _summed((table.HEAD_STATE, board, lock, self._code(is_open)))

    def doors(self, board: int, doors: Sequence[bool]) -> bytes:
        """All contacts of a board."""
        groups = [doors[at : at + 8] for at in range(0, len(doors), 8)]
        one = [
            sum((not d) is not self.inverted and 1 << n for n, d in enumerate(g)) for g in groups
        ]
        return _summed((table.HEAD_STATE, board, *reversed(one), table.FUNCTION_ASK))

    def changed(self, board: int, lock: int, is_open: bool) -> bytes:
        """Said unasked."""
        return self.door(board, lock, is_open)

    def resting(self, board: int, lock: int) -> bytes:
        """It knows no such thing."""
        return b""


class TongueWkly:
    """The WKLY board."""

    takes_s = OPEN_ANSWER_AFTER_S
    busy = False

    def hear(self, held: bytearray) -> Heard | None:
        """See `Tongue`."""
        while len(held) > len(table.WKLY):
            if held[: len(table.WKLY)] != table.WKLY:
                del held[0]
                continue
            size = held[len(table.WKLY)]
            if not table.WKLY_LEAST <= size <= table.WKLY_MOST:
                del held[0]
                continue
            if len(held) < size:
                return None
            frame = bytes(held[:size])
            if reduce(xor, frame, 0):
                del held[0]
                continue
            del held[:size]
            return self._meant(frame[5], frame[6], tuple(frame[7:-1]))
        return None

    def _meant(self, board: int, command: int, data: tuple[int, ...]) -> Heard:
        if command == Wkly.OPEN and len(data) == 1:
            return Heard("open", board, data)
        if command in (Wkly.OPEN_SEVERAL, Wkly.OPEN_SEVERAL_IN_TURN) and data[:1]:
            return Heard("open", board, data[1 : 1 + data[0]])
        if command == Wkly.OPEN_ALL:
            return Heard("open", board)
        if command == Wkly.ASK and len(data) == 1:
            return Heard("ask", board, data)
        if command == Wkly.ASK_ALL and not data:
            return Heard("ask_all", board)
        return Heard("other", board)

    def _say(self, board: int, command: Wkly, *data: int) -> bytes:
        return _summed((*table.WKLY, table.WKLY_LEAST + len(data), board, command, *data))

    def _state(self, is_open: bool) -> int:
        return table.DOOR_OPEN if is_open else table.DOOR_CLOSED

    def opened(self, board: int, lock: int, is_open: bool) -> bytes:
        """The answer to "open"."""
        return self._say(board, Wkly.OPEN, table.STATUS_OK, lock, self._state(is_open))

    def door(self, board: int, lock: int, is_open: bool) -> bytes:
        """One contact."""
        return self._say(board, Wkly.ASK, table.STATUS_OK, lock, self._state(is_open))

    def doors(self, board: int, doors: Sequence[bool]) -> bytes:
        """All contacts of a board."""
        states = map(self._state, doors)
        return self._say(board, Wkly.ASK_ALL, table.STATUS_OK, len(doors), *states)

    def changed(self, board: int, lock: int, is_open: bool) -> bytes:
        """Said unasked."""
        return self._say(board, Wkly.CHANGED, lock, self._state(is_open))

    def resting(self, board: int, lock: int) -> bytes:
        """It knows no such thing."""
        return b""


@dataclass(slots=True)
class TongueWinnsen:
    """The Winnsen board. `swapped`: firmware that says a door's state before its lock."""

    inverted: bool = False
    swapped: bool = False
    takes_s: float = table.WINNSEN_PULSE_S + table.WINNSEN_SETTLE_S
    busy: bool = True

    def hear(self, held: bytearray) -> Heard | None:
        """See `Tongue`."""
        while len(held) >= table.WINNSEN_REQUEST:
            head, size, function, board, lock, end = held[: table.WINNSEN_REQUEST]
            if (head, size, end) != (table.WINNSEN, table.WINNSEN_REQUEST, table.WINNSEN_END):
                del held[0]
                continue
            del held[: table.WINNSEN_REQUEST]
            act = {Winnsen.OPEN.value: "open", Winnsen.ASK.value: "ask"}.get(function, "other")
            return Heard(act, board, (lock,))
        return None

    def _say(self, function: Winnsen, board: int, *fields: int) -> bytes:
        frame = (table.WINNSEN, table.WINNSEN_REPLY, function, board, *fields, table.WINNSEN_END)
        return bytes(frame)

    def opened(self, board: int, lock: int, is_open: bool) -> bytes:
        """The answer to "open"."""
        done = table.WINNSEN_DONE if is_open else table.WINNSEN_FAILED
        return self._say(Winnsen.OPENED, board, lock, done)

    def door(self, board: int, lock: int, is_open: bool) -> bytes:
        """One contact."""
        state = table.WINNSEN_DONE if is_open is not self.inverted else table.WINNSEN_FAILED
        return self._say(Winnsen.STATE, board, *((state, lock) if self.swapped else (lock, state)))

    def doors(self, board: int, doors: Sequence[bool]) -> bytes:
        """Nobody can ask this board for all its doors."""
        return b""

    def changed(self, board: int, lock: int, is_open: bool) -> bytes:
        """Said unasked."""
        return self.door(board, lock, is_open)

    def resting(self, board: int, lock: int) -> bytes:
        """No pulse was given, the coil must cool down."""
        return self._say(Winnsen.OPENED, board, lock, table.WINNSEN_RESTING)


TONGUES: dict[str, Callable[[bool, bool], Tongue]] = {
    "8a": lambda inverted, _: Tongue8A(inverted),
    "wkly": lambda *_: TongueWkly(),
    "winnsen": TongueWinnsen,
}

# SPDX-License-Identifier: Apache-2.0
"""Talking with the lock boards of one line: doors are asked for often, a pulse is sent once."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from firmware_io.codecs import lockboard_8a, lockboard_wkly
from firmware_io.codecs.lockboard import (
    Answer,
    DoorAnswer,
    DoorsAnswer,
    Echo,
    PulseAnswer,
    Refusal,
)
from firmware_io.codecs.lockboard_tables import BOARDS_8A, BOARDS_WKLY, WKLY_GAP_S
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

_A = TypeVar("_A", bound=Answer)
TWIN_S: Final = 0.1
"""Silence after an answer, beside twice what it took, that rules out a second board."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> list[Answer]: ...

    def silence(self) -> list[Answer]: ...

    def reset(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Make:
    """How one make of board is spoken to. `gap_s`: least silence between two frames."""

    boards: range
    open_lock: Callable[[int, int], bytes]
    ask: Callable[[int, int], bytes]
    ask_all: Callable[[int], bytes]
    decoder: Callable[[int, bool], _Decoder]
    gap_s: float


MAKES: Final[dict[str, Make]] = {
    "8a": Make(
        BOARDS_8A,
        lockboard_8a.open_lock,
        lockboard_8a.ask,
        lockboard_8a.ask_all,
        lambda locks, inverted: lockboard_8a.Decoder(locks, inverted=inverted),
        0.0,
    ),
    "wkly": Make(
        BOARDS_WKLY,
        lockboard_wkly.open_lock,
        lockboard_wkly.ask,
        lockboard_wkly.ask_all,
        lambda locks, inverted: lockboard_wkly.Decoder(),
        WKLY_GAP_S,
    ),
}


class SilentError(Exception):
    """Nothing came back."""


class GarbledError(Exception):
    """Something came back, but no answer."""


class RefusedByBoardError(Exception):
    """The board says that it could not."""


class TwoAnswersError(Exception):
    """One question was answered twice: two boards have one address."""


class LockTalk:
    """The line. One thread at a time. The link's LinkLostError and LinkCancelledError pass through.

    `reply_s` is how long an answer may take (not published for either make; public programs wait
    0.75 s), `tries` how often a question is put. A pulse is never put a second time.
    """

    def __init__(
        self, link: SerialLink, make: str, *, locks: int, inverted: bool, reply_s: float, tries: int
    ) -> None:
        self.link = link
        self._make = MAKES[make]
        self._decoder = self._make.decoder(locks, inverted)
        self._locks = locks
        self._reply_s, self._tries = reply_s, tries
        self._heard: deque[Answer] = deque()
        self._quiet = Deadline.after(0.0)  # the next frame may leave
        self._late = True  # an answer to an earlier question may still come
        self._asked_at = time.monotonic()
        self._echoes = False  # the line repeats what is said, as a question has shown

    def reopened(self) -> None:
        """The line may carry what belongs to an earlier life."""
        self._decoder.reset()
        self._heard.clear()
        self._late = True

    def doors(
        self, board: int, *, alone: bool = False, tries: int | None = None
    ) -> tuple[bool, ...]:
        """All contacts of a board, True for open; `alone` waits whether a second board answers.

        Raises SilentError, GarbledError, RefusedByBoardError, and with `alone` TwoAnswersError.
        """
        request = self._make.ask_all(board)

        def mine(answer: DoorsAnswer) -> bool:
            return answer.board == board and len(answer.open_doors) == self._locks

        found = self._ask(request, board, DoorsAnswer, mine, every=True, tries=tries)
        if alone:  # a twin is about as quick
            took_s = time.monotonic() - self._asked_at
            self._hear_out(Deadline.after(min(self._reply_s, TWIN_S + 2 * took_s)))
            if any(mine(answer) for answer in self._taken(DoorsAnswer)):
                raise TwoAnswersError
        return found.open_doors

    def door(self, board: int, lock: int) -> bool:
        """One contact, True for open. Raises SilentError, GarbledError, RefusedByBoardError."""
        request = self._make.ask(board, lock)

        def mine(answer: DoorAnswer) -> bool:
            return (answer.board, answer.lock) == (board, lock)

        return self._ask(request, board, DoorAnswer, mine).door_open

    def ready_to_pulse(self) -> None:
        """Waits until the line may carry the next frame, so that nothing delays it later."""
        self._hear_out(self._quiet)

    def pulse(self, board: int, lock: int) -> None:
        """Sends the frame that opens a lock: once, and waits for no answer."""
        frame = self._make.open_lock(board, lock)
        self._awaiting_all(False)
        self.link.write(frame, Deadline.after(1.0))
        self._late = True
        self._quiet = Deadline.after(self._make.gap_s + self._wire_s(frame))

    def answered_pulse(self, board: int, lock: int) -> None:
        """Waits for the board's answer to a pulse. What it says of the door is asked for anew.

        Contacts are read at the pulse itself, and with some boards "not opened" is
        indistinguishable from an echo. Raises RefusedByBoardError.
        """
        deadline = Deadline.after(self._reply_s)
        echo = self._echoes
        while self._hear(deadline):
            for answer in self._taken(PulseAnswer):
                if echo and answer.like_request:
                    echo = False
                elif (answer.board, answer.lock) == (board, lock):
                    return
            if any(answer.board == board for answer in self._taken(Refusal)):
                raise RefusedByBoardError

    def rest(self, until: Deadline) -> None:
        """Lets time pass and takes in what is said unasked. Ends at once when called off."""
        self._hear_out(until)
        self._heard.clear()

    def _ask(
        self,
        request: bytes,
        board: int,
        kind: type[_A],
        mine: Callable[[_A], bool],
        *,
        every: bool = False,
        tries: int | None = None,
    ) -> _A:
        odd = False
        for _ in range(tries or self._tries):
            self._hear_out(self._quiet)
            if self._late:
                self.link.drain()
                self._decoder.reset()
            self._heard.clear()
            self._awaiting_all(every)
            self._late = True
            self._asked_at = time.monotonic()
            self.link.write(request, Deadline.after(1.0))
            deadline = Deadline.after(self._reply_s + 2 * self._wire_s(request))
            waiting = True
            while waiting:
                waiting = self._hear(deadline)
                if not waiting:
                    self._heard.extend(self._decoder.silence())
                if any(isinstance(answer, Echo) for answer in self._heard):
                    self._echoes = True
                for answer in self._taken(kind):
                    if mine(answer):
                        self._late = False
                        self._quiet = Deadline.after(self._make.gap_s)
                        return answer
                if any(answer.board == board for answer in self._taken(Refusal)):
                    raise RefusedByBoardError
                odd = odd or any(not isinstance(answer, Echo) for answer in self._heard)
                self._heard.clear()
        raise GarbledError if odd else SilentError

    def _awaiting_all(self, every: bool) -> None:
        if isinstance(self._decoder, lockboard_8a.Decoder):
            self._decoder.awaits_all = every

    def _wire_s(self, frame: bytes) -> float:
        return len(frame) * 10 / self.link.baudrate

    def _hear(self, deadline: Deadline) -> bool:
        try:
            self._heard.extend(self._decoder.feed(self.link.read(deadline)))
        except LinkTimeoutError:
            return False
        return True

    def _hear_out(self, deadline: Deadline) -> None:
        while not deadline.passed and self._hear(deadline):
            pass

    def _taken(self, kind: type[_A]) -> list[_A]:
        """Every answer of a kind, removed from what was heard."""
        found = [answer for answer in self._heard if isinstance(answer, kind)]
        self._heard = deque(answer for answer in self._heard if not isinstance(answer, kind))
        return found

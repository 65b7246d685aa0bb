# SPDX-License-Identifier: Apache-2.0
"""Talking with the lock boards of one line: doors are asked for often, a pulse is sent once."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

from drivers.lockboard_makes import MAKES
from firmware_io.codecs import lockboard_8a
from firmware_io.codecs.lockboard import (
    Answer,
    DoorAnswer,
    DoorsAnswer,
    Echo,
    PulseAnswer,
    Refusal,
    Resting,
)
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

_A = TypeVar("_A", bound=Answer)
TWIN_S: Final = 0.1
"""Silence after an answer, beside twice what it took, that rules out a second board."""


class SilentError(Exception):
    """Nothing came back."""


class GarbledError(Exception):
    """Something came back, but no answer."""


class RefusedByBoardError(Exception):
    """The board says that it could not."""


class GaveWayError(Exception):
    """Somebody has a better use for the line; nothing was found out."""


class TwoAnswersError(Exception):
    """One question was answered twice: two boards have one address."""


class LockTalk:
    """The line. One thread at a time. The link's LinkLostError and LinkCancelledError pass through.

    `reply_s` is how long an answer may take (not published for any make; public programs wait
    0.75 s, for the Winnsen board 2 s), `tries` how often a question is put. A pulse is never put a
    second time.
    """

    def __init__(
        self,
        link: SerialLink,
        make: str,
        *,
        locks: int,
        reply_s: float,
        tries: int,
        inverted: bool = False,
        state_first: bool = False,
    ) -> None:
        self.link = link
        self._make = MAKES[make]
        self._decoder = self._make.decoder(locks, inverted, state_first)
        self._locks = range(1, locks + 1)
        self._reply_s, self._tries = reply_s, tries
        self._heard: deque[Answer] = deque()
        self._quiet = Deadline.after(0.0)  # the next frame may leave
        self._late = True  # an answer to an earlier question may still come
        self._asked_at = time.monotonic()
        self._echoes = False  # the line repeats what is said, as a question has shown
        self._sure: dict[tuple[int, int], bool] = {}  # what two answers have agreed on

    def reopened(self) -> None:
        """The line may carry what belongs to an earlier life."""
        self._decoder.reset()
        self._heard.clear()
        self._late = True

    def doors(
        self,
        board: int,
        *,
        alone: bool = False,
        give_way: Callable[[], bool] | None = None,
        tries: int | None = None,
    ) -> tuple[bool, ...]:
        """All contacts of a board, True for open; `alone` waits whether a second board answers.

        With `give_way` it is a glance, which has time: it is asked between two questions whether to
        end with GaveWayError, and where frames are not protected one answer is enough that agrees
        with what was sure before. Raises SilentError, GarbledError, RefusedByBoardError, and with
        `alone` TwoAnswersError.
        """
        if self._make.ask_all is None:
            if give_way is not None:
                return tuple(self._glance(board, lock, give_way) for lock in self._locks)
            return self._one_by_one(board, alone=alone, tries=tries)
        request = self._make.ask_all(board)

        def mine(answer: DoorsAnswer) -> bool:
            return answer.board == board and len(answer.open_doors) == len(self._locks)

        found = self._ask(request, board, DoorsAnswer, mine, every=True, tries=tries, alone=alone)
        return found.open_doors

    def door(self, board: int, lock: int) -> bool:
        """One contact, True for open. Raises SilentError, GarbledError, RefusedByBoardError."""
        seen = self._contact(board, lock)
        return seen if self._make.protected else self._agreed(board, lock, seen)

    def _contact(
        self, board: int, lock: int, *, tries: int | None = None, alone: bool = False
    ) -> bool:
        """What one answer says."""
        request = self._make.ask(board, lock)

        def mine(answer: DoorAnswer) -> bool:
            return (answer.board, answer.lock) == (board, lock)

        return self._ask(request, board, DoorAnswer, mine, tries=tries, alone=alone).door_open

    def _agreed(self, board: int, lock: int, last: bool) -> bool:
        """What two answers in a row say; `last` is what the one before said."""
        for _ in range(self._tries + 1):
            seen = self._contact(board, lock)
            if seen is last:
                self._sure[board, lock] = seen
                return seen
            last = seen
        raise GarbledError

    def _one_by_one(self, board: int, *, alone: bool, tries: int | None) -> tuple[bool, ...]:
        """One round of questions, then a second one."""
        first = [
            self._contact(board, lock, tries=tries, alone=alone and lock == 1)
            for lock in self._locks
        ]
        return tuple(self._agreed(board, lock, seen) for lock, seen in enumerate(first, 1))

    def _glance(self, board: int, lock: int, give_way: Callable[[], bool]) -> bool:
        if give_way():
            raise GaveWayError
        seen = self._contact(board, lock)
        known = self._sure.get((board, lock)) is seen
        return seen if known else self._agreed(board, lock, seen)

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

    def answered_pulse(self, board: int, lock: int) -> bool:
        """Waits for the answer to a pulse; whether it says that there was none, a coil must rest.

        What it says of the door is asked for anew: with some boards contacts are read at the pulse
        itself, and "not opened" is indistinguishable from an echo. Raises RefusedByBoardError.
        """
        deadline = Deadline.after(max(self._reply_s, self._make.open_reply_s))
        echo = self._echoes
        while self._hear(deadline):
            for answer in self._taken(PulseAnswer):
                if echo and answer.like_request:
                    echo = False
                elif (answer.board, answer.lock) == (board, lock):
                    return False
            if Resting(board, lock) in self._taken(Resting):
                return True
            if any(answer.board == board for answer in self._taken(Refusal)):
                raise RefusedByBoardError
        return False

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
        alone: bool = False,
    ) -> _A:
        odd = twice = False
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
                if found := list(filter(mine, self._taken(kind))):
                    self._late = False
                    self._quiet = Deadline.after(self._make.gap_s)
                    if not alone or not (found[1:] or self._answered_again(kind, mine)):
                        return found[0]
                    if twice:
                        raise TwoAnswersError
                    twice = True  # or one of them was for whoever asked before us
                    break
                if any(answer.board == board for answer in self._taken(Refusal)):
                    raise RefusedByBoardError
                odd = odd or any(not isinstance(answer, Echo) for answer in self._heard)
                self._heard.clear()
        if twice:
            raise TwoAnswersError
        raise GarbledError if odd else SilentError

    def _answered_again(self, kind: type[_A], mine: Callable[[_A], bool]) -> bool:
        """Whether a twin answers what was answered just now; it is about as quick."""
        took_s = time.monotonic() - self._asked_at
        self._hear_out(Deadline.after(min(self._reply_s, TWIN_S + 2 * took_s)))
        return any(map(mine, self._taken(kind)))

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

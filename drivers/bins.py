# SPDX-License-Identifier: Apache-2.0
"""Card bins behind lock boards: one door opens, once, and the books know where every card is.

A movement is written to the journal before its frame leaves and never repeated: after silence, a
lost line or a power cut the doors' contacts are asked, and what they cannot tell is a doubt that
staff look into. A door opened is not a card taken: whoever saw the card (its chip on the reader, a
colleague's eyes) says so with `settle`.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from drivers.bins_books import UNSETTLED, Kind, Slot, Standing, Verb, Where, check_card
from drivers.bins_mover import Mover
from drivers.bins_settings import BinSettings
from drivers.errors import (
    AskAgainError,
    AskStaffError,
    OutOfServiceError,
    RefusedError,
)
from drivers.health import Health, State
from drivers.lockboard_makes import MAKES
from drivers.lockboard_talk import (
    GarbledError,
    GaveWayError,
    LockTalk,
    RefusedByBoardError,
    SilentError,
)
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError, LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

DEVICE: Final = "bins"
_OPENING: Final = frozenset({Verb.HAND_OUT, Verb.LOAD, Verb.INSPECT})
_AGREEING = 2  # readings in a row that make a door open
_CLOSED_POLLS = 3


class Bins(Mover):
    """All bins of a booth, called ``"1/3"``: board and lock. See `Mover`.

    OutOfServiceError beside those of `start`: bins.refused, .two_boards (one address), .feedback
    (every door reads open).
    """

    def __init__(
        self,
        path: str,
        journal: Path,
        *,
        settings: BinSettings | None = None,
        link: SerialLink | None = None,
        may_move: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings = one = settings or BinSettings()
        line = link or SerialLink(path, one.baudrate)
        super().__init__(DEVICE, line, journal, heartbeat_s=one.heartbeat_s, may_move=may_move)
        self._talk = LockTalk(
            line,
            one.make,
            locks=one.locks,
            inverted=one.inverted,
            state_first=one.state_first,
            reply_s=one.reply_s,
            tries=one.tries,
        )
        self._names = [f"{b}/{n}" for b in one.boards for n in range(1, one.locks + 1)]
        self._rested = Deadline.after(one.coil_rest_s)
        self._watched: set[int] = set()  # acts whose end somebody in this process waits for

    # -- the verbs -----------------------------------------------------------------------------

    def slots(self) -> tuple[Slot, ...]:
        """Every bin as the books have it; asks nothing."""
        return tuple(self._journal.books.slot(name) for name in self._names)

    def free_bin(self) -> str | None:
        """A bin that is surely empty and fit to be loaded; None when there is none."""
        free = (s for s in self.slots() if s.standing is Standing.REST and not s.card)
        return next((slot.place for slot in free), None)

    def sense(self, name: str) -> bool:
        """Whether this bin's door stands open, now. Raises as `start` does."""
        with self._act():
            self._ensure_ready()
            return self._talk.door(*self._lock(name))

    def open(self, name: str, verb: Verb, card: str = "") -> None:
        """Opens one bin: to HAND_OUT the card that lies in it, to LOAD one, or to INSPECT.

        Returns when the contact says open. Nothing moves and nothing is written unless every door
        is shut and the books agree. Raises RefusedError bins.not_here (the card is not in this bin,
        the bin not free, or the card in another); AskStaffError bins.door_open (some door is),
        bins.doubt and bins.stuck (this bin must be looked at first), bins.stuck also when it did
        not spring; AskAgainError bins.resting (its lock must cool down first, nothing moved);
        CancelledError; OutOfServiceError as `start`, and bins.power. After any of them the books
        hold what is known; asking again is a new movement, which somebody must want.
        """
        board, lock = self._lock(name)
        check_card(card)
        if verb not in _OPENING:
            raise ValueError(f"a bin is not opened to {verb}")
        with self._act():
            self._ensure_ready()
            self._talk.rest(self._rested)
            doors = self._look(acts_are_over=True)
            self._may_open(name, verb, card, doors)
            self._talk.ready_to_pulse()
            act = self._journal.books.acts + 1
            self._journal.write(Kind.INTENT, name, card=card, act=act, verb=verb)
            self._watched.add(act)
            self._rested = Deadline.after(self._settings.coil_rest_s)
            self._move(name, board, lock, act)

    def await_closed(self, name: str, wait_s: float) -> None:
        """Waits until the opened bin is shut again, for at least `closed_s` and three readings.

        Raises AskAgainError bins.left_open after `wait_s`; AskStaffError bins.doubt when it was
        shut before a new process could watch; CancelledError; OutOfServiceError as `start`.
        ValueError when the books do not have this bin open.
        """
        with self._act():
            self._ensure_ready()
            if self._slot(name).standing is Standing.DOUBT:
                raise AskStaffError("bins.doubt")
            if self._slot(name).standing is not Standing.REACH:
                raise ValueError(f"bin {name} is not open")
            self._watched.add(self._slot(name).act)
            limit = Deadline.after(wait_s)
            shut_since: float | None = None
            polls = 0
            while True:
                asked_at = time.monotonic()
                if self._talk.door(*self._lock(name)):
                    shut_since, polls = None, 0
                else:
                    shut_since, polls = shut_since or asked_at, polls + 1
                    if polls >= _CLOSED_POLLS and asked_at - shut_since >= self._settings.closed_s:
                        self._journal.write(Kind.CLOSED, name, act=self._slot(name).act)
                        return
                if limit.passed and not polls:
                    raise AskAgainError("bins.left_open")
                self._talk.rest(Deadline.after(self._settings.poll_s))

    def settle(self, name: str, where: Where, card: str = "") -> None:
        """Says where the card of a bin is, now that somebody has seen it: ends the act, or a doubt.

        HERE with `card` (what lies in the bin), else HOLDER, STAFF or MISSING. Raises ValueError
        while the bin is open or nothing is to be settled; OutOfServiceError bins.books_full.
        """
        with self._act():
            self._lock(name)
            self._ensure_books()
            slot = self._slot(name)
            if slot.standing in (Standing.REST, Standing.REACH, Standing.MOVING):
                raise ValueError(f"bin {name} has nothing to settle: {slot.standing}")
            if where is Where.BOX or (where is Where.HERE) != bool(card):
                raise ValueError("a card id belongs to HERE and to nothing else")
            elsewhere = self._journal.books.place_of(card) if card else None
            if elsewhere not in (None, name):
                raise ValueError("the books have this card in another bin")
            self._journal.write(Kind.SETTLED, name, card=card, act=slot.act, where=where)

    def find_boards(self) -> tuple[int, ...]:
        """Addresses at which a board answers, for the technician. Takes `reply_s` an address."""
        found: list[int] = []
        with self._act():
            self._open_link()
            for board in MAKES[self._settings.make].boards:
                with contextlib.suppress(SilentError, GarbledError, RefusedByBoardError):
                    self._talk.doors(board, tries=1)
                    found.append(board)
        return tuple(found)

    # -- inside ----------------------------------------------------------------------------------

    def _move(self, name: str, board: int, lock: int, act: int) -> None:
        """The pulse, and what became of it. The intent is on the disk."""
        rests = False
        try:
            self._talk.pulse(board, lock)
            self._journal.write(Kind.SENT, name, act=act)
            with contextlib.suppress(RefusedByBoardError):  # its contact tells, not its word
                rests = self._talk.answered_pulse(board, lock)
            is_open = self._springs(board, lock)
        except (LinkLostError, LinkTimeoutError, SilentError, GarbledError):
            self._journal.write(Kind.UNKNOWN, name, act=act)
            raise
        if is_open:
            self._journal.write(Kind.REACH, name, act=act)
            return
        self._journal.write(Kind.REFUSED if rests else Kind.SHUT, name, act=act)
        raise AskAgainError("bins.resting") if rests else AskStaffError("bins.stuck")

    def _springs(self, board: int, lock: int) -> bool:
        limit = Deadline.after(self._settings.spring_s)
        agreeing = 0
        while True:
            agreeing = agreeing + 1 if self._talk.door(board, lock) else 0
            if agreeing >= _AGREEING:
                return True
            if limit.passed and not agreeing:
                return False
            self._talk.rest(Deadline.after(self._settings.poll_s / 4))

    def _may_open(self, name: str, verb: Verb, card: str, doors: dict[str, bool]) -> None:
        books, slot = self._journal.books, self._slot(name)
        if any(doors.values()):
            raise AskStaffError("bins.door_open")
        if verb is not Verb.INSPECT:
            if slot.standing is not Standing.REST:
                stuck = slot.standing is Standing.STUCK
                raise AskStaffError("bins.stuck" if stuck else "bins.doubt")
            wanted = name if verb is Verb.HAND_OUT else None
            free = verb is Verb.HAND_OUT or not slot.card
            if not card or books.place_of(card) != wanted or not free:
                raise RefusedError("bins.not_here")
        elif card:
            raise ValueError("whoever inspects a bin says afterwards what lies in it")
        self._need_power()

    def _reopened(self) -> None:
        self._talk.reopened()

    def _wake(self, *, acts_are_over: bool) -> None:
        self._look(alone=True, acts_are_over=acts_are_over)

    def _refresh(self) -> None:
        with contextlib.suppress(GaveWayError):  # the act that waits looks for itself
            self._look(give_way=lambda: self._turn.wanted)

    def _look(
        self,
        *,
        alone: bool = False,
        give_way: Callable[[], bool] | None = None,
        acts_are_over: bool = False,
    ) -> dict[str, bool]:
        """Every door by name, and the books brought up to what the contacts say."""
        doors: dict[str, bool] = {}
        for board in self._settings.boards:
            found = self._talk.doors(board, alone=alone, give_way=give_way)
            if len(found) > 2 and all(found):
                raise OutOfServiceError("bins.feedback", f"every door of board {board} reads open")
            doors |= {f"{board}/{n}": is_open for n, is_open in enumerate(found, 1)}
        for name, is_open in doors.items():
            self._decide(self._slot(name), is_open, acts_are_over)
        self._judged(self._judge([name for name in doors if doors[name]]))
        return doors

    def _decide(self, slot: Slot, is_open: bool, acts_are_over: bool) -> None:
        """What a contact makes of an act that did not end, or of a door nobody was to open."""
        if slot.standing in UNSETTLED:
            if not acts_are_over and slot.act in self._watched:
                return
            if not is_open:
                self._journal.write(Kind.DOUBT, slot.place, act=slot.act)
            elif slot.standing is not Standing.REACH:
                self._journal.write(Kind.REACH, slot.place, act=slot.act)
        elif is_open and slot.standing is not Standing.DOUBT:
            self._journal.write(Kind.DOUBT, slot.place, act=slot.act)

    def _judge(self, open_doors: list[str]) -> Health:
        slots = [self._slot(name) for name in open_doors]
        if any(s.standing is not Standing.REACH or s.act not in self._watched for s in slots):
            return Health.ill(DEVICE, "bins.door_open", ", ".join(open_doors))
        if open_doors:
            return Health(DEVICE, State.BUSY)
        odd = [s.place for s in self.slots() if s.standing in (Standing.DOUBT, Standing.STUCK)]
        if len(odd) == len(self._names):
            return Health.ill(DEVICE, "bins.doubt")
        return Health.ready(DEVICE, f"look into {', '.join(odd)}" if odd else "")

    def _slot(self, name: str) -> Slot:
        return self._journal.books.slot(name)

    def _lock(self, name: str) -> tuple[int, int]:
        if name not in self._names:
            raise ValueError(f"there is no bin {name}")
        board, _, lock = name.partition("/")
        return int(board), int(lock)

# SPDX-License-Identifier: Apache-2.0
"""Opens bins for staff, and writes down what they found in them.

A card's sealed record is on the disk before the door springs that the card is laid behind, and goes
when the books say that the card is in no bin any more (`kiosk.sealed_cards`).
"""

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from drivers.bins import Bins
from drivers.bins_books import Books, Slot, Standing, Verb, Where
from drivers.bins_journal import JournalError
from drivers.errors import (
    AskAgainError,
    AskStaffError,
    BoothError,
    CancelledError,
    OutOfServiceError,
)
from drivers.health import Health, State
from kiosk.acts.bins_card import CardInHand
from kiosk.acts.bins_ledger import Ledger
from kiosk.cabinet import BinSeen, CabinetSeen, Found
from kiosk.commands import AwaitBin, OpenBin, OpenFreeBin, SettleBin, WatchBins
from kiosk.lane import Tell
from kiosk.sealed_cards import SealedCards
from kiosk.view import DoorState

LOOK_S = 0.25
WAITS = timedelta(days=30)  # for its holder; published practice of stations, not a rule
SHUT_S = 60.0  # then the person is asked to shut the door, and says when it is

_STATES = {Standing.REACH: DoorState.OPEN, Standing.STUCK: DoorState.STUCK}
_GONE_TO = {Verb.HAND_OUT: Where.HOLDER, Verb.LOAD: Where.STAFF, None: Where.MISSING}
"""Where a card is that is not in its bin, by what the bin was moved for and nobody has settled."""

BinsCommand = WatchBins | OpenFreeBin | OpenBin | AwaitBin | SettleBin


class BinsAct:
    """Answers `WatchBins`, `OpenFreeBin`, `OpenBin`, `AwaitBin` and `SettleBin`.

    `word` is the cabinet's health, known without asking it. `hand` holds the card that was read.
    `now` is the time with its offset. `admitted`: how many different people of the staff have
    proven themselves lately, where two must before a bin is opened to look into it; else None.
    """

    takes = (WatchBins, OpenFreeBin, OpenBin, AwaitBin, SettleBin)

    def __init__(
        self,
        bins: Bins,
        ledger: Ledger,
        cards: SealedCards,
        hand: CardInHand,
        word: Callable[[], Health],
        now: Callable[[], datetime],
        admitted: Callable[[], int] | None = None,
    ) -> None:
        self._bins, self._ledger, self._cards = bins, ledger, cards
        self._hand, self._word, self._now = hand, word, now
        self._admitted = admitted

    def run(self, command: BinsCommand, tell: Tell, off: threading.Event) -> BinSeen | None:
        """Raises what the driver raises; bins.none_free; bins.books_damaged and .books_full."""
        match command:
            case WatchBins():
                self._watch(tell, off)
            case OpenFreeBin():
                return self._open_free(off)
            case OpenBin(place):
                _not_called_off(off)
                if self._admitted is not None and self._admitted() < 2:
                    raise AskStaffError("bins.second_staff")
                self._bins.open(place, Verb.INSPECT)
            case AwaitBin(place):
                self._await(place)
            case SettleBin(place, found):
                self._settle(place, found)
        return None

    def cancel(self) -> None:
        """Ends a wait. A door that springs goes on springing; the books know of it."""
        self._bins.cancel()

    def _books(self) -> Books:
        try:
            return self._ledger.books()
        except (OSError, JournalError):
            raise OutOfServiceError("bins.books_damaged") from None

    def _agree(self) -> None:
        # What cannot be deleted now is when staff look at the cabinet the next time.
        with contextlib.suppress(OSError, BoothError):
            self._cards.agree(self._books())

    def _watch(self, tell: Tell, off: threading.Event) -> None:
        self._agree()
        said: CabinetSeen | None = None
        while True:
            if (seen := self._look()) != said:
                said = seen
                tell("seen", seen)
            if off.wait(LOOK_S):
                return

    def _look(self) -> CabinetSeen:
        word = self._word()
        reason = word.reason if word.state is State.ILL else ""
        try:
            books = self._books()
        except OutOfServiceError as wrong:
            return CabinetSeen(reason=reason or wrong.code)
        return CabinetSeen(tuple(self._seen(books.slot(name)) for name in self._names()), reason)

    def _names(self) -> tuple[str, ...]:
        return tuple(slot.place for slot in self._bins.slots())

    def _seen(self, slot: Slot) -> BinSeen:
        one_board = len({name.partition("/")[0] for name in self._names()}) == 1
        label = slot.place.partition("/")[2] if one_board else slot.place
        loaded = self._ledger.loaded(slot.card)
        late = loaded is not None and self._now() - loaded > WAITS
        at_rest = DoorState.LATE if late else DoorState.CARD if slot.card else DoorState.FREE
        state = _STATES.get(slot.standing, DoorState.LOOK)
        return BinSeen(
            slot.place,
            label,
            at_rest if slot.standing is Standing.REST else state,
            bool(slot.card),
            self._ledger.since(slot.place),
            loaded,
        )

    def _open_free(self, off: threading.Event) -> BinSeen:
        held = self._hand.held
        if held is None:
            raise AskAgainError("card.none")
        books = self._books()
        slots = (books.slot(name) for name in self._names())
        free = next((s for s in slots if s.standing is Standing.REST and not s.card), None)
        if free is None:
            raise AskStaffError("bins.none_free")
        _not_called_off(off)
        try:
            self._cards.add(held.id, held.sealed)
        except OSError:
            raise OutOfServiceError("bins.books_full") from None
        try:
            _not_called_off(off)  # the disk took its time
            self._bins.open(free.place, Verb.LOAD, held.id)
        except BoothError:
            self._agree()
            raise
        self._agree()
        self._hand.held = None
        return self._seen(self._books().slot(free.place))

    def _await(self, place: str) -> None:
        standing = self._books().slot(place).standing
        if standing is Standing.CLOSED:
            return
        if standing is not Standing.REACH:
            raise AskStaffError("bins.doubt")
        self._bins.await_closed(place, SHUT_S)

    def _settle(self, place: str, found: Found) -> None:
        slot = self._books().slot(place)
        where = Where.HERE if found is Found.SAME else Where.STAFF
        if found is Found.NOTHING and slot.card:
            where = _GONE_TO[self._ledger.meant(place)]
        try:
            self._bins.settle(place, where, slot.card if where is Where.HERE else "")
        except ValueError:  # it stands open again
            raise AskStaffError("bins.door_open") from None
        self._agree()


def _not_called_off(off: threading.Event) -> None:
    if off.is_set():
        raise CancelledError

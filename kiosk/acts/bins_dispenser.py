# SPDX-License-Identifier: Apache-2.0
"""Tells staff how the card dispenser is, and writes down what they found in it. Moves nothing."""

import threading
from collections.abc import Callable

from drivers.bins_books import Standing, Verb, Where
from drivers.bins_journal import JournalError
from drivers.dispenser import CHANNEL, Dispenser
from drivers.errors import AskStaffError
from drivers.health import Health, State
from kiosk.acts.bins_ledger import Ledger
from kiosk.cabinet import DispenserSeen, Found
from kiosk.commands import SettleDispenser, WatchDispenser
from kiosk.health_cabinet import LOW
from kiosk.lane import Tell

LOOK_S = 0.25
_GONE_TO = {Verb.HAND_OUT: Where.HOLDER, Verb.RETRACT: Where.BOX}
"""Where a card is that its last movement was to bring there and that is in the channel no more."""


class DispenserAct:
    """Answers `WatchDispenser` and `SettleDispenser`; `word` is the machine's health."""

    takes = (WatchDispenser, SettleDispenser)

    def __init__(self, dispenser: Dispenser, ledger: Ledger, word: Callable[[], Health]) -> None:
        self._dispenser, self._ledger, self._word = dispenser, ledger, word

    def run(
        self, command: WatchDispenser | SettleDispenser, tell: Tell, off: threading.Event
    ) -> None:
        """Raises what the driver's `settle` raises, and dispenser.occupied for what is no doubt."""
        if isinstance(command, SettleDispenser):
            self._settle(command.found)
            return
        said: DispenserSeen | None = None
        while True:
            if (seen := self._look()) != said:
                said = seen
                tell("seen", seen)
            if off.wait(LOOK_S):
                return

    def cancel(self) -> None:
        """Ends a question to the machine."""
        self._dispenser.cancel()

    def _look(self) -> DispenserSeen:
        word = self._word()
        reason = word.reason if word.state is State.ILL else ""
        hopper = "empty" if reason == "dispenser.empty" else ""
        if word.state is State.READY:
            hopper = "low" if word.detail == LOW else "fine"
        try:
            slot = self._ledger.books().slot(CHANNEL)
        except (OSError, JournalError):
            return DispenserSeen(State.ILL, reason or "dispenser.books_damaged")
        return DispenserSeen(
            word.state,
            reason,
            hopper,
            bool(slot.card) or slot.standing is not Standing.REST,
            slot.standing is Standing.DOUBT,
            self._ledger.since(CHANNEL),
        )

    def _settle(self, found: Found) -> None:
        verb = self._dispenser.slot().verb
        where = _GONE_TO.get(verb, Where.STAFF) if verb and found is Found.NOTHING else Where.STAFF
        try:
            self._dispenser.settle(where)
        except ValueError:
            raise AskStaffError("dispenser.occupied") from None

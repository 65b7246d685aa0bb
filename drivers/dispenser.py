# SPDX-License-Identifier: Apache-2.0
"""A card dispenser: one card through its channel, every movement in the books and done once.

Out of the hopper to the reader (`feed`), read there and named (`bind`), shown in the mouth
(`present`), taken (`await_taken`) or taken back into the box (`retract`). After silence, a lost
line or a power cut the sensors decide; what they cannot tell is a doubt that staff look into. The
box has no sensor: a card counts as retracted when the machine, having said that it collects, says
that it is through and no sensor sees a card. The machine is never reset: that may move a card.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.bins_books import UNSETTLED, Kind, Slot, Standing, Verb, Where, check_card
from drivers.bins_mover import Mover
from drivers.dispenser_talk import DispenserTalk
from drivers.errors import AskAgainError, AskStaffError, OutOfServiceError, RefusedError
from drivers.health import Health, State
from drivers.lockboard_talk import GarbledError, SilentError
from firmware_io.codecs.dispenser_k7 import Status
from firmware_io.codecs.dispenser_tables import ADDRESSES, MOVE_S, RATE, Act
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError, LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

DEVICE: Final = "dispenser"
CHANNEL: Final = "channel"
_CLEAR_POLLS = 3


@dataclass(frozen=True, slots=True)
class DispenserSettings:
    """Address as set on the machine, times in seconds. Raises ValueError for what cannot be."""

    address: int = 0
    baudrate: int = RATE
    reply_s: float = 0.3
    tries: int = 3
    move_s: float = MOVE_S
    clear_s: float = 0.5
    heartbeat_s: float = 5.0

    def __post_init__(self) -> None:
        if self.address not in ADDRESSES:
            raise ValueError("addresses are 0 to 15")


class Dispenser(Mover):
    """One K7x0 machine. See `Mover`."""

    def __init__(
        self,
        path: str,
        journal: Path,
        *,
        settings: DispenserSettings | None = None,
        link: SerialLink | None = None,
        may_move: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings = one = settings or DispenserSettings()
        line = link or SerialLink(path, one.baudrate)
        super().__init__(DEVICE, line, journal, heartbeat_s=one.heartbeat_s, may_move=may_move)
        self._talk = DispenserTalk(line, one.address, reply_s=one.reply_s, tries=one.tries)

    # -- the verbs -----------------------------------------------------------------------------

    def slot(self) -> Slot:
        """What the books have in the channel; asks nothing."""
        return self._journal.books.slot(CHANNEL)

    def feed(self) -> None:
        """Brings a card from the hopper to the reader. Nobody knows yet which one: see `bind`.

        Raises AskStaffError dispenser.empty, .jam, .occupied, .doubt, .box_full (a card could not
        be taken back); OutOfServiceError as `start`, .power, and .stalled when nothing came.
        """
        with self._act():
            status = self._before(Standing.REST)
            if status.occupied or self.slot().card:
                raise AskStaffError("dispenser.occupied")
            if status.empty:
                raise AskStaffError("dispenser.empty")
            if status.box_full:
                raise AskStaffError("dispenser.box_full")
            after = self._move(Verb.FEED, Act.TO_READER, lambda now: now.at_reader)
            self._note(Kind.HELD)
            if not after.at_reader:
                raise OutOfServiceError("dispenser.stalled")

    def bind(self, card: str) -> None:
        """Says which card is at the reader, once its chip was read. ValueError if none is."""
        check_card(card)
        with self._act():
            self._ensure_ready()
            if not card or self.slot().standing in UNSETTLED or not self._talk.status().at_reader:
                raise ValueError("no card to be named is at the reader")
            self._note(Kind.SETTLED, card=card, where=Where.HERE)

    def present(self, card: str) -> None:
        """Shows the named card in the mouth. Raises RefusedError dispenser.not_here; as `feed`."""
        with self._act():
            status = self._before(Standing.REST)
            if not card or self.slot().card != card or not status.at_reader:
                raise RefusedError("dispenser.not_here")
            after = self._move(Verb.HAND_OUT, Act.PRESENT, lambda now: now.at_mouth)
            if after.at_mouth:
                self._note(Kind.REACH)
                return
            self._note(Kind.HELD if after.at_reader else Kind.UNKNOWN)
            raise OutOfServiceError("dispenser.stalled")

    def await_taken(self, wait_s: float) -> None:
        """Waits until the mouth is clear for `clear_s` and three readings: then it is handed out.

        Raises AskAgainError dispenser.left after `wait_s` (then `retract`); OutOfServiceError as
        `start`; AskStaffError dispenser.doubt when it went before a new process could watch.
        ValueError when no card is presented.
        """
        with self._act():
            self._ensure_ready()
            if self.slot().standing is Standing.DOUBT:
                raise AskStaffError("dispenser.doubt")
            if self.slot().standing is not Standing.REACH:
                raise ValueError("no card is presented")
            limit, since, polls = Deadline.after(wait_s), 0.0, 0
            while True:
                status = self._talk.status()
                now = time.monotonic()
                if status.occupied:
                    polls = 0
                else:
                    since, polls = since if polls else now, polls + 1
                    if polls >= _CLEAR_POLLS and now - since >= self._settings.clear_s:
                        self._note(Kind.SETTLED, where=Where.HOLDER)
                        return
                if limit.passed and not polls:
                    raise AskAgainError("dispenser.left")

    def retract(self) -> None:
        """Takes the card in the channel into the box; a named one stays bound to its holder.

        Raises AskStaffError dispenser.box_full and the others of `feed`; ValueError when there is
        no card.
        """
        with self._act():
            status = self._before(Standing.REST, Standing.REACH)
            if not status.occupied:
                raise ValueError("no card is in the channel")
            if status.box_full:
                raise AskStaffError("dispenser.box_full")
            after = self._move(Verb.RETRACT, Act.CAPTURE, lambda now: not now.occupied)
            if after.occupied:
                self._note(Kind.REACH if after.at_mouth else Kind.HELD)
                raise OutOfServiceError("dispenser.stalled")
            self._note(Kind.SETTLED, where=Where.BOX)

    def settle(self, where: Where, card: str = "") -> None:
        """Staff's word, having looked: the named card is HERE, or the doubtful one is elsewhere."""
        with self._act():
            self._ensure_books()
            if self.slot().standing is not Standing.DOUBT or (where is Where.HERE) != bool(card):
                raise ValueError("nothing to settle, or a card id out of place")
            self._note(Kind.SETTLED, card=card, where=where)

    # -- inside ----------------------------------------------------------------------------------

    def _before(self, *standings: Standing) -> Status:
        """The status that precedes a movement. Raises for everything that forbids any."""
        self._ensure_ready()
        status = self._talk.status()
        limit = Deadline.after(self._settings.move_s)
        while status.moving and not limit.passed:  # the end of an act that was called off
            status = self._talk.status()
        if status.jam or status.overlapped:
            raise AskStaffError("dispenser.jam")
        if status.moving:
            raise OutOfServiceError("dispenser.stalled")
        if self.slot().standing in UNSETTLED and self.slot().standing not in standings:
            self._decide(status)
        if self.slot().standing not in standings:
            seen = self.slot().standing is not Standing.DOUBT and status.occupied
            raise AskStaffError("dispenser.occupied" if seen else "dispenser.doubt")
        self._need_power()
        return status

    def _move(self, verb: Verb, act: Act, arrived: Callable[[Status], bool]) -> Status:
        """One movement: acknowledged, written down, let happen, watched to its end.

        That nothing is seen any more is an arrival only if the machine said that it was moving.
        """
        began = False
        self._talk.prepare(act)
        number = self._journal.books.acts + 1
        try:
            self._journal.write(Kind.INTENT, CHANNEL, act=number, verb=verb)
        except BaseException:
            self._talk.call_off()
            raise
        try:
            self._talk.execute()
            self._note(Kind.SENT)
            limit = Deadline.after(self._settings.move_s)
            while True:
                status = self._talk.status()
                wrong = status.jam or status.overlapped
                if wrong or status.dispense_error or status.collect_error:
                    self._note(Kind.UNKNOWN)
                    raise AskStaffError("dispenser.jam")
                began = began or status.moving
                through = (arrived(status) and (began or status.occupied)) or status.cannot_execute
                if (through and not status.moving) or limit.passed:
                    break
        except (LinkLostError, LinkTimeoutError, SilentError, GarbledError):
            self._note(Kind.UNKNOWN)
            raise
        if status.moving or (verb is Verb.RETRACT and not (began or status.occupied)):
            self._note(Kind.UNKNOWN)
            raise OutOfServiceError("dispenser.stalled")
        return status

    def _note(self, kind: Kind, card: str = "", where: Where | None = None) -> None:
        self._journal.write(kind, CHANNEL, card=card, act=self.slot().act, where=where)

    def _reopened(self) -> None:
        self._talk.reopened()

    def _wake(self, *, acts_are_over: bool) -> None:
        status = self._talk.status()
        if acts_are_over:
            self._decide(status)
        self._judged(self._judge(status))

    def _refresh(self) -> None:
        self._judged(self._judge(self._talk.status()))

    def _decide(self, status: Status) -> None:
        """What the sensors make of an act that nobody waits for any more, and of the books."""
        slot = self.slot()
        if slot.standing is Standing.DOUBT:
            return
        if slot.standing in UNSETTLED and status.at_mouth and not status.moving:
            kind = Kind.REACH
        elif slot.standing in UNSETTLED and status.at_reader and not status.moving:
            kind = Kind.HELD
        elif slot.standing in UNSETTLED:
            kind = Kind.DOUBT
        else:
            kind = None if status.occupied or not slot.card else Kind.DOUBT
        if kind is not None and not (kind is Kind.REACH and slot.standing is Standing.REACH):
            self._note(kind)

    def _judge(self, status: Status) -> Health:
        if status.jam or status.overlapped:
            return Health.ill(DEVICE, "dispenser.jam")
        if self.slot().standing is Standing.DOUBT:
            return Health.ill(DEVICE, "dispenser.doubt")
        if self.slot().standing in UNSETTLED or status.moving:
            return Health(DEVICE, State.BUSY)
        if status.box_full:
            return Health.ill(DEVICE, "dispenser.box_full")
        if status.empty and not status.occupied:
            return Health.ill(DEVICE, "dispenser.empty")
        return Health.ready(DEVICE, "hopper nearly empty" if status.low else "")

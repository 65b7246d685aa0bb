# SPDX-License-Identifier: Apache-2.0
"""A card dispenser: one card through its channel, every movement in the books and done once.

Out of the hopper to the reader (`feed`), read there and named (`bind`), shown in the mouth
(`present`), taken (`await_taken`) or taken back into the box (`retract`). After silence, a lost
line or a power cut the sensors decide; what they cannot tell is a doubt that staff look into. The
box has no sensor: a card counts as retracted when the machine's own word is that it collected, and
no sensor sees a card. What a make says, and what it is told, is in its `MachineTalk`.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from drivers.bins_books import UNSETTLED, Kind, Slot, Standing, Verb, Where, check_card
from drivers.bins_mover import Mover
from drivers.dispenser_crt_talk import CrtTalk
from drivers.dispenser_k7_talk import K7Talk
from drivers.dispenser_machine import MachineStatus, MachineTalk, RestartedError
from drivers.dispenser_settings import DispenserSettings
from drivers.errors import AskAgainError, AskStaffError, BoothError, OutOfServiceError, RefusedError
from drivers.health import Health, State
from drivers.lockboard_talk import GarbledError, SilentError
from firmware_io.codecs.dispenser_tables import ADDRESSES
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError, LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

DEVICE: Final = "dispenser"
CHANNEL: Final = "channel"
STAFF_REFUSALS: Final = frozenset({"dispenser.empty", "dispenser.box_full"})
LOOKED_INTO: Final = frozenset(
    {"dispenser.jam", "dispenser.motor", "dispenser.sensor", "dispenser.by_hand"}
)
_CLEAR_POLLS = 3


def talk_with(link: SerialLink, settings: DispenserSettings) -> MachineTalk:
    """The dialogue of the make that is set."""
    one = settings
    if one.make == "k7":
        return K7Talk(link, one.address, one.commands, reply_s=one.reply_s, tries=one.tries)
    return CrtTalk(
        link,
        one.address,
        one.commands,
        one.profile,
        reply_s=one.reply_s,
        tries=one.tries,
        move_s=one.move_s,
    )


class Dispenser(Mover):
    """One machine of any make of `PROFILES`. See `Mover`."""

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
        self._talk = talk_with(line, one)

    # -- the verbs -----------------------------------------------------------------------------

    def slot(self) -> Slot:
        """What the books have in the channel; asks nothing."""
        return self._journal.books.slot(CHANNEL)

    def look(self) -> MachineStatus:
        """What the machine says of itself, now. Raises as `start` does."""
        with self._act():
            self._ensure_ready()
            return self._at_rest()

    def feed(self) -> None:
        """Brings a card from the hopper to the reader. Nobody knows yet which one: see `bind`.

        Raises AskStaffError dispenser.empty, .occupied, .doubt, .box_full (a card could not be
        taken back), .jam, .motor, .sensor, .by_hand; OutOfServiceError as `start`, .power, .stalled
        when nothing came, .refused when the machine knows no such movement, .restarted.
        """
        with self._act():
            status = self._before(Standing.REST)
            if status.occupied or self.slot().card:
                raise AskStaffError("dispenser.occupied")
            if status.empty:
                raise AskStaffError("dispenser.empty")
            if status.box_full:
                raise AskStaffError("dispenser.box_full")
            after = self._move(Verb.FEED, lambda now: now.at_reader)
            self._note(Kind.REACH if after.at_mouth else Kind.HELD)
            if not after.at_reader:
                raise _not_made(after)

    def bind(self, card: str) -> None:
        """Says which card is at the reader, once its chip was read. ValueError if none is."""
        check_card(card)
        with self._act():
            self._ensure_ready()
            if not card or self.slot().standing in UNSETTLED or not self._at_rest().at_reader:
                raise ValueError("no card to be named is at the reader")
            self._note(Kind.SETTLED, card=card, where=Where.HERE)

    def present(self, card: str) -> None:
        """Shows the named card in the mouth. Raises RefusedError dispenser.not_here; as `feed`."""
        with self._act():
            status = self._before(Standing.REST)
            if not card or self.slot().card != card or not status.at_reader:
                raise RefusedError("dispenser.not_here")
            after = self._move(Verb.HAND_OUT, lambda now: now.at_mouth)
            if after.at_mouth:
                self._note(Kind.REACH)
                return
            self._note(Kind.HELD if after.at_reader else Kind.UNKNOWN)
            raise _not_made(after)

    def await_taken(self, wait_s: float) -> None:
        """Waits until the mouth is clear for `clear_s` and three readings: then it is handed out.

        Raises AskAgainError dispenser.left after `wait_s` (then `retract`); OutOfServiceError as
        `start`; AskStaffError dispenser.doubt when it went before a new process could watch, and
        the machine's own faults as `feed`.
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
                self._mind(status)
                if status.fault:
                    raise AskStaffError(status.fault)
                if status.occupied or status.moving:
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
            after = self._move(Verb.RETRACT, lambda now: not now.occupied)
            if after.occupied:
                self._note(Kind.REACH if after.at_mouth else Kind.HELD)
                raise _not_made(after)
            self._note(Kind.SETTLED, where=Where.BOX)

    def settle(self, where: Where, card: str = "") -> None:
        """Staff's word, having looked: the named card is HERE, or the doubtful one is elsewhere."""
        with self._act():
            self._ensure_books()
            if self.slot().standing is not Standing.DOUBT or (where is Where.HERE) != bool(card):
                raise ValueError("nothing to settle, or a card id out of place")
            self._note(Kind.SETTLED, card=card, where=where)
            self._talk.cleared()

    def find_addresses(self) -> tuple[int, ...]:
        """Addresses at which a machine of this make answers, for the technician. Moves nothing."""
        with self._act():
            self._open_link()
            here = (replace(self._settings, address=one, tries=1) for one in ADDRESSES)
            found = tuple(one.address for one in here if talk_with(self._link, one).answers())
            self._reopened()
        return found

    # -- inside ----------------------------------------------------------------------------------

    def _before(self, *standings: Standing) -> MachineStatus:
        """The status that precedes a movement. Raises for everything that forbids any."""
        self._ensure_ready()
        status = self._at_rest()  # after the end of an act that was called off
        self._mind(status)
        if status.fault:
            raise AskStaffError(status.fault)
        if status.moving:
            raise OutOfServiceError("dispenser.stalled")
        if self.slot().standing in UNSETTLED and self.slot().standing not in standings:
            self._decide(status)
        if self.slot().standing not in standings:
            seen = self.slot().standing is not Standing.DOUBT and status.occupied
            raise AskStaffError("dispenser.occupied" if seen else "dispenser.doubt")
        self._need_power()
        return status

    def _at_rest(self) -> MachineStatus:
        """The status once nothing moves, or after `move_s`."""
        limit = Deadline.after(self._settings.move_s)
        status = self._talk.status()
        while status.moving and not limit.passed:
            status = self._talk.status()
        return status

    def _move(self, verb: Verb, arrived: Callable[[MachineStatus], bool]) -> MachineStatus:
        """One movement: prepared, written down, let happen, watched to its end.

        That nothing is seen any more is an arrival only if the machine's word is that it moved.
        """
        one = self._settings
        self._talk.prepare(verb)
        number = self._journal.books.acts + 1
        try:
            self._journal.write(Kind.INTENT, CHANNEL, act=number, verb=verb)
        except BaseException:
            self._talk.call_off()
            raise
        try:
            self._talk.execute()
            self._note(Kind.SENT)
            limit = Deadline.after(one.move_s + one.tries * one.reply_s)
            while True:
                status = self._talk.watch()
                if status.fault:
                    self._note(Kind.UNKNOWN)
                    raise AskStaffError(status.fault)
                through = arrived(status) and (status.moved or status.occupied)
                if ((through or status.ended) and not status.moving) or limit.passed:
                    break
        except (LinkLostError, LinkTimeoutError, SilentError, GarbledError):
            self._note(Kind.UNKNOWN)
            raise
        except RestartedError:
            self._note(Kind.UNKNOWN)
            raise OutOfServiceError("dispenser.restarted") from None
        if status.moving or (verb is Verb.RETRACT and not (status.moved or status.occupied)):
            self._note(Kind.UNKNOWN)
            raise _not_made(status)
        return status

    def _note(self, kind: Kind, card: str = "", where: Where | None = None) -> None:
        self._journal.write(kind, CHANNEL, card=card, act=self.slot().act, where=where)

    def _reopened(self) -> None:
        self._talk.reopened(moving=self.slot().standing is Standing.MOVING)

    def _wake(self, *, acts_are_over: bool) -> None:
        status = self._at_rest() if acts_are_over else self._talk.status()
        if acts_are_over:
            self._decide(status)
        self._judged(self._judge(status))

    def _refresh(self) -> None:
        self._judged(self._judge(self._talk.status()))

    def _decide(self, status: MachineStatus) -> None:
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

    def _mind(self, status: MachineStatus) -> None:
        """A fault that somebody must look into is a doubt, also when nothing of ours moved."""
        if status.fault in LOOKED_INTO and self.slot().standing is not Standing.DOUBT:
            self._note(Kind.DOUBT)

    def _judge(self, status: MachineStatus) -> Health:
        self._mind(status)
        if status.fault:
            return Health.ill(DEVICE, status.fault)
        if self.slot().standing is Standing.DOUBT:
            return Health.ill(DEVICE, "dispenser.doubt")
        if self.slot().standing in UNSETTLED or status.moving:
            return Health(DEVICE, State.BUSY)
        if status.box_full:
            return Health.ill(DEVICE, "dispenser.box_full")
        if status.empty and not status.occupied:
            return Health.ill(DEVICE, "dispenser.empty")
        return Health.ready(DEVICE, "hopper nearly empty" if status.low else "")


def _not_made(status: MachineStatus) -> BoothError:
    """Why a movement came to nothing, and who must act."""
    reason = status.refused or "dispenser.stalled"
    return (AskStaffError if reason in STAFF_REFUSALS else OutOfServiceError)(reason)

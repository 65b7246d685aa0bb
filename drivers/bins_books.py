# SPDX-License-Identifier: Apache-2.0
"""What the journal of the bins says: which card lies where, what was begun and not ended. Pure.

A card has an opaque id; nothing in here is of a person. Every change is an `Entry`, and the books
are nothing but all entries one after another, so they are the same after a power cut.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

_CARD: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CITIZEN_NUMBER: Final = re.compile(r"\d{17}[\dXx]|\d{15}")


class Kind(StrEnum):
    """What an entry says."""

    INTENT = "intent"  # the movement's frame leaves as soon as this is on the disk
    SENT = "sent"  # it has left
    REACH = "reach"  # outcome: somebody can reach the card (door open, card in the mouth)
    SHUT = "shut"  # outcome: nothing moved, the contact never said open
    REFUSED = "refused"  # outcome: the board says that it did nothing, and the contact agrees
    HELD = "held"  # outcome: the card is where the machine wanted it, out of reach
    UNKNOWN = "unknown"  # outcome: nobody can tell
    CLOSED = "closed"  # the door is shut again
    SETTLED = "settled"  # it is known where the card is: `where`
    DOUBT = "doubt"  # somebody must look what lies in the place


class Verb(StrEnum):
    """Why a place is opened or a card moved."""

    HAND_OUT = "hand_out"
    LOAD = "load"
    INSPECT = "inspect"
    FEED = "feed"
    RETRACT = "retract"


class Where(StrEnum):
    """Where a card is when an act is over."""

    HERE = "here"  # in this place
    HOLDER = "holder"  # handed out
    STAFF = "staff"  # staff have it
    BOX = "box"  # in the dispenser's own box for retracted cards
    MISSING = "missing"  # nobody knows: it was to lie in this place and was not found there


class Standing(StrEnum):
    """What is known of a place."""

    REST = "rest"  # shut, and its content is certain
    MOVING = "moving"  # a movement was begun, its outcome is not known yet
    REACH = "reach"  # within somebody's reach
    CLOSED = "closed"  # shut again; whether the card was taken is not known yet
    STUCK = "stuck"  # was to open and did not: staff look at it
    DOUBT = "doubt"  # what lies in it must be looked at


UNSETTLED: Final = frozenset({Standing.MOVING, Standing.REACH, Standing.CLOSED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `number` counts from 1, `at` is UTC in whole seconds, `act` the movement's number.

    `card` is its opaque id, "" for none. Raises ValueError for what no journal may hold: an odd id,
    and above all one that looks like a citizen's number.
    """

    number: int
    at: int
    kind: Kind
    place: str
    card: str = ""
    act: int = 0
    verb: Verb | None = None
    where: Where | None = None

    def __post_init__(self) -> None:
        check_card(self.card)
        if not self.place:
            raise ValueError("an entry needs a place")


def check_card(card: str) -> None:
    """Raises ValueError for what cannot be an opaque card id. Its text never tells the id."""
    if card and (not _CARD.fullmatch(card) or _CITIZEN_NUMBER.fullmatch(card)):
        raise ValueError("not an opaque card id")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place: the card the books have there, and how sure they are.

    `before`: what it was when the movement began, and is again if nothing moved.
    """

    place: str
    card: str = ""
    standing: Standing = Standing.REST
    act: int = 0
    verb: Verb | None = None
    before: Standing = Standing.REST


class Books:
    """All entries so far, added up."""

    def __init__(self) -> None:
        self.last = 0
        self.acts = 0
        self._slots: dict[str, Slot] = {}
        self._gone: dict[str, Where] = {}

    def slot(self, place: str) -> Slot:
        """What is known of a place; an unknown one is empty."""
        return self._slots.get(place, Slot(place))

    def slots(self) -> tuple[Slot, ...]:
        """Every place that was ever spoken of."""
        return tuple(self._slots.values())

    def unsettled(self) -> tuple[Slot, ...]:
        """Places with an act that has not ended."""
        return tuple(slot for slot in self._slots.values() if slot.standing in UNSETTLED)

    def place_of(self, card: str) -> str | None:
        """The place where the books have this card, surely or not; None when in none."""
        return next((slot.place for slot in self._slots.values() if slot.card == card), None)

    def gone(self) -> dict[str, Where]:
        """Cards that are in no place any more, and where they went."""
        return dict(self._gone)

    def add(self, entry: Entry) -> None:
        """Takes the next entry. Raises ValueError when it is not the next, or settles nothing."""
        if entry.number != self.last + 1:
            raise ValueError("an entry is missing")
        slot = self.slot(entry.place)
        match entry.kind:
            case Kind.INTENT:
                card = entry.card or slot.card
                before = slot.standing
                slot = Slot(entry.place, card, Standing.MOVING, entry.act, entry.verb, before)
                self._gone.pop(card, None)
                self.acts = max(self.acts, entry.act)
            case Kind.SENT:
                pass
            case Kind.REACH:
                slot = replace(slot, standing=Standing.REACH)
            case Kind.SHUT:
                stuck = slot.before is not Standing.DOUBT or slot.verb is Verb.LOAD
                slot = self._unmoved(slot, Standing.STUCK if stuck else Standing.DOUBT)
            case Kind.REFUSED:
                slot = self._unmoved(slot, slot.before)
            case Kind.HELD:
                slot = replace(slot, standing=Standing.REST)
            case Kind.UNKNOWN | Kind.DOUBT:
                slot = replace(slot, standing=Standing.DOUBT)
            case Kind.CLOSED:
                slot = replace(slot, standing=Standing.CLOSED)
            case Kind.SETTLED:
                slot = self._settle(slot, entry)
        self._slots[entry.place] = slot
        self.last = entry.number

    def _unmoved(self, slot: Slot, standing: Standing) -> Slot:
        """The door did not open: a card that was to go in is still outside."""
        if slot.verb is Verb.LOAD:
            self._gone[slot.card] = Where.STAFF
            return replace(slot, card="", standing=standing)
        return replace(slot, standing=standing)

    def _settle(self, slot: Slot, entry: Entry) -> Slot:
        if entry.where is None:
            raise ValueError("settled, but not where")
        if entry.where is Where.HERE:
            if slot.card and slot.card != entry.card:  # another card lay there than was thought
                self._gone[slot.card] = Where.STAFF
            self._gone.pop(entry.card, None)
            return Slot(slot.place, entry.card, Standing.REST, slot.act)
        if slot.card:
            self._gone[slot.card] = entry.where
        return Slot(slot.place, "", Standing.REST, slot.act)

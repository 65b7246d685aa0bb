# SPDX-License-Identifier: Apache-2.0
"""What staff are told of bins and dispenser: places, states and times, nothing of a person."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.view import DoorState


@dataclass(frozen=True, slots=True)
class BinSeen:
    """One bin as the books have it.

    `place` is ``"1/3"`` (board and lock), `label` what stands on its door. `card`: the books have a
    card in it, surely or not. `since`: when that was written down; None: nothing ever was.
    `loaded`: when its card came into it.
    """

    place: str
    label: str
    state: DoorState
    card: bool = False
    since: datetime | None = None
    loaded: datetime | None = None


@dataclass(frozen=True, slots=True)
class CabinetSeen:
    """All bins; none of them when the books cannot be read. `reason`: why the cabinet is ill."""

    bins: tuple[BinSeen, ...] = ()
    reason: str = ""

    def count(self, state: DoorState) -> int:
        """How many bins are so."""
        return sum(one.state is state for one in self.bins)

    def find(self, place: str) -> BinSeen | None:
        """The bin of this place."""
        return next((one for one in self.bins if one.place == place), None)


@dataclass(frozen=True, slots=True)
class DispenserSeen:
    """The dispenser's own word, and what the books have in its channel.

    `hopper` is ``fine``, ``low`` or ``empty``, "" when the machine does not say. `card`: a card is
    in the channel by the books. `doubt`: somebody must look where it is.
    """

    state: str
    reason: str = ""
    hopper: str = ""
    card: bool = False
    doubt: bool = False
    since: datetime | None = None


class Found(StrEnum):
    """What a person found who looked into a bin, or into the dispenser's channel."""

    SAME = "same"  # the card that the books have there lies there
    NOTHING = "nothing"
    TAKEN = "taken"  # staff have taken out what lay there


@dataclass(frozen=True, slots=True)
class NewCard:
    """A finished card on the reader: enough to know the right one by, too little for others.

    `name` and `number` are masked; `end` None is long-term.
    """

    name: str
    number: str
    end: date | None

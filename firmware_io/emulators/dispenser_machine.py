# SPDX-License-Identifier: Apache-2.0
"""The mechanics of an emulated card dispenser: cards as things in a channel, moved by a motor.

A power cut changes nothing of where cards are, but stops the motor. What a make calls its movements
and how it speaks of them is in `dispenser_k7` and `dispenser_crt`.
"""

import random
from dataclasses import dataclass, field
from enum import IntEnum

MOVE_S = (1.0, 4.0)
BOX_HOLDS = 20
LOW_BELOW = 3


class Spot(IntEnum):
    """Where the card is, from inside to outside; BETWEEN: at no sensor."""

    BOX = -1
    BETWEEN = 0
    READER = 1
    MIDDLE = 2
    MOUTH = 3


@dataclass(frozen=True, slots=True)
class Motion:
    """What a command does: brings the card to `to`; None: it says that it does and moves nothing.

    `feeds`: an empty channel takes a card from the hopper first. `empty_only`: not with a card.
    """

    to: Spot | None
    feeds: bool = False
    empty_only: bool = False


@dataclass(slots=True)
class Movement:
    """What the motor does until `ends_at`; `collects` when it is on the way into the box."""

    ends_at: float
    to: Spot | None
    collects: bool


@dataclass(slots=True)
class Machine:
    """Hopper, channel, box, and those who took a card."""

    chance: random.Random
    hopper: list[str] = field(default_factory=list)
    card: str | None = None
    spot: Spot = Spot.BETWEEN
    box: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    stocked: list[str] = field(default_factory=list)
    moves: list[tuple[float, str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    movement: Movement | None = None
    jams_next: bool = False
    slips_next: bool = False  # the next movement moves nothing and says nothing of it
    jam: bool = False
    asked: bool = False  # since the last movement

    @property
    def box_full(self) -> bool:
        """Whether nothing more fits into the box."""
        return len(self.box) >= BOX_HOLDS

    def move(self, name: str, motion: Motion | None, now: float, factor: float) -> bool:
        """Begins a movement the host calls `name`; None: the make knows none. Whether it can."""
        self.moves.append((now, name))
        self._complain(name, motion)
        self.asked = False
        if self.jam or self.movement is not None or motion is None or not self._can(motion):
            return False
        slips, self.slips_next = self.slips_next, False
        if slips:
            return True
        ends_at = now + self.chance.uniform(*MOVE_S) * factor
        if motion.to is None:
            self.movement = Movement(ends_at, self.spot, collects=False)
            return True
        if self.card is None:
            self.card = self.hopper.pop(0)
        self.spot = Spot.BETWEEN
        self.movement = Movement(ends_at, motion.to, collects=motion.to is Spot.BOX)
        return True

    def _complain(self, name: str, motion: Motion | None) -> None:
        if not self.asked:
            self.violations.append(f"{name}: a movement without asking for the status first")
        if self.movement is not None:
            self.violations.append(f"{name}: a movement during another")
        if motion is None:
            return
        if motion.to is Spot.BOX and self.box_full:
            self.violations.append(f"{name}: a capture into a full box")
        if motion.to is Spot.READER and self.card is not None:
            self.violations.append(f"{name}: fed onto a card")
        if motion.to is Spot.MOUTH and self.card is None and motion.feeds:
            self.violations.append(f"{name}: a card is presented that nobody has read")

    def _can(self, motion: Motion) -> bool:
        if self.card is None:
            return motion.feeds and bool(self.hopper)
        if motion.to is Spot.BOX and self.box_full:
            return False
        return not motion.empty_only

    def advance(self, now: float) -> Movement | None:
        """Ends a movement whose time has come, and says which."""
        done = self.movement
        if done is None or done.ends_at > now:
            return None
        self.movement = None
        if self.jams_next:
            self.jams_next, self.jam, self.spot = False, True, Spot.MIDDLE
        elif done.to is Spot.BOX:
            if self.card is not None:
                self.box.append(self.card)
            self.card, self.spot = None, Spot.BETWEEN
        elif done.to is not None:
            self.spot = done.to
        return done

    def stop(self) -> None:
        """The motor has no power; the card stays where it got to."""
        self.movement = None

    def pull(self) -> str | None:
        """A hand takes the card out of the mouth; None when none is there."""
        if self.card is None or self.spot is not Spot.MOUTH:
            return None
        card, self.card, self.spot = self.card, None, Spot.BETWEEN
        self.taken.append(card)
        return card

    def clear(self) -> None:
        """Staff take out what is in the channel; it is theirs."""
        self.jam = False
        if self.card is not None:
            self.taken.append(self.card)
        self.card, self.spot = None, Spot.BETWEEN

    def fill_box(self) -> None:
        """The box is full of cards of earlier days."""
        old = [f"old-{n}" for n in range(len(self.box), BOX_HOLDS)]
        self.box += old
        self.stocked += old

    def unaccounted(self) -> list[str]:
        """Cards that are not in exactly one place."""
        places = [*self.hopper, *self.box, *self.taken, *([self.card] if self.card else [])]
        return sorted({card for card in self.stocked if places.count(card) != 1})

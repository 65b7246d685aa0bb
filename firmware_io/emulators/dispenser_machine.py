# SPDX-License-Identifier: Apache-2.0
"""The mechanics of an emulated card dispenser: cards as things in a channel, moved by a motor.

A power cut changes nothing of where cards are, but stops the motor.
"""

import random
from dataclasses import dataclass, field
from enum import IntEnum

MOVE_S = (1.0, 4.0)
BOX_HOLDS = 20
LOW_BELOW = 3


class Spot(IntEnum):
    """Where in the channel the card is, from inside to outside; BETWEEN: at no sensor."""

    BETWEEN = 0
    READER = 1
    MIDDLE = 2
    MOUTH = 3


@dataclass(slots=True)
class Movement:
    """What the motor does until `ends_at`: brings the card to `to`, or (None) into the box."""

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
    slips_next: bool = False  # the next movement moves nothing and says nothing
    jam: bool = False
    dispense_error: bool = False
    collect_error: bool = False
    cannot_execute: bool = False
    asked: bool = False  # since the last movement

    def move(self, name: str, now: float, factor: float) -> None:
        """A movement was asked for: FC7, FC4, FC0, CP, RS. What cannot be is flagged."""
        self.moves.append((now, name))
        if not self.asked:
            self.violations.append(f"{name}: a movement without asking for the status first")
        if self.movement is not None:
            self.violations.append(f"{name}: a movement during another")
        if name == "RS":
            self.violations.append("RS: a reset may move a card")
        if name == "CP" and len(self.box) >= BOX_HOLDS:
            self.violations.append("CP: a capture into a full box")
        if name == "FC7" and self.card is not None:
            self.violations.append("FC7: fed onto a card")
        self.asked = False
        can = {
            "FC7": bool(self.hopper) and self.card is None,
            "FC4": self.card is not None,
            "FC0": self.card is not None,
            "CP": self.card is not None and len(self.box) < BOX_HOLDS,
        }.get(name, False)
        self.cannot_execute = not can or self.jam or self.movement is not None
        self.dispense_error = self.collect_error = False
        if self.cannot_execute:
            return
        if self.slips_next:
            self.slips_next = False
            return
        if name == "FC7":
            self.card = self.hopper.pop(0)
        self.spot = Spot.BETWEEN
        to = {"FC7": Spot.READER, "FC4": Spot.MOUTH, "FC0": Spot.MOUTH}.get(name)
        ends_at = now + self.chance.uniform(*MOVE_S) * factor
        self.movement = Movement(ends_at, to, collects=name == "CP")

    def advance(self, now: float) -> bool:
        """Ends a movement whose time has come; whether one ended."""
        done = self.movement
        if done is None or done.ends_at > now:
            return False
        self.movement = None
        if self.jams_next:
            self.jams_next, self.jam, self.spot = False, True, Spot.MIDDLE
            self.dispense_error, self.collect_error = not done.collects, done.collects
        elif done.to is None:
            if self.card is not None:
                self.box.append(self.card)
            self.card, self.spot = None, Spot.BETWEEN
        else:
            self.spot = done.to
        return True

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

    def digits(self) -> str:
        """The four hex digits of the status."""
        moving = self.movement
        d1 = 8 * (len(self.box) >= BOX_HOLDS) | 4 * self.cannot_execute
        d2 = 8 * (moving is not None and not moving.collects)
        d2 |= 4 * (moving is not None and moving.collects)
        d2 |= 2 * self.dispense_error | self.collect_error
        d3 = 2 * self.jam | (0 < len(self.hopper) < LOW_BELOW)
        seen = {Spot.READER: 4, Spot.MIDDLE: 2, Spot.MOUTH: 1}.get(self.spot, 0)
        d4 = 8 * (not self.hopper) | (seen if self.card is not None else 0)
        return f"{d1:X}{d2:X}{d3:X}{d4:X}"

    def unaccounted(self) -> list[str]:
        """Cards that are not in exactly one place."""
        places = [*self.hopper, *self.box, *self.taken, *([self.card] if self.card else [])]
        return sorted({card for card in self.stocked if places.count(card) != 1})

# SPDX-License-Identifier: Apache-2.0
"""The cabinet behind an emulated lock board: doors, cards as things, and who moved what.

A power cut changes nothing in here: doors and cards stay where they are.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from firmware_io.codecs.lockboard_tables import COIL_REST_S
from firmware_io.emulators.device import ControlError

CHATTER_S = 0.02
SPRING_S = (0.05, 0.3)  # from the pulse to the open contact

Lock = tuple[int, int]  # board, lock


@dataclass(slots=True)
class Door:
    """One bin: `cards` lie in it. `moved_at`: when the contact last changed."""

    is_open: bool = False
    cards: list[str] = field(default_factory=list)
    jammed: bool = False
    moved_at: float = float("-inf")


class Cabinet:
    """All doors of all boards on a line."""

    def __init__(self, boards: tuple[int, ...], locks: int, chance: random.Random) -> None:
        self.doors = {(board, lock): Door() for board in boards for lock in range(1, locks + 1)}
        self.put_in: list[str] = []
        self.taken: list[str] = []
        self.pulses: list[tuple[float, Lock]] = []
        self.violations: list[str] = []
        self.chatters = False
        self._chance = chance
        self._asked: set[Lock] = set()  # since the last pulse

    def asked(self, lock: Lock) -> None:
        """The host has asked for this door."""
        self._asked.add(lock)

    def contact(self, lock: Lock, now: float) -> bool:
        """Whether the contact says open at this instant."""
        door = self.doors[lock]
        if self.chatters and now - door.moved_at < CHATTER_S:
            return self._chance.random() < 0.5
        return door.is_open

    def pulsed_at(self, lock: Lock) -> float:
        """When this lock had its last pulse; long ago if it had none."""
        return max((at for at, one in self.pulses if one == lock), default=float("-inf"))

    def pulse(self, lock: Lock, now: float) -> float | None:
        """The coil is driven; when the door will spring open, None if it will not."""
        name = f"{lock[0]}/{lock[1]}"
        if self.pulses and now - self.pulses[-1][0] < COIL_REST_S:
            self.violations.append(f"{name}: a second pulse within {COIL_REST_S:g} s")
        if lock not in self._asked:
            self.violations.append(f"{name}: a pulse without asking for the door first")
        if any(door.is_open for door in self.doors.values()):
            self.violations.append(f"{name}: a pulse while a door is open")
        self.pulses.append((now, lock))
        self._asked.clear()
        if self.doors[lock].jammed or self.doors[lock].is_open:
            return None
        return now + self._chance.uniform(*SPRING_S)

    def spring(self, lock: Lock, now: float) -> None:
        """The door springs open."""
        self.doors[lock].is_open = True
        self.doors[lock].moved_at = now

    def close(self, lock: Lock, now: float) -> None:
        """A person closes the door."""
        if self.doors[lock].is_open:
            self.doors[lock].is_open = False
            self.doors[lock].moved_at = now

    def open_doors(self) -> list[Lock]:
        """Those that stand open."""
        return [lock for lock, door in self.doors.items() if door.is_open]

    def put(self, lock: Lock, card: str) -> None:
        """A card goes into a bin."""
        self.doors[lock].cards.append(card)
        if card in self.taken:
            self.taken.remove(card)
        else:
            self.put_in.append(card)

    def take(self, lock: Lock) -> list[str]:
        """Somebody takes what lies in a bin."""
        cards, self.doors[lock].cards = self.doors[lock].cards, []
        self.taken += cards
        return cards

    def unaccounted(self) -> list[str]:
        """Cards that are not in exactly one place; none, or the emulator itself is wrong."""
        inside = [card for door in self.doors.values() for card in door.cards]
        places = inside + self.taken
        return sorted({card for card in self.put_in if places.count(card) != 1})

    # -- as the desk names things ----------------------------------------------------------------

    def find(self, named: Any) -> Lock:
        """The lock called 3, or "2/3" on board 2. Raises ControlError."""
        board, _, lock = str(named).rpartition("/")
        try:
            found = (int(board) if board else next(iter(self.doors))[0], int(lock))
        except ValueError:
            found = None
        if found not in self.doors:
            raise ControlError(f"there is no bin {named}; they are called 3, or 2/3 on board 2")
        return found

    def find_open(self, named: Any) -> Lock:
        """As `find`; True is the one open door."""
        if named is not True:
            return self.find(named)
        doors = self.open_doors()
        if len(doors) != 1:
            raise ControlError(f"{len(doors)} doors are open: say which")
        return doors[0]

    def report(self) -> dict[str, Any]:
        """Where every card is, what was pulsed when, and what no driver may do."""
        doors = self.doors.items()
        return {
            "open": [f"{b}/{n}" for b, n in self.open_doors()],
            "cards": {f"{b}/{n}": door.cards for (b, n), door in doors if door.cards},
            "taken": list(self.taken),
            "unaccounted": self.unaccounted(),
            "pulses": [[round(at, 4), f"{b}/{n}"] for at, (b, n) in self.pulses],
            "violations": list(self.violations),
        }

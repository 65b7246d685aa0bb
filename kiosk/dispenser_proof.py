# SPDX-License-Identifier: Apache-2.0
"""Proving with dummy cards that a dispenser does what its settings say, before it holds real ones.

What a command does differs between builds of one make, and a machine may say that it moved a card
when it did not. So every movement is made under a technician's eyes, who says where the card is.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from drivers.bins_books import Verb
from drivers.dispenser import Dispenser
from drivers.dispenser_machine import MachineStatus
from drivers.errors import BoothError

CARDS: Final = 3
TAKE_S: Final = 30.0


class Place(StrEnum):
    """Where a technician sees the card."""

    READER = "reader"
    MOUTH = "mouth"
    BOX = "box"
    HAND = "hand"
    ELSEWHERE = "elsewhere"


class Technician(Protocol):
    """Who stands at the machine."""

    def where(self, step: str) -> Place:
        """Where the card is after `step`."""
        ...

    def takes(self) -> bool:
        """Has been asked to pull the card out of the mouth; False: gives up."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One movement. `reason`: the driver's, "" when it is content; `seen` by the person."""

    name: str
    command: str
    before: str
    after: str
    seconds: float
    reason: str
    wanted: Place
    seen: Place

    @property
    def proven(self) -> bool:
        """Machine, driver and person agree."""
        return not self.reason and self.seen is self.wanted


ROUNDS: Final[Sequence[Sequence[Verb]]] = (
    (Verb.FEED, Verb.HAND_OUT),  # and it is taken
    (Verb.FEED, Verb.RETRACT),  # as a card whose chip cannot be read
    (Verb.FEED, Verb.HAND_OUT, Verb.RETRACT),  # as a card that is forgotten
)
NAMES: Final = {Verb.FEED: "feed", Verb.HAND_OUT: "present", Verb.RETRACT: "capture"}
"""As the settings call them."""
_WANTED: Final = {Verb.FEED: Place.READER, Verb.HAND_OUT: Place.MOUTH, Verb.RETRACT: Place.BOX}


def prove(
    machine: Dispenser,
    commands: dict[Verb, str],
    person: Technician,
    told: Callable[[Step], None] = lambda step: None,
) -> list[Step]:
    """Makes every movement a booth makes with `CARDS` dummy cards; ends at the first that is wrong.

    What the driver or the machine refuses is a step that is not proven; nothing is raised.
    """
    steps: list[Step] = []
    for number, verbs in enumerate(ROUNDS, 1):
        card = f"dummy-{number}"
        for verb in verbs:
            act = _act(machine, verb, card)
            steps.append(_step(machine, NAMES[verb], commands[verb], act, _WANTED[verb], person))
            told(steps[-1])
            if not steps[-1].proven:
                return steps
        if verbs[-1] is Verb.HAND_OUT:
            steps.append(_taken(machine, person))
            told(steps[-1])
            if not steps[-1].proven:
                return steps
    return steps


def proven(steps: Sequence[Step]) -> bool:
    """Whether all of it was done, and all of it was right."""
    return len(steps) == 1 + sum(map(len, ROUNDS)) and all(step.proven for step in steps)


def seen_by(status: MachineStatus) -> str:
    """What the sensors say, in words."""
    told = {
        "moving": status.moving,
        "reader": status.at_reader,
        "middle": status.at_middle,
        "mouth": status.at_mouth,
        "hopper empty": status.empty,
        "box full": status.box_full,
        status.fault: bool(status.fault),
    }
    return ", ".join(name for name, so in told.items() if so) or "no card"


def _act(machine: Dispenser, verb: Verb, card: str) -> Callable[[], None]:
    def present() -> None:
        machine.bind(card)
        machine.present(card)

    return {Verb.FEED: machine.feed, Verb.HAND_OUT: present, Verb.RETRACT: machine.retract}[verb]


def _taken(machine: Dispenser, person: Technician) -> Step:
    def take() -> None:
        machine.await_taken(TAKE_S)

    before = _sensors(machine)
    if not person.takes():
        return Step("taken", "", before, before, 0.0, "gave up", Place.HAND, Place.MOUTH)
    return _step(machine, "taken", "", take, Place.HAND, None)


def _step(
    machine: Dispenser,
    name: str,
    command: str,
    act: Callable[[], None],
    wanted: Place,
    person: Technician | None,
) -> Step:
    before, begun, reason = _sensors(machine), time.monotonic(), ""
    try:
        act()
    except BoothError as wrong:
        reason = wrong.code
    except ValueError:
        reason = "no card"
    seconds = round(time.monotonic() - begun, 1)
    after = _sensors(machine)
    seen = person.where(name) if person else wanted
    return Step(name, command, before, after, seconds, reason, wanted, seen)


def _sensors(machine: Dispenser) -> str:
    try:
        return seen_by(machine.look())
    except BoothError as wrong:
        return wrong.code

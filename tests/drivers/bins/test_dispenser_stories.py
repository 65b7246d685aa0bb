# SPDX-License-Identifier: Apache-2.0
"""Days at a dispenser, at random: faults, hands, restarts; the books hold where they are sure."""

import random

import pytest

from drivers.bins_books import Standing, Where
from drivers.errors import BoothError
from firmware_io.emulators.dispenser_desk import INSTANTS

STEPS = 60
WIRES = ("silent", "corrupt", "truncate", "noise", "duplicate", "glue")


class Day:
    """One seeded story. A chip that is read is the chip of the card that is there."""

    def __init__(self, booth, seed: int) -> None:
        self.booth, self.chance = booth, random.Random(seed)
        self.machine = booth.device.machine
        booth.desk({"stock": [f"C{n}" for n in range(30)]})
        self.driver = booth.switch_on()
        self.driver.start()
        self.refusals = 0

    def run(self) -> None:
        steps = [self.hand_out, self.hand_out, self.pull, self.restart, self.fault, self.staff]
        steps += [self.blink]
        for _ in range(STEPS):
            try:
                self.chance.choice(steps)()
            except (BoothError, ValueError) as wrong:
                self.refusals += isinstance(wrong, BoothError)
            self.booth.line.pass_time(self.chance.uniform(0.0, 5.0))
            self.booth.check()
            for card in self.machine.stocked:
                self.booth.agrees(self.driver, card)

    def hand_out(self) -> None:
        """Each part of it, with people who go away in the middle."""
        self.driver.feed()
        if self.chance.random() < 0.1 or self.machine.card is None:
            return
        card = self.machine.card
        self.driver.bind(card)
        self.driver.present(card)
        if self.chance.random() < 0.6:
            self.pull()
        try:
            self.driver.await_taken(2.0)
        except BoothError:
            if self.chance.random() < 0.8:
                self.driver.retract()
            raise

    def pull(self) -> None:
        if self.machine.pull() and self.chance.random() < 0.7:
            self.driver.await_taken(5.0)

    def restart(self) -> None:
        if self.chance.random() < 0.5:
            self.booth.line.control({"power": "cycle"})
        self.driver = self.booth.switch_on()
        self.driver.start()

    def blink(self) -> None:
        """The machine's supply goes and comes, and the booth is not told."""
        self.booth.line.control({"power": "cycle"})
        self.driver.health()

    def staff(self) -> None:
        """Faults are over, the machine is cleared, and its doubts are settled as they are."""
        self.booth.line.control({"fault": {}})
        self.booth.line.control({"power": "cycle"})
        self.booth.line.pass_time(1.0)
        named = self.driver.slot().card
        if self.driver.slot().standing is Standing.DOUBT:
            self.booth.desk({"clear": True})
            inside = named in self.machine.box
            self.driver.settle(Where.BOX if inside else Where.STAFF)
        elif self.driver.slot().standing is Standing.REST and self.machine.card:
            self.driver.retract()
        if len(self.machine.box) > 10:
            self.booth.line.pass_time(0.1)

    def fault(self) -> None:
        kind = self.chance.choice([*WIRES, "jam", "slip", "dies_at"])
        value = {
            "truncate": 2,
            "noise": 5,
            "corrupt": "any",
            "dies_at": self.chance.choice(INSTANTS),
        }.get(kind, True)
        count = {"times": self.chance.randint(1, 5)} if kind in WIRES else {}
        self.booth.line.control({"fault": {kind: value, **count}})


@pytest.mark.parametrize(("make", "days"), [("k7", 20), ("crt571", 15), ("crt591", 15)])
def test_whatever_a_day_brings_the_books_are_right_where_they_are_sure(new_dispenser, make, days):
    moved = refusals = 0
    for seed in range(days):
        day = Day(new_dispenser(make), seed)
        day.run()
        moved += len(day.machine.moves)
        refusals += day.refusals
    assert moved > 100
    assert refusals > 100

# SPDX-License-Identifier: Apache-2.0
"""Days at a cabinet, at random: citizens, staff, faults and restarts; the books always hold."""

import random

from drivers.bins_books import Standing, Verb, Where
from drivers.errors import BoothError

BINS = 4
STEPS = 60
WIRES = ("silent", "corrupt", "truncate", "noise", "duplicate", "glue")


class Day:
    """One seeded story. Every step leaves books and cabinet in agreement."""

    def __init__(self, booth, seed: int) -> None:
        self.booth, self.chance = booth, random.Random(seed)
        self.bins = booth.switch_on()
        self.cards = 0
        self.hand_outs = self.refusals = 0
        self.bins.start()

    def run(self) -> None:
        steps = [self.hand_out, self.load, self.inspect, self.person, self.restart, self.fault]
        for _ in range(STEPS):
            step = self.chance.choice(steps)
            try:
                step()
            except BoothError:
                self.refusals += 1
            self.booth.line.pass_time(self.chance.uniform(0.0, 3.0))
            self.booth.check()
            if self.bins.slots():
                self.booth.agrees(self.bins)

    def name(self) -> str:
        return f"1/{self.chance.randint(1, BINS)}"

    def hand_out(self) -> None:
        name = self.name()
        card = next(slot.card for slot in self.bins.slots() if slot.place == name)
        if card:
            self.bins.open(name, Verb.HAND_OUT, card)
            self.hand_outs += 1
            self.end(name)

    def load(self) -> None:
        name = self.name()
        self.cards += 1
        self.bins.open(name, Verb.LOAD, f"C{self.cards}")
        self.booth.desk({"put_card": f"C{self.cards}", "into": name})
        self.end(name, takes=False)

    def inspect(self) -> None:
        name = self.name()
        self.bins.open(name, Verb.INSPECT)
        self.end(name)

    def end(self, name: str, *, takes: bool = True) -> None:
        """What happens at an open door; most people close it, and most of it is settled."""
        if takes and self.chance.random() < 0.6:
            self.booth.desk({"take_card": name})
        if self.chance.random() < 0.8:
            self.booth.desk({"close_door": name})
        self.bins.await_closed(name, 3.0)
        if self.chance.random() < 0.8:
            self.settle(name)

    def settle(self, name: str) -> None:
        lies = self.booth.board.cabinet.doors[1, int(name[2:])].cards
        self.bins.settle(name, Where.HERE if lies else Where.STAFF, lies[0] if lies else "")

    def person(self) -> None:
        """Staff go round: doors are closed, doubts looked into, jams freed."""
        self.booth.line.control({"fault": {}})
        for board, lock in self.booth.board.cabinet.open_doors():
            self.booth.desk({"close_door": f"{board}/{lock}"})
        for slot in self.bins.slots():
            if slot.standing is Standing.REACH:
                self.bins.await_closed(slot.place, 10.0)
            if slot.standing not in (Standing.REST, Standing.MOVING):
                self.settle(slot.place)

    def restart(self) -> None:
        if self.chance.random() < 0.5:
            self.booth.line.control({"power": "cycle"})
        self.bins = self.booth.switch_on()
        self.bins.start()

    def fault(self) -> None:
        kind = self.chance.choice([*WIRES, "jammed", "deaf", "dies_at", "chatter"])
        value = {
            "truncate": 2,
            "noise": 5,
            "corrupt": "any",
            "jammed": self.chance.randint(1, BINS),
            "dies_at": self.chance.choice(["heard", "pulse", "sprung", "answer"]),
        }.get(kind, True)
        count = {"times": self.chance.randint(1, 4)} if kind in WIRES else {}
        self.booth.line.control({"fault": {kind: value, **count}})
        if kind == "deaf":
            self.booth.line.pass_time(1.0)
            self.booth.line.control({"power": "cycle"})


def test_whatever_a_day_brings_the_books_are_right_where_they_are_sure(new_booth, make):
    hand_outs = refusals = 0
    for seed in range(25):
        day = Day(new_booth(make, locks=BINS), seed)
        day.run()
        hand_outs += day.hand_outs
        refusals += day.refusals
    assert hand_outs > 25
    assert refusals > 25

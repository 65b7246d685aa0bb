# SPDX-License-Identifier: Apache-2.0
"""Staff look at the dispenser: what they are told, and where a card is that they found or not."""

import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bench.campaign.virtual import Line, VirtualLink
from drivers.bins_books import Kind, Verb, Where
from drivers.bins_journal import Journal
from drivers.dispenser import CHANNEL, Dispenser
from drivers.errors import AskStaffError
from drivers.health import Health
from firmware_io.emulators.dispenser import dispenser
from kiosk.acts.bins_dispenser import DispenserAct
from kiosk.acts.bins_ledger import Ledger
from kiosk.cabinet import DispenserSeen, Found
from kiosk.commands import SettleDispenser, WatchDispenser

CARD = "0b7e5a6c2f9d4b3e8a1c6d5f4e3b2a19"
OFF = threading.Event()


class Machine:
    """A dispenser whose channel is empty, and a booth that was cut off in a movement."""

    def __init__(self, folder: Path) -> None:
        self.device = dispenser("k7", seed=5)
        self.line = Line(self.device, 5)
        self.journal = folder / "dispenser.journal"
        self.word = Health.ready("dispenser")

    def cut_off(self, verb: Verb) -> None:
        journal = Journal(self.journal)
        journal.open()
        journal.write(Kind.SETTLED, CHANNEL, card=CARD, where=Where.HERE)
        journal.write(Kind.INTENT, CHANNEL, act=1, verb=verb)
        journal.close()

    def switch_on(self) -> DispenserAct:
        link: Any = VirtualLink(self.line, "line", 9600)
        self.driver = Dispenser("line", self.journal, link=link)
        self.driver.start()
        return DispenserAct(self.driver, Ledger(self.journal, UTC), lambda: self.word)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    with machine.line.clock():
        yield machine
        machine.driver.close()


def nothing(*_: Any) -> None:
    """Nobody listens."""


def see(act: DispenserAct) -> DispenserSeen:
    told: list[DispenserSeen] = []
    once = threading.Event()
    once.set()
    act.run(WatchDispenser(), lambda _what, seen: told.append(seen), once)
    return told[-1]


@pytest.mark.parametrize(
    ("verb", "found", "where"),
    [
        (Verb.HAND_OUT, Found.NOTHING, Where.HOLDER),
        (Verb.RETRACT, Found.NOTHING, Where.BOX),
        (Verb.FEED, Found.NOTHING, Where.STAFF),
        (Verb.HAND_OUT, Found.TAKEN, Where.STAFF),
        (Verb.RETRACT, Found.TAKEN, Where.STAFF),
    ],
)
def test_a_card_that_is_not_in_the_channel_is_where_its_movement_went_or_with_staff(
    machine: Machine, verb: Verb, found: Found, where: Where
) -> None:
    machine.cut_off(verb)
    act = machine.switch_on()
    seen = see(act)
    assert (seen.doubt, seen.card) == (True, True)
    assert seen.since is not None
    act.run(SettleDispenser(found), nothing, OFF)
    assert machine.driver.gone() == {CARD: where}
    assert not see(act).doubt
    assert machine.device.control({"check": True}, machine.line.now)["moves"] == []


def test_what_is_no_doubt_is_not_settled(machine: Machine) -> None:
    act = machine.switch_on()
    with pytest.raises(AskStaffError) as told:
        act.run(SettleDispenser(Found.NOTHING), nothing, OFF)
    assert told.value.code == "dispenser.occupied"


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (Health.ready("dispenser"), ("ready", "", "fine")),
        (Health.ready("dispenser", "hopper nearly empty"), ("ready", "", "low")),
        (Health.ill("dispenser", "dispenser.empty"), ("ill", "dispenser.empty", "empty")),
        (Health.ill("dispenser", "dispenser.silent"), ("ill", "dispenser.silent", "")),
    ],
)
def test_the_machine_s_own_word_is_shown(
    machine: Machine, word: Health, shown: tuple[str, str, str]
) -> None:
    act, machine.word = machine.switch_on(), word
    seen = see(act)
    assert (seen.state, seen.reason, seen.hopper) == shown


def test_damaged_books_are_told_and_nothing_is_said_of_a_card(machine: Machine) -> None:
    machine.cut_off(Verb.HAND_OUT)
    act = machine.switch_on()
    data = machine.journal.read_bytes()
    machine.journal.write_bytes(b"#" + data[1:])
    seen = see(act)
    assert (seen.reason, seen.card, seen.doubt) == ("dispenser.books_damaged", False, False)

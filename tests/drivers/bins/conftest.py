# SPDX-License-Identifier: Apache-2.0
"""A cabinet, the real driver and a clock that nobody waits for; and a booth that can die."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.campaign.virtual import Line, VirtualLink
from drivers import bins_journal
from drivers.bins import Bins
from drivers.bins_books import Entry, Kind, Standing, Verb, Where
from drivers.bins_settings import BinSettings
from drivers.dispenser import Dispenser
from drivers.dispenser_settings import DispenserSettings
from firmware_io.emulators.dispenser import dispenser
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.links.deadline import Deadline

RATE = 9600


class PowerCut(BaseException):
    """The booth's process is gone at this instant."""


class Life:
    """How many instants the booth has to live; None: no end."""

    def __init__(self) -> None:
        self.left: int | None = None

    def tick(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise PowerCut


class MortalLink(VirtualLink):
    """A port of a booth that may die before and after every frame, and at every reading."""

    def __init__(self, life: Life, line: Line) -> None:
        super().__init__(line, "line", RATE)
        self._life = life

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._life.tick()
        super().write(data, deadline)
        self._life.tick()

    def read(self, deadline: Deadline) -> bytes:
        data = super().read(deadline)
        self._life.tick()
        return data


class Booth:
    """One cabinet with its booth. `opened()` is a booth that has just been switched on."""

    def __init__(self, folder: Path, make: str = "8a", **emulator: Any) -> None:
        if make == "winnsen":  # a day's doors open as often as anybody likes, unless a test says
            emulator = {"locks": 16, "cooling_s": 0.0, **emulator}
        self.board = LockBoard(make, seed=5, **emulator)
        self.line = Line(self.board, 5)
        self.life = Life()
        self.journal = folder / "bins.journal"
        self.make = make
        self.site: dict[str, Any] = {key: emulator[key] for key in ("locks",) if key in emulator}
        if emulator.get("swapped"):
            self.site["state_first"] = True
        # Answers that a look at all doors takes.
        self.answers = 2 * emulator["locks"] if make == "winnsen" else 1
        self._bins: Bins | None = None

    def switch_on(self, may_move: Callable[[], bool] = lambda: True, **settings: Any) -> Bins:
        """A new process over the same journal and cabinet. Not started."""
        self.die()
        link: Any = MortalLink(self.life, self.line)
        site = BinSettings(self.make, **{**self.site, **settings})
        self._bins = Bins("line", self.journal, settings=site, link=link, may_move=may_move)
        return self._bins

    def die(self) -> None:
        """The kernel closes what a process that is gone had open."""
        self.life.left = None
        if self._bins is not None:
            self._bins.close()

    def desk(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.board.control(request, self.line.now)
        self.line._collect()  # what the desk made it say
        return answer

    def entries(self) -> list[Entry]:
        return bins_journal.entries(self.journal.read_bytes())

    def stock(self, name: str, card: str) -> None:
        """Staff have loaded a card: it lies in the bin and in the books."""
        bins = self.switch_on()
        bins.start()
        bins.open(name, Verb.LOAD, card)
        self.desk({"put_card": card, "into": name})
        self.desk({"close_door": name})
        bins.await_closed(name, 10.0)
        bins.settle(name, Where.HERE, card)

    def check(self) -> None:
        """Nothing moved that was not written down, nothing twice, and no card is lost."""
        report = self.board.control({"check": True}, self.line.now)
        assert report["violations"] == []
        assert report["unaccounted"] == []
        intents = [entry for entry in self.entries() if entry.kind is Kind.INTENT]
        assert len({entry.act for entry in intents}) == len(intents)
        moved = [name for _, name in report["pulses"]]
        wanted = [entry.place for entry in intents]
        for name in moved:
            assert name in wanted, f"{name} was pulsed without an intent of its own"
            wanted.remove(name)

    def agrees(self, bins: Bins) -> None:
        """What the books are sure of is so, and every card is in them."""
        slots = {slot.card: slot for slot in bins.slots() if slot.card}
        gone = bins.gone()
        for lock, door in self.board.cabinet.doors.items():
            for card in door.cards:
                assert card not in gone or gone[card] is Where.STAFF
                assert card in slots
                assert slots[card].place == f"{lock[0]}/{lock[1]}"
        for card in self.board.cabinet.taken:
            sure = card in slots and slots[card].standing in ("rest", "stuck")
            assert not sure, "the books are sure of a card that somebody has taken"
            assert card in slots or card in gone


class DispenserBooth:
    """One dispenser with its booth; `switch_on` is a new process over the same journal."""

    def __init__(self, folder: Path, make: str = "k7", **emulator: Any) -> None:
        self.settings = DispenserSettings(make)
        self.device = dispenser(make, seed=5, **emulator)
        self.line = Line(self.device, 5)
        self.life = Life()
        self.journal = folder / "dispenser.journal"
        self._driver: Dispenser | None = None

    def switch_on(self, may_move: Callable[[], bool] = lambda: True) -> Dispenser:
        self.die()
        link: Any = MortalLink(self.life, self.line)
        self._driver = Dispenser(
            "line", self.journal, settings=self.settings, link=link, may_move=may_move
        )
        return self._driver

    def die(self) -> None:
        self.life.left = None
        if self._driver is not None:
            self._driver.close()

    def desk(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.device.control(request, self.line.now)

    def entries(self) -> list[Entry]:
        return bins_journal.entries(self.journal.read_bytes())

    def check(self) -> None:
        """Every movement has an intent of its own, none came unasked, no card is lost."""
        report = self.desk({"check": True})
        assert report["violations"] == []
        assert report["unaccounted"] == []
        names = self.settings.commands
        intents = [e.verb for e in self.entries() if e.kind is Kind.INTENT and e.verb is not None]
        wanted = [names[verb] for verb in intents]
        for _, name in report["moves"]:
            assert name in wanted, f"{name} happened without an intent of its own"
            wanted.remove(name)

    def agrees(self, driver: Dispenser, card: str) -> None:
        """What the books are sure of is so."""
        machine, slot, gone = self.device.machine, driver.slot(), driver.gone()
        if card in machine.taken:
            assert not (slot.card == card and slot.standing is Standing.REST)
            assert gone.get(card) is not Where.BOX
        if card in machine.box:
            assert not (slot.card == card and slot.standing is Standing.REST)
            assert gone.get(card) is not Where.HOLDER
        if card == machine.card:
            assert card not in gone
        if card in gone:
            assert card in (machine.box if gone[card] is Where.BOX else machine.taken)


class _NoSync:
    """The module ``os``, whose syncs take no time."""

    def __getattr__(self, name: str) -> Any:
        return (lambda _: None) if name in ("fsync", "fdatasync") else getattr(os, name)


@pytest.fixture(params=["8a", "wkly", "winnsen"])
def make(request: pytest.FixtureRequest) -> str:
    """Each make of lock board."""
    return request.param


@pytest.fixture
def new_booth(tmp_path: Path) -> Iterator[Callable[..., Booth]]:
    """Makes a booth whose clock is the line's until the test ends."""
    with ExitStack() as stack:
        made: list[Booth] = []

        def make(name: str = "8a", **emulator: Any) -> Booth:
            folder = tmp_path / str(len(made))
            folder.mkdir()
            booth = Booth(folder, name, **emulator)
            stack.enter_context(booth.line.clock())
            made.append(booth)
            return booth

        # A cut is simulated by what is in the file, so that hundreds need no disk.
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(bins_journal, "os", _NoSync())
        yield make
        for booth in made:
            booth.die()


@pytest.fixture
def new_dispenser(tmp_path: Path) -> Iterator[Callable[..., DispenserBooth]]:
    """As `new_booth`, with a dispenser."""
    with ExitStack() as stack:
        made: list[DispenserBooth] = []

        def make(name: str = "k7", **emulator: Any) -> DispenserBooth:
            folder = tmp_path / str(len(made))
            folder.mkdir()
            booth = DispenserBooth(folder, name, **emulator)
            stack.enter_context(booth.line.clock())
            made.append(booth)
            return booth

        stack.enter_context(pytest.MonkeyPatch.context()).setattr(bins_journal, "os", _NoSync())
        yield make
        for booth in made:
            booth.die()


@pytest.fixture
def mortal_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[Life, str], None]:
    """Lets a life end around each write of the journal, with the line lost, torn or kept."""
    real = bins_journal._append

    def use(life: Life, fate: str) -> None:
        def append(file: int, line: bytes, at: int) -> None:
            try:
                life.tick()
            except PowerCut:
                kept = {"lost": 0, "torn": len(line) // 2, "kept": len(line)}[fate]
                real(file, line[:kept], at)
                raise
            real(file, line, at)
            life.tick()

        monkeypatch.setattr(bins_journal, "_append", append)

    return use


@pytest.fixture
def power_cut() -> type[BaseException]:
    """What a booth that dies raises."""
    return PowerCut

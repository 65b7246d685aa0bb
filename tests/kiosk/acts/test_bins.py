# SPDX-License-Identifier: Apache-2.0
"""Staff load cards and look into bins: the real driver, the emulated cabinet, and power cuts."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bench.campaign.virtual import Line, VirtualLink
from drivers import bins_journal
from drivers.bins import Bins
from drivers.bins_books import Standing, Verb, Where
from drivers.bins_settings import BinSettings
from drivers.errors import AskAgainError, AskStaffError, CancelledError, OutOfServiceError
from drivers.health import Health
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.links.deadline import Deadline
from idcard.keys import OpeningKey
from idcard.records import CardInBin
from idcard.sealing import SealContext, SealError, open_sealed
from kiosk import sealed_cards
from kiosk.acts.bins import BinsAct
from kiosk.acts.bins_card import CardInHand, SealedCard
from kiosk.acts.bins_ledger import Ledger
from kiosk.acts.staff import FRESH_S, Admissions
from kiosk.cabinet import CabinetSeen, Found
from kiosk.commands import AwaitBin, OpenBin, OpenFreeBin, SettleBin, WatchBins
from kiosk.sealed_cards import SealedCards
from kiosk.sealer import Sealer
from kiosk.view import DoorState

COUNTER, CENTRE = OpeningKey.generate(), OpeningKey.generate()
HERE = timezone(timedelta(hours=8))
NAME, NUMBER = "张静", "341522199811070025"  # made up
PERSON = CardInBin(
    citizen_no=NUMBER,
    name=NAME,
    end=date(2036, 12, 11),
    loaded_at=datetime(2026, 12, 1, 9, 0, tzinfo=HERE),
)
CARD = "0b7e5a6c2f9d4b3e8a1c6d5f4e3b2a19"
MOST = 300  # instants of one story; more would mean that the loop never ends
OFF = threading.Event()


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
    """A port of a booth that may die before and after every frame."""

    def __init__(self, life: Life, line: Line) -> None:
        super().__init__(line, "line", 9600)
        self._life = life

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._life.tick()
        super().write(data, deadline)
        self._life.tick()


class MortalOs:
    """The module ``os`` of a booth that may die around each act on the disk. Syncs take no time."""

    def __init__(self, life: Life, log: list[str]) -> None:
        self._life, self._log = life, log

    def __getattr__(self, name: str) -> Any:
        real: Callable[..., Any] = getattr(os, name)
        if name in ("fsync", "fdatasync"):
            return lambda _: (self._log.append(name), self._life.tick())
        if name not in ("open", "write", "pwrite", "rename", "unlink"):
            return real

        def act(*arguments: Any, **named: Any) -> Any:
            self._log.append(name)
            self._life.tick()
            done = real(*arguments, **named)
            self._life.tick()
            return done

        return act


class Booth:
    """One cabinet and the acts of its booth. `switch_on` is a new process over the same disk."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.board = LockBoard("8a", seed=5, locks=8)
        self.line, self.life = Line(self.board, 5), Life()
        self.folder, self.journal = folder, folder / "bins.journal"
        self.log: list[str] = []
        self.now = datetime.now(HERE)
        self.word = Health.ready("bins")
        self.sealer = Sealer("B03", UUID(int=7), COUNTER.recipient, CENTRE.recipient)
        for module in (bins_journal, sealed_cards):
            monkeypatch.setattr(module, "os", MortalOs(self.life, self.log))
        self.bins: Bins | None = None
        self.hand = CardInHand()

    def switch_on(self, admitted: Callable[[], int] | None = None) -> BinsAct:
        self.die()
        link: Any = MortalLink(self.life, self.line)
        self.bins = Bins("line", self.journal, settings=BinSettings(locks=8), link=link)
        self.bins.start()
        self.cards = SealedCards(self.folder / "cards")
        self.ledger = Ledger(self.journal, HERE)
        self.hand = CardInHand()
        return self.act(self.bins, admitted)

    def act(self, bins: Bins, admitted: Callable[[], int] | None = None) -> BinsAct:
        word, now = (lambda: self.word), (lambda: self.now)
        return BinsAct(bins, self.ledger, self.cards, self.hand, word, now, admitted)

    def die(self) -> None:
        self.life.left = None
        if self.bins is not None:
            self.bins.close()

    def desk(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.board.control(request, self.line.now)
        self.line._collect()
        return answer

    def read(self, card: str = CARD) -> None:
        """The card was on the reader."""
        self.hand.held = SealedCard(card, self.sealer.seal_card(card, PERSON))

    def lay(self, place: str, card: str = CARD) -> None:
        """A person lays the card in and shuts the door."""
        self.desk({"put_card": card, "into": place})
        self.desk({"close_door": place})

    def sealed(self) -> dict[str, bytes]:
        """What lies on the disk of whom, by card."""
        folder = self.folder / "cards"
        return {path.stem: path.read_bytes() for path in folder.glob("*")}


@pytest.fixture
def booth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Booth]:
    booth = Booth(tmp_path, monkeypatch)
    with booth.line.clock():
        yield booth
        booth.die()


def nothing(*_: Any) -> None:
    """Nobody listens."""


def run(act: BinsAct, command: Any) -> Any:
    return act.run(command, nothing, OFF)


def see(act: BinsAct) -> CabinetSeen:
    """One look at the cabinet."""
    told: list[CabinetSeen] = []
    once = threading.Event()
    once.set()
    act.run(WatchBins(), lambda _what, seen: told.append(seen), once)
    return told[-1]


def load(booth: Booth, act: BinsAct, card: str = CARD) -> str:
    booth.read(card)
    place = run(act, OpenFreeBin()).place
    booth.lay(place, card)
    run(act, AwaitBin(place))
    run(act, SettleBin(place, Found.SAME))
    return place


def test_a_loaded_card_is_in_the_books_and_only_the_counter_can_say_whose_it_is(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    (one,) = [seen for seen in see(act).bins if seen.card]
    assert (one.place, one.label, one.state) == (place, "1", DoorState.CARD)
    assert one.since is not None
    sealed = booth.cards.read(CARD)
    context = SealContext.of_card("B03", CARD)
    assert CardInBin.model_validate_json(open_sealed(sealed, COUNTER, context=context)) == PERSON
    for key, elsewhere in ((CENTRE, CARD), (COUNTER, "another")):
        with pytest.raises(SealError):
            open_sealed(sealed, key, context=SealContext.of_card("B03", elsewhere))
    path = booth.folder / "cards" / f"{CARD}.sealed"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_whose_card_it_is_has_reached_the_disk_before_the_books_hear_of_it(booth: Booth) -> None:
    act = booth.switch_on()
    load(booth, act, "first")
    booth.log.clear()
    booth.read()
    run(act, OpenFreeBin())
    before_the_books = booth.log[: booth.log.index("pwrite")]
    assert before_the_books == ["open", "write", "fsync", "open", "fsync"]  # the file, its folder


def test_a_card_that_nobody_came_for_in_30_days_is_named_and_a_look_does_not_make_it_new(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    booth.now += timedelta(days=29, hours=23)
    assert see(act).count(DoorState.LATE) == 0
    look_in(booth, act, place, Found.SAME)
    booth.now += timedelta(hours=2)
    (late,) = [one for one in see(act).bins if one.state is DoorState.LATE]
    assert late.place == place
    assert late.loaded is not None


def test_a_card_that_was_not_laid_in_leaves_a_free_bin_and_no_record_of_anybody(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    booth.read()
    place = run(act, OpenFreeBin()).place
    booth.desk({"close_door": place})
    run(act, AwaitBin(place))
    run(act, SettleBin(place, Found.TAKEN))
    assert see(act).count(DoorState.FREE) == 8
    assert booth.sealed() == {}


def test_a_door_that_is_left_open_is_told_and_waited_for_only_when_asked_again(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    booth.read()
    place = run(act, OpenFreeBin()).place
    for _ in range(2):
        with pytest.raises(AskAgainError) as told:
            run(act, AwaitBin(place))
        assert told.value.code == "bins.left_open"
    found = see(act).find(place)
    assert found is not None
    assert found.state is DoorState.OPEN
    booth.lay(place)
    run(act, AwaitBin(place))
    found = see(act).find(place)
    assert found is not None
    assert found.state is DoorState.LOOK  # nobody has said yet whether the card lies there


def test_a_door_that_does_not_spring_leaves_the_card_with_staff_and_can_be_tried_in_the_next_bin(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    booth.board.fault({"jammed": 1}, booth.line.now)
    booth.read()
    with pytest.raises(AskStaffError) as told:
        run(act, OpenFreeBin())
    assert told.value.code == "bins.stuck"
    assert booth.sealed() == {}
    first = see(act).find("1/1")
    assert first is not None
    assert first.state is DoorState.STUCK
    assert run(act, OpenFreeBin()).place == "1/2"  # the card is still in the hand
    assert set(booth.sealed()) == {CARD}


def test_a_full_cabinet_opens_nothing(booth: Booth) -> None:
    act = booth.switch_on()
    for number in range(8):
        load(booth, act, f"card-{number}")
    before = booth.desk({"check": True})["pulses"]
    booth.read()
    with pytest.raises(AskStaffError) as told:
        run(act, OpenFreeBin())
    assert told.value.code == "bins.none_free"
    assert booth.desk({"check": True})["pulses"] == before
    assert CARD not in booth.sealed()


def test_a_disk_that_takes_no_record_opens_no_door(booth: Booth) -> None:
    act = booth.switch_on()
    (booth.folder / "cards").write_text("a file where the folder should be")
    booth.read()
    with pytest.raises(OutOfServiceError) as told:
        run(act, OpenFreeBin())
    assert told.value.code == "bins.books_full"
    assert booth.desk({"check": True})["pulses"] == []


def test_what_was_called_off_before_it_began_opens_nothing(booth: Booth) -> None:
    act, off = booth.switch_on(), threading.Event()
    booth.read()
    off.set()
    for command in (OpenFreeBin(), OpenBin("1/3")):
        with pytest.raises(CancelledError):
            act.run(command, nothing, off)
    assert booth.desk({"check": True})["pulses"] == []
    assert booth.sealed() == {}


def look_in(booth: Booth, act: BinsAct, place: str, found: Found) -> None:
    run(act, OpenBin(place))
    if found is Found.TAKEN:
        booth.desk({"take_card": place})
    booth.desk({"close_door": place})
    run(act, AwaitBin(place))
    run(act, SettleBin(place, found))


@pytest.mark.parametrize(
    ("found", "state", "kept"),
    [(Found.SAME, DoorState.CARD, {CARD}), (Found.TAKEN, DoorState.FREE, set())],
)
def test_what_a_look_found_is_what_the_books_say(
    booth: Booth, found: Found, state: DoorState, kept: set[str]
) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    look_in(booth, act, place, found)
    seen = see(act).find(place)
    assert seen is not None
    assert seen.state is state
    assert set(booth.sealed()) == kept


def test_an_empty_bin_after_a_hand_out_that_broke_off_means_that_the_holder_has_the_card(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    assert booth.bins is not None
    booth.bins.open(place, Verb.HAND_OUT, CARD)
    booth.desk({"take_card": place})
    booth.desk({"close_door": place})
    act = booth.switch_on()  # nobody watched
    seen = see(act).find(place)
    assert seen is not None
    assert seen.state is DoorState.LOOK
    assert set(booth.sealed()) == {CARD}
    look_in(booth, act, place, Found.NOTHING)
    assert booth.ledger.books().gone() == {CARD: Where.HOLDER}
    assert booth.sealed() == {}


def test_a_card_that_was_to_lie_in_its_bin_and_does_not_is_missing_and_nobody_is_said_to_have_it(
    booth: Booth,
) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    assert booth.bins is not None
    booth.bins.open(place, Verb.HAND_OUT, CARD)
    booth.desk({"close_door": place})
    run(act, AwaitBin(place))
    run(act, SettleBin(place, Found.SAME))  # its holder did not take it
    booth.desk({"open_door": place})  # somebody has a key
    booth.desk({"take_card": place})
    booth.desk({"close_door": place})
    look_in(booth, act, place, Found.NOTHING)
    assert booth.ledger.books().gone() == {CARD: Where.MISSING}
    assert set(booth.sealed()) == {CARD}  # the counter can still say whose it is
    assert see(booth.switch_on()).count(DoorState.FREE) == 8
    assert set(booth.sealed()) == {CARD}


def test_a_card_that_was_not_laid_in_before_the_process_died_is_with_staff(booth: Booth) -> None:
    act = booth.switch_on()
    booth.read()
    place = run(act, OpenFreeBin()).place
    booth.desk({"close_door": place})
    act = booth.switch_on()
    look_in(booth, act, place, Found.NOTHING)
    assert booth.ledger.books().gone() == {CARD: Where.STAFF}
    assert booth.sealed() == {}


def test_called_off_while_the_disk_took_its_time_opens_nothing(booth: Booth) -> None:
    act, off = booth.switch_on(), threading.Event()
    booth.read()
    add = booth.cards.add

    def slow(card: str, sealed: bytes) -> None:
        add(card, sealed)
        off.set()

    booth.cards.add = slow  # type: ignore[method-assign]
    with pytest.raises(CancelledError):
        act.run(OpenFreeBin(), nothing, off)
    assert booth.desk({"check": True})["pulses"] == []
    assert booth.sealed() == {}


def test_where_two_staff_are_wanted_one_alone_opens_no_bin_to_look_into_it(booth: Booth) -> None:
    place = load(booth, booth.switch_on())
    admissions = Admissions()
    act = booth.switch_on(admissions.people)
    pulses = booth.desk({"check": True})["pulses"]
    for _ in range(2):
        admissions.admit("the first card")
        with pytest.raises(AskStaffError) as told:
            run(act, OpenBin(place))
        assert told.value.code == "bins.second_staff"
    booth.line.pass_time(FRESH_S + 1)
    admissions.admit("the second card")  # the first has been away for too long
    with pytest.raises(AskStaffError):
        run(act, OpenBin(place))
    assert booth.desk({"check": True})["pulses"] == pulses
    admissions.admit("the first card")
    look_in(booth, act, place, Found.SAME)


def test_a_bin_that_stands_open_again_is_not_settled(booth: Booth) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    run(act, OpenBin(place))
    with pytest.raises(AskStaffError) as told:
        run(act, SettleBin(place, Found.SAME))
    assert told.value.code == "bins.door_open"


def test_a_dead_cabinet_still_shows_what_lies_where(booth: Booth) -> None:
    act = booth.switch_on()
    place = load(booth, act)
    booth.word = Health.ill("bins", "bins.silent")
    seen = see(act)
    assert seen.reason == "bins.silent"
    assert [one.place for one in seen.bins if one.card] == [place]


def test_damaged_books_show_no_bin_as_free_and_delete_nothing(booth: Booth) -> None:
    act = booth.switch_on()
    load(booth, act)
    assert booth.bins is not None
    data = booth.journal.read_bytes()
    booth.journal.write_bytes(data[:40] + b"#" + data[41:])
    booth.ledger = Ledger(booth.journal, HERE)
    act = booth.act(booth.bins)
    assert see(act) == CabinetSeen(reason="bins.books_damaged")
    assert set(booth.sealed()) == {CARD}


def test_lost_books_delete_nobody_s_record(booth: Booth) -> None:
    act = booth.switch_on()
    load(booth, act)
    booth.die()
    booth.journal.unlink()
    see(booth.switch_on())
    assert set(booth.sealed()) == {CARD}


def afterwards(booth: Booth) -> Standing:
    """The next start loses no card, knows whose each is, and leaves nothing readable."""
    booth.line.pass_time(2.0)
    before = booth.desk({"check": True})["pulses"]
    act = booth.switch_on()
    see(act)
    report = booth.desk({"check": True})
    assert report["pulses"] == before
    assert report["violations"] == []
    books = booth.ledger.books()
    held = {slot.card: slot.place for slot in books.slots() if slot.card}
    for place, cards in report["cards"].items():
        assert [held[card] for card in cards] == [place]
    files = {path.name for path in (booth.folder / "cards").glob("*")}
    assert files == {f"{card}.sealed" for card in held}
    for card in held:
        context = SealContext.of_card("B03", card)
        assert open_sealed(booth.cards.read(card), COUNTER, context=context)
    for path in booth.folder.rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        assert NAME.encode() not in raw
        assert NUMBER.encode() not in raw
    return books.slot("1/1").standing


@pytest.mark.parametrize("lies", [True, False])
def test_a_booth_that_dies_at_any_instant_of_loading_loses_no_card_and_tells_of_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lies: bool
) -> None:
    standings = set()
    for instants in range(MOST):
        folder = tmp_path / str(instants)
        folder.mkdir()
        with monkeypatch.context() as patched:
            booth = Booth(folder, patched)
            with booth.line.clock():
                act = booth.switch_on()
                booth.read()
                booth.life.left = instants
                ended = False
                with suppress(PowerCut):
                    place = run(act, OpenFreeBin()).place
                    booth.lay(place) if lies else booth.desk({"close_door": place})
                    run(act, AwaitBin(place))
                    run(act, SettleBin(place, Found.SAME if lies else Found.TAKEN))
                    ended = True
                standings.add(afterwards(booth))
                booth.die()
        if ended:
            break
    else:
        raise AssertionError("the story never ended")
    assert {Standing.REST, Standing.DOUBT} <= standings


def test_a_booth_that_dies_while_a_card_is_taken_out_keeps_its_record_until_the_books_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = set()
    for instants in range(MOST):
        folder = tmp_path / str(instants)
        folder.mkdir()
        with monkeypatch.context() as patched:
            booth = Booth(folder, patched)
            with booth.line.clock():
                act = booth.switch_on()
                load(booth, act)
                booth.life.left = instants
                ended = False
                with suppress(PowerCut):
                    look_in(booth, act, "1/1", Found.TAKEN)
                    ended = True
                afterwards(booth)
                kept.add(bool(booth.sealed()))
                booth.die()
        if ended:
            break
    else:
        raise AssertionError("the story never ended")
    assert kept == {True, False}

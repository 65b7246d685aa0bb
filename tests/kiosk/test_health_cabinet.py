# SPDX-License-Identifier: Apache-2.0
"""Counts of stored cards: true to the books, silent while nobody knows, and never an id."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.bins import Bins
from drivers.bins_books import Slot, Standing, Verb, Where
from drivers.dispenser import Dispenser, DispenserSettings
from drivers.health import Health, State
from drivers.lockboard_makes import MAKES
from firmware_io.emulators.dispenser import dispenser
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.emulators.stage import Stage
from idcard.booth_health import Cabinet
from kiosk.config import BinsTable
from kiosk.health import fitness
from kiosk.health_cabinet import UNREAD, cabinet_of, store_notes
from kiosk.texts import LANGUAGES, words
from kiosk.view import text

READY = Health.ready("bins")
SLOW_S = 5.0  # a busy machine is no silent device
CARD = "6b1c2ad0f5c94f0c9d0d4c8f2f0e7a11"


def test_every_standing_is_counted_by_what_the_books_have() -> None:
    slots = [Slot("1/1"), Slot("1/2", CARD), Slot("1/3", "b", Standing.DOUBT)]
    slots += [Slot("1/4", "", Standing.STUCK), Slot("1/5", "c", Standing.CLOSED)]
    found = cabinet_of(slots, READY, started=True)
    assert found == Cabinet(places=5, cards=3, look_into=("1/3", "1/4"))
    assert found is not None
    assert CARD not in found.model_dump_json()


@pytest.mark.parametrize("make", list(MAKES))
def test_the_widest_cabinet_of_a_make_fits_into_a_report(make: str) -> None:
    boards, locks = tuple(MAKES[make].boards), MAKES[make].locks.stop - 1
    table = BinsTable(make=make, boards=boards, locks=locks)
    names = [f"{board}/{lock}" for board in table.boards for lock in range(1, table.locks + 1)]
    slots = [Slot(name, "card", Standing.DOUBT) for name in names]
    found = cabinet_of(slots, READY, started=True)
    assert found is not None
    assert (found.cards, len(found.look_into)) == (len(names), len(names))


@pytest.mark.parametrize("reason", sorted(UNREAD))
def test_books_that_nobody_can_read_are_not_an_empty_cabinet(reason: str) -> None:
    assert cabinet_of([Slot("1/1")], Health.ill("bins", reason), started=True) is None
    for language in LANGUAGES:
        assert words(text(reason), language)


def test_a_cabinet_that_is_only_starting_has_no_counts_yet() -> None:
    assert cabinet_of([Slot("1/1")], READY, started=False) is None


def test_an_ill_cabinet_keeps_its_counts_and_gives_its_own_reason_alone() -> None:
    odd = Cabinet(places=24, cards=5, look_into=("1/3",))
    assert store_notes(odd, [READY]) == ("bins.look_into",)
    assert store_notes(odd, [Health("bins", State.BUSY)]) == ("bins.look_into",)
    assert store_notes(odd, [Health.ill("bins", "bins.silent")]) == ()
    assert store_notes(Cabinet(places=24, cards=5), [READY]) == ()


@pytest.mark.parametrize("reason", ["bins.silent", "bins.door_open", "dispenser.jam"])
def test_bins_or_dispenser_that_are_ill_close_nothing_and_staff_hear_of_it(reason: str) -> None:
    now = fitness([Health.ill(reason.partition(".")[0], reason)])
    assert (now.closing, now.limiting, now.shut, now.notes) == ((), (), (), (reason,))


@pytest.fixture
def bins(tmp_path: Path) -> Iterator[Bins]:
    table = BinsTable(path=str(tmp_path / "bins"), locks=8, reply_s=SLOW_S)
    with Stage(LockBoard("8a", locks=8, factor=0.0), link=Path(table.path)) as stage:
        driver = Bins(table.path, tmp_path / "bins.journal", settings=table.settings())
        driver.start()
        driver.open("1/3", Verb.LOAD, CARD)
        stage.control({"put_card": CARD, "into": 3})
        stage.control({"close_door": 3})
        driver.await_closed("1/3", 30.0)
        yield driver
        driver.close()


def test_the_real_books_say_the_same(bins: Bins) -> None:
    found = cabinet_of(bins.slots(), READY, started=True)
    assert found == Cabinet(places=8, cards=1)
    bins.settle("1/3", Where.STAFF)
    found = cabinet_of(bins.slots(), READY, started=True)
    assert found == Cabinet(places=8, cards=0)


def test_a_real_hopper_that_runs_low_is_told(tmp_path: Path) -> None:
    path = tmp_path / "dispenser"
    with Stage(dispenser(factor=0.0), link=path) as stage:
        stage.control({"stock": ["A17"]})
        settings = DispenserSettings(reply_s=SLOW_S)
        driver = Dispenser(str(path), tmp_path / "d.journal", settings=settings)
        driver.start()
        assert store_notes(None, [driver.health()]) == ("dispenser.low",)
        stage.control({"stock": [f"B{n}" for n in range(40)]})
        driver.close()
        driver.start()
        assert store_notes(None, [driver.health()]) == ()
        driver.close()

# SPDX-License-Identifier: Apache-2.0
"""Bins and dispenser as the booth has them: fitted or absent, watched, and still without mains."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from drivers.bins_books import Verb
from drivers.errors import OutOfServiceError
from drivers.health import State
from firmware_io.emulators.dispenser import dispenser
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.emulators.stage import Stage
from idcard.booth_health import Cabinet
from kiosk.config import BinsTable, DevicesTable, DispenserTable, PanelTable, Settings
from kiosk.devices import Devices, open_devices
from kiosk.health import fitness

PATIENCE_S = 40.0
SLOW_S = 5.0  # a busy machine is no silent device
CARD = "5f0a8c1e2b7d4d1c9b0e6a3f4c2d1e0f"


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[dict[str, Stage]]:
    made = {"bins": LockBoard("8a", locks=8, factor=0.0), "dispenser": dispenser(factor=0.0)}
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Stage(one, link=tmp_path / name))
            for name, one in made.items()
        }


def bins_in(folder: Path) -> BinsTable:
    return BinsTable(
        fitted=True,
        path=str(folder / "bins"),
        locks=8,
        reply_s=SLOW_S,
        journal=folder / "bins.journal",
    )


@pytest.fixture
def devices(tmp_path: Path, stages: dict[str, Stage]) -> Iterator[Devices]:
    stages["dispenser"].control({"stock": [f"card-{n}" for n in range(40)]})
    machine = DispenserTable(
        fitted=True,
        path=str(tmp_path / "dispenser"),
        reply_s=SLOW_S,
        journal=tmp_path / "dispenser.journal",
    )
    table = DevicesTable(
        bins=bins_in(tmp_path), dispenser=machine, panel=PanelTable(factory="none")
    )
    found = open_devices(Settings(devices=table))
    for thread in found.start(only=found.beats):
        thread.join(PATIENCE_S)
    yield found
    found.close()


def states(found: Devices) -> dict[str, State]:
    return {beat.health().device: beat.health().state for beat in found.beats}


def test_a_booth_without_them_says_absent_and_nothing_of_cards() -> None:
    found = open_devices(Settings())
    assert (found.bins, found.dispenser, found.beats) == (None, None, ())
    words = {one.device: one.state for one in found.health()}
    assert (words["bins"], words["dispenser"]) == (State.ABSENT, State.ABSENT)
    now = fitness(found.health(), cabinet=found.cabinet(), notes=found.notes())
    assert now.cabinet is None
    assert not any(one.startswith(("bins.", "dispenser.")) for one in now.notes)


def test_what_they_say_is_the_booths_word_and_closes_nothing(
    devices: Devices, stages: dict[str, Stage]
) -> None:
    until(lambda: set(states(devices).values()) == {State.READY})
    assert devices.cabinet() == Cabinet(places=8, cards=0)
    assert devices.notes() == ()
    stages["bins"].control({"open_door": 5})
    stages["dispenser"].control({"unplug": True})
    until(lambda: set(states(devices).values()) == {State.ILL})
    ill = {one.device: one.reason for one in devices.health()}
    assert (ill["bins"], ill["dispenser"]) == ("bins.door_open", "dispenser.unplugged")
    closing = fitness(devices.health()).closing
    assert not any(one.startswith(("bins.", "dispenser.")) for one in closing)
    stages["bins"].control({"close_door": 5})
    stages["dispenser"].control({"replug": True})
    until(lambda: set(states(devices).values()) == {State.READY})
    # Nobody was to open that door: somebody has to look what lies behind it now.
    assert devices.cabinet() == Cabinet(places=8, cards=0, look_into=("1/5",))
    assert devices.notes() == ("bins.look_into",)


def test_without_mains_nothing_moves_and_the_books_stay_as_they_were(
    devices: Devices, stages: dict[str, Stage], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices.panel, "says", lambda contact: contact == "power")
    kept = {path: path.read_bytes() for path in tmp_path.glob("*.journal")}
    assert devices.bins is not None
    assert devices.dispenser is not None
    with pytest.raises(OutOfServiceError, match=r"bins\.power"):
        devices.bins.open("1/3", Verb.LOAD, CARD)
    with pytest.raises(OutOfServiceError, match=r"dispenser\.power"):
        devices.dispenser.feed()
    assert stages["bins"].control({"status": True})["pulses"] == []
    assert stages["dispenser"].control({"status": True})["moves"] == []
    assert {path: path.read_bytes() for path in tmp_path.glob("*.journal")} == kept
    monkeypatch.setattr(devices.panel, "says", lambda contact: False)
    devices.bins.open("1/3", Verb.LOAD, CARD)
    assert len(stages["bins"].control({"status": True})["pulses"]) == 1


def test_the_next_front_gets_ports_and_books_of_the_one_before(
    devices: Devices, tmp_path: Path
) -> None:
    assert devices.bins is not None
    devices.close()
    again = open_devices(
        Settings(devices=DevicesTable(bins=bins_in(tmp_path), panel=PanelTable(factory="none")))
    )
    for thread in again.start(only=again.beats):
        thread.join(PATIENCE_S)
    until(lambda: states(again) == {"bins": State.READY})
    again.close()

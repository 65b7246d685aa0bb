# SPDX-License-Identifier: Apache-2.0
"""The development booth's settings: written as TOML that reads back the same and is accepted."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bins import Bins
from drivers.lockboard_makes import MAKES
from firmware_io.links.pwm import PwmChannel
from kiosk.config import BinsTable, load
from kiosk.stack.files import (
    STORES,
    Folder,
    booth_settings,
    cabinet_options,
    free_ports,
    merged,
    write_toml,
)
from kiosk.stack.process import Process, StackError
from kiosk.stack.stack import Stack

names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
plain = (
    st.booleans()
    | st.integers(min_value=-(2**62), max_value=2**62)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20)
    | st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=5))
)
tables = st.dictionaries(
    names, plain | st.dictionaries(names, plain | st.dictionaries(names, plain, max_size=3))
)


@settings(max_examples=80, deadline=None)
@given(table=tables)
def test_tables_read_back_as_they_were_written(
    tmp_path_factory: Any, table: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("toml") / "booth.toml"
    write_toml(path, table)
    assert tomllib.loads(path.read_text("utf-8")) == table


def test_what_is_laid_on_top_changes_its_own_key_and_nothing_beside(tmp_path: Path) -> None:
    below = {"visit": {"idle_warn_s": 60, "idle_end_s": 90}, "booth": {"id": "B03"}}
    over = merged(below, {"visit": {"idle_warn_s": 2}})
    assert over == {"visit": {"idle_warn_s": 2, "idle_end_s": 90}, "booth": {"id": "B03"}}
    assert below["visit"]["idle_warn_s"] == 60


def test_the_booth_accepts_the_settings_that_are_written_for_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    over = {"visit": {"idle_end_s": 7}}
    tables = booth_settings(folder, "127.0.0.1:4443", window=False, over=over)
    write_toml(folder.booth_toml, tables)
    found = load(folder.booth_toml)
    assert found.visit.idle_end_s == 7
    assert found.post.counter_url == "https://127.0.0.1:4443"
    assert found.post.state_dir == folder.uplink


def test_its_photo_lamp_hangs_on_a_channel_of_plain_files_that_a_running_front_keeps(
    tmp_path: Path,
) -> None:
    folder = Folder(tmp_path)
    write_toml(folder.booth_toml, booth_settings(folder, "127.0.0.1:4443", window=False, over={}))
    panel = load(folder.booth_toml).devices.panel
    assert panel.dims
    channel = PwmChannel(panel.photo_pwm) if panel.photo_pwm else None
    assert channel is not None
    channel.open()
    channel.set(0.7)
    Folder(tmp_path)  # as another program that attaches itself to this booth
    assert (channel.path / "duty_cycle").read_text() == "28000\n"


def test_bins_and_dispenser_are_fitted_when_they_are_wanted_and_have_their_books_apart(
    tmp_path: Path,
) -> None:
    folder = Folder(tmp_path)
    for fits in ((), STORES):
        tables = booth_settings(folder, "127.0.0.1:4443", window=False, over={}, fits=fits)
        write_toml(folder.booth_toml, tables)
        devices = load(folder.booth_toml).devices
        assert (devices.bins.fitted, devices.dispenser.fitted) == (bool(fits), bool(fits))
    assert devices.bins.journal != devices.dispenser.journal
    over = {"devices": {"bins": {"fitted": True}}}
    tables = booth_settings(folder, "127.0.0.1:4443", window=False, over=over)
    assert (tables["devices"]["bins"]["fitted"], tables["devices"]["dispenser"]["fitted"]) == (
        True,
        False,
    )


@pytest.mark.parametrize("make", list(MAKES))
def test_the_emulated_cabinet_is_the_one_of_the_settings(tmp_path: Path, make: str) -> None:
    """A driver with the booth's settings finds every door of both boards shut."""
    table = BinsTable(
        path=str(tmp_path / "bins"),
        make=make,
        boards=(1, 3),
        locks=2,
        reply_s=5.0,  # a busy machine is no silent board
        inverted=make == "8a",
        state_first=make == "winnsen",
    )
    options = [*cabinet_options(table), "--factor", "0", "--link", table.path]
    emulator = Process("bins", ["firmware_io.emulators.lockboard", *options], tmp_path / "log")
    try:
        emulator.ready()
        bins = Bins(table.path, tmp_path / "journal", settings=table.settings())
        bins.start()
        assert not any(bins.sense(slot.place) for slot in bins.slots())
        emulator.control({"open_door": "3/2"})
        assert bins.sense("3/2")
        bins.close()
    finally:
        emulator.stop()


def test_a_booth_that_starts_with_an_empty_cabinet_has_no_old_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    (folder.cards / "bins.journal").write_text("yesterday")

    def stop(*_: object) -> None:
        raise StackError("far enough")

    monkeypatch.setattr(Stack, "_once", stop)  # the first thing that takes long
    with pytest.raises(StackError, match="far enough"), Stack(tmp_path):
        pass
    assert list(folder.cards.iterdir()) == []


def test_settings_that_no_booth_can_have_are_told_before_anything_starts(tmp_path: Path) -> None:
    booth = {"devices": {"bins": {"fitted": True, "make": "abacus"}}}
    with pytest.raises(StackError, match="abacus"), Stack(tmp_path, booth=booth):
        pass


def test_the_outbox_folder_is_the_owner_s_alone(tmp_path: Path) -> None:
    assert Folder(tmp_path).uplink.stat().st_mode & 0o777 == 0o700


def test_two_free_ports_are_two(tmp_path: Path) -> None:
    ports = free_ports()
    assert ports.booth != ports.console

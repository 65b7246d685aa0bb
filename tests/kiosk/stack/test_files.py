# SPDX-License-Identifier: Apache-2.0
"""The development booth's settings: written as TOML that reads back the same and is accepted."""

import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.config import load
from kiosk.stack.files import Folder, booth_settings, free_ports, merged, write_toml

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


def test_the_outbox_folder_is_the_owner_s_alone(tmp_path: Path) -> None:
    assert Folder(tmp_path).uplink.stat().st_mode & 0o777 == 0o700


def test_two_free_ports_are_two(tmp_path: Path) -> None:
    ports = free_ports()
    assert ports.booth != ports.console

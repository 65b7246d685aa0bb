# SPDX-License-Identifier: Apache-2.0
"""What outlives a killed front: the file alone."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.printer_journal import KEPT_BYTES, Journal, Left
from firmware_io.emulators.printer_roll import DOTS_PER_MM, HEAD_TO_CUTTER_MM

PATIENCE_S = 40.0
HEAD_ROWS = HEAD_TO_CUTTER_MM * DOTS_PER_MM


@pytest.mark.parametrize(
    ("acts", "left"),
    [
        ([], Left()),
        ([("print", {})], Left(torso=True)),
        ([("print", {}), ("printed", {})], Left()),
        ([("print", {}), ("stopped", {"partial": True})], Left(torso=True)),
        ([("print", {}), ("stopped", {"partial": True}), ("clear", {})], Left(torso=True)),
        ([("print", {}), ("stopped", {"partial": True}), ("clear", {}), ("cleared", {})], Left()),
        ([("print", {}), ("printed", {}), ("presented", {})], Left(slip=True)),
        ([("print", {}), ("printed", {}), ("presented", {}), ("taken", {})], Left()),
        ([("print", {}), ("printed", {}), ("presented", {}), ("retract", {})], Left(slip=True)),
        ([("presented", {}), ("retract", {}), ("retracted", {})], Left()),
        ([("presented", {}), ("retract", {}), ("retracted", {}), ("print", {})], Left(torso=True)),
    ],
)
def test_every_crash_state_of_the_journal_says_what_may_hang(tmp_path, acts, left) -> None:
    journal = Journal(tmp_path / "printer.jsonl")
    for act, more in acts:
        journal.note(act, **more)
    assert Journal(tmp_path / "printer.jsonl").left() == left
    assert journal.failed is False


@given(st.integers(0, 200))
def test_a_line_torn_by_a_power_cut_is_passed_over_and_the_next_is_whole(
    tmp_path_factory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "printer.jsonl"
    journal = Journal(path)
    journal.note("print", rows=812)
    journal.note("printed", by="process_id")
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    first = whole.index(b"\n")  # a line without its end is as good as with it
    expected = Left(torso=first <= cut < len(whole) - 1)
    assert Journal(path).left() == expected
    journal.note("print", rows=5)
    assert Journal(path).left() == Left(torso=True)
    assert json.loads(path.read_bytes().splitlines()[-1])["rows"] == 5


@given(st.binary(max_size=300))
def test_no_content_of_the_file_keeps_a_driver_from_starting(tmp_path_factory, data) -> None:
    path = tmp_path_factory.mktemp("odd") / "printer.jsonl"
    path.write_bytes(data)
    Journal(path).left()


def test_a_full_file_is_put_aside_and_what_hung_is_still_known(tmp_path: Path) -> None:
    path = tmp_path / "printer.jsonl"
    journal = Journal(path)
    journal.note("print")
    path.write_bytes(b"\n" * KEPT_BYTES + path.read_bytes())
    journal.note("retract")
    assert path.stat().st_size < 200
    assert Journal(path).left().torso


def test_entries_hold_acts_and_counts_only(tmp_path: Path) -> None:
    path = tmp_path / "printer.jsonl"
    Journal(path).note("print", rows=812)
    entry = json.loads(path.read_text())
    assert set(entry) == {"at", "act", "rows"}

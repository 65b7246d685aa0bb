# SPDX-License-Identifier: Apache-2.0
"""The books are read beside the driver that writes them: bit by bit, torn, replaced, damaged."""

from datetime import UTC
from pathlib import Path

import pytest

from drivers.bins_books import Books, Kind, Standing, Verb, Where
from drivers.bins_journal import Journal, JournalDamagedError, entries
from kiosk.acts.bins_ledger import Ledger


def story(path: Path) -> bytes:
    """Two cards are loaded, one is handed out; the journal's bytes."""
    journal = Journal(path)
    journal.open()
    for act, (place, card) in enumerate((("1/1", "a"), ("1/2", "b")), 1):
        journal.write(Kind.INTENT, place, card=card, act=act, verb=Verb.LOAD)
        journal.write(Kind.SENT, place, act=act)
        journal.write(Kind.REACH, place, act=act)
        journal.write(Kind.CLOSED, place, act=act)
        journal.write(Kind.SETTLED, place, card=card, act=act, where=Where.HERE)
    journal.write(Kind.INTENT, "1/1", act=3, verb=Verb.HAND_OUT)
    journal.write(Kind.REACH, "1/1", act=3)
    journal.write(Kind.CLOSED, "1/1", act=3)
    journal.write(Kind.SETTLED, "1/1", act=3, where=Where.HOLDER)
    journal.close()
    return path.read_bytes()


def added_up(data: bytes) -> Books:
    books = Books()
    for entry in entries(data):
        books.add(entry)
    return books


def test_however_much_has_been_written_the_books_are_those_of_all_whole_lines(
    tmp_path: Path,
) -> None:
    data = story(tmp_path / "whole")
    path = tmp_path / "growing"
    path.write_bytes(b"")
    ledger = Ledger(path, UTC)
    for length in range(0, len(data) + 1, 7):
        path.write_bytes(data[:length])
        wanted, found = added_up(data[:length]), ledger.books()
        assert (found.last, found.slots(), found.gone()) == (
            wanted.last,
            wanted.slots(),
            wanted.gone(),
        )
    assert ledger.meant("1/1") is Verb.HAND_OUT
    path.write_bytes(data)
    assert ledger.books().gone() == {"a": Where.HOLDER}
    assert ledger.meant("1/1") is None  # it is known now what became of it
    assert ledger.loaded("b") == ledger.since("1/2")


def test_without_a_file_there_is_no_card_and_no_time(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "none", UTC)
    assert ledger.books().slots() == ()
    assert ledger.since("1/1") is None


def test_another_file_in_the_same_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    data, path = story(tmp_path / "j"), tmp_path / "j"
    ledger = Ledger(path, UTC)
    assert ledger.books().gone() == {"a": Where.HOLDER}
    path.write_bytes(b"".join(line + b"\n" for line in data.split(b"\n")[:5]))
    assert ledger.books().gone() == {}
    assert ledger.books().slot("1/1").standing is Standing.REST


def test_damage_is_told_again_and_again_until_it_is_mended(tmp_path: Path) -> None:
    data, path = story(tmp_path / "j"), tmp_path / "j"
    path.write_bytes(data[:30] + b"#" + data[31:])
    ledger = Ledger(path, UTC)
    for _ in range(2):
        with pytest.raises(JournalDamagedError):
            ledger.books()
    lines = data.split(b"\n")
    path.write_bytes(b"\n".join(lines[:2] + lines[3:]))  # an entry is missing
    with pytest.raises(JournalDamagedError):
        ledger.books()
    path.write_bytes(data)
    assert ledger.books().last == len(entries(data))

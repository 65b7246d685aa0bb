# SPDX-License-Identifier: Apache-2.0
import os
import re

import pytest

from drivers import bins_journal
from drivers.bins_books import Books, Entry, Kind, Standing, Verb, Where
from drivers.bins_journal import (
    Journal,
    JournalBusyError,
    JournalDamagedError,
    JournalFullError,
    entries,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bins.journal"


def loaded(path, card="A17") -> Journal:
    journal = Journal(path)
    journal.open()
    journal.write(Kind.INTENT, "1/3", card=card, act=1, verb=Verb.LOAD)
    journal.write(Kind.REACH, "1/3", act=1)
    journal.write(Kind.CLOSED, "1/3", act=1)
    journal.write(Kind.SETTLED, "1/3", card=card, act=1, where=Where.HERE)
    return journal


def test_what_was_written_is_there_after_a_new_start(path):
    loaded(path).close()
    again = Journal(path)
    again.open()
    slot = again.books.slot("1/3")
    assert (slot.card, slot.standing) == ("A17", Standing.REST)
    assert again.books.last == 4
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_an_entry_is_on_the_disk_before_write_returns(path, monkeypatch):
    synced: list[bytes] = []
    journal = loaded(path)
    monkeypatch.setattr(bins_journal.os, "fdatasync", lambda file: synced.append(path.read_bytes()))
    journal.write(Kind.DOUBT, "1/4")
    assert [len(entries(data)) for data in synced] == [5]


def test_a_line_torn_anywhere_is_cut_off_and_the_next_one_follows(path):
    loaded(path).close()
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for end in range(last, len(whole)):
        path.write_bytes(whole[:end])
        journal = Journal(path)
        journal.open()
        assert journal.books.slot("1/3").standing is Standing.CLOSED
        journal.write(Kind.DOUBT, "1/3")  # shorter than what was torn off
        journal.close()
        assert len(entries(path.read_bytes())) == 4


def test_a_last_line_of_zeros_is_torn_too(path):
    loaded(path).close()
    path.write_bytes(path.read_bytes() + bytes(20))
    journal = Journal(path)
    journal.open()
    assert journal.books.last == 4


@pytest.mark.parametrize("lost", [bytes(5000), b"\xff" * 5000, b"x" * 5000 + b"\n"])
@pytest.mark.parametrize("kept", [0, 2])
def test_a_disk_that_lost_more_than_one_line_leaves_no_empty_books(path, lost, kept):
    loaded(path).close()
    damaged = b"".join(path.read_bytes().splitlines(keepends=True)[:kept]) + lost
    path.write_bytes(damaged)
    with pytest.raises(JournalDamagedError):
        Journal(path).open()
    assert path.read_bytes() == damaged


def test_a_damaged_line_that_another_has_begun_to_follow_had_been_synced(path):
    loaded(path).close()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data) + b"0123")
    with pytest.raises(JournalDamagedError):
        Journal(path).open()


def test_no_line_is_longer_than_what_a_power_cut_can_tear():
    longest = Entry(
        10**12, 10**12, Kind.SETTLED, "32/24", "x" * 64, 10**12, Verb.HAND_OUT, Where.MISSING
    )
    assert len(bins_journal._line(longest)) <= bins_journal.LINE_MOST


def lines_of_a_load() -> bytes:
    books = [
        Entry(1, 9, Kind.INTENT, "1/3", "A17", 1, Verb.LOAD),
        Entry(2, 9, Kind.REACH, "1/3", "", 1),
        Entry(3, 9, Kind.CLOSED, "1/3", "", 1),
        Entry(4, 9, Kind.SETTLED, "1/3", "A17", 1, where=Where.HERE),
    ]
    return b"".join(map(bins_journal._line, books))


def test_no_bit_changed_in_the_middle_is_ever_taken_for_a_book():
    sound = lines_of_a_load()
    assert len(entries(sound)) == 4
    for at in range(sound.rindex(b"\n", 0, -1)):
        for bit in range(8):
            changed = bytearray(sound)
            changed[at] ^= 1 << bit
            with pytest.raises(JournalDamagedError):
                entries(bytes(changed))


def test_a_missing_line_is_damage(path):
    loaded(path).close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    with pytest.raises(JournalDamagedError):
        Journal(path).open()


def test_a_full_disk_changes_neither_file_nor_books(path, monkeypatch):
    journal = loaded(path)
    before = path.read_bytes()
    real = os.pwrite

    def full(file: int, data: bytes, at: int) -> int:
        real(file, data[:7], at)
        raise OSError(28, "no space")

    monkeypatch.setattr(bins_journal.os, "pwrite", full)
    with pytest.raises(JournalFullError):
        journal.write(Kind.INTENT, "1/4", card="B", act=2, verb=Verb.LOAD)
    assert path.read_bytes() == before
    assert journal.books.last == 4


def test_two_processes_do_not_keep_one_journal(path):
    loaded(path)
    with pytest.raises(JournalBusyError):
        Journal(path).open()


@pytest.mark.parametrize(
    "card", ["341522199811070025", "34152219981107002X", "A 17", "张三", "x" * 65]
)
def test_no_citizen_number_and_no_name_gets_into_the_journal(path, card):
    journal = loaded(path)
    with pytest.raises(ValueError, match="opaque") as told:
        journal.write(Kind.INTENT, "1/4", card=card, act=2, verb=Verb.LOAD)
    assert card not in str(told.value)
    assert len(entries(path.read_bytes())) == 4


def test_a_line_has_plain_fields_and_nothing_else(path):
    loaded(path)
    line = path.read_text("ascii").splitlines()[0]
    told = re.sub(r'"at":\d+', '"at":0', line[9:])
    assert told == (
        '{"number":1,"at":0,"kind":"intent","place":"1/3","card":"A17","act":1,"verb":"load"}'
    )


def test_a_bin_that_did_not_open_keeps_its_card_and_a_card_to_be_loaded_stays_outside():
    books = Books()
    for number, (kind, card, verb) in enumerate(
        [(Kind.INTENT, "A", Verb.LOAD), (Kind.SHUT, "", None)], 1
    ):
        books.add(Entry(number, 0, kind, "1/1", card, 1, verb))
    assert books.slot("1/1").card == ""
    assert books.slot("1/1").standing is Standing.STUCK
    assert books.gone() == {"A": Where.STAFF}


def test_another_card_found_in_a_bin_leaves_none_out_of_the_books():
    books = Books()
    books.add(Entry(1, 0, Kind.INTENT, "1/1", "A", 1, Verb.LOAD))
    books.add(Entry(2, 0, Kind.UNKNOWN, "1/1", act=1))
    books.add(Entry(3, 0, Kind.SETTLED, "1/1", "B", 1, where=Where.HERE))
    assert books.place_of("B") == "1/1"
    assert books.gone() == {"A": Where.STAFF}


def test_a_doubt_stays_one_when_the_door_does_not_open_to_look_into_it():
    books = Books()
    books.add(Entry(1, 0, Kind.DOUBT, "1/1"))
    books.add(Entry(2, 0, Kind.INTENT, "1/1", "", 1, Verb.INSPECT))
    books.add(Entry(3, 0, Kind.SHUT, "1/1", "", 1))
    assert books.slot("1/1").standing is Standing.DOUBT

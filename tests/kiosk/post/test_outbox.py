# SPDX-License-Identifier: Apache-2.0
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idcard.keys import SigningKey, VerifyKey
from idcard.records import Arrival, Kind, Manifest, Part
from idcard.signing import SignatureError, check_manifest
from kiosk.post import outbox_file
from kiosk.post.errors import ConflictError, OutboxFullError, OutboxIllError
from kiosk.post.outbox import DamagedPartError, Limits, Outbox

Open = Callable[..., Outbox]
Make = Callable[..., Any]
ArrivalOf = Callable[[Manifest], Arrival]


def look(folder: Path, statement: str) -> list[Any]:
    with sqlite3.connect(folder / "outbox.db") as database:
        rows = database.execute(statement).fetchall()
    database.close()
    return rows


def test_what_was_stored_is_there_after_a_restart_whole_and_signed(
    open_outbox: Open, application: Make, device_key: SigningKey
) -> None:
    one, box = application(), open_outbox()
    stored = box.store(one.draft, one.parts)
    assert (stored.booth_number[:15], stored.seq) == ("B03-261201-0001", 1)
    box.close()
    again = open_outbox()
    assert again.unsent() == (one.id,)
    outgoing = again.outgoing(one.id)
    assert outgoing.parts == one.parts
    envelope = check_manifest(outgoing.manifest, device_key.verifier)
    assert {ref.part: ref.sha256 for ref in envelope.parts} == one.hashes
    assert (envelope.booth_number, envelope.seq_booth) == (stored.booth_number, stored.seq)


def test_the_same_again_gets_the_same_numbers_and_is_stored_once(
    open_outbox: Open, application: Make
) -> None:
    one, box = application(), open_outbox()
    first = box.store(one.draft, one.parts)
    assert box.store(one.draft, one.parts) == first
    assert box.tally().unsent == 1


def test_the_same_id_with_other_content_is_refused_and_the_first_stands(
    open_outbox: Open, application: Make
) -> None:
    one, box = application(), open_outbox()
    box.store(one.draft, one.parts)
    other = application()
    forged = {
        part: raw.replace(str(other.id).encode(), str(one.id).encode())
        for part, raw in other.parts.items()
    }
    with pytest.raises(ConflictError):
        box.store(one.draft, forged)
    with pytest.raises(ConflictError):
        box.store(one.draft.model_copy(update={"kind": Kind.LOST}), one.parts)
    assert box.outgoing(one.id).parts == one.parts


def test_numbers_run_without_gaps_and_start_again_with_the_stations_day(
    open_outbox: Open, stock: list[Any], hands: Any
) -> None:
    box = open_outbox()
    numbers = [box.store(one.draft, one.parts) for one in stock[:3]]
    hands.moment += timedelta(hours=14)  # 00:00 at the station, still the day before in UTC
    numbers += [box.store(one.draft, one.parts) for one in stock[3:5]]
    assert [one.seq for one in numbers] == [1, 2, 3, 4, 5]
    assert [one.booth_number[:15] for one in numbers] == [
        "B03-261201-0001",
        "B03-261201-0002",
        "B03-261201-0003",
        "B03-261202-0001",
        "B03-261202-0002",
    ]


def test_a_clock_that_steps_back_gives_no_number_twice(
    open_outbox: Open, stock: list[Any], hands: Any
) -> None:
    box = open_outbox()
    given = {box.store(stock[0].draft, stock[0].parts).booth_number}
    hands.moment += timedelta(days=1)
    given.add(box.store(stock[1].draft, stock[1].parts).booth_number)
    hands.moment -= timedelta(days=1)
    given.add(box.store(stock[2].draft, stock[2].parts).booth_number)
    assert len(given) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: {part: raw for part, raw in parts.items() if part is not Part.EVIDENCE},
        lambda parts: parts | {Part.PORTRAIT: b"readable"},
        lambda parts: parts | {Part.PORTRAIT: parts[Part.IDENTITY]},
        lambda parts: parts | {Part.PORTRAIT: parts[Part.PORTRAIT] + b"x" * 200_000},
    ],
)
def test_nothing_readable_misplaced_missing_or_too_large_gets_in(
    open_outbox: Open, application: Make, spoil: Any
) -> None:
    one, box = application(), open_outbox()
    with pytest.raises(ValueError):  # noqa: PT011
        box.store(one.draft, spoil(one.parts))
    assert box.unsent() == ()


def test_an_application_sealed_at_another_booth_is_not_taken(
    open_outbox: Open, application: Make
) -> None:
    other = application(booth="B04")
    with pytest.raises(ValueError, match="something else"):
        open_outbox().store(other.draft, other.parts)


def test_sealed_parts_go_only_after_the_proved_receipt_is_on_disk(
    open_outbox: Open,
    application: Make,
    arrival_of: ArrivalOf,
    counter_key: VerifyKey,
    tmp_path: Path,
) -> None:
    one, box = application(), open_outbox()
    stored = box.store(one.draft, one.parts)
    arrival = arrival_of(box.outgoing(one.id).manifest)
    box.receive(one.id, arrival, counter_key)
    assert box.unsent() == ()
    assert box.arrival(one.id) == arrival
    held = look(tmp_path / "outbox", "SELECT count(*), count(bytes) FROM parts")
    assert held == [(4, 0)]  # hashes are kept for good, bytes are gone
    raw = (tmp_path / "outbox/outbox.db").read_bytes()
    assert all(sealed[-100:] not in raw for sealed in one.parts.values())
    assert box.store(one.draft, one.parts) == stored  # known for good


def test_a_receipt_that_does_not_prove_it_deletes_nothing(
    open_outbox: Open, stock: list[Any], arrival_of: ArrivalOf, counter_key: VerifyKey
) -> None:
    box = open_outbox()
    one, two = stock[0], stock[1]
    for each in (one, two):
        box.store(each.draft, each.parts)
    of_two = arrival_of(box.outgoing(two.id).manifest)
    right = arrival_of(box.outgoing(one.id).manifest)
    body = right.receipt.body
    swapped = body.model_copy(update={"parts": {**body.parts, Part.PORTRAIT: "0" * 64}})
    forged = Arrival(
        receipt=right.receipt.model_copy(update={"body": swapped}), progress=right.progress
    )
    for wrong in (of_two, forged):
        with pytest.raises(SignatureError):
            box.receive(one.id, wrong, counter_key)
    with pytest.raises(SignatureError):
        box.receive(one.id, right, SigningKey.generate().verifier)
    assert box.outgoing(one.id).parts == one.parts


def test_a_cut_between_receipt_and_deletion_is_finished_at_the_next_start(
    open_outbox: Open, application: Make, arrival_of: ArrivalOf, tmp_path: Path
) -> None:
    one, box = application(), open_outbox()
    box.store(one.draft, one.parts)
    arrival = arrival_of(box.outgoing(one.id).manifest)
    box.close()
    with sqlite3.connect(tmp_path / "outbox/outbox.db") as database:
        database.execute(
            "UPDATE applications SET state = 'received', arrival = ?", (arrival.model_dump_json(),)
        )
    database.close()
    open_outbox()
    assert look(tmp_path / "outbox", "SELECT count(bytes) FROM parts") == [(0,)]


def test_a_parked_one_stays_whole_and_goes_again_when_a_person_says_so(
    open_outbox: Open, application: Make
) -> None:
    one, box = application(), open_outbox()
    box.store(one.draft, one.parts)
    box.park(one.id, "other_content")
    assert (box.unsent(), box.tally().parked) == ((), 1)
    assert box.park_reason(one.id) == "other_content"
    box.unpark(one.id)
    assert box.outgoing(one.id).parts == one.parts


def test_a_changed_bit_inside_a_part_is_found_before_it_is_sent(
    open_outbox: Open, application: Make, tmp_path: Path
) -> None:
    one, box = application(), open_outbox()
    box.store(one.draft, one.parts)
    box.close()
    path = tmp_path / "outbox/outbox.db"
    raw = bytearray(path.read_bytes())
    raw[raw.find(one.parts[Part.PORTRAIT][-40:])] ^= 1
    path.write_bytes(bytes(raw))
    again = open_outbox()
    assert again.quarantined is None  # SQLite itself sees nothing wrong
    with pytest.raises(DamagedPartError):
        again.outgoing(one.id)


def test_the_store_takes_no_more_than_its_number_of_applications(
    open_outbox: Open, stock: list[Any]
) -> None:
    box = open_outbox(limits=Limits(records=3, free_bytes=0))
    for one in stock[:3]:
        box.store(one.draft, one.parts)
    with pytest.raises(OutboxFullError) as full:
        box.store(stock[3].draft, stock[3].parts)
    assert full.value.why == "records"
    box.store(stock[0].draft, stock[0].parts)  # the same again is no new one


def test_an_application_unsent_for_three_days_closes_the_booth(
    open_outbox: Open, stock: list[Any], hands: Any
) -> None:
    box = open_outbox()
    box.store(stock[0].draft, stock[0].parts)
    hands.moment += timedelta(days=3)
    assert box.full() == ""
    hands.moment += timedelta(seconds=1)
    assert box.full() == "age"


def test_too_little_free_disk_is_said_before_anything_is_tried(
    open_outbox: Open, application: Make
) -> None:
    box = open_outbox(limits=Limits(free_bytes=2**62))
    one = application()
    with pytest.raises(OutboxFullError) as full:
        box.store(one.draft, one.parts)
    assert full.value.why == "space"


def test_a_full_file_refuses_clearly_keeps_all_and_still_takes_receipts(
    open_outbox: Open,
    application: Make,
    arrival_of: ArrivalOf,
    counter_key: VerifyKey,
) -> None:
    # max_page_count gives the same SQLITE_FULL as a full disk, without root.
    box = open_outbox(limits=Limits(free_bytes=0, pages=40))
    kept: list[Any] = []

    def store_for_ever() -> None:
        while True:
            one = application(4000)
            box.store(one.draft, one.parts)
            kept.append(one)

    with pytest.raises(OutboxFullError) as full:
        store_for_ever()
    assert full.value.why == "space"
    assert len(kept) >= 2
    assert box.unsent() == tuple(one.id for one in kept)
    assert all(box.outgoing(one.id).parts == one.parts for one in kept)
    first = kept[0]
    box.receive(first.id, arrival_of(box.outgoing(first.id).manifest), counter_key)
    fresh = application(4000)
    box.store(fresh.draft, fresh.parts)  # the receipt made room
    assert box.ill == ""


def test_one_process_only(open_outbox: Open, tmp_path: Path) -> None:
    box = open_outbox()
    with pytest.raises(OutboxIllError, match="another uplink"):
        open_outbox()
    box.close()
    open_outbox()


def test_every_setting_is_read_back_and_another_answer_refuses_to_serve(
    open_outbox: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, _, _ in outbox_file.PRAGMAS:
        expected = [
            (n, "OFF" if n == name != "journal_mode" and name != "mmap_size" else asked, value)
            for n, asked, value in outbox_file.PRAGMAS
        ]
        if name == "journal_mode":
            expected[0] = (name, "MEMORY", "truncate")
        if name == "mmap_size":
            expected[-1] = (name, "65536", 0)
        monkeypatch.setattr(outbox_file, "PRAGMAS", tuple(expected))
        with pytest.raises(OutboxIllError, match=name):
            open_outbox()
        monkeypatch.undo()


class Unsure(sqlite3.Connection):
    """A disk whose sync fails after the commit: `after` commits go well first."""

    after = 0
    loses = False

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if statement != "COMMIT":
            return super().execute(statement, *values)
        Unsure.after -= 1
        if Unsure.after != 0:
            return super().execute(statement)
        super().execute("ROLLBACK" if Unsure.loses else "COMMIT")
        failure = sqlite3.OperationalError("disk I/O error")
        failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise failure


def unsure(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Unsure)


@pytest.mark.parametrize("loses", [False, True])
def test_after_a_failed_sync_the_store_looks_before_it_says_anything(
    open_outbox: Open, application: Make, loses: bool
) -> None:
    # An exception from COMMIT means "unknown": the transaction may be in the file all the same.
    one, two = application(), application()
    Unsure.after, Unsure.loses = 0, loses
    box = open_outbox(connector=unsure)
    Unsure.after = 1
    if loses:
        with pytest.raises(OutboxIllError):
            box.store(one.draft, one.parts)
        assert box.unsent() == ()
    else:
        assert box.store(one.draft, one.parts).seq == 1
        assert box.unsent() == (one.id,)
    with pytest.raises(OutboxFullError) as full:  # out of service until somebody has looked
        box.store(two.draft, two.parts)
    assert full.value.why == "disk"


def test_a_damaged_store_is_put_aside_with_its_journal_and_numbers_go_on(
    open_outbox: Open, stock: list[Any], tmp_path: Path
) -> None:
    folder, box = tmp_path / "outbox", open_outbox()
    for one in stock[:3]:
        box.store(one.draft, one.parts)
    box.close()
    path = folder / "outbox.db"
    raw = bytearray(path.read_bytes())
    raw[4096 : 4096 * 3] = bytes(4096 * 2)
    path.write_bytes(bytes(raw))
    (folder / "outbox.db-journal").write_bytes(b"")
    again = open_outbox()
    assert again.quarantined is not None
    assert (again.quarantined / "outbox.db").read_bytes() == bytes(raw)
    assert (again.quarantined / "outbox.db-journal").exists()
    stored = again.store(stock[3].draft, stock[3].parts)
    assert (stored.seq, stored.booth_number[:15]) == (4, "B03-261201-0004")
    again.close()
    assert open_outbox().quarantined is not None  # until somebody takes it away


@pytest.mark.parametrize("junk", [b"not a database at all, " * 400, b"\x00" * 8192])
def test_a_file_of_junk_is_put_aside_too(open_outbox: Open, tmp_path: Path, junk: bytes) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "outbox.db").write_bytes(junk)
    box = open_outbox()
    assert box.quarantined is not None
    assert box.unsent() == ()


def test_a_store_of_a_newer_version_is_left_alone(open_outbox: Open, tmp_path: Path) -> None:
    open_outbox().close()
    path = tmp_path / "outbox/outbox.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    with pytest.raises(OutboxIllError, match="newer"):
        open_outbox()
    assert path.read_bytes() == before

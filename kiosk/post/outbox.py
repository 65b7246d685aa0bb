# SPDX-License-Identifier: Apache-2.0
"""The outbox: sealed applications, durable, until the counter has proved that it has them.

`store` is one transaction: numbers, signed manifest and all sealed parts, or nothing. Ids, numbers,
hashes and the receipt are kept for good; the sealed parts only until a verified signed receipt
names their hashes, and the receipt is on disk before they go. The uplink alone opens it for
writing; `kiosk.post.outbox_list` reads it beside.
"""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from idcard.age import station_date
from idcard.canonical import canonical_json, sha256_hex
from idcard.keys import VerifyKey
from idcard.numbers import BoothNumber
from idcard.records import Arrival, Envelope, Manifest, Part, PartRef
from idcard.signing import check_receipt, sign_manifest
from kiosk.post import number_log
from kiosk.post.errors import ConflictError, OutboxFullError, OutboxIllError
from kiosk.post.messages import EnvelopeDraft, Stored
from kiosk.post.number_log import Given
from kiosk.post.outbox_file import (
    Connect,
    alone,
    connect,
    drop_ballast,
    is_full,
    last_put_aside,
    open_database,
    set_ballast,
)
from kiosk.post.outbox_parts import DamagedPartError, Identity, Limits, Outgoing, Tally, references

__all__ = ["DamagedPartError", "Identity", "Limits", "Outbox", "Outgoing", "Tally"]


class Outbox:
    """The one writer. Methods may be called from any thread; each is one short transaction."""

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        connector: Connect = connect,
    ) -> None:
        """Opens the store, or a fresh one when the old is damaged.

        `quarantined` says where a damaged one lies, until staff take that folder away.

        Raises OutboxIllError: in use by another process, settings not in force, disk silent.
        """
        self._folder, self._identity, self._now = folder, identity, now
        self._limits, self._connector = limits or Limits(), connector
        self._lock = threading.RLock()
        self._single = alone(folder)
        try:
            self.ill = ""
            self._database, aside = open_database(folder, now(), connector)
            self.quarantined = aside or last_put_aside(folder)
            self._fence()
            self._given_before = self._catch_up_numbers()
            self._drop_received_parts()
            set_ballast(folder)
        except BaseException:
            self._single.close()
            raise

    def close(self) -> None:
        """Closes the file and lets another process open it."""
        with self._lock:
            self._database.close()
            self._single.close()

    # --- taking in -------------------------------------------------------------------------

    def store(self, draft: EnvelopeDraft, parts: Mapping[Part, bytes]) -> Stored:
        """Stores durably and answers with the numbers; the same again for the same again.

        Raises ConflictError (this id with other content), OutboxFullError or OutboxIllError
        (nothing stored), ValueError (not the four parts, sealed for this application and booth).
        """
        refs = references(self._identity.booth_id, draft, parts)
        with self._lock:
            known = self._known(draft, refs)
            if known is not None:
                return known
            why = self.full()
            if why:
                raise OutboxFullError(why)
            try:
                with self._transaction():
                    stored = self._insert(draft, refs, parts)
            except sqlite3.Error as wrong:
                stored = self._after_failure(wrong, draft, refs)
            self._log_number(stored, draft.id)
            return stored

    def full(self) -> str:
        """Why no application can be taken: records, age, space, disk; empty while one can."""
        if self.ill:
            return "disk"
        tally = self.tally()
        if tally.unsent + tally.parked >= self._limits.records:
            return "records"
        if tally.oldest_s is not None and tally.oldest_s > self._limits.age.total_seconds():
            return "age"
        if shutil.disk_usage(self._folder).free < self._limits.free_bytes:
            return "space"
        return ""

    # --- sending ---------------------------------------------------------------------------

    def unsent(self) -> tuple[UUID, ...]:
        """Ids to send, oldest first. Parked ones are not among them."""
        rows = self._read("SELECT id FROM applications WHERE state = 'stored' ORDER BY seq")
        return tuple(UUID(row[0]) for row in rows)

    def outgoing(self, application_id: UUID) -> Outgoing:
        """A stored application. Raises DamagedPartError, KeyError (not here, or sent already)."""
        rows = self._read(
            "SELECT manifest FROM applications WHERE id = ? AND state = 'stored'", application_id
        )
        if not rows:
            raise KeyError(application_id)
        manifest = Manifest.model_validate_json(rows[0][0])
        blobs = self._read("SELECT part, bytes FROM parts WHERE id = ?", application_id)
        held = {Part(part): bytes(raw or b"") for part, raw in blobs}
        for ref in manifest.envelope.parts:
            # SQLite's own checks do not see a changed bit inside a blob.
            if sha256_hex(held.get(ref.part, b"")) != ref.sha256:
                raise DamagedPartError
        return Outgoing(manifest, held)

    def receive(self, application_id: UUID, arrival: Arrival, counter: VerifyKey) -> None:
        """The counter has it: keeps the receipt durably, then deletes the sealed parts.

        Raises SignatureError when the receipt does not prove it, KeyError for an unknown id.
        """
        envelope = self._envelope(application_id)
        check_receipt(
            arrival.receipt,
            counter,
            booth_id=envelope.booth_id,
            application_id=application_id,
            parts={ref.part: ref.sha256 for ref in envelope.parts},
        )
        with self._lock:
            self._write(
                "UPDATE applications SET state = 'received', arrival = ?, received_at = ?,"
                " park_reason = '' WHERE id = ?",
                arrival.model_dump_json(),
                self._now().isoformat(),
                application_id,
            )
            self._write("UPDATE parts SET bytes = NULL WHERE id = ?", application_id)
            set_ballast(self._folder)

    def park(self, application_id: UUID, reason: str) -> None:
        """Sets one aside for a person to look at; nothing of it is deleted."""
        self._write(
            "UPDATE applications SET state = 'parked', park_reason = ?"
            " WHERE id = ? AND state = 'stored'",
            reason[:60],
            application_id,
        )

    def unpark(self, application_id: UUID) -> None:
        """A person says: send it again. Nothing happens to one that is not parked."""
        self._write(
            "UPDATE applications SET state = 'stored', park_reason = ''"
            " WHERE id = ? AND state = 'parked'",
            application_id,
        )

    # --- looking ---------------------------------------------------------------------------

    def arrival(self, application_id: UUID) -> Arrival | None:
        """The counter's answer, or None while it has not come. Raises KeyError."""
        rows = self._read("SELECT arrival FROM applications WHERE id = ?", application_id)
        if not rows:
            raise KeyError(application_id)
        return None if rows[0][0] is None else Arrival.model_validate_json(rows[0][0])

    def park_reason(self, application_id: UUID) -> str:
        """Why it is parked, or "" when it is not."""
        rows = self._read("SELECT park_reason FROM applications WHERE id = ?", application_id)
        return str(rows[0][0]) if rows else ""

    def tally(self) -> Tally:
        """How many wait, how many are parked, how old the oldest is."""
        rows = self._read(
            "SELECT state, count(*), min(stored_at) FROM applications"
            " WHERE state <> 'received' GROUP BY state"
        )
        found = {state: (count, oldest) for state, count, oldest in rows}
        unsent, oldest = found.get("stored", (0, None))
        parked, _ = found.get("parked", (0, None))
        age = None
        if oldest is not None:
            age = max(0.0, (self._now() - datetime.fromisoformat(oldest)).total_seconds())
        return Tally(unsent, parked, age)

    # --- inside ----------------------------------------------------------------------------

    def _known(self, draft: EnvelopeDraft, refs: tuple[PartRef, ...]) -> Stored | None:
        try:
            envelope = self._envelope(draft.id)
        except KeyError:
            return None
        if envelope.parts != refs or envelope.kind != draft.kind:
            raise ConflictError
        return _stored(envelope)

    def _insert(
        self, draft: EnvelopeDraft, refs: tuple[PartRef, ...], parts: Mapping[Part, bytes]
    ) -> Stored:
        moment = self._now()
        day = station_date(moment)
        execute = self._database.execute
        last = execute("SELECT max(seq) FROM applications").fetchone()[0] or 0
        of_day = execute(
            "SELECT max(day_seq) FROM applications WHERE day = ?", (day.isoformat(),)
        ).fetchone()[0]
        seq = max(last, number_log.last_seq(self._given_before)) + 1
        before = number_log.last_of_day(self._given_before, self._identity.booth_id, day)
        day_seq = max(of_day or 0, before) + 1
        if day_seq > 9999:
            raise OutboxFullError("records")
        envelope = Envelope(
            id=draft.id,
            kind=draft.kind,
            booth_id=self._identity.booth_id,
            station_code=self._identity.station_code,
            booth_number=str(BoothNumber(self._identity.booth_id, day, day_seq)),
            seq_booth=seq,
            confirmed_at=draft.confirmed_at,
            software=draft.software,
            parts=refs,
        )
        manifest = sign_manifest(envelope, self._identity.device_key)
        execute(
            "INSERT INTO applications(id, seq, booth_number, day, day_seq, manifest, state,"
            " stored_at) VALUES (?, ?, ?, ?, ?, ?, 'stored', ?)",
            (
                str(draft.id),
                seq,
                envelope.booth_number,
                day.isoformat(),
                day_seq,
                manifest.model_dump_json(),
                moment.isoformat(),
            ),
        )
        self._database.executemany(
            "INSERT INTO parts(id, part, sha256, length, bytes) VALUES (?, ?, ?, ?, ?)",
            [
                (str(draft.id), ref.part.value, ref.sha256, ref.length, parts[ref.part])
                for ref in refs
            ],
        )
        return _stored(envelope)

    def _after_failure(
        self, wrong: sqlite3.Error, draft: EnvelopeDraft, refs: tuple[PartRef, ...]
    ) -> Stored:
        """Full means not stored. Anything else means unknown: look before saying anything."""
        if is_full(wrong):
            raise OutboxFullError("space") from wrong
        self._reopen()
        stored = self._known(draft, refs)
        if stored is None:
            raise OutboxIllError("not stored") from wrong
        return stored

    def _reopen(self) -> None:
        """After a failed write or sync the disk is not trusted with another visit."""
        self.ill = "post.disk"
        self._database.close()
        try:
            self._database, aside = open_database(self._folder, self._now(), self._connector)
            self.quarantined = aside or self.quarantined
            self._fence()
        except sqlite3.Error as wrong:
            raise OutboxIllError("cannot reopen") from wrong

    def _fence(self) -> None:
        if self._limits.pages:
            self._database.execute(f"PRAGMA max_page_count = {int(self._limits.pages)}")

    def _envelope(self, application_id: UUID) -> Envelope:
        rows = self._read("SELECT manifest FROM applications WHERE id = ?", application_id)
        if not rows:
            raise KeyError(application_id)
        return Manifest.model_validate_json(rows[0][0]).envelope

    def _drop_received_parts(self) -> None:
        """Finishes what a cut between receipt and deletion left."""
        self._write(
            "UPDATE parts SET bytes = NULL WHERE bytes IS NOT NULL AND id IN"
            " (SELECT id FROM applications WHERE state = 'received')"
        )

    def _catch_up_numbers(self) -> tuple[Given, ...]:
        """The highest numbers ever given, and the log completed from the store."""
        logged = {given.id: given for given in number_log.read(self._folder)}
        for one, seq, number in self._read(
            "SELECT id, seq, booth_number FROM applications ORDER BY seq"
        ):
            if one not in logged:
                logged[one] = Given(seq, number, one)
                number_log.append(self._folder, logged[one])
        return tuple(logged.values())

    def _log_number(self, stored: Stored, application_id: UUID) -> None:
        try:
            number_log.append(
                self._folder, Given(stored.seq, stored.booth_number, str(application_id))
            )
        except OSError:
            self.ill = self.ill or "post.disk"  # the store holds it; the log catches up at start

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def _write(self, statement: str, *values: object) -> None:
        """One statement, one transaction. On a full disk the ballast goes first.

        Raises OutboxIllError.
        """
        bound = [str(value) if isinstance(value, UUID) else value for value in values]
        with self._lock:
            for last_try in (False, True):
                try:
                    with self._transaction():
                        self._database.execute(statement, bound)
                    return
                except sqlite3.Error as wrong:
                    full = is_full(wrong)
                    if not full:
                        self._reopen()
                    if last_try or (full and not drop_ballast(self._folder)):
                        raise OutboxIllError("cannot write") from wrong

    def _read(self, statement: str, *values: UUID) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, [str(one) for one in values]).fetchall()


def _stored(envelope: Envelope) -> Stored:
    return Stored(
        booth_number=envelope.booth_number,
        seq=envelope.seq_booth,
        hash8=sha256_hex(canonical_json(envelope))[:8],
    )

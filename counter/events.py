# SPDX-License-Identifier: Apache-2.0
"""The log of what was done: append-only, each entry holding the hash of the one before.

An entry is written in the same transaction as the act it tells of. The database refuses to change
or delete entries; the chain shows if somebody did it all the same. A cut tail shows only against a
head kept elsewhere (`head`), which the daily report prints.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.moves import Role
from counter.tables import ChainHead, Event
from idcard.canonical import canonical_json

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account's name, or `citizen` or `counter`; never a citizen's name."""

    name: str
    role: Role
    unit: str = ""


SYSTEM = Actor("counter", Role.SYSTEM)


def append(
    session: Session,
    application_id: str,
    actor: Actor,
    what: str,
    at: datetime,
    *,
    from_state: str = "",
    to_state: str = "",
    code: str = "",
    note: str = "",
) -> Event:
    """Adds one entry to the chain inside the caller's transaction.

    `what` is a fixed word (move, read, examined...); `note` at most 200 characters, without a
    name or a full number.
    """
    head = session.execute(select(ChainHead).with_for_update()).scalar_one()
    entry = Event(
        id=head.last_id + 1,
        application_id=application_id,
        at=at,
        actor=actor.name,
        role=actor.role.value,
        unit=actor.unit,
        what=what,
        from_state=from_state,
        to_state=to_state,
        code=code,
        note=note[:200],
        prev_hash=head.last_hash,
        hash="",
    )
    entry.hash = digest(entry)
    head.last_id, head.last_hash = entry.id, entry.hash
    session.add(entry)
    session.flush()
    return entry


def digest(entry: Event) -> str:
    """SHA-256 over the entry's canonical form, `prev_hash` included, `hash` not."""
    body = {
        "id": entry.id,
        "application_id": entry.application_id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "role": entry.role,
        "unit": entry.unit,
        "what": entry.what,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "code": entry.code,
        "note": entry.note,
        "prev_hash": entry.prev_hash,
    }
    return hashlib.sha256(canonical_json(body)).hexdigest()


def verify_chain(session: Session) -> tuple[int, int | None]:
    """Entries checked, and the id of the first that does not fit (None when all fit)."""
    last, checked = GENESIS, 0
    for entry in session.scalars(select(Event).order_by(Event.id)):
        if entry.id != checked + 1 or entry.prev_hash != last or entry.hash != digest(entry):
            return checked, entry.id
        last, checked = entry.hash, checked + 1
    head = session.execute(select(ChainHead)).scalar_one()
    if (head.last_id, head.last_hash) != (checked, last):
        return checked, checked + 1
    return checked, None

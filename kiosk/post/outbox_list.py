# SPDX-License-Identifier: Apache-2.0
"""The outbox as staff may see it, read beside the running uplink."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.post.errors import OutboxIllError
from kiosk.post.outbox_file import DATABASE


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One application as staff may see it: no content, no person."""

    id: str
    seq: int
    booth_number: str
    state: str
    park_reason: str
    stored_at: datetime
    received_at: datetime | None
    acceptance_no: str
    bytes_held: int


def outbox_rows(folder: Path) -> tuple[OutboxRow, ...]:
    """All applications of the outbox in `folder`, oldest first, read beside the running uplink.

    Raises FileNotFoundError when there is no outbox, OutboxIllError when it cannot be read.
    """
    path = folder / DATABASE
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0)
        try:
            rows = database.execute(
                "SELECT a.id, seq, booth_number, state, park_reason, stored_at, received_at,"
                " arrival, coalesce(sum(length(bytes)), 0)"
                " FROM applications a LEFT JOIN parts p ON p.id = a.id GROUP BY a.id ORDER BY seq"
            ).fetchall()
        finally:
            database.close()
    except sqlite3.Error as wrong:
        raise OutboxIllError("cannot read") from wrong
    return tuple(_row(*row) for row in rows)


def _row(
    one: str,
    seq: int,
    number: str,
    state: str,
    reason: str,
    stored: str,
    received: str | None,
    arrival: str | None,
    held: int,
) -> OutboxRow:
    progress = json.loads(arrival)["progress"] if arrival else {}
    return OutboxRow(
        id=one,
        seq=seq,
        booth_number=number,
        state=state,
        park_reason=reason,
        stored_at=datetime.fromisoformat(stored),
        received_at=datetime.fromisoformat(received) if received else None,
        acceptance_no=progress.get("acceptance_no") or "",
        bytes_held=held,
    )

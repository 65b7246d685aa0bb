# SPDX-License-Identifier: Apache-2.0
"""What the outbox takes and gives: whose it is, its limits, and parts proved to be sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idcard.canonical import sha256_hex
from idcard.keys import SigningKey
from idcard.limits import SEALED_LIMITS
from idcard.records import Manifest, Part, PartRef
from idcard.sealing import SealContext, SealError, read_header
from kiosk.post.messages import EnvelopeDraft


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose outbox: the booth, its station, and the key it signs with."""

    booth_id: str
    station_code: str
    device_key: SigningKey


@dataclass(frozen=True, slots=True)
class Limits:
    """When no further application is taken. `pages` fences the file itself (0: no fence)."""

    records: int = 200
    age: timedelta = timedelta(days=3)
    free_bytes: int = 32 * 1024 * 1024
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A stored application as it is sent: every part proved against its hash."""

    manifest: Manifest
    parts: dict[Part, bytes]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts. `oldest_s`: age in seconds of the oldest unsent one."""

    unsent: int
    parked: int
    oldest_s: float | None


class DamagedPartError(Exception):
    """A stored part is no longer what was stored."""


def references(
    booth_id: str, draft: EnvelopeDraft, parts: Mapping[Part, bytes]
) -> tuple[PartRef, ...]:
    """Hash, length and key of each part. Raises ValueError.

    Not all four parts, one too large, or one not sealed for this application and booth.
    """
    if set(parts) != set(Part):
        raise ValueError("need all four parts")
    if draft.confirmed_at.tzinfo is None:
        raise ValueError("time without zone")
    refs = []
    for part in Part:
        raw = parts[part]
        if len(raw) > SEALED_LIMITS[part]:
            raise ValueError("part too large")
        try:
            header = read_header(raw)
        except SealError as wrong:
            raise ValueError("part is not sealed") from wrong
        if header.context != SealContext.of_part(booth_id, draft.id, part):
            raise ValueError("part is sealed for something else")
        refs.append(
            PartRef(part=part, sha256=sha256_hex(raw), length=len(raw), key_id=header.key_id)
        )
    return tuple(refs)

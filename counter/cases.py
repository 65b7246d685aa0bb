# SPDX-License-Identifier: Apache-2.0
"""Applications as people look at them: found by any of their numbers, opened part by part."""

import struct
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from counter.office import Office
from counter.tables import Application, Blob, Event, SealedPart
from idcard.canonical import sha256_hex
from idcard.numbers import parse_acceptance_number, parse_booth_number
from idcard.records import EvidencePart, IdentityPart, Manifest, Part, PortraitPart, Record
from idcard.sealing import SealContext, SealError, open_sealed

_Part = TypeVar("_Part", bound=Record)

PORTRAIT_SIZE = (358, 441)  # GA 461-2004: 26 mm x 32 mm at 350 dpi


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """What the counter can open. None where a part does not open or is not what it should be."""

    identity: IdentityPart | None
    portrait: PortraitPart | None
    evidence: EvidencePart | None

    @property
    def whole(self) -> bool:
        """Whether all three could be opened."""
        return None not in (self.identity, self.portrait, self.evidence)


def find_application(office: Office, text: str) -> Application | None:
    """The application with this id, acceptance number (grouped or not) or booth number."""
    wanted = text.strip()
    with office.database.read() as session:
        row = session.scalar(
            select(Application).where(
                or_(
                    Application.id == wanted.lower(),
                    Application.acceptance_no == _acceptance(wanted),
                    Application.booth_number == _booth_number(wanted),
                )
            )
        )
        if row is not None:
            session.expunge(row)
        return row


def open_case(office: Office, session: Session, row: Application) -> OpenedCase:
    """Opens identity, portrait and evidence with the counter's key; fingerprints stay sealed."""
    return OpenedCase(
        _open(office, session, row, Part.IDENTITY, IdentityPart),
        _open(office, session, row, Part.PORTRAIT, PortraitPart),
        _open(office, session, row, Part.EVIDENCE, EvidencePart),
    )


def open_identity(office: Office, session: Session, row: Application) -> IdentityPart | None:
    """Only the identity part, for lists."""
    return _open(office, session, row, Part.IDENTITY, IdentityPart)


def portrait_of(office: Office, row: Application) -> bytes | None:
    """The JPEG, or None when the part does not open."""
    with office.database.read() as session:
        part = _open(office, session, row, Part.PORTRAIT, PortraitPart)
        return part.jpeg if part else None


def signature_of(office: Office, row: Application) -> bytes | None:
    """The citizen's drawn signature as PNG, or None."""
    with office.database.read() as session:
        part = _open(office, session, row, Part.EVIDENCE, EvidencePart)
        return part.signature_png if part else None


def parts_of(row: Application) -> list[dict[str, Any]]:
    """The sealed parts as the manifest names them."""
    envelope = Manifest.model_validate_json(row.manifest).envelope
    return [ref.model_dump(mode="json") for ref in envelope.parts]


def events_of(session: Session, application_id: str) -> list[Event]:
    """The application's entries of the log, oldest first."""
    return list(
        session.scalars(
            select(Event).where(Event.application_id == application_id).order_by(Event.id)
        )
    )


def jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG from its frame header (ITU-T T.81, B.2.2), or None."""
    if raw[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", raw[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return None


def case_json(office: Office, row: Application) -> dict[str, Any]:
    """The whole application as the counter holds it, identity in full. For the local command."""
    with office.database.read() as session:
        case = open_case(office, session, row)
        events = [
            {
                "id": event.id,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "role": event.role,
                "what": event.what,
                "from": event.from_state,
                "to": event.to_state,
                "code": event.code,
                "note": event.note,
            }
            for event in events_of(session, row.id)
        ]
    size = jpeg_size(case.portrait.jpeg) if case.portrait else None
    return {
        **_summary(row),
        "software": row.software,
        "checks": row.checks.split(),
        "refusal": row.refusal,
        "offsite": row.offsite,
        "identity": case.identity.identity.model_dump(mode="json") if case.identity else None,
        "delivery": case.identity.delivery.model_dump(mode="json") if case.identity else None,
        "reason_code": case.identity.reason_code if case.identity else None,
        "language": case.identity.language if case.identity else None,
        "portrait": {
            "sha256": sha256_hex(case.portrait.jpeg),
            "bytes": len(case.portrait.jpeg),
            "width": size[0] if size else None,
            "height": size[1] if size else None,
            "jpeg_quality": case.portrait.jpeg_quality,
            "take_no": case.portrait.take_no,
            "takes": case.portrait.takes,
            "verdict": case.portrait.verdict,
            "engine": case.portrait.engine,
        }
        if case.portrait
        else None,
        "fingers": [
            {"position": position, "result": result, "tries": tries}
            for position, result, tries in case.evidence.fingers
        ]
        if case.evidence
        else None,
        "consents": [c.model_dump(mode="json") for c in case.evidence.consents]
        if case.evidence
        else None,
        "devices": dict(case.evidence.devices) if case.evidence else None,
        "seconds": case.evidence.seconds if case.evidence else None,
        "fee": {"due_fen": row.fee_due_fen, "state": row.fee_state},
        "dates": {
            "legal": row.legal_date.isoformat(),
            "promise": row.promise_date.isoformat(),
            "warn_county": row.warn15.isoformat(),
            "warn_city": row.warn10.isoformat(),
        },
        "parts": parts_of(row),
        "events": events,
    }


def summaries(office: Office, *, state: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """Applications, newest first, without anything of a person."""
    query = select(Application).order_by(Application.received_at.desc()).limit(limit)
    if state:
        query = query.where(Application.state == state)
    with office.database.read() as session:
        return [_summary(row) for row in session.scalars(query)]


def _summary(row: Application) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "acceptance_no": row.acceptance_no,
        "booth_number": row.booth_number,
        "booth_id": row.booth_id,
        "station_code": row.station_code,
        "kind": row.kind,
        "confirmed_at": row.confirmed_at.isoformat(),
        "received_at": row.received_at.isoformat(),
        "accepted_at": row.accepted_at.isoformat() if row.accepted_at else None,
    }


def _open(
    office: Office, session: Session, row: Application, part: Part, model: type[_Part]
) -> _Part | None:
    held = session.get(SealedPart, (row.id, part.value))
    blob = session.get(Blob, held.sha256) if held else None
    if blob is None:
        return None
    context = SealContext.of_part(row.booth_id, UUID(row.id), part)
    try:
        raw = open_sealed(blob.data, office.keys.seal, context=context)
        return model.model_validate_json(raw)
    except (SealError, ValidationError):
        return None


def _acceptance(text: str) -> str:
    try:
        return str(parse_acceptance_number(text))
    except ValueError:
        return ""


def _booth_number(text: str) -> str:
    try:
        return str(parse_booth_number(text))
    except ValueError:
        return text.upper()

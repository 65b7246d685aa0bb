# SPDX-License-Identifier: Apache-2.0
"""Receiving applications: sealed parts first, then the manifest that names them.

Every request may come twice or a hundred times; the answer is the same and nothing happens again.
The receipt is signed only after the commit, and it is the same receipt each time (Ed25519 gives
one signature for one body).
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from counter.events import Actor, append
from counter.examination import examine
from counter.moves import Role, State
from counter.office import Office
from counter.refusals import RefusedError
from counter.tables import Application, Blob, Booth, SealedPart
from idcard.age import station_date
from idcard.canonical import canonical_json, sha256_hex
from idcard.deadlines import deadlines
from idcard.keys import VerifyKey
from idcard.records import Arrival, Envelope, Manifest, Part, Progress
from idcard.sealing import SealBrokenError, SealContext, read_header
from idcard.signing import SignatureError, check_manifest, sign_receipt

# A booth's clock is believed within these limits of the counter's; beyond them day 0 is today.
_CLOCK_BEHIND = timedelta(days=30)
_CLOCK_AHEAD = timedelta(days=1)
CLOCK_CHECK = "booth_clock"


def known_booth(session: Session, booth_id: str | None) -> Booth:
    """The enrolled booth of a client certificate. Raises RefusedError 401 or 403."""
    if booth_id is None:
        raise RefusedError(401, "client_certificate_needed")
    booth = session.get(Booth, booth_id)
    if booth is None or not booth.active:
        raise RefusedError(403, "unknown_booth")
    return booth


def put_part(
    office: Office, booth_id: str, application_id: UUID, part: Part, sha256: str, sealed: bytes
) -> bool:
    """Keeps the sealed bytes of one part; True when they are new.

    Raises RefusedError: 400 content_hash_differs, 422 not_sealed_for_this or wrong_recipient,
    409 other_content (this part is here with other bytes) or other_booth.
    """
    if sha256_hex(sealed) != sha256:
        raise RefusedError(400, "content_hash_differs")
    _check_head(office, booth_id, application_id, part, sealed)
    with office.database.write() as session:
        held = session.get(SealedPart, (str(application_id), part.value))
        if held is not None:
            if held.booth_id != booth_id:
                raise RefusedError(409, "other_booth")
            if held.sha256 != sha256:
                raise RefusedError(409, "other_content")
            return False
        if session.get(Blob, sha256) is None:
            session.add(
                Blob(sha256=sha256, length=len(sealed), data=sealed, stored_at=office.clock.now())
            )
            session.flush()
        session.add(
            SealedPart(
                application_id=str(application_id),
                part=part.value,
                booth_id=booth_id,
                sha256=sha256,
            )
        )
    return True


def put_manifest(
    office: Office, booth_id: str, application_id: UUID, raw: bytes
) -> tuple[Arrival, bool]:
    """Takes an application in; the arrival and whether it is new.

    Raises RefusedError: 401 bad_signature, 403 other_booth or wrong_station, 409 other_content,
    part_differs or number_used, 422 not_a_manifest, id_differs, parts_incomplete or missing_parts
    (with `missing`).
    """
    manifest = _read_manifest(raw)
    envelope = manifest.envelope
    if envelope.id != application_id:
        raise RefusedError(422, "id_differs")
    if envelope.booth_id != booth_id:
        raise RefusedError(403, "other_booth")
    if sorted(ref.part for ref in envelope.parts) != sorted(Part):
        raise RefusedError(422, "parts_incomplete")
    digest = sha256_hex(canonical_json(envelope))
    with office.database.write() as session:
        booth = known_booth(session, booth_id)
        _check_signature(manifest, booth)
        held = session.get(Application, str(application_id))
        if held is not None and held.manifest_sha256 != digest:
            raise RefusedError(409, "other_content")
        new = held is None
        if new:
            if envelope.station_code != booth.station_code:
                raise RefusedError(403, "wrong_station")
            _check_parts(session, envelope)
            _receive(office, session, manifest, digest)
    examine(office, str(application_id))
    with office.database.read() as session:
        row = session.get_one(Application, str(application_id))
        receipt = sign_receipt(envelope, row.received_at, office.keys.receipt)
        return Arrival(receipt=receipt, progress=progress_of(row)), new


def progress(office: Office, booth_id: str, application_id: UUID) -> Progress:
    """Where an application of this booth stands. Raises RefusedError 404."""
    with office.database.read() as session:
        row = session.get(Application, str(application_id))
        if row is None or row.booth_id != booth_id:
            raise RefusedError(404, "unknown_application")
        return progress_of(row)


def progress_of(row: Application) -> Progress:
    """An application's state as a booth may know it."""
    return Progress(
        application_id=UUID(row.id),
        state=row.state,
        acceptance_no=row.acceptance_no,
        legal_date=row.legal_date,
        promise_date=row.promise_date,
    )


def _read_manifest(raw: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(raw, strict=True)
    except ValidationError as wrong:
        fields = sorted({".".join(map(str, fault["loc"])) for fault in wrong.errors()})
        raise RefusedError(422, "not_a_manifest", fields=fields[:20]) from None
    if manifest.envelope.confirmed_at.tzinfo is None:
        raise RefusedError(422, "not_a_manifest", fields=["envelope.confirmed_at"])
    return manifest


def _check_head(
    office: Office, booth_id: str, application_id: UUID, part: Part, sealed: bytes
) -> None:
    try:
        head = read_header(sealed)
    except SealBrokenError:
        raise RefusedError(422, "not_sealed_for_this") from None
    if head.context != SealContext.of_part(booth_id, application_id, part):
        raise RefusedError(422, "not_sealed_for_this")
    # Fingerprints that the counter could open are as wrong as papers that it could not.
    if (head.key_id == office.keys.seal.key_id) == (part is Part.FINGERPRINTS):
        raise RefusedError(422, "wrong_recipient")


def _check_signature(manifest: Manifest, booth: Booth) -> None:
    try:
        check_manifest(manifest, VerifyKey(Ed25519PublicKey.from_public_bytes(booth.device_key)))
    except SignatureError:
        raise RefusedError(401, "bad_signature") from None


def _check_parts(session: Session, envelope: Envelope) -> None:
    missing = []
    for ref in envelope.parts:
        held = session.get(SealedPart, (str(envelope.id), ref.part.value))
        if held is None:
            missing.append(ref.part.value)
            continue
        blob = session.get_one(Blob, held.sha256)
        if held.booth_id != envelope.booth_id or held.sha256 != ref.sha256:
            raise RefusedError(409, "part_differs", part=ref.part.value)
        if blob.length != ref.length:
            raise RefusedError(409, "part_differs", part=ref.part.value)
    if missing:
        raise RefusedError(422, "missing_parts", missing=missing)


def _receive(office: Office, session: Session, manifest: Manifest, digest: str) -> None:
    envelope, now = manifest.envelope, office.clock.now()
    taken = select(Application.id).where(
        or_(
            Application.booth_number == envelope.booth_number,
            (Application.booth_id == envelope.booth_id)
            & (Application.seq_booth == envelope.seq_booth),
        )
    )
    if session.scalar(taken) is not None:
        raise RefusedError(409, "number_used")
    day, believed = day_zero(envelope.confirmed_at, now)
    station = office.settings.station_for(envelope.station_code)
    dates = deadlines(day, office.calendar, remote=station.remote)
    session.add(
        Application(
            id=str(envelope.id),
            booth_id=envelope.booth_id,
            station_code=envelope.station_code,
            kind=envelope.kind.value,
            booth_number=envelope.booth_number,
            seq_booth=envelope.seq_booth,
            confirmed_at=envelope.confirmed_at if believed else now,
            received_at=now,
            software=envelope.software,
            manifest=manifest.model_dump_json(),
            manifest_sha256=digest,
            state=State.RECEIVED.value,
            checks="" if believed else CLOCK_CHECK,
            legal_date=dates.legal,
            promise_date=dates.promise,
            warn15=dates.warn_county,
            warn10=dates.warn_city,
        )
    )
    append(
        session,
        str(envelope.id),
        Actor(envelope.booth_id, Role.BOOTH, envelope.station_code),
        "move",
        now,
        from_state=State.STORED,
        to_state=State.RECEIVED,
    )


def day_zero(confirmed_at: datetime, now: datetime) -> tuple[date, bool]:
    """The Shanghai day from which deadlines run, and whether the booth's clock was believed.

    The citizen's confirmation counts; a booth whose clock is more than 30 days behind or a day
    ahead has lost its clock, and today counts. Never later than today.
    """
    if not now - _CLOCK_BEHIND <= confirmed_at <= now + _CLOCK_AHEAD:
        return station_date(now), False
    return min(station_date(confirmed_at), station_date(now)), True

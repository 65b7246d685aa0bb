# SPDX-License-Identifier: Apache-2.0
import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import uuid6
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from counter import staff
from counter.app import Apps, create_apps
from counter.office import Office
from counter.register import seed_people
from counter.settings import ConsoleDoor, Settings
from idcard.canonical import record_bytes, sha256_hex
from idcard.devca import write_development_keys
from idcard.keys import OpeningKey, RecipientKey, SigningKey
from idcard.numbers import BoothNumber
from idcard.records import (
    Consent,
    Delivery,
    Envelope,
    EvidencePart,
    Fee,
    FeeState,
    Finger,
    FingerprintsPart,
    FingerResult,
    Identity,
    IdentityPart,
    Kind,
    Manifest,
    Part,
    PartRef,
    PortraitPart,
    Record,
)
from idcard.sealing import SealContext, seal
from idcard.signing import sign_manifest

# The day on which the invented people have the ages they were invented for.
DAY = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


class StandingClock:
    """Time that moves only when a test moves it."""

    def __init__(self, at: datetime = DAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_time(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_development_keys(folder, "B03", now=datetime.now(UTC))
    return folder


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with little memory: the real cost is asserted once, not paid in every test."""
    if "real_passwords" not in request.fixturenames:
        light = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        monkeypatch.setattr(staff, "_HASHER", light)
        monkeypatch.setattr(staff, "_dummies", [])


@pytest.fixture
def real_passwords() -> None:
    """Asks for the passwords' real cost."""


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def settings(tmp_path: Path, keys_dir: Path) -> Settings:
    return Settings(
        state_dir=tmp_path / "state", keys_dir=keys_dir, console=ConsoleDoor(refresh_s=1)
    )


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> Path:
    """A migrated database with the invented people, copied for each test."""
    folder = tmp_path_factory.mktemp("filled")
    held = Office.open(Settings(state_dir=folder, keys_dir=keys_dir), StandingClock())
    with held.database.write() as session:
        seed_people(session)
    held.database.close()
    return folder / "counter.db"


@pytest.fixture
def office(settings: Settings, clock: StandingClock, filled_database: Path) -> Iterator[Office]:
    settings.state_dir.mkdir()
    shutil.copy(filled_database, settings.state_dir)
    held = Office.open(settings, clock)
    yield held
    held.database.close()


@pytest.fixture
def apps(office: Office) -> Apps:
    return create_apps(office, "http://127.0.0.1:8080")


class CertificateShown:
    """Stands where the TLS handshake stands: adds a client certificate to each request."""

    def __init__(self, app: Any, pem: str | None) -> None:
        self.app, self.pem = app, pem

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        chain = [self.pem] if self.pem else []
        scope.setdefault("extensions", {})["tls"] = {"client_cert_chain": chain}
        await self.app(scope, receive, send)


@pytest.fixture
def api(apps: Apps, keys_dir: Path) -> Iterator[TestClient]:
    pem = (keys_dir / "booth" / "tls.pem").read_text()
    with TestClient(CertificateShown(apps.booth, pem), raise_server_exceptions=True) as client:
        yield client


def grey_jpeg() -> bytes:
    """A real 358x441 portrait-sized JPEG with a light head shape, made once with Pillow."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (358, 441), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 330, 300, 620), fill="#3b4c58")
    draw.ellipse((76, 14, 282, 300), fill="#20262b")
    draw.ellipse((90, 60, 268, 330), fill="#e3b794")
    draw.ellipse((130, 180, 146, 192), fill="#20262b")
    draw.ellipse((212, 180, 228, 192), fill="#20262b")
    draw.arc((140, 230, 218, 285), 20, 160, fill="#7a4a3a", width=5)
    out = BytesIO()
    picture.save(out, "JPEG", quality=70, dpi=(350, 350))
    return out.getvalue()


def tiny_png(width: int = 240, height: int = 80) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    rows = b"".join(
        b"\0" + bytes(0 if abs(x * height // width - y) < 2 else 255 for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@dataclass
class Made:
    """An application as a booth has it before upload."""

    id: UUID
    manifest: Manifest
    sealed: dict[Part, bytes]
    jpeg: bytes

    def put_part(self, client: httpx.Client, part: Part, **headers: str) -> httpx.Response:
        raw = self.sealed[part]
        return client.put(
            f"/api/v1/applications/{self.id}/parts/{part.value}",
            content=raw,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-SHA256": sha256_hex(raw),
                **headers,
            },
        )

    def put_manifest(self, client: httpx.Client) -> httpx.Response:
        return client.put(
            f"/api/v1/applications/{self.id}",
            content=self.manifest.model_dump_json(),
            headers={"Content-Type": "application/json"},
        )

    def send(self, client: httpx.Client) -> httpx.Response:
        for part in Part:
            self.put_part(client, part)
        return self.put_manifest(client)


@dataclass
class BoothSide:
    """Makes applications as booth B03 would: sealed to the counter and the centre, signed."""

    device: SigningKey
    counter: RecipientKey
    centre: RecipientKey
    clock: StandingClock
    jpeg: bytes
    signature: bytes
    seq: int = 0
    used: dict[str, int] = field(default_factory=dict)

    def identity(
        self, number: str = "341522199811070025", name: str = "张静", **new: Any
    ) -> Identity:
        given: dict[str, Any] = {
            "citizen_no": number,
            "name": name,
            "sex": "1" if int(number[16]) % 2 else "2",
            "ethnicity": "01",
            "birth_date": date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
            "address": "安徽省六安市霍邱县范桥乡合成路 8 号",
            "issuer": "霍邱县公安局",
            "old_card_start": date(2016, 12, 11),
            "old_card_end": date(2026, 12, 11),
        }
        return Identity(**{**given, **new})

    def make(
        self,
        identity: Identity | None = None,
        *,
        kind: Kind = Kind.EXPIRY,
        fee: Fee | None = None,
        jpeg: bytes | None = None,
        application_id: UUID | None = None,
        confirmed_at: datetime | None = None,
        station_code: str = "320402001",
        fingers: tuple[tuple[str, str, int], ...] = (
            ("right-thumb", "registered", 1),
            ("left-thumb", "registered", 2),
        ),
    ) -> Made:
        self.seq += 1
        confirmed = confirmed_at or self.clock.now()
        new_id = application_id or uuid6.uuid7()
        picture = jpeg or self.jpeg
        records: dict[Part, Record] = {
            Part.IDENTITY: IdentityPart(
                kind=kind,
                reason_code="22",
                identity=identity or self.identity(),
                delivery=Delivery(pickup="station"),
                fee=fee or Fee(due_fen=2000, state=FeeState.DUE),
                confirmed_at=confirmed,
            ),
            Part.PORTRAIT: PortraitPart(
                jpeg=picture,
                sha256=sha256_hex(picture),
                jpeg_quality=70,
                take_no=2,
                takes=3,
                face_width_px=206.0,
                top_px=14.0,
                eye_line_px=240.0,
                verdict="photo.ok",
                engine="test",
            ),
            Part.FINGERPRINTS: FingerprintsPart(
                fingers=(
                    Finger(
                        slot=1,
                        position="right-thumb",
                        result=FingerResult.REGISTERED,
                        tries=1,
                        quality=80,
                        format="test",
                        template=b"\x01" * 64,
                    ),
                )
            ),
            Part.EVIDENCE: EvidencePart(
                consents=(Consent(text="purpose", version="1", at=confirmed),),
                signature_png=self.signature,
                fingers=fingers,
                devices=(("camera", "test camera"), ("printer", "test printer")),
                software="id-booth 0.1.0",
                seconds=42.5,
            ),
        }
        sealed = {
            part: seal(
                record_bytes(record),
                self.centre if part is Part.FINGERPRINTS else self.counter,
                context=SealContext.of_part("B03", new_id, part),
            )
            for part, record in records.items()
        }
        envelope = Envelope(
            id=new_id,
            kind=kind,
            booth_id="B03",
            station_code=station_code,
            booth_number=str(BoothNumber("B03", confirmed.date(), self.seq)),
            seq_booth=self.seq,
            confirmed_at=confirmed,
            software="id-booth 0.1.0",
            parts=tuple(
                PartRef(
                    part=part,
                    sha256=sha256_hex(raw),
                    length=len(raw),
                    key_id=(self.centre if part is Part.FINGERPRINTS else self.counter).key_id,
                )
                for part, raw in sealed.items()
            ),
        )
        return Made(new_id, sign_manifest(envelope, self.device), sealed, picture)

    def paid(self, client: httpx.Client, console: httpx.Client, **more: Any) -> Made:
        """An application whose fee was paid at the test gateway."""
        new_id = uuid6.uuid7()
        opened = client.post(
            "/api/v1/payments", json={"application_id": str(new_id), "amount_fen": 2000}
        ).json()
        console.post(f"/testpay/{opened['payment_id']}/pay", headers={"Accept": "application/json"})
        fee = Fee(due_fen=2000, state=FeeState.PAID, payment_id=opened["payment_id"])
        return self.make(application_id=new_id, fee=fee, **more)


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return grey_jpeg()


@pytest.fixture(scope="session")
def signature_png() -> bytes:
    return tiny_png()


@pytest.fixture
def booth(keys_dir: Path, clock: StandingClock, jpeg: bytes, signature_png: bytes) -> BoothSide:
    folder = keys_dir / "booth"
    return BoothSide(
        SigningKey.from_pem((folder / "device.key").read_bytes()),
        RecipientKey.from_pem((folder / "counter-seal.pub").read_bytes()),
        RecipientKey.from_pem((folder / "centre-seal.pub").read_bytes()),
        clock,
        jpeg,
        signature_png,
    )


@pytest.fixture
def browser_client(apps: Apps) -> Iterator[TestClient]:
    """The console as a browser without script sees it."""
    with TestClient(apps.console, base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture
def front_key() -> OpeningKey:
    return OpeningKey.generate()

# SPDX-License-Identifier: Apache-2.0
"""A booth's keys, sealed applications, and a small far side with the counter's API."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from uuid6 import uuid7

from idcard.canonical import sha256_hex
from idcard.devca import write_development_keys
from idcard.keys import OpeningKey, SigningKey, VerifyKey
from idcard.records import Arrival, Kind, Manifest, Part, Progress
from idcard.sealing import SealContext, seal
from idcard.signing import check_manifest, sign_receipt
from kiosk.post.counter_line import LineFiles
from kiosk.post.messages import EnvelopeDraft
from kiosk.post.outbox import Identity, Limits, Outbox

BOOTH, STATION = "B03", "320402001"
STOCK = 200


@dataclass(frozen=True)
class Sealed:
    """An application as the front hands it over."""

    draft: EnvelopeDraft
    parts: dict[Part, bytes]

    @property
    def id(self) -> UUID:
        return self.draft.id

    @property
    def hashes(self) -> dict[Part, str]:
        return {part: sha256_hex(raw) for part, raw in self.parts.items()}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_development_keys(folder, BOOTH, now=datetime.now(UTC))
    return folder


@pytest.fixture(scope="session")
def application(keys: Path) -> Callable[..., Sealed]:
    """Makes a sealed application; `size` is the plain size of each part."""
    recipient = OpeningKey.from_pem((keys / "counter/seal.key").read_bytes()).recipient

    def make(size: int = 600, booth: str = BOOTH) -> Sealed:
        one = uuid7()
        parts = {
            part: seal(b"s" * size, recipient, context=SealContext.of_part(booth, one, part))
            for part in Part
        }
        draft = EnvelopeDraft(
            id=one,
            kind=Kind.EXPIRY,
            confirmed_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
            software="0.1.0",
        )
        return Sealed(draft, parts)

    return make


@pytest.fixture(scope="session")
def stock(application: Callable[..., Sealed]) -> list[Sealed]:
    """Sealed once for all tests that need many."""
    return [application(200) for _ in range(STOCK)]


@pytest.fixture(scope="session")
def device_key(keys: Path) -> SigningKey:
    return SigningKey.from_pem((keys / "booth/device.key").read_bytes())


@pytest.fixture(scope="session")
def counter_key(keys: Path) -> VerifyKey:
    return VerifyKey.from_pem((keys / "booth/counter-receipt.pub").read_bytes())


@dataclass
class Hands:
    """A clock turned by hand."""

    moment: datetime = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def open_outbox(
    tmp_path: Path, device_key: SigningKey, hands: Hands
) -> Iterator[Callable[..., Outbox]]:
    """Opens the outbox of this test again and again; closes what is left open."""
    opened: list[Outbox] = []

    def make(folder: Path | None = None, **options: Any) -> Outbox:
        options.setdefault("limits", Limits(free_bytes=0))
        box = Outbox(
            folder or tmp_path / "outbox",
            Identity(BOOTH, STATION, device_key),
            now=hands,
            **options,
        )
        opened.append(box)
        return box

    yield make
    for box in opened:
        box.close()


@pytest.fixture
def arrival_of(keys: Path) -> Callable[[Manifest], Arrival]:
    """What the counter answers to a manifest."""
    key = SigningKey.from_pem((keys / "counter/receipt.key").read_bytes())

    def make(manifest: Manifest) -> Arrival:
        envelope = manifest.envelope
        return Arrival(
            receipt=sign_receipt(envelope, datetime.now(UTC), key),
            progress=Progress(
                application_id=envelope.id,
                state="accepted",
                acceptance_no=f"32040200120261201{envelope.seq_booth:05d}",
            ),
        )

    return make


@dataclass
class FarSide:
    """A counter in memory with the real one's API, and scripted bad manners.

    `plan(method, path)` may answer a response to give instead; `after` one to give after the work
    was done, so that the answer is lost or replaced.
    """

    receipt_key: SigningKey
    device: VerifyKey
    parts: dict[tuple[UUID, Part], bytes] = field(default_factory=dict)
    applications: dict[UUID, tuple[str, bytes]] = field(default_factory=dict)
    part_puts: int = 0
    checks_hashes: bool = True
    plan: Callable[[str, str], Response | None] = lambda _method, _path: None
    after: Callable[[str, str], Response | None] = lambda _method, _path: None

    def hashes(self, one: UUID) -> dict[Part, str]:
        return {p: sha256_hex(raw) for (i, p), raw in self.parts.items() if i == one}

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def manners(request: Request, go: Any) -> Response:
            early = self.plan(request.method, request.url.path)
            if early is not None:
                return early
            done = await go(request)
            return self.after(request.method, request.url.path) or done

        @app.get("/api/v1/hello")
        def hello() -> dict[str, str]:
            return {"booth_id": BOOTH, "time": datetime.now(UTC).isoformat()}

        @app.put("/api/v1/applications/{one}/parts/{part}")
        async def put_part(one: UUID, part: Part, request: Request) -> Response:
            raw = await request.body()
            self.part_puts += 1
            if self.checks_hashes and sha256_hex(raw) != request.headers["Content-SHA256"]:
                return JSONResponse({"detail": "content_hash_differs"}, 400)
            held = self.parts.get((one, part))
            if held is not None and held != raw and self.checks_hashes:
                return JSONResponse({"detail": "other_content"}, 409)
            self.parts[one, part] = raw
            return JSONResponse({"part": part.value}, 201 if held is None else 200)

        @app.put("/api/v1/applications/{one}")
        async def put_manifest(one: UUID, request: Request) -> Response:
            try:
                manifest = Manifest.model_validate_json(await request.body())
                envelope = check_manifest(manifest, self.device)
            except (ValidationError, ValueError):
                return JSONResponse({"detail": "bad_signature"}, 401)
            missing = [
                ref.part.value for ref in envelope.parts if (one, ref.part) not in self.parts
            ]
            if missing:
                return JSONResponse({"detail": "missing_parts", "missing": missing}, 422)
            if self.checks_hashes and any(
                sha256_hex(self.parts[one, ref.part]) != ref.sha256 for ref in envelope.parts
            ):
                return JSONResponse({"detail": "part_differs"}, 409)
            number = f"32040200120261201{envelope.seq_booth:05d}"
            if one not in self.applications:
                receipt = sign_receipt(envelope, datetime.now(UTC), self.receipt_key)
                progress = Progress(application_id=one, state="accepted", acceptance_no=number)
                arrival = Arrival(receipt=receipt, progress=progress)
                self.applications[one] = (envelope.booth_number, arrival.model_dump_json().encode())
            return Response(self.applications[one][1], 200, media_type="application/json")

        @app.get("/api/v1/applications/{one}/progress")
        def progress(one: UUID) -> Response:
            if one not in self.applications:
                return JSONResponse({"detail": "unknown_application"}, 404)
            arrival = Arrival.model_validate_json(self.applications[one][1])
            return Response(arrival.progress.model_dump_json(), media_type="application/json")

        @app.post("/api/v1/eligibility")
        async def eligibility(request: Request) -> Response:
            return Response((await request.body())[::-1], media_type="application/octet-stream")

        @app.post("/api/v1/payments")
        async def payments(request: Request) -> Response:
            asked = await request.json()
            return JSONResponse(_payment(asked["amount_fen"], "waiting"), 201)

        @app.get("/api/v1/payments/{payment}")
        def payment(payment: str) -> Response:
            return JSONResponse(_payment(2000, "paid"))

        @app.post("/api/v1/payments/{payment}/cancel")
        def cancel(payment: str) -> Response:
            return JSONResponse(_payment(2000, "cancelled"))

        return app


def _payment(fen: int, state: str) -> dict[str, Any]:
    return {
        "payment_id": "0" * 32,
        "amount_fen": fen,
        "state": state,
        "qr": "http://127.0.0.1/testpay/0",
        "expires_at": "2026-12-01T02:03:00Z",
    }


@dataclass
class Served:
    """A running far side."""

    url: str
    port: int
    far: FarSide


@pytest.fixture
def far_side(keys: Path, device_key: SigningKey) -> FarSide:
    return FarSide(
        SigningKey.from_pem((keys / "counter/receipt.key").read_bytes()), device_key.verifier
    )


def _serve(far: FarSide, keys: Path | None, port: int = 0) -> tuple[uvicorn.Server, Served]:
    tls: dict[str, Any] = {}
    if keys is not None:
        tls = {
            "ssl_certfile": str(keys / "counter/tls.pem"),
            "ssl_keyfile": str(keys / "counter/tls.key"),
            "ssl_ca_certs": str(keys / "counter/ca.pem"),
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
        }
    config = uvicorn.Config(
        far.app(), host="127.0.0.1", port=port, log_level="critical", lifespan="off", **tls
    )
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    end = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < end, "far side did not start"
        time.sleep(0.01)
    bound = server.servers[0].sockets[0].getsockname()[1]
    scheme = "https" if keys is not None else "http"
    return server, Served(f"{scheme}://127.0.0.1:{bound}", bound, far)


@pytest.fixture
def serve_far(keys: Path) -> Iterator[Callable[..., Served]]:
    """Starts far sides; `tls=False` for a plain one, `port` to come back at the same place."""
    servers: list[uvicorn.Server] = []

    def start(far: FarSide, *, tls: bool = True, port: int = 0) -> Served:
        server, served = _serve(far, keys if tls else None, port)
        servers.append(server)
        return served

    yield start
    for server in servers:
        server.should_exit = server.force_exit = True


@pytest.fixture
def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def line_files(keys: Path) -> LineFiles:
    booth = keys / "booth"
    return LineFiles(booth / "ca.pem", booth / "tls.pem", booth / "tls.key")


def _until(condition: Callable[[], object], within_s: float = 15.0) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.01)


@pytest.fixture
def until() -> Callable[..., None]:
    """Looks again and again until it is true, with a deadline."""
    return _until

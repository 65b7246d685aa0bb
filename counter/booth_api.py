# SPDX-License-Identifier: Apache-2.0
"""The booths' API: HTTP with client certificates, sealed bytes in, signed answers out.

Bodies are read here up to a limit and checked strictly by the records themselves; nothing of a
body is ever put into an answer or a log.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from counter import booths, eligibility, intake
from counter.faults import log_fault
from counter.office import Office
from counter.payments import Gateway
from counter.refusals import RefusedError
from counter.tables import Booth
from counter.tls import common_name
from idcard.booth_health import BoothReport, ReportTaken
from idcard.limits import SEALED_LIMITS
from idcard.records import (
    Arrival,
    Manifest,
    Part,
    Payment,
    PaymentQuestion,
    PaymentState,
    Progress,
)

VERSION = "1"
_MAX_MANIFEST = 16_384
_MAX_QUESTION = 16_384
_MAX_PAYMENT = 1_024
_MAX_REPORT = 131_072
_SEEN_EVERY = timedelta(minutes=1)
_OCTETS = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def _booth_of(request: Request) -> str:
    office: Office = request.app.state.office
    with office.database.read() as session:
        return intake.known_booth(session, common_name(request.scope)).id


KnownBooth = Annotated[str, Depends(_booth_of)]
PaymentId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]

log = structlog.get_logger()


class Refusal(BaseModel):
    """Every no: `detail` is a fixed word; some carry more fields."""

    detail: str
    missing: list[str] | None = None
    fields: list[str] | None = None


class Hello(BaseModel):
    """Answer of the line check."""

    booth_id: str
    time: datetime


def create_booth_app(office: Office, gateway: Gateway) -> FastAPI:
    """The API of one office. Requests without a known booth's certificate get 401 or 403."""
    app = FastAPI(
        title="ID Booth counter: booths' API",
        version=VERSION,
        description=(
            "For booths only: TLS with a client certificate whose common name is the booth's id. "
            "Parts first, manifest last; every PUT may be repeated."
        ),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.office = office
    app.include_router(_router(office, gateway))

    @app.exception_handler(RefusedError)
    async def refused(_request: Request, no: RefusedError) -> JSONResponse:
        return JSONResponse(no.body, status_code=no.status)

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, wrong: RequestValidationError) -> JSONResponse:
        fields = sorted({".".join(map(str, fault["loc"])) for fault in wrong.errors()})
        return JSONResponse({"detail": "malformed_request", "fields": fields}, status_code=422)

    @app.exception_handler(Exception)
    async def broken(_request: Request, why: Exception) -> JSONResponse:
        log_fault("booth_request_failed", why)
        return JSONResponse({"detail": "counter_fault"}, status_code=500)

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _why: ClientDisconnect) -> Response:
        log.info("booth_cut_the_line")
        return Response(status_code=400)

    return app


def _router(office: Office, gateway: Gateway) -> APIRouter:
    refusals: dict[int | str, dict[str, Any]] = {
        code: {"model": Refusal} for code in (400, 401, 403, 404, 409, 413, 422, 503)
    }
    router = APIRouter(prefix="/api/v1", responses=refusals)

    @router.get("/hello")
    def hello(booth_id: KnownBooth) -> Hello:
        """Is the line up, and what time is it at the counter."""
        now = office.clock.now()
        with office.database.read() as session:
            seen = session.get_one(Booth, booth_id).seen_at
        if seen is None or now - seen > _SEEN_EVERY:
            with office.database.write() as session:
                session.get_one(Booth, booth_id).seen_at = now
        return Hello(booth_id=booth_id, time=now)

    @router.put(
        "/health",
        response_model=ReportTaken,
        openapi_extra=_json_body(BoothReport),
    )
    async def put_health(request: Request, booth_id: KnownBooth) -> Response:
        """Keeps the booth's word on itself; the answer names the slips that were noted."""
        _need_type(request, "application/json")
        raw = await _body(request, _MAX_REPORT)
        try:
            report = BoothReport.model_validate_json(raw)
        except ValidationError:
            raise RefusedError(422, "not_a_booth_report") from None
        return _record(await run_in_threadpool(booths.take_report, office, booth_id, report), 200)

    @router.put(
        "/applications/{application_id}/parts/{part}",
        status_code=201,
        response_class=JSONResponse,
        responses={200: {"description": "The same bytes were here already."}},
        openapi_extra={"requestBody": {"required": True, "content": _OCTETS}},
    )
    async def put_part(
        request: Request,
        booth_id: KnownBooth,
        application_id: UUID,
        part: Part,
        content_sha256: Annotated[str, Header(alias="Content-SHA256", pattern="^[0-9a-f]{64}$")],
    ) -> JSONResponse:
        """Keeps one sealed part. The header is the SHA-256 of exactly these bytes."""
        _need_type(request, "application/octet-stream")
        sealed = await _body(request, SEALED_LIMITS[part])
        new = await run_in_threadpool(
            intake.put_part, office, booth_id, application_id, part, content_sha256, sealed
        )
        return JSONResponse({"part": part.value}, status_code=201 if new else 200)

    @router.put(
        "/applications/{application_id}",
        status_code=201,
        response_model=Arrival,
        responses={200: {"model": Arrival, "description": "It was here already."}},
        openapi_extra=_json_body(Manifest),
    )
    async def put_application(
        request: Request, booth_id: KnownBooth, application_id: UUID
    ) -> Response:
        """Takes the application in, once all parts the manifest names are here."""
        _need_type(request, "application/json")
        raw = await _body(request, _MAX_MANIFEST)
        arrival, new = await run_in_threadpool(
            intake.put_manifest, office, booth_id, application_id, raw
        )
        return _record(arrival, 201 if new else 200)

    @router.get("/applications/{application_id}/progress")
    def get_progress(booth_id: KnownBooth, application_id: UUID) -> Progress:
        """Where an application of this booth stands."""
        return intake.progress(office, booth_id, application_id)

    @router.post(
        "/eligibility",
        response_class=Response,
        responses={200: {"content": _OCTETS}},
        openapi_extra={"requestBody": {"required": True, "content": _OCTETS}},
    )
    async def ask_eligibility(request: Request, booth_id: KnownBooth) -> Response:
        """May this person apply today? Question and answer are sealed."""
        _need_type(request, "application/octet-stream")
        sealed = await _body(request, _MAX_QUESTION)
        answer = await run_in_threadpool(eligibility.answer, office, booth_id, sealed)
        return Response(answer, media_type="application/octet-stream")

    @router.post(
        "/payments",
        status_code=201,
        response_model=Payment,
        responses={200: {"model": Payment, "description": "It was open or paid already."}},
        openapi_extra=_json_body(PaymentQuestion),
    )
    async def open_payment(request: Request, booth_id: KnownBooth) -> Response:
        """Opens a payment at the test gateway."""
        _need_type(request, "application/json")
        raw = await _body(request, _MAX_PAYMENT)
        try:
            question = PaymentQuestion.model_validate_json(raw, strict=True)
        except ValidationError:
            raise RefusedError(422, "not_a_payment_question") from None
        payment, new = await run_in_threadpool(gateway.open, booth_id, question)
        return _record(payment, 201 if new else 200)

    @router.get("/payments/{payment_id}")
    def get_payment(booth_id: KnownBooth, payment_id: PaymentId) -> Payment:
        """How a payment stands."""
        return gateway.look(payment_id, booth_id)

    @router.post("/payments/{payment_id}/cancel")
    def cancel_payment(booth_id: KnownBooth, payment_id: PaymentId) -> Payment:
        """Cancels a waiting payment; a settled one is told as it is."""
        return gateway.settle(payment_id, PaymentState.CANCELLED, booth_id)

    return router


async def _body(request: Request, most: int) -> bytes:
    """The body, or RefusedError 413 as soon as it is longer than `most` bytes."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise RefusedError(413, "too_large", most=most)
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > most:
            raise RefusedError(413, "too_large", most=most)
    return bytes(held)


def _need_type(request: Request, wanted: str) -> None:
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if told != wanted:
        raise RefusedError(415, "wrong_content_type", wanted=wanted)


def _record(record: BaseModel, status: int) -> Response:
    return Response(record.model_dump_json(), status_code=status, media_type="application/json")


def _json_body(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(mode="serialization")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}

# SPDX-License-Identifier: Apache-2.0
"""The booth's only way to the counter: HTTP over TLS with the booth's own certificate.

Connections are kept and lent to one caller at a time. Every exchange has its own limits for
connecting, for each silence and for the whole, and an answer longer than 1 MiB is dropped.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import requests
import urllib3
from pydantic import BaseModel, ValidationError

from idcard.booth_health import BoothReport, ReportTaken
from idcard.canonical import sha256_hex
from idcard.records import Manifest, Part, Payment, PaymentQuestion, Progress
from kiosk.post.errors import LineDownError, RefusedByCounterError
from kiosk.post.retry import Verdict, judge_status

CONNECT_S = 3.0
SILENCE_S = 8.0
WHOLE_S = 30.0
LONGEST_ANSWER = 1024 * 1024
_KEPT = 4

Answered = TypeVar("Answered", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LineFiles:
    """PEM files: whom to trust, the booth's certificate, its key."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `retry_after_s` is the header's wish, 0 without one."""

    status: int
    body: bytes
    retry_after_s: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The status's class; bytes damaged on the way are sent again, not given up."""
        verdict = judge_status(self.status)
        if verdict is Verdict.PARK and self.detail == "content_hash_differs":
            return Verdict.RETRY
        return verdict

    @property
    def detail(self) -> str:
        """The counter's short word in a refusal, or ``http_<status>``."""
        return _Refusal.read(self.body).detail or f"http_{self.status}"

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts a manifest was refused for, as the counter lists them."""
        refusal = _Refusal.read(self.body)
        if self.status != 422 or refusal.detail != "missing_parts":
            return ()
        known = {part.value: part for part in Part}
        return tuple(known[name] for name in refusal.missing if name in known)


class _Refusal(BaseModel):
    detail: str = ""
    missing: list[str] = []

    @classmethod
    def read(cls, body: bytes) -> "_Refusal":
        try:
            return cls.model_validate_json(body)
        except ValidationError:
            return cls()


class CounterLine:
    """One counter's address. Methods may be called from any thread at once.

    All raise LineDownError when no usable answer comes; those that return a record also
    RefusedByCounterError when the counter says no. `on_exchange` hears after every exchange why the
    line is not good ("" when it is).
    """

    def __init__(
        self, url: str, files: LineFiles | None, on_exchange: Callable[[str], None] | None = None
    ) -> None:
        """`files` None is for a counter without TLS, which only tests have."""
        self._url, self._files = url.rstrip("/"), files
        self._heard = on_exchange or (lambda _why: None)
        self._lock = threading.Lock()
        self._idle: list[requests.Session] = []

    def close(self) -> None:
        """Closes kept connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def hello(self) -> Answer:
        """Is the counter there, and does it admit this booth?"""
        return self._exchange("GET", "/hello")

    def put_health(self, report: BoothReport) -> ReportTaken:
        """How the booth is; the counter answers which slips it has noted."""
        body = report.model_dump_json().encode()
        return _record(ReportTaken, self._exchange("PUT", "/health", body))

    def put_part(self, application_id: UUID, part: Part, sealed: bytes) -> Answer:
        """Sends one sealed part; sending it again changes nothing."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-SHA256": sha256_hex(sealed),
        }
        return self._exchange(
            "PUT", f"/applications/{application_id}/parts/{part.value}", sealed, headers
        )

    def put_manifest(self, manifest: Manifest) -> Answer:
        """Sends the manifest, after all parts."""
        return self._exchange(
            "PUT", f"/applications/{manifest.envelope.id}", manifest.model_dump_json().encode()
        )

    def progress(self, application_id: UUID) -> Progress:
        """Where an application stands."""
        return _record(Progress, self._exchange("GET", f"/applications/{application_id}/progress"))

    def eligibility(self, sealed: bytes) -> bytes:
        """The sealed answer to a sealed question."""
        headers = {"Content-Type": "application/octet-stream"}
        return _good(self._exchange("POST", "/eligibility", sealed, headers)).body

    def open_payment(self, question: PaymentQuestion) -> Payment:
        """Opens a payment."""
        body = question.model_dump_json().encode()
        return _record(Payment, self._exchange("POST", "/payments", body))

    def payment(self, payment_id: str) -> Payment:
        """How a payment stands."""
        return _record(Payment, self._exchange("GET", f"/payments/{payment_id}"))

    def cancel_payment(self, payment_id: str) -> Payment:
        """Calls a payment off; the answer says how it really ended."""
        return _record(Payment, self._exchange("POST", f"/payments/{payment_id}/cancel"))

    def _exchange(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        address = f"{self._url}/api/v1{path}"
        told = {"Content-Type": "application/json"} if body else {}
        try:
            answer = self._try(method, address, body, told | (headers or {}))
        except requests.exceptions.SSLError as wrong:
            self._heard("tls")
            raise LineDownError("tls") from wrong
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as wrong:
            self._heard("line")
            raise LineDownError("line") from wrong
        match judge_status(answer.status):
            case Verdict.RETRY:
                self._heard("busy")
            case Verdict.STOP:
                self._heard("not_admitted")
            case _:
                self._heard("")
        return answer

    def _try(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        session, used = self._lend()
        try:
            answer = _ask(session, method, address, body, headers)
        except requests.exceptions.ConnectionError:
            session.close()
            if not used:
                raise
            # The counter may have closed a kept connection meanwhile; a fresh one decides.
            session, _ = self._lend(fresh=True)
            try:
                answer = _ask(session, method, address, body, headers)
            except BaseException:
                session.close()
                raise
        except BaseException:
            session.close()
            raise
        self._give_back(session)
        return answer

    def _lend(self, *, fresh: bool = False) -> tuple[requests.Session, bool]:
        with self._lock:
            if self._idle and not fresh:
                return self._idle.pop(), True
        session = requests.Session()
        session.trust_env = False  # no proxy or password file of the machine's user
        if self._files is not None:
            session.verify = str(self._files.ca)
            session.cert = (str(self._files.certificate), str(self._files.key))
        return session, False

    def _give_back(self, session: requests.Session) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(session)
                return
        session.close()


def _ask(
    session: requests.Session, method: str, address: str, body: bytes, headers: dict[str, str]
) -> Answer:
    end = time.monotonic() + WHOLE_S
    with session.request(
        method,
        address,
        data=body or None,
        headers=headers,
        timeout=(CONNECT_S, SILENCE_S),
        allow_redirects=False,
        stream=True,
    ) as response:
        held = bytearray()
        for piece in response.iter_content(65536):
            held += piece
            if len(held) > LONGEST_ANSWER or time.monotonic() > end:
                raise requests.exceptions.ReadTimeout("answer too long or too slow")
        if not _whole(response, len(held)):
            raise requests.exceptions.ConnectionError("answer cut")
        return Answer(response.status_code, bytes(held), _seconds(response))


def _whole(response: requests.Response, length: int) -> bool:
    """Whether the answer is as long as it says; one that says nothing was cut in its head."""
    told = response.headers.get("Content-Length", "")
    if told.isdecimal():
        return int(told) == length
    return response.status_code == 204 or "Transfer-Encoding" in response.headers


def _seconds(response: requests.Response) -> float:
    """Retry-After as seconds: a number, or a date counted from the answer's own Date header."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        wished = parsedate_to_datetime(text)
        return (wished - parsedate_to_datetime(response.headers.get("Date", ""))).total_seconds()
    except (TypeError, ValueError):
        return 0.0


def _good(answer: Answer) -> Answer:
    match answer.verdict:
        case Verdict.GOOD:
            return answer
        case Verdict.STOP:
            raise LineDownError("not_admitted")
        case Verdict.RETRY:
            raise LineDownError("busy")
        case Verdict.PARK:
            raise RefusedByCounterError(answer.detail)


def _record(kind: type[Answered], answer: Answer) -> Answered:
    try:
        return kind.model_validate_json(_good(answer).body)
    except ValidationError as wrong:
        raise LineDownError("line") from wrong

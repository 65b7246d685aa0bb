# SPDX-License-Identifier: Apache-2.0
"""What front and uplink say to each other over the local socket, and its frame.

One connection carries one request and one reply, each a 4-byte big-endian length and so many bytes
of JSON. Sealed bytes travel as base64.
"""

import socket
import time
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from idcard.booth_health import BoothReport, UnprintedSlip
from idcard.records import Arrival, Blob, Kind, Part, Payment, PaymentQuestion, Progress, Record

# The four sealed parts at their limits (`idcard.limits`) are 0.4 MB as base64.
LONGEST_FRAME = 2 * 1024 * 1024


class EnvelopeDraft(Record):
    """What the front knows of the envelope; the uplink adds numbers, hashes and the signature."""

    id: UUID
    kind: Kind
    confirmed_at: datetime
    software: str = Field(max_length=40)


class Stored(Record):
    """Durably in this booth. `hash8`: first 8 hex digits of SHA-256 over the canonical envelope."""

    booth_number: str
    seq: int
    hash8: str


class PostState(Record):
    """How the post is: shown to staff, and asked before a visit begins.

    `line`: "" when the counter answered last time, else why not: line, tls, busy, not_admitted.
    `full`: "" while the outbox takes applications, else why not (records, age, space, disk).
    `alarm`: message key of what staff must hear of (``post.quarantined``, ``post.disk``), or "".
    """

    line: str
    full: str
    unsent: int
    parked: int
    oldest_unsent_s: float | None
    alarm: str = ""

    @property
    def line_up(self) -> bool:
        """Whether the counter answered well last time."""
        return not self.line


class HandOver(Record):
    """Store an application."""

    verb: Literal["hand_over"] = "hand_over"
    draft: EnvelopeDraft
    parts: dict[Part, Blob]


class AskEligibility(Record):
    """Pass a sealed question to the counter."""

    verb: Literal["eligibility"] = "eligibility"
    sealed: Blob


class OpenPayment(Record):
    """Open a payment."""

    verb: Literal["open_payment"] = "open_payment"
    question: PaymentQuestion


class FollowPayment(Record):
    """Look at, or call off, a payment."""

    verb: Literal["payment", "cancel_payment"]
    payment_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")


class AwaitReceived(Record):
    """Wait until the counter has it."""

    verb: Literal["await_received"] = "await_received"
    id: UUID
    timeout_s: float = Field(ge=0, le=120)


class AskProgress(Record):
    """Where an application stands."""

    verb: Literal["progress"] = "progress"
    id: UUID


class SendAgain(Record):
    """Staff say: try a parked application once more."""

    verb: Literal["send_again"] = "send_again"
    id: UUID


class AskState(Record):
    """How the post is."""

    verb: Literal["state"] = "state"


class TellHealth(Record):
    """How the booth is, for the counter; told on every change and every 10 s."""

    verb: Literal["health"] = "health"
    report: BoothReport


class TellSlip(Record):
    """A slip did not reach paper, or did after all."""

    verb: Literal["slip"] = "slip"
    slip: UnprintedSlip


Request = Annotated[
    HandOver
    | AskEligibility
    | OpenPayment
    | FollowPayment
    | AwaitReceived
    | AskProgress
    | SendAgain
    | AskState
    | TellHealth
    | TellSlip,
    Field(discriminator="verb"),
]
REQUEST: TypeAdapter[Any] = TypeAdapter(Request)


class Reply(Record):
    """Exactly one field is set; `nothing` for an `await_received` that timed out, or a telling."""

    stored: Stored | None = None
    sealed: Blob | None = None
    payment: Payment | None = None
    arrival: Arrival | None = None
    progress: Progress | None = None
    state: PostState | None = None
    nothing: bool = False
    error: str = ""  # line_down, full, disk, refused, conflict, unknown, bad_request
    detail: str = ""  # the error's short word; never free text of a citizen


def send_frame(link: socket.socket, raw: bytes, deadline: float) -> None:
    """Sends one frame by the monotonic `deadline`. Raises OSError (TimeoutError when late)."""
    link.settimeout(_left(deadline))
    link.sendall(len(raw).to_bytes(4, "big") + raw)


def receive_frame(link: socket.socket, deadline: float) -> bytes:
    """One frame's bytes by the monotonic `deadline`.

    Raises ConnectionError when the other side ends early or announces too much, TimeoutError when
    it is late.
    """
    length = int.from_bytes(_receive(link, 4, deadline), "big")
    if length > LONGEST_FRAME:
        raise ConnectionError("frame too long")
    return _receive(link, length, deadline)


def _receive(link: socket.socket, count: int, deadline: float) -> bytes:
    held = bytearray()
    while len(held) < count:
        link.settimeout(_left(deadline))
        piece = link.recv(min(count - len(held), 65536))
        if not piece:
            raise ConnectionError("ended early")
        held += piece
    return bytes(held)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

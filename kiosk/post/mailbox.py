# SPDX-License-Identifier: Apache-2.0
"""The front's side of the post: hand over, ask, wait. Never touches the network.

Each call of a `Mailbox` opens its own connection to the uplink's socket and has its own deadline,
so a long wait holds up nobody else. A `KeptMailbox` is for one thread that asks again and again.
"""

import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from idcard.booth_health import BoothReport, UnprintedSlip
from idcard.records import Arrival, Part, Payment, PaymentQuestion, Progress
from kiosk.post.errors import (
    ConflictError,
    LineDownError,
    MailboxDownError,
    OutboxFullError,
    OutboxIllError,
    RefusedByCounterError,
)
from kiosk.post.messages import (
    AskEligibility,
    AskProgress,
    AskState,
    AwaitReceived,
    EnvelopeDraft,
    FollowPayment,
    HandOver,
    OpenPayment,
    PostState,
    Reply,
    SendAgain,
    Stored,
    TellHealth,
    TellSlip,
    receive_frame,
    send_frame,
)

_Answer = TypeVar("_Answer")
# Storing is a few disk syncs; asking the counter may take its connect and silence limits, twice.
STORE_S = 15.0
ASK_S = 25.0
STATE_S = 5.0


class Mailbox:
    """The uplink's socket at `path`. Callable from any thread.

    Every method raises MailboxDownError when the uplink does not answer in time, and ValueError
    when it takes the request for a program's mistake.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def hand_over(
        self, draft: EnvelopeDraft, parts: Mapping[Part, bytes], timeout_s: float = STORE_S
    ) -> Stored:
        """Durably in this booth once it returns; the same again gives the same numbers.

        Raises OutboxFullError, OutboxIllError, ConflictError (nothing stored), and MailboxDownError
        (in doubt: hand the same over again).
        """
        return _need(self._ask(HandOver(draft=draft, parts=dict(parts)), timeout_s).stored)

    def eligibility(self, sealed: bytes, timeout_s: float = ASK_S) -> bytes:
        """The counter's sealed answer. Raises LineDownError, RefusedByCounterError."""
        return _need(self._ask(AskEligibility(sealed=sealed), timeout_s).sealed)

    def open_payment(self, question: PaymentQuestion, timeout_s: float = ASK_S) -> Payment:
        """Opens a payment. Raises LineDownError, RefusedByCounterError."""
        return _need(self._ask(OpenPayment(question=question), timeout_s).payment)

    def payment(self, payment_id: str, timeout_s: float = ASK_S) -> Payment:
        """How a payment stands. Raises LineDownError, RefusedByCounterError."""
        request = FollowPayment(verb="payment", payment_id=payment_id)
        return _need(self._ask(request, timeout_s).payment)

    def cancel_payment(self, payment_id: str, timeout_s: float = ASK_S) -> Payment:
        """Calls a payment off; the state says how it really ended. Raises as `payment`."""
        request = FollowPayment(verb="cancel_payment", payment_id=payment_id)
        return _need(self._ask(request, timeout_s).payment)

    def await_received(self, application_id: UUID, timeout_s: float) -> Arrival | None:
        """The counter's proved answer, or None when it has not come within 0 to 120 s.

        Raises RefusedByCounterError when the counter refused it: it stays stored, for staff.
        """
        request = AwaitReceived(id=application_id, timeout_s=timeout_s)
        reply = self._ask(request, timeout_s + STATE_S)
        return None if reply.nothing else _need(reply.arrival)

    def progress(self, application_id: UUID, timeout_s: float = ASK_S) -> Progress:
        """Where it stands: as the counter says, else as last known, ``stored`` or ``parked``.

        Raises LineDownError or RefusedByCounterError for one that is not of this booth.
        """
        return _need(self._ask(AskProgress(id=application_id), timeout_s).progress)

    def send_again(self, application_id: UUID, timeout_s: float = STATE_S) -> PostState:
        """Staff's word for a parked application: it is tried once more, at once."""
        return _need(self._ask(SendAgain(id=application_id), timeout_s).state)

    def state(self, timeout_s: float = STATE_S) -> PostState:
        """How line and outbox are."""
        return _need(self._ask(AskState(), timeout_s).state)

    def tell_health(self, report: BoothReport, timeout_s: float = STATE_S) -> None:
        """How the booth is: the uplink tells the counter."""
        self._ask(TellHealth(report=report), timeout_s)

    def tell_slip(self, slip: UnprintedSlip, timeout_s: float = STATE_S) -> None:
        """A slip's fate, kept durably for the counter. Raises OutboxIllError (disk)."""
        self._ask(TellSlip(slip=slip), timeout_s)

    def _ask(self, request: BaseModel, timeout_s: float) -> Reply:
        deadline = time.monotonic() + timeout_s
        try:
            raw = self._exchange(request.model_dump_json().encode(), deadline)
            reply = Reply.model_validate_json(raw)
        except (OSError, ValidationError) as wrong:
            raise MailboxDownError(type(wrong).__name__) from wrong
        return _raised(reply)

    def _exchange(self, raw: bytes, deadline: float) -> bytes:
        """The reply's bytes. Raises OSError."""
        with self._connected(deadline) as link:
            return _spoken(link, raw, deadline)

    def _connected(self, deadline: float) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(max(0.001, deadline - time.monotonic()))
            link.connect(str(self._path))
        except OSError:
            link.close()
            raise
        return link


class KeptMailbox(Mailbox):
    """The same over one connection that stays open between the calls, all of one thread.

    A request may reach an uplink twice when the connection broke: for questions and for words
    that may be told again, not for handing over.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._kept: socket.socket | None = None

    def close(self) -> None:
        """Lets the connection go; the next call makes another."""
        link, self._kept = self._kept, None
        if link is not None:
            link.close()

    def _exchange(self, raw: bytes, deadline: float) -> bytes:
        if self._kept is not None:
            try:
                return _spoken(self._kept, raw, deadline)
            except TimeoutError:
                self.close()  # a late reply would be taken for the next one's
                raise
            except OSError:  # the uplink was started anew, or took the silence for an end
                self.close()
        link = self._connected(deadline)
        try:
            answer = _spoken(link, raw, deadline)
        except BaseException:
            link.close()
            raise
        self._kept = link
        return answer


def _spoken(link: socket.socket, raw: bytes, deadline: float) -> bytes:
    send_frame(link, raw, deadline)
    return receive_frame(link, deadline)


def _raised(reply: Reply) -> Reply:
    match reply.error:
        case "":
            return reply
        case "line_down":
            raise LineDownError(reply.detail)
        case "full":
            raise OutboxFullError(reply.detail)
        case "disk":
            raise OutboxIllError(reply.detail)
        case "refused":
            raise RefusedByCounterError(reply.detail)
        case "conflict":
            raise ConflictError
        case other:
            raise ValueError(f"the uplink does not take this request: {other} {reply.detail}")


def _need(value: _Answer | None) -> _Answer:
    if value is None:
        raise MailboxDownError("answer to another question")
    return value

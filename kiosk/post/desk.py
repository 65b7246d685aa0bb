# SPDX-License-Identifier: Apache-2.0
"""What the uplink answers to each request of the mailbox."""

import structlog
from pydantic import BaseModel

from idcard.records import Progress
from kiosk.post.carrier import Carrier
from kiosk.post.errors import (
    ConflictError,
    LineDownError,
    OutboxFullError,
    OutboxIllError,
    RefusedByCounterError,
)
from kiosk.post.health_post import HealthPost
from kiosk.post.messages import (
    AskEligibility,
    AskProgress,
    AskState,
    AwaitReceived,
    FollowPayment,
    HandOver,
    OpenPayment,
    PostState,
    Reply,
    SendAgain,
    TellHealth,
    TellSlip,
)
from kiosk.post.outbox import Outbox

_LOG = structlog.get_logger()


class Desk:
    """Turns requests into calls of outbox, carrier and line, and their errors into replies."""

    def __init__(self, outbox: Outbox, carrier: Carrier, health: HealthPost | None = None) -> None:
        """Without `health` nothing is told to the counter of how the booth is."""
        self._outbox, self._carrier, self._health = outbox, carrier, health

    def answer(self, request: BaseModel) -> Reply:
        """The reply to any request; never raises."""
        try:
            return self._do(request)
        except LineDownError as down:
            return Reply(error="line_down", detail=down.why)
        except OutboxFullError as full:
            if full.why == "disk":  # it is not full, it is not trusted: another one must act
                return Reply(error="disk")
            return Reply(error="full", detail=full.why)
        except OutboxIllError:
            return Reply(error="disk")
        except RefusedByCounterError as refused:
            return Reply(error="refused", detail=refused.reason)
        except ConflictError:
            return Reply(error="conflict")
        except KeyError:
            return Reply(error="unknown")
        except ValueError:
            return Reply(error="bad_request", detail="draft")
        except Exception as wrong:  # the last resort: the type tells, the text might hold anything
            _LOG.error("desk_failed", code=type(wrong).__name__)
            return Reply(error="disk")

    def state(self) -> PostState:
        """How line and outbox are."""
        tally = self._outbox.tally()
        alarm = self._outbox.ill or ("post.quarantined" if self._outbox.quarantined else "")
        return PostState(
            line=self._carrier.why_down,
            full=self._outbox.full(),
            unsent=tally.unsent,
            parked=tally.parked,
            oldest_unsent_s=tally.oldest_s,
            alarm=alarm,
        )

    def _do(self, request: BaseModel) -> Reply:
        line = self._carrier.line
        match request:
            case HandOver():
                stored = self._outbox.store(request.draft, request.parts)
                self._carrier.wake()
                return Reply(stored=stored)
            case AskEligibility():
                return Reply(sealed=line.eligibility(request.sealed))
            case OpenPayment():
                return Reply(payment=line.open_payment(request.question))
            case FollowPayment(verb="payment"):
                return Reply(payment=line.payment(request.payment_id))
            case FollowPayment():
                return Reply(payment=line.cancel_payment(request.payment_id))
            case AwaitReceived():
                arrival = self._carrier.await_received(request.id, request.timeout_s)
                return Reply(arrival=arrival, nothing=arrival is None)
            case AskProgress():
                return Reply(progress=self._progress(request))
            case SendAgain():
                self._outbox.unpark(request.id)
                self._carrier.wake()
                return Reply(state=self.state())
            case TellHealth():
                if self._health is not None and self._health.told(request.report):
                    self._carrier.wake()
                return Reply(nothing=True)
            case TellSlip():
                if self._health is not None:
                    self._health.slip(request.slip)
                    self._carrier.wake()
                return Reply(nothing=True)
            case AskState():
                return Reply(state=self.state())
            case _:
                return Reply(error="bad_request")

    def _progress(self, request: AskProgress) -> Progress:
        try:
            arrival = self._outbox.arrival(request.id)
        except KeyError:
            return self._carrier.line.progress(request.id)
        if arrival is None:
            parked = bool(self._outbox.park_reason(request.id))
            return Progress(application_id=request.id, state="parked" if parked else "stored")
        try:
            return self._carrier.line.progress(request.id)
        except (LineDownError, RefusedByCounterError):
            return arrival.progress

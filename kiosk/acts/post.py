# SPDX-License-Identifier: Apache-2.0
"""Eligibility, payment and hand-over, through the mailbox to the uplink."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from drivers.errors import CancelledError
from drivers.health import Health
from idcard.deadlines import deadlines
from idcard.fees import Business, fee_fen
from idcard.keys import OpeningKey
from idcard.records import (
    Arrival,
    Consent,
    EligibilityAnswer,
    EligibilityQuestion,
    EvidencePart,
    Fee,
    FeeState,
    Identity,
    IdentityPart,
    Kind,
    Part,
    PaymentQuestion,
    PaymentState,
)
from idcard.rules import REASON_CODES, as_shown, judge, offsite
from idcard.sealing import SealContext, SealError, open_sealed, seal
from idcard.workdays import PublishedHolidays
from kiosk.commands import AskEligibility, HandOver, OpenPayment
from kiosk.config import Settings
from kiosk.facts import Eligible, Facts, HandedOver
from kiosk.lane import Tell
from kiosk.post.errors import LineDownError, MailboxDownError, RefusedByCounterError
from kiosk.post.mailbox import Mailbox
from kiosk.post.messages import EnvelopeDraft, Stored
from kiosk.sealer import Sealer
from kiosk.signature import signature_png

Now = Callable[[], datetime]
AGAIN, AGAIN_S = 15, 1.0  # tries of a hand-over in doubt, seconds between them
RULES_S = 6.0  # a counter this slow is taken as out of reach; the booth's own rules answer
POLL_S = 0.1  # how often a payment's state is asked


class Consents:
    """Every yes of the citizen, with its time."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self.given: list[Consent] = []

    def note(self, text: str, version: str) -> None:
        """Keeps one."""
        self.given.append(Consent(text=text, version=version, at=self._now()))


class EligibilityAct:
    """Answers `AskEligibility`: the booth's own rules first, then the counter's register."""

    takes = (AskEligibility,)

    def __init__(self, mailbox: Mailbox, sealer: Sealer, settings: Settings, now: Now) -> None:
        self._mailbox, self._sealer = mailbox, sealer
        self._settings, self._now = settings, now

    def run(self, command: AskEligibility, tell: Tell, off: threading.Event) -> Eligible:
        """The counter's answer; the booth's own when the line is down."""
        identity = command.facts.identity
        assert identity is not None  # noqa: S101  the card was read before
        own = self._own_answer(command.facts.kind, identity)
        if own.ground is not None:
            return Eligible(own, online=False)
        try:
            return Eligible(self._ask(command.facts.kind, identity), online=True)
        except (LineDownError, MailboxDownError, RefusedByCounterError, SealError):
            return Eligible(own, online=False)

    def cancel(self) -> None:
        """Bounded by the mailbox's own deadline."""

    def _own_answer(self, kind: Kind, identity: Identity) -> EligibilityAnswer:
        now = self._now()
        ground = judge(kind, identity, now.date())
        dates = deadlines(now.date(), PublishedHolidays())
        area = identity.citizen_no[:6]
        station = self._settings.booth.station_code
        return EligibilityAnswer(
            ground=as_shown(ground) if ground else None,
            fee_fen=fee_fen(Business(kind), now.date(), area=station[:6]),
            promise_date=dates.promise,
            legal_date=dates.legal,
            offsite=offsite(area, station),
            checked_at=now,
        )

    def _ask(self, kind: Kind, identity: Identity) -> EligibilityAnswer:
        key = OpeningKey.generate()
        booth = self._sealer.booth_id
        question = EligibilityQuestion(
            kind=kind, identity=identity, booth_id=booth, answer_to=key.recipient.raw()
        )
        sealed = seal(
            question.model_dump_json().encode(),
            self._sealer.key_of(Part.IDENTITY),
            context=SealContext.of_question(booth),
        )
        answered = self._mailbox.eligibility(sealed, RULES_S)
        plain = open_sealed(answered, key, context=SealContext.of_answer(booth, sealed))
        return EligibilityAnswer.model_validate_json(plain)


class PaymentAct:
    """Answers `OpenPayment`: nothing is paid but on the counter's word."""

    takes = (OpenPayment,)

    def __init__(self, mailbox: Mailbox, sealer: Sealer) -> None:
        self._mailbox, self._sealer = mailbox, sealer
        self._calling_off = threading.Event()

    def run(self, command: OpenPayment, tell: Tell, off: threading.Event) -> PaymentState:
        """The payment's last state."""
        self._calling_off.clear()
        question = PaymentQuestion(
            application_id=self._sealer.application_id, amount_fen=command.amount_fen
        )
        payment = self._mailbox.open_payment(question)
        tell("opened", payment)
        while payment.state is PaymentState.WAITING:
            self._calling_off.wait(POLL_S)
            if self._calling_off.is_set() or off.is_set():
                payment = self._mailbox.cancel_payment(payment.payment_id)
                break
            # A line that blinks is not a no.
            with contextlib.suppress(LineDownError, MailboxDownError):
                payment = self._mailbox.payment(payment.payment_id)
        if off.is_set() and payment.state is not PaymentState.PAID:
            raise CancelledError
        return payment.state

    def cancel(self) -> None:
        """Calls the payment off at the counter."""
        self._calling_off.set()

    def call_off(self) -> None:
        """The citizen chose another way."""
        self._calling_off.set()


class HandOverAct:
    """Answers `HandOver`: sealed, stored durably, then received if the line is up."""

    takes = (HandOver,)

    def __init__(
        self,
        mailbox: Mailbox,
        sealer: Sealer,
        settings: Settings,
        consents: Consents,
        now: Now,
        software: str,
        devices: Callable[[], Sequence[Health]],
    ) -> None:
        self._mailbox, self._sealer, self._settings = mailbox, sealer, settings
        self._consents, self._now, self._software = consents, now, software
        self._devices = devices
        self._begun_s = time.monotonic()
        self._confirmed: datetime | None = None

    def run(self, command: HandOver, tell: Tell, off: threading.Event) -> HandedOver:
        """Stored or received. Raises the post's errors when nothing was stored."""
        sealer = self._sealer
        if self._confirmed is None:
            self._confirmed = self._now()
        if Part.IDENTITY not in sealer.parts():  # a second try hands over the very same bytes
            sealer.seal(Part.EVIDENCE, self._evidence(command))
            sealer.seal(Part.IDENTITY, self._identity(command.facts))
        draft = EnvelopeDraft(
            id=sealer.application_id,
            kind=command.facts.kind,
            confirmed_at=self._confirmed,
            software=self._software,
        )
        stored = self._store(draft)
        tell("stored", stored.booth_number)
        arrival = self._arrival()
        if arrival is None:
            return HandedOver(False, stored.booth_number, hash8=stored.hash8)
        progress = arrival.progress
        return HandedOver(
            True,
            stored.booth_number,
            progress.acceptance_no or "",
            progress.legal_date,
            progress.promise_date,
            stored.hash8,
        )

    def cancel(self) -> None:
        """A hand-over is never called off halfway."""

    def _store(self, draft: EnvelopeDraft) -> Stored:
        """In doubt the very same is handed over again: the outbox knows it by its id."""
        for left in reversed(range(AGAIN)):
            try:
                return self._mailbox.hand_over(draft, self._sealer.parts())
            except MailboxDownError:
                if not left:
                    raise
                time.sleep(AGAIN_S)  # an uplink that fell is back soon, on a slow board too
        raise AssertionError("unreachable")

    def _arrival(self) -> Arrival | None:
        """The counter's proven answer; None when it has not come, whatever the reason."""
        try:
            return self._mailbox.await_received(
                self._sealer.application_id, self._settings.post.wait_received_s
            )
        except (MailboxDownError, LineDownError, RefusedByCounterError):
            return None

    def _identity(self, facts: Facts) -> IdentityPart:
        assert facts.identity is not None  # noqa: S101
        assert facts.delivery is not None  # noqa: S101
        assert self._confirmed is not None  # noqa: S101
        return IdentityPart(
            kind=facts.kind,
            reason_code=REASON_CODES[facts.kind],
            identity=facts.identity,
            delivery=facts.delivery,
            fee=facts.fee or Fee(due_fen=0, state=FeeState.NONE),
            confirmed_at=self._confirmed,
            language="en" if facts.language == "en" else "zh",
        )

    def _evidence(self, command: HandOver) -> EvidencePart:
        return EvidencePart(
            consents=tuple(self._consents.given),
            signature_png=signature_png(command.strokes),
            fingers=tuple((f.position, str(f.result), f.tries) for f in command.facts.fingers),
            devices=(
                ("booth", self._settings.booth.id),
                *((one.device, one.detail) for one in self._devices() if one.detail),
            ),
            software=self._software,
            seconds=round(time.monotonic() - self._begun_s, 1),
        )

# SPDX-License-Identifier: Apache-2.0
"""Hand-over, eligibility and payment when the post or the counter is not as it should be."""

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from uuid6 import uuid7

from drivers.errors import CancelledError
from drivers.health import Health
from idcard.keys import OpeningKey
from idcard.records import (
    Arrival,
    Delivery,
    EvidencePart,
    Identity,
    Part,
    Payment,
    PaymentQuestion,
    PaymentState,
)
from idcard.sealing import SealContext, open_sealed
from kiosk.acts import post
from kiosk.acts.post import Consents, EligibilityAct, HandOverAct, PaymentAct
from kiosk.commands import AskEligibility, HandOver, OpenPayment
from kiosk.config import Settings
from kiosk.facts import Facts
from kiosk.post.errors import (
    ConflictError,
    LineDownError,
    MailboxDownError,
    OutboxFullError,
    OutboxIllError,
    RefusedByCounterError,
)
from kiosk.post.mailbox import Mailbox
from kiosk.post.messages import EnvelopeDraft, Stored
from kiosk.sealer import Sealer

NOON = datetime.fromisoformat("2026-12-01T12:00:00+08:00")
COUNTER = OpeningKey.generate()
STROKES = (tuple((x / 20, 0.5) for x in range(20)),)
# Made up, over the example number of GB 11643: no real person is meant.
LIN = Identity(
    citizen_no="11010519491231002X",
    name="林桂兰",
    sex="2",
    ethnicity="01",
    birth_date=date(1949, 12, 31),
    address="北京市朝阳区（测试）",
    issuer="北京市公安局朝阳分局",
    old_card_start=date(2006, 12, 11),
    old_card_end=date(2026, 12, 11),
)
FACTS = Facts(identity=LIN, delivery=Delivery(pickup="station"))
STORED = Stored(booth_number="B03-261201-0007-K", seq=7, hash8="0123abcd")


class Post(Mailbox):
    """A mailbox that answers as a test has laid out; the last answer again and again."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.handed: list[tuple[EnvelopeDraft, dict[Part, bytes]]] = []
        self.cancelled: list[str] = []

    def _next(self) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def hand_over(
        self, draft: EnvelopeDraft, parts: Mapping[Part, bytes], timeout_s: float = 1.0
    ) -> Stored:
        self.handed.append((draft, dict(parts)))
        return self._next()

    def await_received(self, application_id: UUID, timeout_s: float) -> Arrival | None:
        return self._next()

    def eligibility(self, sealed: bytes, timeout_s: float = 1.0) -> bytes:
        return self._next()

    def open_payment(self, question: PaymentQuestion, timeout_s: float = 1.0) -> Payment:
        return self._next()

    def payment(self, payment_id: str, timeout_s: float = 1.0) -> Payment:
        return self._next()

    def cancel_payment(self, payment_id: str, timeout_s: float = 1.0) -> Payment:
        self.cancelled.append(payment_id)
        return self._next()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two tries."""
    monkeypatch.setattr(post, "AGAIN_S", 0.0)
    monkeypatch.setattr(post, "POLL_S", 0.001)


def sealer() -> Sealer:
    return Sealer("B03", uuid7(), COUNTER.recipient, OpeningKey.generate().recipient)


def hand_over(mailbox: Post, devices: Callable[[], tuple[Health, ...]] = tuple) -> HandOverAct:
    return HandOverAct(
        mailbox, sealer(), Settings(), Consents(lambda: NOON), lambda: NOON, "test", devices
    )


def run(act: HandOverAct) -> tuple[Any, list[tuple[str, Any]]]:
    told: list[tuple[str, Any]] = []
    command = HandOver(FACTS, STROKES)
    handed = act.run(command, lambda what, value: told.append((what, value)), threading.Event())
    return handed, told


def test_in_doubt_the_very_same_bytes_are_handed_over_again() -> None:
    mailbox = Post(MailboxDownError(), MailboxDownError(), STORED, None)
    handed, told = run(hand_over(mailbox))
    assert len(mailbox.handed) == 3
    assert mailbox.handed[0] == mailbox.handed[1] == mailbox.handed[2]
    assert told == [("stored", "B03-261201-0007-K")]
    assert (handed.received, handed.booth_number) == (False, "B03-261201-0007-K")


def test_an_uplink_that_stays_away_is_told_and_a_later_try_hands_over_the_same() -> None:
    mailbox = Post(*[MailboxDownError()] * post.AGAIN, STORED, None)
    act = hand_over(mailbox)
    with pytest.raises(MailboxDownError):
        run(act)
    handed, _ = run(act)
    assert handed.booth_number == "B03-261201-0007-K"
    assert all(one == mailbox.handed[0] for one in mailbox.handed)


@pytest.mark.parametrize(
    "error", [OutboxFullError("space"), OutboxIllError(), ConflictError()], ids=lambda e: e.code
)
def test_what_was_not_stored_is_told_at_once_and_tried_once(error: Exception) -> None:
    mailbox = Post(error)
    with pytest.raises(type(error)):
        run(hand_over(mailbox))
    assert len(mailbox.handed) == 1


@pytest.mark.parametrize(
    "answer",
    [None, RefusedByCounterError("number_used"), LineDownError(), MailboxDownError()],
    ids=["late", "refused", "line", "mailbox"],
)
def test_only_a_proved_receipt_is_called_received(answer: Any) -> None:
    handed, _ = run(hand_over(Post(STORED, answer)))
    assert not handed.received
    assert (handed.acceptance_no, handed.booth_number) == ("", "B03-261201-0007-K")


def test_the_evidence_names_what_was_agreed_to_and_drawn() -> None:
    mailbox = Post(STORED, None)
    act = hand_over(mailbox, lambda: (Health.ready("printer", "80"),))
    act._consents.note("summary", "2026-11")
    run(act)
    draft, parts = mailbox.handed[0]
    context = SealContext.of_part("B03", draft.id, Part.EVIDENCE)
    evidence = EvidencePart.model_validate_json(
        open_sealed(parts[Part.EVIDENCE], COUNTER, context=context)
    )
    assert [(one.text, one.at) for one in evidence.consents] == [("summary", NOON)]
    assert evidence.signature_png.startswith(b"\x89PNG")
    assert "林桂兰".encode() not in b"".join(parts.values())


@pytest.mark.parametrize(
    "error",
    [LineDownError(), MailboxDownError(), RefusedByCounterError("bad_question")],
    ids=lambda error: error.code,
)
def test_without_the_counter_the_booth_s_own_rules_answer(error: Exception) -> None:
    act = EligibilityAct(Post(error), sealer(), Settings(), lambda: NOON)
    eligible = act.run(AskEligibility(FACTS), lambda what, value: None, threading.Event())
    assert not eligible.online
    assert eligible.answer.ground is None
    assert eligible.answer.fee_fen > 0


def test_an_answer_that_was_not_sealed_for_this_question_is_not_believed() -> None:
    act = EligibilityAct(Post(b"nonsense"), sealer(), Settings(), lambda: NOON)
    eligible = act.run(AskEligibility(FACTS), lambda what, value: None, threading.Event())
    assert not eligible.online


def payment(state: PaymentState) -> Payment:
    return Payment(payment_id="p1", amount_fen=2000, state=state, qr="x", expires_at=NOON)


def pay(mailbox: Post, off: threading.Event | None = None) -> tuple[PaymentAct, Callable[[], Any]]:
    act = PaymentAct(mailbox, sealer())
    return act, lambda: act.run(
        OpenPayment(2000), lambda what, value: None, off or threading.Event()
    )


def test_a_line_that_blinks_is_not_a_no() -> None:
    waiting = payment(PaymentState.WAITING)
    mailbox = Post(waiting, LineDownError(), MailboxDownError(), payment(PaymentState.PAID))
    assert pay(mailbox)[1]() is PaymentState.PAID
    assert mailbox.cancelled == []


def test_a_payment_that_was_called_off_asks_the_counter_what_became_of_it() -> None:
    off = threading.Event()
    off.set()
    mailbox = Post(payment(PaymentState.WAITING), payment(PaymentState.PAID))
    assert pay(mailbox, off)[1]() is PaymentState.PAID
    assert mailbox.cancelled == ["p1"]


def test_a_payment_called_off_and_not_paid_is_cancelled() -> None:
    off = threading.Event()
    off.set()
    mailbox = Post(payment(PaymentState.WAITING), payment(PaymentState.CANCELLED))
    with pytest.raises(CancelledError):
        pay(mailbox, off)[1]()


def test_without_a_line_no_payment_is_opened() -> None:
    with pytest.raises(LineDownError):
        pay(Post(LineDownError()))[1]()

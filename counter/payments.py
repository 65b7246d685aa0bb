# SPDX-License-Identifier: Apache-2.0
"""The embedded test gateway: opens a payment, shows a page to pay on, tells how it stands.

It moves no money. A payment expires by the clock when somebody looks; a settled one never changes
again, whatever arrives late.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.office import Office
from counter.refusals import RefusedError
from counter.tables import PaymentRow
from idcard.records import Payment, PaymentQuestion, PaymentState


class Gateway:
    """Payments of one office. `page_base` is where the pay pages are, no slash at the end."""

    def __init__(self, office: Office, page_base: str) -> None:
        self._office = office
        self._page_base = page_base

    def open(self, booth_id: str, question: PaymentQuestion) -> tuple[Payment, bool]:
        """The payment for an application and whether it is new.

        Asked again for the same application and amount, a waiting or paid one is given back, so a
        repeated request charges nobody twice. Raises RefusedError: 503 gateway_closed,
        422 amount_too_large, 409 paid_otherwise.
        """
        if not self._office.settings.payments.test_gateway:
            raise RefusedError(503, "gateway_closed")
        if question.amount_fen > self._office.settings.payments.max_fen:
            raise RefusedError(422, "amount_too_large")
        now = self._office.clock.now()
        with self._office.database.write() as session:
            for row in session.scalars(
                select(PaymentRow).where(
                    PaymentRow.application_id == str(question.application_id),
                    PaymentRow.booth_id == booth_id,
                )
            ):
                _settle_expiry(row, now)
                if row.amount_fen == question.amount_fen and row.state in (
                    PaymentState.WAITING,
                    PaymentState.PAID,
                ):
                    return self._seen(row), False
                if row.state == PaymentState.PAID:
                    raise RefusedError(409, "paid_otherwise")
            row = PaymentRow(
                id=secrets.token_hex(16),
                application_id=str(question.application_id),
                booth_id=booth_id,
                amount_fen=question.amount_fen,
                state=PaymentState.WAITING.value,
                opened_at=now,
                expires_at=now + timedelta(seconds=self._office.settings.payments.payment_s),
            )
            session.add(row)
            return self._seen(row), True

    def look(self, payment_id: str, booth_id: str | None = None) -> Payment:
        """How a payment stands. Raises RefusedError 404, also for another booth's payment."""
        with self._office.database.read() as session:
            row = _find(session, payment_id, booth_id)
            _settle_expiry(row, self._office.clock.now())
            return self._seen(row)

    def settle(self, payment_id: str, wanted: PaymentState, booth_id: str | None = None) -> Payment:
        """Moves a waiting payment to paid, declined or cancelled; any other stays as it is.

        Raises RefusedError 404.
        """
        now = self._office.clock.now()
        with self._office.database.write() as session:
            row = _find(session, payment_id, booth_id)
            _settle_expiry(row, now)
            if row.state == PaymentState.WAITING:
                row.state, row.settled_at = wanted.value, now
            return self._seen(row)

    def _seen(self, row: PaymentRow) -> Payment:
        return Payment(
            payment_id=row.id,
            amount_fen=row.amount_fen,
            state=PaymentState(row.state),
            qr=f"{self._page_base}/testpay/{row.id}",
            expires_at=row.expires_at,
        )


def paid_fen(session: Session, payment_id: str, application_id: str) -> int:
    """What was paid by this payment for this application, in fen; 0 when nothing was."""
    row = session.get(PaymentRow, payment_id)
    if row is None or row.application_id != application_id or row.state != PaymentState.PAID:
        return 0
    return row.amount_fen


def _find(session: Session, payment_id: str, booth_id: str | None) -> PaymentRow:
    row = session.get(PaymentRow, payment_id)
    if row is None or (booth_id is not None and row.booth_id != booth_id):
        raise RefusedError(404, "unknown_payment")
    return row


def _settle_expiry(row: PaymentRow, now: datetime) -> None:
    if row.state == PaymentState.WAITING and now >= row.expires_at:
        row.state, row.settled_at = PaymentState.EXPIRED.value, row.expires_at

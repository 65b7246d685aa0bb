# SPDX-License-Identifier: Apache-2.0
"""A fee that was paid is not lost with the visit: the window finds it by its number."""

from idcard.records import FeeState
from kiosk.facts import Facts
from kiosk.view import Money, Text, text

PAYMENT_SHOWN = 8
"""So many figures of a payment's number find it at the window; the slip's code holds all."""


def paid_line(facts: Facts) -> tuple[Text, ...]:
    """What was paid and its number, for a visit that ends without an application; else nothing."""
    fee = facts.fee
    if fee is None or fee.state is not FeeState.PAID:
        return ()
    number = fee.payment_id[:PAYMENT_SHOWN]
    return (text("refusal.paid", fee=Money(fee.due_fen), number=number),)

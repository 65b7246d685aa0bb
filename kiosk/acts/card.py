# SPDX-License-Identifier: Apache-2.0
"""Reads the ID card and makes an `Identity` of its text."""

import threading
from datetime import date, datetime
from typing import Any

from drivers.errors import AskAgainError, CancelledError
from drivers.idreader import IdCard, IdReader
from idcard.records import Identity
from kiosk.commands import ReadCard
from kiosk.lane import Tell

WAIT_S = 600.0  # the visit's own countdown ends the wait much earlier


class ReadCardAct:
    """Answers `ReadCard`."""

    takes = (ReadCard,)

    def __init__(self, reader: IdReader) -> None:
        self._reader = reader

    def run(self, command: ReadCard, tell: Tell, off: threading.Event) -> Identity:
        """The identity on the card; raises what the driver raises."""

        def on_event(what: str) -> None:
            if off.is_set():  # called off before the wait had begun
                raise CancelledError
            tell(what, None)

        return identity_of(self._reader.read_card(WAIT_S, on_event))

    def cancel(self) -> None:
        """Ends the wait."""
        self._reader.cancel()


def identity_of(card: IdCard) -> Identity:
    """The record of a resident's card.

    Raises AskAgainError ``card.not_id_card`` for a card of another kind and
    ``card.unreadable`` for a text that no resident's card can hold.
    """
    if card.kind != "resident":
        raise AskAgainError("card.not_id_card")
    try:
        fields: dict[str, Any] = {
            "citizen_no": card.number,
            "name": card.name,
            "sex": card.sex_code,
            "ethnicity": card.ethnicity_code,
            "birth_date": day_of(card.birth),
            "address": card.address,
            "issuer": card.issuer,
            "old_card_start": day_of(card.valid_from),
            "old_card_end": None if card.valid_to == "长期" else day_of(card.valid_to),
        }
        return Identity(**fields)
    except ValueError:
        raise AskAgainError("card.unreadable") from None


def day_of(eight: str) -> date:
    """CCYYMMDD as a date. Raises ValueError."""
    return datetime.strptime(eight, "%Y%m%d").date()  # noqa: DTZ007  a calendar day

# SPDX-License-Identifier: Apache-2.0
"""Reads the finished card that staff lay on the reader; whose it is is sealed at once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from drivers.errors import CancelledError, RefusedError
from drivers.idreader import IdReader
from idcard.masking import masked_name, masked_number
from idcard.records import CardInBin
from kiosk.acts.card import identity_of
from kiosk.cabinet import NewCard
from kiosk.commands import ReadNewCard
from kiosk.lane import Tell
from kiosk.sealer import Sealer

WAIT_S = 600.0  # staff have as long as their card may lie in the reader


@dataclass(frozen=True, slots=True)
class SealedCard:
    """A card by its opaque id, and whose it is, sealed to the counter."""

    id: str
    sealed: bytes = field(repr=False)


class CardInHand:
    """The card that was read last and lies in no bin yet. From any thread."""

    def __init__(self) -> None:
        self.held: SealedCard | None = None


class ReadNewCardAct:
    """Answers `ReadNewCard`. Nothing readable of the person is kept, here or anywhere."""

    takes = (ReadNewCard,)

    def __init__(
        self, reader: IdReader, sealer: Sealer, hand: CardInHand, now: Callable[[], datetime]
    ) -> None:
        self._reader, self._sealer, self._hand, self._now = reader, sealer, hand, now

    def run(self, command: ReadNewCard, tell: Tell, off: threading.Event) -> NewCard:
        """The card, masked. Raises RefusedError bins.card_over when its validity has ended, and
        what the reader raises.
        """
        self._hand.held = None

        def on_event(what: str) -> None:
            if off.is_set():  # called off before the wait had begun
                raise CancelledError
            tell(what, None)

        identity = identity_of(self._reader.read_card(WAIT_S, on_event))
        now, end = self._now(), identity.old_card_end
        if end is not None and end < now.date():
            raise RefusedError("bins.card_over")
        record = CardInBin(
            citizen_no=identity.citizen_no, name=identity.name, end=end, loaded_at=now
        )
        card = uuid4().hex
        self._hand.held = SealedCard(card, self._sealer.seal_card(card, record))
        return NewCard(masked_name(identity.name), masked_number(identity.citizen_no), end)

    def cancel(self) -> None:
        """Ends the wait."""
        self._reader.cancel()

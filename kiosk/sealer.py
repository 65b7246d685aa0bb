# SPDX-License-Identifier: Apache-2.0
"""Seals the parts of one application as they are taken; only sealed bytes are kept."""

import threading
from uuid import UUID

from pydantic import BaseModel

from idcard.keys import RecipientKey
from idcard.records import CardInBin, Part
from idcard.sealing import SealContext, seal


class Sealer:
    """One application's sealed parts: fingerprints to the card centre, the rest to the counter."""

    def __init__(
        self, booth_id: str, application_id: UUID, counter: RecipientKey, centre: RecipientKey
    ) -> None:
        self.booth_id, self.application_id = booth_id, application_id
        self._counter, self._centre = counter, centre
        self._lock = threading.Lock()
        self._parts: dict[Part, bytes] = {}

    def key_of(self, part: Part) -> RecipientKey:
        """Who may open a part."""
        return self._centre if part is Part.FINGERPRINTS else self._counter

    def seal(self, part: Part, record: BaseModel) -> None:
        """Seals a part, replacing an earlier one of the same kind."""
        plain = record.model_dump_json().encode()
        context = SealContext.of_part(self.booth_id, self.application_id, part)
        sealed = seal(plain, self.key_of(part), context=context)
        with self._lock:
            self._parts[part] = sealed

    def seal_card(self, card_id: str, record: CardInBin) -> bytes:
        """Whose card this is, for the counter alone. It belongs to no application; nothing is kept.

        `card_id` is the booth's own opaque id of the card.
        """
        context = SealContext.of_card(self.booth_id, card_id)
        return seal(record.model_dump_json().encode(), self._counter, context=context)

    def parts(self) -> dict[Part, bytes]:
        """All sealed parts so far."""
        with self._lock:
            return dict(self._parts)

    def forget(self) -> None:
        """Drops the sealed parts (they are in the outbox, or nowhere)."""
        with self._lock:
            self._parts.clear()

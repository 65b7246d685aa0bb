# SPDX-License-Identifier: Apache-2.0
"""Reads the ID card and makes an `Identity` of its text."""

import io
import threading
from datetime import date, datetime
from typing import Any

import structlog

from drivers.errors import AskAgainError, CancelledError
from drivers.idreader import IdCard, IdReader
from drivers.idreader_photo import PhotoDecoder, PhotoDecoderError
from idcard.records import Identity
from kiosk.commands import ReadCard
from kiosk.lane import Tell
from kiosk.vault import Vault

WAIT_S = 600.0  # the visit's own countdown ends the wait much earlier
SEXES = frozenset("0129")
PHOTO = "card-photo"
LARGEST_PHOTO = (512, 640)  # dots; a chip's photo has 102 x 126

_log = structlog.get_logger()


class ReadCardAct:
    """Answers `ReadCard`. With a `decoder`, the chip's photo goes into the vault as well."""

    takes = (ReadCard,)

    def __init__(
        self, reader: IdReader, vault: Vault | None = None, decoder: PhotoDecoder | None = None
    ) -> None:
        self._reader, self._vault, self._decoder = reader, vault, decoder

    def run(self, command: ReadCard, tell: Tell, off: threading.Event) -> Identity:
        """The identity on the card; raises what the driver raises.

        Told, with a decoder that made a picture: photo (its media reference).
        """

        def on_event(what: str) -> None:
            if off.is_set():  # called off before the wait had begun
                raise CancelledError
            tell(what, None)

        card = self._reader.read_card(WAIT_S, on_event)
        identity = identity_of(card)
        if self._decoder is not None and self._vault is not None and not off.is_set():
            try:
                picture = photo_of(card, self._decoder)
            except PhotoDecoderError:  # the card is as good without; the booth takes its own photo
                _log.info("card photo not decoded")
            else:
                tell("photo", self._vault.put(PHOTO, picture))
        return identity

    def cancel(self) -> None:
        """Ends the wait."""
        self._reader.cancel()


def photo_of(card: IdCard, decoder: PhotoDecoder) -> bytes:
    """The chip's photo as a fresh JPEG. Raises PhotoDecoderError.

    What a decoder hands out is taken for a picture only when it is one, of a photo's size.
    """
    from PIL import Image  # takes a moment to import, and few booths have a decoder

    if not card.photo:
        raise PhotoDecoderError("the chip has no photo")
    raw = decoder.decode(card.photo)
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "BMP")) as found:
            if found.width > LARGEST_PHOTO[0] or found.height > LARGEST_PHOTO[1]:
                raise PhotoDecoderError("the picture is larger than any card's photo")
            made = io.BytesIO()
            found.convert("RGB").save(made, "JPEG", quality=92)
    except (OSError, ValueError, SyntaxError):
        raise PhotoDecoderError("what it wrote is no picture") from None
    return made.getvalue()


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
            # What is no code of GB/T 2261.1 is its code 0, "unknown".
            "sex": card.sex_code if card.sex_code in SEXES else "0",
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

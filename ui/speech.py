# SPDX-License-Identifier: Apache-2.0
"""The words of the screens in the chosen language, remembered while the language stays."""

import structlog

from kiosk.texts import MissingWordsError, Piece, amount, pieces
from kiosk.view import Money, Text

_log = structlog.get_logger(__name__)


class Speech:
    """Message keys to words. A key without words is a fault of the program.

    `strict` raises it (tests); else the place stays empty and the fault is logged, so that no
    citizen reads a key.
    """

    def __init__(self, language: str, *, strict: bool = False) -> None:
        self.language = language
        self.strict = strict
        self._known: dict[Text, tuple[Piece, ...]] = {}

    def pieces(self, what: Text) -> tuple[Piece, ...]:
        """The words with dates and amounts as pieces of their own."""
        if (known := self._known.get(what)) is not None:
            return known
        try:
            found = pieces(what, self.language)
        except MissingWordsError:
            if self.strict:
                raise
            _log.error("text_missing", key=what.key, language=self.language)
            found = ()
        self._known[what] = found
        return found

    def words(self, what: Text) -> str:
        """The words as one string."""
        return "".join(piece.words for piece in self.pieces(what))

    def amount(self, money: Money) -> str:
        """An amount of money as the language writes it."""
        return amount(money, self.language)

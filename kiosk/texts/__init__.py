# SPDX-License-Identifier: Apache-2.0
"""The booth's words: one gettext catalogue per topic and language, read once per process."""

from kiosk.texts.catalogue import (
    LANGUAGES,
    MissingWordsError,
    Piece,
    amount,
    catalogue,
    pieces,
    words,
)

__all__ = ["LANGUAGES", "MissingWordsError", "Piece", "amount", "catalogue", "pieces", "words"]

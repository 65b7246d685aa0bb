# SPDX-License-Identifier: Apache-2.0
"""Put your card on the reader: words at the left, the drawn gesture at the right."""

from kiosk.view import View
from ui import parts
from ui.drawing import Rect
from ui.screens.columns import columns
from ui.sheet import Sheet


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading, lines, advice; the picture in a panel."""
    words, panel = columns(sheet, rect, 0.43)
    rest = parts.heading(sheet, words, view.heading, view.lines)
    if view.advice is not None:
        parts.advice_card(sheet, rest.below(rest.y + sheet.gap), view.advice)
    sheet.card(panel)
    sheet.picture(view.picture or "card-on-reader", panel.inset(sheet.mm(5)))

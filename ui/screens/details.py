# SPDX-License-Identifier: Apache-2.0
"""Are these your details: labelled rows, masked until "show" is held."""

from kiosk.view import Rows, View, text
from ui import parts
from ui.drawing import Rect
from ui.sheet import Sheet


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading and, in a card, the portrait beside the rows with the button to show them."""
    rest = parts.heading(sheet, rect, view.heading, view.lines)
    rest = rest.below(rest.y + sheet.mm(2.1))
    foot = 0.0
    if view.advice is not None:
        foot = parts.advice_height(sheet, rest.w, view.advice) + sheet.gap
    if not isinstance(view.content, Rows):
        return
    pad = sheet.mm(4.6 if not sheet.look.small else 2.4)
    card = Rect(rest.x, rest.y, rest.w, rest.h - foot)
    masked = parts.masks(view.content.rows)
    inner = card.inset(pad)
    show_w = 0.0
    if masked:
        wide = parts.pill_width(sheet, text("chrome.show"), "eye") + sheet.mm(3)
        show_w = max(sheet.mm(34), min(wide, inner.w * 0.34))
    face_w = 0.0
    if view.content.media:
        face_w = min(sheet.mm(26), inner.w * 0.25)
    rows_w = inner.w - (face_w + sheet.gap * 1.4 if face_w else 0)
    beside = masked and not sheet.look.portrait
    if beside:
        rows_w -= show_w + sheet.gap
    height = parts.rows_height(sheet, view.content.rows, rows_w)
    show_h = max(sheet.least, sheet.mm(14))
    least = max(height, face_w * 441 / 358 if face_w else 0)
    if masked and not beside:
        least += show_h + sheet.gap
    if least + 2 * pad > card.h + 1:
        sheet.problems.append("details do not fit")
    card = Rect(card.x, card.y, card.w, min(card.h, least + 2 * pad))
    sheet.card(card)
    inner = card.inset(pad)
    x = inner.x
    if view.content.media:
        parts.portrait(sheet, Rect(x, inner.y, face_w, face_w * 441 / 358), view.content.media)
        x += face_w + sheet.gap * 1.4
    parts.rows(sheet, Rect(x, inner.y, rows_w, height + 2), view.content.rows)
    if masked:
        place = (
            Rect(inner.right - show_w, inner.y, show_w, show_h)
            if beside
            else Rect(inner.right - show_w, inner.bottom - show_h, show_w, show_h)
        )
        parts.show_button(sheet, place)
    if view.advice is not None:
        parts.advice_card(sheet, rest.below(card.bottom + sheet.gap), view.advice)

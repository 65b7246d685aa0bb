# SPDX-License-Identifier: Apache-2.0
"""Are these your details: labelled rows, masked until "show" is held."""

from kiosk.view import Rows, View, text
from ui import parts
from ui.drawing import Rect
from ui.sheet import Sheet

_PAGES = 3
"""More pages of details than this are not read; smaller text is the better choice."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading and, in a card, the portrait beside the rows with the button to show them."""
    rest = parts.heading(sheet, rect, view.heading, view.lines)
    rest = rest.below(rest.y + sheet.mm(2.1))
    foot = 0.0
    if view.advice is not None:
        foot = parts.advice_height(sheet, rest.w, view.advice) + sheet.gap
    if isinstance(view.content, Rows):
        bottom = _card(sheet, Rect(rest.x, rest.y, rest.w, rest.h - foot), view.content)
        rest = rest.below(bottom + sheet.gap)
    if view.advice is not None:
        parts.advice_card(sheet, rest, view.advice)


def _card(sheet: Sheet, rect: Rect, content: Rows) -> float:
    """The card at the top of `rect`; gives its lower edge."""
    pad = sheet.mm(4.6 if not sheet.look.small else 2.4)
    inner = rect.inset(pad)
    wide = max(
        sheet.mm(34),
        parts.pill_width(sheet, text("chrome.show"), "eye") + sheet.mm(3),
    )
    wide = min(wide, inner.w * 0.36)
    tall = max(sheet.least, sheet.mm(14))
    face_w = min(sheet.mm(26), inner.w * 0.25) if content.media else 0.0
    face_h = round(face_w * 441 / 358)
    beside = not sheet.look.portrait
    in_row = sheet.look.small or (sheet.look.large and beside)
    masked = parts.masks(content.rows)
    rows_w = inner.w - (face_w + sheet.gap * 1.4 if face_w else 0)
    rows_h = inner.h
    pages = [content.rows]
    for _attempt in range(2):
        buttons = int(masked) + int(len(pages) > 1)
        rows_w = inner.w - (face_w + sheet.gap * 1.4 if face_w else 0)
        rows_h = inner.h
        if buttons and in_row:
            rows_w -= wide + sheet.gap + (sheet.least + sheet.apart) * (buttons - 1)
        elif buttons and beside:
            rows_w -= wide + sheet.gap
        elif buttons:
            rows_h -= tall + sheet.gap
        pages = parts.pages_of(sheet, content.rows, rows_w, rows_h)
    if len(pages) > _PAGES + 2 * (sheet.look.small or sheet.look.large) or (
        len(pages) > 1 and sheet.scale < 1 and not sheet.look.small
    ):
        sheet.problems.append("details do not fit")
    page = pages[sheet.hand.page % len(pages)]
    # The tallest page makes the card, so that turning one moves nothing.
    height = max(parts.rows_height(sheet, one, rows_w) for one in pages)
    buttons = int(masked) + int(len(pages) > 1)
    least = max(height, face_h)
    if buttons and in_row:
        least = max(least, sheet.least)
    elif buttons and beside:
        least = max(least, buttons * tall + (buttons - 1) * sheet.apart)
    elif buttons:
        least += tall + sheet.gap
    if least > inner.h + 1:
        sheet.problems.append("details do not fit")
    card = Rect(rect.x, rect.y, rect.w, min(rect.h, least + 2 * pad))
    sheet.card(card)
    inner = card.inset(pad)
    x = inner.x
    if face_w:
        parts.portrait(sheet, Rect(x, inner.y, face_w, face_h), content.media)
        x += face_w + sheet.gap * 1.4
    parts.rows(sheet, Rect(x, inner.y, rows_w, height + 2), page)
    place = Rect(inner.right - wide, inner.y if beside else inner.bottom - tall, wide, tall)
    if in_row:
        place = Rect(inner.right - wide, inner.y, wide, sheet.least)
        if masked:
            parts.show_button(sheet, place)
            place = Rect(place.x - sheet.apart - sheet.least, place.y, sheet.least, sheet.least)
    elif masked:
        parts.show_button(sheet, place)
        step = tall + sheet.apart if beside else -(wide + sheet.apart)
        place = (
            Rect(place.x, place.y + step, wide, tall)
            if beside
            else Rect(place.x + step, place.y, wide, tall)
        )
    if len(pages) > 1:
        parts.page_button(sheet, place)
    return card.bottom

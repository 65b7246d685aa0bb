# SPDX-License-Identifier: Apache-2.0
"""Read everything and sign: rows with the portrait at the left, the signing pad at the right.

In large text the rows and the pad are pages of their own: nothing that is signed is left out.
"""

from kiosk.view import ReviewSheet, Row, View, text
from ui import parts
from ui.drawing import Kind, Pad, Rect
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style

FACE_W_MM = 26

CLEAR = "clear"
"""Id of the view's button that clears the pad; without one the pad has its own."""

_PAGES = 3


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading over two panels, or over one page of several."""
    rest = parts.heading(
        sheet,
        rect,
        view.heading,
        view.lines,
        Style.HEADING if not sheet.look.small else Style.LEAD,
    )
    rest = rest.below(rest.y + sheet.mm(1.4 if not sheet.look.small else 0.7))
    if view.advice is not None:
        place = parts.advice_card(sheet, rest, view.advice)
        rest = rest.below(place.bottom + sheet.gap)
    if not isinstance(view.content, ReviewSheet):
        return
    cleared_below = any(one.id == CLEAR for one in view.buttons)
    if sheet.scale > 1 or sheet.look.small:
        _in_pages(sheet, rest, view.content, cleared_below)
        return
    left, right = columns(sheet, rest, 0.45)
    _read(sheet, left, view.content)
    _sign(sheet, right, view.content, cleared_below)


def _in_pages(sheet: Sheet, rect: Rect, content: ReviewSheet, cleared_below: bool) -> None:
    """Rows in pages, then the pad; a column of buttons at the right turns and shows."""
    wide = max(sheet.mm(30), parts.pill_width(sheet, text("chrome.show"), "eye") + sheet.mm(3))
    wide = min(wide, rect.w * 0.34)
    tall = max(sheet.least, sheet.mm(14))
    pad = sheet.mm(3.5 if not sheet.look.small else 2)
    body = Rect(rect.x, rect.y, rect.w - wide - sheet.gap, rect.h)
    if sheet.look.portrait:
        body = Rect(rect.x, rect.y, rect.w, rect.h - tall - sheet.gap)
    inner = body.inset(pad)
    pages = parts.pages_of(sheet, content.rows, inner.w, inner.h, 0.7)
    if len(pages) > _PAGES:
        sheet.problems.append("rows do not fit")
    number = sheet.hand.page % (len(pages) + 1)
    side = Rect(body.right + sheet.gap, rect.y, wide, tall)
    if sheet.look.portrait:
        side = Rect(rect.right - wide, rect.bottom - tall, wide, tall)
    parts.page_button(sheet, side)
    if number == len(pages):
        _sign(sheet, body, content, cleared_below)
        return
    sheet.card(body)
    parts.rows(sheet, inner, pages[number], 0.7)
    if any(row.masked for row in pages[number]):
        shift = (wide + sheet.apart, 0) if sheet.look.portrait else (0, tall + sheet.apart)
        sign = -1 if sheet.look.portrait else 1
        parts.show_button(
            sheet, Rect(side.x + sign * shift[0], side.y + sign * shift[1], wide, tall)
        )


def _read(sheet: Sheet, rect: Rect, content: ReviewSheet) -> None:
    sheet.card(rect)
    pad = sheet.mm(3.5)
    inner = rect.inset(pad)
    masked = parts.masks(content.rows)
    show_h = sheet.least if masked else 0
    face_w = 0.0
    if content.portrait:
        face_w = min(sheet.mm(FACE_W_MM), inner.w * 0.28)
        parts.portrait(
            sheet, Rect(inner.x, inner.y, face_w, round(face_w * 441 / 358)), content.portrait
        )
        face_w += sheet.gap
    space = Rect(inner.x + face_w, inner.y, inner.w - face_w, inner.h)
    if masked:
        wide = parts.pill_width(sheet, text("chrome.show"), "eye") + sheet.mm(3)
        wide = min(max(wide, sheet.mm(34)), inner.w)
        parts.show_button(sheet, Rect(inner.right - wide, inner.bottom - show_h, wide, show_h))
        space = space.above(inner.bottom - show_h - sheet.mm(1.4))
    _spread(sheet, space, content.rows)


def _spread(sheet: Sheet, rect: Rect, rows: tuple[Row, ...]) -> None:
    """Rows with as much air as there is room for."""
    for gap_mm in (2.4, 1.6, 0.7, 0.0):
        if parts.rows_height(sheet, rows, rect.w, gap_mm) <= rect.h + 1 or gap_mm == 0.0:
            parts.rows(sheet, rect, rows, gap_mm)
            return


def _sign(sheet: Sheet, rect: Rect, content: ReviewSheet, cleared_below: bool) -> None:
    p = sheet.palette
    sheet.card(rect)
    pad = sheet.mm(3.5 if not sheet.look.small else 1.8)
    inner = rect.inset(pad)
    again = text("chrome.sign_again")
    wide, height = 0.0, sheet.block(text("chrome.sign_here"), inner.w, Style.LEAD).height
    if not cleared_below:
        wide = max(sheet.least, sheet.block(again, 100000, Style.CHIP).width + sheet.mm(9))
        height = sheet.least
        parts.button(
            sheet,
            Rect(inner.right - wide, inner.y, wide, height),
            again,
            kind=Kind.CHROME,
            ident="sign-again",
            style=Style.CHIP,
            enabled=sheet.hand.signed,
        )
    sheet.write(
        text("chrome.sign_here"),
        Rect(inner.x, inner.y, inner.w - wide - sheet.gap, height),
        Style.LEAD,
        middle=True,
        balance=True,
    )
    said = sheet.block(content.sentence, inner.w, Style.LABEL, True).height
    top = inner.y + height + (sheet.mm(1.4) if cleared_below else sheet.apart)
    pad_rect = Rect(inner.x, top, inner.w, inner.bottom - said - sheet.mm(2.1) - top)
    if pad_rect.h < sheet.mm(18):
        sheet.problems.append("pad does not fit")
    sheet.box(pad_rect, p.card, p.faint, border_mm=0.5, radius_mm=2.1, dash=True)
    if not sheet.hand.signed:
        sheet.write(
            text("chrome.sign_line"), pad_rect, Style.LABEL, p.soft, align="centre", middle=True
        )
    line_y = pad_rect.y + pad_rect.h * 0.8
    sheet.box(
        Rect(pad_rect.x + sheet.mm(6), line_y, pad_rect.w - sheet.mm(12), 2), p.line, radius_mm=0
    )
    inside = pad_rect.inset(sheet.mm(0.7))
    sheet.elements.append(Pad(inside, p.ink, max(2.0, 0.75 * sheet.look.px_per_mm)))
    sheet.target(Kind.PAD, "pad", inside)
    sheet.write(
        content.sentence,
        Rect(inner.x, inner.bottom - said, inner.w, said + 1),
        Style.LABEL,
        p.soft,
        balance=True,
    )

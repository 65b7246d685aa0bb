# SPDX-License-Identifier: Apache-2.0
"""Pay with the phone: amount and state at the left, the code at the right."""

from kiosk.view import Payment, Tone, View
from ui import parts
from ui.drawing import Code, Rect
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style, rgb


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading, amount, state, advice; a white panel with the code."""
    payment = view.content if isinstance(view.content, Payment) else None
    words, panel = columns(sheet, rect, 0.42)
    rest = parts.heading(sheet, words, view.heading, view.lines)
    if payment is not None:
        amount = sheet.speech.amount(payment.amount)
        rest = rest.below(rest.y + sheet.mm(1.4))
        rest = sheet.flow(amount, rest, Style.HERO, sheet.palette.blue, after=sheet.mm(2.1))
        place = parts.pill(sheet, rest, payment.state, Tone.CALM, "clock", Style.LEAD)
        rest = rest.below(place.bottom + sheet.gap)
    if view.advice is not None:
        parts.advice_card(sheet, rest, view.advice)
    # The code is always black on white, whatever the palette: cameras read nothing else safely.
    sheet.box(panel, rgb("#FFFFFF"), sheet.palette.line)
    if payment is not None and payment.qr:
        side = min(panel.w, panel.h) - 2 * sheet.mm(4)
        sheet.elements.append(Code(payment.qr, panel.centred(round(side), round(side))))
    elif view.picture:
        sheet.picture(view.picture, panel.inset(sheet.mm(4)))

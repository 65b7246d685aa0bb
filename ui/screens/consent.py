# SPDX-License-Identifier: Apache-2.0
"""A text to agree to, in short sentences, and a real yes or no (the buttons)."""

from kiosk.view import View
from ui import parts
from ui.drawing import Rect
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Each sentence in a card, numbered when there are more than two."""
    rest = sheet.flow(view.heading, rect, Style.HEADING, after=sheet.gap, balance=True)
    pad = sheet.mm(4.6)
    mark = sheet.px(Style.BODY) * 1.5
    numbered = len(view.lines) > 2
    lead = mark + sheet.mm(3.5) if numbered else 0.0
    inner_w = rest.w - 2 * pad - lead
    foot = 0.0
    if view.advice is not None:
        foot = parts.advice_height(sheet, rest.w, view.advice) + sheet.gap
    space = sheet.mm(2.4)
    heights = [
        max(mark, sheet.block(line, inner_w, Style.BODY).height) + space for line in view.lines
    ]
    height = sum(heights) - space + 2 * pad
    if height > rest.h - foot:
        sheet.problems.append("text does not fit")
    place = Rect(rest.x, rest.y, rest.w, min(height, rest.h - foot))
    sheet.card(place)
    y = place.y + pad
    for number, (line, used) in enumerate(zip(view.lines, heights, strict=True), 1):
        if numbered:
            _number(sheet, Rect(place.x + pad, y, mark, mark), number)
        first = sheet.block(line, inner_w, Style.BODY)
        top = y + max(0.0, (mark - first.pitch) / 2)
        sheet.write(line, Rect(place.x + pad + lead, top, inner_w, used + 2), Style.BODY)
        y += used
    if view.advice is not None:
        parts.advice_card(sheet, rest.below(place.bottom + sheet.gap), view.advice)


def _number(sheet: Sheet, spot: Rect, number: int) -> None:
    """The sentence's number in a disc."""
    p = sheet.palette
    sheet.box(spot, p.blue_soft, radius_mm=spot.w / 2 / sheet.look.px_per_mm)
    sheet.write(str(number), spot, Style.LABEL, p.blue, align="centre", middle=True)

# SPDX-License-Identifier: Apache-2.0
"""One question and a few big answers; also help, and "which reason"."""

from kiosk.view import Choices, View
from ui import parts
from ui.drawing import Rect
from ui.screens.grid import grid
from ui.sheet import Sheet


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading, lines, answers, advice under them."""
    rest = parts.heading(sheet, rect, view.heading, view.lines)
    rest = rest.below(rest.y + sheet.mm(2.8))
    if view.advice is not None:
        place = parts.advice_card(sheet, rest, view.advice)
        rest = rest.below(place.bottom + sheet.gap)
    if isinstance(view.content, Choices):
        grid(sheet, rest, view.content)
    elif view.picture:
        panel = Rect(rest.x, rest.y, min(rest.w, rest.h * 1.5), rest.h)
        sheet.card(panel)
        sheet.picture(view.picture, panel.inset(sheet.gap))

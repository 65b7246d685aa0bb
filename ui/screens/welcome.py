# SPDX-License-Identifier: Apache-2.0
"""Nobody is here yet: a greeting, what can be done, and a picture."""

from kiosk.view import View
from ui import parts
from ui.drawing import Rect
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Large words at the left, the picture at the right."""
    words, panel = columns(sheet, rect, 0.46)
    top = words.y if sheet.look.small or sheet.look.portrait else words.y + words.h * 0.14
    rest = sheet.flow(
        view.heading,
        words.below(top),
        Style.HERO,
        after=sheet.mm(2.8),
        balance=True,
    )
    for line in view.lines:
        rest = sheet.flow(
            line, rest, Style.BODY, sheet.palette.soft, after=sheet.mm(1), balance=True
        )
    if view.advice is not None:
        rest = rest.below(rest.y + sheet.gap)
        parts.advice_card(sheet, rest, view.advice)
    sheet.picture(view.picture or "booth", panel)

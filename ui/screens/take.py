# SPDX-License-Identifier: Apache-2.0
"""One take, large, and a question about it: may it be used though it has a flaw, shall it go."""

from kiosk.view import OneTake, View
from ui import parts
from ui.drawing import Rect
from ui.hint_card import hint_card, hint_height
from ui.screens.photo import PORTRAIT
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """The picture at the left (above, on a standing panel); question, reason and remedy beside."""
    words = rect
    if isinstance(view.content, OneTake):
        if sheet.look.portrait:
            height = rect.h * 0.42
            art = Rect(rect.x, rect.y, height * PORTRAIT, height)
            words = rect.below(art.bottom + sheet.gap * 1.6)
        else:
            width = min(rect.h * PORTRAIT, rect.w * 0.36)
            art = Rect(rect.x, rect.y, width, width / PORTRAIT)
            x = art.right + sheet.gap * 1.8
            words = Rect(x, rect.y, rect.right - x, rect.h)
        whole = Rect(round(art.x), round(art.y), round(art.w), round(art.h))
        parts.portrait(sheet, whole, view.content.take.ref)
    rest = parts.heading(sheet, words, view.heading, ())
    if view.advice is not None:
        rest = rest.below(rest.y + sheet.mm(1.4))
        height = max(sheet.mm(24), hint_height(sheet, rest.w, view.advice))
        hint_card(sheet, Rect(rest.x, rest.y, rest.w, height), view.advice)
        rest = rest.below(rest.y + height + sheet.gap)
    for line in view.lines:
        rest = sheet.flow(
            line, rest, Style.BODY, sheet.palette.soft, after=sheet.mm(0.7), balance=True
        )

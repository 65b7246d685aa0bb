# SPDX-License-Identifier: Apache-2.0
"""The visible wipe: what is erased, each with a tick."""

from kiosk.view import View, WipeSheet
from ui import parts
from ui.drawing import Rect
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading and lines at the left, the list at the right."""
    words, panel = columns(sheet, rect, 0.46)
    rest = parts.heading(sheet, words, view.heading, view.lines)
    if view.advice is not None:
        parts.advice_card(sheet, rest.below(rest.y + sheet.gap), view.advice)
    if not isinstance(view.content, WipeSheet):
        return
    p = sheet.palette
    pad = sheet.mm(4.6)
    row = max(sheet.mm(12), sheet.px(Style.LEAD) * 1.6)
    gap = sheet.mm(1.4)
    items = view.content.items
    height = len(items) * (row + gap) - gap + 2 * pad
    if height > panel.h + 1:
        row = (panel.h - 2 * pad + gap) / max(1, len(items)) - gap
        height = panel.h
        if row < sheet.px(Style.LEAD) * 1.3:
            sheet.problems.append("list does not fit")
    card = Rect(panel.x, panel.y, panel.w, height)
    sheet.card(card)
    y = card.y + pad
    for label, done in items:
        mark = Rect(card.x + pad, y + (row - sheet.mm(8)) / 2, sheet.mm(8), sheet.mm(8))
        sheet.box(
            mark,
            p.green if done else p.card,
            None if done else p.faint,
            border_mm=0.5,
            radius_mm=4,
        )
        if done:
            sheet.icon("tick", mark.inset(sheet.mm(1.4)), p.on_green, 3.0)
        x = mark.right + sheet.gap
        sheet.write(
            label,
            Rect(x, y, card.right - pad - x, row),
            Style.LEAD,
            p.ink if done else p.soft,
            middle=True,
            balance=True,
        )
        y += row + gap

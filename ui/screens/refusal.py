# SPDX-License-Identifier: Apache-2.0
"""A no: a picture, the reason, what to do, and a way on (the buttons)."""

from kiosk.view import Tone, View
from ui import parts
from ui.drawing import Rect
from ui.sheet import Sheet
from ui.theme import Style

LINES = {"hands": "finger", "card-off-reader": "card", "counter": "box"}
"""The line icon for a device whose picture is a drawing: too fine for a square this small."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Picture and reason side by side, the advice in a card under them."""
    tone = view.advice.tone if view.advice and view.advice.tone is Tone.LOST else Tone.CHANGE
    colours = parts.tint(sheet, tone)
    side = sheet.mm(35 if not sheet.look.small else 18)
    words = rect
    art: Rect | None = None
    if sheet.scale > 1.4 and not sheet.look.portrait:
        side = sheet.mm(24)
    if view.picture:
        art = Rect(rect.x, rect.y, side, side)
        words = Rect(
            rect.x + side + sheet.gap * 1.6, rect.y, rect.w - side - sheet.gap * 1.6, rect.h
        )
        sheet.box(art, colours.ground, colours.border)
        sheet.picture(LINES.get(view.picture, view.picture), art.inset(side * 0.14), "amber")
    rest = sheet.flow(view.heading, words, Style.HEADING, after=sheet.mm(1.4), balance=True)
    for line in view.lines:
        rest = sheet.flow(
            line, rest, Style.BODY, sheet.palette.soft, after=sheet.mm(0.7), balance=True
        )
    y = max(rest.y, art.bottom if art else rest.y) + sheet.gap * 1.4
    if view.advice is None:
        return
    pad = sheet.mm(4.6)
    title = sheet.block(view.advice.remedy, rect.w - 2 * pad, Style.LEAD, True).height
    reason = 0.0
    if view.advice.reason is not None:
        reason = sheet.block(view.advice.reason, rect.w - 2 * pad, Style.BODY).height + sheet.mm(1)
    place = Rect(rect.x, y, rect.w, title + reason + 2 * pad)
    if place.bottom > rect.bottom + 1:
        sheet.problems.append("remedy does not fit")
    sheet.card(place)
    inner = place.inset(pad)
    rest = sheet.flow(view.advice.remedy, inner, Style.LEAD, after=sheet.mm(1), balance=True)
    if view.advice.reason is not None:
        sheet.write(
            view.advice.reason,
            Rect(rest.x, rest.y, rest.w, rest.h + 2),
            Style.BODY,
            sheet.palette.soft,
        )

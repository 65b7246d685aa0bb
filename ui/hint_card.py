# SPDX-License-Identifier: Apache-2.0
"""The card that says what to change before the camera: a drawn picture, the remedy, the reason."""

from kiosk.view import Advice
from ui import parts
from ui.drawing import Rect
from ui.pictures import PICTURES
from ui.sheet import Sheet
from ui.theme import Style


def _inner(sheet: Sheet, width: float, height: float) -> tuple[float, float]:
    """Inner edge and picture of the advice card."""
    pad = sheet.mm(1.8 if sheet.look.small else 3.2)
    most = 22 if sheet.look.large else 30
    return pad, min(sheet.mm(most), height - 2 * pad, width * 0.32)


def hint_height(sheet: Sheet, width: float, advice: Advice) -> float:
    """The least height of the card at a width."""
    pad, side = _inner(sheet, width, sheet.mm(14 if sheet.look.small else 20))
    inner = width - 3 * pad - side
    height = sheet.block(advice.remedy, inner, Style.HEADING, True).height
    if advice.reason is not None:
        height += sheet.block(advice.reason, inner, Style.BODY).height
    return height + 2 * pad


def hint_card(sheet: Sheet, card: Rect, advice: Advice) -> None:
    """Fills `card`: one thing to do, large; why, under it; and its picture."""
    colours = parts.tint(sheet, advice.tone)
    sheet.box(card, colours.ground, colours.border)
    pad, side = _inner(sheet, card.w, card.h)
    art = Rect(card.x + pad, card.y + (card.h - side) / 2, side, side)
    if f"hint-{advice.icon}" in PICTURES:
        sheet.picture(f"hint-{advice.icon}", art)
    else:
        icon = advice.icon or parts.TONE_ICONS[advice.tone]
        sheet.icon(icon, art.inset(side * 0.2), colours.ink, 1.8)
    x = art.right + pad
    width = card.right - pad - x
    style = Style.HEADING
    title = sheet.block(advice.remedy, width, style, True).height
    reason = sheet.block(advice.reason, width, Style.BODY).height if advice.reason else 0.0
    top = card.y + (card.h - title - reason) / 2
    if top < card.y + 1:
        sheet.problems.append("advice does not fit")
    rest = sheet.flow(
        advice.remedy, Rect(x, top, width, card.bottom - top), style, colours.ink, balance=True
    )
    if advice.reason:
        place = Rect(rest.x, rest.y, rest.w, rest.h + 2)
        sheet.write(advice.reason, place, Style.BODY, sheet.palette.soft)

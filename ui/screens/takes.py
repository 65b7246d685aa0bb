# SPDX-License-Identifier: Apache-2.0
"""All takes side by side, each exactly as large as on the card; one is chosen."""

import math

from kiosk.view import Take, TakeSheet, Text, Tone, View, text
from ui import parts
from ui.drawing import Kind, Media, Rect
from ui.sheet import Sheet
from ui.theme import Style

CARD_MM = (26, 32)
"""Width and height of the portrait on a resident ID card in mm (GA 461)."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading with the remark beside or under it, then the takes in rows, in pages if needed."""
    remark = view.lines or (text("chrome.card_size"),)
    title = sheet.block(view.heading, rect.w, Style.HEADING, True)
    side = sheet.block(remark[0], 100000, Style.BODY)
    if len(remark) == 1 and title.width + sheet.gap + side.width <= rect.w:
        sheet.write(view.heading, rect, Style.HEADING)
        x = rect.x + title.width + sheet.gap * 1.2
        y = rect.y + title.height - side.height
        sheet.write(
            remark[0],
            Rect(x, y, rect.right - x, side.height + 1),
            Style.BODY,
            sheet.palette.soft,
        )
        rest = rect.below(rect.y + title.height + sheet.mm(2.8))
    else:
        rest = parts.heading(sheet, rect, view.heading, remark)
        rest = rest.below(rest.y + sheet.mm(1.4))
    if view.advice is not None:
        place = parts.advice_card(sheet, rest, view.advice)
        rest = rest.below(place.bottom + sheet.gap)
    if isinstance(view.content, TakeSheet):
        _takes(sheet, rest, view.content)


def _label(take: Take) -> tuple[Tone, str, Text]:
    """Tone, icon and words under a take."""
    if take.advice is not None:
        return Tone.CHANGE, "", take.advice
    if take.proposed:
        return Tone.GOOD, "tick", text("chrome.proposed")
    return Tone.GOOD, "tick", text("chrome.passes")


def _takes(sheet: Sheet, rect: Rect, content: TakeSheet) -> None:
    width, height = sheet.mm(CARD_MM[0]), sheet.mm(CARD_MM[1])
    frame = sheet.mm(1.05)
    gap = max(sheet.apart, sheet.mm(4.2)) + frame
    # A column is as wide as the words under its take want, within reason.
    labels = [_label(take) for take in content.takes]
    wanted = max((parts.pill_width(sheet, said, icon) for _tone, icon, said in labels), default=0)
    cell_w = max(width + gap, min(wanted + sheet.mm(2.1), width * 1.9))
    room = cell_w - sheet.mm(1.4)
    label_h = sheet.mm(2.8) + max(
        (
            sheet.block(said, room - parts.pill_lead(sheet, icon), Style.CHIP).height
            for _tone, icon, said in labels
        ),
        default=0,
    )
    cell_h = height + sheet.mm(1.6) + label_h + sheet.mm(1.4)
    across = max(1, int((rect.w + gap - 2 * frame) // cell_w))
    down = int((rect.h + sheet.mm(1.4)) // cell_h)
    if down < 1:
        sheet.problems.append("takes do not fit")
        down = 1
    page_size = across * down
    pages = math.ceil(len(content.takes) / page_size) or 1
    if pages > 1:
        page_size -= 1
        pages = math.ceil(len(content.takes) / page_size) if page_size else 1
    page = sheet.hand.page % max(pages, 1)
    shown = content.takes[page * page_size : (page + 1) * page_size]
    for number, take in enumerate(shown):
        x = rect.x + frame + (number % across) * cell_w
        y = rect.y + frame + (number // across) * cell_h
        _take(sheet, Rect(round(x), round(y), width, height), take, content, frame, label_h, room)
    if pages > 1:
        number = across * down - 1
        x = rect.x + frame + (number % across) * cell_w
        y = rect.y + frame + (number // across) * cell_h
        parts.page_button(sheet, Rect(round(x), round(y), width, height))


def _take(
    sheet: Sheet,
    place: Rect,
    take: Take,
    content: TakeSheet,
    frame: int,
    label_h: float,
    room: float,
) -> None:
    p = sheet.palette
    chosen = take.id == content.chosen
    pressed = sheet.is_pressed(Kind.ITEM, take.id)
    around = place.inset(-frame)
    if chosen:
        sheet.box(around, p.green, radius_mm=1.6)
    else:
        sheet.box(
            place.inset(-max(2, frame // 3)), p.card, p.blue if pressed else p.line, radius_mm=1.2
        )
    sheet.elements.append(Media(take.ref, place))
    if chosen:
        side = sheet.mm(7)
        badge = Rect(around.right - side, around.y, side, side)
        sheet.box(badge, p.green, radius_mm=1.6)
        sheet.icon("tick", badge.inset(sheet.mm(1)), p.on_green, 3.0)
    tone, icon, label = _label(take)
    below = Rect(around.x, around.bottom + sheet.mm(1.2), room, label_h)
    parts.pill(sheet, below, label, tone, icon)
    sheet.target(
        Kind.ITEM,
        take.id,
        Rect(around.x, around.y, around.w, around.h),
    )

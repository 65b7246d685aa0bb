# SPDX-License-Identifier: Apache-2.0
"""All takes side by side, each exactly as large as on the card; one is chosen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.view import Take, TakeSheet, Text, Tone, View, text
from ui import parts
from ui.drawing import Kind, Media, Rect
from ui.screens.photo import PORTRAIT
from ui.sheet import Sheet
from ui.theme import Style

CARD_MM = (26, 32)
"""Width and height of the portrait on a resident ID card in mm (GA 461)."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading with the remark beside or under it, then the takes in rows, in pages if needed."""
    remark = view.lines or (text("chrome.card_size"),)
    advice = view.advice
    if advice is not None and sheet.look.small:  # there is room for the one or the other
        remark, advice = (advice.remedy,), None
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
    if advice is not None:
        place = parts.advice_card(sheet, rest, advice)
        rest = rest.below(place.bottom + sheet.gap)
    if isinstance(view.content, TakeSheet):
        _takes(sheet, _beside_large(sheet, rest, view.content), view.content)


def _beside_large(sheet: Sheet, rect: Rect, content: TakeSheet) -> Rect:
    """Shows the chosen take large where every take still fits beside it; gives their room."""
    chosen = next((take for take in content.takes if take.id == content.chosen), None)
    label = text("takes.large")
    label_h = sheet.block(label, rect.w, Style.LABEL).height
    if sheet.look.portrait:
        height = min(sheet.mm(90), rect.h * 0.5) - label_h
        room = Rect(rect.x, rect.y, rect.w, rect.h - height - label_h - sheet.gap)
    else:
        height = min(sheet.mm(96), rect.h) - label_h
        room = Rect(rect.x, rect.y, rect.w - height * PORTRAIT - sheet.gap * 2, rect.h)
    grid = _grid(sheet, room, content.takes)
    if chosen is None or height < sheet.mm(48) or len(content.takes) > grid.across * grid.down:
        return rect
    width = height * PORTRAIT
    x = rect.x + (rect.w - width) / 2 if sheet.look.portrait else rect.right - width
    place = Rect(round(x), round(rect.bottom - height - label_h), round(width), round(height))
    if not sheet.look.portrait:
        place = Rect(place.x, round(rect.y), place.w, place.h)
    parts.portrait(sheet, place, chosen.ref)
    sheet.write(
        label,
        Rect(place.x, place.bottom + sheet.mm(0.7), place.w, label_h + 1),
        Style.LABEL,
        sheet.palette.soft,
        align="centre",
    )
    return room


def _label(take: Take) -> tuple[Tone, str, Text]:
    """Tone, icon and words under a take."""
    if take.advice is not None:
        return Tone.CHANGE, "", take.advice
    if take.proposed:
        return Tone.GOOD, "tick", text("chrome.proposed")
    return Tone.GOOD, "tick", text("chrome.passes")


@dataclass(frozen=True, slots=True)
class _Grid:
    """How the takes stand: px of a picture, of a cell, of the words under it, of the frame."""

    width: int
    height: int
    cell_w: float
    cell_h: float
    label_h: float
    frame: int
    across: int
    down: int


def _grid(sheet: Sheet, rect: Rect, takes: Sequence[Take]) -> _Grid:
    width, height = sheet.mm(CARD_MM[0]), sheet.mm(CARD_MM[1])
    frame = sheet.mm(1.05)
    gap = max(sheet.apart, sheet.mm(4.2)) + frame
    # A column is as wide as the words under its take want, within reason.
    labels = [_label(take) for take in takes]
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
    return _Grid(width, height, cell_w, cell_h, label_h, frame, across, down)


def _takes(sheet: Sheet, rect: Rect, content: TakeSheet) -> None:
    grid = _grid(sheet, rect, content.takes)
    across, down = grid.across, grid.down
    frame, cell_w, cell_h = grid.frame, grid.cell_w, grid.cell_h
    width, height = grid.width, grid.height
    room = cell_w - sheet.mm(1.4)
    if down < 1:
        sheet.problems.append("takes do not fit")
        down = 1
    page_size = across * down
    pages = math.ceil(len(content.takes) / page_size) or 1
    if pages > 1:
        page_size -= 1
        pages = math.ceil(len(content.takes) / page_size) if page_size else 1
    page = (sheet.hand.opens_at // max(page_size, 1) + sheet.hand.page) % max(pages, 1)
    shown = content.takes[page * page_size : (page + 1) * page_size]
    for number, take in enumerate(shown):
        x = rect.x + frame + (number % across) * cell_w
        y = rect.y + frame + (number // across) * cell_h
        place = Rect(round(x), round(y), width, height)
        _take(sheet, place, take, content, frame, grid.label_h, room)
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

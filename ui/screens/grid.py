# SPDX-License-Identifier: Apache-2.0
"""Tiles of equal size in rows, in pages when there are too many."""

import math

from kiosk.view import Choices
from ui import parts
from ui.drawing import Rect
from ui.sheet import Sheet

_MOST = 9
"""Tiles on one page at most: more are not read."""
_ONE_PAGE = 6
"""So few answers are seen at once, even if the text has to be smaller than asked for."""

_NARROW = 0.75
"""On a small panel: below this text scale answers go in pages rather than shrink further."""


def grid(sheet: Sheet, rect: Rect, choices: Choices) -> float:
    """Draws the tiles from the top of `rect`; gives the y under the last row."""
    items = choices.items
    if not items:
        return rect.y
    across = _across(sheet, rect, len(items))
    gap = max(sheet.gap, sheet.apart)
    least = max(sheet.mm(14.2 if sheet.look.small else 17), sheet.least)
    rows_fit = max(1, int((rect.h + gap) // (least + gap)))
    page_size = min(_MOST, across * rows_fit)
    pages = math.ceil(len(items) / page_size)
    if pages > 1:
        page_size = max(1, page_size - 1)  # the last place turns the page
        pages = math.ceil(len(items) / page_size)
        could_shrink = sheet.scale > (_NARROW if sheet.look.small else 1)
        if len(items) <= _ONE_PAGE and could_shrink:
            sheet.problems.append("answers do not fit on one page")
    page = sheet.hand.page % pages
    shown = items[page * page_size : (page + 1) * page_size]
    count = len(shown) + (1 if pages > 1 else 0)
    down = max(math.ceil(count / across), 1)
    if pages > 1:
        down = math.ceil((page_size + 1) / across)
    highest = sheet.mm(36) * (1.25 if sheet.scale > 1.3 else 1)
    height = min(highest, (rect.h - gap * (down - 1)) / down)
    width = (rect.w - gap * (across - 1)) / across
    row_form = height < sheet.mm(27) * max(1.0, min(sheet.scale, 1.4))
    size = Rect(0, 0, round(width), round(height))
    icon_px = min(parts.tile_icon_room(sheet, size, item) for item in items)
    for number in range(count):
        place = Rect(
            round(rect.x + (number % across) * (width + gap)),
            round(rect.y + (number // across) * (height + gap)),
            round(width),
            round(height),
        )
        if number < len(shown):
            item = shown[number]
            parts.tile(sheet, place, item, item.id == choices.chosen, row_form, icon_px)
        else:
            parts.page_button(sheet, place)
    return rect.y + down * height + (down - 1) * gap


def _across(sheet: Sheet, rect: Rect, count: int) -> int:
    if sheet.look.portrait or rect.w < sheet.mm(110):
        return 1 if count <= 4 or sheet.scale > 1.2 else 2
    if sheet.scale > 1.6:
        return 2
    if sheet.look.small and count == 3 and sheet.scale < _NARROW:
        return 2  # long words: in pages rather than in the smallest letters
    return 2 if count <= 2 or count == 4 else 3

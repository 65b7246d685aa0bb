# SPDX-License-Identifier: Apache-2.0
"""Two columns on a lying panel, two rows on a standing one."""

from ui.drawing import Rect
from ui.sheet import Sheet


def columns(sheet: Sheet, rect: Rect, second_share: float) -> tuple[Rect, Rect]:
    """The first and the second part; the second has `second_share` (0..1) of the room."""
    gap = sheet.gap * 1.6
    if sheet.look.portrait:
        height = (rect.h - gap) * min(0.5, second_share)
        first = Rect(rect.x, rect.y, rect.w, rect.h - gap - height)
        return first, Rect(rect.x, rect.bottom - height, rect.w, height)
    width = (rect.w - gap) * second_share
    first = Rect(rect.x, rect.y, rect.w - gap - width, rect.h)
    return first, Rect(rect.right - width, rect.y, width, rect.h)

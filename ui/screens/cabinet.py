# SPDX-License-Identifier: Apache-2.0
"""Staff's cabinet: a door each bin, its state in colour, symbol and words, in pages if need be."""

import math
from dataclasses import dataclass

from kiosk.view import Cabinet, CabinetDoor, DoorState, View
from ui import parts
from ui.drawing import Kind, Rect
from ui.sheet import Sheet
from ui.theme import Rgb, Style

ICONS = {
    DoorState.FREE: "door-shut",
    DoorState.CARD: "card",
    DoorState.LATE: "clock",
    DoorState.LOOK: "eye",
    DoorState.OPEN: "door-open",
    DoorState.STUCK: "lock",
}
_TALLEST_MM = 22  # higher doors would not be read faster
_ONE_PAGE = 24  # the doors of a board, seen at once where they can be touched at all
_LEAST_WIDE_MM = 14.2  # two figures and a symbol in the smallest letters
_SMALLEST = 0.6


@dataclass(frozen=True, slots=True)
class Paint:
    """A door's ground, its number and symbol, and its border with its width in mm."""

    ground: Rgb
    ink: Rgb
    border: Rgb
    border_mm: float = 0.5


def paint_of(sheet: Sheet, state: DoorState) -> Paint:
    """The colours of a state; on the contrast palette the symbol and the border carry it."""
    p = sheet.palette
    match state:
        case DoorState.FREE:
            return Paint(p.card, p.ink, p.line)
        case DoorState.CARD:
            return Paint(p.blue_soft, p.ink, p.blue)
        case DoorState.LATE:
            return Paint(p.blue_soft, p.ink, p.amber, 1.0)
        case DoorState.LOOK:
            return Paint(p.amber_soft, p.ink, p.amber, 1.0)
        case DoorState.OPEN:
            return Paint(p.blue, p.on_blue, p.blue, 1.0)
        case DoorState.STUCK:
            return Paint(p.red_soft, p.ink, p.red, 1.0)


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading, the counts as a legend, what is wrong with the cabinet, and the doors."""
    content = view.content if isinstance(view.content, Cabinet) else Cabinet(())
    title = sheet.block(view.heading, rect.w, Style.HEADING, True)
    aside = rect.right_part(rect.w - title.width - 2 * sheet.gap)
    beside = bool(content.legend) and _legend_width(sheet, content) <= aside.w
    spare = not (sheet.look.small or sheet.look.large or view.advice)
    words = rect.left(title.width + 1) if beside else rect
    rest = parts.heading(sheet, words, view.heading, ())
    if beside:
        row = Rect(rect.right - _legend_width(sheet, content), rect.y, aside.w, title.height)
        _legend(sheet, Rect(row.x, row.y + sheet.mm(1.2), rect.right - row.x + 1, row.h), content)
    rest = Rect(rect.x, rest.y, rect.w, rest.h)
    for line in view.lines if spare else ():
        rest = sheet.flow(line, rest, Style.BODY, sheet.palette.soft, after=sheet.mm(1.6))
    if content.legend and not beside:
        rest = rest.below(_legend(sheet, rest, content))
    rest = rest.below(rest.y + sheet.mm(1.4 if sheet.look.small else 2.8))
    if view.advice is not None:
        place = parts.advice_card(sheet, rest, view.advice)
        rest = rest.below(place.bottom + sheet.gap)
    if content.doors:
        _doors(sheet, rest, content.doors)


def _legend_width(sheet: Sheet, content: Cabinet) -> float:
    """All of the legend in one row."""
    lead = round(sheet.px(Style.CHIP) * 1.15) + 3 * sheet.mm(2.2) + 1
    widths = [sheet.block(words, 100000, Style.CHIP).width + lead for _, words in content.legend]
    return sum(widths) + sheet.mm(2) * (len(widths) - 1)


def _legend(sheet: Sheet, rect: Rect, content: Cabinet) -> float:
    """The states that occur, each with its symbol and its count; gives the lower edge."""
    x, y, bottom = rect.x, rect.y, rect.y
    side = round(sheet.px(Style.CHIP) * 1.15)
    pad = sheet.mm(2.2)
    for state, words in content.legend:
        paint = paint_of(sheet, state)
        block = sheet.block(words, rect.w - side - 3 * pad, Style.CHIP)
        width = block.width + side + 3 * pad + 1
        height = block.height + sheet.mm(1.6)
        if x > rect.x and x + width > rect.right + 2:
            x, y = rect.x, bottom + sheet.mm(1.2)
        place = Rect(x, y, width, height)
        if place.bottom > rect.bottom + 1:
            sheet.problems.append("legend does not fit")
        sheet.box(place, paint.ground, paint.border, border_mm=paint.border_mm, radius_mm=2.1)
        sheet.icon(ICONS[state], Rect(x + pad, y, side, height), paint.ink, 2.4)
        inner = Rect(x + 2 * pad + side, y, block.width + 2, height)
        sheet.write(words, inner, Style.CHIP, paint.ink, middle=True)
        x += width + sheet.mm(2)
        bottom = max(bottom, place.bottom)
    return bottom


def _doors(sheet: Sheet, rect: Rect, doors: tuple[CabinetDoor, ...]) -> None:
    """As many as a page takes, in rows; the last place turns the page when there are more."""
    gap = sheet.apart
    widest = max(sheet.block(one.label, 100000, Style.TITLE).width for one in doors)
    least_w = max(sheet.least, widest + sheet.px(Style.TITLE) + sheet.mm(5.6))
    least_h = max(sheet.least, sheet.block("1", 1000, Style.TITLE).height + sheet.mm(2))
    across = max(1, int((rect.w + gap) // (least_w + gap)))
    down = max(1, int((rect.h + gap) // (least_h + gap)))
    if least_h > rect.h + 1 or across * down < 2:
        sheet.problems.append("doors do not fit")
    if len(doors) <= across * down:
        across = _even(len(doors), across, down)
    pages = 1
    if len(doors) > across * down:
        pages = math.ceil(len(doors) / (across * down - 1))
    size = math.ceil(len(doors) / pages)
    if pages > 1 and _smaller_helps(sheet, rect, len(doors)):
        sheet.problems.append("doors do not fit on one page")
    page = sheet.hand.page % pages
    shown = doors[page * size : (page + 1) * size]
    places = size + (pages > 1)
    rows = math.ceil(places / across)
    height = min(sheet.mm(_TALLEST_MM), (rect.h - gap * (rows - 1)) / rows)
    width = (rect.w - gap * (across - 1)) / across
    for number in range(len(shown) + (pages > 1)):
        place = Rect(
            round(rect.x + (number % across) * (width + gap)),
            round(rect.y + (number // across) * (height + gap)),
            math.floor(width),
            math.floor(height),
        )
        if number < len(shown):
            _door(sheet, place, shown[number])
        else:
            parts.page_button(sheet, place)


def _smaller_helps(sheet: Sheet, rect: Rect, count: int) -> bool:
    """Whether one board's doors could be on one page if the letters were smaller than now."""
    if sheet.look.large or sheet.look.small or sheet.scale <= _SMALLEST or count > _ONE_PAGE:
        return False
    across = int((rect.w + sheet.apart) // (sheet.mm(_LEAST_WIDE_MM) + sheet.apart))
    down = int((rect.h + sheet.apart) // (sheet.least + sheet.apart))
    return across * (down + 1) >= count


def _even(count: int, across: int, down: int) -> int:
    """So few in a row that the rows are alike, as in a cabinet, with no more rows than fit."""
    rows = next((r for r in range(1, down + 1) if math.ceil(count / r) <= across), down)
    fuller = [r for r in range(rows, down + 1) if count % r == 0 and count // r >= 4]
    return math.ceil(count / (fuller[-1] if fuller else rows))


def _door(sheet: Sheet, rect: Rect, door: CabinetDoor) -> None:
    """Number at the left, symbol at the right, as a door with its handle between."""
    paint = paint_of(sheet, door.state)
    pressed = sheet.is_pressed(Kind.ITEM, door.id)
    ground = sheet.palette.pressed if pressed else paint.ground
    ink = sheet.palette.ink if pressed else paint.ink
    sheet.box(rect, ground, paint.border, border_mm=paint.border_mm, radius_mm=1.6)
    inner = rect.inset(sheet.mm(1.8), sheet.mm(0.8))
    side = min(sheet.px(Style.TITLE) * 1.1, inner.h)
    number = Rect(inner.x, inner.y, inner.w - side - sheet.mm(1), inner.h)
    sheet.write(door.label, number, Style.TITLE, ink, middle=True)
    sheet.icon(ICONS[door.state], Rect(inner.right - side, inner.y, side, inner.h), ink, 2.2)
    sheet.target(Kind.ITEM, door.id, rect)

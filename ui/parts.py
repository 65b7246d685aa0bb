# SPDX-License-Identifier: Apache-2.0
"""What several screens are made of: buttons, advice, pills, tiles, labelled rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.texts import Piece
from kiosk.view import Advice, Button, Choice, Role, Row, Text, Tone, text
from ui.drawing import Kind, Rect
from ui.drawing import Media as MediaElement
from ui.sheet import Sheet
from ui.theme import Rgb, Style

TONE_ICONS = {
    Tone.CALM: "info",
    Tone.GOOD: "tick",
    Tone.CHANGE: "hint",
    Tone.LOST: "warning",
}


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of one tone: ground, text and border."""

    ground: Rgb
    ink: Rgb
    border: Rgb


def tint(sheet: Sheet, tone: Tone) -> Tint:
    """The colours of a tone in the sheet's palette."""
    p = sheet.palette
    if sheet.look.contrast:
        return Tint(p.amber_soft, p.ink, p.amber_line)
    match tone:
        case Tone.CALM:
            return Tint(p.blue_soft, p.blue, p.blue_soft)
        case Tone.GOOD:
            return Tint(p.green_soft, p.green, p.green_soft)
        case Tone.CHANGE:
            return Tint(p.amber_soft, p.amber, p.amber_line)
        case Tone.LOST:
            return Tint(p.red_soft, p.red, p.red_soft)


def button(
    sheet: Sheet,
    rect: Rect,
    label: Text | str,
    *,
    kind: Kind = Kind.BUTTON,
    ident: str,
    role: Role = Role.SECONDARY,
    enabled: bool = True,
    icon: str = "",
    style: Style = Style.BUTTON,
    chosen: bool = False,
    calm: bool = False,
) -> None:
    """A button that fills `rect`; `calm`: it looks the same while it cannot be touched."""
    p = sheet.palette
    pressed = sheet.is_pressed(kind, ident)
    if not enabled and not calm:
        fill, ink, border = p.disabled, p.on_disabled, p.line
    elif role is Role.PRIMARY:
        fill, ink, border = (p.blue_pressed if pressed else p.blue), p.on_blue, None
    elif role is Role.SHUTTER:
        fill, ink, border = (p.green_pressed if pressed else p.green), p.on_green, None
    else:
        fill, ink, border = (p.pressed if pressed else p.card), p.ink, p.line
        if pressed or chosen:
            border = p.blue
    sheet.box(rect, fill, border, border_mm=0.52, radius_mm=2.8)
    inner = rect.inset(sheet.mm(2.0), sheet.mm(0.8))
    if icon:
        side = min(sheet.px(style) * 1.25, inner.h)
        lead = sheet.mm(1.6) if label else 0
        block = sheet.block(label, inner.w - side - lead, style, True)
        left = inner.x + max(0.0, (inner.w - side - lead - block.width) / 2)
        sheet.icon(icon, Rect(left, inner.y, side, inner.h), ink)
        start = left + side + sheet.mm(1.6)
        sheet.write(
            label,
            Rect(start, inner.y, inner.right - start, inner.h),
            style,
            ink,
            middle=True,
            balance=True,
        )
    else:
        sheet.write(label, inner, style, ink, align="centre", middle=True, balance=True)
    sheet.target(kind, ident, rect, enabled)


def view_button(sheet: Sheet, rect: Rect, shown: Button, style: Style = Style.BUTTON) -> None:
    """A button of the view."""
    button(
        sheet,
        rect,
        shown.text,
        ident=shown.id,
        role=shown.role,
        enabled=shown.enabled,
        icon=shown.icon,
        style=style,
    )


def pill_lead(sheet: Sheet, icon: str = "", style: Style = Style.CHIP) -> float:
    """What a pill adds to the width of its words: its edges and the icon."""
    side = round(sheet.px(style) * 1.15) + sheet.mm(1.4) if icon else 0
    return side + 2 * sheet.mm(2.8)


def pill_width(sheet: Sheet, label: Text | str, icon: str = "", style: Style = Style.CHIP) -> float:
    """How wide a pill on one line is."""
    return sheet.block(label, 100000, style).width + pill_lead(sheet, icon, style) + 1


def pill(
    sheet: Sheet,
    rect: Rect,
    label: Text | str,
    tone: Tone,
    icon: str = "",
    style: Style = Style.CHIP,
) -> Rect:
    """A small coloured label at the top left of `rect`, as wide as it needs; gives its place."""
    colours = tint(sheet, tone)
    side = round(sheet.px(style) * 1.15) if icon else 0
    pad, lead = sheet.mm(2.8), (side + sheet.mm(1.4)) if icon else 0
    block = sheet.block(label, rect.w - 2 * pad - lead, style)
    place = Rect(
        rect.x, rect.y, min(rect.w, block.width + lead + 2 * pad + 1), block.height + sheet.mm(2.2)
    )
    if place.bottom > rect.bottom + 1:
        sheet.problems.append("pill does not fit")
    sheet.box(place, colours.ground, colours.border if sheet.look.contrast else None, radius_mm=2.1)
    if icon:
        sheet.icon(icon, Rect(place.x + pad, place.y, side, place.h), colours.ink, 2.4)
    inner = Rect(place.x + pad + lead, place.y, place.w - 2 * pad - lead + 2, place.h)
    sheet.write(label, inner, style, colours.ink, middle=True)
    return place


def _advice_sizes(sheet: Sheet, big: bool) -> tuple[int, int]:
    """Inner edge and icon of an advice card."""
    if sheet.look.small:
        return sheet.mm(1.8), sheet.mm(7)
    return sheet.mm(4.2 if big else 3.2), sheet.mm(11 if big else 8)


def advice_height(sheet: Sheet, width: float, advice: Advice, big: bool = False) -> float:
    """How high the advice card is at a width."""
    style = Style.TITLE if big else Style.LEAD
    pad, side = _advice_sizes(sheet, big)
    inner = width - 2 * pad - side - sheet.mm(3.5)
    height = sheet.block(advice.remedy, inner, style, True).height
    if advice.reason is not None:
        height += sheet.block(advice.reason, inner, Style.BODY).height + sheet.mm(0.7)
    return max(height, side) + 2 * pad


def advice_card(sheet: Sheet, rect: Rect, advice: Advice, big: bool = False) -> Rect:
    """One thing to do, and why: icon, remedy, reason. Gives its place at the top of `rect`."""
    colours = tint(sheet, advice.tone)
    style = Style.TITLE if big else Style.LEAD
    height = advice_height(sheet, rect.w, advice, big)
    place = Rect(rect.x, rect.y, rect.w, height)
    if place.bottom > rect.bottom + 1:
        sheet.problems.append("advice does not fit")
    pad, side = _advice_sizes(sheet, big)
    sheet.box(place, colours.ground, colours.border)
    sheet.icon(
        advice.icon or TONE_ICONS[advice.tone],
        Rect(place.x + pad, place.y, side, place.h),
        colours.ink,
        1.8,
    )
    inner = Rect(
        place.x + pad + side + sheet.mm(3.5),
        place.y + pad,
        place.w - 2 * pad - side - sheet.mm(3.5),
        place.h - 2 * pad,
    )
    used = sheet.block(advice.remedy, inner.w, style, True).height
    if advice.reason is not None:
        used += sheet.block(advice.reason, inner.w, Style.BODY).height + sheet.mm(0.7)
    rest = inner.below(inner.y + max(0.0, (inner.h - used) / 2))
    rest = sheet.flow(advice.remedy, rest, style, colours.ink, after=sheet.mm(0.7), balance=True)
    if advice.reason is not None:
        sheet.write(
            advice.reason, Rect(rest.x, rest.y, rest.w, rest.h + 2), Style.BODY, sheet.palette.soft
        )
    return place


def heading(
    sheet: Sheet, rect: Rect, title: Text, lines: Sequence[Text], style: Style = Style.HEADING
) -> Rect:
    """The question and the lines under it; gives what is left below."""
    rest = sheet.flow(title, rect, style, after=sheet.mm(1.4), balance=True)
    for line in lines:
        rest = sheet.flow(
            line, rest, Style.BODY, sheet.palette.soft, after=sheet.mm(0.7), balance=True
        )
    return rest


def _tile_inner(sheet: Sheet, rect: Rect) -> Rect:
    pad = sheet.mm(4.6 if rect.h > sheet.mm(28) else 2.6)
    return rect.inset(pad, min(pad, rect.h * 0.12))


def tile_icon_room(sheet: Sheet, rect: Rect, choice: Choice) -> float:
    """How large an icon over the words of a tile can be."""
    inner = _tile_inner(sheet, rect)
    used = sheet.block(choice.title, inner.w, Style.TITLE, True).height + sheet.mm(1.2)
    if choice.line:
        used += sheet.block(choice.line, inner.w, Style.LABEL).height
    return min(sheet.mm(10), inner.h - used)


def tile(
    sheet: Sheet,
    rect: Rect,
    choice: Choice,
    chosen: bool,
    row: bool = False,
    icon_px: float = 0.0,
) -> None:
    """A big answer: icon, title and a line. `row`: icon at the left, for low tiles.

    `icon_px` is the size of an icon over the words; all tiles of a screen have the same.
    """
    p = sheet.palette
    pressed = sheet.is_pressed(Kind.ITEM, choice.id)
    ink = p.ink if choice.enabled else p.on_disabled
    soft = p.soft if choice.enabled else p.on_disabled
    fill = p.pressed if pressed else (p.blue_soft if chosen else p.card)
    if not choice.enabled:
        fill = p.disabled
    sheet.box(
        rect, fill, p.blue if pressed or chosen else p.line, border_mm=0.7 if chosen else 0.35
    )
    inner = _tile_inner(sheet, rect)
    pad = inner.x - rect.x
    icon_ink = p.blue if choice.enabled else p.on_disabled
    if row and choice.icon:
        side = min(sheet.mm(10), inner.h)
        sheet.icon(choice.icon, Rect(inner.x, inner.y, side, inner.h), icon_ink)
        inner = Rect(inner.x + side + pad, inner.y, inner.w - side - pad, inner.h)
    title = sheet.block(choice.title, inner.w, Style.TITLE, True)
    line = sheet.block(choice.line, inner.w, Style.LABEL) if choice.line else None
    used = title.height + (line.height + sheet.mm(0.5) if line else 0)
    over = not row and bool(choice.icon) and icon_px >= sheet.mm(6)
    top = inner.bottom - used if over else inner.y + (inner.h - used) / 2
    if over:
        sheet.icon(choice.icon, Rect(inner.x, inner.y, icon_px, icon_px), icon_ink)
    if top < inner.y - 1:
        sheet.problems.append("tile does not fit")
    rest = sheet.flow(
        choice.title,
        Rect(inner.x, top, inner.w, inner.bottom - top + 1),
        Style.TITLE,
        ink,
        after=sheet.mm(0.5),
        balance=True,
    )
    if choice.line:
        sheet.write(choice.line, Rect(rest.x, rest.y, rest.w, rest.h + 1), Style.LABEL, soft)
    if chosen:
        side = sheet.mm(6)
        sheet.icon("tick", Rect(rect.right - side - pad / 2, rect.y + pad / 2, side, side), p.blue)
    sheet.target(Kind.ITEM, choice.id, rect, choice.enabled)


def _value(sheet: Sheet, row: Row) -> tuple[Piece, ...]:
    if row.masked and not sheet.hand.shown:
        return (Piece(row.masked),)
    value = sheet.pieces(row.value)
    return tuple(Piece(piece.words) for piece in value)


def masks(rows: Sequence[Row]) -> bool:
    """Whether anything in the rows is hidden until "show" is held."""
    return any(row.masked for row in rows)


def rows_height(sheet: Sheet, rows: Sequence[Row], width: float, gap_mm: float = 1.6) -> float:
    """How high labelled rows are at a width, masked or not (the larger of both)."""
    width -= _art_room(sheet, rows)
    label = _label_width(sheet, rows, width)
    height = 0.0
    for row in rows:
        height += _row_height(sheet, row, width, label) + sheet.mm(gap_mm)
    return height - sheet.mm(gap_mm) if rows else 0.0


def _art(sheet: Sheet, row: Row) -> float:
    """The side of a row's picture; 0: it has none."""
    return sheet.mm(8 if sheet.look.small else 9) if row.picture else 0


def _art_room(sheet: Sheet, rows: Sequence[Row]) -> float:
    """What pictures before the labels take of every row, so that all labels begin alike."""
    side = max((_art(sheet, row) for row in rows), default=0)
    return side + sheet.mm(2.4) if side else 0


def _label_width(sheet: Sheet, rows: Sequence[Row], width: float) -> float:
    widest = max((sheet.block(row.label, width, Style.BODY).width for row in rows), default=0)
    return min(widest + sheet.mm(4.2), width * 0.42)


def _row_height(sheet: Sheet, row: Row, width: float, label: float) -> float:
    # Both forms are measured, so that nothing moves when "show" is held.
    room = width - label
    forms: list[tuple[Piece, ...]] = [
        tuple(Piece(piece.words) for piece in sheet.pieces(row.value))
    ]
    if row.masked:
        forms.append((Piece(row.masked),))
    heights = [sheet.block(form, room, Style.STRONG).height for form in forms]
    return max(*heights, sheet.block(row.label, label, Style.BODY).height, _art(sheet, row))


def pages_of(
    sheet: Sheet, shown: Sequence[Row], width: float, height: float, gap_mm: float = 1.6
) -> list[tuple[Row, ...]]:
    """The rows in as few pages as fit a height. A row too high for any page is a problem."""
    width -= _art_room(sheet, shown)
    label = _label_width(sheet, shown, width)
    pages: list[list[Row]] = [[]]
    used = 0.0
    for row in shown:
        need = _row_height(sheet, row, width, label)
        if need > height + 1:
            sheet.problems.append("row does not fit")
        if pages[-1] and used + need > height + 1:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += need + sheet.mm(gap_mm)
    return [tuple(page) for page in pages]


def page_button(sheet: Sheet, rect: Rect) -> None:
    """Turns to the next page of what does not fit on one; words where there is room for them."""
    label = text("chrome.more_page")
    lead = sheet.px(Style.CHIP) * 1.25 + sheet.mm(5.6)
    wide = sheet.block(label, 100000, Style.CHIP).width + lead
    words = label if wide <= rect.w else ""
    button(sheet, rect, words, kind=Kind.CHROME, ident="page", icon="next", style=Style.CHIP)


def rows(sheet: Sheet, rect: Rect, shown: Sequence[Row], gap_mm: float = 1.6) -> None:
    """Labelled rows from the top of `rect`; masked values stay masked until "show" is held."""
    art = _art_room(sheet, shown)
    rect = Rect(rect.x + art, rect.y, rect.w - art, rect.h)
    label = _label_width(sheet, shown, rect.w)
    y = rect.y
    for row in shown:
        height = _row_height(sheet, row, rect.w, label)
        if side := _art(sheet, row):
            sheet.picture(row.picture, Rect(rect.x - art, y + (height - side) / 2, side, side))
        if y + height > rect.bottom + 1:
            sheet.problems.append("row does not fit")
        middle, place = bool(row.picture), Rect(rect.x, y, label - sheet.mm(1), height + 1)
        sheet.write(row.label, place, Style.BODY, sheet.palette.soft, middle=middle)
        place = Rect(rect.x + label, y, rect.w - label, height + 1)
        sheet.write(_value(sheet, row), place, Style.STRONG, middle=middle)
        y += height + sheet.mm(gap_mm)


def show_button(sheet: Sheet, rect: Rect) -> None:
    """Held, it shows what is masked."""
    button(
        sheet,
        rect,
        text("chrome.show"),
        kind=Kind.HOLD,
        ident="show",
        icon="eye",
        style=Style.CHIP,
        chosen=sheet.hand.shown,
    )


def portrait(sheet: Sheet, rect: Rect, ref: str) -> None:
    """A framed portrait of the visit."""
    p = sheet.palette
    sheet.box(rect, p.card, p.line, radius_mm=1.4)
    sheet.elements.append(MediaElement(ref, rect.inset(sheet.mm(0.35))))

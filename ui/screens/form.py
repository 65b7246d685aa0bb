# SPDX-License-Identifier: Apache-2.0
"""Fields typed on the screen's own keypad: figures, or letters."""

from kiosk.view import Field, Form, View, text
from ui import parts
from ui.drawing import Kind, Rect
from ui.keys import TURN, Key, masked, rows_of
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading and fields, then the keypad of the field that is typed into."""
    form = view.content if isinstance(view.content, Form) else Form(())
    focus = next(
        (one for one in form.fields if one.id == sheet.hand.focus),
        form.fields[0] if form.fields else None,
    )
    letters = focus is not None and focus.kind == "text"
    if letters and not sheet.look.portrait:
        keys_h = 2 * sheet.least + sheet.apart
        if not sheet.look.small:
            keys_h = max(rect.h * 0.5, 4 * sheet.least + 3 * sheet.apart)
        fields = Rect(rect.x, rect.y, rect.w, rect.h - keys_h - max(sheet.gap, sheet.apart))
        keys = Rect(rect.x, rect.bottom - keys_h, rect.w, keys_h)
    else:
        share = 0.56 if sheet.look.small else 0.5 if letters else 0.42
        fields, keys = columns(sheet, rect, share)
        if sheet.look.small:
            keys = keys.below(keys.y + sheet.mm(1.2))
    rest = parts.heading(
        sheet, fields, view.heading, view.lines, Style.HEADING if not letters else Style.TITLE
    )
    if view.advice is not None:
        place = parts.advice_card(sheet, rest.below(rest.y + sheet.mm(1.4)), view.advice)
        rest = rest.below(place.bottom)
    rest = rest.below(rest.y + sheet.mm(1.4))
    _fields(sheet, rest, form.fields, focus, letters)
    if focus is not None:
        _keypad(sheet, keys, focus)


def _fields(
    sheet: Sheet,
    rect: Rect,
    fields: tuple[Field, ...],
    focus: Field | None,
    letters: bool,
) -> None:
    if not fields:
        return
    across = 2 if letters and len(fields) > 1 and not sheet.look.portrait else 1
    gap = max(sheet.apart, sheet.mm(2.1))
    down = -(-len(fields) // across)
    width = (rect.w - gap * (across - 1)) / across
    height = (rect.h - gap * (down - 1)) / down
    label_h = max(sheet.block(one.label, width, Style.LABEL).height for one in fields)
    least = sheet.least
    if height < least:
        sheet.problems.append("fields do not fit")
    tall = min(height, sheet.mm(16) + label_h)
    beside = tall < least + label_h
    for number, one in enumerate(fields):
        place = Rect(
            rect.x + (number % across) * (width + gap),
            rect.y + (number // across) * (tall + gap),
            width,
            tall,
        )
        _field(sheet, place, one, one is focus, beside)


def _field(sheet: Sheet, rect: Rect, one: Field, focused: bool, beside: bool) -> None:
    p = sheet.palette
    value = masked(one.kind, sheet.hand.text(one.id, one.value))
    if beside:
        label_w = min(sheet.block(one.label, 1000, Style.LABEL).width + sheet.gap, rect.w * 0.34)
        sheet.write(
            one.label, Rect(rect.x, rect.y, label_w, rect.h), Style.LABEL, p.soft, middle=True
        )
        frame = Rect(rect.x + label_w, rect.y, rect.w - label_w, rect.h)
    else:
        label_h = sheet.block(one.label, rect.w, Style.LABEL).height
        sheet.write(one.label, rect, Style.LABEL, p.soft)
        frame = Rect(rect.x, rect.y + label_h, rect.w, rect.h - label_h)
    sheet.box(
        frame,
        p.card,
        p.blue if focused else p.line,
        border_mm=0.7 if focused else 0.35,
        radius_mm=2.1,
    )
    inner = frame.inset(sheet.mm(2.8), 0)
    shown = _grouped(one.kind, value)
    # What does not fit is seen from its end: that is where it is typed.
    while shown and sheet.block(shown, 100000, Style.STRONG).width > inner.w - sheet.mm(2):
        shown = shown[1:]
    sheet.write(shown, inner, Style.STRONG, middle=True)
    if focused:
        wide = sheet.block(shown, 100000, Style.STRONG).width if shown else 0
        height = sheet.px(Style.STRONG) * 1.2
        sheet.box(
            Rect(inner.x + wide + 3, frame.y + (frame.h - height) / 2, 3, height),
            p.blue,
            radius_mm=0,
        )
    sheet.target(Kind.CHROME, f"field:{one.id}", frame)


def _grouped(kind: str, value: str) -> str:
    if kind == "phone" and len(value) > 3:
        head, rest = value[:3], value[3:]
        return " ".join([head, *(rest[at : at + 4] for at in range(0, len(rest), 4))])
    return value


def _keypad(sheet: Sheet, rect: Rect, focus: Field) -> None:
    gap, least = sheet.apart, sheet.least
    across = int((rect.w + gap) // (least + gap))
    down = int((rect.h + gap) // (least + gap))
    rows = rows_of(focus.kind, across, down, sheet.hand.page)
    height = min((rect.h - gap * (len(rows) - 1)) / len(rows), sheet.mm(20))
    most = max(len(row) for row in rows)
    unit = min((rect.w - gap * (most - 1)) / most, sheet.mm(34))
    whole = unit * most + gap * (most - 1)
    right = focus.kind != "text" and not sheet.look.portrait
    left = rect.right - whole if right else rect.x + (rect.w - whole) / 2
    for number, row in enumerate(rows):
        wide = unit
        if len(row) < most and all(key.label for key in row):
            wide = (whole - gap * (len(row) - 1)) / len(row)
        for place, key in enumerate(row):
            spot = Rect(
                round(left + place * (wide + gap)),
                round(rect.y + number * (height + gap)),
                int(wide),
                int(height),
            )
            if key is TURN:
                parts.page_button(sheet, spot)
                continue
            _key(sheet, spot, key)


def _key(sheet: Sheet, spot: Rect, key: Key) -> None:
    """A key with its words, or with an icon where the words have no room."""
    label = text(key.label) if key.label else key.types
    style = Style.CHIP if key.label else Style.KEY
    room = spot.w - 2 * sheet.mm(2.0)
    short = bool(key.label) and sheet.block(label, 100000, style).width > room
    parts.button(
        sheet,
        spot,
        "" if short else label,
        kind=Kind.CHROME,
        ident=f"key:{key.id}",
        icon=key.id if short else "",
        style=style,
    )

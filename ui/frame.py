# SPDX-License-Identifier: Apache-2.0
"""The whole screen: top bar, bottom bar, the band before the visit ends, and the middle between.

The bars stand where they stand on every screen; each screen's layout only fills the middle.
"""

from kiosk.view import Button, Role, Screen, Text, View, text
from ui import parts
from ui.drawing import Drawing, Kind, Rect
from ui.hand import Hand
from ui.screens import LAYOUTS
from ui.sheet import Sheet, fit, joined
from ui.speech import Speech
from ui.theme import TARGET_MM, Look, Style

STAY = "stay"
"""Id of the button that answers the countdown; drawn in the band, not in the bars."""


def regions(look: Look) -> tuple[Rect, Rect, Rect]:
    """Top bar, middle and bottom bar of a panel; the same for every screen of a look."""
    top = max(round(look.height * 0.09), look.mm(TARGET_MM + 1.2))
    share = 0.145 if not look.large else 0.18
    bottom = max(round(look.height * share), look.mm(TARGET_MM + 3.4))
    if look.portrait:
        bottom = look.mm(15.5 * 2 + 3.5 + 6) if not look.large else look.mm(20 * 2 + 3.5 + 6)
    middle = Rect(0, top, look.width, look.height - top - bottom)
    return (
        Rect(0, 0, look.width, top),
        middle,
        Rect(0, middle.bottom, look.width, bottom),
    )


def compose(view: View, look: Look, speech: Speech, hand: Hand) -> Drawing:
    """The view as a drawing."""
    top, middle, bottom = regions(look)
    sheets = [
        fit(look, speech, hand, lambda sheet: _top(sheet, top, view), look.wish),
        fit(look, speech, hand, lambda sheet: _middle(sheet, middle, view), look.wish),
        fit(look, speech, hand, lambda sheet: _bottom(sheet, bottom, view), look.wish),
    ]
    if view.leaving_s is not None:
        sheets.append(fit(look, speech, hand, lambda sheet: _band(sheet, middle, view), look.wish))
    return joined(look.palette.paper, sheets)


def _middle(sheet: Sheet, rect: Rect, view: View) -> None:
    small = sheet.look.small
    inner = Rect(
        rect.x + sheet.margin,
        rect.y + sheet.mm(2.0 if small else 5.0),
        rect.w - 2 * sheet.margin,
        rect.h - sheet.mm(4.0 if small else 6.6),
    )
    LAYOUTS[view.screen](sheet, inner, view)


# -- top bar


def _top(sheet: Sheet, rect: Rect, view: View) -> None:
    p = sheet.palette
    sheet.box(Rect(0, 0, rect.w, rect.h), p.card, radius_mm=0)
    sheet.box(Rect(0, rect.bottom - 1, rect.w, 1), p.line, radius_mm=0)
    left = _chips(sheet, rect, view)
    x = rect.x + sheet.margin
    room = left - x - sheet.apart
    section = sheet.block(view.section, 100000, Style.CHIP)
    width = section.width + 2
    if width > room:
        width = room
    inner = Rect(x, rect.y, width, rect.h)
    sheet.write(view.section, inner, Style.CHIP, middle=True, balance=True)
    if view.step is not None:
        start = x + width + sheet.mm(4.2)
        _strip(sheet, Rect(start, rect.y, left - sheet.apart - start, rect.h), view.step)


def _strip(sheet: Sheet, rect: Rect, step: tuple[int, int]) -> None:
    this, of = step
    p = sheet.palette
    gap = sheet.mm(1.6)
    width = min(sheet.mm(7.7), (rect.w - gap * (of - 1)) / max(of, 1))
    if width < sheet.mm(2.4):
        return
    height = sheet.mm(1.4)
    y = rect.y + (rect.h - height) / 2
    for number in range(of):
        place = Rect(rect.x + number * (width + gap), y, width, height)
        done = number < this
        if sheet.look.contrast:
            sheet.box(place, p.blue if done else p.card, p.line, border_mm=0.2, radius_mm=0.6)
        else:
            sheet.box(place, p.blue if done else p.line, radius_mm=0.7)


_Chip = tuple[Kind, str, Text | str, str, bool]
"""Kind and id of what it does, words, icon instead of words, whether it can be touched."""


def _entries(sheet: Sheet, view: View, tops: list[Button], short: int) -> list[_Chip]:
    """The chips from left to right; the more `short`, the more of them are icons."""
    large = text("chrome.large_off" if sheet.look.large else "chrome.large")
    entries: list[_Chip] = [
        (Kind.CHROME, "language", text("chrome.language") if short < 4 else "", "globe", True),
        (Kind.CHROME, "large", large if short < 1 else "", "letter-size", True),
        (Kind.CHROME, "contrast", "", "contrast", True),
    ]
    if view.voice is not None:
        entries.append((Kind.CHROME, "voice", "", "voice" if view.voice else "voice-off", True))
    for shown in tops:
        limit = 3 if shown.id == "help" else 2
        icon = shown.icon or ("help" if shown.id == "help" else "exit")
        words = shown.text if short < limit else ""
        entries.append((Kind.BUTTON, shown.id, words, icon, shown.enabled))
    return entries


def _placed(
    sheet: Sheet, rect: Rect, entries: list[_Chip]
) -> tuple[list[tuple[Rect, _Chip]], float]:
    """The chips from the right edge, and where they begin."""
    places: list[tuple[Rect, _Chip]] = []
    x = rect.right - sheet.margin
    for entry in reversed(entries):
        width = float(sheet.least)
        if entry[2]:
            block = sheet.block(entry[2], 100000, Style.CHIP)
            width = max(width, block.width + 2 * sheet.mm(2.8))
        x -= width
        places.append((Rect(round(x), rect.y, round(width), rect.h), entry))
        x -= sheet.apart
    return places, x + sheet.apart


def _chips(sheet: Sheet, rect: Rect, view: View) -> float:
    """The small buttons at the right of the top bar; gives where they begin."""
    look = sheet.look
    tops = [shown for shown in view.buttons if shown.role is Role.TOP]
    section = sheet.block(view.section, 100000, Style.CHIP).width
    need = min(section, look.width * 0.2)
    places: list[tuple[Rect, _Chip]] = []
    x = 0.0
    # Where it is tight the words of a chip give way to its icon, the least known last.
    for short in range(5):
        places, x = _placed(sheet, rect, _entries(sheet, view, tops, short))
        if x - sheet.apart - sheet.margin >= need:
            break
    else:
        sheet.problems.append("top bar does not fit")
    p = sheet.palette
    inset = (rect.h - sheet.mm(9.6)) / 2
    for place, (kind, ident, label, icon, enabled) in places:
        drawn = place.inset(0, inset)
        pressed = sheet.is_pressed(kind, ident)
        sheet.box(
            drawn,
            p.pressed if pressed else p.card,
            p.blue if pressed else p.line,
            radius_mm=4.8,
        )
        ink = p.ink if enabled else p.on_disabled
        if label:
            sheet.write(
                label,
                drawn.inset(sheet.mm(1.0), 0),
                Style.CHIP,
                ink,
                align="centre",
                middle=True,
            )
        else:
            side = sheet.mm(5.6)
            sheet.icon(icon, drawn.centred(side, side), ink)
        sheet.target(kind, ident, place, enabled)
    return x


# -- bottom bar


def _bottom(sheet: Sheet, rect: Rect, view: View) -> None:
    by_role = {role: [b for b in view.buttons if b.role is role] for role in Role}
    left = [*by_role[Role.BACK], *by_role[Role.SECONDARY]]
    right = [*by_role[Role.STAFF], *by_role[Role.PRIMARY]]
    left = [b for b in left if b.id != STAY and not _beside(view, b)]
    right = [b for b in right if b.id != STAY]
    if view.screen is not Screen.PHOTO:
        left += by_role[Role.SHUTTER]
    inner = Rect(
        rect.x + sheet.margin,
        rect.y + sheet.mm(1.2),
        rect.w - 2 * sheet.margin,
        rect.h - sheet.mm(2.0 if sheet.look.small else 4.4),
    )
    if sheet.look.portrait:
        half = (inner.h - sheet.apart) / 2
        upper = [b for b in left if b.role is not Role.BACK]
        _row(sheet, Rect(inner.x, inner.y, inner.w, half), upper, by_role[Role.STAFF])
        lower = Rect(inner.x, inner.bottom - half, inner.w, half)
        backs = [b for b in left if b.role is Role.BACK]
        _row(sheet, lower, backs, [b for b in right if b.role is Role.PRIMARY])
        return
    _row(sheet, inner, left, right)


def _beside(view: View, shown: Button) -> bool:
    """Whether a secondary button stands beside the shutter instead of in the bar."""
    return view.screen is Screen.PHOTO and shown.role is Role.SECONDARY


def _row(sheet: Sheet, rect: Rect, left: list[Button], right: list[Button]) -> None:
    """Buttons from the left and from the right; labels may take two lines where it is tight."""
    every = [*left, *right]
    if not every:
        return
    height = rect.h
    room = rect.w - sheet.apart * (len(every) - 1)
    two_lines = 2 * sheet.block("字", 1000, Style.BUTTON).pitch <= height - sheet.mm(1.6)
    widths: list[float] = []
    for pad_mm, lines in ((7.7, 1), (5.5, 1), (3.8, 1), (3.8, 2), (2.4, 2)):
        if lines == 2 and not two_lines:
            continue
        widths = [_width(sheet, shown, pad_mm, lines) for shown in every]
        if sum(widths) <= room:
            break
    else:
        sheet.problems.append("bottom bar does not fit")
        widths = [width * room / sum(widths) for width in widths]
    x = rect.x
    for shown, width in zip(left, widths, strict=False):
        parts.view_button(sheet, Rect(round(x), rect.y, round(width), height), shown)
        x += width + sheet.apart
    x = rect.right
    for shown, width in reversed(list(zip(right, widths[len(left) :], strict=True))):
        x -= width
        parts.view_button(sheet, Rect(round(x), rect.y, round(width), height), shown)
        x -= sheet.apart


def _width(sheet: Sheet, shown: Button, pad_mm: float, lines: int) -> float:
    block = sheet.block(shown.text, 100000, Style.BUTTON)
    width = block.width
    if lines == 2:
        at = width * 0.5
        while sheet.block(shown.text, at, Style.BUTTON, True).height > 2 * block.pitch or (
            sheet.block(shown.text, at, Style.BUTTON, True).width > at + 0.5
        ):
            at += max(4.0, width * 0.04)
            if at >= width:
                at = width
                break
        width = at
    if shown.icon:
        width += sheet.px(Style.BUTTON) * 1.25 + sheet.mm(1.6)
    width += 2 * sheet.mm(max(pad_mm, 2.1))
    least = sheet.mm(56) if shown.role is Role.PRIMARY and pad_mm > 5 else sheet.least
    return max(width, least)


# -- the band before the visit ends


def _band(sheet: Sheet, middle: Rect, view: View) -> None:
    """A calm band over the foot of the middle: how long, and one button."""
    p = sheet.palette
    height = sheet.mm(26 if not sheet.look.small else 20)
    rect = Rect(
        middle.x + sheet.margin / 2,
        middle.bottom - height,
        middle.w - sheet.margin,
        height,
    )
    sheet.box(rect, p.blue, p.card, border_mm=0.7)
    inner = rect.inset(sheet.mm(4.2), sheet.mm(3))
    stay = next((shown for shown in view.buttons if shown.id == STAY), None)
    seconds = max(0, view.leaving_s or 0)
    count = sheet.mm(17 if not sheet.look.small else 12)
    ring = Rect(inner.x, inner.y + (inner.h - count) / 2, count, count)
    sheet.box(ring, None, p.on_blue, border_mm=0.9, radius_mm=count / sheet.look.px_per_mm / 2)
    sheet.write(str(seconds), ring, Style.HEADING, p.on_blue, align="centre", middle=True)
    left = ring.right + sheet.mm(4.2)
    right = inner.right
    # The band swallows every touch: nothing under it may be hit while it comes up.
    sheet.target(Kind.CHROME, "band", rect)
    if stay is not None:
        width = sheet.block(stay.text, 100000, Style.BUTTON).width + 2 * sheet.mm(6)
        width = min(max(width, sheet.mm(40)), inner.w * 0.42)
        right -= width + sheet.mm(4.2)
        height = min(inner.h, sheet.mm(18))
        place = Rect(inner.right - width, inner.y + (inner.h - height) / 2, width, height)
        quiet = Button(stay.id, stay.text, Role.SECONDARY, stay.enabled, stay.icon)
        parts.view_button(sheet, place, quiet)
    words = Rect(left, inner.y, right - left, inner.h)
    title = sheet.block(text("chrome.leaving"), words.w, Style.LEAD, True)
    line_text = text("chrome.leaving_line", seconds=seconds)
    line = sheet.block(line_text, words.w, Style.BODY, True)
    top = words.y + (words.h - title.height - line.height) / 2
    rest = sheet.flow(
        text("chrome.leaving"),
        Rect(words.x, top, words.w, words.bottom - top + 1),
        Style.LEAD,
        p.on_blue,
        balance=True,
    )
    sheet.write(line_text, rest, Style.BODY, p.on_blue, balance=True)

# SPDX-License-Identifier: Apache-2.0
"""The photo booth: the mirrored preview with its guide, one thing to change, and the shutter."""

from collections.abc import Sequence

from kiosk.texts import Piece
from kiosk.view import Advice, Booth, Button, Reminder, Role, Text, Tone, View, text
from ui import parts
from ui.drawing import Kind, Live, Rect
from ui.hint_card import hint_card
from ui.sheet import Sheet, fit
from ui.theme import Style

PORTRAIT = 358 / 441
"""Width to height of the picture on the card."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Preview at the left; advice, takes and shutter at the right, each in its fixed place."""
    booth = view.content if isinstance(view.content, Booth) else Booth()
    if sheet.look.portrait:
        height = rect.h * 0.42
        width = min(rect.w, height * PORTRAIT)
        preview = Rect(rect.x + (rect.w - width) / 2, rect.y, width, height)
        side = rect.below(preview.bottom + sheet.gap)
    else:
        height = rect.h + sheet.mm(1.6)
        width = min(height * PORTRAIT, rect.w * 0.42)
        preview = Rect(rect.x, rect.y - sheet.mm(0.8), width, height)
        side = Rect(
            preview.right + sheet.gap * 1.6,
            rect.y,
            rect.right - preview.right - sheet.gap * 1.6,
            rect.h,
        )
    _preview(sheet, _whole(preview), booth)
    _side(sheet, side, view, booth)


def _whole(rect: Rect) -> Rect:
    return Rect(round(rect.x), round(rect.y), round(rect.w), round(rect.h))


def _preview(sheet: Sheet, rect: Rect, booth: Booth) -> None:
    p = sheet.palette
    if booth.live:
        sheet.elements.append(Live(rect, sheet.mm(3.4)))
        sheet.box(rect, None, p.line)
        sheet.picture("guide", rect, f"{rect.w / rect.h:.4f}")
    else:
        sheet.card(rect)
        art = rect.centred(sheet.mm(20), sheet.mm(20))
        art = Rect(art.x, art.y - sheet.mm(8), art.w, art.h)
        sheet.icon("camera", art, p.faint, 1.6)
        sheet.write(
            text("chrome.camera_away"),
            Rect(rect.x, art.bottom + sheet.gap, rect.w, rect.bottom - art.bottom - sheet.gap),
            Style.LEAD,
            p.soft,
            align="centre",
        )
    if booth.counting is not None:
        _lens(sheet, rect)
        _count(sheet, rect, booth.counting)


def _count(sheet: Sheet, rect: Rect, counting: int) -> None:
    """The number, still, at the foot of the preview: the eyes stay free."""
    p = sheet.palette
    side = min(sheet.mm(30), rect.w * 0.4)
    badge = Rect(
        round(rect.x + (rect.w - side) / 2), round(rect.bottom - side - sheet.mm(3)), side, side
    )
    sheet.box(badge, p.green, p.on_green, border_mm=0.9, radius_mm=side / 2 / sheet.look.px_per_mm)
    sheet.write(str(counting), badge, Style.COUNT, p.on_green, align="centre", middle=True)


def _lens(sheet: Sheet, rect: Rect) -> None:
    """A still point at the upper edge, under the camera: where to look while the seconds run."""
    p = sheet.palette
    side = sheet.mm(11)
    place = Rect(round(rect.x + (rect.w - side) / 2), round(rect.y + sheet.mm(1.2)), side, side)
    sheet.box(place, p.card, p.blue, border_mm=0.7, radius_mm=5.5)
    sheet.icon("up", place.inset(sheet.mm(1.8)), p.blue, 3.0)


def _side(sheet: Sheet, rect: Rect, view: View, booth: Booth) -> None:
    """From the foot up: shutter, takes or reminders, and the advice in all that is left.

    Each has its fixed place and finds its own size of text in it: whatever one of them says, the
    others stay as they are.
    """
    small, large = sheet.look.small, sheet.look.large
    shutters = [shown for shown in view.buttons if shown.role is Role.SHUTTER]
    timers = [shown for shown in view.buttons if shown.role is Role.SECONDARY]
    shutter_h = sheet.mm(16 if small else 24 if large else 21)
    foot = Rect(rect.x, rect.bottom - shutter_h, rect.w, shutter_h)
    zone_h = sheet.mm(16 if small else 28 if large else 35)
    zone = Rect(rect.x, foot.y - sheet.gap - zone_h, rect.w, zone_h)
    card = Rect(rect.x, rect.y, rect.w, zone.y - sheet.gap - rect.y)
    line = view.lines[0] if view.lines else text("chrome.takes_none")
    advice = view.advice or Advice(view.heading, tone=Tone.CALM, icon="look")
    for build in (
        lambda part: hint_card(part, card, advice),
        lambda part: _zone(part, zone, line, booth),
        lambda part: _shutters(part, foot, shutters, timers, busy=booth.pause),
    ):
        sheet.add(fit(sheet.look, sheet.speech, sheet.hand, build, sheet.look.wish))


def _zone(sheet: Sheet, rect: Rect, line: Text, booth: Booth) -> None:
    """A line, and the newest takes under it; before there are any, the reminders.

    Where it is tight the small pictures are left out, never the words.
    """
    tight = sheet.look.small or sheet.look.large
    if booth.takes or not booth.reminders or not tight:
        rest = sheet.flow(line, rect, Style.BODY, sheet.palette.soft)
        rest = rest.below(rest.y + sheet.mm(1.2))
        if booth.takes:
            _strip(sheet, rest, booth)
        elif booth.reminders:
            _reminders(sheet, rest, booth.reminders)
        return
    pieces: list[Piece] = []
    for one in booth.reminders:
        pieces += [*([Piece(" · ")] if pieces else []), *sheet.pieces(one.words)]
    sheet.write(tuple(pieces), rect, Style.BODY, balance=True)


def _strip(sheet: Sheet, rect: Rect, booth: Booth) -> None:
    """The newest takes, small; touching one opens them all."""
    thumb_h = min(sheet.mm(25), rect.h)
    if thumb_h * PORTRAIT < sheet.least:
        if not sheet.look.small:
            sheet.problems.append("takes do not fit")
        return
    thumb_w = thumb_h * PORTRAIT
    gap = sheet.apart
    fits = max(1, int((rect.w + gap) // (thumb_w + gap)))
    for number, take in enumerate(booth.takes[-fits:]):
        place = _whole(Rect(rect.x + number * (thumb_w + gap), rect.y, thumb_w, thumb_h))
        parts.portrait(sheet, place, take.ref)
        pressed = sheet.is_pressed(Kind.ITEM, take.id)
        if take.proposed or pressed:
            edge = sheet.palette.blue if pressed else sheet.palette.green
            sheet.box(place, None, edge, border_mm=0.8, radius_mm=1.4)
        sheet.target(Kind.ITEM, take.id, place)


def _reminders(sheet: Sheet, rect: Rect, reminders: Sequence[Reminder]) -> None:
    """Side by side, a picture over a few words."""
    gap = sheet.gap
    width = (rect.w - gap * (len(reminders) - 1)) / len(reminders)
    words_h = max(sheet.block(one.words, width, Style.LABEL, True).height for one in reminders)
    side = min(rect.h - words_h - sheet.mm(1), width)
    if side < sheet.mm(8):
        sheet.problems.append("reminders do not fit")
        return
    for number, one in enumerate(reminders):
        x = rect.x + number * (width + gap)
        sheet.picture(one.picture, Rect(x + (width - side) / 2, rect.y, side, side))
        y = rect.y + side + sheet.mm(1)
        place = Rect(x, y, width, rect.bottom - y + 1)
        sheet.write(one.words, place, Style.LABEL, align="centre", balance=True)


def _shutters(
    sheet: Sheet, rect: Rect, shutters: list[Button], timers: list[Button], *, busy: bool
) -> None:
    """The green button takes what the quiet ones beside it leave.

    While a picture is taken (`busy`) they keep their looks: a tenth of a second of grey would be
    a flash.
    """
    quiet = [*shutters[1:], *timers]
    gap = max(sheet.gap, sheet.apart)
    widths = [
        max(sheet.mm(28), sheet.block(shown.text, 100000, Style.BUTTON).width + sheet.mm(9))
        for shown in quiet
    ]
    widths = [min(width, rect.w * 0.45 / max(1, len(quiet))) for width in widths]
    x = rect.right
    for shown, width in reversed(list(zip(quiet, widths, strict=True))):
        x -= width
        parts.button(
            sheet,
            _whole(Rect(x, rect.y, width, rect.h)),
            shown.text,
            ident=shown.id,
            enabled=shown.enabled,
            calm=busy,
        )
        x -= gap
    if shutters:
        shown = shutters[0]
        parts.button(
            sheet,
            _whole(Rect(rect.x, rect.y, x - rect.x, rect.h)),
            shown.text,
            ident=shown.id,
            role=Role.SHUTTER,
            enabled=shown.enabled,
            calm=busy,
            icon=shown.icon or "camera",
            style=Style.TITLE,
        )

# SPDX-License-Identifier: Apache-2.0
"""The photo booth: the mirrored preview with its guide, one thing to change, and the shutter."""

from kiosk.view import Advice, Booth, Button, Role, Tone, View, text
from ui import parts
from ui.drawing import Kind, Live, Rect
from ui.sheet import Sheet
from ui.theme import Style

PORTRAIT = 358 / 441
"""Width to height of the picture on the card."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Preview at the left; advice, takes and shutter at the right, each in its fixed place."""
    booth = view.content if isinstance(view.content, Booth) else Booth()
    if sheet.look.portrait:
        height = rect.h * 0.45
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
        # At the foot of the preview: the eyes stay free.
        side = min(sheet.mm(30), rect.w * 0.4)
        badge = Rect(
            round(rect.x + (rect.w - side) / 2), round(rect.bottom - side - sheet.mm(3)), side, side
        )
        sheet.box(
            badge, p.green, p.on_green, border_mm=0.9, radius_mm=side / 2 / sheet.look.px_per_mm
        )
        sheet.write(
            str(booth.counting), badge, Style.COUNT, p.on_green, align="centre", middle=True
        )
    elif booth.pause:
        _ribbon(sheet, rect)


def _ribbon(sheet: Sheet, rect: Rect) -> None:
    p = sheet.palette
    height = sheet.block(text("chrome.hold_still"), rect.w, Style.LEAD).height + sheet.mm(5)
    place = Rect(
        rect.x + sheet.gap, rect.bottom - height - sheet.gap, rect.w - 2 * sheet.gap, height
    )
    sheet.box(place, p.green)
    sheet.write(
        text("chrome.hold_still"), place, Style.LEAD, p.on_green, align="centre", middle=True
    )


def _side(sheet: Sheet, rect: Rect, view: View, booth: Booth) -> None:
    shutters = [shown for shown in view.buttons if shown.role is Role.SHUTTER]
    timers = [shown for shown in view.buttons if shown.role is Role.SECONDARY]
    shutter_h = sheet.mm(21 if not sheet.look.small else 16) * (1.15 if sheet.scale > 1.3 else 1)
    foot = Rect(rect.x, rect.bottom - shutter_h, rect.w, shutter_h)
    _shutters(sheet, foot, shutters, timers)
    # The card's place is the same whether it says something to change or that all is well.
    card_h = sheet.mm(25 if not sheet.look.small else 15)
    card = Rect(rect.x, rect.y, rect.w, card_h)
    advice = view.advice or Advice(view.heading, tone=Tone.CALM, icon="camera")
    card_h = max(card_h, parts.advice_height(sheet, rect.w, advice, True))
    card = Rect(rect.x, rect.y, rect.w, card_h)
    colours = parts.tint(sheet, advice.tone)
    sheet.box(card, colours.ground, colours.border)
    _advice(sheet, card, advice)
    rest = Rect(rect.x, card.bottom + sheet.gap, rect.w, foot.y - card.bottom - 2 * sheet.gap)
    if rest.h < 0:
        sheet.problems.append("booth does not fit")
        return
    takes = booth.takes
    line = text("chrome.takes_count", count=len(takes)) if takes else text("chrome.takes_none")
    for shown in view.lines or (line,):
        if sheet.look.small and rest.h < sheet.block(shown, rest.w, Style.BODY).height:
            return
        rest = sheet.flow(shown, rest, Style.BODY, sheet.palette.soft)
    rest = rest.below(rest.y + sheet.mm(1.4))
    thumb_h = min(sheet.mm(25), rest.h)
    if not takes or thumb_h * PORTRAIT < sheet.least:
        return
    thumb_w = thumb_h * PORTRAIT
    gap = sheet.apart
    fits = max(1, int((rest.w + gap) // (thumb_w + gap)))
    for number, take in enumerate(takes[-fits:]):
        place = _whole(Rect(rest.x + number * (thumb_w + gap), rest.y, thumb_w, thumb_h))
        parts.portrait(sheet, place, take.ref)
        pressed = sheet.is_pressed(Kind.ITEM, take.id)
        if take.proposed or pressed:
            edge = sheet.palette.blue if pressed else sheet.palette.green
            sheet.box(place, None, edge, border_mm=0.8, radius_mm=1.4)
        sheet.target(Kind.ITEM, take.id, place)


def _advice(sheet: Sheet, card: Rect, advice: Advice) -> None:
    colours = parts.tint(sheet, advice.tone)
    pad, side = sheet.mm(4.2), sheet.mm(13 if not sheet.look.small else 9)
    sheet.icon(
        advice.icon or parts.TONE_ICONS[advice.tone],
        Rect(card.x + pad, card.y, side, card.h),
        colours.ink,
        1.8,
    )
    x = card.x + pad + side + sheet.mm(4.2)
    width = card.right - pad - x
    title = sheet.block(advice.remedy, width, Style.TITLE, True).height
    reason = sheet.block(advice.reason, width, Style.BODY).height if advice.reason else 0.0
    top = card.y + (card.h - title - reason) / 2
    if top < card.y:
        sheet.problems.append("advice does not fit")
    rest = sheet.flow(
        advice.remedy,
        Rect(x, top, width, card.bottom - top),
        Style.TITLE,
        colours.ink,
        balance=True,
    )
    if advice.reason:
        sheet.write(
            advice.reason, Rect(rest.x, rest.y, rest.w, rest.h + 2), Style.BODY, sheet.palette.soft
        )


def _shutters(sheet: Sheet, rect: Rect, shutters: list[Button], timers: list[Button]) -> None:
    """The green button takes what the quiet ones beside it leave."""
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
            icon=shown.icon or "camera",
            style=Style.TITLE,
        )

# SPDX-License-Identifier: Apache-2.0
"""Which finger to press: words and ticks at the left, two drawn hands at the right."""

from kiosk.view import FingerSheet, Tone, View, text
from ui import parts
from ui.drawing import Rect
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style

_LARGE_SHARE = 0.38
"""The hands' share of the width in large text."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading, lines, the two presses as ticks, advice; the hands in a panel."""
    finger = view.content if isinstance(view.content, FingerSheet) else FingerSheet("")
    words, panel = columns(sheet, rect, 0.47 if not sheet.look.large else _LARGE_SHARE)
    rest = parts.heading(sheet, words, view.heading, view.lines)
    rest = rest.below(rest.y + sheet.gap)
    x = rest.x
    bottom = rest.y
    for press in (1, 2):
        done = press < finger.press
        if press > finger.press:
            label, tone, icon = text("chrome.press_now", press=press), Tone.CALM, "dot"
        elif done:
            label, tone, icon = text("chrome.press_done", press=press), Tone.GOOD, "tick"
        else:
            label, tone, icon = text("chrome.press_now", press=press), Tone.CALM, "finger"
        place = parts.pill(sheet, Rect(x, rest.y, rest.right - x, rest.h), label, tone, icon)
        bottom = max(bottom, place.bottom)
        x = place.right + sheet.gap
    rest = rest.below(bottom + sheet.gap)
    if finger.lift:
        place = parts.pill(sheet, rest, text("chrome.lift"), Tone.CALM, "up", Style.LEAD)
        rest = rest.below(place.bottom + sheet.gap)
    if view.advice is not None:
        parts.advice_card(sheet, rest, view.advice)
    sheet.card(panel)
    sheet.picture(
        view.picture or "hands",
        panel.inset(sheet.mm(4)),
        finger.position,
        *finger.done,
    )

# SPDX-License-Identifier: Apache-2.0
"""Staff set the camera up: its picture, the one thing to change, and what is judged in words."""

from kiosk.view import Advice, Calibrating, Check, Tone, View
from ui import parts
from ui.drawing import Live, Rect
from ui.hint_card import hint_card
from ui.sheet import Sheet, fit
from ui.theme import Style

WIDE = 16 / 9
"""The camera's picture as a whole: staff look at the wall, not at a portrait."""


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Picture at the left (above, on a standing panel); advice and list at the right."""
    content = view.content if isinstance(view.content, Calibrating) else Calibrating(())
    rest = _heading(sheet, rect, view)
    if sheet.look.portrait:
        width = rest.w
        art = Rect(rest.x, rest.y, width, width / WIDE)
        side = rest.below(art.bottom + sheet.gap)
    else:
        width = min(rest.w * (0.36 if sheet.look.small else 0.52), rest.h * WIDE)
        art = Rect(rest.x, rest.y, width, min(rest.h, width / WIDE))
        x = art.right + sheet.gap * 1.4
        side = Rect(x, rest.y, rest.right - x, rest.h)
    place = Rect(round(art.x), round(art.y), round(art.w), round(art.h))
    if content.live:
        sheet.elements.append(Live(place, sheet.mm(2.4)))
        sheet.box(place, None, sheet.palette.line)
    else:
        sheet.card(place)
        sheet.icon("camera", place.centred(sheet.mm(20), sheet.mm(20)), sheet.palette.faint, 1.6)
    gap = sheet.gap
    share = 0.48 if content.checks else 0.9
    card = Rect(side.x, side.y, side.w, min(side.h * share, sheet.mm(36)))
    if view.advice is not None:
        advice: Advice = view.advice
        sheet.add(
            fit(
                sheet.look,
                sheet.speech,
                sheet.hand,
                lambda part: hint_card(part, card, advice),
                sheet.look.wish,
            )
        )
    _checks(sheet, side.below(card.bottom + gap), content.checks)


def _heading(sheet: Sheet, rect: Rect, view: View) -> Rect:
    """The question, and which page this is at the right of it where both fit."""
    if not view.lines:
        return parts.heading(sheet, rect, view.heading, ())
    page = sheet.block(view.lines[0], rect.w, Style.BODY)
    words = rect.left(rect.w - page.width - sheet.gap)
    title = sheet.block(view.heading, words.w, Style.HEADING, True)
    sheet.write(view.heading, words, Style.HEADING, balance=True)
    place = Rect(rect.right - page.width, rect.y, page.width + 1, title.pitch)
    sheet.write(view.lines[0], place, Style.BODY, sheet.palette.soft, middle=True)
    return rect.below(rect.y + title.height + sheet.mm(2))


def _checks(sheet: Sheet, rect: Rect, checks: tuple[Check, ...]) -> None:
    """A line each: tick or mark, what it is, what it says."""
    y = rect.y
    side = sheet.px(Style.BODY)
    for check in checks:
        tone = {True: Tone.GOOD, False: Tone.CHANGE, None: Tone.CALM}[check.good]
        colours = parts.tint(sheet, tone)
        icon = {True: "tick", False: "hint", None: "clock"}[check.good]
        x = rect.x + side + sheet.mm(2)
        label_w = (rect.right - x) * 0.58
        label = sheet.block(check.label, label_w, Style.BODY)
        words_w = rect.right - x - label_w - sheet.mm(2)
        words = sheet.block(check.words, words_w, Style.STRONG)
        height = max(label.height, words.height)
        if y + height > rect.bottom + 1:
            sheet.problems.append("checks do not fit")
        sheet.icon(icon, Rect(rect.x, y, side, label.pitch), colours.ink, 2.4)
        sheet.write(check.label, Rect(x, y, label_w, height + 1), Style.BODY, sheet.palette.soft)
        right = Rect(x + label_w + sheet.mm(2), y, words_w, height + 1)
        sheet.write(check.words, right, Style.STRONG, colours.ink)
        y += height + sheet.mm(0.3 if sheet.look.small else 1.2)

# SPDX-License-Identifier: Apache-2.0
"""Calm progress: what is being done and about how long."""

from kiosk.view import View, Waiting, text
from ui import parts
from ui.drawing import Progress, Rect
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """A card in the middle with the sentence and a bar."""
    p = sheet.palette
    typical = view.content.typical_s if isinstance(view.content, Waiting) else 0.0
    width = min(rect.w, sheet.mm(170))
    pad = sheet.mm(7 if not sheet.look.small else 4)
    inner_w = width - 2 * pad
    art = 0 if sheet.look.small else min(sheet.mm(30), rect.h * 0.28)
    bar, gap = sheet.mm(2.8), sheet.gap
    heights = [sheet.block(view.heading, inner_w, Style.HEADING, True).height]
    heights += [sheet.block(line, inner_w, Style.BODY).height for line in view.lines]
    about = text("chrome.about_seconds", seconds=round(typical)) if typical >= 2 else None
    used = art + (gap if art else 0) + sum(heights) + gap + bar
    if about:
        used += gap / 2 + sheet.block(about, inner_w, Style.LABEL).height
    advice = view.advice
    if advice:
        used += gap + parts.advice_height(sheet, inner_w, advice)
    height = used + 2 * pad
    if height > rect.h:
        sheet.problems.append("waiting does not fit")
    place = rect.centred(round(width), round(min(height, rect.h)))
    sheet.card(place)
    rest = place.inset(pad)
    if art:
        sheet.picture(view.picture or "hourglass", Rect(rest.x, rest.y, rest.w, art))
        rest = rest.below(rest.y + art + gap)
    used = sheet.write(view.heading, rest, Style.HEADING, align="centre", balance=True)
    rest = rest.below(rest.y + used)
    for line in view.lines:
        used = sheet.write(line, rest, Style.BODY, p.soft, align="centre", balance=True)
        rest = rest.below(rest.y + used)
    y = round(rest.y + gap)
    sheet.elements.append(Progress(Rect(rest.x, y, rest.w, bar), typical, p.blue, p.line))
    rest = rest.below(y + bar)
    if about:
        rest = rest.below(rest.y + gap / 2)
        used = sheet.write(about, rest, Style.LABEL, p.soft, align="centre")
        rest = rest.below(rest.y + used)
    if advice:
        parts.advice_card(sheet, rest.below(rest.y + gap), advice)

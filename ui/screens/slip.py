# SPDX-License-Identifier: Apache-2.0
"""The result: received at the counter, or stored in this booth; the number and the slip."""

from kiosk.view import SlipSheet, Tone, View, text
from ui import parts
from ui.drawing import Code, Media, Rect
from ui.screens.columns import columns
from ui.sheet import Sheet
from ui.theme import Style, rgb

CODE_MM = 20
"""A smaller code is not worth showing: a telephone would not read it."""


def grouped(number: str) -> str:
    """A long number in groups that can be read out: 6, 3, 8 and 5 digits for 22, else fours."""
    if len(number) == 22 and number.isdigit():
        return f"{number[:6]} {number[6:9]} {number[9:17]} {number[17:]}"
    if len(number) > 8 and number.isalnum():
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return number


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """What is true now, in a pill that differs in words, colour and icon; the slip beside it."""
    slip = view.content if isinstance(view.content, SlipSheet) else SlipSheet(False, "")
    share = 0.4 if sheet.look.portrait or (sheet.look.small and view.advice) else 0.31
    # A drawing of the printer is decoration: it gives way to large text. The slip itself stays.
    plain = sheet.look.large and not (slip.media or slip.code) and not sheet.look.portrait
    words, panel = columns(sheet, rect, share)
    if plain:
        words = rect
    if slip.received:
        place = parts.pill(sheet, words, text("chrome.received"), Tone.GOOD, "tick", Style.LEAD)
    else:
        place = parts.pill(sheet, words, text("chrome.stored"), Tone.CHANGE, "box", Style.LEAD)
    rest = words.below(place.bottom + sheet.mm(2.8))
    rest = sheet.flow(view.heading, rest, Style.HEADING, after=sheet.mm(1.4), balance=True)
    if slip.number:
        rest = sheet.flow(text("chrome.number"), rest, Style.LABEL, sheet.palette.soft)
        rest = sheet.flow(grouped(slip.number), rest, Style.STRONG, after=sheet.mm(1.4))
    for line in view.lines:
        rest = sheet.flow(
            line, rest, Style.BODY, sheet.palette.soft, after=sheet.mm(0.7), balance=True
        )
    rest = rest.below(rest.y + sheet.mm(1.4))
    if view.advice is not None and sheet.look.small:
        place = parts.advice_card(sheet, panel, view.advice)
        _code(sheet, panel.below(place.bottom + sheet.gap), slip.code)
        return
    if view.advice is not None:
        parts.advice_card(sheet, rest, view.advice)
    elif slip.printed and not sheet.look.small:
        place = parts.pill(sheet, rest, text("chrome.paper_below"), Tone.CALM, "down")
        if place.bottom > rest.bottom + 1:
            sheet.problems.append("result does not fit")
    if plain or (sheet.look.small and not slip.media):
        return
    if slip.code:
        _code(sheet, panel, slip.code)
        return
    sheet.card(panel)
    if slip.media:
        sheet.elements.append(Media(slip.media, panel.inset(sheet.mm(2.8)), whole=True))
    else:
        sheet.picture(view.picture or "ticket", panel.inset(sheet.mm(5)))


def _code(sheet: Sheet, panel: Rect, payload: str) -> None:
    """The slip's code as large as it goes, black on white: to be photographed where no paper is."""
    side = round(min(panel.w, panel.h) - 2 * sheet.mm(4))
    if not payload or side < sheet.mm(CODE_MM):
        return
    sheet.box(panel, rgb("#FFFFFF"), sheet.palette.line)
    sheet.elements.append(Code(payload, panel.centred(side, side)))

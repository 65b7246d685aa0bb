# SPDX-License-Identifier: Apache-2.0
"""What would you like to do: tiles."""

from kiosk.view import Choices, View
from ui import parts
from ui.drawing import Rect
from ui.screens.grid import grid
from ui.sheet import Sheet
from ui.theme import Style


def layout(sheet: Sheet, rect: Rect, view: View) -> None:
    """Heading, tiles, and the advice (the booth's state) as a line under them."""
    rest = sheet.flow(view.heading, rect, Style.HEADING, after=sheet.mm(2.8), balance=True)
    foot = 0.0
    if view.lines:
        foot = sum(sheet.block(line, rest.w, Style.BODY).height for line in view.lines)
    if view.advice is not None:
        foot += parts.advice_height(sheet, rest.w, view.advice)
    if foot:
        foot += sheet.gap
    tiles = Rect(rest.x, rest.y, rest.w, rest.h - foot)
    if isinstance(view.content, Choices):
        used = grid(sheet, tiles, view.content)
        rest = rest.below(used + sheet.gap)
    if view.advice is not None:
        place = parts.advice_card(sheet, rest, view.advice)
        rest = rest.below(place.bottom)
    for line in view.lines:
        rest = sheet.flow(line, rest, Style.BODY, sheet.palette.soft)

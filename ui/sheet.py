# SPDX-License-Identifier: Apache-2.0
"""The pen of the layouts: puts texts, boxes, icons and targets on a sheet and notes what overflows.

A layout is tried at the text scale asked for, then at smaller ones, until everything fits; no text
goes below the least size.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.texts import Piece
from kiosk.view import Text
from ui.drawing import Box, Drawing, Element, Icon, Kind, Picture, Rect, Target, Written
from ui.drawing import Letters as LettersElement
from ui.hand import Hand
from ui.speech import Speech
from ui.theme import APART_MM, FLOOR_MM, TARGET_MM, TYPES, Look, Palette, Rgb, Style
from ui.typeset import ASCENT, Block, typeset

STEPS = (2.0, 1.85, 1.7, 1.55, 1.4, 1.25, 1.12, 1.0, 0.92, 0.85, 0.78, 0.7, 0.6)
"""Text scales that are tried, largest first."""

_BIG = (Style.HERO, Style.HEADING, Style.TITLE, Style.COUNT)


def scales(wish: float) -> Iterator[float]:
    """The scales from `wish` down."""
    return (scale for scale in STEPS if scale <= wish)


@dataclass(slots=True)
class Sheet:
    """Collects one part of a screen at one text scale."""

    look: Look
    speech: Speech
    hand: Hand
    scale: float = 1.0
    elements: list[Element] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    # -- sizes

    @property
    def palette(self) -> Palette:
        """The colours."""
        return self.look.palette

    def mm(self, length: float) -> int:
        """Millimetres in px."""
        return self.look.mm(length)

    @property
    def gap(self) -> int:
        """The usual space between two things (3.5 mm; less on a small panel)."""
        return self.mm(2.4 if self.look.small else 3.5)

    @property
    def margin(self) -> int:
        """The space at the panel's edges (7 mm; less on a small panel)."""
        return self.mm(4.2 if self.look.small else 7)

    @property
    def least(self) -> int:
        """Least width and height of a target in px."""
        return math.ceil(TARGET_MM * self.look.px_per_mm)

    @property
    def apart(self) -> int:
        """Least distance of two targets in px."""
        return math.ceil(APART_MM * self.look.px_per_mm)

    def px(self, style: Style) -> int:
        """The em of a style in px at this scale, never under the least size.

        Large styles grow by half of what is asked for above 1: they are large already.
        """
        scale = self.scale
        if style in _BIG and scale > 1:
            scale = 1 + (scale - 1) * 0.5
        return max(
            math.ceil(FLOOR_MM * self.look.px_per_mm),
            round(TYPES[style].mm * scale * self.look.px_per_mm),
        )

    # -- texts

    def pieces(self, what: Text | str | tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Words of a message key in the language, or plain letters as they stand."""
        if isinstance(what, tuple):
            return what
        return (Piece(what),) if isinstance(what, str) else self.speech.pieces(what)

    def block(
        self,
        what: Text | str | tuple[Piece, ...],
        width: float,
        style: Style,
        balance: bool = False,
    ) -> Block:
        """The text set to a width."""
        kind = TYPES[style]
        px = self.px(style)
        return typeset(
            self.pieces(what), kind.weight, px, round(px * kind.line), float(width), balance
        )

    def write(
        self,
        what: Text | str | tuple[Piece, ...],
        rect: Rect,
        style: Style,
        colour: Rgb | None = None,
        *,
        align: str = "left",
        middle: bool = False,
        balance: bool = False,
        strong: Rgb | None = None,
    ) -> float:
        """Sets a text into `rect` from the top (or in the `middle`); gives the height it takes.

        What does not fit is noted as a problem, and the layout is tried at a smaller scale.
        """
        pieces = self.pieces(what)
        ink = colour if colour is not None else self.palette.ink
        strong_ink = (
            strong
            if strong is not None
            else (self.palette.ink if ink == self.palette.soft else ink)
        )
        block = self.block(pieces, rect.w, style, balance)
        if not block.lines or block.width <= 0:
            return 0.0
        top = rect.y + (rect.h - block.height) / 2 if middle else rect.y
        top = round(top)
        words = "".join(piece.words for piece in pieces)
        if block.width > rect.w + 1 or block.height > rect.h + 1:
            self.problems.append(f"text does not fit: {style}")
        baseline_drop = (block.pitch - block.px) / 2 + ASCENT * block.px
        left_most = rect.right
        for number, line in enumerate(block.lines):
            spare = rect.w - line.width
            start = rect.x + {"left": 0.0, "centre": spare / 2, "right": spare}[align]
            left_most = min(left_most, start)
            baseline = round(top + number * block.pitch + baseline_drop)
            for run in line.runs:
                self.elements.append(
                    LettersElement(
                        run.letters,
                        round(start + run.x),
                        baseline,
                        run.width,
                        block.px,
                        700 if run.strong else block.weight,
                        strong_ink if run.strong else ink,
                        run.rare,
                    )
                )
        taken = Rect(left_most, top, block.width, block.height)
        self.written.append(Written(words, rect, taken, block.px))
        return block.height

    def flow(
        self,
        what: Text | str | tuple[Piece, ...],
        rect: Rect,
        style: Style,
        colour: Rgb | None = None,
        *,
        after: float = 0.0,
        balance: bool = False,
    ) -> Rect:
        """Writes at the top of `rect` and gives what is left under it."""
        height = self.write(what, rect, style, colour, balance=balance)
        return rect.below(rect.y + height + after)

    # -- shapes

    def box(
        self,
        rect: Rect,
        fill: Rgb | None,
        border: Rgb | None = None,
        *,
        border_mm: float = 0.35,
        radius_mm: float = 3.4,
        dash: bool = False,
    ) -> None:
        """A rounded box."""
        self.elements.append(
            Box(
                Rect(round(rect.x), round(rect.y), round(rect.w), round(rect.h)),
                fill,
                border,
                max(1, self.mm(border_mm)) if border else 0,
                self.mm(radius_mm),
                dash,
            )
        )

    def card(self, rect: Rect) -> None:
        """A white surface with a thin border."""
        self.box(rect, self.palette.card, self.palette.line)

    def icon(self, name: str, rect: Rect, colour: Rgb, stroke: float = 2.0) -> None:
        """A line icon in the largest square inside `rect`."""
        side = round(min(rect.w, rect.h))
        self.elements.append(Icon(name, rect.centred(side, side), colour, stroke))

    def picture(self, name: str, rect: Rect, *args: str) -> None:
        """A drawn picture, proportions kept."""
        whole = Rect(round(rect.x), round(rect.y), round(rect.w), round(rect.h))
        if whole.w < self.mm(8) or whole.h < self.mm(8):
            return
        self.elements.append(Picture(name, whole, self.palette.name, args))

    def target(self, kind: Kind, ident: str, rect: Rect, enabled: bool = True) -> None:
        """Something to touch; its area is never smaller than a target must be."""
        if rect.w < self.least or rect.h < self.least:
            self.problems.append(f"target too small: {ident}")
        self.targets.append(Target(kind, ident, rect, enabled))

    def add(self, part: "Sheet") -> None:
        """Takes over a part that was made on a sheet of its own."""
        self.elements += part.elements
        self.targets += part.targets
        self.written += part.written
        self.problems += part.problems

    def is_pressed(self, kind: Kind, ident: str) -> bool:
        """Whether the finger is on it now."""
        return self.hand.pressed == (kind, ident)


def fit(
    look: Look, speech: Speech, hand: Hand, build: Callable[[Sheet], None], wish: float
) -> Sheet:
    """The part that `build` makes, at the largest scale up to `wish` where everything fits."""
    sheet = Sheet(look, speech, hand)
    for scale in scales(wish):
        sheet = Sheet(look, speech, hand, scale)
        build(sheet)
        if not sheet.problems:
            return sheet
    return sheet


def joined(ground: Rgb, sheets: list[Sheet]) -> Drawing:
    """The parts as one drawing, in order."""
    return Drawing(
        ground,
        tuple(element for sheet in sheets for element in sheet.elements),
        tuple(target for sheet in sheets for target in sheet.targets),
        tuple(entry for sheet in sheets for entry in sheet.written),
        tuple(problem for sheet in sheets for problem in sheet.problems),
    )

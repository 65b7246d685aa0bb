# SPDX-License-Identifier: Apache-2.0
"""A slip as a picture: black and white, as wide as the paper's printable part.

Chinese stands in 24-dot characters, the size of printers' own Chinese fonts at 203 dots an inch
(3 mm): readable at arm's length on thermal paper. The second language is a little smaller.
Text is drawn in grey and cut at half: dithering would fray strokes one or two dots wide.
"""

from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw

from kiosk.receipts import code128
from kiosk.receipts.fonts import runs, width, wrapped
from kiosk.receipts.slip import (
    Banner,
    Block,
    Code,
    Note,
    Number,
    Row,
    Rule,
    Slip,
    Title,
    Words,
)

BODY, SECOND = 24, 18
WIDTHS = (384, 576)
"""Printable dots of 58 mm and 80 mm paper at 203 dots an inch."""
_BLACK, _WHITE = 0, 255
_GAP = 8
_HALF = [0] * 128 + [255] * 128
_SENTENCE_END = "\u3002"


@dataclass(frozen=True, slots=True)
class _Style:
    size: int
    bold: bool = False
    ink: int = _BLACK

    @property
    def pitch(self) -> int:
        """Dots from line to line; Noto's own 35/24 is airy, receipts are set tighter."""
        return round(self.size * 1.34)


def render(slip: Slip, width_px: int = 576) -> Image.Image:
    """The slip as a mode "1" image `width_px` wide (384 or 576), 0 for black, as tall as needed."""
    if width_px not in WIDTHS:
        raise ValueError(f"paper is {' or '.join(map(str, WIDTHS))} dots wide")
    paper = _Paper(width_px)
    for block in slip.blocks:
        paper.put(block)
    return paper.finished()


class _Paper:
    """A growing sheet: blocks are drawn one under the other at `y`."""

    def __init__(self, width_px: int) -> None:
        self.width = width_px
        self.wide = width_px > 400
        self.margin = 10 if self.wide else 4
        self.right = width_px - self.margin
        self.inner = width_px - 2 * self.margin
        self.image = Image.new("L", (width_px, 400), _WHITE)
        self.y = 4

    def put(self, block: Block) -> None:
        match block:
            case Title(words):
                self._title(words)
            case Banner(words, solid):
                self._banner(words, solid=solid)
            case Number():
                self._number(block)
            case Row(label, value, strong):
                self._row(label, value, strong=strong)
            case Rule():
                self._rule()
            case Note(words):
                self._note(words)
            case Code(payload, beside):
                self._code(payload, beside)

    def finished(self) -> Image.Image:
        sheet = self.image.crop((0, 0, self.width, self.y + _GAP))
        return sheet.point(_HALF, "1")

    def _title(self, words: Words) -> None:
        size = 40 if self.wide else 34
        while width(words.first, size, bold=True) > self.inner:
            size -= 2
        self._centred(words, _Style(size, bold=True), _Style(SECOND + 2))
        self.y += _GAP

    def _banner(self, words: Words, *, solid: bool) -> None:
        ink = _WHITE if solid else _BLACK
        styles = _Style(30 if self.wide else 28, True, ink), _Style(SECOND, False, ink)
        top = self.y
        inner = self.width - 24
        height = 14 + sum(
            len(wrapped(part, style.size, inner, bold=style.bold)) * style.pitch
            for part, style in zip((words.first, words.second), styles, strict=True)
            if part
        )
        box = (0, top, self.width - 1, top + height - 1)
        self._room(height + _GAP)
        draw = ImageDraw.Draw(self.image)
        if solid:
            draw.rounded_rectangle(box, 8, fill=_BLACK)
        else:
            draw.rounded_rectangle(box, 8, outline=_BLACK, width=3)
        self.y = top + 6
        self._centred(words, *styles, limit=inner)
        self.y = top + height + _GAP

    def _number(self, number: Number) -> None:
        self._centred(number.label, _Style(BODY - 2), _Style(SECOND))
        shown = " ".join(number.groups)
        size = 34
        while width(shown, size, bold=True) > self.inner:
            size -= 1
        self._centred(Words(shown), _Style(size, bold=True), _Style(SECOND))
        self._bars(number.payload)

    def _bars(self, payload: str) -> None:
        """A bar code in modules of two or three dots; left out when the paper is too narrow."""
        bars = code128.modules(payload)
        whole = len(bars) + 2 * code128.QUIET_MODULES
        module = min(3, self.width // whole)
        if module < 2:
            return
        self._room(76)
        draw = ImageDraw.Draw(self.image)
        left = (self.width - len(bars) * module) // 2
        for place, black in enumerate(bars):
            if black:
                x = left + place * module
                draw.rectangle((x, self.y + 6, x + module - 1, self.y + 65), fill=_BLACK)
        self.y += 76

    def _row(self, label: Words, value: Words, *, strong: bool) -> None:
        column = (176 if self.wide else 130) if label.second else (130 if self.wide else 112)
        column += self.margin
        top = self.y
        self._pair(label, _Style(BODY), self.margin, column - self.margin - 4)
        bottom, self.y = self.y, top
        self._pair(value, _Style(BODY, bold=strong), column, self.right - column)
        self.y = max(self.y, bottom) + 3

    def _pair(self, words: Words, style: _Style, x: int, limit: int) -> None:
        """Both languages side by side where they fit on one line, else one under the other."""
        second = _Style(SECOND)
        other = "" if words.second == words.first else words.second
        wide = width(words.first, style.size, bold=style.bold)
        if wide > limit >= width(words.first, style.size - 2, bold=style.bold):
            style = _Style(style.size - 2, style.bold)  # rather a little smaller than broken
        if other and wide + 8 + width(other, second.size) <= limit:
            base = self.y + round(style.pitch * 0.78)
            self._ink(other, second, x + wide + 8, base)
            self._line(words.first, style, x)
            return
        self._left(words.first, style, x, limit)
        if other:
            self._left(other, second, x, limit)

    def _note(self, words: Words) -> None:
        """A sentence a line where it fits, centred."""
        style = _Style(BODY - 2)
        for sentence in words.first.replace(_SENTENCE_END, _SENTENCE_END + "\n").splitlines():
            self._centred(Words(sentence), style, style)
        self._centred(Words(words.second), _Style(SECOND), style)
        self.y += _GAP // 2

    def _rule(self) -> None:
        self._room(16)
        draw = ImageDraw.Draw(self.image)
        for x in range(self.margin, self.right - 6, 12):
            draw.rectangle((x, self.y + 6, x + 6, self.y + 7), fill=_BLACK)
        self.y += 16

    def _code(self, payload: str, beside: tuple[Words, ...]) -> None:
        """A QR code of six-dot modules at the left, its words at the right, both centred."""
        code = segno.make_qr(payload, error="m", boost_error=False)
        module = 6 if code.symbol_size(6, 4)[0] <= self.width // 2 else 5
        side = int(code.symbol_size(module, 4)[0])
        top = self.y
        self._room(side)
        draw = ImageDraw.Draw(self.image)
        for row, line in enumerate(code.matrix):
            for column, dark in enumerate(line):
                if dark:
                    x, y = (column + 4) * module, top + (row + 4) * module
                    draw.rectangle((x, y, x + module - 1, y + module - 1), fill=_BLACK)
        column, limit = side, self.right - side
        body, second = _Style(BODY - 2 if limit > 200 else BODY - 5), _Style(SECOND - 1)
        height = sum(
            len(wrapped(part, style.size, limit)) * style.pitch
            for words in beside
            for part, style in ((words.first, body), (words.second, second))
            if part
        ) + _GAP * len(beside)
        self.y = top + max(0, (side - height) // 2)
        for words in beside:
            self._left(words.first, body, column, limit)
            if words.second:
                self._left(words.second, second, column, limit)
            self.y += _GAP
        self.y = max(self.y, top + side)

    def _centred(
        self, words: Words, first: _Style, second: _Style, limit: int | None = None
    ) -> None:
        for part, style in ((words.first, first), (words.second, second)):
            for line in wrapped(part, style.size, limit or self.inner, bold=style.bold):
                if line:
                    x = (self.width - width(line, style.size, bold=style.bold)) / 2
                    self._line(line, style, round(x))

    def _left(self, text: str, style: _Style, x: float, limit: float) -> None:
        for line in wrapped(text, style.size, limit, bold=style.bold):
            self._line(line, style, x)

    def _line(self, text: str, style: _Style, x: float) -> None:
        self._room(style.pitch)
        self._ink(text, style, x, self.y + round(style.pitch * 0.78))
        self.y += style.pitch

    def _ink(self, text: str, style: _Style, x: float, base: float) -> None:
        draw = ImageDraw.Draw(self.image)
        for run in runs(text, style.size, bold=style.bold):
            draw.text((x, base), run.text, fill=style.ink, font=run.font, anchor="ls")
            x += run.width

    def _room(self, height: int) -> None:
        """Grow the sheet so that `height` more rows fit under `y`."""
        needed = self.y + height + 64
        if needed > self.image.height:
            taller = Image.new("L", (self.width, needed + 400), _WHITE)
            taller.paste(self.image)
            self.image = taller

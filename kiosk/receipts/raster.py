# SPDX-License-Identifier: Apache-2.0
"""A slip as a picture: black and white, as wide as the paper's printable part.

Chinese stands in 24-dot characters, the size of printers' own Chinese fonts at 203 dots an inch
(3 mm): readable at arm's length on thermal paper. The second language is a little smaller.
"""

import segno
from PIL import Image

from kiosk.receipts import code128
from kiosk.receipts.blocks import (
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
from kiosk.receipts.fonts import width
from kiosk.receipts.sheet import WHITE, Sheet, Style, vertical

BODY, SECOND = 24, 18
WIDTHS = (384, 576)
"""Printable dots of 58 mm and 80 mm paper at 203 dots an inch."""
LARGEST = 2.0
"""The largest type: twice the usual."""
_GAP = 8
_BAR = 60  # length of a bar code's bars
_QR_QUIET = 4  # modules of white round a QR code (ISO/IEC 18004)
_SENTENCE_END = "\u3002"


def render(slip: Slip, width_px: int = 576, scale: float = 1.0) -> Image.Image:
    """The slip as a mode "1" image `width_px` wide (384 or 576), 0 for black, as tall as needed.

    `scale` makes the type larger, 1 to 2; codes keep their size. Raises ValueError outside these.
    """
    if width_px not in WIDTHS:
        raise ValueError(f"paper is {' or '.join(map(str, WIDTHS))} dots wide")
    if not 1 <= scale <= LARGEST:
        raise ValueError(f"type is 1 to {LARGEST:g} times the usual size")
    paper = _Paper(width_px, scale)
    for block in slip.blocks:
        paper.put(block)
    return paper.finished()


class _Paper:
    """Draws blocks on a sheet, one under the other."""

    def __init__(self, width_px: int, scale: float) -> None:
        self.sheet = Sheet(width_px)
        self.width = width_px
        self.scale = scale
        self.stacked = scale > 1.2  # no room for two columns
        self.wide = width_px > 400
        self.margin = 10 if self.wide else 4
        self.right = width_px - self.margin
        self.inner = width_px - 2 * self.margin
        self.standing = ""  # a bar code too long for the paper's width, still to be drawn

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
        if self.standing:
            top = self.sheet.y
            self.sheet.y = self._standing_bars(top)
        return self.sheet.cut(_GAP)

    def _style(self, size: int, *, bold: bool = False, ink: int = 0) -> Style:
        return Style(round(size * self.scale), bold, ink)

    def _other(self, text: str, size: int, *, ink: int = 0) -> Style:
        """The style of `text` in the second language."""
        return self._style(size, ink=ink).suited(text)

    def _fitting(self, text: str, size: int) -> Style:
        """Bold, as large as a line of `text` allows, at most `size` times the scale."""
        style = self._style(size, bold=True)
        while style.size > 12 and width(text, style.size, bold=True) > self.inner:
            style = Style(style.size - 1, bold=True)
        return style

    def _title(self, words: Words) -> None:
        self.sheet.centred(words.first, self._fitting(words.first, 40 if self.wide else 34), 1e6)
        self.sheet.centred(words.second, self._other(words.second, SECOND + 2), self.inner)
        self.sheet.y += _GAP

    def _banner(self, words: Words, *, solid: bool) -> None:
        ink = WHITE if solid else 0
        first = self._style(30 if self.wide else 28, bold=True, ink=ink)
        second = self._other(words.second, SECOND, ink=ink)
        top, limit = self.sheet.y, self.width - 24
        height = 14 + self.sheet.height(words.first, first, limit)
        height += self.sheet.height(words.second, second, limit)
        self.sheet.room(height + _GAP)
        self.sheet.box(0, top, self.width - 1, top + height - 1, radius=8, line=0 if solid else 3)
        self.sheet.y = top + 6
        self.sheet.centred(words.first, first, limit)
        self.sheet.centred(words.second, second, limit)
        self.sheet.y = top + height + _GAP

    def _number(self, number: Number) -> None:
        self.sheet.centred(number.label.first, self._style(BODY - 2), self.inner)
        self.sheet.centred(
            number.label.second, self._other(number.label.second, SECOND), self.inner
        )
        shown = " ".join(number.groups)
        if number.called:
            self.sheet.centred(shown, self._fitting(shown, 96), self.inner)
            self.sheet.y += _GAP
            return
        style = self._fitting(max(number.groups, key=len), 34)
        whole = self._fitting(shown, 34)
        if whole.size >= 0.7 * style.size:  # rather a little smaller than broken
            style = whole
        self.sheet.centred(shown, style, self.inner)
        self._bars(number.payload)

    def _bars(self, payload: str) -> None:
        """A bar code in modules of two or three dots; too wide for the paper, it stands later."""
        bars = code128.modules(payload)
        module = min(3, self.width // (len(bars) + 2 * code128.QUIET_MODULES))
        if module < 2:
            self.standing = payload
            return
        self.sheet.room(_BAR + 16)
        left, top = (self.width - len(bars) * module) // 2, self.sheet.y + 6
        self.sheet.modules([bars], module, _BAR, left, top)
        self.sheet.y += _BAR + 16

    def _standing_bars(self, top: int) -> int:
        """The waiting bar code along the right edge, read downwards; returns the row under it."""
        bars, quiet = code128.modules(self.standing), 2 * code128.QUIET_MODULES
        self.standing = ""
        self.sheet.y = top
        self.sheet.room(len(bars) * 2 + 2 * quiet)
        column = [[black] for black in bars]
        self.sheet.modules(column, _BAR, 2, self.right - _BAR, top + quiet)
        return top + len(bars) * 2 + 2 * quiet

    def _row(self, label: Words, value: Words, *, strong: bool) -> None:
        named, said = self._style(BODY), self._style(BODY, bold=strong)
        if self.stacked:
            self._pair(label, named, self.margin, self.inner)
            self._pair(value, said, self.margin + BODY, self.inner - BODY)
            self.sheet.y += _GAP
            return
        column = (176 if self.wide else 130) if label.second else (130 if self.wide else 112)
        column += self.margin
        top = self.sheet.y
        self._pair(label, named, self.margin, column - self.margin - 4)
        bottom, self.sheet.y = self.sheet.y, top
        self._pair(value, said, column, self.right - column)
        self.sheet.y = max(self.sheet.y, bottom) + 3

    def _pair(self, words: Words, style: Style, x: int, limit: int) -> None:
        """Both languages side by side where they fit on one line, else one under the other."""
        other = "" if words.second == words.first else words.second
        second = self._other(other, SECOND)
        wide = width(words.first, style.size, bold=style.bold)
        if wide > limit >= width(words.first, style.size - 2, bold=style.bold):
            style = Style(style.size - 2, style.bold)  # rather a little smaller than broken
        elif wide > limit and words.first.isascii() and " " not in words.first:
            style = self._narrower(words.first, style, limit)
        beside = other and not vertical(other)
        if beside and wide + 8 + width(other, second.size) <= limit:
            base = self.sheet.y + style.drop
            self.sheet.ink(other, second, x + wide + 8, base)
            self.sheet.line(words.first, style, x)
            return
        self.sheet.block(words.first, style, x, limit)
        if other:
            self.sheet.block(other, second, x, limit)

    def _narrower(self, number: str, style: Style, limit: int) -> Style:
        """A number stays on one line when six tenths of the size are enough for that."""
        for size in range(style.size, round(0.6 * style.size), -1):
            if width(number, size, bold=style.bold) <= limit:
                return Style(size, style.bold)
        return style

    def _note(self, words: Words) -> None:
        """A sentence a line where it fits, centred."""
        style = self._style(BODY - 2)
        for sentence in words.first.replace(_SENTENCE_END, _SENTENCE_END + "\n").splitlines():
            self.sheet.centred(sentence, style, self.inner)
        self.sheet.centred(words.second, self._other(words.second, SECOND), self.inner)
        self.sheet.y += _GAP // 2

    def _rule(self) -> None:
        self.sheet.room(16)
        for x in range(self.margin, self.right - 6, 12):
            self.sheet.box(x, self.sheet.y + 6, x + 6, self.sheet.y + 7)
        self.sheet.y += 16

    def _code(self, payload: str, beside: tuple[Words, ...]) -> None:
        """A QR code at the left; its words at the right, or under it where there is no room."""
        top = self.sheet.y
        side = self._qr(payload)
        standing = bool(self.standing)
        under = standing or self.stacked
        x = self.margin if under else side
        limit = self.right - x - (_BAR + 2 * _GAP if standing else 0)
        body = self._style(BODY - 2 if limit > 200 else BODY - 5)
        height = _GAP * len(beside) + sum(
            self.sheet.height(words.first, body, limit)
            + self.sheet.height(words.second, self._other(words.second, SECOND - 1), limit)
            for words in beside
        )
        self.sheet.y = top + (side if under else max(0, (side - height) // 2))
        for words in beside:
            self.sheet.block(words.first, body, x, limit)
            if words.second:
                self.sheet.block(words.second, self._other(words.second, SECOND - 1), x, limit)
            self.sheet.y += _GAP
        bottom = max(self.sheet.y, top + side)
        self.sheet.y = max(bottom, self._standing_bars(top)) if standing else bottom

    def _qr(self, payload: str) -> int:
        """Draws a QR code of six-dot modules (five on narrow paper); its side with the quiet zone.

        Left and top of the quiet zone are the paper's edge and `y`; `y` stays.
        """
        code = segno.make_qr(payload, error="m", boost_error=False)
        modules = int(code.symbol_size(1, _QR_QUIET)[0])
        module = 6 if 6 * modules <= self.width // 2 else 5
        self.sheet.room(module * modules)
        edge = _QR_QUIET * module
        matrix = [[bool(dark) for dark in line] for line in code.matrix]
        self.sheet.modules(matrix, module, module, edge, self.sheet.y + edge)
        return module * modules

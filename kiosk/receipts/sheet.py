# SPDX-License-Identifier: Apache-2.0
"""A growing sheet of paper: lines of any script put one under the other.

Text is drawn in grey and cut at half at the end: dithering would fray strokes one or two dots
wide.
"""

from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from kiosk.receipts.bidi import right_to_left
from kiosk.receipts.fonts import runs, width
from kiosk.receipts.lines import balanced, wrapped

BLACK, WHITE = 0, 255
_HALF = [0] * 128 + [255] * 128
_COLUMN = 5  # sizes: height of a column of vertical script, at least


@dataclass(frozen=True, slots=True)
class Style:
    """Size in dots, weight, and ink (0 black, 255 white).

    `lead` is the distance from line to line in sizes (Noto's own 35/24 is airy, receipts are set
    tighter), `base` where in it letters stand, from the top.
    """

    size: int
    bold: bool = False
    ink: int = BLACK
    lead: float = 1.34
    base: float = 0.78

    @property
    def pitch(self) -> int:
        """Dots from line to line."""
        return round(self.size * self.lead)

    @property
    def drop(self) -> int:
        """Dots from a line's top to its base line."""
        return round(self.pitch * self.base)

    def suited(self, text: str) -> "Style":
        """The same for the script of `text`.

        Arabic and Mongolian letters are small for their size, and Tibetan ones stack downwards.
        """
        if any("\u0600" <= letter <= "\u06ff" for letter in text):
            return replace(self, size=round(self.size * 1.3), lead=1.5, base=0.7)
        if any("\u0f00" <= letter <= "\u0fff" for letter in text):
            return replace(self, size=round(self.size * 1.25), lead=1.75, base=0.58)
        if vertical(text):
            return replace(self, size=round(self.size * 1.2))
        return self


def vertical(text: str) -> bool:
    """Whether `text` is of a script written in columns from the left: Mongolian."""
    return any("\u1800" <= letter <= "\u18af" for letter in text)


class Sheet:
    """`y` is where the next line begins; everything is drawn in dots."""

    def __init__(self, width_px: int) -> None:
        self.width = width_px
        self.y = 4
        self.image = Image.new("L", (width_px, 1600), WHITE)

    def cut(self, below: int) -> Image.Image:
        """The sheet in black and white, `below` white rows under the last line."""
        whole = self.image.crop((0, 0, self.width, self.y + below))
        return whole.point(_HALF, "1")

    def room(self, height: int) -> None:
        """Grow the sheet so that `height` more rows fit under `y`."""
        needed = self.y + height + 64
        if needed > self.image.height:
            taller = Image.new("L", (self.width, needed + 800), WHITE)
            taller.paste(self.image)
            self.image = taller

    def box(
        self, left: int, top: int, right: int, bottom: int, *, radius: int = 0, line: int = 0
    ) -> None:
        """A black box with both corners in it; only its outline where `line` is its width."""
        draw = ImageDraw.Draw(self.image)
        if line:
            draw.rounded_rectangle((left, top, right, bottom), radius, outline=BLACK, width=line)
        else:
            draw.rounded_rectangle((left, top, right, bottom), radius, fill=BLACK)

    def modules(self, rows: list[list[bool]], module: int, tall: int, x: int, y: int) -> None:
        """A code's black modules at `x`, `y`: each `module` dots wide and `tall` dots high."""
        small = Image.new("L", (len(rows[0]), len(rows)))
        small.putdata([BLACK if black else WHITE for row in rows for black in row])
        drawn = small.resize((len(rows[0]) * module, len(rows) * tall), Image.Resampling.NEAREST)
        self.image.paste(drawn, (x, y))

    def height(self, text: str, style: Style, limit: float) -> int:
        """Rows that `text` takes within `limit` dots."""
        if not text:
            return 0
        if vertical(text):
            lines = self._columns(text, style, limit)
            return round(max(width(line, style.size, bold=style.bold) for line in lines)) + 8
        return len(wrapped(text, style.size, limit, bold=style.bold)) * style.pitch

    def centred(self, text: str, style: Style, limit: float) -> None:
        """Lines in the middle of the paper."""
        if vertical(text):
            across = len(self._columns(text, style, limit)) * style.pitch
            self._vertical(text, style, (self.width - across) // 2, limit)
            return
        rtl = right_to_left(text)
        for line in balanced(text, style.size, limit, bold=style.bold):
            if line:
                x = (self.width - width(line, style.size, bold=style.bold)) / 2
                self.line(line, style, round(x), rtl=rtl)

    def block(self, text: str, style: Style, x: float, limit: float) -> None:
        """Lines from `x` on; what reads from the right ends at ``x + limit``."""
        if vertical(text):
            self._vertical(text, style, round(x), limit)
            return
        rtl = right_to_left(text)
        for line in wrapped(text, style.size, limit, bold=style.bold):
            spare = limit - width(line, style.size, bold=style.bold) if rtl else 0
            self.line(line, style, x + spare, rtl=rtl)

    def line(self, text: str, style: Style, x: float, *, rtl: bool = False) -> None:
        """One line, and on to the next."""
        self.room(style.pitch)
        self.ink(text, style, x, self.y + style.drop, rtl=rtl)
        self.y += style.pitch

    def ink(
        self, text: str, style: Style, x: float, base: float, *, rtl: bool | None = None
    ) -> None:
        """`text` with its base line at `base`; `y` stays. `rtl`: its paragraph's direction."""
        _draw(self.image, text, style, x, base, rtl=rtl)

    def _columns(self, text: str, style: Style, limit: float) -> list[str]:
        """Lines that stand as columns; they get longer until they fit beside each other."""
        widest = max(width(word, style.size, bold=style.bold) for word in text.split(" "))
        tall = min(max(widest, style.size * _COLUMN), 2 * style.size * _COLUMN)
        while True:
            lines = wrapped(text, style.size, tall, bold=style.bold)
            if len(lines) == 1 or len(lines) * style.pitch <= limit:
                return lines
            tall += style.size

    def _vertical(self, text: str, style: Style, x: int, limit: float) -> None:
        height = self.height(text, style, limit)
        self.room(height)
        for number, line in enumerate(self._columns(text, style, limit)):
            flat = Image.new("L", (height, style.pitch), 0)
            _draw(flat, line, replace(style, ink=WHITE), 4, style.drop, rtl=False)
            stood = flat.transpose(Image.Transpose.ROTATE_270)
            self.image.paste(style.ink, (x + number * style.pitch, self.y), stood)
        self.y += height


def _draw(
    image: Image.Image, text: str, style: Style, x: float, base: float, *, rtl: bool | None
) -> None:
    draw = ImageDraw.Draw(image)
    for run in runs(text, style.size, bold=style.bold, rtl=rtl):
        draw.text(
            (x, base),
            run.text,
            fill=style.ink,
            font=run.font,
            anchor="ls",
            direction=run.direction,
        )
        x += run.width

# SPDX-License-Identifier: Apache-2.0
"""What a printer draws by itself: letters of its own font, QR codes and bar codes.

Pictures are mode "L", ink 255; rows are bytes, leftmost dot in the high bit, 1 for black. Letters
stand in cells of 12 x 24 dots (24 x 24 for Chinese, 9 x 17 for font B), as ESC/POS printers draw
them at 203 dots an inch.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFont

from firmware_io.emulators.printer_bars import Bars

CELL = 12, 24
SMALL_CELL = 9, 17
BASELINE = 21  # rows of a cell above the line on which letters stand: 21 of 24
# Debian's fonts-noto-cjk; face 7 is the monospaced mainland one, exactly half an em to a Latin
# letter. Without it Pillow's own font draws Latin, and Chinese comes out as boxes.
_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 7

# Code tables of ESC t by number (Epson's guide); the second one is drawn below.
_TABLES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866",
    18: "cp852", 19: "cp858",
}  # fmt: skip
KATAKANA = 1
# Its codes 80 to 9F are blocks and ruled lines (table "Katakana" of Epson's guide).
_RULES = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
_ARMS = {  # left, up, right, down from the middle of the cell
    "┼": "lurd", "┴": "lur", "┬": "lrd", "┤": "lud", "├": "urd", "─": "lr", "│": "ud", "┌": "rd",
    "┐": "ld", "└": "ur", "┘": "lu", "╭": "rd", "╮": "ld", "╰": "ur", "╯": "lu",
}  # fmt: skip


def letter_of(code: int, table: int) -> str:
    """The character of a single-byte code in code table `table` of `ESC t`."""
    if table == KATAKANA and 0x80 <= code < 0xA0:
        return _RULES[code - 0x80]
    if table == KATAKANA and 0xA1 <= code < 0xE0:
        return chr(0xFF61 + code - 0xA1)
    return bytes((code,)).decode(_TABLES.get(table, "cp437"), "replace")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: how many times wider and higher than its cell, how it is set off.

    `underline` in dots, `gap` white dots to its right, `small` is font B, `full` takes two cells.
    """

    text: str
    across: int = 1
    down: int = 1
    full: bool = False
    small: bool = False
    bold: bool = False
    reverse: bool = False
    underline: int = 0
    gap: int = 0

    @property
    def width(self) -> int:
        """Dots across, its gap included."""
        cell = SMALL_CELL if self.small and not self.full else CELL
        return (cell[0] * (2 if self.full else 1) + self.gap) * self.across

    def drawn(self) -> Image.Image:
        """Its cell and gap."""
        small = self.small and not self.full
        height = SMALL_CELL[1] if small else CELL[1]
        wide = self.width // self.across
        if self.text in _ARMS and not small:
            cell = _ruled(_ARMS[self.text], wide)
        else:
            cell = Image.new("L", (wide, height), 0)
            baseline = height * 19 // CELL[1]
            ImageDraw.Draw(cell).text((0, baseline), self.text, 255, _font(height), anchor="ls")
        if self.bold:
            shifted = Image.new("L", cell.size, 0)
            shifted.paste(cell, (1, 0))
            cell = ImageChops.lighter(cell, shifted)
        if self.underline:
            cell.paste(255, (0, height - self.underline, wide, height))
        if self.reverse:
            cell = ImageChops.invert(cell)
        return cell.resize((self.width, height * self.down), Image.Resampling.NEAREST)


def _ruled(arms: str, width: int) -> Image.Image:
    cell = Image.new("L", (width, CELL[1]), 0)
    x, y = CELL[0] // 2 - 1, CELL[1] // 2 - 1
    boxes = {
        "l": (0, y, x + 2, y + 2), "r": (x, y, width, y + 2),
        "u": (x, 0, x + 2, y + 2), "d": (x, y, x + 2, CELL[1]),
    }  # fmt: skip
    for arm in arms:
        cell.paste(255, boxes[arm])
    return cell


@lru_cache(maxsize=2)
def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if _FONT[0].is_file():
        return ImageFont.truetype(str(_FONT[0]), height, index=_FONT[1])
    return ImageFont.load_default(height - 4)


def rows_of(page: Image.Image) -> list[bytes]:
    """A picture as rows; its grey is decided in the middle."""
    data = page.point([0] * 128 + [255] * 128, "1").tobytes()
    across = (page.width + 7) // 8
    return [data[at : at + across] for at in range(0, len(data), across)]


def qr_code(data: bytes, module: int, level: str, width: int) -> Image.Image | None:
    """A QR code without quiet zone; None when it is wider than `width` or holds too much."""
    try:
        code = segno.make_qr(data, error=level, boost_error=False, mode=None)
    except segno.DataOverflowError:
        return None
    side = len(code.matrix)
    if side * module > width:
        return None
    dots = bytes(255 if dark else 0 for line in code.matrix for dark in line)
    drawn = Image.frombytes("L", (side, side), dots)
    return drawn.resize((side * module, side * module), Image.Resampling.NEAREST)


def bar_code(shown: Bars, height: int) -> Image.Image:
    """Its bars, `height` dots high, without quiet zones."""
    drawn = Image.new("L", (sum(shown.widths), height), 0)
    x = 0
    for place, wide in enumerate(shown.widths):
        if place % 2 == 0:
            drawn.paste(255, (x, 0, x + wide, height))
        x += wide
    return drawn

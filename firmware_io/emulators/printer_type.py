# SPDX-License-Identifier: Apache-2.0
"""What a printer draws by itself: letters of its own font, QR codes and bar codes, as dot rows.

Rows are bytes, leftmost dot in the high bit, 1 for black. Letters stand in cells of 12 x 24 dots
(24 x 24 for Chinese), as font A of ESC/POS printers does at 203 dots an inch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

CELL = 12, 24
# Debian's fonts-noto-cjk; face 7 is the monospaced mainland one, exactly half an em to a Latin
# letter. Without it Pillow's own font draws Latin, and Chinese comes out as boxes.
_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 7

# Bars and spaces of Code 128, symbol after symbol (ISO/IEC 15417, table 1).
_CODE128 = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231"
    "113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131"
    "113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211"
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214"
    "211232"
)
_CODE128_STOP = "2331112"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a line, and how many times wider and higher than its cell."""

    text: str
    across: int = 1
    down: int = 1

    @property
    def width(self) -> int:
        """Dots across: double cells for everything a mainland printer draws full width."""
        return CELL[0] * (2 if ord(self.text) > 0x2E7F else 1) * self.across


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if _FONT[0].is_file():
        return ImageFont.truetype(str(_FONT[0]), CELL[1], index=_FONT[1])
    return ImageFont.load_default(CELL[1] - 4)


def line_rows(letters: Sequence[Letter], width: int, justify: int) -> list[bytes]:
    """One line of text as rows; `justify` 0 left, 1 centre, 2 right."""
    height = max((letter.down for letter in letters), default=1) * CELL[1]
    drawn = Image.new("L", (max(1, sum(letter.width for letter in letters)), height), 0)
    x = 0
    for letter in letters:
        cell = Image.new("L", (letter.width // letter.across, CELL[1]), 0)
        ImageDraw.Draw(cell).text((0, CELL[1] - 5), letter.text, 255, font=_font(), anchor="ls")
        cell = cell.resize((letter.width, CELL[1] * letter.down), Image.Resampling.NEAREST)
        drawn.paste(cell, (x, height - cell.height))
        x += letter.width
    return placed(drawn, width, justify)


def placed(drawn: Image.Image, width: int, justify: int) -> list[bytes]:
    """A picture (white on black is ink) as rows of paper `width` dots wide; the rest is cropped."""
    left = {0: 0, 1: (width - drawn.width) // 2, 2: width - drawn.width}.get(justify, 0)
    page = Image.new("L", (width, drawn.height), 0)
    page.paste(drawn, (max(0, left), 0))
    data = page.point([0] * 128 + [255] * 128, "1").tobytes()
    across = (width + 7) // 8
    return [data[at : at + across] for at in range(0, len(data), across)]


def qr_rows(data: bytes, module: int, level: str, width: int, justify: int) -> list[bytes]:
    """A QR code without quiet zone; nothing when it is wider than the paper."""
    try:
        code = segno.make_qr(data, error=level, boost_error=False, mode=None)
    except segno.DataOverflowError:
        return []
    side = len(code.matrix) * module
    if side > width:
        return []
    drawn = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(drawn)
    for y, line in enumerate(code.matrix):
        for x, dark in enumerate(line):
            if dark:
                box = (x * module, y * module, (x + 1) * module - 1, (y + 1) * module - 1)
                draw.rectangle(box, fill=255)
    return placed(drawn, width, justify)


def code128_rows(data: bytes, module: int, height: int, width: int, justify: int) -> list[bytes]:
    """A Code 128 bar code from `GS k` data with its "{A", "{B", "{C" prefixes; nothing if wrong."""
    values = _code128_values(data)
    if not values:
        return []
    check = (values[0] + sum(n * value for n, value in enumerate(values))) % 103
    pattern = "".join(_CODE128[v * 6 : v * 6 + 6] for v in [*values, check]) + _CODE128_STOP
    across = sum(map(int, pattern)) * module
    if across > width:
        return []
    drawn = Image.new("L", (across, height), 0)
    x = 0
    for place, modules in enumerate(pattern):
        wide = int(modules) * module
        if place % 2 == 0:
            drawn.paste(255, (x, 0, x + wide, height))
        x += wide
    return placed(drawn, width, justify)


def _code128_values(data: bytes) -> list[int]:
    values: list[int] = []
    code, at = "", 0
    while at < len(data):
        if data[at] == 0x7B and data[at + 1 : at + 2] in (b"A", b"B", b"C"):
            name = chr(data[at + 1])
            starts, shifts = {"A": 103, "B": 104, "C": 105}, {"A": 101, "B": 100, "C": 99}
            values.append((shifts if values else starts)[name])
            code, at = name, at + 2
        elif not code:
            return []
        elif code == "C":
            values.append(min(data[at], 99))
            at += 1
        else:
            if data[at] == 0x7B:
                at += 1
            byte = data[at] if at < len(data) else 0x7B
            values.append(byte + 64 if byte < 32 else byte - 32)
            at += 1
    return values

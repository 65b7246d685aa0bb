# SPDX-License-Identifier: Apache-2.0
"""The image buffer as a picture file for people: synthetic ridges, and a line that says so."""

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

LABEL_PX: Final = 16
KINDS: Final = {".bmp": "BMP", ".png": "PNG"}


def grey(packed: bytes) -> bytes:
    """One byte a pixel, 0 to 255, from two pixels a byte, the left one high."""
    return bytes(17 * nibble for byte in packed for nibble in (byte >> 4, byte & 15))


def write(path: Path, packed: bytes, width_px: int, height_px: int, label: str) -> None:
    """`packed` (4 bits a pixel) with `label` under it, as BMP or PNG by the name's ending.

    Raises ValueError for another ending or when the bytes are no such picture.
    """
    if path.suffix.lower() not in KINDS:
        raise ValueError(f"a picture's name ends in {' or '.join(KINDS)}")
    if len(packed) != width_px * height_px // 2:
        raise ValueError(f"the buffer does not hold {width_px} x {height_px} pixels")
    whole = Image.new("L", (width_px, height_px + LABEL_PX), 255)
    whole.paste(Image.frombytes("L", (width_px, height_px), grey(packed)), (0, 0))
    ImageDraw.Draw(whole).text((4, height_px + 2), label, fill=0, font=ImageFont.load_default(11))
    told = PngInfo()
    told.add_text("Comment", label)
    kind = KINDS[path.suffix.lower()]
    whole.save(path, kind, **({"pnginfo": told} if kind == "PNG" else {}))

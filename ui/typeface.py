# SPDX-License-Identifier: Apache-2.0
"""Font files and faces: the simplified-Chinese face of a collection, and one for rare characters.

A Noto CJK collection holds a Japanese face first; drawn with it 直 or 骨 look foreign. Faces are
therefore opened by family name, not by file alone.
"""

from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
"""Where font files are looked for (Debian: fonts-noto-cjk, fonts-hanazono)."""

FILES = {400: "NotoSansCJK-Regular.ttc", 700: "NotoSansCJK-Bold.ttc"}
FAMILY = "Noto Sans CJK SC"
RARE = "HanaMinB.ttf"
"""All of CJK Extension B and later, for names that the first font cannot write."""

_RARE_FROM = 0x20000


class FontMissingError(RuntimeError):
    """A font file that the screens cannot do without is not installed."""


@cache
def font_file(name: str) -> Path | None:
    """The file called `name` anywhere under `FOLDERS`, or None."""
    for folder in FOLDERS:
        for found in sorted(folder.rglob(name)):
            return found
    return None


@cache
def _index(path: Path) -> int:
    for index in range(32):
        try:
            family = ImageFont.truetype(path, 16, index=index).getname()[0]
        except OSError:
            break
        if family == FAMILY:
            return index
    raise FontMissingError(f"{path.name} holds no face called {FAMILY}")


@lru_cache(maxsize=128)
def face(weight: int, px: int) -> ImageFont.FreeTypeFont:
    """The face for texts, `px` pixels to the em. Raises `FontMissingError` without the font."""
    path = font_file(FILES[weight])
    if path is None:
        raise FontMissingError(f"{FILES[weight]} is missing (Debian package fonts-noto-cjk)")
    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(path, px, index=_index(path), layout_engine=basic)


@lru_cache(maxsize=32)
def rare_face(px: int) -> ImageFont.FreeTypeFont | None:
    """The face for characters that `face` lacks, or None where it is not installed."""
    path = font_file(RARE)
    if path is None:
        return None
    return ImageFont.truetype(path, px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def lacks(character: str, weight: int) -> bool:
    """Whether the face for texts has no glyph for a rare character (beyond U+20000).

    Common characters are all there; only the rare ones are looked at, by comparing with the
    picture of a character that no font has.
    """
    if ord(character) < _RARE_FROM:
        return False
    font = face(weight, 24)

    def drawn(one: str) -> bytes:
        picture = Image.new("L", (32, 36), 0)
        ImageDraw.Draw(picture).text((4, 28), one, fill=255, font=font, anchor="ls")
        return picture.tobytes()

    return drawn(character) == drawn("\U000e0fff")

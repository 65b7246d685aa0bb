# SPDX-License-Identifier: Apache-2.0
"""Fonts for paper: the face of every character, found by the face's own character map.

Any script: what joins or stacks is shaped by raqm, what reads from the right is put in order by
`kiosk.receipts.bidi`.

A name may hold characters outside the basic plane, which one font never covers: Noto Sans CJK has
about a twentieth of the CJK extensions B to F, HanaMinB nearly all. A character no face has is
written as ``[U+3106C]``, never as a box or a question mark: a slip with a box is a wrong document.
"""

import os
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

from kiosk.receipts.bidi import plain, right_to_left, stretches
from kiosk.receipts.coverage import Coverage, coverage

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
"""Debian's folders of fonts-noto-cjk, fonts-noto-core and fonts-hanazono."""

# Preference, weight by weight: file under a font folder, number of the face in a collection.
_REGULAR = (
    ("opentype/noto/NotoSansCJK-Regular.ttc", 2),  # 2 is the mainland face (SC)
    ("truetype/hanazono/HanaMinB.ttf", 0),
    ("truetype/hanazono/HanaMinA.ttf", 0),
    ("truetype/noto/NotoSans-Regular.ttf", 0),
    ("truetype/noto/NotoNaskhArabic-Regular.ttf", 0),
    ("truetype/noto/NotoSerifTibetan-Regular.ttf", 0),
    ("truetype/noto/NotoSansMongolian-Regular.ttf", 0),
    ("truetype/noto/NotoSansYi-Regular.ttf", 0),
)
_BOLD = (("opentype/noto/NotoSansCJK-Bold.ttc", 2), *_REGULAR)


class NoFontError(RuntimeError):
    """No font for Chinese is installed; names the package that brings it."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of one file and the characters it draws."""

    path: str
    number: int
    covers: Coverage


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive characters of one face at one size, and their width in dots.

    `text` is in reading order; `direction` tells the shaper which way it goes ("ltr", "rtl"),
    None where Pillow has no shaper.
    """

    text: str
    font: ImageFont.FreeTypeFont
    width: float
    direction: str | None = None


@lru_cache(maxsize=2)
def faces(bold: bool) -> tuple[Face, ...]:
    """The faces that are installed, best first. Raises NoFontError without a Chinese one."""
    found = []
    for name, number in _BOLD if bold else _REGULAR:
        path = next((p for folder in FONT_FOLDERS if (p := folder / name).is_file()), None)
        if path is not None:
            found.append(_face(os.fspath(path), number))
    if not any(ord("证") in face.covers for face in found):
        raise NoFontError("no Chinese font: install fonts-noto-cjk")
    return tuple(found)


@lru_cache(maxsize=16)
def _face(path: str, number: int) -> Face:
    return Face(path, number, coverage(path, number))


@lru_cache(maxsize=1)
def _shaped() -> bool:
    """Whether Pillow has the shaper that scripts which join or stack need."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=64)
def _font(path: str, number: int, size: int) -> ImageFont.FreeTypeFont:
    """A loaded font; shaped by raqm where it is there."""
    engine = ImageFont.Layout.RAQM if _shaped() else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, index=number, layout_engine=engine)


@lru_cache(maxsize=4096)
def _face_for(cluster: str, bold: bool) -> Face | None:
    """The first face with every character of `cluster` that leaves ink."""
    wanted = [ord(letter) for letter in cluster if not _inkless(letter)] or [ord(cluster[0])]
    return next((f for f in faces(bold) if all(letter in f.covers for letter in wanted)), None)


def _inkless(letter: str) -> bool:
    """Variation selectors and joiners: they choose a shape, they have none."""
    code = ord(letter)
    return (
        0x180B <= code <= 0x180F
        or code in (0x200C, 0x200D)
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
    )


def clusters(text: str) -> list[str]:
    """`text` in parts that are drawn together: a letter with its marks and selectors."""
    parts: list[str] = []
    for letter in text:
        if parts and (_inkless(letter) or unicodedata.category(letter) in ("Mn", "Mc", "Me")):
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts


def runs(text: str, size: int, *, bold: bool = False, rtl: bool | None = None) -> list[Run]:
    """`text` split where face or direction changes, from left to right on paper.

    `rtl` is the direction of the paragraph, found from `text` itself when None. Characters without
    any face are written as their code, control characters are dropped.
    """
    text = plain(text)
    made = []
    for part, backward in stretches(text, rtl=right_to_left(text) if rtl is None else rtl):
        pieces: list[tuple[Face, str]] = []
        for cluster in clusters(part):
            face, shown = _shown(cluster, bold)
            if pieces and pieces[-1][0] is face:
                pieces[-1] = (face, pieces[-1][1] + shown)
            else:
                pieces.append((face, shown))
        direction = ("rtl" if backward else "ltr") if _shaped() else None
        for face, piece in reversed(pieces) if backward else pieces:
            font = _font(face.path, face.number, size)
            made.append(Run(piece, font, font.getlength(piece, direction=direction), direction))
    return made


def _shown(cluster: str, bold: bool) -> tuple[Face, str]:
    """The face of a cluster, and what of it that face can draw."""
    face = _face_for(cluster, bold)
    if face is not None:
        return face, cluster
    if unicodedata.category(cluster[0]) == "Zs":
        return faces(bold)[0], " " + cluster[1:]
    codes = "".join(f"[U+{ord(letter):04X}]" for letter in cluster if not _inkless(letter))
    return faces(bold)[0], codes


def width(text: str, size: int, *, bold: bool = False) -> float:
    """How many dots wide `text` is."""
    return sum(run.width for run in runs(text, size, bold=bold))

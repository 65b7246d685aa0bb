# SPDX-License-Identifier: Apache-2.0
"""Fonts for paper: the face of every character, found by the face's own character map.

A name may hold characters outside the basic plane, which one font never covers: Noto Sans CJK has
about a twentieth of the CJK extensions B to F, HanaMinB nearly all. A character no face has is
written as ``[U+3106C]``, never as a box or a question mark: a slip with a box is a wrong document.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

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
    """Consecutive characters of one face at one size, and their width in dots."""

    text: str
    font: ImageFont.FreeTypeFont
    width: float


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


@lru_cache(maxsize=32)
def _font(path: str, number: int, size: int) -> ImageFont.FreeTypeFont:
    """A loaded font; shaped by raqm where it is there (scripts that join need it)."""
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, index=number, layout_engine=engine)


@lru_cache(maxsize=4096)
def _face_for(letter: str, bold: bool) -> Face | None:
    return next((face for face in faces(bold) if ord(letter) in face.covers), None)


def runs(text: str, size: int, *, bold: bool = False) -> list[Run]:
    """`text` split where its face changes; characters without any face written as their code."""
    pieces: list[tuple[Face, str]] = []
    for letter in text:
        face = _face_for(letter, bold)
        shown = letter if face else f"[U+{ord(letter):04X}]"
        face = face or faces(bold)[0]
        if pieces and pieces[-1][0] is face:
            pieces[-1] = (face, pieces[-1][1] + shown)
        else:
            pieces.append((face, shown))
    made = []
    for face, piece in pieces:
        font = _font(face.path, face.number, size)
        made.append(Run(piece, font, font.getlength(piece)))
    return made


def width(text: str, size: int, *, bold: bool = False) -> float:
    """How many dots wide `text` is."""
    return sum(run.width for run in runs(text, size, bold=bold))


# Chinese typesetting (GB/T 15834): a line begins with none of these and ends with none of those.
_NOT_FIRST = frozenset(
    "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300b\u300d\u300f\u3011\u3015\u2026\u2014,.;:?!%)]"
)
_NOT_LAST = frozenset("\uff08\u300a\u300c\u300e\u3010\u3014([")


def wrapped(text: str, size: int, limit: float, *, bold: bool = False) -> list[str]:
    """`text` as lines at most `limit` dots wide.

    Breaks at spaces and between Chinese characters; a word wider than a line is broken anywhere.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if not line or width((line + piece).rstrip(), size, bold=bold) <= limit:
            line += piece
            continue
        lines.append(line.rstrip())
        line = piece.lstrip()
    lines.append(line.rstrip())
    return [part for whole in lines for part in _broken(whole, size, limit, bold=bold)]


def _pieces(text: str) -> list[str]:
    """Smallest parts that stay together on a line."""
    pieces: list[str] = []
    for letter in text:
        glued = pieces and (
            letter in _NOT_FIRST
            or letter == " "
            or pieces[-1][-1] in _NOT_LAST
            or (_in_word(letter) and _in_word(pieces[-1][-1]))
        )
        if glued:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _in_word(letter: str) -> bool:
    """Whether a letter belongs to a word that is not broken (Latin, digits, Arabic...)."""
    return ord(letter) < 0x2E80 and letter not in " \u00b7"


def _broken(line: str, size: int, limit: float, *, bold: bool) -> list[str]:
    parts = [""]
    for letter in line:
        if parts[-1] and width(parts[-1] + letter, size, bold=bold) > limit:
            parts.append("")
        parts[-1] += letter
    return parts

# SPDX-License-Identifier: Apache-2.0
"""Text broken into lines, by the habits of its script."""

from kiosk.receipts.bidi import plain
from kiosk.receipts.fonts import clusters, width

# Chinese typesetting (GB/T 15834): a line begins with none of these and ends with none of those.
_NOT_FIRST = frozenset(
    "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300b\u300d\u300f\u3011\u3015\u2026\u2014,.;:?!%)]"
)
_UNITS = frozenset("年月日元次人天")  # stay with their number
_SYLLABLE_END = "\u0f0b\u0f0d\u0f0e"  # Tibetan
_NOT_LAST = frozenset("\uff08\u300a\u300c\u300e\u3010\u3014([")


def wrapped(text: str, size: int, limit: float, *, bold: bool = False) -> list[str]:
    """`text` as lines at most `limit` dots wide.

    Breaks at spaces and between Chinese characters; a word wider than a line is broken anywhere.
    """
    lines: list[str] = []
    line = ""
    text = plain(text)
    for piece in _pieces(text):
        if not line or width((line + piece).rstrip(), size, bold=bold) <= limit:
            line += piece
            continue
        lines.append(line.rstrip())
        line = piece.lstrip()
    lines.append(line.rstrip())
    return [part for whole in lines for part in _broken(whole, size, limit, bold=bold)]


def balanced(text: str, size: int, limit: float, *, bold: bool = False) -> list[str]:
    """Like `wrapped`, with lines about equally long: a centred last line of one letter is ugly."""
    lines = wrapped(text, size, limit, bold=bold)
    low, high = limit / len(lines), limit
    while len(lines) > 1 and high - low > size / 2:
        middle = (low + high) / 2
        tried = wrapped(text, size, middle, bold=bold)
        if len(tried) > len(lines):
            low = middle
        else:
            lines, high = tried, middle
    return lines


def _pieces(text: str) -> list[str]:
    """Smallest parts that stay together on a line."""
    pieces: list[str] = []
    for cluster in clusters(text):
        letter = cluster[0]
        glued = pieces and (
            letter in _NOT_FIRST
            or letter == " "
            or pieces[-1][-1] in _NOT_LAST
            or (letter in _UNITS and pieces[-1].rstrip()[-1:].isdigit())
            or (_in_word(pieces[-1][-1]) and (_in_word(letter) or letter in _SYLLABLE_END))
        )
        if glued:
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return pieces


def _in_word(letter: str) -> bool:
    """Whether a letter belongs to a word that is not broken (Latin, digits, Arabic...).

    Tibetan has no spaces between words: a line may break after each syllable's dot or stroke.
    """
    return ord(letter) < 0x2E80 and letter not in " \u00b7\u0f0b\u0f0d\u0f0e"


def _broken(line: str, size: int, limit: float, *, bold: bool) -> list[str]:
    parts = [""]
    if width(line, size, bold=bold) <= limit:
        return [line]
    for letter in clusters(line):
        if parts[-1] and width(parts[-1] + letter, size, bold=bold) > limit:
            parts.append("")
        parts[-1] += letter
    return parts

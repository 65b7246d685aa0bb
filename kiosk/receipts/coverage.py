# SPDX-License-Identifier: Apache-2.0
"""Which characters a font file draws, without unpacking its character map.

fontTools turns the map of a Chinese font into a dictionary of tens of thousands of names, which
takes most of a second. A slip asks for a hundred characters, and the file already holds sorted
ranges (OpenType specification, ``cmap`` format 12): they are searched as they lie.
"""

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from struct import unpack_from

from fontTools.ttLib import TTFont

_FULL_UNICODE = frozenset(((3, 10), (0, 4), (0, 6)))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Ranges of characters, sorted: `starts[i]` to `ends[i]` including both."""

    starts: array
    ends: array

    def __contains__(self, character: int) -> bool:
        place = bisect_right(self.starts, character) - 1
        return place >= 0 and character <= self.ends[place]


def coverage(path: str, number: int) -> Coverage:
    """What face `number` of the file at `path` covers."""
    with TTFont(path, fontNumber=number, lazy=True) as font:
        raw = font.reader["cmap"] if font.reader is not None else b""
        ranges = _format_12(raw)
        if ranges is None:
            known = sorted(font.getBestCmap() or ())
            return Coverage(array("L", known), array("L", known))
    return ranges


def _format_12(raw: bytes) -> Coverage | None:
    """The groups of a full-Unicode subtable of format 12; None when there is none."""
    (count,) = unpack_from(">H", raw, 2) if len(raw) >= 4 else (0,)
    for record in range(count):
        platform, encoding, offset = unpack_from(">HHL", raw, 4 + 8 * record)
        if (platform, encoding) not in _FULL_UNICODE:
            continue
        kind, _reserved, _length, _language, groups = unpack_from(">HHLLL", raw, offset)
        if kind != 12:
            continue
        flat = unpack_from(f">{3 * groups}L", raw, offset + 16)
        return Coverage(array("L", flat[0::3]), array("L", flat[1::3]))
    return None

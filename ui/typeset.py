# SPDX-License-Identifier: Apache-2.0
"""Sets text into lines: measuring, wrapping and the runs that a painter draws.

Chinese may break between any two characters, except that no line begins with a closing mark or ends
with an opening one; Latin words and strong pieces (dates, amounts) stay whole where they fit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kiosk.texts import Piece
from ui.compounds import cut
from ui.typeface import face, lacks, rare_face

_NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’%‰·…,.;:?!)]}〞›")
_NOT_LAST = frozenset("（《〈「『【〔“‘([{")

ASCENT = 0.88
"""Height of the em above the baseline (Noto Sans CJK's ideographic em box)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one face: `x` and `width` in px from the line's start."""

    letters: str
    x: float
    width: float
    strong: bool
    rare: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of runs."""

    runs: tuple[Run, ...]
    width: float


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one text: `width` of the widest, `height` of all, `pitch` px from line to line."""

    lines: tuple[Line, ...]
    width: float
    height: float
    px: int
    pitch: float
    weight: int


@dataclass(frozen=True, slots=True)
class _Atom:
    """What no line break may split."""

    letters: str
    strong: bool
    width: float
    rare: bool


@lru_cache(maxsize=20000)
def advance(letters: str, weight: int, px: int, rare: bool = False) -> float:
    """Width in px of letters drawn in one face."""
    font = (rare_face(px) if rare else None) or face(weight, px)
    return font.getlength(letters)


def _wide(character: str) -> bool:
    code = ord(character)
    return (
        0x2E80 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or code >= 0xFF00
        or (character in "“”‘’…·—")
    )


def _split(words: str, by_word: bool) -> Iterable[str]:
    """Words in stretches that belong together: a Latin word, a space, a Chinese character.

    `by_word`: also the characters of a known Chinese word.
    """
    word = ""
    for stretch in cut(words) if by_word else words:
        if stretch in " \n" or _wide(stretch[0]):
            if word:
                yield word
                word = ""
            yield stretch
        else:
            word += stretch
    if word:
        yield word


def _atoms(
    pieces: Sequence[Piece], weight: int, px: int, widest: float, by_word: bool
) -> list[_Atom]:
    atoms: list[_Atom] = []
    for piece in pieces:
        own = 700 if piece.strong else weight
        whole = piece.words.replace(" ", "\u00a0")
        if piece.strong and advance(whole, own, px) <= widest:
            parts: Iterable[str] = (whole,)
        else:
            parts = _split(piece.words, by_word)
        for part in parts:
            rare = len(part) == 1 and lacks(part, own)
            width = 0.0 if part == "\n" else advance(part, own, px, rare)
            atoms.append(_Atom(part, piece.strong, width, rare))
    return atoms


def _glued(atoms: list[_Atom]) -> list[list[_Atom]]:
    """Atoms in groups that stay on one line: a mark stays with what it closes or opens."""
    groups: list[list[_Atom]] = []
    for atom in atoms:
        first = atom.letters[0]
        glue = (
            bool(groups)
            and first not in " \n"
            and groups[-1][-1].letters not in (" ", "\n")
            and (first in _NOT_FIRST or groups[-1][-1].letters[-1] in _NOT_LAST)
        )
        if glue:
            groups[-1].append(atom)
        else:
            groups.append([atom])
    return groups


def _fill(groups: list[list[_Atom]], widest: float) -> list[list[_Atom]]:
    lines: list[list[_Atom]] = [[]]
    used = 0.0
    for group in groups:
        width = sum(atom.width for atom in group)
        if group[0].letters == "\n":
            lines.append([])
            used = 0.0
            continue
        # An ideographic comma or stop fills half its box: it may hang over the edge a little.
        if lines[-1] and used + width > widest + 0.5 and group[0].letters != " ":
            while lines[-1] and lines[-1][-1].letters == " ":
                lines[-1].pop()
            lines.append([])
            used = 0.0
        if not lines[-1] and group[0].letters == " " and len(lines) > 1:
            continue
        lines[-1].extend(group)
        used += width
    while lines[-1] and lines[-1][-1].letters == " ":
        lines[-1].pop()
    return lines


def _widest(groups: list[list[_Atom]]) -> float:
    return max(sum(atom.width for atom in group) for group in groups)


def _line(atoms: list[_Atom], weight: int, px: int) -> Line:
    runs: list[Run] = []
    x, start = 0.0, 0
    for at in range(len(atoms) + 1):
        same = (
            start < at < len(atoms)
            and atoms[at].strong == atoms[start].strong
            and atoms[at].rare == atoms[start].rare
        )
        if at == start or same:
            continue
        letters = "".join(atom.letters for atom in atoms[start:at])
        strong, rare = atoms[start].strong, atoms[start].rare
        width = advance(letters, 700 if strong else weight, px, rare)
        runs.append(Run(letters, x, width, strong, rare))
        x += width
        start = at
    return Line(tuple(runs), x)


@lru_cache(maxsize=4096)
def typeset(
    pieces: tuple[Piece, ...],
    weight: int,
    px: int,
    pitch: float,
    widest: float,
    balance: bool = False,
) -> Block:
    """Lines no wider than `widest` px, `pitch` px apart.

    `balance`: lines of about equal length instead of a full one and a leftover, and no break inside
    a known Chinese word unless that costs a line. A stretch that is
    wider than `widest` by itself stays whole: the block is then wider than asked for.
    """
    groups = _glued(_atoms(pieces, weight, px, widest, by_word=False))
    lines = _fill(groups, widest)
    if balance and len(lines) > 1:
        words = _glued(_atoms(pieces, weight, px, widest, by_word=True))
        if len(_fill(words, widest)) == len(lines) and _widest(words) <= max(
            widest, _widest(groups)
        ):
            groups = words
    if balance and len(lines) > 1:
        narrow, wide = widest / 2, widest
        for _ in range(7):
            middle = (narrow + wide) / 2
            if len(_fill(groups, middle)) > len(lines):
                narrow = middle
            else:
                wide = middle
        lines = _fill(groups, wide)
    placed = tuple(_line(line, weight, px) for line in lines)
    width = max((line.width for line in placed), default=0.0)
    return Block(placed, width, pitch * len(placed), px, pitch, weight)

# SPDX-License-Identifier: Apache-2.0
"""The order in which a line of mixed scripts stands on paper (Unicode Standard Annex 9).

A line is cut into stretches of one direction and these are put into visual order; the letters
inside a stretch are left to the shaper (raqm), which needs them in the order they are read. Left
out: explicit embeddings and isolates, whose controls are dropped (on a slip they could only make a
number look like another), and paired brackets (rule N0).
"""

import re
import unicodedata

_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "BN"})


def plain(text: str) -> str:
    """`text` without control characters, which have no place on paper."""
    return _CONTROLS.sub("", text)


def right_to_left(text: str) -> bool:
    """Whether a paragraph begins at the right: by its first strong letter (rules P2, P3)."""
    if not _RIGHT.search(text):
        return False
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def stretches(text: str, *, rtl: bool) -> list[tuple[str, bool]]:
    """Stretches of `text` from left to right on paper; true for those read right to left.

    `rtl` is the direction of the paragraph the line is from.
    """
    if not rtl and not _RIGHT.search(text):
        return [(text, False)] if text else []
    levels = _levels(text, int(rtl))
    cut: list[tuple[str, int]] = []
    for letter, level in zip(text, levels, strict=True):
        if cut and cut[-1][1] == level:
            cut[-1] = (cut[-1][0] + letter, level)
        else:
            cut.append((letter, level))
    return [(part, level % 2 == 1) for part, level in _reordered(cut)]


def _levels(text: str, base: int) -> list[int]:
    kinds = _numbers([unicodedata.bidirectional(letter) or "L" for letter in text], base)
    kinds = _neutrals(kinds, "R" if base else "L")
    levels = [_level(kind, base) for kind in kinds]
    for at in range(len(text) - 1, -1, -1):  # rule L1
        if unicodedata.bidirectional(text[at]) not in ("WS", "BN"):
            break
        levels[at] = base
    return levels


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    if kind == "L":
        return base + base % 2
    if kind == "R":
        return base + 1 - base % 2
    return base + 2 - base % 2  # numbers


def _numbers(kinds: list[str], base: int) -> list[str]:
    """Rules W1 to W7: marks, numbers and what stands between them."""
    start = "R" if base else "L"
    strong, before = start, start
    found: list[str] = []
    for kind in kinds:
        if kind == "NSM":
            kind = before
        before = kind
        if kind in ("L", "R", "AL"):
            strong = kind
        found.append("AN" if kind == "EN" and strong == "AL" else kind)
    found = ["R" if kind == "AL" else kind for kind in found]
    for at in range(1, len(found) - 1):
        left, kind, right = found[at - 1 : at + 2]
        if left == right and (
            (left == "EN" and kind in ("ES", "CS")) or (left == "AN" and kind == "CS")
        ):
            found[at] = left
    for order in (range(len(found)), range(len(found) - 1, -1, -1)):
        beside = ""
        for at in order:
            if found[at] == "ET" and beside == "EN":
                found[at] = "EN"
            beside = found[at]
    strong = start
    for at, kind in enumerate(found):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            found[at] = "L"
        elif kind in ("ES", "ET", "CS"):
            found[at] = "ON"
    return found


def _neutrals(kinds: list[str], start: str) -> list[str]:
    """Rules N1 and N2: spaces and marks go with their neighbours, or with the paragraph."""
    found = list(kinds)
    at = 0
    while at < len(found):
        if found[at] not in _NEUTRAL:
            at += 1
            continue
        end = at
        while end < len(found) and found[end] in _NEUTRAL:
            end += 1
        left = _side(found[at - 1]) if at else start
        right = _side(found[end]) if end < len(found) else start
        found[at:end] = [left if left == right else start] * (end - at)
        at = end
    return found


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _reordered(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Rule L2: from the highest level down, stretches of that level or above are reversed."""
    placed = list(parts)
    for level in range(max((level for _, level in parts), default=0), 0, -1):
        at = 0
        while at < len(placed):
            end = at
            while end < len(placed) and placed[end][1] >= level:
                end += 1
            placed[at:end] = reversed(placed[at:end])
            at = max(end, at + 1)
    return placed

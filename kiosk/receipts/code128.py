# SPDX-License-Identifier: Apache-2.0
"""Code 128 bars (ISO/IEC 15417): digits two by two in set C, other printable ASCII in set B."""

from itertools import pairwise

START_B, START_C, CODE_B, CODE_C, STOP = 104, 105, 100, 99, 106
QUIET_MODULES = 10
"""White needed on either side, in modules (ISO/IEC 15417, 4.3.2)."""

# Widths of the six bars and spaces of each symbol, 0 to 105, and of the stop pattern's seven
# (ISO/IEC 15417, table 1).
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
)
_WIDTHS = tuple(_TABLE.split(" "))


def symbols(text: str) -> list[int]:
    """The symbol values of `text` with start, check and stop. ValueError outside ASCII 32-126."""
    if not text or any(not 32 <= ord(letter) <= 126 for letter in text):
        raise ValueError("a bar code holds printable ASCII")
    in_c = _digits(text, 0) >= 4 or (text.isdigit() and len(text) == 2)
    values = [START_C if in_c else START_B]
    at = 0
    while at < len(text):
        run = _digits(text, at)
        if in_c and run < 2:
            values.append(CODE_B)
            in_c = False
        elif not in_c and (run >= 6 or (run >= 4 and at + run == len(text))) and run % 2 == 0:
            values.append(CODE_C)
            in_c = True
        elif in_c:
            values.append(int(text[at : at + 2]))
            at += 2
        else:
            values.append(ord(text[at]) - 32)
            at += 1
    check = values[0] + sum(place * value for place, value in enumerate(values[1:], 1))
    return [*values, check % 103, STOP]


def modules(text: str) -> list[bool]:
    """`text` as modules from left to right, true for black, without the quiet zones."""
    widths = [int(width) for value in symbols(text) for width in _WIDTHS[value]]
    edges = [0]
    for width in widths:
        edges.append(edges[-1] + width)
    return [
        black
        for black, (left, right) in zip(_alternating(len(widths)), pairwise(edges), strict=True)
        for _ in range(left, right)
    ]


def _alternating(count: int) -> list[bool]:
    return [place % 2 == 0 for place in range(count)]


def _digits(text: str, at: int) -> int:
    """How many digits follow from `at`."""
    end = at
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return end - at

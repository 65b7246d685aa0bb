# SPDX-License-Identifier: Apache-2.0
"""The bar codes that an ESC/POS printer draws by itself (`GS k`), as widths of bars and spaces.

Numbers of the kinds are those of `GS k` function B less 65: 0 UPC-A, 1 UPC-E, 2 EAN-13, 3 EAN-8,
4 Code 39, 5 ITF, 6 Codabar, 7 Code 93, 8 Code 128. Symbol tables: ISO/IEC 15420 (EAN, UPC), 16388
(Code 39), 16390 (ITF), 15417 (Code 128), AIM BC3 (Codabar) and BC5 (Code 93).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby


def _codes(table: str) -> list[str]:
    return table.split()


# -- two widths ---------------------------------------------------------------------------------

_CODE39 = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *$/+%",
        _codes(
            "nnnwwnwnn wnnwnnnnw nnwwnnnnw wnwwnnnnn nnnwwnnnw wnnwwnnnn nnwwwnnnn nnnwnnwnw "
            "wnnwnnwnn nnwwnnwnn wnnnnwnnw nnwnnwnnw wnwnnwnnn nnnnwwnnw wnnnwwnnn nnwnwwnnn "
            "nnnnnwwnw wnnnnwwnn nnwnnwwnn nnnnwwwnn wnnnnnnww nnwnnnnww wnwnnnnwn nnnnwnnww "
            "wnnnwnnwn nnwnwnnwn nnnnnnwww wnnnnnwwn nnwnnnwwn nnnnwnwwn wwnnnnnnw nwwnnnnnw "
            "wwwnnnnnn nwnnwnnnw wwnnwnnnn nwwnwnnnn nwnnnnwnw wwnnnnwnn nwwnnnwnn nwnnwnwnn "
            "nwnwnwnnn nwnwnnnwn nwnnnwnwn nnnwnwnwn"
        ),
        strict=True,
    )
)
_CODABAR = dict(
    zip(
        "0123456789-$:/.+ABCD",
        _codes(
            "nnnnnww nnnnwwn nnnwnnw wwnnnnn nnwnnwn wnnnnwn nwnnnnw nwnnwnn nwwnnnn wnnwnnn "
            "nnnwwnn nnwwnnn wnnnwnw wnwnnnw wnwnwnn nnwnwnw nnwwnwn nwnwnnw nnnwnww nnnwwwn"
        ),
        strict=True,
    )
)
_ITF = _codes("nnwwn wnnnw nwnnw wwnnn nnwnw wnwnn nwwnn nnnww wnnwn nwnwn")
# Dots of a thick bar for a thin one of 2 to 6 dots (Epson's guide, GS w, at 8 dots a millimetre).
_THICK = {2: 5, 3: 8, 4: 10, 5: 13, 6: 15}


def _code39(data: str) -> str:
    inner = data.strip("*")
    if not inner or any(letter not in _CODE39 or letter == "*" for letter in inner):
        return ""
    return "n".join(_CODE39[letter] for letter in f"*{inner}*")


def _codabar(data: str) -> str:
    letters = data.upper()
    ends = set("ABCD")
    right = len(letters) > 2 and {letters[0], letters[-1]} <= ends
    if not right or any(letter not in _CODABAR or letter in ends for letter in letters[1:-1]):
        return ""
    return "n".join(_CODABAR[letter] for letter in letters)


def _itf(data: str) -> str:
    if not data.isdigit() or len(data) % 2:
        return ""
    pairs = (zip(_ITF[int(a)], _ITF[int(b)], strict=True) for a, b in zip(*[iter(data)] * 2))  # noqa: B905
    return "nnnn" + "".join(bar + space for pair in pairs for bar, space in pair) + "wnn"


# -- EAN and UPC --------------------------------------------------------------------------------

_ODD = _codes("0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011")
_RIGHT = [code.translate(str.maketrans("01", "10")) for code in _ODD]
_EVEN = [code[::-1] for code in _RIGHT]
_FIRST = _codes("OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO")
_UPC_E = _codes("EEEOOO EEOEOO EEOOEO EEOOOE EOEEOO EOOEEO EOOOEE EOEOEO EOEOOE EOOEOE")


def _checked(data: str, length: int) -> str:
    """`data` with its check digit, `length` digits in all; "" when it has another length."""
    if not data.isdigit() or len(data) not in (length - 1, length):
        return ""
    body = data[: length - 1]
    weighed = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(body)))
    return body + str(-weighed % 10)


def _left(digits: str, parity: str) -> str:
    return "".join(
        (_ODD if odd == "O" else _EVEN)[int(d)] for d, odd in zip(digits, parity, strict=True)
    )


def _right(digits: str) -> str:
    return "".join(_RIGHT[int(d)] for d in digits)


def _ean13(data: str) -> tuple[str, str]:
    digits = _checked(data, 13)
    if not digits:
        return "", ""
    left = _left(digits[1:7], _FIRST[int(digits[0])])
    return f"101{left}01010{_right(digits[7:])}101", digits


def _upc_a(data: str) -> tuple[str, str]:
    digits = _checked(data, 12)
    return (_ean13("0" + digits)[0], digits) if digits else ("", "")


def _ean8(data: str) -> tuple[str, str]:
    digits = _checked(data, 8)
    if not digits:
        return "", ""
    return f"101{_left(digits[:4], 'OOOO')}01010{_right(digits[4:])}101", digits


def _upc_e(data: str) -> tuple[str, str]:
    """From 6 to 8 digits as they stand, or the 11 or 12 of a UPC-A number that can be shortened."""
    if not data.isdigit() or len(data) not in (6, 7, 8, 11, 12):
        return "", ""
    short = data if len(data) == 6 else data[1:7]
    if len(data) > 8:
        maker, item = data[1:6], data[6:11]
        if maker[2] in "012" and maker[3:] == "00" and item[:2] == "00":
            short = maker[:2] + item[2:] + maker[2]
        elif maker[3:] == "00" and item[:3] == "000":
            short = maker[:3] + item[3:] + "3"
        elif maker[4] == "0" and item[:4] == "0000":
            short = maker[:4] + item[4] + "4"
        elif item[:4] == "0000" and item[4] in "56789":
            short = maker + item[4]
        else:
            return "", ""
    last, first = short[5], short[:5]
    if last in "012":
        whole = f"0{first[:2]}{last}0000{first[2:]}"
    elif last == "3":
        whole = f"0{first[:3]}00000{first[3:]}"
    elif last == "4":
        whole = f"0{first[:4]}00000{first[4]}"
    else:
        whole = f"0{first}0000{last}"
    check = _checked(whole, 12)[-1]
    return f"101{_left(short, _UPC_E[int(check)])}010101", f"0{short}{check}"


# -- Code 93 and Code 128 -------------------------------------------------------------------------

_NAMES93 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%\x80\x81\x82\x83"  # last: ($) (%) (/) (+)
_CODE93 = _codes(
    "131112 111213 111312 111411 121113 121212 121311 111114 131211 141111 211113 211212 211311 "
    "221112 221211 231111 112113 112212 112311 122112 132111 111123 111222 111321 121122 131121 "
    "212112 212211 211122 211221 221121 222111 112122 112221 122121 123111 121131 311112 311211 "
    "321111 112131 113121 211131 121221 312111 311121 122211"
)
_SHIFTS93 = (  # first character, last, shift, the letter of the first
    ("\x01", "\x1a", "\x80", "A"),
    ("\x1b", "\x1f", "\x81", "A"),
    ("!", ",", "\x82", "A"),
    (":", ":", "\x82", "Z"),
    (";", "?", "\x81", "F"),
    ("[", "_", "\x81", "K"),
    ("a", "z", "\x83", "A"),
    ("{", "\x7f", "\x81", "P"),
    ("\x00", "\x00", "\x81", "U"),
    ("@", "@", "\x81", "V"),
    ("`", "`", "\x81", "W"),
)

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
_STARTS = {"A": 103, "B": 104, "C": 105}
_CHANGES = {"A": 101, "B": 100, "C": 99}


def _code93(data: str) -> str:
    names = ""
    for letter in data:
        if letter in _NAMES93[:43]:
            names += letter
            continue
        for first, last, shift, start in _SHIFTS93:
            if first <= letter <= last:
                names += shift + chr(ord(start) + ord(letter) - ord(first))
                break
        else:
            return ""
    values = [_NAMES93.index(name) for name in names]
    if not values:
        return ""
    for most in (20, 15):
        weighed = (value * (place % most + 1) for place, value in enumerate(reversed(values)))
        values.append(sum(weighed) % 47)
    return "111141" + "".join(_CODE93[value] for value in values) + "1111411"


def _code128(data: bytes) -> tuple[str, str]:
    """Widths and the letters to be read; "{A", "{B", "{C", "{S", "{1" to "{4" and "{{" as Epson."""
    values: list[int] = []
    shown, code, at = "", "", 0
    while at < len(data):
        byte, after = data[at], data[at + 1 : at + 2].decode("latin-1")
        if byte == 0x7B and after in _STARTS and after:
            values.append((_CHANGES if values else _STARTS)[after])
            code, at = after, at + 2
        elif not code:
            return "", ""
        elif byte == 0x7B and after and after in "S1234":
            functions = {"S": 98, "1": 102, "2": 97, "3": 96, "4": 101 if code == "A" else 100}
            values.append(functions[after])
            at += 2
        elif code == "C":
            values.append(min(byte, 99))
            shown += f"{min(byte, 99):02d}"
            at += 1
        else:
            at += 2 if byte == 0x7B and after == "{" else 1
            values.append(byte + 64 if byte < 32 else byte - 32)
            shown += chr(byte) if 32 <= byte < 127 else " "
    if not values or max(values) > 105:
        return "", ""
    check = (values[0] + sum(n * value for n, value in enumerate(values))) % 103
    pattern = "".join(_CODE128[v * 6 : v * 6 + 6] for v in [*values, check]) + _CODE128_STOP
    return pattern, shown


# -- all of them ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bars:
    """Widths in dots, bar first, bars and spaces in turn; `text` is what a person reads."""

    widths: tuple[int, ...]
    text: str


def bars(kind: int, data: bytes, module: int) -> Bars | None:
    """The bars of `data` at `module` dots (2 to 6); None for what this kind cannot hold."""
    module = min(6, max(1, module))
    text = data.decode("latin-1")
    shown = text
    if kind == 8:
        digits, shown = _code128(data)
    elif kind == 7:
        digits = _code93(text)
    elif kind in (4, 5, 6):
        make = {4: _code39, 5: _itf, 6: _codabar}[kind]
        thick = _THICK.get(module, 2 * module)
        widths = tuple(thick if one == "w" else module for one in make(text))
        return Bars(widths, text) if widths else None
    elif kind in _BY_MODULES:
        modules, shown = _BY_MODULES[kind](text)
        digits = _runs(modules)
    else:
        return None
    return Bars(tuple(int(digit) * module for digit in digits), shown) if digits else None


def _runs(modules: Iterable[str]) -> str:
    return "".join(str(len(list(run))) for _, run in groupby(modules))


_BY_MODULES: dict[int, Callable[[str], tuple[str, str]]] = {
    0: _upc_a,
    1: _upc_e,
    2: _ean13,
    3: _ean8,
}

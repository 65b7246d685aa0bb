# SPDX-License-Identifier: Apache-2.0
"""The 256 bytes of text in an ID card's chip, in all its layouts, as one frozen value.

Each field is cut by its byte offset and only then decoded, so a lone surrogate shifts nothing.
Spaces and NULs are trimmed at a field's end only. Characters of the private-use area (old cards
with rare ideographs) and beyond the basic plane are kept. What is unknown is kept and told in
`CardText.remarks`; nothing here refuses a card.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Final

from firmware_io.codecs.samv_tables import (
    ETHNICITY_CODES,
    FLAG_OFFSET,
    FLAGS,
    LAYOUTS,
    LONG_TERM,
    NUMBER_CHECKS,
    NUMBER_WEIGHTS,
    SEX_CODES,
    TEXT_BYTES,
    CardKind,
)

_PROVINCES: Final = frozenset(
    map(str, (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)))
) | frozenset(map(str, (*range(61, 66), 71, 81, 82, 83, *range(91, 100))))
"""First two digits in use: GB/T 2260 provinces, 81-83 permit holders, 9x foreigners."""


_SPOKEN: Final = ("name", "foreign_name", "address", "issuer")
_HALF: Final = "\ufffe"  # no character: only `_decode` makes it at a field's end
_FOREIGN_NUMBER: Final = re.compile("[A-Z]{3}[0-9]{12}")  # of 2017; its check digit is unpublished


@dataclass(frozen=True, slots=True)
class CardText:
    """One card's text. Fields the card's kind does not have are empty strings.

    `birth`, `valid_from` are "YYYYMMDD" as on the card, `valid_to` that or "长期"; `number` has its
    check letter in upper case. `remarks` are fixed words on what looks odd, never a field's value:
    flag.unknown, name.missing, name.private_use, {name, foreign_name, address, issuer}.damaged and
    .truncated (its last place holds half a character, which is left out), sex.unknown,
    ethnicity.unknown, birth.not_a_date, number.malformed, number.check_digit,
    number.birth_differs, number.sex_differs, number.area_unknown, valid_from.not_a_date,
    valid_to.not_a_date, validity.reversed.
    """

    kind: CardKind
    name: str = field(default="", repr=False)
    foreign_name: str = field(default="", repr=False)
    sex_code: str = field(default="", repr=False)
    ethnicity_code: str = field(default="", repr=False)
    birth: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    valid_from: str = field(default="", repr=False)
    valid_to: str = field(default="", repr=False)
    permit_number: str = field(default="", repr=False)
    times_issued: str = field(default="", repr=False)
    nationality: str = field(default="", repr=False)
    card_version: str = field(default="", repr=False)
    authority_code: str = field(default="", repr=False)
    former_number_link: str = field(default="", repr=False)
    remarks: tuple[str, ...] = ()


def parse_card_text(block: bytes) -> CardText | None:
    """The text of `block`; None when it is not 256 bytes long. Never raises."""
    if len(block) != TEXT_BYTES:
        return None
    flag = _decode(block[FLAG_OFFSET : FLAG_OFFSET + 2])
    kind = FLAGS.get(flag, CardKind.RESIDENT)
    values = {
        name: _decode(b"".join(block[at : at + size] for at, size in pieces))
        for name, pieces in LAYOUTS[kind].items()
    }
    values["number"] = values["number"].upper()
    remarks = ["flag.unknown"] if flag and kind is CardKind.RESIDENT else []
    for name in _SPOKEN:
        if values.get(name, "").endswith(_HALF):
            values[name] = values[name].removesuffix(_HALF)
            remarks.append(f"{name}.truncated")
    text = CardText(kind=kind, remarks=(), **values)
    return replace(text, remarks=(*remarks, *_remarks(text)))


def number_is_sound(number: str) -> bool:
    """Whether 17 digits and the check character of GB 11643 agree; no word on date or area."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, NUMBER_WEIGHTS, strict=False))
    return number[17] == NUMBER_CHECKS[total % 11]


def is_card_date(text: str) -> bool:
    """Whether `text` is eight digits that name a day of the calendar."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _decode(raw: bytes) -> str:
    """The text of a field. Half a character in its last place, where an issuer cut it, is `_HALF`.

    That place is the field's own last one: half a character before padding is damage.
    """
    half = raw[-1:] >= b"\xd8" and raw[-1:] <= b"\xdb"
    text = raw[: len(raw) - 2 * half].decode("utf-16-le", "replace").rstrip(" \0")
    return text + _HALF * half


def _remarks(text: CardText) -> Iterator[str]:
    if not (text.name or text.foreign_name):
        yield "name.missing"
    if any("\ue000" <= char <= "\uf8ff" or char >= "\U000f0000" for char in text.name):
        yield "name.private_use"
    for name in _SPOKEN:
        if "\ufffd" in getattr(text, name) or "\0" in getattr(text, name):
            yield f"{name}.damaged"
    if text.sex_code not in SEX_CODES or not text.sex_code:
        yield "sex.unknown"
    if text.kind is CardKind.RESIDENT and text.ethnicity_code not in ETHNICITY_CODES:
        yield "ethnicity.unknown"
    if not is_card_date(text.birth):
        yield "birth.not_a_date"
    if text.kind is not CardKind.FOREIGN_2017:
        yield from _number_remarks(text)
    elif not _FOREIGN_NUMBER.fullmatch(text.number):
        yield "number.malformed"
    if not is_card_date(text.valid_from):
        yield "valid_from.not_a_date"
    if text.valid_to != LONG_TERM:
        if not is_card_date(text.valid_to):
            yield "valid_to.not_a_date"
        elif text.valid_to < text.valid_from:
            yield "validity.reversed"


def _number_remarks(text: CardText) -> Iterator[str]:
    number = text.number
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        yield "number.malformed"
        return
    if not number_is_sound(number):
        yield "number.check_digit"
    born_at = 6
    if number[born_at : born_at + 8] != text.birth:
        yield "number.birth_differs"
    odd = int(number[16]) % 2 == 1
    if (text.sex_code == "1" and not odd) or (text.sex_code == "2" and odd):
        yield "number.sex_differs"
    if number[:2] not in _PROVINCES:
        yield "number.area_unknown"


FIELD_NAMES: Final = tuple(f.name for f in fields(CardText) if f.name not in ("kind", "remarks"))
"""Every text field of a card, in the order of `CardText`."""

# SPDX-License-Identifier: Apache-2.0
"""The three numbers of an application: citizen number, acceptance number, booth number.

Citizen number 公民身份号码: GB 11643-1999, 18 characters, check character by ISO 7064 MOD 11-2.
Acceptance number 受理号: GA 214.4-2004, 22 digits, given by the counter alone.
Booth number: this product's own, of another shape so that nobody takes it for the former.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from idcard.age import full_years

# GB 11643-1999, 6.2: W_i = 2^(18-i) mod 11, and the check characters for remainders 0..10.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# GB/T 2260, first two digits: the provincial level, with Taiwan, Hong Kong, Macao, and 83, in use
# for residence permits of people from Taiwan. County codes come and go; a number keeps the code of
# the day it was given, so they are not checked.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
# Above this a number is right in form but somebody should look.
_UNLIKELY_AGE = 120


class NumberFault(StrEnum):
    """What is wrong with a typed or read citizen number."""

    LENGTH = "length"
    OLD_FORM = "old-form"  # 15 digits, before 1999-10-01: ask for the 18 characters
    LETTER_FOR_DIGIT = "letter-for-digit"  # O or I typed for 0 or 1
    CHARACTER = "character"
    CHECK_DIGIT = "check-digit"
    NO_SUCH_DATE = "no-such-date"
    FUTURE_BIRTH = "future-birth"
    NO_SUCH_AREA = "no-such-area"


class CitizenNumberError(ValueError):
    """Not a citizen number. `fault` says why; the text never holds the number."""

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A number that passed every check. `text` has 18 characters, `X` raised."""

    text: str
    area: str
    birth_date: date
    sex: str  # "1" male, "2" female (GB/T 2261.1): digit 17 odd or even

    def ask_staff(self, today: date) -> bool:
        """Right in form, but so old that staff should look before going on."""
        return full_years(self.birth_date, today) > _UNLIKELY_AGE


def parse_citizen_number(typed: str, today: date) -> CitizenNumber:
    """Reads a number as typed: spaces dropped, full-width forms and small x made normal.

    Raises CitizenNumberError with the first fault found, in the order a person would mend them:
    letters, length, other characters, check character, date, future, area.
    """
    text = _normal(typed)
    if re.search(r"[OIL]", text):
        raise CitizenNumberError(NumberFault.LETTER_FOR_DIGIT)
    if re.fullmatch(r"[0-9]{15}", text):
        raise CitizenNumberError(NumberFault.OLD_FORM)
    if len(text) != 18:
        raise CitizenNumberError(NumberFault.LENGTH)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        raise CitizenNumberError(NumberFault.CHARACTER)
    if check_character(text[:17]) != text[17]:
        raise CitizenNumberError(NumberFault.CHECK_DIGIT)
    birth = _date_of(text[6:14])
    if birth is None:
        raise CitizenNumberError(NumberFault.NO_SUCH_DATE)
    if birth > today:
        raise CitizenNumberError(NumberFault.FUTURE_BIRTH)
    if not _PROVINCES.match(text):
        raise CitizenNumberError(NumberFault.NO_SUCH_AREA)
    return CitizenNumber(text, text[:6], birth, "1" if int(text[16]) % 2 else "2")


def check_character(first_17: str) -> str:
    """The 18th character for 17 ASCII digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


@dataclass(frozen=True, slots=True)
class AcceptanceNumber:
    """The parts of an acceptance number.

    `station` is 6 digits area and 3 digits station; `seq` counts that day's, 1 to 99999.
    """

    station: str
    day: date
    seq: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{9}", self.station) or not 1 <= self.seq <= 99_999:
            raise ValueError("no acceptance number")

    def __str__(self) -> str:
        return f"{self.station}{self.day:%Y%m%d}{self.seq:05d}"

    def grouped(self) -> str:
        """For reading: ``320402 001 20261201 00007``."""
        return f"{self.station[:6]} {self.station[6:]} {self.day:%Y%m%d} {self.seq:05d}"


def parse_acceptance_number(typed: str) -> AcceptanceNumber:
    """Reads 22 digits, grouped or not. Raises ValueError.

    The standard has no check digit: a slip of the finger gives another valid number, so a typed
    one needs a second proof.
    """
    text = _normal(typed)
    if not re.fullmatch(r"[0-9]{22}", text):
        raise ValueError("no acceptance number")
    day = _date_of(text[9:17])
    if day is None:
        raise ValueError("no acceptance number")
    return AcceptanceNumber(text[:9], day, int(text[17:]))


# The check letter: weights 5^i mod 23 are all different for the 18 places a booth number can have
# (5 generates the residues of 23), so one wrong digit or two neighbours swapped always shows.
# Letters that look like digits (I, O, Z) are left out, which leaves 23.
_BOOTH_CHECKS = "ABCDEFGHJKLMNPQRSTUVWXY"
_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BOOTH_NUMBER = re.compile(r"([A-Z][A-Z0-9]{1,7})-([0-9]{6})-([0-9]{4})-([A-Z])")


@dataclass(frozen=True, slots=True)
class BoothNumber:
    """The number on a slip printed before the counter has answered: ``B03-261201-0007-K``.

    `seq` counts the booth's applications of that day, 1 to 9999.
    """

    booth_id: str
    day: date
    seq: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z][A-Z0-9]{1,7}", self.booth_id) or not 1 <= self.seq <= 9999:
            raise ValueError("no booth number")
        if not 2000 <= self.day.year <= 2099:
            raise ValueError("no booth number")

    def __str__(self) -> str:
        body = f"{self.booth_id}-{self.day:%y%m%d}-{self.seq:04d}"
        values = (_BASE_36.index(character) for character in body.replace("-", ""))
        total = sum(value * pow(5, place, 23) for place, value in enumerate(values))
        return f"{body}-{_BOOTH_CHECKS[total % 23]}"


def parse_booth_number(typed: str) -> BoothNumber:
    """Reads a booth number as typed. Raises ValueError, also for a wrong check letter."""
    text = _normal(typed)
    found = _BOOTH_NUMBER.fullmatch(text)
    if found is None:
        raise ValueError("no booth number")
    day = _date_of(f"20{found[2]}")
    if day is None:
        raise ValueError("no booth number")
    number = BoothNumber(found[1], day, int(found[3]))
    if str(number) != text:
        raise ValueError("check letter of the booth number is wrong")
    return number


def _normal(typed: str) -> str:
    """Spaces dropped, full-width forms (U+FF01..U+FF5E) made ASCII, small letters raised."""
    narrow = (chr(ord(one) - 0xFEE0) if "\uff01" <= one <= "\uff5e" else one for one in typed)
    return "".join(one for one in narrow if not one.isspace()).upper()


def _date_of(eight: str) -> date | None:
    try:
        return date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None

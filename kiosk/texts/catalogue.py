# SPDX-License-Identifier: Apache-2.0
"""Message keys to words: reads ``kiosk/texts/<language>/*.po`` and fills in the arguments.

A catalogue entry's msgid is a dotted key, its msgstr the words with ``{named}`` places. Dates and
money are written the way the language writes them; everything else is put in as it stands.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from string import Formatter

from kiosk.view import Arg, Money, Text

LANGUAGES = ("zh", "en")
"""Languages that have a catalogue; the first is what a missing entry falls back to."""

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class MissingWordsError(KeyError):
    """No language has words for this key, or the words name an argument that was not given."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words. `strong`: a date or an amount, which a reader looks for first."""

    words: str
    strong: bool = False


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every key of `language` with its words. Entries without words are left out.

    Raises `ValueError` when two topics define the same key: one of them would never be seen.
    """
    # Babel takes a moment to import; who only passes keys around need not wait for it.
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    folder = resources.files("kiosk.texts").joinpath(language)
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if not entry.name.endswith(".po"):
            continue
        with entry.open("rb") as file:
            for message in read_po(file):
                key, string = message.id, message.string
                if not isinstance(key, str) or not isinstance(string, str):
                    continue
                if not key or not string:
                    continue
                if key in found:
                    raise ValueError(f"{language}/{entry.name}: {key} is defined twice")
                found[key] = string
    return found


def _pattern(key: str, language: str) -> str:
    for lookup in (language, LANGUAGES[0]):
        if (string := catalogue(lookup).get(key)) is not None:
            return string
    raise MissingWordsError(key)


def _date(day: date, language: str) -> str:
    if language == "zh":
        written = f"{day.year} 年 {day.month} 月 {day.day} 日"
    else:
        written = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{written} {day:%H:%M}" if isinstance(day, datetime) else written


def amount(money: Money, language: str) -> str:
    """An amount as the language writes it: "20 元", "20.50 yuan"."""
    yuan, fen = divmod(abs(money.fen), 100)
    figure = f"{'-' if money.fen < 0 else ''}{yuan}" + (f".{fen:02d}" if fen else "")
    return f"{figure} 元" if language == "zh" else f"{figure} yuan"


def _value(value: "Arg | Money | Text", language: str) -> tuple[Piece, ...]:
    match value:
        case Text():
            return pieces(value, language)
        case Money():
            return (Piece(amount(value, language), strong=True),)
        case date():
            return (Piece(_date(value, language), strong=True),)
        case _:
            return (Piece(str(value)),)


def pieces(text: Text, language: str) -> tuple[Piece, ...]:
    """The words of `text` in `language`, with dates and amounts as pieces of their own.

    Raises `MissingWordsError` when no language knows the key, or an argument is missing.
    """
    args = dict(text.args)
    found: list[Piece] = []
    for literal, name, _spec, _conversion in Formatter().parse(_pattern(text.key, language)):
        if literal:
            found.append(Piece(literal))
        if name is not None:
            if name not in args:
                raise MissingWordsError(f"{text.key} needs {name}")
            found.extend(_value(args[name], language))
    return tuple(found)


def words(text: Text, language: str) -> str:
    """The words of `text` in `language` (``zh`` or ``en``); a key missing there is said in Chinese.

    Raises `MissingWordsError` when no language knows the key, or an argument is missing.
    """
    return "".join(piece.words for piece in pieces(text, language))

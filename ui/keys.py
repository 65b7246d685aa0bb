# SPDX-License-Identifier: Apache-2.0
"""The keys of the screen's own keypads and what each does to a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A key: what it types, or (with a `label` message key) what it does."""

    id: str
    types: str = ""
    label: str = ""


def _plain(letters: str) -> tuple[Key, ...]:
    return tuple(Key(letter, letter) for letter in letters)


CLEAR = Key("clear", label="chrome.clear")
DELETE = Key("delete", label="chrome.delete")

DIGITS: tuple[tuple[Key, ...], ...] = (
    _plain("123"),
    _plain("456"),
    _plain("789"),
    (CLEAR, Key("0", "0"), DELETE),
)
"""Figures, laid out as on a telephone."""

LETTERS: tuple[tuple[Key, ...], ...] = (
    _plain("1234567890"),
    _plain("QWERTYUIOP"),
    _plain("ASDFGHJKL-"),
    (
        *_plain("ZXCVBNM"),
        Key("space", " ", label="chrome.space"),
        Key("clear", label="chrome.clear"),
        Key("delete", label="chrome.delete"),
    ),
)
"""Figures and capital letters in the order of a typewriter."""


_EVERY = (*_plain("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"),)
_SPACE = Key("space", " ", label="chrome.space")
TURN = Key("turn", label="chrome.more_page")


def rows_of(kind: str, across: int, down: int, page: int = 0) -> tuple[tuple[Key, ...], ...]:
    """The keypad of a field's kind (``digits``, ``phone``, ``pin`` or ``text``).

    `across` and `down` say how many keys have room. A panel too small for the usual order gets the
    keys in rows from A to Z, and in pages (the key `TURN`) if they do not fit at once.
    """
    if kind != "text":
        if across >= 3 and down >= 4:
            return DIGITS
        return _plain("12345"), _plain("67890"), (CLEAR, DELETE)
    if across >= 10 and down >= 4:
        return LETTERS
    room = max(across * down, 6)
    tools: tuple[Key, ...] = (_SPACE, CLEAR, DELETE)
    if len(_EVERY) + len(tools) > room:
        tools = (_SPACE, DELETE, TURN)
    size = room - len(tools)
    pages = -(-len(_EVERY) // size)
    start = (page % pages) * size
    keys = (*_EVERY[start : start + size], *tools)
    return tuple(keys[at : at + across] for at in range(0, len(keys), across))


def masked(kind: str, value: str) -> str:
    """What may be seen of a field's text: of a PIN only how long it is."""
    return "●" * len(value) if kind == "pin" else value


def typed(value: str, key_id: str, longest: int) -> str:
    """`value` after the key was touched; never longer than `longest`."""
    if key_id == "clear":
        return ""
    if key_id == "delete":
        return value[:-1]
    added = " " if key_id == "space" else key_id
    return (value + added)[:longest]

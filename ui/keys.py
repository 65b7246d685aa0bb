# SPDX-License-Identifier: Apache-2.0
"""The keys of the screen's own keypads and what each does to a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A key: what it types, or (with a `label` message key) what it does. `wide` counts units."""

    id: str
    types: str = ""
    label: str = ""
    wide: float = 1


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


def rows_of(kind: str) -> tuple[tuple[Key, ...], ...]:
    """The keypad of a field's kind: ``digits``, ``phone`` or ``text``."""
    return LETTERS if kind == "text" else DIGITS


def typed(value: str, key_id: str, longest: int) -> str:
    """`value` after the key was touched; never longer than `longest`."""
    if key_id == "clear":
        return ""
    if key_id == "delete":
        return value[:-1]
    added = " " if key_id == "space" else key_id
    return (value + added)[:longest]

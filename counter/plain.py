# SPDX-License-Identifier: Apache-2.0
"""An application as lines of text for the terminal."""

from typing import Any


def as_text(held: dict[str, Any]) -> str:
    """Field and value a line, nested fields dotted, lists counted from 1."""
    return "\n".join(f"{key:<28} {value}" for key, value in _lines(held, ""))


def _lines(value: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in _lines(inner, _join(path, key))]
    if isinstance(value, list):
        numbered = enumerate(value, start=1)
        return [line for number, inner in numbered for line in _lines(inner, _join(path, number))]
    return [(path, "-" if value is None or value == "" else str(value))]


def _join(path: str, step: object) -> str:
    return f"{path}.{step}" if path else str(step)

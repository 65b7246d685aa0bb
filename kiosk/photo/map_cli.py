# SPDX-License-Identifier: Apache-2.0
"""``kiosk photo map``: native values of the standard's measures to scores, line by line."""

import difflib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from kiosk.photo.mapping import MAPPINGS, mapped

REFUSED = 1
"""Exit status when a line or a file was refused; all others are printed all the same."""
LINE_MOST = 1000
"""Bytes of a line; a longer one is refused."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def map_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="files of lines MEASURE VALUE; none: standard input")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="a JSON object a line")] = False,
) -> None:
    """Maps native values to scores 0..100 by ISO/IEC 29794-5, a line MEASURE VALUE each.

    Prints MEASURE SCORE. MEASURE is a name of the reference implementation (BSI OFIQ-Project):
    LuminanceMean, HeadPoseYaw and so on; blank lines and lines that begin with # are passed over. A
    line that cannot be mapped is told with its number on standard error, the others are printed,
    and the exit status is 1.
    """
    refused = False
    for entry in _entries(files or []):
        try:
            if entry.wrong:
                raise ValueError(entry.wrong)
            measure, value = _parsed(entry.text)
            score = _score(measure, value)
        except ValueError as wrong:
            refused = True
            typer.echo(f"{entry.where}: {wrong}", err=True)
            continue
        if as_json:
            typer.echo(json.dumps({"measure": measure, "value": value, "score": score}))
        else:
            typer.echo(f"{measure} {score}")
    raise typer.Exit(REFUSED if refused else 0)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line and where it stands, or in `wrong` why there is none."""

    where: str
    text: str
    wrong: str = ""


def _score(measure: str, value: float) -> int:
    if measure not in MAPPINGS:
        near = difflib.get_close_matches(measure, MAPPINGS, 1, 0.7)
        hint = f"; {near[0]} is meant?" if near else ""
        raise ValueError(f"there is no measure {_shown(measure)}{hint}")
    try:
        return mapped(measure, value)
    except ValueError as wrong:
        raise ValueError(f"the value of {measure} {wrong}") from None


def _parsed(line: str) -> tuple[str, float]:
    parts = line.split()
    if len(parts) != 2:
        raise ValueError(f"expected MEASURE VALUE, found {len(parts)} words")
    if not _NUMBER.fullmatch(parts[1]):
        raise ValueError(f"{_shown(parts[1])} is not a number")
    return parts[0], float(parts[1])


def _entries(files: list[Path]) -> Iterator[_Entry]:
    if not files:
        yield from _lines("standard input", sys.stdin.buffer)
        return
    for path in files:
        try:
            with path.open("rb") as file:
                yield from _lines(str(path), file)
        except OSError as failed:
            yield _Entry(str(path), "", failed.strerror or "cannot be read")


def _lines(name: str, file: BinaryIO) -> Iterator[_Entry]:
    number = 0
    while raw := file.readline(LINE_MOST + 1):
        number += 1
        where = f"{name}, line {number}"
        if len(raw) > LINE_MOST and not raw.endswith(b"\n"):
            while (rest := file.readline(LINE_MOST)) and not rest.endswith(b"\n"):
                pass
            yield _Entry(where, "", f"longer than {LINE_MOST} bytes")
            continue
        line = raw.decode("utf-8", "replace").strip("\ufeff \t\r\n")
        if line and not line.startswith("#"):
            yield _Entry(where, line)


def _shown(word: str) -> str:
    """A word from a file, safe and short enough for a terminal."""
    shown = "".join(c if c.isprintable() else "?" for c in word[:40])
    return f"{shown!r}" + ("..." if len(word) > 40 else "")

# SPDX-License-Identifier: Apache-2.0
"""The numbers a booth has given out, in a file of its own beside the store.

Should the store ever be damaged and put aside, numbering goes on where it was, no number is given
twice, and staff can read which slips are out there. One JSON line a number; nothing personal.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kiosk.post.outbox_file import sync_folder

NAME = "numbers.log"


@dataclass(frozen=True, slots=True)
class Given:
    """A number given out: running number, booth number, application id."""

    seq: int
    booth_number: str
    id: str


def append(folder: Path, given: Given) -> None:
    """Adds a line durably. Raises OSError."""
    line = json.dumps({"seq": given.seq, "number": given.booth_number, "id": given.id})
    new = not (folder / NAME).exists()
    handle = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # The newline stands first too: a line cut by a power failure cannot swallow this one.
        os.write(handle, f"\n{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        sync_folder(folder)


def read(folder: Path) -> Iterator[Given]:
    """Every whole line, oldest first; cut lines are passed over."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            found = json.loads(line)
            yield Given(int(found["seq"]), str(found["number"]), str(found["id"]))
        except (ValueError, KeyError, TypeError):
            continue


def last_seq(given: Iterable[Given]) -> int:
    """The highest running number, 0 for none."""
    return max((one.seq for one in given), default=0)


def last_of_day(given: Iterable[Given], booth_id: str, day: date) -> int:
    """The highest sequence within a booth's day, 0 for none."""
    prefix = f"{booth_id}-{day:%y%m%d}-"
    same = (one.booth_number for one in given if one.booth_number.startswith(prefix))
    return max((int(number[len(prefix) :][:4]) for number in same), default=0)

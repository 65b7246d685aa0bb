# SPDX-License-Identifier: Apache-2.0
"""The bins' journal: one line an entry, on the disk before anything moves, never rewritten.

A line is the CRC-32 (eight hex digits) of its rest, a space, and a JSON object. After a power cut
the last line may be torn: then it had not been synced and its frame not been sent, so it is cut
off. Damage anywhere else means that the disk or somebody changed the file, and that the books are
not to be trusted.
"""

import contextlib
import fcntl
import json
import os
import time
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from drivers.bins_books import Books, Entry, Kind, Verb, Where

LINE_MOST: Final = 512
"""Bytes. No line is longer, so a power cut can tear no more; the longest has some 250."""


class JournalError(Exception):
    """Base. Texts name no card."""


class JournalBusyError(JournalError):
    """Another process has the journal open."""


class JournalDamagedError(JournalError):
    """The file does not hold what was written to it."""


class JournalFullError(JournalError):
    """An entry could not be brought to the disk: nothing may move now."""


class Journal:
    """Appends entries to `path`; `books` is what they add up to. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._end = 0  # of the last whole line
        self.books = Books()

    @property
    def is_open(self) -> bool:
        """Whether entries can be written."""
        return self._file is not None

    def open(self) -> None:
        """Reads all there is and cuts off a torn last line. Does nothing when it is open.

        Raises JournalBusyError, JournalDamagedError, or JournalFullError when the disk refuses.
        """
        if self._file is not None:
            return
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as wrong:
            raise JournalFullError(f"cannot be opened (errno {wrong.errno})") from wrong
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as wrong:
                raise JournalBusyError("another process has the journal") from wrong
            found, end = _read(self._path.read_bytes())
            books = _add_up(found)
            os.ftruncate(file, end)
            os.fsync(file)
            _sync_folder(self._path.parent)
        except OSError as wrong:
            os.close(file)
            raise JournalFullError(f"cannot be read (errno {wrong.errno})") from wrong
        except JournalError:
            os.close(file)
            raise
        self._file, self._end, self.books = file, end, books

    def close(self) -> None:
        """Lets the file go; the books stay readable."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def write(
        self,
        kind: Kind,
        place: str,
        *,
        card: str = "",
        act: int = 0,
        verb: Verb | None = None,
        where: Where | None = None,
    ) -> Entry:
        """Brings one entry to the disk and into the books; when it returns, it stays.

        Raises JournalFullError, and then neither file nor books have changed; ValueError for an
        entry that may not be.
        """
        if self._file is None:
            raise JournalFullError("not open")
        number = self.books.last + 1
        entry = Entry(number, int(time.time()), kind, place, card, act, verb, where)
        line = _line(entry)
        try:
            _append(self._file, line, self._end)
        except OSError as wrong:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._end)
                os.fdatasync(self._file)
            raise JournalFullError(f"cannot be written (errno {wrong.errno})") from wrong
        self._end += len(line)
        self.books.add(entry)
        return entry


def _append(file: int, line: bytes, at: int) -> None:
    done = 0
    while done < len(line):
        done += os.pwrite(file, line[done:], at + done)
    os.fdatasync(file)


def entries(data: bytes) -> list[Entry]:
    """Every whole entry of a journal's bytes. Raises JournalDamagedError."""
    return _read(data)[0]


def _read(data: bytes) -> tuple[list[Entry], int]:
    """The entries, and where the last one ends."""
    found: list[Entry] = []
    end = 0
    *lines, torn = data.split(b"\n")
    if len(torn) > LINE_MOST:
        raise JournalDamagedError("the end is more than a torn line")
    for line in lines:
        try:
            entry = _entry(line)
        except (ValueError, KeyError, TypeError) as wrong:
            if len(found) == len(lines) - 1 and not torn and len(line) <= LINE_MOST:
                break  # the last one: torn across two blocks, of which the second came first
            raise JournalDamagedError(f"line {len(found) + 1} is not as it was written") from wrong
        found.append(entry)
        end += len(line) + 1
    return found, end


def _add_up(found: list[Entry]) -> Books:
    books = Books()
    try:
        for entry in found:
            books.add(entry)
    except ValueError as wrong:
        raise JournalDamagedError("an entry is missing") from wrong
    return books


def _line(entry: Entry) -> bytes:
    kept = {key: value for key, value in asdict(entry).items() if value not in ("", None)}
    body = json.dumps(kept, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _entry(line: bytes) -> Entry:
    if line[:9] != b"%08x " % zlib.crc32(line[9:]):
        raise ValueError("checksum")
    said: dict[str, Any] = json.loads(line[9:])
    return Entry(
        number=said["number"],
        at=said["at"],
        kind=Kind(said["kind"]),
        place=said["place"],
        card=said.get("card", ""),
        act=said.get("act", 0),
        verb=Verb(said["verb"]) if "verb" in said else None,
        where=Where(said["where"]) if "where" in said else None,
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

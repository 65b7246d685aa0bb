# SPDX-License-Identifier: Apache-2.0
"""What a journal of bins or dispenser says, read beside the driver that writes it.

The books are in the file whether or not a board answers; a booth whose cabinet is dead can still
say where each card is.
"""

from datetime import datetime, tzinfo
from pathlib import Path

from drivers.bins_books import Books, Entry, Kind, Verb, Where
from drivers.bins_journal import JournalDamagedError, entries

_NOTHING_OPEN = frozenset({Kind.SETTLED, Kind.SHUT, Kind.REFUSED})
"""Entries after which a place is again what it was before, or what somebody has said."""


class Ledger:
    """Reads what has been added to `path` since it was asked last. One thread at a time.

    Times are told in `zone`.
    """

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._path, self._zone = path, zone
        self._forget()

    def _forget(self) -> None:
        self._end = 0  # of the last whole line that was read
        self._books = Books()
        self._since: dict[str, int] = {}
        self._verbs: dict[str, Verb] = {}
        self._loaded: dict[str, int] = {}

    def books(self) -> Books:
        """All entries added up; empty ones when there is no file yet.

        Raises OSError, and JournalDamagedError when the file is not what was written.
        """
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size < self._end:  # another file
            self._forget()
        if size > self._end:
            with self._path.open("rb") as file:
                file.seek(self._end)
                fresh = file.read()
            try:
                found = entries(fresh)
                for entry in found:
                    self._add(entry)
            except JournalDamagedError:
                self._forget()
                raise
            self._end += sum(len(line) + 1 for line in fresh.split(b"\n")[: len(found)])
        return self._books

    def _add(self, entry: Entry) -> None:
        try:
            self._books.add(entry)
        except ValueError:
            raise JournalDamagedError("an entry is missing") from None
        if entry.kind is not Kind.SENT:
            self._since[entry.place] = entry.at
        if entry.verb is not None and entry.verb is not Verb.INSPECT:
            self._verbs[entry.place] = entry.verb
        if entry.kind in _NOTHING_OPEN:
            self._verbs.pop(entry.place, None)
        if entry.where is Where.HERE:
            self._loaded.setdefault(entry.card, entry.at)

    def since(self, place: str) -> datetime | None:
        """When the last thing about a place was written down, as of the last `books`."""
        return self._moment(self._since.get(place))

    def loaded(self, card: str) -> datetime | None:
        """When it was said for the first time that a card lies where it was laid."""
        return self._moment(self._loaded.get(card))

    def _moment(self, at: int | None) -> datetime | None:
        return None if at is None else datetime.fromtimestamp(at, self._zone)

    def meant(self, place: str) -> Verb | None:
        """What a place was moved for, when nobody has said yet what became of it; as of the last
        `books`. Looks into it are left aside.
        """
        return self._verbs.get(place)

# SPDX-License-Identifier: Apache-2.0
"""What a journal of bins or dispenser says, read beside the driver that writes it.

The books are in the file whether or not a board answers; a booth whose cabinet is dead can still
say where each card is.
"""

from datetime import datetime, tzinfo
from pathlib import Path

from drivers.bins_books import Books, Kind, Verb, Where
from drivers.bins_journal import JournalDamagedError, entries


class Ledger:
    """Reads `path` again whenever it has grown. One thread at a time. Times are told in `zone`."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._path, self._zone = path, zone
        self._size = -1
        self._since: dict[str, int] = {}
        self._verbs: dict[str, Verb] = {}
        self._loaded: dict[str, int] = {}
        self._books = Books()

    def books(self) -> Books:
        """All entries added up; empty ones when there is no file yet.

        Raises OSError, and JournalDamagedError when the file is not what was written.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            data = b""
        if len(data) == self._size:
            return self._books
        books, since, verbs, loaded = Books(), dict[str, int](), dict[str, Verb](), dict[str, int]()
        for entry in entries(data):
            try:
                books.add(entry)
            except ValueError:
                raise JournalDamagedError("an entry is missing") from None
            if entry.kind is not Kind.SENT:
                since[entry.place] = entry.at
            if entry.verb is not None and entry.verb is not Verb.INSPECT:
                verbs[entry.place] = entry.verb
            if entry.where is Where.HERE:
                loaded.setdefault(entry.card, entry.at)
        self._books, self._size = books, len(data)
        self._since, self._verbs, self._loaded = since, verbs, loaded
        return books

    def since(self, place: str) -> datetime | None:
        """When the last thing about a place was written down, as of the last `books`."""
        return self._moment(self._since.get(place))

    def loaded(self, card: str) -> datetime | None:
        """When it was said for the first time that a card lies where it was laid."""
        return self._moment(self._loaded.get(card))

    def _moment(self, at: int | None) -> datetime | None:
        return None if at is None else datetime.fromtimestamp(at, self._zone)

    def meant(self, place: str) -> Verb | None:
        """What a place was last moved for, looks into it left aside, as of the last `books`."""
        return self._verbs.get(place)

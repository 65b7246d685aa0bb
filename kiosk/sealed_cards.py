# SPDX-License-Identifier: Apache-2.0
"""Whose card lies in which bin: one sealed file a card, which this booth cannot open.

A file is on the disk as ``<card id>.new`` before the books hear of the card, and ``.sealed`` once
they have. It goes when the books say where the card is, and that this is no bin; a ``.new`` one
also when they never heard of the card, which then never left the hand of staff. Of a card that is
missing it stays, so that the counter can say whose it is.
"""

import os
from pathlib import Path

from drivers.bins_books import Books, Where

_NEW, _SEALED = ".new", ".sealed"


class SealedCards:
    """The files in `folder`, which is made when it is needed (0700, files 0600).

    Every method raises OSError when the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, card: str, sealed: bytes) -> None:
        """Brings the sealed bytes to the disk; they survive a power cut once this returns."""
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700)
            _sync(self._folder.parent)
        path = self._folder / f"{card}{_NEW}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            done = 0
            while done < len(sealed):
                done += os.write(file, sealed[done:])
            os.fsync(file)
        finally:
            os.close(file)
        _sync(self._folder)

    def read(self, card: str) -> bytes:
        """The sealed bytes of a card."""
        return (self._folder / f"{card}{_SEALED}").read_bytes()

    def agree(self, books: Books) -> None:
        """Brings the files to what the books say. `books` hold everything ever written down."""
        if not self._folder.is_dir():
            return
        gone, changed = books.gone(), False
        for path in sorted(self._folder.iterdir()):
            if path.suffix not in (_NEW, _SEALED):
                continue
            card = path.stem
            unheard = path.suffix == _NEW and books.place_of(card) is None and card not in gone
            if gone.get(card, Where.MISSING) is not Where.MISSING or unheard:
                os.unlink(path)
                changed = True
            elif path.suffix == _NEW:
                os.rename(path, path.with_suffix(_SEALED))
                changed = True
        if changed:
            _sync(self._folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

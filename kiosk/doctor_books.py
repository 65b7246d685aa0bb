# SPDX-License-Identifier: Apache-2.0
"""The books of bins and dispenser, read and never written: counts and places for the technician."""

from dataclasses import dataclass
from pathlib import Path

from drivers import bins_books
from drivers.bins_books import Slot
from drivers.bins_journal import JournalDamagedError, entries
from idcard.booth_health import Cabinet
from kiosk.health_cabinet import ODD


@dataclass(frozen=True, slots=True)
class Books:
    """What the file said: `slots` ever spoken of, or why it could not be read (`unread`).

    `unusable`: no front can keep its books there, so the booth opens no bin.
    """

    slots: tuple[Slot, ...] = ()
    damaged: bool = False
    unread: str = ""
    unusable: bool = False

    def cabinet(self) -> Cabinet:
        """As the counter hears it, of the bins that were ever used."""
        return Cabinet(
            places=len(self.slots),
            cards=sum(bool(one.card) for one in self.slots),
            look_into=tuple(one.place for one in self.slots if one.standing in ODD),
        )

    def about(self) -> str:
        """Plain words for the table's detail; "" when nothing was ever written down."""
        if self.unread or not self.slots:
            return self.unread
        odd = [one.place for one in self.slots if one.standing in ODD]
        look = f"look into {', '.join(odd)}" if odd else ""
        held = sum(bool(one.card) for one in self.slots)
        count = f"{held} card{'' if held == 1 else 's'} by the books"
        return "; ".join(one for one in (count, look) if one)


def read_books(journal: Path) -> Books:
    """The books in this file; empty ones when there is none yet. Raises nothing.

    A file that belongs to somebody else than its folder does was not made by the front.
    """
    try:
        found = entries(journal.read_bytes())
        books = bins_books.Books()
        for one in found:
            books.add(one)
    except FileNotFoundError:
        return Books(unusable=not journal.parent.is_dir())
    except OSError as wrong:
        foreign = isinstance(wrong, PermissionError)  # whoever asks the doctor may be another user
        return Books(unread=f"books not readable: {wrong.strerror}", unusable=not foreign)
    except (JournalDamagedError, ValueError):
        return Books(damaged=True)
    foreign = journal.stat().st_uid != journal.parent.stat().st_uid
    return Books(tuple(books.slots()), unusable=foreign)

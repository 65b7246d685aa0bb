# SPDX-License-Identifier: Apache-2.0
"""What staff and counter hear of stored cards: how many, where to look, what runs low."""

from collections.abc import Iterable

from drivers.bins_books import Slot, Standing
from drivers.health import Health, State
from idcard.booth_health import Cabinet

ODD = frozenset({Standing.DOUBT, Standing.STUCK})
UNREAD = frozenset({"bins.books_busy", "bins.books_damaged", "bins.books_full"})
"""Reasons that mean: what the books say is not known."""
LOW = "hopper nearly empty"
"""A ready dispenser's detail (`drivers.dispenser`)."""


def cabinet_of(slots: Iterable[Slot], health: Health, *, started: bool) -> Cabinet | None:
    """Counts and the places to look into, no card's id; None while the books are not known."""
    if health.reason in UNREAD or not started:
        return None
    known = tuple(slots)
    return Cabinet(
        places=len(known),
        cards=sum(bool(one.card) for one in known),
        look_into=tuple(one.place for one in known if one.standing in ODD),
    )


def store_notes(cabinet: Cabinet | None, healths: Iterable[Health]) -> tuple[str, ...]:
    """Keys of what staff should see to although the devices work."""
    ready = {one.device: one.detail for one in healths if one.state in (State.READY, State.BUSY)}
    look = cabinet is not None and cabinet.look_into and "bins" in ready
    return (
        *(("bins.look_into",) if look else ()),
        *(("dispenser.low",) if ready.get("dispenser") == LOW else ()),
    )

# SPDX-License-Identifier: Apache-2.0
"""Views of the staff's pages of bins and dispenser, as the steps make them."""

from dataclasses import replace
from datetime import date, datetime

from kiosk.cabinet import BinSeen, CabinetSeen, DispenserSeen, NewCard
from kiosk.facts import Facts
from kiosk.steps.bins import CabinetStep
from kiosk.steps.bins_dispenser import DispenserStep
from kiosk.steps.bins_door import DoorStep
from kiosk.steps.bins_load import LoadStep
from kiosk.view import DoorState, View

SINCE = datetime.fromisoformat("2026-11-20T16:05:00+08:00")
_ODD = {
    3: DoorState.CARD,
    4: DoorState.CARD,
    7: DoorState.LOOK,
    9: DoorState.LATE,
    16: DoorState.STUCK,
    20: DoorState.OPEN,
}


def cabinet(boards: int = 1) -> CabinetSeen:
    """A cabinet of 24 doors a board, some of every kind."""
    return CabinetSeen(
        tuple(
            BinSeen(
                f"{board}/{lock}",
                f"{lock}" if boards == 1 else f"{board}/{lock}",
                _ODD.get(lock, DoorState.FREE),
                card=lock in _ODD,
                since=SINCE if lock in _ODD else None,
                loaded=SINCE if _ODD.get(lock) in (DoorState.CARD, DoorState.LATE) else None,
            )
            for board in range(1, boards + 1)
            for lock in range(1, 25)
        )
    )


SHOWN = (
    "bins",
    "bins-ill",
    "bins-three-boards",
    "bins-read-over",
    "bins-check-refused",
    "bins-left-open",
    "bins-lies",
    "bins-loaded",
    "bins-stuck",
    "bin-doubt",
    "bin-found",
    "dispenser-doubt",
)
"""The pages on the contact sheet; the others differ from them in their words alone."""


def views() -> dict[str, View]:
    """Those of the contact sheet."""
    return {name: view for name, view in pages().items() if name in SHOWN}


def pages() -> dict[str, View]:
    """One of every page."""
    facts, seen = Facts(), cabinet()
    home = CabinetStep(seen)
    load = LoadStep(home, bin=seen.bins[2])
    card = NewCard("张*", "341522**********25", date(2036, 12, 11))
    doubt = DoorStep(home, seen.bins[6])
    stuck = DoorStep(home, seen.bins[15])
    machine = DispenserSeen("ready", hopper="low", since=SINCE)
    torn = DispenserSeen("ill", "dispenser.doubt", "", card=True, doubt=True, since=SINCE)
    steps = {
        "bins-asking": CabinetStep(),
        "bins": home,
        "bins-ill": CabinetStep(replace(seen, reason="bins.door_open")),
        "bins-three-boards": CabinetStep(cabinet(3)),
        "bins-damaged": CabinetStep(CabinetSeen(reason="bins.books_damaged")),
        "bins-read": load,
        "bins-read-over": replace(load, code="bins.card_over"),
        "bins-check": replace(load, doing="check", card=card),
        "bins-check-refused": replace(load, doing="check", card=card, code="bins.none_free"),
        "bins-opening": replace(load, doing="open"),
        "bins-lay": replace(load, doing="lay"),
        "bins-left-open": replace(load, doing="lay", code="bins.left_open"),
        "bins-lies": replace(load, doing="ask"),
        "bins-loaded": replace(load, doing="done", lies=True),
        "bins-not-loaded": replace(load, doing="done", lies=False),
        "bins-stuck": replace(load, doing="stop", code="bins.stuck"),
        "bin-card": DoorStep(home, seen.bins[2]),
        "bin-late": DoorStep(home, seen.bins[8]),
        "bin-doubt": doubt,
        "bin-stuck": stuck,
        "bin-open": DoorStep(home, seen.bins[19]),
        "bin-second": replace(doubt, doing="second"),
        "bin-look": replace(doubt, doing="look"),
        "bin-found": replace(doubt, doing="ask"),
        "dispenser": DispenserStep(machine),
        "dispenser-doubt": DispenserStep(torn),
        "dispenser-found": DispenserStep(torn, doing="ask"),
    }
    return {name: step.view(facts) for name, step in steps.items()}

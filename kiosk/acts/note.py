# SPDX-License-Identifier: Apache-2.0
"""Prints what a citizen who could not be served takes along: where to go, and what for."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from drivers.printer import Proof, ReceiptPrinter
from idcard.records import FeeState, Ground
from kiosk.acts.slip import scale_of, second_language
from kiosk.commands import PrintNote
from kiosk.config import Settings
from kiosk.facts import Facts
from kiosk.lane import Tell
from kiosk.receipts import Kind, ReferralFacts, WindowFacts, build_slip, render
from kiosk.receipts.offices import Office, office_of
from kiosk.steps.refusal import DOUBT
from kiosk.view import text

HOUSEHOLD = frozenset({"N04", "R02", "R06", "R08", "R09"})
"""Grounds that only the household authority can settle."""


class PrintNoteAct:
    """Answers `PrintNote`. The counter hears nothing of it: nothing was applied for."""

    takes = (PrintNote,)

    def __init__(
        self,
        printer: ReceiptPrinter,
        settings: Settings,
        offices: Mapping[str, Office],
        now: Callable[[], datetime],
    ) -> None:
        self._printer, self._settings = printer, settings
        self._offices, self._now = offices, now

    def run(self, command: PrintNote, tell: Tell, off: threading.Event) -> bool:
        """True when the printer has confirmed the paper. Raises what the driver raises."""
        facts = command.facts
        kind, said = note_of(command.ground, facts, self._settings, self._offices, self._now())
        slip = build_slip(kind, said, second_language(facts))
        image = render(slip, self._settings.printer_dots, scale_of(facts))
        return self._printer.print(image).outcome is Proof.CONFIRMED

    def cancel(self) -> None:
        """A movement that has begun is never called off."""


def note_of(
    ground: Ground,
    facts: Facts,
    settings: Settings,
    offices: Mapping[str, Office],
    now: datetime,
) -> tuple[Kind, WindowFacts | ReferralFacts]:
    """The slip for a ground: the household authority's address, or what to do at the window."""
    booth = settings.booth
    if ground.code in HOUSEHOLD and facts.identity is not None:
        place = office_of(facts.identity.issuer, offices)
        return Kind.REFERRAL, ReferralFacts(
            reason=text("rule.N04"),  # neutral: the ground itself lies with the person
            office=place.office,
            address=place.address,
            phone=place.phone,
            hours=place.hours,
            at=now,
            station=booth.station_name,
            booth=booth.id,
        )
    todo = text(ground.remedy, **({"running": ground.running} if ground.running else {}))
    if ground.possible_from is not None:
        todo = text("refusal.from", date=ground.possible_from)
    fee = facts.fee
    paid = fee is not None and fee.state is FeeState.PAID
    return Kind.WINDOW, WindowFacts(
        todo=todo,
        business=str(facts.kind) if facts.identity is not None else "other",
        at=now,
        station=booth.station_name,
        booth=booth.id,
        reason=text(ground.reason) if ground.code == "M01" else None,
        later=ground.possible_from is not None,
        doubt=ground.remedy == DOUBT,
        phone=booth.progress_phone,
        paid_fen=fee.due_fen if fee is not None and paid else 0,
        payment=fee.payment_id if fee is not None and paid else "",
    )

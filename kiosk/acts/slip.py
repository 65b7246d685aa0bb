# SPDX-License-Identifier: Apache-2.0
"""Draws the slip and prints it; the truth of that moment."""

import io
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from drivers.printer import PrinterLostError, PrintStoppedError, Proof, ReceiptPrinter
from idcard.booth_health import PrintProof
from idcard.records import Fee, FeeState, FingerResult
from kiosk.commands import PrintSlip
from kiosk.config import Settings
from kiosk.facts import Facts
from kiosk.lane import Tell
from kiosk.receipts import Slip, SlipFacts, build_slip, render
from kiosk.receipts.blocks import Code
from kiosk.vault import Vault

LEGAL_DAYS = 60  # Resident Identity Card Law, article 12
LARGE = 1.5
"""Type on paper for a citizen who reads large text on the screen: Chinese 4.5 mm high instead of
3. Labels go above their values then, and a collection slip takes 28 cm of paper instead of 13."""


def scale_of(facts: Facts) -> float:
    """How large the type on paper is, 1 being the usual."""
    return LARGE if facts.large else 1.0


def second_language(facts: Facts) -> str:
    """What stands under the Chinese on a slip; ``zh``: Chinese alone."""
    return "en" if facts.language == "en" else "zh"


class PrintSlipAct:
    """Answers `PrintSlip`. `by`: what the last print that came to its end rests on."""

    takes = (PrintSlip,)

    def __init__(
        self,
        printer: ReceiptPrinter | None,
        vault: Vault,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._printer, self._vault, self._settings, self._now = printer, vault, settings, now
        self._copies = 0
        self.by: PrintProof = ""

    def run(self, command: PrintSlip, tell: Tell, off: threading.Event) -> bool:
        """True when the printer has confirmed the paper, False when it cannot say.

        Raises what the driver raises.
        """
        self.by = ""
        facts = command.facts
        handed = facts.handed
        assert handed is not None  # noqa: S101  a slip follows a hand-over
        copies = self._copies if command.again else 0
        slip = build_slip(
            "received" if handed.received else "stored",
            slip_facts(facts, self._settings, self._now(), copies),
            second_language(facts),
        )
        image = render(slip, self._settings.printer_dots, scale_of(facts))
        held = io.BytesIO()
        image.save(held, "PNG")
        tell("drawn", self._vault.put("slip", held.getvalue()))
        tell("code", code_of(slip))
        if self._printer is None:
            return False
        try:
            printed = self._printer.print(image)
        except (PrintStoppedError, PrinterLostError) as stopped:
            self._copies += stopped.partial
            raise
        self._copies += 1
        self.by = printed.by.value
        return printed.outcome is Proof.CONFIRMED

    def cancel(self) -> None:
        """A movement that has begun is never called off."""


def code_of(slip: Slip) -> str:
    """What the slip's QR code holds; "" without one."""
    return next((one.payload for one in slip.blocks if isinstance(one, Code)), "")


def slip_facts(facts: Facts, settings: Settings, now: datetime, copies: int) -> SlipFacts:
    """What the slip says, from what the visit knows."""
    identity, handed = facts.identity, facts.handed
    assert identity is not None  # noqa: S101
    assert handed is not None  # noqa: S101
    fee = facts.fee or Fee(due_fen=0, state=FeeState.NONE)
    registered = [one for one in facts.fingers if one.result is FingerResult.REGISTERED]
    results = {one.result for one in facts.fingers}
    missing = "failed" if FingerResult.FAILED in results else "none"
    booth = settings.booth
    return SlipFacts(
        name=identity.name,
        citizen_number=identity.citizen_no,
        matter=str(facts.kind),
        at=now,
        station=booth.station_name,
        booth=booth.id,
        fee_fen=fee.due_fen,
        fee_state=str(fee.state),
        latest=handed.legal_date or now.date() + timedelta(days=LEGAL_DAYS),
        record_hash=handed.hash8,
        fingers=tuple(one.position for one in registered),
        finger_result="registered" if registered else missing,
        expected=handed.promise_date,
        pickup=facts.delivery.pickup if facts.delivery else "station",
        phone=booth.progress_phone,
        county_phone=booth.county_phone,
        progress_url=booth.web,
        acceptance_number=handed.acceptance_no,
        booth_number=handed.booth_number,
        reprint=copies,
    )

# SPDX-License-Identifier: Apache-2.0
"""The slip: printed, or its number shown to be photographed."""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.numbers import parse_acceptance_number
from kiosk.commands import CallOff, Command, PrintSlip
from kiosk.events import Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Who
from kiosk.steps.base import Jump, Plain, Stay, Turn, primary, secondary
from kiosk.steps.wipe import WipeStep
from kiosk.view import Advice, Screen, SlipSheet, Tone, View, text


@dataclass(frozen=True, slots=True)
class ReceiptStep(Plain):
    """Prints once; a failed print is told, never repeated without being asked."""

    drawn: str = ""
    code: str = ""  # what the slip's QR code holds
    printing: bool = True
    printed: bool = False
    trouble: str = ""
    name: ClassVar[str] = "receipt"
    section: ClassVar[str] = "section.receipt"
    may_go_back: ClassVar[bool] = False

    def enter(self, facts: Facts) -> "tuple[ReceiptStep, tuple[Command, ...]]":
        """Print at once."""
        return self, (PrintSlip(facts),)

    def view(self, facts: Facts) -> View:
        """Where the application is, its number, and the slip."""
        handed = facts.handed
        received = handed is not None and handed.received
        number = ""
        if handed is not None:
            number = handed.booth_number
            if handed.acceptance_no:
                number = parse_acceptance_number(handed.acceptance_no).grouped()
        return View(
            Screen.SLIP,
            text(self._heading()),
            text(self.section),
            lines=self._lines(facts, received),
            advice=self._advice(),
            content=SlipSheet(received, number, self.drawn, self.printed, self._shown_code()),
            buttons=(
                *((secondary("print", "receipt.again"),) if self.trouble else ()),
                primary("end", "receipt.end", enabled=not self.printing),
            ),
        )

    def _stopped(self, code: str) -> "ReceiptStep":
        return replace(self, printing=False, trouble=code)

    def _shown_code(self) -> str:
        """To be photographed, large, when there is no paper to be sure of."""
        return self.code if self.trouble else ""

    def _heading(self) -> str:
        if self.printing:
            return "receipt.printing"
        return "receipt.take" if self.printed else "receipt.no_paper"

    def _lines(self, facts: Facts, received: bool) -> tuple:
        lines = [text("receipt.received" if received else "receipt.stored")]
        handed = facts.handed
        if received and handed is not None and handed.legal_date is not None:
            lines.append(text("receipt.latest", date=handed.legal_date))
        elif not received:
            lines.append(text("receipt.stored.line"))
        lines.append(text("receipt.belongings"))
        return tuple(lines)

    def _advice(self) -> Advice | None:
        if not self.trouble:
            return None
        return Advice(text("receipt.photograph"), text(self.trouble), Tone.CHANGE, "paper")

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Paper out, paper in trouble, or done."""
        match event:
            case Told(what="drawn", value=ref):
                return Stay(replace(self, drawn=str(ref)))
            case Told(what="code", value=code):
                return Stay(replace(self, code=str(code)))
            case Told(what="ended", value=str(code)):
                return Stay(self._stopped(code))
            case Told(what="ended", value=proven) | Done(value=proven):
                trouble = "" if proven else "receipt.unproven"
                return Stay(replace(self, printing=False, printed=True, trouble=trouble))
            case Failed(code=code) if event.who != Who.CANCELLED:
                return Stay(self._stopped(code))
            case Pressed(button="print") if self.trouble and not self.printing:
                again = replace(self, printing=True, trouble="")
                # The print before may still be telling the post how it ended; that is no answer.
                return Stay(again, (CallOff(PrintSlip), PrintSlip(facts, again=True)))
            case Pressed(button="end") if not self.printing:
                return Jump(WipeStep(outcome=facts.outcome), facts)
        return None

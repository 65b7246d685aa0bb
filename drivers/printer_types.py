# SPDX-License-Identifier: Apache-2.0
"""What a print comes to: an outcome with its proof, or one of two errors."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.errors import AskStaffError, OutOfServiceError


class Proof(StrEnum):
    """How sure it is that the slip is on paper."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


class ProofBy(StrEnum):
    """What the proof rests on, for the record. Only the first two confirm."""

    PROCESS_ID = "process_id"  # the printer reported the last row and the cut as done
    PRESENTER = "presenter"  # every command was worked off, and the slip is at the mouth
    PROCESSED = "processed"  # every command was worked off; paper was seen before and after
    NOTHING = "nothing"  # the bytes were sent


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """A slip that came out as far as the printer can tell; `near_end`: load paper soon."""

    outcome: Proof
    near_end: bool = False
    by: ProofBy = ProofBy.PROCESS_ID


class PrintStoppedError(AskStaffError):
    """Somebody in the hall must act. `partial`: some paper was, or may have been, printed."""

    def __init__(self, code: str, *, partial: bool) -> None:
        super().__init__(code)
        self.partial = partial


class PrinterLostError(OutOfServiceError):
    """A technician must act. `partial`: some paper was, or may have been, printed."""

    def __init__(self, code: str, *, partial: bool) -> None:
        super().__init__(code)
        self.partial = partial


class TroubleError(Exception):
    """The printer named a reason to stop; carried inside the driver only."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def stopped(code: str, *, partial: bool) -> PrintStoppedError | PrinterLostError:
    """The error for a reason the printer gave."""
    if code == "printer.broken":
        return PrinterLostError(code, partial=partial)
    return PrintStoppedError(code, partial=partial)

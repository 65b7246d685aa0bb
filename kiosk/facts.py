# SPDX-License-Identifier: Apache-2.0
"""What a visit knows so far. Frozen; pictures and templates stay with the conductor."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from idcard.booth_health import DeviceWord
from idcard.records import (
    Delivery,
    EligibilityAnswer,
    Fee,
    FingerResult,
    Ground,
    Identity,
    Kind,
    NoneReason,
)


class Outcome(StrEnum):
    """How a visit ended."""

    RECEIVED = "received"  # the counter has it, proven by its signed receipt
    STORED = "stored"  # in this booth, not yet at the counter
    REFUSED = "refused"
    ABANDONED = "abandoned"


class Who(StrEnum):
    """Who must act after a failure."""

    AGAIN = "again"
    STAFF = "staff"
    TECHNICIAN = "technician"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Hint:
    """Guidance before the camera: message keys of reason and remedy; "" reason: all is well."""

    reason: str
    remedy: str
    blocks: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A take as the flow knows it: its media reference, advice key ("" passes) and rank.

    `rank` orders takes for the proposal, higher is better; it is never shown.
    """

    id: str
    ref: str
    advice: str = ""
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class FingerHint:
    """How a capture goes: waiting, pressed, lift, again, hint or same_finger.

    `other` names the earlier finger of ``same_finger``.
    """

    kind: str
    hint: str = ""
    press: int = 1
    tries: int = 0
    other: str = ""


@dataclass(frozen=True, slots=True)
class FingerOutcome:
    """One slot's record; the template, if any, stays with the conductor."""

    slot: int
    position: str
    result: FingerResult
    tries: int = 0
    quality: int | None = None
    none_reason: NoneReason | None = None


@dataclass(frozen=True, slots=True)
class Eligible:
    """Guidance before the camera: keys of reason and remedy; "" reason: all is well."""

    answer: EligibilityAnswer
    online: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Where the application is: `received` only on the counter's verified receipt."""

    received: bool
    booth_number: str
    acceptance_no: str = ""
    legal_date: date | None = None
    promise_date: date | None = None
    hash8: str = ""


@dataclass(frozen=True, slots=True)
class StaffStanding:
    """How a staff card stands: `admitted` once it has signed this booth's challenge after its PIN.

    `tries_left`: wrong PINs it still takes, None when it does not say.
    """

    admitted: bool = False
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the visit knows; every step returns a changed copy."""

    kind: Kind = Kind.EXPIRY
    language: str = "zh"
    large: bool = False  # large text, on paper too
    identity: Identity | None = None
    card_photo: str = ""  # media reference, when a decoder for the chip's photo is there
    eligible: Eligible | None = None
    takes: int = 0
    chosen: Shot | None = None
    fingers: tuple[FingerOutcome, ...] = ()
    delivery: Delivery | None = None
    fee: Fee | None = None
    handed: HandedOver | None = None
    ground: Ground | None = None
    outcome: Outcome = Outcome.ABANDONED
    closing: tuple[str, ...] = ()  # reasons why no visit can be finished now
    limiting: tuple[str, ...] = ()  # reasons why something is missing (no paper, no line)
    notes: tuple[str, ...] = ()  # what staff should see to although all works
    shut: tuple[tuple[str, str], ...] = ()  # (journey, reason) of what cannot be finished now
    devices: tuple[DeviceWord, ...] = ()  # every device's own word
    voice_fitted: bool = False  # the booth can speak now
    voice_wanted: bool = True  # the citizen has not switched the voice off

    @property
    def voice(self) -> bool | None:
        """Whether the voice is on; None: this booth cannot speak."""
        return self.voice_wanted if self.voice_fitted else None

# SPDX-License-Identifier: Apache-2.0
"""What a visit may ask of the booth. Imperatives; all frozen.

Each issued command gets an id (`kiosk.flow.Issued`). Its answers (`Told`, `Done`, `Failed`) name
that id; what `Done.value` holds stands beside each command.
"""

from dataclasses import dataclass, field

from idcard.records import Ground
from kiosk.cabinet import Found
from kiosk.events import Stroke
from kiosk.facts import Facts, FingerOutcome, Outcome


@dataclass(frozen=True, slots=True)
class ReadCard:
    """Wait for a card and read it. Told: waiting, found, reading, again, photo (a reference).

    Done: `Identity`.
    """


@dataclass(frozen=True, slots=True)
class AskEligibility:
    """May this person renew? Done: `kiosk.facts.Eligible`."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class NoteConsent:
    """Keep that the citizen said yes to a text in an edition, with the time of now."""

    text: str
    version: str


@dataclass(frozen=True, slots=True)
class PrepareCamera:
    """Begin to look while the citizen reads, so that the photo step opens ready. No answer."""


@dataclass(frozen=True, slots=True)
class StartPreview:
    """Run camera and guidance. Told: guidance (`Hint`), live (bool).

    `keep`: the take that was picked before, if any; whether it is still there is told as kept
    (bool). All others are forgotten.
    """

    keep: str = ""


@dataclass(frozen=True, slots=True)
class Shoot:
    """Take a picture out of the newest frames. Done: `kiosk.facts.Shot`."""


@dataclass(frozen=True, slots=True)
class DropTake:
    """Forget one take. No answer."""

    take: str


@dataclass(frozen=True, slots=True)
class KeepTake:
    """Seal the picked take and forget the others. Done: None."""

    take: str
    takes: int


@dataclass(frozen=True, slots=True)
class CheckCamera:
    """Judge the empty ``wall`` or the ``seat`` again and again, until called off.

    Told: dims (bool: the photo lamp has levels), live (bool), checked (a reason's key, "" when all
    is well).
    """

    what: str


@dataclass(frozen=True, slots=True)
class KeepCalibration:
    """Measure ``wall`` or ``seat`` once more and keep it for this booth. Done: a reason or "".

    `lamp` is the level 0..1 at which the photo lamps burn. Only "" means that it was kept.
    """

    what: str
    lamp: float


@dataclass(frozen=True, slots=True)
class EnrolFinger:
    """Take one finger. Told: a `FingerHint`. Done: `FingerOutcome`."""

    position: str
    slot: int


@dataclass(frozen=True, slots=True)
class SealFingers:
    """Seal the taken templates with their records and forget them. Done: None."""

    fingers: tuple[FingerOutcome, ...]


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """Open a payment at the counter and follow it to its end.

    Told: opened (`idcard.records.Payment`). Done: the last `PaymentState`.
    """

    amount_fen: int


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """Call the open payment off; `OpenPayment` then ends with what the counter says. No answer."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Seal what is left, hand everything to the post, wait a little for the counter.

    Told: stored (the booth number). Done: `kiosk.facts.HandedOver`.
    """

    facts: Facts
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Draw and print the slip. Told: drawn (media reference), code (what its QR code holds),
    ended (as Done, or a reason's key as Failed). Done: True: paper confirmed.

    `again`: a reprint, marked so.
    """

    facts: Facts
    again: bool = False


@dataclass(frozen=True, slots=True)
class PrintNote:
    """Print what somebody who cannot be served takes along. Done: True: paper confirmed."""

    facts: Facts
    ground: Ground


@dataclass(frozen=True, slots=True)
class Wipe:
    """Erase all that is known of the citizen. Told: erased (item). Done: None."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """Light a lamp: ``photo``, ``reader``, ``finger``; level 0..1. No answer."""

    name: str
    level: float


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Call a person of the hall, or take the call back. No answer."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class LookAtStaffCard:
    """Is the card in the staff reader one this booth trusts? Done: `kiosk.facts.StaffStanding`."""


@dataclass(frozen=True, slots=True)
class AdmitStaff:
    """Let the staff card sign after this PIN. Done: `kiosk.facts.StaffStanding`."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WatchBins:
    """Look at the cabinet until called off. Told: seen (`kiosk.cabinet.CabinetSeen`)."""


@dataclass(frozen=True, slots=True)
class ReadNewCard:
    """Wait for a finished card on the reader. Told: found, reading, again.

    Done: `kiosk.cabinet.NewCard`. Its text stays with the act, for `OpenFreeBin`.
    """


@dataclass(frozen=True, slots=True)
class OpenFreeBin:
    """Seal whose the card is that was read last, and open a free bin for it.

    Done: `kiosk.cabinet.BinSeen`, the bin that stands open now.
    """


@dataclass(frozen=True, slots=True)
class OpenBin:
    """Open this bin, so that staff look into it. Done: None, the door is open."""

    place: str


@dataclass(frozen=True, slots=True)
class AwaitBin:
    """Wait until the opened bin is shut. Done: None. Failed ``again``: it is still open."""

    place: str


@dataclass(frozen=True, slots=True)
class SettleBin:
    """Write down what staff found in a bin that is shut. Done: None."""

    place: str
    found: Found


@dataclass(frozen=True, slots=True)
class WatchDispenser:
    """Ask the dispenser until called off. Told: seen (`kiosk.cabinet.DispenserSeen`)."""


@dataclass(frozen=True, slots=True)
class SettleDispenser:
    """Write down what staff found in its channel. Nothing moves. Done: None."""

    found: Found


@dataclass(frozen=True, slots=True)
class WakeAfter:
    """Ask for `Woke` with this tag after so many seconds."""

    seconds: float
    tag: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Call off the open command with this id. It answers `Failed` with who ``cancelled``."""

    id: int


@dataclass(frozen=True, slots=True)
class CallOff:
    """Cancel every open command of this kind; the flow turns it into `Cancel`s."""

    kind: type


@dataclass(frozen=True, slots=True)
class EndVisit:
    """The visit is over; the process may end."""

    outcome: Outcome


Command = (
    ReadCard
    | AskEligibility
    | NoteConsent
    | PrepareCamera
    | StartPreview
    | Shoot
    | DropTake
    | KeepTake
    | CheckCamera
    | KeepCalibration
    | EnrolFinger
    | SealFingers
    | OpenPayment
    | CancelPayment
    | HandOver
    | PrintSlip
    | PrintNote
    | Wipe
    | Lamp
    | CallStaff
    | LookAtStaffCard
    | AdmitStaff
    | WatchBins
    | ReadNewCard
    | OpenFreeBin
    | OpenBin
    | AwaitBin
    | SettleBin
    | WatchDispenser
    | SettleDispenser
    | WakeAfter
    | Cancel
    | CallOff
    | EndVisit
)

# Commands that nobody waits for: they are not kept open.
SILENT = (NoteConsent, PrepareCamera, DropTake, Lamp, CallStaff, Cancel, CancelPayment, EndVisit)

# SPDX-License-Identifier: Apache-2.0
"""The records that travel from booth to counter.

An application has four parts, each sealed on its own (`idcard.sealing`) to the key that may open
it, and a readable `Envelope` that names them by the SHA-256 of their *sealed* bytes. No name and
no citizen number stands in the envelope. The counter answers with a signed `Receipt`.

Field lengths follow the citizen record as publicly summarised for GA/T 490 (chip text), the photo
figures GA 461-2004, the reason codes GA/T 2000.10, the sex codes GB/T 2261.1, the ethnicity codes
GB/T 3304-1991.
"""

import base64
import binascii
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)


def _from_base64(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as wrong:
            raise ValueError("not base64") from wrong
    return value


# Bytes in the program, standard base64 text in JSON.
Blob = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda raw: base64.b64encode(raw).decode(), return_type=str, when_used="json"),
]
Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
CitizenNo = Annotated[str, StringConstraints(pattern=r"^\d{17}[0-9X]$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
StationCode = Annotated[str, StringConstraints(pattern=r"^\d{9}$")]
AcceptanceNo = Annotated[str, StringConstraints(pattern=r"^\d{22}$")]
BoothId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9]\d{9}$")]


class Record(BaseModel):
    """Frozen, nothing unknown accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    """Why a card is made; the three a booth takes."""

    EXPIRY = "expiry"
    DAMAGED = "damaged"
    LOST = "lost"


class Part(StrEnum):
    """The four sealed parts."""

    IDENTITY = "identity"
    PORTRAIT = "portrait"
    FINGERPRINTS = "fingerprints"
    EVIDENCE = "evidence"


class Identity(Record):
    """What the old card's chip says. `old_card_end` None means long-term (长期).

    `sex` is GB/T 2261.1; `ethnicity` the two characters on the card, usually a code of GB 3304 but
    also what no list knows: nobody is refused for a code.
    """

    citizen_no: CitizenNo
    name: str = Field(min_length=1, max_length=50)
    sex: Literal["0", "1", "2", "9"]
    ethnicity: Annotated[str, StringConstraints(max_length=2)]
    birth_date: date
    address: str = Field(min_length=1, max_length=100)
    issuer: str = Field(max_length=50)
    old_card_start: date
    old_card_end: date | None


class Delivery(Record):
    """Where the finished card goes: this station, or by EMS to an address (paid to the post)."""

    pickup: Literal["station", "post"]
    post_address: str = Field(default="", max_length=120)
    post_name: str = Field(default="", max_length=50)
    post_phone: Phone | None = None


class FeeState(StrEnum):
    """How the fee stands when the citizen signs."""

    PAID = "paid"
    WAIVER = "waiver"  # settled at the window with the certificate
    DUE = "due"  # to be paid at the window
    NONE = "none"  # nothing to pay


class Fee(Record):
    """Whole fen. `payment_id` names the counter's payment when paid at the booth."""

    due_fen: int = Field(ge=0)
    state: FeeState
    payment_id: str = Field(default="", max_length=64)


class IdentityPart(Record):
    """Sealed to the counter: who applies for what, and how it shall be handed out."""

    kind: Kind
    reason_code: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
    identity: Identity
    delivery: Delivery
    fee: Fee
    confirmed_at: datetime
    language: Literal["zh", "en"] = "zh"


class PortraitPart(Record):
    """Sealed to the counter: the picked take and how it was judged."""

    jpeg: Annotated[Blob, Field(max_length=48_000)]
    sha256: Sha256Hex
    jpeg_quality: int = Field(ge=0, le=100)
    take_no: int = Field(ge=1)
    takes: int = Field(ge=1)
    face_width_px: float
    top_px: float
    eye_line_px: float
    verdict: str = Field(max_length=40)  # "photo.ok" or the advice's key
    engine: str = Field(max_length=40)


class FingerResult(StrEnum):
    """How a finger was recorded (登记 / 注册失败 / 未注册)."""

    REGISTERED = "registered"
    FAILED = "failed"
    NONE = "none"


class NoneReason(StrEnum):
    """Why a finger could not be taken."""

    MISSING = "missing"
    INJURED = "injured"
    WORN = "worn"
    SKIN = "skin"
    OTHER = "other"


class Finger(Record):
    """One slot: slot 1 is the right hand's. `template`: the module's own `format`.

    `image` only where a booth is set to send it: 4 bits a pixel, two a byte, left one high, rows of
    `image_width` pixels (0: the module does not tell it) downwards.
    """

    slot: Literal[1, 2]
    position: Annotated[
        str, StringConstraints(pattern=r"^(right|left)-(thumb|index|middle|ring|little)$")
    ]
    result: FingerResult
    tries: int = Field(ge=0)
    quality: int | None = Field(default=None, ge=0, le=100)
    none_reason: NoneReason | None = None
    format: str = Field(default="", max_length=40)
    template: Annotated[Blob, Field(max_length=4096)] = b""
    image: Annotated[Blob, Field(max_length=36_864)] = b""  # 256 x 288
    image_width: int = Field(default=0, ge=0, le=1024)


class FingerprintsPart(Record):
    """Sealed to the card centre only: the counter cannot open it."""

    fingers: tuple[Finger, ...]


class Consent(Record):
    """One yes of the citizen: which text, in which edition, when."""

    text: str = Field(max_length=60)
    version: str = Field(max_length=16)
    at: datetime


class EvidencePart(Record):
    """Sealed to the counter: what was shown and agreed to, by which machine."""

    consents: tuple[Consent, ...]
    signature_png: Annotated[Blob, Field(max_length=61_440)]  # 60 KB
    fingers: tuple[tuple[str, str, int], ...]  # position, result, tries: no template
    devices: tuple[tuple[str, str], ...]
    software: str = Field(max_length=40)
    seconds: float = Field(ge=0)


class CardInBin(Record):
    """Sealed to the counter: whose finished card staff have laid into a bin, and until when valid.

    `end` None means long-term (长期).
    """

    citizen_no: CitizenNo
    name: str = Field(min_length=1, max_length=50)
    end: date | None
    loaded_at: datetime


class PartRef(Record):
    """A sealed part as the envelope names it."""

    part: Part
    sha256: Sha256Hex
    length: int = Field(gt=0)
    key_id: str = Field(max_length=40)


class Envelope(Record):
    """Readable by anyone on the way: ids, times and hashes only."""

    version: Literal[1] = 1
    id: UUID
    kind: Kind
    booth_id: BoothId
    station_code: StationCode
    booth_number: str = Field(max_length=24)  # the local number on a "stored here" slip
    seq_booth: int = Field(ge=1)
    confirmed_at: datetime
    software: str = Field(max_length=40)
    parts: tuple[PartRef, ...]


class Manifest(Record):
    """The envelope with the booth's Ed25519 signature over its canonical JSON."""

    envelope: Envelope
    device_key_id: str = Field(max_length=40)
    signature: Blob


class ReceiptBody(Record):
    """What the counter signs after its own durable commit."""

    version: Literal[1] = 1
    booth_id: BoothId
    application_id: UUID
    parts: dict[Part, Sha256Hex]
    received_at: datetime
    key_id: str = Field(max_length=40)


class Receipt(Record):
    """A `ReceiptBody` and its Ed25519 signature over the canonical JSON."""

    body: ReceiptBody
    signature: Blob


class Progress(Record):
    """Where an application stands, as the counter tells a booth."""

    application_id: UUID
    state: str = Field(max_length=16)
    acceptance_no: AcceptanceNo | None = None
    legal_date: date | None = None
    promise_date: date | None = None


class Arrival(Record):
    """The counter's whole answer to a manifest."""

    receipt: Receipt
    progress: Progress


class EligibilityQuestion(Record):
    """May this person renew? Sealed to the counter; `answer_to` is the front's own X25519 key."""

    kind: Kind
    identity: Identity
    booth_id: BoothId
    answer_to: Blob  # 32 raw bytes


class Ground(Record):
    """A refusal: code, message keys of reason and remedy, first possible date.

    `running` is the number of the application already under way, where that is the reason.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[RNM]\d{2}$")]
    reason: str = Field(max_length=60)
    remedy: str = Field(max_length=60)
    possible_from: date | None = None
    running: str = Field(default="", max_length=24)


class EligibilityAnswer(Record):
    """Yes (ground None) with fee and dates, or one ground."""

    ground: Ground | None = None
    fee_fen: int = Field(default=0, ge=0)
    promise_date: date | None = None
    legal_date: date | None = None
    offsite: bool = False
    checked_at: datetime


class PaymentState(StrEnum):
    """A payment at the counter's gateway."""

    WAITING = "waiting"
    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class PaymentQuestion(Record):
    """Opens a payment for an application that is still being made."""

    application_id: UUID
    amount_fen: int = Field(gt=0)


class Payment(Record):
    """A payment as the booth sees it; `qr` is the text of the code to scan."""

    payment_id: str = Field(max_length=64)
    amount_fen: int
    state: PaymentState
    qr: str = Field(max_length=300)
    expires_at: datetime

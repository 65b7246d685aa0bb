# SPDX-License-Identifier: Apache-2.0
"""A renewal as a booth hands it over: real records of a made-up person, sealed as in a visit."""

import hashlib
import io
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from PIL import Image
from uuid6 import uuid7

from idcard.keys import RecipientKey
from idcard.records import (
    Consent,
    Delivery,
    EvidencePart,
    Fee,
    FeeState,
    Finger,
    FingerprintsPart,
    FingerResult,
    Identity,
    IdentityPart,
    Kind,
    Part,
    PortraitPart,
)
from kiosk.post.messages import EnvelopeDraft
from kiosk.sealer import Sealer

BOOTH, STATION = "B03", "320402001"
SOFTWARE = "bench"
PORTRAIT_BYTES = 30_000  # about what a real portrait of 358 x 441 has
SIGNATURE_BYTES = 6_000
TEMPLATE_BYTES = 512


@dataclass(frozen=True, slots=True)
class Sample:
    """What goes to the outbox."""

    draft: EnvelopeDraft
    parts: dict[Part, bytes]

    @property
    def id(self) -> UUID:
        return self.draft.id

    @property
    def length(self) -> int:
        """All sealed bytes."""
        return sum(map(len, self.parts.values()))


def sample(keys: Path, seed: int) -> Sample:
    """One application sealed with the development keys in `keys`; `seed` makes its pictures."""
    noise, now = random.Random(seed), datetime.now(UTC)
    booth = keys / "booth"
    counter, centre = (
        RecipientKey.from_pem((booth / name).read_bytes())
        for name in ("counter-seal.pub", "centre-seal.pub")
    )
    sealer = Sealer(BOOTH, uuid7(), counter, centre)
    jpeg = _jpeg(noise)
    today = now.date()
    sealer.seal(
        Part.IDENTITY,
        IdentityPart(
            kind=Kind.EXPIRY,
            reason_code="22",
            identity=Identity(
                citizen_no="341522199811070025",
                name="张静",
                sex="2",
                ethnicity="01",
                birth_date=date(1998, 11, 7),
                address="安徽省六安市霍邱县范桥乡合成路8号",
                issuer="霍邱县公安局",
                old_card_start=today - timedelta(days=3643),
                old_card_end=today + timedelta(days=10),
            ),
            delivery=Delivery(pickup="station"),
            fee=Fee(due_fen=2000, state=FeeState.DUE),
            confirmed_at=now,
        ),
    )
    sealer.seal(
        Part.PORTRAIT,
        PortraitPart(
            jpeg=jpeg,
            sha256=hashlib.sha256(jpeg).hexdigest(),
            jpeg_quality=70,
            take_no=1,
            takes=1,
            face_width_px=206.0,
            top_px=14.0,
            eye_line_px=240.0,
            verdict="photo.ok",
            engine=SOFTWARE,
        ),
    )
    sealer.seal(Part.FINGERPRINTS, FingerprintsPart(fingers=_fingers(noise)))
    sealer.seal(
        Part.EVIDENCE,
        EvidencePart(
            consents=(Consent(text="purpose", version="1", at=now),),
            signature_png=noise.randbytes(SIGNATURE_BYTES),
            fingers=(("right-thumb", "registered", 1), ("left-thumb", "registered", 1)),
            devices=(("booth", BOOTH),),
            software=SOFTWARE,
            seconds=40.0,
        ),
    )
    draft = EnvelopeDraft(
        id=sealer.application_id, kind=Kind.EXPIRY, confirmed_at=now, software=SOFTWARE
    )
    return Sample(draft, sealer.parts())


def _fingers(noise: random.Random) -> tuple[Finger, ...]:
    return tuple(
        Finger.model_validate(
            {
                "slot": slot,
                "position": position,
                "result": FingerResult.REGISTERED,
                "tries": 1,
                "format": SOFTWARE,
                "template": noise.randbytes(TEMPLATE_BYTES),
            }
        )
        for slot, position in ((1, "right-thumb"), (2, "left-thumb"))
    )


def _jpeg(noise: random.Random) -> bytes:
    """A picture of a portrait's size whose file is as long as a real one's."""
    small = Image.frombytes("RGB", (60, 74), noise.randbytes(60 * 74 * 3))
    picture = small.resize((358, 441), Image.Resampling.BICUBIC)
    kept = b""
    for quality in (95, 90, 85, 80, 70, 60, 50):
        held = io.BytesIO()
        picture.save(held, "JPEG", quality=quality, dpi=(350, 350))
        kept = held.getvalue()
        if len(kept) <= PORTRAIT_BYTES:
            break
    return kept

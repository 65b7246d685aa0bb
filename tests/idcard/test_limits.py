# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from uuid import UUID

from idcard.canonical import record_bytes
from idcard.keys import OpeningKey
from idcard.limits import SEALED_LIMITS
from idcard.records import (
    Consent,
    EvidencePart,
    Finger,
    FingerprintsPart,
    FingerResult,
    Part,
    PortraitPart,
)
from idcard.sealing import SealContext, seal

LARGEST = {
    Part.PORTRAIT: PortraitPart(
        jpeg=b"x" * 48_000,
        sha256="0" * 64,
        jpeg_quality=85,
        take_no=99,
        takes=99,
        face_width_px=207.123456,
        top_px=14.123456,
        eye_line_px=220.123456,
        verdict="v" * 40,
        engine="e" * 40,
    ),
    Part.FINGERPRINTS: FingerprintsPart(
        fingers=tuple(
            Finger(
                slot=slot,
                position="right-middle",
                result=FingerResult.REGISTERED,
                tries=5,
                quality=100,
                format="f" * 40,
                template=b"t" * 4096,
                image=b"i" * 36_864,
                image_width=1024,
            )
            for slot in (1, 2)
        )
    ),
    Part.EVIDENCE: EvidencePart(
        consents=tuple(
            Consent(text="t" * 60, version="v" * 16, at=datetime(2026, 12, 1, tzinfo=UTC))
            for _ in range(20)
        ),
        signature_png=b"p" * 61_440,
        fingers=tuple(("right-middle", "registered", 5) for _ in range(10)),
        devices=tuple(("fingerprint", "d" * 80) for _ in range(20)),
        software="s" * 40,
        seconds=1234.5,
    ),
}


def test_the_largest_record_there_can_be_is_still_taken_once_sealed() -> None:
    key = OpeningKey.generate().recipient
    for part, record in LARGEST.items():
        context = SealContext.of_part("B1234567", UUID(int=2**128 - 1), part)
        sealed = seal(record_bytes(record), key, context=context)
        assert SEALED_LIMITS[part] // 4 < len(sealed) <= SEALED_LIMITS[part]

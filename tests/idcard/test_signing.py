# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from idcard.keys import SigningKey
from idcard.records import Envelope, Manifest, Part, Receipt
from idcard.signing import (
    SignatureError,
    check_manifest,
    check_receipt,
    sign_manifest,
    sign_receipt,
)

BOOTH, COUNTER = SigningKey.generate(), SigningKey.generate()
NOW = datetime(2026, 12, 1, 1, 2, 3, tzinfo=UTC)


def test_the_library_signs_the_first_vector_of_rfc_8032() -> None:
    # RFC 8032, 7.1, TEST 1: empty message.
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    expected = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(secret))
    assert key.private.sign(b"").hex() == expected


def test_a_manifest_is_proved_after_travelling_as_json(envelope: Envelope) -> None:
    manifest = sign_manifest(envelope, BOOTH)
    arrived = Manifest.model_validate_json(manifest.model_dump_json())
    assert check_manifest(arrived, BOOTH.verifier) == envelope


def test_a_changed_envelope_or_another_booths_key_is_refused(envelope: Envelope) -> None:
    manifest = sign_manifest(envelope, BOOTH)
    changed = manifest.model_copy(update={"envelope": envelope.model_copy(update={"seq_booth": 8})})
    renamed = manifest.model_copy(update={"device_key_id": COUNTER.key_id})
    for forged, key in ((changed, BOOTH), (manifest, COUNTER), (renamed, COUNTER)):
        with pytest.raises(SignatureError):
            check_manifest(forged, key.verifier)


def check(receipt: Receipt, envelope: Envelope, **changes: object) -> None:
    asked: dict[str, object] = {
        "booth_id": envelope.booth_id,
        "application_id": envelope.id,
        "parts": {ref.part: ref.sha256 for ref in envelope.parts},
    }
    check_receipt(receipt, COUNTER.verifier, **(asked | changes))  # type: ignore[arg-type]


def test_a_receipt_stands_for_exactly_the_parts_it_names(envelope: Envelope) -> None:
    receipt = Receipt.model_validate_json(sign_receipt(envelope, NOW, COUNTER).model_dump_json())
    check(receipt, envelope)
    parts = {ref.part: ref.sha256 for ref in envelope.parts}
    for wrong in (
        {"booth_id": "B04"},
        {"application_id": UUID(int=1)},
        {"parts": parts | {Part.PORTRAIT: "f" * 64}},
        {"parts": {Part.PORTRAIT: parts[Part.PORTRAIT]}},
        {"parts": {}},
    ):
        with pytest.raises(SignatureError):
            check(receipt, envelope, **wrong)


def test_a_receipt_signed_by_somebody_else_is_no_receipt(envelope: Envelope) -> None:
    forged = sign_receipt(envelope, NOW, BOOTH)
    with pytest.raises(SignatureError):
        check(forged, envelope)
    named = forged.body.model_copy(update={"key_id": COUNTER.key_id})
    with pytest.raises(SignatureError):
        check(Receipt(body=named, signature=forged.signature), envelope)

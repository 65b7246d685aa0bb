# SPDX-License-Identifier: Apache-2.0
"""Signing: who said it. Ed25519 (RFC 8032) over the canonical JSON of a record, and nothing else.

The booth's device key signs the envelope of an application, the counter's receipt key signs what
it has durably received. Anyone with the public half and the JSON text can check both.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from pydantic import BaseModel

from idcard.canonical import canonical_json
from idcard.keys import SigningKey, VerifyKey
from idcard.records import Envelope, Manifest, Part, Receipt, ReceiptBody


class SignatureError(ValueError):
    """The signature does not prove the record, or the record is not the one that was asked for."""


def sign(body: BaseModel, key: SigningKey) -> bytes:
    """64 signature bytes over the canonical JSON of `body`."""
    return key.private.sign(canonical_json(body))


def verify(body: BaseModel, signature: bytes, key: VerifyKey) -> None:
    """Returns if `key` signed exactly this `body`. Raises SignatureError."""
    try:
        key.public.verify(signature, canonical_json(body))
    except InvalidSignature as wrong:
        raise SignatureError("signature does not match") from wrong


def sign_manifest(envelope: Envelope, key: SigningKey) -> Manifest:
    """The envelope with the booth's signature and the name of its device key."""
    return Manifest(envelope=envelope, device_key_id=key.key_id, signature=sign(envelope, key))


def check_manifest(manifest: Manifest, key: VerifyKey) -> Envelope:
    """The envelope, proved. Raises SignatureError (another key named, or a wrong signature)."""
    if manifest.device_key_id != key.key_id:
        raise SignatureError("signed with another key")
    verify(manifest.envelope, manifest.signature, key)
    return manifest.envelope


def sign_receipt(envelope: Envelope, received_at: datetime, key: SigningKey) -> Receipt:
    """The counter's receipt for every part the envelope names. Sign only after the commit."""
    body = ReceiptBody(
        booth_id=envelope.booth_id,
        application_id=envelope.id,
        parts={ref.part: ref.sha256 for ref in envelope.parts},
        received_at=received_at,
        key_id=key.key_id,
    )
    return Receipt(body=body, signature=sign(body, key))


def check_receipt(
    receipt: Receipt,
    key: VerifyKey,
    *,
    booth_id: str,
    application_id: UUID,
    parts: Mapping[Part, str],
) -> ReceiptBody:
    """The receipt's body, proved to be for this application with exactly these part hashes.

    Raises SignatureError for another key, booth, application or set of hashes, or a wrong
    signature. Only after this may a booth delete the parts.
    """
    body = receipt.body
    if body.key_id != key.key_id:
        raise SignatureError("signed with another key")
    verify(body, receipt.signature, key)
    if body.booth_id != booth_id or body.application_id != application_id:
        raise SignatureError("receipt of another application")
    if body.parts != dict(parts):
        raise SignatureError("receipt names other parts")
    return body

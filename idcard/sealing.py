# SPDX-License-Identifier: Apache-2.0
"""Sealing: bytes that only one key can open, bound to what they are part of.

A sealed envelope describes itself, so that an index of envelopes can be rebuilt from them alone:

    4   b"IDBS"
    1   suite: 1 = HPKE (RFC 9180, base mode) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
        AES-256-GCM; other numbers are for suites to come
    1   length n of the key id, then n ASCII bytes: which key opens it
    2   length m of the context (big-endian), then m bytes of canonical JSON
    32  encapsulated key, then the ciphertext with its 16-byte tag

Everything before the encapsulated key goes into HPKE's `info`: an envelope moved to another
application, booth or part, or with another key id written on it, does not open. Base mode proves no
sender; `idcard.signing` does that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from idcard.canonical import canonical_json, sha256_hex
from idcard.keys import OpeningKey, RecipientKey
from idcard.records import Part

PRODUCT = "id-booth"
FORMAT_VERSION = 1
MAGIC = b"IDBS"
SUITE_X25519_AES256GCM = 1
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ENC_AND_TAG = 32 + 16
_INFO_LABEL = b"id-booth sealed envelope\x00"


class SealError(ValueError):
    """The envelope gives nothing. Never carries sealed or opened bytes."""


class SealBrokenError(SealError):
    """Damaged, cut, moved to another context, or sealed to another key under this key's id."""


class SealKeyError(SealError):
    """Sealed to a key that is not here. `key_id` is the one it asks for."""

    def __init__(self, key_id: str) -> None:
        super().__init__("sealed to another key")
        self.key_id = key_id


class SealSuiteError(SealError):
    """Sealed with a suite this version does not know."""


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class SealContext:
    """What the sealed bytes are part of. `application_id` may be another subject's id."""

    booth_id: str = Field(max_length=16)
    application_id: str = Field(max_length=64)
    part: str = Field(max_length=32)
    product: str = Field(default=PRODUCT, max_length=16)
    version: int = Field(default=FORMAT_VERSION, ge=1, le=255)

    @classmethod
    def of_part(cls, booth_id: str, application_id: UUID, part: Part) -> "SealContext":
        """The context of one part of an application."""
        return cls(booth_id, str(application_id), part.value)

    @classmethod
    def of_card(cls, booth_id: str, card_id: str) -> "SealContext":
        """The context of a sealed `CardInBin`: the booth's own opaque id of that card."""
        return cls(booth_id, card_id, "card-in-bin")

    @classmethod
    def of_question(cls, booth_id: str) -> "SealContext":
        """The context of a sealed `EligibilityQuestion`: it belongs to no application yet."""
        return cls(booth_id, "", "eligibility-question")

    @classmethod
    def of_answer(cls, booth_id: str, sealed_question: bytes) -> "SealContext":
        """The context of the answer to exactly this sealed question."""
        return cls(booth_id, sha256_hex(sealed_question), "eligibility-answer")


_CONTEXT: TypeAdapter[SealContext] = TypeAdapter(SealContext)


@dataclass(frozen=True, slots=True)
class SealHeader:
    """The readable head of an envelope. `length` counts its bytes; nothing in it is proved yet."""

    suite: int
    key_id: str
    context: SealContext
    length: int


def seal(plain: bytes, recipient: RecipientKey, *, context: SealContext) -> bytes:
    """The envelope of `plain` that only `recipient`'s private half opens, in this context."""
    head = _head(recipient.key_id, context)
    return head + _HPKE.encrypt(plain, recipient.public, _INFO_LABEL + head)


def open_sealed(
    sealed: bytes, keys: OpeningKey | Iterable[OpeningKey], *, context: SealContext
) -> bytes:
    """The plain bytes.

    Raises SealKeyError when none of `keys` is the one named, SealSuiteError for an unknown suite,
    SealBrokenError when the envelope is cut, changed, or not of this `context`.
    """
    header = read_header(sealed)
    if header.suite != SUITE_X25519_AES256GCM:
        raise SealSuiteError("unknown suite")
    ring = (keys,) if isinstance(keys, OpeningKey) else tuple(keys)
    key = next((one for one in ring if one.key_id == header.key_id), None)
    if key is None:
        raise SealKeyError(header.key_id)
    head = _head(header.key_id, context)
    if not sealed.startswith(head):
        raise SealBrokenError("of another context")
    try:
        return _HPKE.decrypt(sealed[len(head) :], key.private, _INFO_LABEL + head)
    except (InvalidTag, ValueError) as wrong:
        raise SealBrokenError("does not open") from wrong


def read_header(sealed: bytes) -> SealHeader:
    """Reads the head without opening. Raises SealBrokenError for anything that is no envelope."""
    try:
        if sealed[:4] != MAGIC:
            raise SealBrokenError("no sealed envelope")
        suite, name_length = sealed[4], sealed[5]
        at = 6 + name_length
        key_id = _whole(sealed, 6, at).decode("ascii")
        length = int.from_bytes(_whole(sealed, at, at + 2), "big")
        context = _CONTEXT.validate_json(_whole(sealed, at + 2, at + 2 + length))
    except (IndexError, UnicodeDecodeError, ValidationError) as wrong:
        raise SealBrokenError("no readable head") from wrong
    if len(sealed) < at + 2 + length + _ENC_AND_TAG:
        raise SealBrokenError("cut")
    return SealHeader(suite, key_id, context, len(sealed))


def _head(key_id: str, context: SealContext) -> bytes:
    name = key_id.encode("ascii")
    fields: dict[str, Any] = _CONTEXT.dump_python(context, mode="json")
    words = canonical_json(fields)
    suite = bytes([SUITE_X25519_AES256GCM, len(name)])
    return MAGIC + suite + name + len(words).to_bytes(2, "big") + words


def _whole(raw: bytes, start: int, end: int) -> bytes:
    if end > len(raw):
        raise IndexError
    return raw[start:end]

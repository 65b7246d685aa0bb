# SPDX-License-Identifier: Apache-2.0
"""Keys by name: X25519 for sealing, Ed25519 for signing, as PEM text and raw bytes.

A key's id is its kind and the first 16 hex digits of SHA-256 over its 32 raw public bytes, so both
sides find the same id without being told. Private halves are PKCS #8 PEM without password (their
file mode guards them), public halves SubjectPublicKeyInfo PEM.
"""

import hashlib
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_Key = TypeVar("_Key")


class KeyFormatError(ValueError):
    """Not a key, or not one of the kind that is needed here."""


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """The public half that seals: whoever holds the private half can open."""

    public: X25519PublicKey
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", _name("x25519", self.raw()))

    @classmethod
    def from_pem(cls, pem: bytes) -> "RecipientKey":
        """Reads a public PEM. Raises KeyFormatError."""
        return cls(_expect(_load_public(pem), X25519PublicKey))

    @classmethod
    def from_raw(cls, raw: bytes) -> "RecipientKey":
        """From 32 raw bytes, as in `EligibilityQuestion.answer_to`. Raises KeyFormatError."""
        try:
            return cls(X25519PublicKey.from_public_bytes(raw))
        except ValueError as wrong:
            raise KeyFormatError("not an X25519 public key") from wrong

    def raw(self) -> bytes:
        """The 32 raw bytes."""
        return self.public.public_bytes_raw()

    def pem(self) -> bytes:
        """SubjectPublicKeyInfo PEM."""
        return _public_pem(self.public)


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The private half that opens what was sealed to `recipient`."""

    private: X25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> "OpeningKey":
        """A fresh key from the system's random source."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> "OpeningKey":
        """Reads a private PEM. Raises KeyFormatError."""
        return cls(_expect(_load_private(pem), X25519PrivateKey))

    @property
    def recipient(self) -> RecipientKey:
        """The public half."""
        return RecipientKey(self.private.public_key())

    @property
    def key_id(self) -> str:
        """The id both halves share."""
        return self.recipient.key_id

    def pem(self) -> bytes:
        """PKCS #8 PEM, no password."""
        return _private_pem(self.private)


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The public half that checks signatures."""

    public: Ed25519PublicKey
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", _name("ed25519", self.public.public_bytes_raw()))

    @classmethod
    def from_pem(cls, pem: bytes) -> "VerifyKey":
        """Reads a public PEM. Raises KeyFormatError."""
        return cls(_expect(_load_public(pem), Ed25519PublicKey))

    def pem(self) -> bytes:
        """SubjectPublicKeyInfo PEM."""
        return _public_pem(self.public)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half that signs."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A fresh key from the system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> "SigningKey":
        """Reads a private PEM. Raises KeyFormatError."""
        return cls(_expect(_load_private(pem), Ed25519PrivateKey))

    @property
    def verifier(self) -> VerifyKey:
        """The public half."""
        return VerifyKey(self.private.public_key())

    @property
    def key_id(self) -> str:
        """The id both halves share."""
        return self.verifier.key_id

    def pem(self) -> bytes:
        """PKCS #8 PEM, no password."""
        return _private_pem(self.private)


def _name(kind: str, raw: bytes) -> str:
    return f"{kind}-{hashlib.sha256(raw).hexdigest()[:16]}"


def _expect(key: object, kind: type[_Key]) -> _Key:
    if not isinstance(key, kind):
        raise KeyFormatError(f"need {kind.__name__}")
    return key


def _load_private(pem: bytes) -> object:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise KeyFormatError("not a readable private key") from wrong


def _load_public(pem: bytes) -> object:
    try:
        return load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise KeyFormatError("not a readable public key") from wrong


def _private_pem(key: X25519PrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: X25519PublicKey | Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

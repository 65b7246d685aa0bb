# SPDX-License-Identifier: Apache-2.0
"""Whose staff cards a booth trusts: those of an issuer, those named by key, never those withdrawn.

A certificate proves nothing by itself, anybody can make one; its issuer's signature does, or its
key's place on the booth's own list.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True, slots=True)
class StaffTrust:
    """Who may open the staff menu. Empty: nobody.

    `issuers` are authorities' certificates; a staff card's must be signed by one of them directly
    and be in its time. `keys` are key ids (`key_id`) trusted by themselves, for cards that sign
    their own certificate; `withdrawn` are key ids refused whatever else holds.
    """

    issuers: tuple[x509.Certificate, ...] = ()
    keys: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, issuers_pem: bytes = b"", keys: Iterable[str] = (), withdrawn: Iterable[str] = ()
    ) -> "StaffTrust":
        """From a PEM file's bytes and lists of key ids (64 hex digits, colons and case as one
        likes). Raises ValueError."""
        issuers = x509.load_pem_x509_certificates(issuers_pem) if issuers_pem.strip() else []
        return cls(tuple(issuers), frozenset(map(_id, keys)), frozenset(map(_id, withdrawn)))

    @property
    def empty(self) -> bool:
        """Whether no card at all can be trusted."""
        return not (self.issuers or self.keys)

    def judge(self, certificate: x509.Certificate, now: datetime) -> str:
        """The code of a refusal at `now` (with its zone), "" when the card is to be trusted."""
        key = key_id(certificate)
        if key in self.withdrawn:
            return "staffcard.unknown"
        if key in self.keys:
            return ""
        if not any(_signed_by(certificate, issuer) for issuer in self.issuers):
            return "staffcard.unknown"
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            return "staffcard.expired"
        return ""


def key_id(certificate: x509.Certificate) -> str:
    """SHA-256 of the public key (SubjectPublicKeyInfo, DER) in lower-case hex."""
    key = certificate.public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def _id(text: str) -> str:
    plain = text.replace(":", "").strip().lower()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        raise ValueError("a key id is the SHA-256 of a public key, 64 hex digits")
    return plain


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if not isinstance(certificate.public_key(), ec.EllipticCurvePublicKey) or not _is_ca(issuer):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return not _is_ca(certificate)


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False

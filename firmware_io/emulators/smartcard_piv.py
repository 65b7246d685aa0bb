# SPDX-License-Identifier: Apache-2.0
"""A PIV applet in software: a P-256 key, its self-signed certificate, a PIN that blocks itself.

Source: NIST SP 800-73-4 part 2 and part 1 appendix A (data object 5FC105, key 9A). It knows the
commands a booth's staff card is asked for, and refuses all others with 6D00 as a real one does. It
shares no code with the driver.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

AID: Final = bytes.fromhex("A000000308000010000100")
PIX_SHORT: Final = 9  # the version at its end may be left out of a SELECT
MAX_TRIES: Final = 3
MAX_ANSWER: Final = 256

OK: Final = 0x9000
WRONG_LENGTH: Final = 0x6700
SECURITY_STATUS: Final = 0x6982
BLOCKED: Final = 0x6983
WRONG_DATA: Final = 0x6A80
NOT_FOUND: Final = 0x6A82
WRONG_P1P2: Final = 0x6A86
WRONG_REFERENCE: Final = 0x6A88
UNKNOWN_INSTRUCTION: Final = 0x6D00

_SELECTED: Final = (  # application property template: PIX, and the authority that allocated it
    bytes.fromhex("61114F0600001000010079074F05A000000308")
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The key of one card and its certificate (DER)."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes


def make_identity(name: str = "STAFF 0001") -> Identity:
    """A fresh key with a certificate it signs itself, good for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key, SHA256())
    )
    return Identity(key, certificate.public_bytes(Encoding.DER))


def keep_identity(path: Path) -> Identity:
    """The identity kept in the PEM file `path`, made there (mode 600) if it is not there yet.

    Raises ValueError when the file holds something else, OSError.
    """
    if not path.exists():
        fresh = make_identity()
        pem = fresh.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificate = x509.load_der_x509_certificate(fresh.certificate)
        path.touch(mode=0o600)
        path.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
        return fresh
    raw = path.read_bytes()
    key = load_pem_private_key(raw, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds no P-256 key")
    return Identity(key, x509.load_pem_x509_certificate(raw).public_bytes(Encoding.DER))


class PivApplet:
    """One card. `tries` survives resets and power cycles; the rest does not."""

    def __init__(self, identity: Identity, pin: str = "123456") -> None:
        self._identity = identity
        self._pin = pin.encode().ljust(8, b"\xff")
        self.tries = MAX_TRIES
        self.reset()

    def reset(self) -> None:
        """Power came, or the reader reset the card."""
        self._is_selected = False
        self._verified = False
        self._waiting = b""

    def execute(self, apdu: bytes) -> bytes:
        """The answer to one command: data, SW1 SW2."""
        if len(apdu) < 4 or apdu[0] & 0xFC:
            return _word(0x6E00)
        instruction, p1, p2 = apdu[1:4]
        data = _data(apdu)
        if data is None:
            return _word(WRONG_LENGTH)
        if instruction == 0xC0:
            return self._next_part(_expected(apdu, data))
        self._waiting = b""
        if instruction == 0xA4:
            return self._select(p1, data)
        handlers: dict[int, Callable[[int, int, bytes], bytes]] = {
            0x20: self._verify,
            0xCB: self._get_data,
            0x87: self._authenticate,
        }
        handler = handlers.get(instruction)
        if handler is None or not self._is_selected:
            return _word(UNKNOWN_INSTRUCTION)
        return handler(p1, p2, data)

    def _select(self, p1: int, data: bytes) -> bytes:
        if p1 != 0x04 or len(data) < PIX_SHORT or not AID.startswith(data):
            return _word(NOT_FOUND)
        self._is_selected, self._verified = True, False
        return self._long(_SELECTED)

    def _verify(self, p1: int, p2: int, data: bytes) -> bytes:
        if p2 != 0x80:
            return _word(WRONG_REFERENCE)
        if not data and p1 == 0:
            return _word(OK if self._verified else self._standing())
        if self.tries == 0:
            return _word(BLOCKED)
        if len(data) != 8:
            return _word(WRONG_DATA)
        self._verified = data == self._pin
        if self._verified:
            self.tries = MAX_TRIES
            return _word(OK)
        self.tries -= 1
        return _word(self._standing())

    def _standing(self) -> int:
        return BLOCKED if self.tries == 0 else 0x63C0 | self.tries

    def _get_data(self, p1: int, p2: int, data: bytes) -> bytes:
        if (p1, p2) != (0x3F, 0xFF):
            return _word(WRONG_P1P2)
        if data != bytes.fromhex("5C035FC105"):
            return _word(NOT_FOUND)
        inner = _tlv(0x70, self._identity.certificate) + _tlv(0x71, b"\0") + _tlv(0xFE, b"")
        return self._long(_tlv(0x53, inner))

    def _authenticate(self, p1: int, p2: int, data: bytes) -> bytes:
        if (p1, p2) != (0x11, 0x9A):
            return _word(WRONG_P1P2)
        if len(data) != 38 or data[:6] != bytes.fromhex("7C2482008120"):
            return _word(WRONG_DATA)
        if not self._verified:
            return _word(SECURITY_STATUS)
        signature = self._identity.key.sign(data[6:], ec.ECDSA(utils.Prehashed(SHA256())))
        return self._long(_tlv(0x7C, _tlv(0x82, signature)))

    def _long(self, data: bytes) -> bytes:
        self._waiting = data
        return self._next_part(MAX_ANSWER)

    def _next_part(self, size: int) -> bytes:
        part, self._waiting = self._waiting[:size], self._waiting[size:]
        if self._waiting:
            return part + _word(0x6100 | min(len(self._waiting), 0x100) & 0xFF)
        return part + _word(OK)


def _data(apdu: bytes) -> bytes | None:
    """The data field of a short command; None when its length byte lies."""
    if len(apdu) <= 5:
        return b""
    size = apdu[4]
    if size == 0 or len(apdu) not in (5 + size, 6 + size):
        return None
    return apdu[5 : 5 + size]


def _expected(apdu: bytes, data: bytes) -> int:
    le = apdu[-1] if len(apdu) > 4 + bool(data) + len(data) else 0
    return le or MAX_ANSWER


def _tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        head = bytes((tag, size))
    elif size < 0x100:
        head = bytes((tag, 0x81, size))
    else:
        head = bytes((tag, 0x82)) + size.to_bytes(2, "big")
    return head + value


def _word(status: int) -> bytes:
    return status.to_bytes(2, "big")

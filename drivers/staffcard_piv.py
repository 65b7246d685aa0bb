# SPDX-License-Identifier: Apache-2.0
"""The PIV applet of a staff card: its commands as bytes, its answers as values. No link, no clock.

Source: NIST SP 800-73-4 part 2 (SELECT, VERIFY, GET DATA, GENERAL AUTHENTICATE) and SP 800-78-4
(algorithm 11: ECC P-256); ISO/IEC 7816-4 for status words and BER-TLV.
"""

import zlib
from dataclasses import dataclass
from typing import Final

AID: Final = bytes.fromhex("A000000308000010000100")
AUTHENTICATION_KEY: Final = 0x9A
ECC_P256: Final = 0x11
AUTHENTICATION_CERTIFICATE: Final = bytes.fromhex("5FC105")

OK: Final = 0x9000
NOT_FOUND: Final = 0x6A82
BLOCKED: Final = 0x6983
DIGEST_BYTES: Final = 32
LONGEST_CERTIFICATE: Final = 8192

SELECT: Final = bytes.fromhex("00A40400") + bytes((len(AID),)) + AID + b"\0"
GET_CERTIFICATE: Final = bytes.fromhex("00CB3FFF055C03") + AUTHENTICATION_CERTIFICATE + b"\0"
TRIES_LEFT: Final = bytes.fromhex("00200080")
"""VERIFY without data: asks how the PIN stands and costs no try."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Data and the status word of one answer."""

    data: bytes
    status: int

    @classmethod
    def of(cls, raw: bytes) -> "Answer":
        """From the card's bytes; at least the two of the status word."""
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    @property
    def more(self) -> int | None:
        """How many bytes wait for GET RESPONSE (0 means 256 or more), None when none do."""
        return self.status & 0xFF if self.status >> 8 == 0x61 else None

    @property
    def tries_left(self) -> int | None:
        """What 63 Cx says about the PIN."""
        return self.status & 0x0F if self.status & 0xFFF0 == 0x63C0 else None


def get_response(size: int) -> bytes:
    """Fetches the next `size` bytes (0: up to 256) of a long answer."""
    return bytes.fromhex("00C00000") + bytes((size,))


def verify(pin: str) -> bytes:
    """VERIFY of the card's own PIN, 6 to 8 digits, padded with FF. Raises ValueError."""
    if not (pin.isascii() and pin.isdigit() and 6 <= len(pin) <= 8):
        raise ValueError("a PIV PIN has 6 to 8 digits")
    return bytes.fromhex("0020008008") + pin.encode().ljust(8, b"\xff")


def authenticate(digest: bytes) -> bytes:
    """GENERAL AUTHENTICATE: signs a 32-byte digest with key 9A (ECDSA on P-256)."""
    if len(digest) != DIGEST_BYTES:
        raise ValueError("P-256 signs 32 bytes")
    template = b"\x82\x00\x81\x20" + digest
    body = b"\x7c" + bytes((len(template),)) + template
    return bytes((0x00, 0x87, ECC_P256, AUTHENTICATION_KEY, len(body))) + body + b"\0"


def find_tlv(data: bytes, tag: int) -> bytes | None:
    """The value of the first element with a one-byte `tag`; None when absent or malformed."""
    at = 0
    while at + 2 <= len(data):
        found, size, at = data[at], data[at + 1], at + 2
        if size in (0x81, 0x82):
            count = size & 0x0F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        elif size > 0x7F:
            return None
        if at + size > len(data):
            return None
        if found == tag:
            return data[at : at + size]
        at += size
    return None


def certificate_of(data: bytes) -> bytes | None:
    """The DER certificate in a GET DATA answer (53 { 70, 71, FE }); None when there is none.

    One that is packed (gzip, bit 0 of 71) is unpacked, to at most `LONGEST_CERTIFICATE` bytes.
    """
    holder = find_tlv(data, 0x53)
    if holder is None:
        return None
    info, certificate = find_tlv(holder, 0x71) or b"\0", find_tlv(holder, 0x70)
    if certificate is None or info == b"\0":
        return certificate
    if info != b"\1":
        return None
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(certificate, LONGEST_CERTIFICATE)
    except zlib.error:
        return None
    return plain if unpacker.eof else None


def signature_of(data: bytes) -> bytes | None:
    """The DER signature in a GENERAL AUTHENTICATE answer (7C { 82 signature })."""
    template = find_tlv(data, 0x7C)
    return find_tlv(template, 0x82) if template is not None else None

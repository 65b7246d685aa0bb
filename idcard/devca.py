# SPDX-License-Identifier: Apache-2.0
"""A development set of keys and certificates, made at first run: `python -m idcard.devca DIR`.

Real sites bring their own. What lies where, and who would hold it in real life:

    ca.pem ca.key                   the certificate authority (ca.key: the network's owner)
    counter/tls.pem tls.key         the counter's server certificate: localhost, 127.0.0.1, ::1
    counter/ca.pem                  whom booths' certificates must come from
    counter/receipt.key             Ed25519, signs receipts
    counter/seal.key                X25519, opens identity, portrait and evidence
    counter/booths/<BOOTH>.pub      each booth's device key, to check manifests
    booth/tls.pem tls.key           the booth's client certificate, CN = booth id
    booth/ca.pem                    whom the counter's certificate must come from
    booth/device.key                Ed25519, signs manifests
    booth/counter-receipt.pub       checks receipts
    booth/counter-seal.pub          seals to the counter
    booth/centre-seal.pub           seals to the card centre
    booth/staff-ca.pem              who issues the cards that open a booth's staff menu
    centre/seal.key                 X25519, opens fingerprints; never on the counter
    staff/ca.pem ca.key             the issuer of staff cards, an authority of its own: a booth's
                                    TLS certificate shall make nobody staff
    staff/card.key                  the emulated staff card: its key and, behind it, its certificate

Running it again adds what is missing and changes nothing that is there.
"""

import argparse
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idcard.keys import OpeningKey, SigningKey

_CA_DAYS = 3650
_LEAF_DAYS = 825
# A machine without battery clock may wake up some days in the past.
_EARLY = timedelta(days=30)


def make_tls_key() -> bytes:
    """A fresh P-256 private key as PKCS #8 PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_ca(key_pem: bytes, now: datetime, called: str = "ID Booth development CA") -> bytes:
    """A self-signed authority certificate, valid ten years."""
    key = _tls_key(key_pem)
    name = _common_name(called)
    public = key.public_key()
    builder = (
        _builder(name, name, public, now, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def make_server_certificate(
    key_pem: bytes, ca_pem: bytes, ca_key_pem: bytes, hosts: tuple[str, ...], now: datetime
) -> bytes:
    """A server certificate for `hosts` (names or IP addresses)."""
    names = [_general_name(host) for host in hosts]
    return _leaf(
        key_pem,
        ca_pem,
        ca_key_pem,
        hosts[0],
        now,
        (x509.SubjectAlternativeName(names), ExtendedKeyUsageOID.SERVER_AUTH),
    )


def make_client_certificate(
    key_pem: bytes, ca_pem: bytes, ca_key_pem: bytes, booth_id: str, now: datetime
) -> bytes:
    """A client certificate whose common name is the booth's id."""
    return _leaf(
        key_pem, ca_pem, ca_key_pem, booth_id, now, (None, ExtendedKeyUsageOID.CLIENT_AUTH)
    )


def make_staff_certificate(
    key_pem: bytes, ca_pem: bytes, ca_key_pem: bytes, name: str, now: datetime
) -> bytes:
    """The certificate of a staff card (PEM), with its holder's `name`."""
    smartcard_logon = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
    return _leaf(key_pem, ca_pem, ca_key_pem, name, now, (None, smartcard_logon))


def write_development_keys(folder: Path, booth_id: str = "B03", *, now: datetime) -> None:
    """Fills `folder` as drawn above; files that exist stay as they are.

    Private halves get mode 0600. Two runs at once wait for each other. Raises OSError, and
    ValueError when the folder holds the keys of another booth.
    """
    with _locked(folder):
        ca_key = _once(folder / "ca.key", make_tls_key)
        ca = _once(folder / "ca.pem", lambda: make_ca(ca_key, now))
        counter, booth, centre = folder / "counter", folder / "booth", folder / "centre"
        for place in (counter, booth):
            _once(place / "ca.pem", lambda: ca)

        server_key = _once(counter / "tls.key", make_tls_key)
        hosts = ("localhost", "127.0.0.1", "::1")
        _once(
            counter / "tls.pem",
            lambda: make_server_certificate(server_key, ca, ca_key, hosts, now),
        )
        client_key = _once(booth / "tls.key", make_tls_key)
        client = _once(
            booth / "tls.pem",
            lambda: make_client_certificate(client_key, ca, ca_key, booth_id, now),
        )

        staff_key = _once(folder / "staff" / "ca.key", make_tls_key)
        staff = _once(
            folder / "staff" / "ca.pem",
            lambda: make_ca(staff_key, now, "ID Booth development staff CA"),
        )
        _once(booth / "staff-ca.pem", lambda: staff)
        _once(folder / "staff" / "card.key", lambda: _staff_card(staff, staff_key, now))

        if _name_in(client) != booth_id:
            raise ValueError(f"{folder} holds the keys of booth {_name_in(client)}")

        device = SigningKey.from_pem(
            _once(booth / "device.key", lambda: SigningKey.generate().pem())
        )
        receipt = SigningKey.from_pem(
            _once(counter / "receipt.key", lambda: SigningKey.generate().pem())
        )
        seal = OpeningKey.from_pem(_once(counter / "seal.key", lambda: OpeningKey.generate().pem()))
        made = OpeningKey.from_pem(_once(centre / "seal.key", lambda: OpeningKey.generate().pem()))
        _once(counter / "booths" / f"{booth_id}.pub", device.verifier.pem)
        _once(booth / "counter-receipt.pub", receipt.verifier.pem)
        _once(booth / "counter-seal.pub", seal.recipient.pem)
        _once(booth / "centre-seal.pub", made.recipient.pem)


def main(arguments: list[str] | None = None) -> int:
    """`python -m idcard.devca DIR [--booth B03]`."""
    parser = argparse.ArgumentParser(prog="python -m idcard.devca", description="development keys")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--booth", default="B03", metavar="ID", help="the booth's id")
    asked = parser.parse_args(arguments)
    try:
        write_development_keys(asked.folder, asked.booth, now=datetime.now(UTC))
    except (OSError, ValueError) as wrong:
        sys.stderr.write(f"devca: {wrong}\n")
        return 1
    return 0


def _once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's bytes, made first if it is not there. A reader never sees half a file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    raw = make()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    mode = 0o600 if path.suffix == ".key" else 0o644
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.rename(draft, path)
    return raw


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _staff_card(ca_pem: bytes, ca_key_pem: bytes, now: datetime) -> bytes:
    key = make_tls_key()
    return key + make_staff_certificate(key, ca_pem, ca_key_pem, "STAFF 0001", now)


def _tls_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("need an elliptic-curve key")
    return key


def _leaf(
    key_pem: bytes,
    ca_pem: bytes,
    ca_key_pem: bytes,
    name: str,
    now: datetime,
    purpose: tuple[x509.SubjectAlternativeName | None, x509.ObjectIdentifier],
) -> bytes:
    alternatives, use = purpose
    public = _tls_key(key_pem).public_key()
    ca, ca_key = x509.load_pem_x509_certificate(ca_pem), _tls_key(ca_key_pem)
    builder = (
        _builder(_common_name(name), ca.subject, public, now, _LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
    )
    if alternatives is not None:
        builder = builder.add_extension(alternatives, critical=False)
    return builder.sign(ca_key, SHA256()).public_bytes(Encoding.PEM)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + timedelta(days=days))
    )


def _name_in(certificate_pem: bytes) -> str:
    found = x509.load_pem_x509_certificate(certificate_pem).subject
    return str(found.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


if __name__ == "__main__":
    raise SystemExit(main())

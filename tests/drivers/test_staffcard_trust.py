# SPDX-License-Identifier: Apache-2.0
"""Which certificates open the staff menu."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.staffcard_trust import StaffTrust, key_id

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def issue(
    by: Pair | None = None,
    *,
    ca: bool = False,
    days: int = 365,
    name: str = "STAFF 0001",
) -> Pair:
    """A certificate of a fresh key, signed by `by` or by itself, from yesterday on."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer = by[0].subject if by else subject
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW - timedelta(days=1) + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(by[1] if by else key, SHA256())
    )
    return made, key


CA = issue(ca=True, name="issuer", days=3650)
TRUST = StaffTrust.of(CA[0].public_bytes(Encoding.PEM))


def test_a_card_of_the_issuer_is_trusted_and_only_in_its_time() -> None:
    card, _ = issue(CA)
    assert TRUST.judge(card, NOW) == ""
    assert TRUST.judge(card, card.not_valid_after_utc) == ""
    assert TRUST.judge(card, card.not_valid_after_utc + timedelta(seconds=1)) == "staffcard.expired"
    assert TRUST.judge(card, NOW - timedelta(days=2)) == "staffcard.expired"


def test_the_issuers_name_alone_is_not_the_issuer() -> None:
    impostor = issue(ca=True, name="issuer")
    assert TRUST.judge(issue(impostor)[0], NOW) == "staffcard.unknown"


def test_a_card_that_signs_itself_is_unknown_unless_its_key_is_listed() -> None:
    card, _ = issue()
    assert TRUST.judge(card, NOW) == "staffcard.unknown"
    pinned = ":".join(key_id(card)[at : at + 2] for at in range(0, 64, 2)).upper()
    assert StaffTrust.of(keys=[pinned]).judge(card, NOW) == ""


def test_a_holder_of_a_card_makes_nobody_else_staff() -> None:
    card = issue(CA)
    assert TRUST.judge(issue(card)[0], NOW) == "staffcard.unknown"
    leaf_as_issuer = StaffTrust.of(card[0].public_bytes(Encoding.PEM))
    assert leaf_as_issuer.judge(issue(card)[0], NOW) == "staffcard.unknown"


def test_the_issuers_own_certificate_is_no_card() -> None:
    assert TRUST.judge(CA[0], NOW) == "staffcard.unknown"


def test_a_withdrawn_card_is_refused_whatever_else_holds() -> None:
    card, _ = issue(CA)
    lost = key_id(card)
    trust = StaffTrust.of(CA[0].public_bytes(Encoding.PEM), keys=[lost], withdrawn=[lost])
    assert trust.judge(card, NOW) == "staffcard.unknown"


def test_an_empty_trust_admits_nobody() -> None:
    assert StaffTrust().empty
    assert StaffTrust().judge(issue()[0], NOW) == "staffcard.unknown"
    assert not TRUST.empty


@pytest.mark.parametrize("text", ["", "12", "g" * 64, "a" * 63])
def test_what_is_no_key_id_is_refused_when_the_booth_starts(text: str) -> None:
    with pytest.raises(ValueError, match="64 hex"):
        StaffTrust.of(keys=[text])

# SPDX-License-Identifier: Apache-2.0
"""Whose staff cards a booth trusts by its settings, and by the keys of a development booth."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from drivers.staffcard_trust import StaffTrust, key_id
from idcard.devca import write_development_keys
from kiosk.config import StaffCardTable
from kiosk.devices import trust_of

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_development_keys(folder, now=NOW)
    return folder


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_development_card_opens_the_development_booth(keys: Path) -> None:
    trust = trust_of(StaffCardTable(issuers=keys / "booth" / "staff-ca.pem"))
    assert trust.judge(certificate(keys / "staff" / "card.key"), NOW) == ""


def test_a_booths_own_certificate_makes_nobody_staff(keys: Path) -> None:
    trust = trust_of(StaffCardTable(issuers=keys / "booth" / "staff-ca.pem"))
    for other in ("booth/tls.pem", "counter/tls.pem", "ca.pem", "staff/ca.pem"):
        assert trust.judge(certificate(keys / other), NOW) == "staffcard.unknown"


def test_a_withdrawn_card_stays_out(keys: Path) -> None:
    card = certificate(keys / "staff" / "card.key")
    table = StaffCardTable(issuers=keys / "booth" / "staff-ca.pem", withdrawn=(key_id(card),))
    assert trust_of(table).judge(card, NOW) == "staffcard.unknown"


@pytest.mark.parametrize("raw", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----"])
def test_an_issuers_file_that_cannot_be_read_is_trusted_as_nobody(
    tmp_path: Path, raw: bytes | None
) -> None:
    issuers = tmp_path / "issuers.pem"
    if raw is not None:
        issuers.write_bytes(raw)
    assert trust_of(StaffCardTable(issuers=issuers)) == StaffTrust()

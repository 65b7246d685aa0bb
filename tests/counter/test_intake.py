# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from idcard.keys import VerifyKey
from idcard.records import Arrival
from idcard.signing import check_receipt


@pytest.fixture
def receipt_key(keys_dir: Path) -> VerifyKey:
    return VerifyKey.from_pem((keys_dir / "booth" / "counter-receipt.pub").read_bytes())


def test_a_paid_renewal_is_accepted_at_once_and_its_receipt_names_every_part(
    api: TestClient, browser_client: TestClient, booth: Any, receipt_key: VerifyKey
) -> None:
    made = booth.paid(api, browser_client)
    answer = made.send(api)
    assert answer.status_code == 201
    arrival = Arrival.model_validate_json(answer.content)
    check_receipt(
        arrival.receipt,
        receipt_key,
        booth_id="B03",
        application_id=made.id,
        parts={ref.part: ref.sha256 for ref in made.manifest.envelope.parts},
    )
    assert arrival.progress.state == "ACCEPTED"
    assert arrival.progress.acceptance_no == "3204020012026120100001"
    assert str(arrival.progress.legal_date) == "2027-01-30"

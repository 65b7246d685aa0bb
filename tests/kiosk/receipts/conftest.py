# SPDX-License-Identifier: Apache-2.0
from datetime import date, datetime

import pytest

from kiosk.receipts import SlipFacts


@pytest.fixture
def facts() -> SlipFacts:
    return SlipFacts(
        name="张静",
        citizen_number="341522199811070025",
        matter="expiry",
        at=datetime(2026, 12, 1, 14, 32),  # noqa: DTZ001 - the booth's local time
        station="遥观派出所",
        booth="B03",
        fee_fen=2000,
        fee_state="paid",
        fingers=("right-thumb", "left-thumb"),
        expected=date(2026, 12, 29),
        latest=date(2027, 1, 30),
        collect_at="遥观派出所办证厅",
        phone="0519-0000 0000",
        county_phone="0519-0000 0001",
        record_hash="3f9a1c0245",
        acceptance_number="3204020012026120100007",
        booth_number="B03-261201-0007-K",
    )

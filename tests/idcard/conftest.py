# SPDX-License-Identifier: Apache-2.0
"""Records and people used by several tests of the shared domain. All people are invented."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from idcard.records import Envelope, Identity, Kind, Part, PartRef

TODAY = date(2026, 12, 1)


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(
        id=UUID("0193f000-0000-7000-8000-000000000001"),
        kind=Kind.EXPIRY,
        booth_id="B03",
        station_code="320402001",
        booth_number="B03-261201-0007-K",
        seq_booth=7,
        confirmed_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
        software="0.1.0",
        parts=tuple(
            PartRef(part=part, sha256=f"{index}" * 64, length=100 + index, key_id="x25519-00")
            for index, part in enumerate(Part)
        ),
    )


@pytest.fixture
def person() -> Callable[..., Identity]:
    """何伟, whose card ran out three years ago, with fields replaced as asked."""

    def make(**changes: object) -> Identity:
        fields: dict[str, object] = {
            "citizen_no": "110101199003070011",
            "name": "何伟",
            "sex": "1",
            "ethnicity": "01",
            "birth_date": date(1990, 3, 7),
            "address": "北京市东城区测试路1号",
            "issuer": "北京市公安局东城分局",
            "old_card_start": date(2003, 11, 20),
            "old_card_end": date(2023, 11, 20),
        }
        return Identity.model_validate(fields | changes)

    return make

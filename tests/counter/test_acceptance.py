# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from counter.acceptance import SequenceUsedUpError, give_number
from counter.office import Office
from counter.tables import StationDay

STATION = "320402001"


def give(office: Office, station: str = STATION, at: datetime | None = None) -> str:
    with office.database.write() as session:
        return give_number(session, station, at or office.clock.now())


def test_the_seventh_case_of_the_day_has_the_published_shape(office: Office) -> None:
    # Layout of GA 214.4-2004: area 6, station 3, date 8, sequence 5.
    numbers = [give(office) for _ in range(7)]
    assert numbers[-1] == "3204020012026120100007"


def test_forty_at_once_get_forty_numbers_without_a_gap(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: give(office), range(40)))
    assert sorted(int(number[-5:]) for number in numbers) == list(range(1, 41))


def test_stations_count_apart(office: Office) -> None:
    give(office)
    assert give(office, "320402002").endswith("00001")


def test_the_sequence_starts_again_at_midnight_in_shanghai_not_in_greenwich(
    office: Office,
) -> None:
    before = datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)
    after = datetime(2026, 12, 1, 16, 0, 0, tzinfo=UTC)
    assert give(office, at=before)[9:] == "2026120100001"
    assert give(office, at=after)[9:] == "2026120200001"


def test_a_number_whose_case_was_not_saved_is_given_again(office: Office) -> None:
    def fail_after_the_number() -> None:
        with office.database.write() as session:
            give_number(session, STATION, office.clock.now())
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_the_number()
    assert give(office).endswith("00001")


def test_after_the_last_number_of_the_day_nobody_is_accepted(office: Office) -> None:
    give(office)
    with office.database.write() as session:
        day = session.get_one(StationDay, (STATION, datetime(2026, 12, 1).date()))  # noqa: DTZ001
        day.last = 99_998
    assert give(office).endswith("99999")
    with pytest.raises(SequenceUsedUpError):
        give(office)

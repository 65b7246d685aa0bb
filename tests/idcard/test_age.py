# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idcard.age import add_months, add_years, full_years, station_date

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [
        (date(2010, 12, 1), date(2026, 12, 1), 16),  # the birthday counts
        (date(2010, 12, 2), date(2026, 12, 1), 15),
        (date(2010, 11, 30), date(2026, 12, 1), 16),
        (date(2016, 2, 29), date(2026, 2, 28), 9),
        (date(2016, 2, 29), date(2026, 3, 1), 10),
        (date(2016, 2, 29), date(2028, 2, 29), 12),
    ],
)
def test_full_years_count_the_birthday_itself(birth: date, day: date, years: int) -> None:
    assert full_years(birth, day) == years


@given(days, days)
def test_nobody_gains_a_year_on_any_day_but_the_birthday(birth: date, day: date) -> None:
    gained = full_years(birth, day + timedelta(days=1)) - full_years(birth, day)
    tomorrow = day + timedelta(days=1)
    birthday = (tomorrow.month, tomorrow.day) == (birth.month, birth.day)
    leap = (birth.month, birth.day) == (2, 29) and (tomorrow.month, tomorrow.day) == (3, 1)
    assert gained == 0 or (gained == 1 and (birthday or leap))
    assert not birthday or gained == 1


def test_a_day_that_the_month_lacks_becomes_its_last() -> None:
    assert add_years(date(2024, 2, 29), 10) == date(2034, 2, 28)
    assert add_years(date(2024, 2, 29), 20) == date(2044, 2, 29)
    assert add_months(date(2027, 5, 31), -3) == date(2027, 2, 28)
    assert add_months(date(2028, 5, 31), -3) == date(2028, 2, 29)
    assert add_months(date(2027, 1, 15), -3) == date(2026, 10, 15)
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)


def test_the_stations_date_is_eight_hours_ahead_of_utc() -> None:
    assert station_date(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 30)
    assert station_date(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == date(2026, 12, 1)
    with pytest.raises(ValueError, match="zone"):
        station_date(datetime(2026, 12, 1))  # noqa: DTZ001 - naive on purpose

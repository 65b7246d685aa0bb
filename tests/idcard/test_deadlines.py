# SPDX-License-Identifier: Apache-2.0
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idcard.deadlines import deadlines, sign_by, sort_by
from idcard.workdays import PublishedHolidays, WeekendsOnly

WEEKENDS = WeekendsOnly()


# Resident Identity Card Law, article 12 (60 and 30 days); dates counted by hand on a calendar,
# weekends only.
@pytest.mark.parametrize(
    ("day_0", "remote", "legal", "county", "city"),
    [
        (date(2026, 12, 1), False, date(2027, 1, 30), date(2027, 1, 11), date(2027, 1, 18)),
        (date(2026, 12, 1), True, date(2027, 3, 1), date(2027, 2, 8), date(2027, 2, 15)),
        (date(2026, 3, 2), False, date(2026, 5, 1), date(2026, 4, 10), date(2026, 4, 17)),
    ],
)
def test_the_legal_date_is_not_moved_and_the_warnings_count_back_from_it(
    day_0: date, remote: bool, legal: date, county: date, city: date
) -> None:
    dates = deadlines(day_0, WEEKENDS, remote=remote)
    assert (dates.legal, dates.warn_county, dates.warn_city) == (legal, county, city)


def test_signing_and_sorting_end_with_the_third_working_day() -> None:
    assert sign_by(date(2026, 12, 3), WEEKENDS) == date(2026, 12, 8)
    assert sort_by(date(2026, 12, 24), WEEKENDS) == date(2026, 12, 29)


def test_the_promise_is_twenty_working_days() -> None:
    assert deadlines(date(2026, 12, 1), WEEKENDS).promise == date(2026, 12, 29)


def test_dates_that_reach_a_year_without_a_holiday_table_say_so() -> None:
    assert deadlines(date(2098, 12, 1), PublishedHolidays()).unknown_years == (2098, 2099)
    assert deadlines(date(2026, 3, 2), PublishedHolidays()).unknown_years == ()


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.booleans(), st.integers(0, 90))
def test_no_promise_outlives_the_law(day_0: date, remote: bool, promise: int) -> None:
    dates = deadlines(day_0, WEEKENDS, remote=remote, promise_workdays=promise)
    assert dates.legal - day_0 == timedelta(days=90 if remote else 60)
    assert day_0 <= dates.promise <= dates.legal
    assert day_0 < dates.warn_county < dates.warn_city < dates.legal

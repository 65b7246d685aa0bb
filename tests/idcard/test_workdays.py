# SPDX-License-Identifier: Apache-2.0
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.workdays import (
    PublishedHolidays,
    WeekendsOnly,
    workdays_after,
    workdays_before,
    years_unknown,
)

NOTICE, WEEKENDS = PublishedHolidays(), WeekendsOnly()


def test_the_notice_for_2026_is_followed_for_holidays_and_the_days_worked_for_them() -> None:
    # 国务院办公厅关于2026年部分节假日安排的通知: National Day 1 to 7 October, 10 October worked.
    assert not any(NOTICE.is_workday(date(2026, 10, day)) for day in range(1, 8))
    assert NOTICE.is_workday(date(2026, 10, 8))
    assert NOTICE.is_workday(date(2026, 10, 10))  # a Saturday
    assert not WEEKENDS.is_workday(date(2026, 10, 10))


def test_counting_passes_the_october_week_and_takes_the_worked_saturday() -> None:
    assert workdays_after(date(2026, 9, 30), 3, NOTICE) == date(2026, 10, 10)
    assert workdays_before(date(2026, 10, 12), 3, NOTICE) == date(2026, 10, 8)


def test_a_year_without_a_notice_is_said_to_be_unknown_and_counts_weekends_only() -> None:
    assert NOTICE.knows(2026)
    assert not NOTICE.knows(2099)
    assert NOTICE.is_workday(date(2099, 10, 1))  # a Thursday
    assert not NOTICE.is_workday(date(2099, 10, 3))
    assert years_unknown(date(2098, 12, 1), date(2099, 1, 30), NOTICE) == (2098, 2099)
    assert years_unknown(date(2026, 1, 1), date(2026, 12, 31), NOTICE) == ()


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 40))
@settings(max_examples=100)
def test_counting_forth_counts_every_working_day_once(day: date, count: int) -> None:
    for calendar in (NOTICE, WEEKENDS):
        end = workdays_after(day, count, calendar)
        passed = [day + timedelta(days=n + 1) for n in range((end - day).days)]
        assert sum(calendar.is_workday(one) for one in passed) == count
        start = workdays_before(day, count, calendar)
        passed = [day - timedelta(days=n + 1) for n in range((day - start).days)]
        assert sum(calendar.is_workday(one) for one in passed) == count

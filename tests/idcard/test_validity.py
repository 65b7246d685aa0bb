# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idcard.validity import expected_end, renewal_opens, validity_years


# Resident Identity Card Law, article 5; birth dates of the invented test people.
@pytest.mark.parametrize(
    ("birth", "years"),
    [
        (date(2021, 3, 15), 5),
        (date(2010, 12, 2), 5),  # 16 tomorrow
        (date(2010, 12, 1), 10),  # 16 today
        (date(2008, 6, 20), 10),
        (date(2000, 12, 2), 10),  # 26 tomorrow
        (date(2000, 12, 1), 20),  # 26 today
        (date(1980, 12, 2), 20),  # 46 tomorrow
        (date(1980, 12, 1), None),  # 46 today: long-term
        (date(1936, 1, 9), None),
    ],
)
def test_the_age_on_the_day_of_signing_decides_the_years(birth: date, years: int | None) -> None:
    day = date(2026, 12, 1)
    assert validity_years(birth, day) == years
    end = expected_end(birth, day)
    assert end == (None if years is None else date(2026 + years, 12, 1))


def test_a_start_on_29_february_ends_on_28_where_there_is_no_29th() -> None:
    assert expected_end(date(2008, 1, 1), date(2028, 2, 29)) == date(2038, 2, 28)


@pytest.mark.parametrize(
    ("end", "opens"),
    [
        (date(2027, 6, 5), date(2027, 3, 5)),
        (date(2027, 5, 31), date(2027, 2, 28)),
        (date(2028, 5, 29), date(2028, 2, 29)),
        (date(2027, 2, 28), date(2026, 11, 28)),
    ],
)
def test_renewal_opens_three_months_before_the_end(end: date, opens: date) -> None:
    assert renewal_opens(end) == opens


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 12))
def test_the_window_opens_before_the_end_and_not_earlier_than_said(end: date, months: int) -> None:
    opens = renewal_opens(end, months)
    assert opens < end
    assert (end - opens).days <= 31 * months

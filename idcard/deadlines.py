# SPDX-License-Identifier: Apache-2.0
"""By when a card must be there, and when somebody must speak up.

Day 0 is the station's date on which the citizen confirmed at the booth. Legal time: Resident
Identity Card Law, article 12: 60 days, 30 more where traffic is difficult; calendar days, not moved
for holidays. The promise and the two warnings are counted in working days.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from idcard.workdays import WorkCalendar, workdays_after, workdays_before, years_unknown

LEGAL_DAYS = 60
REMOTE_EXTRA_DAYS = 30
PROMISE_WORKDAYS = 20
COUNTY_WARNING_WORKDAYS = 15
CITY_WARNING_WORKDAYS = 10
SIGN_WORKDAYS = 3
SORT_WORKDAYS = 3


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The dates of one application. `unknown_years`: counted there with weekends only."""

    legal: date
    promise: date
    warn_county: date
    warn_city: date
    unknown_years: tuple[int, ...] = ()


def deadlines(
    day_0: date,
    calendar: WorkCalendar,
    *,
    remote: bool = False,
    promise_workdays: int = PROMISE_WORKDAYS,
) -> Deadlines:
    """All dates that follow from `day_0`. A promise later than the law's date is cut to it."""
    legal = day_0 + timedelta(days=LEGAL_DAYS + REMOTE_EXTRA_DAYS * remote)
    return Deadlines(
        legal=legal,
        promise=min(workdays_after(day_0, promise_workdays, calendar), legal),
        warn_county=workdays_before(legal, COUNTY_WARNING_WORKDAYS, calendar),
        warn_city=workdays_before(legal, CITY_WARNING_WORKDAYS, calendar),
        unknown_years=years_unknown(day_0, legal, calendar),
    )


def sign_by(uploaded: date, calendar: WorkCalendar) -> date:
    """The household county signs within three working days of the station's upload."""
    return workdays_after(uploaded, SIGN_WORKDAYS, calendar)


def sort_by(noticed: date, calendar: WorkCalendar) -> date:
    """The county sorts and sends within three working days of the city's notice to fetch."""
    return workdays_after(noticed, SORT_WORKDAYS, calendar)

# SPDX-License-Identifier: Apache-2.0
"""Working days: Monday to Friday, less public holidays, plus the weekend days worked for them.

The holidays of a year are decided by the State Council in the autumn before. Until the table knows
a year, its weekends alone are taken off and whoever shows the date says so (`knows`).
"""

from datetime import date, timedelta
from typing import Protocol

import chinese_calendar
from chinese_calendar.constants import holidays

_ONE = timedelta(days=1)


class WorkCalendar(Protocol):
    """Which days offices work."""

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day."""
        ...

    def knows(self, year: int) -> bool:
        """Whether the holidays of that year are known; else weekends only are taken off."""
        ...


class WeekendsOnly:
    """Monday to Friday. Knows no year's holidays."""

    def is_workday(self, day: date) -> bool:
        """Monday to Friday."""
        return day.weekday() < 5

    def knows(self, year: int) -> bool:
        """Never."""
        return False


class PublishedHolidays:
    """The State Council's yearly notices, as far as the installed chinesecalendar holds them."""

    def __init__(self) -> None:
        years = {day.year for day in holidays}
        self._first, self._last = min(years), max(years)

    def is_workday(self, day: date) -> bool:
        """By the notice of that year; Monday to Friday in a year without one."""
        if not self.knows(day.year):
            return day.weekday() < 5
        return bool(chinese_calendar.is_workday(day))

    def knows(self, year: int) -> bool:
        """Whether that year's notice is in the table."""
        return self._first <= year <= self._last


def workdays_after(day: date, count: int, calendar: WorkCalendar) -> date:
    """The `count`-th working day after `day`, `day` itself not counted; 0 gives `day`."""
    return _step(day, count, _ONE, calendar)


def workdays_before(day: date, count: int, calendar: WorkCalendar) -> date:
    """The `count`-th working day before `day`, `day` itself not counted; 0 gives `day`."""
    return _step(day, count, -_ONE, calendar)


def years_unknown(first: date, last: date, calendar: WorkCalendar) -> tuple[int, ...]:
    """The years between two dates (both included) whose holidays are not known."""
    return tuple(year for year in range(first.year, last.year + 1) if not calendar.knows(year))


def _step(day: date, count: int, towards: timedelta, calendar: WorkCalendar) -> date:
    if count < 0:
        raise ValueError("count of working days below 0")
    while count:
        day += towards
        count -= calendar.is_workday(day)
    return day

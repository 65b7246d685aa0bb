# SPDX-License-Identifier: Apache-2.0
"""Full years, months and the station's date."""

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

# Official dates and daily sequences follow the station's wall, never UTC.
STATION_ZONE = ZoneInfo("Asia/Shanghai")


def station_date(moment: datetime) -> date:
    """The date on the station's wall at an aware `moment`. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("moment without zone")
    return moment.astimezone(STATION_ZONE).date()


def full_years(birth: date, day: date) -> int:
    """Full years (周岁) on `day`; the birthday itself counts as reached.

    A person born on 29 February gains the year on 1 March in other years, never a day early.
    Negative before birth.
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February where there is none."""
    return add_months(day, 12 * years)


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), cut to the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

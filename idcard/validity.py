# SPDX-License-Identifier: Apache-2.0
"""How long a card is valid, and from when it may be renewed.

Resident Identity Card Law, article 5, for the bands; that the signing day's age decides is this
product's reading, so what is shown before signing is "expected".
"""

from datetime import date

from idcard.age import add_months, add_years, full_years

# Article 5: up to this age (not included) so many years; from 46 on, long-term.
_BANDS = ((16, 5), (26, 10), (46, 20))


def validity_years(birth: date, signed: date) -> int | None:
    """Years of validity of a card signed on that day; None means long-term (长期)."""
    age = full_years(birth, signed)
    return next((years for below, years in _BANDS if age < below), None)


def expected_end(birth: date, start: date) -> date | None:
    """The end date of a card that starts then; None means long-term.

    A start on 29 February ends on 28 February where the end year has no 29th.
    """
    years = validity_years(birth, start)
    return None if years is None else add_years(start, years)


def renewal_opens(end: date, months_before: int = 3) -> date:
    """The first day on which a card ending on `end` may be renewed; expired cards always may."""
    return add_months(end, -months_before)

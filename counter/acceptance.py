# SPDX-License-Identifier: Apache-2.0
"""Acceptance numbers (受理号): given here and nowhere else, one sequence a station and day."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.tables import StationDay
from idcard.age import station_date
from idcard.numbers import AcceptanceNumber

LAST_SEQUENCE = 99_999


class SequenceUsedUpError(Exception):
    """The station gave its 99,999th number of the day; nobody is accepted before midnight."""


def give_number(session: Session, station_code: str, at: datetime) -> str:
    """The next 22-digit number of the station on the Shanghai day of `at`.

    Inside the caller's write transaction, so a number given to an application that fails to be
    saved is given again: the day's sequence has no gaps. Raises SequenceUsedUpError.
    """
    day = station_date(at)
    row = session.execute(
        select(StationDay)
        .where(StationDay.station_code == station_code, StationDay.day == day)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        row = StationDay(station_code=station_code, day=day, last=0)
        session.add(row)
    if row.last >= LAST_SEQUENCE:
        raise SequenceUsedUpError
    row.last += 1
    session.flush()
    return str(AcceptanceNumber(station_code, day, row.last))

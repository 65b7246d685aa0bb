# SPDX-License-Identifier: Apache-2.0
"""What booths say of themselves, and what the counter makes of their silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.office import Office
from counter.tables import Application, Booth, BoothReportRow, SlipRow
from idcard.booth_health import BoothReport, ReportTaken, Wording

SILENT_AFTER = timedelta(seconds=60)
"""A booth reports every 15 s; after four missed reports it is called silent."""


@dataclass(frozen=True, slots=True)
class BoothStanding:
    """A booth as the console shows it. `age`: since it was last heard, None for never."""

    id: str
    station_code: str
    age: timedelta | None
    report: BoothReport | None

    @property
    def silent(self) -> bool:
        """Whether it has not been heard for too long, or never."""
        return self.age is None or self.age > SILENT_AFTER

    @property
    def state(self) -> str:
        """One word: silent, unknown, closed, limited or open."""
        if self.silent:
            return "silent"
        if self.report is None:
            return "unknown"
        if self.report.condition.closing:
            return "closed"
        return "limited" if self.report.condition.limiting else "open"


@dataclass(frozen=True, slots=True)
class SlipCase:
    """An application whose slip the booth could not print. `number`: "" until it has arrived.

    `proof`: what is known of the printing all the same, "" when it never came to its end.
    """

    application_id: str
    booth_id: str
    number: str
    words: Wording | None
    told_at: datetime
    arrived: bool
    proof: str = ""


def take_report(office: Office, booth_id: str, report: BoothReport) -> ReportTaken:
    """Keeps a booth's last report and notes its slips; the same again changes nothing.

    A slip of an application that is here from another booth is not noted and is not asked for
    again either. A slip settled here stays settled.
    """
    now = office.clock.now()
    with office.database.write() as session:
        session.get_one(Booth, booth_id).seen_at = now
        kept = session.get(BoothReportRow, booth_id)
        if kept is None:
            kept = BoothReportRow(booth_id=booth_id, received_at=now, report="")
            session.add(kept)
        kept.received_at, kept.report = now, report.model_dump_json()
        for slip in report.slips:
            row = session.get(Application, str(slip.application_id))
            held = session.get(SlipRow, str(slip.application_id))
            if (row and row.booth_id != booth_id) or (held and held.booth_id != booth_id):
                continue
            if held is None:
                if not slip.reason and not slip.by:
                    continue  # a booth that says nothing of slips that came out
                words = report.words.get(slip.reason)
                held = SlipRow(
                    application_id=str(slip.application_id),
                    booth_id=booth_id,
                    reason=slip.reason,
                    words=words.model_dump_json() if words else "",
                    told_at=now,
                )
                session.add(held)
            if held.settled_at is None:
                held.proof = slip.by
                if not slip.reason:
                    held.settled_at, held.settled_by = now, booth_id
    return ReportTaken(at=now, slips=tuple(slip.application_id for slip in report.slips))


def standings(office: Office, station: str | None) -> list[BoothStanding]:
    """All active booths of a station (None: of every station), in the order of their ids."""
    now = office.clock.now()
    wanted = select(Booth, BoothReportRow).outerjoin(
        BoothReportRow, BoothReportRow.booth_id == Booth.id
    )
    wanted = wanted.where(Booth.active.is_(True)).order_by(Booth.id)
    if station is not None:
        wanted = wanted.where(Booth.station_code == station)
    with office.database.read() as session:
        found = []
        for booth, kept in session.execute(wanted):
            report = BoothReport.model_validate_json(kept.report) if kept else None
            found.append(
                BoothStanding(
                    booth.id,
                    booth.station_code,
                    max(now - booth.seen_at, timedelta()) if booth.seen_at else None,
                    report,
                )
            )
        return found


def open_slips(office: Office, station: str | None) -> list[SlipCase]:
    """Slips not printed and not settled, the oldest first."""
    wanted = (
        select(SlipRow, Application)
        .join(Booth, Booth.id == SlipRow.booth_id)
        .outerjoin(Application, Application.id == SlipRow.application_id)
        .where(SlipRow.settled_at.is_(None))
        .order_by(SlipRow.told_at)
        .limit(200)
    )
    if station is not None:
        wanted = wanted.where(Booth.station_code == station)
    with office.database.read() as session:
        return [
            SlipCase(
                slip.application_id,
                slip.booth_id,
                (row.acceptance_no or row.booth_number) if row else "",
                Wording.model_validate_json(slip.words) if slip.words else None,
                slip.told_at,
                row is not None,
                slip.proof,
            )
            for slip, row in session.execute(wanted)
        ]


def slip_word(session: Session, application_id: str) -> str:
    """What became of a case's slip, in one word of the console's ``slip.`` words.

    What the printing rests on, ``unproven_`` before it when that does not prove paper; ``missing``
    without paper, ``window`` when an officer has handed it out, ``untold`` when the booth has not
    said.
    """
    held = session.get(SlipRow, application_id)
    if held is None:
        return "untold"
    if held.settled_at is None:
        return f"unproven_{held.proof}" if held.proof else "missing"
    return (held.proof or "printed") if held.settled_by == held.booth_id else "window"


def settle_slip(office: Office, application_id: UUID, who: str, station: str | None) -> bool:
    """An officer has handed the slip out. False: no such open slip at this officer's station."""
    with office.database.write() as session:
        held = session.get(SlipRow, str(application_id))
        if held is None or held.settled_at is not None:
            return False
        booth = session.get_one(Booth, held.booth_id)
        if station is not None and booth.station_code != station:
            return False
        held.settled_at, held.settled_by = office.clock.now(), who
        return True

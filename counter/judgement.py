# SPDX-License-Identifier: Apache-2.0
"""The rules put to one person: what the card says, what the register says, what is under way."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.moves import CLOSED
from counter.office import Office
from counter.register import look_up
from counter.tables import Application
from idcard.fees import fee_fen
from idcard.records import Ground, Identity, Kind
from idcard.rules import RuleSettings, judge, offsite


@dataclass(frozen=True, slots=True)
class Judgement:
    """`ground` None means yes. `known`: the register has the person. `fee_fen`: the full fee."""

    ground: Ground | None
    known: bool
    fee_fen: int
    offsite: bool
    differs: tuple[str, ...]


def judge_person(
    office: Office,
    session: Session,
    kind: Kind,
    identity: Identity,
    station_code: str,
    day: date,
    *,
    apart_from: str = "",
) -> Judgement:
    """The rules of `day` for this person. `apart_from`: an application that is no obstacle."""
    settings = office.settings
    finding = look_up(session, identity, refuse_unknown=settings.unknown_people.refuse_unknown)
    running = running_number(session, office.keys.citizen_index(identity.citizen_no), apart_from)
    ground = judge(
        kind,
        identity,
        day,
        settings=RuleSettings(
            kinds=settings.rules.kinds,
            booth_min_age=settings.rules.booth_min_age,
            renew_before_months=settings.rules.renew_before_months,
        ),
        facts=replace(finding.facts, running=running),
    )
    return Judgement(
        ground=ground,
        known=finding.known,
        fee_fen=fee_fen(kind, day, station_code[:6]),
        offsite=offsite(finding.household_area, station_code),
        differs=finding.differs,
    )


def running_number(session: Session, citizen_index: str, apart_from: str = "") -> str:
    """The number of the person's oldest application under way, or nothing."""
    row = session.scalars(
        select(Application)
        .where(
            Application.citizen_index == citizen_index,
            Application.id != apart_from,
            Application.state.not_in([state.value for state in CLOSED]),
        )
        .order_by(Application.received_at)
        .limit(1)
    ).first()
    return "" if row is None else (row.acceptance_no or row.booth_number)

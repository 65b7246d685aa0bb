# SPDX-License-Identifier: Apache-2.0
"""Looking at an application once it is safely here: does it open, is it whole, do rules pass.

What is found is kept as `checks`, short words an officer sees as sentences. With no finding a
renewal is accepted at once where the station allows it; with any, it waits for an officer. A
machine here never refuses.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.acceptance import SequenceUsedUpError, give_number
from counter.cases import PORTRAIT_SIZE, OpenedCase, jpeg_size, open_case
from counter.events import SYSTEM, Actor, append
from counter.judgement import Judgement, judge_person
from counter.moves import Role, State, find
from counter.office import Office
from counter.payments import paid_fen
from counter.tables import Application
from idcard.age import station_date
from idcard.canonical import sha256_hex
from idcard.records import FeeState, IdentityPart, Kind


def examine(office: Office, application_id: str) -> None:
    """Examines an application that has not been; a second call changes nothing."""
    with office.database.write() as session:
        row = session.get_one(Application, application_id)
        if row.examined_at is not None:
            return
        now = office.clock.now()
        case = open_case(office, session, row)
        checks = row.checks.split() + _look(office, session, row, case)
        row.examined_at = now
        row.checks = " ".join(dict.fromkeys(checks))
        append(session, row.id, SYSTEM, "examined", now, note=row.checks)
        station = office.settings.station_for(row.station_code)
        if not row.checks and row.kind == Kind.EXPIRY and station.auto_accept:
            try:
                accept(office, session, row, SYSTEM)
            except SequenceUsedUpError:
                row.checks = "sequence_used_up"


def examine_waiting(office: Office) -> int:
    """Examines what a stop of the counter left unexamined; gives how many there were."""
    with office.database.read() as session:
        waiting = session.scalars(
            select(Application.id).where(Application.examined_at.is_(None))
        ).all()
    for application_id in waiting:
        examine(office, application_id)
    return len(waiting)


def accept(
    office: Office, session: Session, row: Application, actor: Actor, note: str = ""
) -> None:
    """Gives the acceptance number and moves to ACCEPTED.

    Raises MoveRefusedError (not from this state or by this role) and SequenceUsedUpError.
    """
    before, now = State(row.state), office.clock.now()
    find(before, State.ACCEPTED, actor.role)
    row.acceptance_no = give_number(session, row.station_code, now)
    row.accepted_at = now
    row.state = State.ACCEPTED.value
    row.version += 1
    append(
        session,
        row.id,
        actor,
        "move",
        now,
        from_state=before,
        to_state=State.ACCEPTED,
        note=note or ("rules passed" if actor.role is Role.SYSTEM else ""),
    )


def _look(office: Office, session: Session, row: Application, case: OpenedCase) -> list[str]:
    found: list[str] = []
    if case.identity is not None:
        person = case.identity
        row.citizen_index = office.keys.citizen_index(person.identity.citizen_no)
        row.fee_due_fen = person.fee.due_fen
        row.fee_state = person.fee.state.value
        row.pickup = person.delivery.pickup
        judged = judge_person(
            office,
            session,
            person.kind,
            person.identity,
            row.station_code,
            station_date(row.confirmed_at),
            apart_from=row.id,
        )
        row.offsite = judged.offsite
        found += _person(row, person, judged)
        found += _fee(session, row, person, judged)
    if not case.whole:
        found.append("parts_do_not_open")
    if case.portrait is not None:
        if sha256_hex(case.portrait.jpeg) != case.portrait.sha256:
            found.append("portrait_differs")
        if jpeg_size(case.portrait.jpeg) != PORTRAIT_SIZE:
            found.append("portrait_size")
    if case.evidence is not None:
        if not case.evidence.consents or not case.evidence.signature_png.startswith(b"\x89PNG"):
            found.append("signature_missing")
        if not any(result == "registered" for _, result, _ in case.evidence.fingers):
            found.append("no_finger")
    return found


def _person(row: Application, person: IdentityPart, judged: Judgement) -> list[str]:
    found = []
    if person.kind.value != row.kind:
        found.append("kind_differs")
    if judged.ground is not None:
        found.append(judged.ground.code)
        if judged.ground.running:
            found[-1] = f"running:{judged.ground.running}"
    if not judged.known:
        found.append("not_in_register")
    return found


def _fee(session: Session, row: Application, person: IdentityPart, judged: Judgement) -> list[str]:
    fee = person.fee
    match fee.state:
        case FeeState.PAID:
            paid = paid_fen(session, fee.payment_id, row.id)
            fits = paid == fee.due_fen == judged.fee_fen
            return [] if fits else ["fee_differs"]
        case FeeState.WAIVER:
            return ["fee_waiver"]
        case FeeState.DUE:
            return ["fee_due"]
        case FeeState.NONE:
            return [] if judged.fee_fen == 0 else ["fee_differs"]

# SPDX-License-Identifier: Apache-2.0
"""What an officer decides about an application: accept, refuse, ask for a re-capture."""

from dataclasses import dataclass

from counter.events import append
from counter.examination import accept
from counter.moves import MoveRefusedError, State, find
from counter.office import Office
from counter.staff import Login
from counter.tables import Application
from idcard.records import FeeState

GROUNDS = tuple(f"R{number:02d}" for number in range(1, 10))
RECAPTURE_PARTS = ("portrait", "fingerprints")
FEE_OPEN = frozenset({FeeState.WAIVER.value, FeeState.DUE.value})
FEE_SETTLED = ("settled", "waived")


class NotFreshError(Exception):
    """Somebody else has moved the application since the officer saw it."""


class IncompleteError(Exception):
    """A choice is missing; `key` names the words that say which."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Decision:
    """One press of a button. `version` is the application's as the officer saw it."""

    to: State
    version: int
    ground: str = ""
    part: str = ""
    fee: str = ""
    note: str = ""


def decide(office: Office, login: Login, application_id: str, decision: Decision) -> None:
    """Carries a decision out, or leaves everything as it is.

    Raises NotFreshError, MoveRefusedError, IncompleteError, SequenceUsedUpError; LookupError when
    there is no such application.
    """
    with office.database.write() as session:
        row = session.get(Application, application_id, with_for_update=True)
        if row is None:
            raise LookupError
        if row.version != decision.version:
            raise NotFreshError
        before = State(row.state)
        find(before, decision.to, login.role)
        code = ""
        match decision.to:
            case State.ACCEPTED:
                if row.fee_state in FEE_OPEN:
                    if decision.fee not in FEE_SETTLED:
                        raise IncompleteError("act.fee_needed")
                    row.fee_state = decision.fee
                accept(office, session, row, login.actor, decision.note or row.fee_state or "")
                return
            case State.REFUSED:
                if decision.ground not in GROUNDS:
                    raise IncompleteError("act.ground_needed")
                code = row.refusal = decision.ground
            case State.RECAPTURE:
                if decision.part not in RECAPTURE_PARTS:
                    raise IncompleteError("act.part_needed")
                row.recapture = decision.part
            case _:
                raise MoveRefusedError(decision.to)
        row.state = decision.to.value
        row.version += 1
        append(
            session,
            row.id,
            login.actor,
            "move",
            office.clock.now(),
            from_state=before,
            to_state=decision.to,
            code=code,
            note=decision.note or (row.recapture or "" if decision.part else ""),
        )

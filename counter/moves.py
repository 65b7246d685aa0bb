# SPDX-License-Identifier: Apache-2.0
"""The life of an application as a table: only the moves listed here exist.

Every row is one move: from, to, who may make it. `WITHDRAWN` and `HELD` apply to many states and
are spelled out row by row, so that nothing is implied by code.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an application stands. DRAFT and STORED exist in the booth only."""

    DRAFT = "DRAFT"
    STORED = "STORED"
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    RECAPTURE = "RECAPTURE"
    LAPSED = "LAPSED"
    UPLOADED = "UPLOADED"
    SIGNED = "SIGNED"
    RETURNED = "RETURNED"
    MAKING = "MAKING"
    MAKE_REJECTED = "MAKE_REJECTED"
    MADE = "MADE"
    AT_CITY = "AT_CITY"
    SORTED = "SORTED"
    AT_STATION = "AT_STATION"
    IN_BIN = "IN_BIN"
    IN_SAFE = "IN_SAFE"
    COLLECTED = "COLLECTED"
    MAILED = "MAILED"
    DELIVERED = "DELIVERED"
    VERIFIED = "VERIFIED"
    FAULTY = "FAULTY"
    WITHDRAWN = "WITHDRAWN"
    HELD = "HELD"


class Role(StrEnum):
    """Who acts. The first three are no staff; the rest are the posts (岗位) of the console."""

    CITIZEN = "citizen"
    SYSTEM = "system"
    BOOTH = "booth"
    ACCEPTING = "accepting"
    SIGNING = "signing"
    SORTER = "sorter"
    KEEPER = "keeper"
    SUPERVISOR = "supervisor"
    URGING = "urging"
    STATISTICS = "statistics"
    ADMINISTRATOR = "administrator"


# Roles with a login at the console.
STAFF_ROLES = (
    Role.ACCEPTING,
    Role.SIGNING,
    Role.SORTER,
    Role.KEEPER,
    Role.SUPERVISOR,
    Role.URGING,
    Role.STATISTICS,
    Role.ADMINISTRATOR,
)
# Roles that may open a case; statistics sees no personal data, the administrator no case data.
CASE_ROLES = frozenset(STAFF_ROLES) - {Role.STATISTICS, Role.ADMINISTRATOR}

CLOSED = frozenset({State.REFUSED, State.LAPSED, State.WITHDRAWN, State.COLLECTED, State.VERIFIED})


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted move. `within_wd`: working days it should take, None where no rule says."""

    before: State
    after: State
    roles: frozenset[Role]
    within_wd: int | None = None


class MoveRefusedError(Exception):
    """The move is not listed, or not for this role; the application stays as it is."""


def _move(before: State, after: State, *roles: Role, within_wd: int | None = None) -> Move:
    return Move(before, after, frozenset(roles), within_wd)


_LISTED = (
    _move(State.DRAFT, State.STORED, Role.CITIZEN),
    _move(State.STORED, State.RECEIVED, Role.BOOTH, Role.SYSTEM),
    _move(State.RECEIVED, State.ACCEPTED, Role.ACCEPTING, Role.SYSTEM, within_wd=1),
    _move(State.RECEIVED, State.REFUSED, Role.ACCEPTING, within_wd=1),
    _move(State.RECEIVED, State.RECAPTURE, Role.ACCEPTING, within_wd=1),
    _move(State.ACCEPTED, State.RECAPTURE, Role.ACCEPTING, within_wd=1),
    _move(State.RECAPTURE, State.RECEIVED, Role.CITIZEN, Role.BOOTH),
    _move(State.RECAPTURE, State.ACCEPTED, Role.CITIZEN, Role.ACCEPTING),
    _move(State.RECAPTURE, State.LAPSED, Role.ACCEPTING),
    _move(State.ACCEPTED, State.UPLOADED, Role.ACCEPTING, Role.SYSTEM),
    _move(State.UPLOADED, State.SIGNED, Role.SIGNING, within_wd=3),
    _move(State.UPLOADED, State.RETURNED, Role.SIGNING, within_wd=3),
    _move(State.RETURNED, State.RECAPTURE, Role.ACCEPTING, within_wd=1),
    _move(State.RETURNED, State.UPLOADED, Role.ACCEPTING, within_wd=1),
    _move(State.RETURNED, State.REFUSED, Role.ACCEPTING, within_wd=1),
    _move(State.SIGNED, State.MAKING, Role.SYSTEM),
    _move(State.MAKING, State.MAKE_REJECTED, Role.SYSTEM),
    _move(State.MAKE_REJECTED, State.RECAPTURE, Role.ACCEPTING, within_wd=1),
    _move(State.MAKE_REJECTED, State.UPLOADED, Role.ACCEPTING, within_wd=1),
    _move(State.MAKING, State.MADE, Role.SYSTEM),
    _move(State.MADE, State.AT_CITY, Role.SORTER),
    _move(State.AT_CITY, State.SORTED, Role.SORTER, within_wd=3),
    _move(State.SORTED, State.AT_STATION, Role.KEEPER),
    _move(State.AT_STATION, State.IN_BIN, Role.KEEPER, within_wd=1),
    _move(State.AT_STATION, State.IN_SAFE, Role.KEEPER, within_wd=1),
    _move(State.IN_BIN, State.COLLECTED, Role.CITIZEN),
    _move(State.IN_SAFE, State.COLLECTED, Role.KEEPER),
    _move(State.IN_BIN, State.IN_SAFE, Role.KEEPER),
    _move(State.AT_STATION, State.MAILED, Role.KEEPER),
    _move(State.MAILED, State.DELIVERED, Role.KEEPER, Role.SYSTEM),
    _move(State.DELIVERED, State.VERIFIED, Role.CITIZEN, Role.KEEPER),
    _move(State.MAILED, State.IN_SAFE, Role.KEEPER),
    _move(State.COLLECTED, State.FAULTY, Role.CITIZEN, Role.KEEPER),
    _move(State.DELIVERED, State.FAULTY, Role.CITIZEN, Role.KEEPER),
    _move(State.FAULTY, State.UPLOADED, Role.ACCEPTING),
)
# Everything of the counter before the signature of the county.
_BEFORE_SIGNED = (
    State.RECEIVED,
    State.ACCEPTED,
    State.RECAPTURE,
    State.UPLOADED,
    State.RETURNED,
)
_WITHDRAWALS = tuple(_move(state, State.WITHDRAWN, Role.CITIZEN) for state in _BEFORE_SIGNED)
_HOLDS = tuple(
    _move(state, State.HELD, Role.SUPERVISOR)
    for state in State
    if state not in CLOSED | {State.DRAFT, State.STORED, State.HELD}
)

MOVES: tuple[Move, ...] = _LISTED + _WITHDRAWALS + _HOLDS

# Moves that this console offers as buttons; the others wait for their own desks.
CONSOLE_MOVES = frozenset({State.ACCEPTED, State.REFUSED, State.RECAPTURE})


def find(before: State, after: State, role: Role) -> Move:
    """The listed move. Raises MoveRefusedError when there is none for this role."""
    for move in MOVES:
        if move.before is before and move.after is after and role in move.roles:
            return move
    raise MoveRefusedError(f"{before} to {after} is no move for {role}")


def offered(before: State, role: Role) -> tuple[State, ...]:
    """The states an officer of `role` may choose at the console, in the table's order."""
    return tuple(
        move.after
        for move in MOVES
        if move.before is before
        and role in move.roles
        and move.after in CONSOLE_MOVES
        and before in {State.RECEIVED, State.ACCEPTED}
    )

# SPDX-License-Identifier: Apache-2.0
import pytest

from counter.moves import CLOSED, MOVES, MoveRefusedError, Role, State, find, offered

# The life of an application, as the rules of ID-card work list it; "any" rows follow below.
LISTED = """
DRAFT STORED; STORED RECEIVED; RECEIVED ACCEPTED; RECEIVED REFUSED; RECEIVED RECAPTURE;
ACCEPTED RECAPTURE; RECAPTURE RECEIVED; RECAPTURE ACCEPTED; RECAPTURE LAPSED; ACCEPTED UPLOADED;
UPLOADED SIGNED; UPLOADED RETURNED; RETURNED RECAPTURE; RETURNED UPLOADED; RETURNED REFUSED;
SIGNED MAKING; MAKING MAKE_REJECTED; MAKE_REJECTED RECAPTURE; MAKE_REJECTED UPLOADED;
MAKING MADE; MADE AT_CITY; AT_CITY SORTED; SORTED AT_STATION; AT_STATION IN_BIN;
AT_STATION IN_SAFE; IN_BIN COLLECTED; IN_SAFE COLLECTED; IN_BIN IN_SAFE; AT_STATION MAILED;
MAILED DELIVERED; DELIVERED VERIFIED; MAILED IN_SAFE; COLLECTED FAULTY; DELIVERED FAULTY;
FAULTY UPLOADED
"""
SPECIAL = {State.WITHDRAWN, State.HELD}


def test_exactly_the_listed_moves_exist() -> None:
    wanted = {tuple(pair.split()) for pair in LISTED.replace("\n", " ").split(";")}
    held = {(move.before.value, move.after.value) for move in MOVES if move.after not in SPECIAL}
    assert held == wanted


def test_withdrawing_ends_with_the_signature() -> None:
    before = {move.before for move in MOVES if move.after is State.WITHDRAWN}
    assert State.UPLOADED in before
    assert not before & {State.SIGNED, State.MAKING, State.MADE, State.COLLECTED}


def test_only_a_supervisor_holds_and_nothing_closed_is_held() -> None:
    holds = [move for move in MOVES if move.after is State.HELD]
    assert {role for move in holds for role in move.roles} == {Role.SUPERVISOR}
    assert not {move.before for move in holds} & CLOSED


def test_closed_cases_stay_closed_but_for_a_faulty_card() -> None:
    leaving = {(m.before, m.after) for m in MOVES if m.before in CLOSED}
    assert leaving == {(State.COLLECTED, State.FAULTY)}


def test_the_signing_county_has_three_working_days() -> None:
    assert find(State.UPLOADED, State.SIGNED, Role.SIGNING).within_wd == 3
    assert find(State.AT_CITY, State.SORTED, Role.SORTER).within_wd == 3


@pytest.mark.parametrize(
    ("before", "after", "role"),
    [
        (State.RECEIVED, State.REFUSED, Role.SYSTEM),  # no machine refuses
        (State.RECEIVED, State.SIGNED, Role.SIGNING),
        (State.RECAPTURE, State.LAPSED, Role.SYSTEM),  # never automatic
        (State.REFUSED, State.ACCEPTED, Role.ACCEPTING),
        (State.RECEIVED, State.ACCEPTED, Role.KEEPER),
    ],
)
def test_a_move_that_is_not_listed_is_refused(before: State, after: State, role: Role) -> None:
    with pytest.raises(MoveRefusedError):
        find(before, after, role)


def test_the_accepting_officer_is_offered_three_moves_and_others_none() -> None:
    assert offered(State.RECEIVED, Role.ACCEPTING) == (
        State.ACCEPTED,
        State.REFUSED,
        State.RECAPTURE,
    )
    assert offered(State.RECEIVED, Role.SORTER) == ()
    assert offered(State.REFUSED, Role.ACCEPTING) == ()

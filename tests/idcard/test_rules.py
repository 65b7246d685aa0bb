# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.age import full_years
from idcard.numbers import check_character
from idcard.records import Ground, Identity, Kind
from idcard.rules import RegisterFacts, RuleSettings, as_shown, judge, offsite

Person = Callable[..., Identity]
TODAY = date(2026, 12, 1)


def someone(number: str, **changes: object) -> dict[str, object]:
    """The fields that follow from an invented citizen number."""
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    sex = "1" if int(number[16]) % 2 else "2"
    return {"citizen_no": number, "birth_date": birth, "sex": sex} | changes


def test_a_card_that_ran_out_three_years_ago_is_renewed(person: Person) -> None:
    assert judge(Kind.EXPIRY, person(), TODAY) is None


def test_ten_days_before_the_end_is_in_time(person: Person) -> None:
    zhang_jing = person(
        **someone("341522199811070025", old_card_end=TODAY + timedelta(days=10), name="张静")
    )
    assert judge(Kind.EXPIRY, zhang_jing, TODAY) is None


def test_too_early_names_the_first_possible_date(person: Person) -> None:
    early = person(old_card_end=date(2027, 6, 5))
    ground = judge(Kind.EXPIRY, early, TODAY)
    assert ground is not None
    assert (ground.code, ground.reason) == ("N03", "rule.N03")
    assert ground.possible_from == date(2027, 3, 5)
    assert judge(Kind.EXPIRY, early, date(2027, 3, 4)) is not None
    assert judge(Kind.EXPIRY, early, date(2027, 3, 5)) is None
    assert judge(Kind.DAMAGED, early, TODAY) is None
    assert judge(Kind.LOST, early, TODAY) is None


def test_a_long_term_card_is_only_replaced(person: Person) -> None:
    gao_lan = person(**someone("410305198012010021", old_card_end=None))
    ground = judge(Kind.EXPIRY, gao_lan, TODAY)
    assert ground is not None
    assert (ground.code, ground.reason) == ("N05", "rule.long_term")
    assert judge(Kind.DAMAGED, gao_lan, TODAY) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("340322202103150035", "N02"),  # 5
        ("320402201012020050", "N02"),  # 16 tomorrow
        ("320402201012010071", None),  # 16 today
        ("320402193601090025", None),  # 90
        ("440524188001010014", "N05"),  # 146: staff look first
    ],
)
def test_age_decides_before_any_photo(person: Person, number: str, code: str | None) -> None:
    ground = judge(Kind.EXPIRY, person(**someone(number)), TODAY)
    assert (ground and ground.code) == code


def test_a_number_that_fails_its_own_check_is_asked_again(person: Person) -> None:
    ground = judge(Kind.EXPIRY, person(citizen_no="110101199003070012"), TODAY)
    assert ground is not None
    assert ground.code == "N01"


@pytest.mark.parametrize("changes", [{"sex": "2"}, {"birth_date": date(1990, 3, 8)}])
def test_a_card_at_odds_with_its_own_number_is_a_mismatch(
    person: Person, changes: dict[str, object]
) -> None:
    ground = judge(Kind.EXPIRY, person(**changes), TODAY)
    assert ground is not None
    assert ground.code == "R02"


REGISTER = [
    (RegisterFacts(), None),
    (RegisterFacts(known=False), "R02"),
    (RegisterFacts(no_card_yet=True), "R01"),
    (RegisterFacts(differs=True), "R02"),
    (RegisterFacts(number_disputed=True), "R06"),
    (RegisterFacts(portrait=False), "R07"),
    (RegisterFacts(forgery_record=True), "R04"),
    (RegisterFacts(bad_credit=True), "R05"),
    (RegisterFacts(running="3204020012026120100007"), "N05"),
]


@pytest.mark.parametrize(("facts", "code"), REGISTER)
def test_the_register_refuses_by_the_published_grounds(
    person: Person, facts: RegisterFacts, code: str | None
) -> None:
    ground = judge(Kind.EXPIRY, person(), TODAY, facts=facts)
    assert (ground and ground.code) == code


def test_a_second_application_is_refused_with_the_number_of_the_first(person: Person) -> None:
    facts = RegisterFacts(running="3204020012026120100007")
    ground = judge(Kind.LOST, person(), TODAY, facts=facts)
    assert ground is not None
    assert (ground.reason, ground.running) == ("rule.running", "3204020012026120100007")


@pytest.mark.parametrize(
    "facts", [RegisterFacts(forgery_record=True), RegisterFacts(bad_credit=True)]
)
def test_a_booth_never_learns_why_somebody_is_on_a_list(
    person: Person, facts: RegisterFacts
) -> None:
    ground = judge(Kind.EXPIRY, person(), TODAY, facts=facts)
    assert ground is not None
    shown = as_shown(ground)
    assert shown == Ground(code="N05", reason="rule.N05", remedy="rule.N05.remedy")


def test_a_place_may_switch_a_kind_off_or_ask_for_more_age(person: Person) -> None:
    only_expiry = RuleSettings(kinds=frozenset({Kind.EXPIRY}))
    ground = judge(Kind.LOST, person(), TODAY, settings=only_expiry)
    assert ground is not None
    assert ground.reason == "rule.kind_off"
    ground = judge(
        Kind.EXPIRY,
        person(**someone("320402201012010071")),
        TODAY,
        settings=RuleSettings(booth_min_age=18),
    )
    assert ground is not None
    assert ground.code == "N02"


def test_offsite_is_another_county_than_the_stations() -> None:
    assert offsite("341522", "320402001")
    assert not offsite("320402", "320402001")


@given(
    birth=st.dates(date(1890, 1, 1), date(2026, 12, 1)),
    seq=st.integers(0, 999),
    end=st.none() | st.dates(date(2004, 1, 1), date(2060, 1, 1)),
    kind=st.sampled_from(Kind),
    today=st.dates(date(2026, 12, 1), date(2040, 1, 1)),
)
@settings(max_examples=150)
def test_whoever_is_let_through_is_of_age_and_in_time(
    birth: date, seq: int, end: date | None, kind: Kind, today: date
) -> None:
    first = f"320402{birth:%Y%m%d}{seq:03d}"
    identity = Identity(
        citizen_no=first + check_character(first),
        name="试",
        sex="1" if seq % 2 else "2",
        ethnicity="01",
        birth_date=birth,
        address="试",
        issuer="试",
        old_card_start=date(2004, 1, 1),
        old_card_end=end,
    )
    ground = judge(kind, identity, today)
    if ground is None:
        assert 16 <= full_years(birth, today) <= 120
        if kind is Kind.EXPIRY:
            assert end is not None
            assert (end - today).days <= 92
    else:
        assert ground.code in {"N02", "N03", "N05"}
        assert (ground.possible_from is not None) == (ground.code == "N03")
        if ground.possible_from is not None:
            assert ground.possible_from > today
            later = judge(kind, identity, ground.possible_from)
            assert later is None or full_years(birth, ground.possible_from) > 120

# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idcard.fees import FEES, Business, FeeRule, Waiver, fee_fen, reduced_fen
from idcard.records import Kind

DAY = date(2026, 12, 1)


# 发改价格〔2003〕2322号: 20, 40, 40, temporary 10; first application free since 2018-04-01.
@pytest.mark.parametrize(
    ("business", "day", "fen"),
    [
        (Kind.EXPIRY, DAY, 2000),
        (Kind.DAMAGED, DAY, 4000),
        (Kind.LOST, DAY, 4000),
        (Business.TEMPORARY, DAY, 1000),
        (Business.FIRST, DAY, 0),
        (Business.FIRST, date(2018, 3, 31), 2000),
        (Business.FIRST, date(2018, 4, 1), 0),
    ],
)
def test_a_card_costs_what_the_notice_says(business: Business, day: date, fen: int) -> None:
    assert fee_fen(business, day) == fen


def test_a_place_with_its_own_row_goes_before_the_country() -> None:
    table = (*FEES, FeeRule("4403", Business.EXPIRY, date(2020, 1, 1), None, 0, "Shenzhen"))
    assert fee_fen(Kind.EXPIRY, DAY, "440305", table) == 0
    assert fee_fen(Kind.EXPIRY, DAY, "320402", table) == 2000
    assert fee_fen(Kind.EXPIRY, date(2019, 12, 31), "440305", table) == 2000


def test_a_day_before_the_table_begins_has_no_fee_to_guess() -> None:
    with pytest.raises(LookupError):
        fee_fen(Kind.EXPIRY, date(2003, 12, 31))


@pytest.mark.parametrize(
    ("waiver", "due"), [(0, 2000), (1, 0), (2, 0), (3, 0), (4, 0), (5, 1000), (6, 1000)]
)
def test_four_classes_pay_nothing_and_two_pay_half(waiver: int, due: int) -> None:
    assert reduced_fen(2000, Kind.EXPIRY, Waiver(waiver)) == due


@pytest.mark.parametrize("kind", [Kind.DAMAGED, Kind.LOST])
def test_the_law_leaves_waivers_for_damaged_and_lost_to_the_window(kind: Kind) -> None:
    assert reduced_fen(4000, kind, Waiver.HARDSHIP) is None
    assert reduced_fen(4000, kind, Waiver.NONE) == 4000


@given(st.integers(0, 100_000), st.sampled_from(Waiver))
def test_half_is_never_rounded_up(full: int, waiver: Waiver) -> None:
    due = reduced_fen(full, Kind.EXPIRY, waiver)
    assert due is not None
    assert due in (0, full) or 2 * due <= full < 2 * due + 2

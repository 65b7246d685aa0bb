# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.post.retry import BASE_S, CAP_S, Schedule, Verdict, delay_s, judge_status


@pytest.mark.parametrize(
    ("verdict", "statuses"),
    [
        (Verdict.GOOD, [200, 201, 204]),
        (Verdict.RETRY, [408, 425, 429, 500, 502, 503, 504, 301, 100]),
        (Verdict.STOP, [401, 403]),
        (Verdict.PARK, [400, 404, 409, 413, 415, 422, 418]),
    ],
)
def test_a_status_says_whether_to_wait_stop_or_ask_a_person(
    verdict: Verdict, statuses: list[int]
) -> None:
    assert {judge_status(status) for status in statuses} == {verdict}


@given(st.integers(1, 10_000), st.integers(0, 2**32), st.floats(-10, 1e9))
def test_a_delay_lies_within_the_doubled_base_the_cap_and_the_counters_wish(
    failures: int, seed: int, wish: float
) -> None:
    delay = delay_s(failures, random.Random(seed), wish)
    ceiling = min(CAP_S, BASE_S * 2 ** min(failures - 1, 20))
    assert 0 <= delay <= max(ceiling, min(max(wish, 0), 3600))
    assert delay >= min(wish, 3600)


def test_three_hundred_booths_do_not_come_back_in_the_same_second() -> None:
    rng = random.Random(7)
    seconds = [int(delay_s(8, rng)) for _ in range(300)]
    assert max(seconds.count(second) for second in set(seconds)) <= 8


def test_a_stuck_item_never_holds_up_a_new_one() -> None:
    schedule: Schedule[str] = Schedule(random.Random(1))
    schedule.add("stuck", 0.0)
    schedule.failed("stuck", 0.0, retry_after_s=100)
    schedule.add("new", 1.0)
    assert schedule.due(1.0) == "new"
    schedule.drop("new")
    assert schedule.due(1.0) is None
    assert schedule.soonest() == 100
    assert schedule.due(100.0) == "stuck"


def test_items_due_together_go_in_the_order_they_came() -> None:
    schedule: Schedule[int] = Schedule(random.Random(1))
    for item in range(5):
        schedule.add(item, 3.0)
        schedule.add(item, 3.0)
    order = []
    while (item := schedule.due(3.0)) is not None:
        order.append(item)
        schedule.drop(item)
    assert order == [0, 1, 2, 3, 4]


def test_a_line_that_is_back_brings_everything_forward_but_not_all_at_once() -> None:
    schedule: Schedule[int] = Schedule(random.Random(1))
    for item in range(50):
        schedule.add(item, 0.0)
        for _ in range(12):
            schedule.failed(item, 0.0, retry_after_s=200)
    schedule.line_is_back(10.0)
    turns = []
    while schedule.waiting():
        at = schedule.soonest()
        assert at is not None
        turns.append(at)
        item = schedule.due(at)
        assert item is not None
        schedule.drop(item)
    assert 10.0 <= min(turns) <= max(turns) <= 10.0 + BASE_S
    assert len(set(turns)) > 40


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(0, 1000))
def test_every_item_gets_its_turn_whatever_fails(fails: list[str], seed: int) -> None:
    schedule: Schedule[str] = Schedule(random.Random(seed))
    for item in "abc":
        schedule.add(item, 0.0)
    for item in fails:
        schedule.failed(item, 0.0)
    got = set()
    while (at := schedule.soonest()) is not None:
        item = schedule.due(at)
        assert item is not None
        got.add(item)
        schedule.drop(item)
    assert got == set("abc")

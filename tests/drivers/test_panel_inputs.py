# SPDX-License-Identifier: Apache-2.0
"""Bounce, noise and stuck wires before the panel believes them. Moments are handed in."""

from hypothesis import given
from hypothesis import strategies as st

from drivers.panel_inputs import Settling


def fed(edges: list[tuple[bool, float]], until: float, on_s: float = 0.03) -> list[bool]:
    one = Settling(on_s, on_s)
    for level, at in edges:
        one.feed(level, at)
    one.settle(until)
    return one.changes()


def test_a_press_with_bounces_of_five_milliseconds_counts_once() -> None:
    edges = [(number % 2 == 0, 1.0 + number * 0.005) for number in range(11)]
    edges += [(number % 2 == 1, 1.3 + number * 0.005) for number in range(11)]
    assert fed(edges, 2.0) == [True, False]


def test_a_glitch_shorter_than_its_time_is_nothing() -> None:
    assert fed([(True, 1.0), (False, 1.029)], 2.0) == []
    assert fed([(True, 1.0), (False, 1.031)], 2.0) == [True, False]


def test_a_press_that_was_over_before_anybody_looked_counts() -> None:
    assert fed([(True, 1.0), (False, 1.1)], 50.0) == [True, False]


def test_it_says_when_to_look_again() -> None:
    one = Settling(0.5, 2.0)
    assert one.settle(1.0) is None
    one.feed(True, 1.0)
    assert one.settle(1.2) == 1.5
    assert one.settle(1.5) is None
    assert one.value
    one.feed(False, 3.0)
    assert one.settle(3.1) == 5.0
    one.feed(True, 4.0)
    assert one.settle(9.0) is None
    assert one.changes() == [True]


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0001, 0.2)), max_size=80))
def test_every_told_change_was_kept_for_its_time_and_changes_alternate(
    steps: list[tuple[bool, float]],
) -> None:
    one, now, level, since = Settling(0.05, 0.05), 0.0, False, float("-inf")
    told: list[bool] = []
    for new, lasts in steps:
        one.feed(new, now)
        told += one.changes()
        if new != level:
            level, since = new, now
        now += lasts
        one.settle(now)
        for value in one.changes():
            assert value == level
            assert now >= since + 0.05  # as the wire counts: not a rounding less
            told.append(value)
    assert all(value == (number % 2 == 0) for number, value in enumerate(told))

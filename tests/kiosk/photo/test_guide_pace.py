# SPDX-License-Identifier: Apache-2.0
"""How often the analysis looks and what for, played through with times made by hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.photo.guide_pace import RATE_MOST, REST, Job, Pace, threads_for


def play(seconds, *, look=0.004, cost=0.006, known=True, low=False):
    """Jobs done in so many seconds of a board that needs `look` and `cost` for its things."""
    pace, t, done, looks = Pace(), 0.0, Counter(), 0
    while t < seconds:
        job = pace.job(t, eyes_known=known, eyes_low=low)
        took = look / (4.0 if pace.small else 1.0)
        if job is not None:
            took += cost
            pace.did(job, t, cost)
            done[job] += 1
        looks += 1
        t += pace.looked(took)
    return done, looks, pace


def test_an_ordinary_board_looks_fifteen_times_a_second_and_searches_three_times():
    done, looks, pace = play(10.0)
    assert looks == pytest.approx(10 * RATE_MOST, rel=0.05)
    assert done[Job.SWEEP] >= 30
    assert done[Job.EYES] >= 30
    assert 9 <= done[Job.HAIR] <= 12
    assert not pace.small


def test_a_person_s_own_opening_is_known_within_two_seconds():
    done, _, _ = play(2.0, known=False)
    assert done[Job.EYES] >= 10


def test_eyes_that_closed_are_looked_at_at_once_but_bystanders_are_not_forgotten():
    done, looks, _ = play(10.0, low=True)
    assert done[Job.EYES] > looks / 2
    assert done[Job.SWEEP] >= 10


def test_a_weak_board_looks_at_a_smaller_picture_and_searches_once_a_second():
    """Ten times slower than the reference, as single-board computers were published to be."""
    done, looks, pace = play(20.0, look=0.060, cost=0.080)
    assert pace.small
    assert looks / 20.0 >= 8  # a second
    assert 15 <= done[Job.SWEEP] <= 25
    assert done[Job.HAIR] >= 8


def test_a_board_that_is_quick_again_looks_at_the_whole_picture_again():
    pace = Pace()
    for _ in range(20):
        pace.looked(0.080)
    assert pace.small
    for _ in range(20):
        pace.looked(0.005)
    assert not pace.small


def test_a_speed_between_the_two_limits_changes_nothing():
    """Half the size takes about half the time: 36 ms in full must not become small and back."""
    pace = Pace()
    for _ in range(40):
        pace.looked(0.036)
    assert not pace.small
    pace.small = True
    for _ in range(40):
        pace.looked(0.018)
    assert pace.small


@given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=60))
def test_a_look_is_never_sooner_than_one_and_a_half_times_the_last_one(durations):
    pace = Pace()
    for took in durations:
        rest = pace.looked(took)
        assert rest >= REST * took
        assert rest >= 1.0 / RATE_MOST


@given(st.lists(st.tuples(st.floats(0.01, 0.5), st.booleans()), min_size=40, max_size=120))
def test_nothing_is_put_off_for_good(steps):
    pace, t = Pace(), 0.0
    last = dict.fromkeys(Job, 0.0)
    for step, low in steps:
        t += step
        job = pace.job(t, eyes_known=True, eyes_low=low)
        if job is not None:
            pace.did(job, t, 0.005)
            last[job] = t
        assert t - last[Job.SWEEP] <= 2.0
        assert t - last[Job.HAIR] <= 4.0


def test_a_new_person_is_looked_at_for_everything():
    pace = Pace()
    pace.did(Job.HAIR, 5.0, 0.01)
    assert pace.age(Job.HAIR, 5.5) == 0.5
    pace.forget()
    assert pace.age(Job.HAIR, 5.5) == float("inf")


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 2), (16, 2)])
def test_drawing_keeps_a_core(cores, threads):
    assert threads_for(cores) == threads

# SPDX-License-Identifier: Apache-2.0
"""The photo lamp follows the face slowly and never swings, whatever the camera makes of it."""

import itertools
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.photo.light import STEP, LampControl, LightSettings

LOOK_S = 1.0 / 15.0
SET = LightSettings()


class Room:
    """A face that gets `own` light without the lamp and `gain` times its level with it, told late.

    `exposure` 0..1 is how far the camera takes back what it sees as too much or too little.
    """

    def __init__(self, own, gain, delay=2, exposure=0.0):
        self.own, self.gain, self.exposure = own, gain, exposure
        self._late: deque[float | None] = deque([None] * delay)

    def face(self, level):
        light = min(1.0, self.own + self.gain * level)
        light += self.exposure * (0.45 - light)
        self._late.append(light)
        return self._late.popleft()


def play(control, room, seconds, noise=lambda _k: 0.0):
    """Levels at each look, and the last light of the face."""
    levels, seen = list[float](), 0.0
    for k in range(round(seconds / LOOK_S)):
        told = room.face(control.level)
        seen = seen if told is None else told
        light = None if told is None else min(1.0, max(0.0, told + noise(k)))
        levels.append(control.see(light, 0.2 if light and light > 0.95 else 0.0, k * LOOK_S))
    return levels, seen


def turns(levels):
    """How often the level turned back."""
    ways = [b > a for a, b in itertools.pairwise(levels) if a != b]
    return sum(a != b for a, b in itertools.pairwise(ways))


def test_a_well_lit_face_leaves_the_lamp_alone():
    levels, _ = play(LampControl(0.8), Room(0.1, 0.45), 20)
    assert set(levels) == {0.8}


@pytest.mark.parametrize(
    ("own", "gain", "start"),
    [(0.0, 0.5, 0.2), (0.1, 0.9, 1.0), (0.4, 0.6, 1.0), (0.0, 1.2, 0.1)],
)
def test_a_dark_or_bright_face_ends_well_lit(own, gain, start):
    levels, seen = play(LampControl(start), Room(own, gain), 20)
    assert SET.dark <= seen <= SET.bright
    assert turns(levels) == 0
    assert len(set(levels[-60:])) == 1


def test_light_that_is_not_in_the_lamp_s_power_ends_at_its_end():
    assert play(LampControl(0.5), Room(0.05, 0.1), 20)[0][-1] == SET.most
    assert play(LampControl(0.5), Room(0.9, 0.1), 20)[0][-1] == SET.least


def test_a_shadow_for_a_moment_changes_nothing():
    control = LampControl(0.6)
    for k in range(300):
        dark = k % 30 < 8  # half a second
        control.see(0.1 if dark else 0.45, 0.0, k * LOOK_S)
    assert control.level == 0.6


def test_nobody_there_brings_the_lamp_back_to_where_it_began_without_a_jump():
    control = LampControl(1.0)
    play(control, Room(0.4, 0.6), 20)
    assert control.level < 0.9
    levels = [control.see(None, 0.0, 100.0 + k * LOOK_S) for k in range(200)]
    assert levels[0] < 0.9
    assert levels[-1] == 1.0
    steps = [b - a for a, b in itertools.pairwise(levels)]
    assert max(steps) <= SET.slew * LOOK_S + STEP


def test_somebody_who_looks_away_for_a_second_changes_nothing():
    control = LampControl(0.7)
    control.see(0.45, 0.0, 0.0)
    assert {control.see(None, 0.0, k * LOOK_S) for k in range(15)} == {0.7}


LIGHT = st.one_of(st.none(), st.floats(0.0, 1.0))


@settings(deadline=None)
@given(
    st.floats(0.0, 1.0),
    st.lists(st.tuples(st.floats(0.0, 2.0), LIGHT, st.floats(0.0, 1.0)), max_size=200),
)
def test_whatever_is_seen_the_level_stays_in_its_range_and_moves_slowly(start, looks):
    control, t = LampControl(start), 0.0
    before = control.level
    for passed, light, over in looks:
        t += passed
        level = control.see(light, over, t)
        assert SET.least <= level <= SET.most
        assert abs(level - before) <= SET.slew * passed + STEP + 1e-9
        before = level


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0.0, 1.0)), min_size=1, max_size=40))
def test_not_even_light_that_swings_makes_the_lamp_swing(story):
    """Each turn waits twice as long: two minutes of anything hold at most six turns."""
    control, t, levels = LampControl(0.5), 0.0, []
    while t < 120.0:
        for looks, light in story:
            for _ in range(looks):
                levels.append(control.see(light, 0.0, t))
                t += LOOK_S
    most, wait, spent = 1, SET.turn_s, 0.0
    while spent + wait < t:
        spent, wait, most = spent + wait, 2 * wait, most + 1
    assert turns(levels) <= most


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0.0, 0.6),
    st.floats(0.0, 1.5),
    st.integers(0, 8),
    st.floats(0.0, 0.9),
    st.floats(0.1, 1.0),
    st.integers(0, 100),
)
def test_in_any_room_with_any_camera_it_comes_to_rest(own, gain, delay, exposure, start, seed):
    """Noise of 2 % and half a second between light and figure included."""
    room = Room(own, gain, delay, exposure)
    noise = [((k * 7919 + seed) % 41 - 20) / 1000.0 for k in range(41)]
    levels, _ = play(LampControl(start), room, 40, lambda k: noise[k % 41])
    assert turns(levels) <= 2
    assert len(set(levels[-150:])) == 1

# SPDX-License-Identifier: Apache-2.0
"""Which frame of a burst is kept: pictures through the real engine, and figures made by hand."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from drivers.camera import Frame
from kiosk.photo import burst
from kiosk.photo.guide_watch import Watch
from kiosk.photo.profile import PROFILES
from kiosk.photo.verdict import Limits


@pytest.fixture
def choose(engine):
    """`choose(images)`: the index of the frame kept, and how often the eyes were looked at."""

    def chosen(images, usual=None):
        watch = Watch(engine, PROFILES["ga461_2004"], Limits())
        frames = [Frame(seq + 1, seq / 30, image) for seq, image in enumerate(images)]
        some = burst.candidates([watch.examine(frame) for frame in frames])
        asked = []

        def openness(index):
            asked.append(index)
            return watch.openness(frames[index], watch.examine(frames[index]))

        return burst.best(some, openness, usual, Limits()).index, asked

    return chosen


def test_the_still_and_sharp_frame_is_preferred(choose, pictures):
    images = pictures("good", 24)[:4]
    smear = np.zeros((1, 25), np.float32) + 1 / 25
    blurred = [np.asarray(cv2.filter2D(image, -1, smear), np.uint8) for image in images]
    assert choose([blurred[0], blurred[1], images[2], blurred[3]])[0] == 2


def test_of_a_moving_person_the_frame_at_the_turning_point_is_kept(choose, pictures):
    """A sitter who sways 10 px a frame stands still at the end of the way."""
    frames = pictures("moving", 16, sway=27.0)
    kept, _asked = choose([frames[k] for k in (0, 1, 2, 4, 6, 7)])
    assert kept == 3


def test_a_blink_is_left_out_and_only_front_runners_eyes_are_looked_at(choose, pictures):
    good, shut = pictures("good", 3), pictures("closed", 3)
    kept, asked = choose([shut[0], good[1], shut[2]], usual=0.39)
    assert kept == 1
    assert asked[-1] == 1
    assert len(asked) == len(set(asked))


def test_when_all_eyes_are_shut_a_frame_is_kept_all_the_same(choose, pictures):
    kept, asked = choose(pictures("closed", 3), usual=0.39)
    assert kept in (0, 1, 2)
    assert sorted(asked) == [0, 1, 2]


@pytest.fixture
def alike(choose, engine, pictures):
    """Candidates that differ in nothing but their place."""
    watch = Watch(engine, PROFILES["ga461_2004"], Limits())
    seen = watch.examine(Frame(1, 0.0, pictures("neutral")[0]))
    (one,) = burst.candidates([seen])
    one = replace(one, sharpness=0.03, motion=0.0, openness=0.4, mouth=0.02)
    return [replace(one, index=index) for index in range(4)]


def kept(some, usual=0.4):
    return burst.ranked(some, usual, Limits())[0].index


def test_equal_frames_are_chosen_by_nearness_to_the_press(alike):
    assert kept(alike) == 3


@pytest.mark.parametrize(
    "fault",
    [{"openness": 0.2}, {"mouth": 0.1}, {"motion": 0.05}, {"sharpness": 0.02}],
    ids=lambda fault: next(iter(fault)),
)
def test_each_fault_of_the_newest_frame_sends_the_choice_to_the_one_before(alike, fault):
    assert kept([*alike[:3], replace(alike[3], **fault)]) == 2


def test_an_open_mouth_in_every_frame_is_held_against_none(alike):
    assert kept([replace(one, mouth=0.1) for one in alike]) == 3


def test_a_blurred_frame_is_worse_than_one_with_an_open_mouth(alike):
    """A blurred mouth reads as shut: its figure must not win."""
    some = [replace(alike[0], mouth=0.1), replace(alike[1], sharpness=0.01, mouth=0.0)]
    assert kept(some) == 0

# SPDX-License-Identifier: Apache-2.0
import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.photo import measures, mesh, verdict
from kiosk.photo.search import tiles


@given(st.integers(200, 2000), st.integers(200, 2000))
def test_search_squares_cover_the_frame_and_overlap_by_half(width, height):
    side, corners = min(width, height), tiles(width, height)
    axis = 0 if width >= height else 1
    at = [corner[axis] for corner in corners]
    assert at[0] == 0
    assert at[-1] + side == max(width, height)
    assert all(0 <= b - a <= side / 2 for a, b in itertools.pairwise(at))


@pytest.mark.parametrize("x", [230, 640, 1050])
def test_a_face_is_found_wherever_it_sits(engine, pictures, x):
    look = engine.look(pictures("good", x=float(x))[0], None)
    assert look.face is not None
    assert look.face.eyes.mean(axis=0)[0] == pytest.approx(x, abs=12)
    assert look.others == ()


def test_a_following_look_agrees_with_a_searching_one(engine, pictures):
    first, second = pictures("good", 24)[:2]
    before = engine.look(first, None).face
    followed = engine.look(second, before)
    searched = engine.look(second, None, sweep=True, refine=True)
    assert not followed.swept
    assert searched.swept
    off = np.linalg.norm(followed.face.mesh[:, :2] - searched.face.mesh[:, :2], axis=1).mean()
    assert off < 0.02 * searched.face.eye_distance


def test_a_face_that_left_is_searched_for_and_not_invented(engine, pictures):
    before = engine.look(pictures("good")[0], None).face
    look = engine.look(pictures("empty")[0], before)
    assert look.face is None
    assert look.swept


def test_a_second_person_is_seen_beside_a_followed_one(engine, pictures):
    image = pictures("two")[0]
    subject = engine.look(image, None).face
    look = engine.look(image, subject, sweep=True)
    assert len(look.others) == 1
    assert look.others[0].x > 800
    assert look.face.box.x < 640


def test_the_nearer_person_is_the_subject(engine, pictures):
    assert engine.look(pictures("two")[0], None).face.eyes[0, 0] < 640


@pytest.mark.parametrize("roll", [-20, -10, 0, 10, 20])
def test_roll_is_measured_and_does_not_leak_into_yaw(engine, pictures, roll):
    pose = engine.look(pictures("good", roll=float(roll), y=380.0)[0], None, refine=True).face.pose
    assert pose.roll == pytest.approx(roll, abs=3)
    assert abs(pose.yaw) < 3
    assert -8 < pose.pitch < 18


def test_mirroring_the_picture_turns_yaw_and_roll_round(engine, pictures):
    image = pictures("away")[0]
    one = engine.look(image, None, refine=True).face.pose
    two = engine.look(np.ascontiguousarray(image[:, ::-1]), None, refine=True).face.pose
    assert abs(one.yaw) > 8
    assert two.yaw == pytest.approx(-one.yaw, abs=2.5)
    assert two.roll == pytest.approx(-one.roll, abs=2.5)


def test_pose_of_the_canonical_face_is_level():
    points = np.zeros((468, 3))
    for number, (x, y, z) in mesh._CANONICAL.items():
        points[number] = (x * 20 + 600, -y * 20 + 300, -z * 20)
    pose = mesh.pose_of(points)
    assert [pose.yaw, pose.pitch, pose.roll] == pytest.approx([0, 0, 0], abs=1e-6)


@pytest.mark.parametrize("gain", [1.0, 0.15])
def test_the_fallback_finds_the_face_in_poor_light_too(haar, engine, pictures, gain):
    image = pictures("good", gain=gain)[0]
    look = haar.look(image, None)
    true = engine.look(pictures("good")[0], None).face
    assert look.face is not None
    assert look.face.width == pytest.approx(true.width, rel=0.15)
    assert look.face.eyes.mean(axis=0) == pytest.approx(true.eyes.mean(axis=0), abs=20)
    assert look.face.mesh is None
    assert look.face.pose is None


def test_the_fallback_never_guesses_eyes_or_a_mask(haar, pictures):
    image = pictures("good")[0]
    assert haar.eye_openness(image, haar.look(image, None).face) is None
    assert haar.person(image) is None


def test_a_frame_turned_on_its_side_is_searched_as_well(engine, pictures):
    """A camera mounted upright gives 720x1280."""
    image = pictures("good")[0][:, 280:1000]
    tall = cv2.copyMakeBorder(image, 280, 280, 0, 0, cv2.BORDER_REPLICATE)
    look = engine.look(tall, None)
    assert (look.width, look.height) == (720, 1280)
    assert look.face is not None


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(16, 400),
    height=st.integers(16, 400),
    seed=st.integers(0, 2**32 - 1),
    smooth=st.sampled_from([0.0, 3.0, 12.0]),
)
def test_no_picture_makes_an_engine_stumble(engine, haar, width, height, seed, smooth):
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    if smooth:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), smooth), np.uint8)
    for one in (engine, haar):
        look = one.look(image, None, sweep=True, refine=True)
        assert (look.width, look.height) == (width, height)
        if look.face is not None:
            measures.measure(image, look.face)


@pytest.mark.parametrize("look", ["good", "near", "left", "two", "tilt", "empty", "dark"])
def test_the_fallback_takes_every_scene(haar, pictures, look):
    image = pictures(look)[0]
    seen = haar.look(image, None)
    assert (seen.face is None) == (look == "empty") or look in ("near", "tilt", "dark", "left")
    assert verdict.judge(verdict.sight_of(seen)).reason_key in (*verdict.ORDER, verdict.OK)
    if seen.face is not None:
        assert measures.measure(image, seen.face).values

# SPDX-License-Identifier: Apache-2.0
"""What the booth relies on, of either engine, through the one interface."""

import numpy as np
import pytest

from drivers.errors import AskAgainError
from kiosk.photo import crop, measures, still, verdict
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Source
from kiosk.photo.profile import PROFILES

GA461 = PROFILES["ga461_2004"]


@pytest.fixture(params=["nets", "haar"])
def either(request, engine, haar) -> Engine:
    return engine if request.param == "nets" else haar


@pytest.fixture
def good(pictures):
    return pictures("neutral")[0]


def test_it_names_itself_and_its_reach(either):
    assert either.source in Source
    assert either.reach.face[0] <= 160 < 240 < either.reach.face[1]
    assert either.reach.gain[0] <= 0.25 < 1.0 < either.reach.gain[1]


def test_a_look_tells_the_frame_it_was_made_of(either, good):
    look = either.look(good, None)
    assert (look.width, look.height, look.source) == (1280, 720, either.source)
    assert look.mean_grey == pytest.approx(good.mean(), abs=3)


def test_the_face_lies_where_it_is(either, good):
    face = either.look(good, None, refine=True).face
    assert face.eyes[0, 0] < face.chin[0] < face.eyes[1, 0]
    assert face.eyes[:, 1].max() < face.chin[1]
    assert face.cheeks[0, 0] < face.eyes[0, 0]
    assert face.cheeks[1, 0] > face.eyes[1, 0]
    assert face.width == pytest.approx(240, rel=0.08)
    assert abs(face.roll) < 4


def test_following_and_searching_find_the_same_face(either, good):
    first = either.look(good, None).face
    again = either.look(good, first).face
    assert again.eyes == pytest.approx(first.eyes, abs=8)


def test_looking_changes_neither_frame_nor_face(either, good):
    before = good.copy()
    face = either.look(good, None, sweep=True, refine=True).face
    eyes = face.eyes.copy()
    either.settle(good, face)
    either.eye_openness(good, face)
    either.person(good)
    assert np.array_equal(good, before)
    assert np.array_equal(face.eyes, eyes)


def test_two_people_are_the_nearer_and_another(either, pictures):
    look = either.look(pictures("two")[0], None, sweep=True)
    assert look.swept
    assert len(look.others) == 1
    assert look.others[0].area < look.face.box.area
    assert verdict.judge(verdict.Sight(look)).reason_key == verdict.SEVERAL


@pytest.mark.parametrize("look", ["good", "mask", "bright", "sidelight", "glasses"])
def test_one_person_is_one_whatever_they_wear(either, pictures, look):
    assert either.look(pictures(look)[0], None, sweep=True).others == ()


def test_nobody_is_nobody(either, pictures):
    look = either.look(pictures("empty")[0], None, sweep=True)
    assert (look.face, look.others) == (None, ())
    with pytest.raises(AskAgainError):
        crop.portrait(pictures("empty")[0], look, either)


def test_what_it_cannot_tell_is_none_and_what_it_tells_is_in_range(either, good):
    face = either.look(good, None).face
    openness, person = either.eye_openness(good, face), either.person(good)
    if either.source is Source.HAAR:
        assert (openness, person, face.pose, face.mesh) == (None, None, None, None)
        return
    assert 0.1 < openness < 0.6
    assert person.shape == good.shape[:2]
    assert 0.0 <= float(person.min()) <= float(person.max()) <= 1.0
    assert (face.mesh.shape, face.pose is not None) == ((468, 3), True)


def test_light_is_measured_alike(either, engine, good):
    ours = measures.measure(good, either.look(good, None).face)
    best = measures.measure(good, engine.look(good, None).face)
    for key in ("luminance", "under", "over"):
        assert ours.scores[key] == pytest.approx(best.scores[key], abs=8)


def test_a_portrait_keeps_the_profile(either, good):
    made = crop.portrait(good, either.look(good, None, refine=True), either)
    assert made.image.shape == (441, 358, 3)
    assert 193 - 1e-6 <= made.face_width_px <= 207 + 1e-6
    assert made.eye_line_px >= 207 - 1e-6


@pytest.mark.parametrize(
    ("look", "reason"), [("empty", "photo.no_face"), ("two", "photo.several_faces")]
)
def test_a_still_is_judged_by_the_same_words(either, pictures, look, reason):
    found = still.judge(pictures(look)[0], either, GA461)
    assert (found.verdict.reason_key, found.verdict.blocks) == (reason, True)


def test_a_frame_of_a_camera_mounted_upright_is_searched(either, pictures):
    tall = np.full((1280, 720, 3), 245, np.uint8)
    tall[300:1020] = pictures("neutral")[0][:, 280:1000]
    look = either.look(tall, None)
    assert (look.width, look.height) == (720, 1280)
    assert look.face.eyes.mean(axis=0)[0] == pytest.approx(360, abs=25)

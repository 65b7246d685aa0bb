# SPDX-License-Identifier: Apache-2.0
"""A sample of the table of `bench.guidance`: scripted sitters, the real engine, the real guide."""

import numpy as np
import pytest

from bench import guidance
from bench.guidance_cases import Case, faults, good
from drivers.camera import Frame
from firmware_io.emulators import camera_clips
from kiosk.photo import verdict
from kiosk.photo.guide import Guide
from kiosk.photo.guide_watch import Watch
from kiosk.photo.profile import PROFILES
from kiosk.photo.verdict import Limits

SAMPLE = {
    "gain 0.1, 240 px",
    "a second face of 170 px, first at 480",
    "195 px of face",
    "has to move right, 2",
    "has to move up, 2",
    "roll -14, aside",
    "turned +0.45, large",
    "chin +0.40, middle",
    "dark glasses, small",
    "glare on glasses, aside",
    "a mask, large",
    "eyes closed, small",
    "smile with teeth, large",
    "light from the left, aside",
    "blue light, large",
    "out of focus, middle",
    "blue wall",
    "tilted and smiling",
}
WELL = {"small, roll +4", "large, glasses", "aside, sensor noise", "middle, a blink"}


@pytest.fixture(scope="module")
def sitter(model_folder, astronaut):
    return camera_clips.Sitter(astronaut, model_folder)


@pytest.mark.parametrize(
    "case", [case for case in faults() if case.name in SAMPLE], ids=lambda case: case.name
)
def test_the_right_thing_is_the_first_thing_said(case, sitter, engine):
    outcome, _picture = guidance.sit(case, sitter, engine)
    assert outcome.right, outcome.told


@pytest.mark.parametrize(
    "case", [case for case in good() if case.name in WELL], ids=lambda case: case.name
)
def test_who_sits_well_is_told_nothing(case, sitter, engine):
    outcome, _picture = guidance.sit(case, sitter, engine)
    assert outcome.right, outcome.told
    assert outcome.looks > 20
    assert outcome.calm == outcome.looks


@pytest.mark.parametrize(
    ("scene", "picture"),
    [
        ({"turned": 0.55}, "turned_right"),  # the nose points to the citizen's own left
        ({"turned": -0.55}, "turned_left"),
        ({"roll": 15.0}, "tilted_right"),  # clockwise in the camera's picture: to the own left
        ({"roll": -15.0}, "tilted_left"),
    ],
)
def test_the_way_back_is_the_citizen_s_own_as_in_a_mirror(scene, picture, pictures, engine):
    look = engine.look(pictures("good", y=380.0, **scene)[0], None, sweep=True)
    guide = Guide()
    told = [guide.feed(verdict.sight_of(look), t / 10.0) for t in range(15)]
    assert told[-1].picture == picture


def test_after_one_wrong_height_of_the_hair_who_sits_well_may_press_again(pictures, engine):
    frames = pictures("neutral", count=15)
    watch = Watch(engine, PROFILES["ga461_2004"], Limits(), clock=lambda: 0.0)
    told = []
    for number in range(75):
        t = number / 15.0
        told.append(watch.see(Frame(number + 1, t, frames[number % 15])))
        if 1.0 <= t < 2.0:  # measured while the picture jumped
            watch.person.hair = 1.12
    assert verdict.OFF_CENTRE[3] in {one.reason for one in told}
    assert (told[-1].reason, told[-1].blocks_shutter) == (verdict.OK, False)


def test_the_table_has_every_reason_at_several_places():
    cases = faults()
    assert len(cases) >= 60
    assert len({case.name for case in [*cases, *good()]}) == len([*cases, *good()])
    told = {case.expected for case in cases}
    assert told == set(verdict.ORDER)
    assert {case.name for case in cases} >= SAMPLE
    assert {case.name for case in good()} >= WELL


def test_a_wrong_or_late_word_counts_as_wrong():
    case = Case("x", verdict.TILTED, camera_clips.Scene())

    def right(expected, *told):
        made = guidance.Outcome(Case("x", expected, case.then), told, 0, 1)
        return made.right

    assert right(verdict.TILTED, "photo.starting", verdict.TILTED)
    assert not right(verdict.TILTED, "photo.starting", verdict.MOUTH, verdict.TILTED)
    assert not right(verdict.TILTED, "photo.starting", verdict.TILTED, verdict.OK)
    assert not right(verdict.TILTED, "photo.starting", verdict.OK)
    assert right(verdict.OK, "photo.starting", verdict.OK)
    assert not right(verdict.OK, "photo.starting", verdict.OK, verdict.EYES, verdict.OK)


def test_a_contact_sheet_has_a_place_for_every_case():
    thumb = np.zeros((guidance.THUMB[1], guidance.THUMB[0], 3), np.uint8)
    made = guidance.sheet([thumb] * (guidance.COLUMNS + 1))
    assert made.shape == (2 * guidance.THUMB[1], guidance.COLUMNS * guidance.THUMB[0], 3)

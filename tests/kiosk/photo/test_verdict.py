# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from kiosk.photo import verdict
from kiosk.photo.background import Wall
from kiosk.photo.faces import Box, Face, Look, Pose, Source
from kiosk.photo.measures import Measures
from kiosk.photo.verdict import Limits, Sight

VALUES = {
    "luminance": 0.45,
    "mouth": 0.02,
    "openness": 0.35,
    "sharpness": 0.1,
    "grey": 40.0,
    "eye_shade": 0.7,
    "glare": 0.0,
    "cheek_over": 0.0,
    "mask": 9.0,
}
SCORES = {"luminance": 99, "illumination": 60, "over": 95, "colour": 100, "mouth": 95}
WALL = Wall(96.0, 0.0, 0.0, 1.0, 210.0, 90.0)


def sight(values=None, scores=None, **changes):
    eyes = np.array([[590.0, 300.0], [690.0, 300.0]])
    cheeks = np.array([[520.0, 320.0], [760.0, 320.0]])
    face = Face(
        Box(500, 200, 280, 300, 1), eyes, np.array([640.0, 480.0]), cheeks, None, 1, Pose(0, 5, 0)
    )
    look = Look(1280, 720, Source.NETS, 120.0, face, (), True)
    look = replace(look, **{k: changes.pop(k) for k in ("others", "mean_grey") if k in changes})
    measures = Measures(
        MappingProxyType(VALUES | (values or {})), MappingProxyType(SCORES | (scores or {}))
    )
    return replace(verdict.sight_of(look, measures), **changes)


def found(*arguments, held=(), **changes):
    return verdict.findings(sight(*arguments, **changes), Limits(), held)


def test_a_good_picture_has_nothing_to_say():
    assert found(wall=WALL, usual_openness=0.4, usual_sharpness=0.15) == ()


FAULTS = {  # reason: what makes it, what is just enough
    "photo.too_dark": (
        ({"luminance": 0.19}, {"luminance": 19}),
        ({"luminance": 0.19}, {"luminance": 20}),
    ),
    "photo.sunglasses": (({"eye_shade": 0.11},), ({"eye_shade": 0.12},)),
    "photo.glare": (({"glare": 0.04},), ({"glare": 0.039},)),
    "photo.mask": (({"mask": 1.9}, {"colour": 49}), ({"mask": 2.0}, {"colour": 50})),
    "photo.eyes": (({"openness": 0.11},), ({"openness": 0.12},)),
    "photo.mouth": (({"mouth": 0.08}, {"mouth": 89}), ({"mouth": 0.07}, {"mouth": 90})),
    "photo.light": (({}, {"illumination": 34}), ({}, {"illumination": 35})),
    "photo.too_bright": (({}, {"over": 19}), ({}, {"over": 20})),
    "photo.colour": (({"grey": 1.9},), ({"grey": 2.0},)),
}


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_is_named_and_a_value_at_its_limit_is_enough(reason):
    fault, enough = FAULTS[reason]
    assert found(*fault)[0] == reason
    assert found(*enough) == ()


@pytest.mark.parametrize(
    ("changes", "enough", "reason"),
    [
        ({"roll": 8.1}, {"roll": -8.0}, "photo.tilted"),
        ({"yaw": -8.1}, {"yaw": 8.0}, "photo.turned"),
        ({"pitch": 18.1}, {"pitch": 18.0}, "photo.chin_up"),
        ({"pitch": -8.1}, {"pitch": -8.0}, "photo.chin_down"),
        ({"width": 206.9}, {"width": 207.0}, "photo.too_far"),
        ({"usual_sharpness": 0.201}, {"usual_sharpness": 0.2}, "photo.blur"),
        ({"usual_openness": 0.6}, {"usual_openness": 0.58}, "photo.eyes"),
        (
            {"wall": replace(WALL, light=87.9)},
            {"wall": replace(WALL, light=88.0)},
            "photo.background",
        ),
        ({"missing": "photo.off_centre.left"}, {"missing": ""}, "photo.off_centre.left"),
    ],
)
def test_what_is_known_beside_the_measures_counts_alike(changes, enough, reason):
    assert found(**changes) == (reason,)
    assert found(**enough) == ()


def test_a_second_face_counts_from_a_tenth_of_the_first():
    small, large = Box(0, 0, 84, 99, 1), Box(0, 0, 84, 101, 1)  # the first has 84000 px
    assert found(others=(small,)) == ()
    assert found(others=(large,)) == ("photo.several_faces",)


def test_burnt_cheeks_are_bright_light_and_not_glare():
    assert found({"glare": 0.5, "cheek_over": 0.01}, {"over": 10}) == ("photo.too_bright",)


def test_a_picture_without_colour_is_no_mask():
    assert found({"grey": 0.5, "mask": 0.0}, {"colour": 0}) == ("photo.colour",)


def test_the_most_important_reason_comes_first():
    reasons = found({"mouth": 0.1}, {"mouth": 80}, roll=20.0, width=100.0, wall=replace(WALL, a=9))
    assert reasons == ("photo.too_far", "photo.tilted", "photo.mouth", "photo.background")


def test_nobody_is_dark_or_missing():
    nobody = Look(1280, 720, Source.NETS, 120.0, None, (), True)
    assert verdict.judge(Sight(nobody)).reason_key == "photo.no_face"
    dark = verdict.judge(Sight(replace(nobody, mean_grey=19.9)))
    assert (dark.reason_key, dark.blocks, dark.ok) == ("photo.too_dark", True, False)


@pytest.mark.parametrize(
    ("reason", "arguments", "changes"),
    [
        ("photo.tilted", (), {"roll": 7.0}),
        ("photo.turned", (), {"yaw": -7.0}),
        ("photo.chin_up", (), {"pitch": 16.0}),
        ("photo.chin_down", (), {"pitch": -6.0}),
        ("photo.too_far", (), {"width": 220.0}),
        ("photo.eyes", ({"openness": 0.13},), {}),
        ("photo.mouth", ({"mouth": 0.067}, {"mouth": 91}), {}),
        ("photo.light", ({}, {"illumination": 38}), {}),
        ("photo.too_bright", ({}, {"over": 21}), {}),
        ("photo.colour", ({}, {"colour": 54}), {}),
        ("photo.sunglasses", ({"eye_shade": 0.13},), {}),
        ("photo.glare", ({"glare": 0.037},), {}),
        ("photo.mask", ({"mask": 2.1}, {"colour": 54}), {}),
    ],
)
def test_a_shown_reason_ends_only_clearly_beyond_its_limit(reason, arguments, changes):
    assert reason not in found(*arguments, **changes)
    assert reason in found(*arguments, held={reason}, **changes)


@pytest.mark.parametrize("reason", [*verdict.ORDER[verdict.ORDER.index("photo.tilted") :]])
def test_nothing_about_looks_ever_blocks(reason):
    assert reason not in verdict.BLOCKING

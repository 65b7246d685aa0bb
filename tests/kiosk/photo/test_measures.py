# SPDX-License-Identifier: Apache-2.0
"""Scores by the formulas of OFIQ 1.0.3 (reference implementation of ISO/IEC 29794-5)."""

import cv2
import numpy as np
import pytest

from kiosk.photo import background, colour, crop, measures


def measured(engine, image, size=measures.STILL_PX):
    return measures.measure(image, engine.look(image, None, refine=True).face, size)


@pytest.fixture(scope="module")
def plain(engine, pictures):
    return measured(engine, pictures("good")[0])


@pytest.mark.parametrize(
    ("key", "raw", "score"),
    [
        ("luminance", 0.448, 99),
        ("contrast", 0.031, 89),
        ("under", 0.026, 100),
        ("over", 0.0005, 95),
        ("range", 7.47, 93),
        ("mouth", 0.104, 83),
        ("colour", 0.0, 100),
    ],
)
def test_the_test_face_gets_the_scores_of_the_formulas(engine, astronaut, key, raw, score):
    figures = measured(engine, astronaut, 616)
    tolerance = {"range": 0.05, "mouth": 0.012}.get(key, 0.006)
    assert figures.values[key] == pytest.approx(raw, abs=tolerance)
    assert figures.scores[key] == pytest.approx(score, abs=4)


def test_the_small_preview_measures_about_as_the_still_does(engine, pictures, plain):
    preview = measured(engine, pictures("good")[0], measures.PREVIEW_PX)
    for key in ("luminance", "under", "over", "mouth"):
        assert preview.values[key] == pytest.approx(plain.values[key], abs=0.01)


@pytest.mark.parametrize(
    ("gain", "key", "most"),
    [(0.5, "luminance", 30), (0.25, "under", 20), (1.6, "over", 20)],
)
def test_wrong_exposure_loses_its_score(engine, pictures, plain, gain, key, most):
    assert measured(engine, pictures("good", gain=gain)[0]).scores[key] < most < plain.scores[key]


def test_light_from_one_side_loses_the_illumination_score(engine, pictures, plain):
    image = pictures("good")[0].astype(np.float64)
    columns = 1.3 - 1.1 / (1 + np.exp(-(np.arange(1280) - 640) / 25))
    lit = np.clip(image * columns[None, :, None], 0, 255).astype(np.uint8)
    assert measured(engine, lit).scores["illumination"] < 35 < plain.scores["illumination"]


def test_a_blue_cast_and_a_grey_picture_are_not_natural(engine, pictures, plain):
    image = pictures("good")[0]
    blue = np.clip(image * np.array([1.3, 0.9, 0.7]), 0, 255).astype(np.uint8)
    assert measured(engine, blue).scores["colour"] < 50 <= plain.scores["colour"]
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert measured(engine, grey).values["grey"] < 2 < plain.values["grey"]


def test_blur_lowers_sharpness_and_dim_light_hardly_does(engine, pictures, plain):
    image = pictures("good")[0]
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 5), np.uint8)
    assert measured(engine, soft).values["sharpness"] < 0.6 * plain.values["sharpness"]
    dim = measured(engine, pictures("good", gain=0.5)[0])
    assert dim.values["sharpness"] == pytest.approx(plain.values["sharpness"], rel=0.35)


def test_teeth_read_as_an_open_mouth(plain):
    assert plain.values["mouth"] > 0.071
    assert plain.scores["mouth"] < 90


def test_the_fallback_measures_light_only(haar, pictures):
    image = pictures("good")[0]
    figures = measures.measure(image, haar.look(image, None).face)
    assert set(figures.scores) == {"luminance", "contrast", "under", "over", "range"}
    assert "mouth" not in figures.values


def test_lab_of_known_colours():
    """White and black by definition; sRGB red under D50 is (54.29, 80.81, 69.89), Lindbloom."""
    assert colour.lab(np.array([255.0, 255.0, 255.0])) == pytest.approx([100, 0, 0], abs=0.1)
    assert colour.lab(np.array([0.0, 0.0, 0.0])) == pytest.approx([0, 0, 0], abs=0.1)
    assert colour.lab(np.array([255.0, 0.0, 0.0])) == pytest.approx([54.3, 80.8, 69.9], abs=0.2)


def test_luminance_is_linear_light():
    image = np.full((4, 4, 3), 128, np.uint8)
    assert int(colour.luminance(image)[0, 0]) == 55  # 0.2158605 * 255 = 55.04


WALLS = {
    "white": (np.full((720, 1280, 3), 245, np.uint8), True),
    "blue": (np.full((720, 1280, 3), (219, 142, 67), np.uint8), False),
    "grey": (np.full((720, 1280, 3), 150, np.uint8), False),
    "ramp": (
        np.repeat(np.linspace(255, 120, 1280).astype(np.uint8)[None, :, None], 720, 0).repeat(3, 2),
        False,
    ),
    "stripes": ((np.indices((720, 1280))[0] // 12 % 2 * 130 + 110)[:, :, None].repeat(3, 2), False),
}  # fmt: skip


@pytest.mark.parametrize("name", WALLS)
def test_only_a_white_even_wall_passes(engine, pictures, name):
    wall, white = WALLS[name]
    image = pictures("good")[0]
    person = engine.person(image)[:, :, None]
    alpha = np.clip((person - 0.3) / 0.5, 0, 1)
    image = (image * alpha + wall * (1 - alpha)).astype(np.uint8)
    portrait = crop.portrait(image, engine.look(image, None, refine=True), engine).image
    found = background.wall_of(portrait, engine.person(portrait))
    assert found is not None
    assert background.is_white(found) is white


@pytest.mark.parametrize("name", ["white", "blue", "grey", "ramp"])
def test_without_networks_an_even_wall_is_judged_alike(haar, engine, pictures, name):
    wall, white = WALLS[name]
    image = pictures("good")[0]
    alpha = np.clip((engine.person(image)[:, :, None] - 0.3) / 0.5, 0, 1)
    image = (image * alpha + wall * (1 - alpha)).astype(np.uint8)
    portrait = crop.portrait(image, haar.look(image, None), haar).image
    found = background.wall_of(portrait, background.person_by_fill(portrait))
    assert found is not None
    assert background.is_white(found) is white


def test_a_picture_without_wall_has_no_verdict_on_it():
    image = np.zeros((441, 358, 3), np.uint8)
    assert background.wall_of(image, np.ones((441, 358), np.float32)) is None


# Changes of the photograph, and the scores that an independent run of the recipes gave.
REACTIONS = {
    "half": (lambda a: a * 0.5, {"luminance": 12, "range": 65}),
    "quarter": (lambda a: a * 0.25, {"under": 0}),
    "bright": (lambda a: a * 1.5, {"over": 2, "luminance": 28}),
    "blue": (lambda a: a * np.array([1.3, 0.9, 0.7]), {"colour": 0}),
}


@pytest.mark.parametrize("change", REACTIONS)
def test_scores_fall_as_the_recipes_do(engine, astronaut, change):
    alter, expected = REACTIONS[change]
    face = engine.look(astronaut, None, refine=True).face
    image = np.clip(alter(astronaut.astype(np.float64)), 0, 255).astype(np.uint8)
    scores = measures.measure(image, face, measures.FULL_PX).scores
    assert {key: scores[key] for key in expected} == pytest.approx(expected, abs=4)

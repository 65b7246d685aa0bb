# SPDX-License-Identifier: Apache-2.0
"""Hints on painted examples; nobody really wears these things here (synthetic)."""

import pytest

from kiosk.photo import measures, occlusion


@pytest.fixture(scope="module")
def figures(engine, pictures):
    def make(look, size=measures.STILL_PX, **changes):
        image = pictures(look, **changes)[0]
        return measures.measure(image, engine.look(image, None, refine=True).face, size)

    return make


def hints(made):
    found = {
        "sunglasses": occlusion.sunglasses(made.values),
        "glare": occlusion.glare(made.values),
        "mask": occlusion.mask(made.values, made.scores["colour"]),
    }
    return {name for name, there in found.items() if there}


@pytest.mark.parametrize("size", [measures.STILL_PX, measures.PREVIEW_PX])
@pytest.mark.parametrize(
    ("look", "hint"), [("sunglasses", "sunglasses"), ("glint", "glare"), ("mask", "mask")]
)
def test_what_is_painted_is_hinted_at_alone(figures, look, hint, size):
    assert hints(figures(look, size)) == {hint}


@pytest.mark.parametrize("look", ["good", "neutral", "glasses", "closed", "chin_down", "tilt"])
@pytest.mark.parametrize("gain", [0.4, 1.0])
def test_nothing_is_hinted_at_where_nothing_is(figures, look, gain):
    assert hints(figures(look, gain=gain)) == set()


def test_light_that_burns_the_whole_face_is_no_glare(figures):
    assert "glare" not in hints(figures("bright"))


def test_without_figures_nothing_is_hinted_at():
    assert not occlusion.sunglasses({})
    assert not occlusion.glare({})
    assert not occlusion.mask({}, 0.0)

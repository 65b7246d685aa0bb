# SPDX-License-Identifier: Apache-2.0
"""Native values on scikit-image's astronaut.png, beside what the recipes of OFIQ 1.0.3 gave on it
with the same landmark substitutes, computed independently: the tolerances are the differences of
scaling and of the two landmark passes."""

import numpy as np
import pytest

from kiosk.photo import measures, standard
from kiosk.photo.faces import Box, Face, Pose


@pytest.fixture(scope="module")
def assessed(engine, astronaut):
    look = engine.look(astronaut, None, sweep=True, refine=True)
    figures = measures.measure(astronaut, look.face, measures.FULL_PX)
    return standard.assess(astronaut, look, figures, engine)


@pytest.mark.parametrize(
    ("name", "value", "tolerance", "score"),
    [
        ("BackgroundUniformity", 46, 4, 78),
        ("LuminanceMean", 0.448, 0.006, 99),
        ("LuminanceVariance", 0.031, 0.001, 89),
        ("UnderExposurePrevention", 0.026, 0.004, 100),
        ("OverExposurePrevention", 0.0005, 0.0005, 97),
        ("DynamicRange", 7.47, 0.03, 93),
        ("NaturalColour", 0.0, 1e-9, 100),
        ("SingleFacePresent", 0.0, 1e-9, 100),
        ("EyesOpen", 0.097, 0.004, 100),
        ("MouthClosed", 0.104, 0.012, 84),
        ("HeadPoseYaw", 0.8, 1.5, 100),
        ("HeadPoseRoll", 3.5, 1.0, 100),
    ],
)
def test_the_photograph_gets_its_known_values(assessed, name, value, tolerance, score):
    assert assessed[name].value == pytest.approx(value, abs=tolerance)
    assert assessed[name].score == pytest.approx(score, abs=2)


def test_the_cheap_measures_are_all_there_and_no_other_is_pretended(assessed):
    assert len(assessed) == 20
    models = {"Sharpness", "CompressionArtifacts", "UnifiedQualityScore", "NoHeadCoverings"}
    models |= {"EyesVisible", "MouthOcclusionPrevention", "FaceOcclusionPrevention"}
    assert not (models | {"ExpressionNeutrality"}) & set(assessed)


def test_framing_by_hand():
    """1000x800: eyes at 400 and 600, the chin 240 below them, the head turned by 60 degrees."""
    eyes = np.array([[400.0, 300.0], [600.0, 300.0]])
    face = Face(Box(0, 0, 1, 1, 1), eyes, np.array([500.0, 540.0]), eyes, None, 1, Pose(60, 0, 0))
    found = standard.framing(face, 1000, 800)
    assert found == pytest.approx(
        {
            "InterEyeDistance": 200 / 0.5,
            "HeadSize": 240 / 800,
            "LeftwardCropOfTheFaceImage": 600 / 200,
            "RightwardCropOfTheFaceImage": 600 / 200,
            "MarginAboveOfTheFaceImage": 300 / 240,
            "MarginBelowOfTheFaceImage": 500 / 240,
        }
    )


def test_the_two_crops_add_up_to_the_width_and_one_eye_distance(assessed, engine, astronaut):
    """Follows from their definition: each takes the far eye."""
    face = engine.look(astronaut, None, refine=True).face
    both = sum(assessed[f"{way}wardCropOfTheFaceImage"].value for way in ("Left", "Right"))
    assert both == pytest.approx(
        512 * abs(np.cos(np.radians(face.roll))) / face.eye_distance + 1, 0.01
    )


def test_lids_are_measured_at_the_narrower_eye():
    points = np.zeros((468, 2))
    points[[33, 133, 362, 263]] = [[0, 0], [10, 0], [20, 0], [30, 0]]
    points[152] = [15, 100]
    points[159], points[145] = [5, -4], [5, 4]
    points[386], points[374] = [25, -1], [25, 2]
    assert standard.lid_opening(points) == pytest.approx(3 / 100)


def test_a_wall_with_a_pattern_is_less_even(engine, pictures):
    scores = []
    for wall in ("white", "checker"):
        image = pictures("neutral", wall=wall)[0]
        look = engine.look(image, None, refine=True)
        figures = measures.measure(image, look.face)
        scores.append(standard.assess(image, look, figures, engine)["BackgroundUniformity"].score)
    assert scores[1] < 50 < scores[0]


def test_the_fallback_gives_only_what_it_can(haar, pictures):
    image = pictures("neutral")[0]
    look = haar.look(image, None)
    found = standard.assess(image, look, measures.measure(image, look.face), haar)
    assert {"LuminanceMean", "HeadSize", "SingleFacePresent"} <= set(found)
    assert not {"MouthClosed", "HeadPoseYaw", "EyesOpen", "BackgroundUniformity"} & set(found)

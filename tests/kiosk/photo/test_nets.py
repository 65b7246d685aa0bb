# SPDX-License-Identifier: Apache-2.0
"""Golden values: MediaPipe's own models run by a second runtime (LiteRT) on scikit-image's
astronaut.png gave the same numbers to 0.1 px as OpenCV's dnn module."""

import numpy as np
import pytest

from kiosk.photo import mesh, models, nets
from kiosk.photo.models import Net


@pytest.fixture(scope="module")
def paths(model_folder):
    return models.locate(model_folder).paths


@pytest.fixture(scope="module")
def row(paths, astronaut):
    return nets.Detector(paths[Net.DETECTOR]).find(astronaut)[0]


@pytest.fixture(scope="module")
def fitted(paths, astronaut, row):
    numbers = row[0]
    return nets.Landmarks(paths[Net.LANDMARKS]).find(
        astronaut,
        (numbers[:2] + numbers[2:4]) / 2,
        1.5 * float((numbers[2:4] - numbers[:2]).max()),
        float(np.arctan2(numbers[7] - numbers[5], numbers[6] - numbers[4])),
    )


def test_the_detector_finds_box_and_points_where_mediapipe_does(row):
    numbers, score = row
    assert score == pytest.approx(0.923, abs=0.02)
    box = [178.1, 80.9, 272.1, 175.0]
    points = [203.9, 100.8, 248.0, 108.4, 222.0, 124.7, 218.9, 145.5, 177.9, 109.2, 271.1, 124.7]
    assert numbers == pytest.approx(box + points, abs=1.5)


@pytest.mark.parametrize(
    ("point", "x", "y"),
    [
        (152, 221.8, 175.4),
        (10, 226.4, 72.2),
        (33, 194.7, 100.6),
        (263, 256.5, 104.4),
        (234, 179.9, 110.2),
        (454, 270.6, 116.6),
    ],
)
def test_the_mesh_lies_where_mediapipe_puts_it(fitted, point, x, y):
    points, presence = fitted
    assert points[point, :2] == pytest.approx([x, y], abs=1.5)
    assert presence > 0.99


def test_no_face_is_present_in_a_plain_wall(paths):
    wall = np.full((720, 1280, 3), 245, np.uint8)
    assert nets.Detector(paths[Net.DETECTOR]).find(wall) == []


def test_painted_shut_eyes_read_below_sixty_percent_of_open_ones(paths, engine, pictures):
    iris = nets.Iris(paths[Net.IRIS])
    ratio = []
    for look in ("good", "closed"):
        image = pictures(look)[0]
        ratio.append(iris.openness(image, engine.look(image, None, refine=True).face.mesh))
    assert 0.30 < ratio[0] < 0.50
    assert ratio[1] < 0.6 * ratio[0]


def test_the_person_mask_finds_the_top_of_the_hair(paths, astronaut):
    """True hair row about 15 in this picture by eye."""
    mask = nets.Selfie(paths[Net.SELFIE]).mask(astronaut)
    face = mask[:, 180:270]
    assert mask.shape == (512, 512)
    assert int(np.argmax((face > 0.5).any(axis=1))) == pytest.approx(15, abs=5)


def test_a_square_crop_leads_back_to_where_it_came_from():
    image = np.zeros((200, 300, 3), np.uint8)
    centre = np.array([150.0, 90.0])
    _crop, back = mesh.square_crop(image, centre, 80.0, 0.3, 64, 0)
    assert mesh.apply(back, np.array([[32.0, 32.0]]))[0] == pytest.approx(centre, abs=1e-9)
    along = mesh.apply(back, np.array([[0.0, 0.0], [64.0, 0.0]]))
    assert np.linalg.norm(along[1] - along[0]) == pytest.approx(80.0)
    dx, dy = along[1] - along[0]
    assert np.arctan2(dy, dx) == pytest.approx(0.3)

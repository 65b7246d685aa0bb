# SPDX-License-Identifier: Apache-2.0
"""Figures of the portrait: GA 461-2004 as public notices quote it (face width 207 +-14, hair 7..21
from the top, eyes at least 207 from the bottom, 358x441, 350 dpi, 14..20 KB)."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from drivers.errors import AskAgainError
from kiosk.photo import crop
from kiosk.photo.faces import Box, Face
from kiosk.photo.profile import PROFILES

GA461 = PROFILES["ga461_2004"]


def face(x=640.0, y=300.0, width=240.0, eye_gap=110.0, chin=190.0, roll=0.0):
    """A face whose eyes' middle is at (x, y), turned by `roll` degrees clockwise about it."""
    a = np.radians(roll)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])

    def at(points):
        return np.array(points, float) @ turn.T + (x, y)

    return Face(
        Box(x - width / 2, y - 100, width, 300, 1.0),
        at([[-eye_gap / 2, 0], [eye_gap / 2, 0]]),
        at([[0, chin]])[0],
        at([[-width / 2, 20], [width / 2, 20]]),
        None,
        1.0,
        None,
    )


@pytest.fixture(scope="module")
def made(engine, pictures):
    image = pictures("good")[0]
    return crop.portrait(image, engine.look(image, None, refine=True), engine)


def test_the_portrait_keeps_every_figure_of_the_standard(made):
    assert made.face_width_px == pytest.approx(207.0, abs=0.1)
    assert 7 <= made.top_px <= 21
    assert made.eye_line_px >= 207
    assert made.chin_row_px == pytest.approx(379, abs=5)
    assert made.flags == ()


def test_the_file_is_what_the_standard_asks_for(made):
    assert 14_000 <= len(made.jpeg) <= 20_000
    with PillowImage.open(io.BytesIO(made.jpeg)) as file:
        assert (file.format, file.size, file.mode) == ("JPEG", (358, 441), "RGB")
        assert file.info["dpi"] == (350, 350)
        assert len(file.getexif()) == 0
    assert made.jpeg[13:18] == bytes.fromhex("01 015e 015e")  # JFIF: per inch, 350, 350


def test_the_face_really_lies_where_the_figures_say(made, engine):
    seen = engine.look(made.image, None, refine=True).face
    assert abs(seen.roll) < 0.7
    assert seen.width == pytest.approx(207, abs=5)
    assert 441 - seen.eyes.mean(axis=0)[1] == pytest.approx(made.eye_line_px, abs=3)
    assert seen.cheeks.mean(axis=0)[0] == pytest.approx(179, abs=3)


def test_a_tilted_head_comes_out_level(engine, pictures):
    image = pictures("tilt")[0]
    made = crop.portrait(image, engine.look(image, None, refine=True), engine)
    assert abs(engine.look(made.image, None, refine=True).face.roll) < 1.0
    assert 7 <= made.top_px <= 21


def test_the_hair_is_found_within_a_few_rows(engine, pictures):
    image = pictures("good")[0]
    seen = engine.look(image, None, refine=True).face
    up = crop.hair_row(image, seen, engine, GA461)
    ink = (image[:, 560:720].min(axis=2) < 200).sum(axis=1) > 8  # darker than the white wall
    assert seen.eyes.mean(axis=0)[1] - up == pytest.approx(int(np.argmax(ink)), abs=8)


def test_the_fallback_says_that_the_hair_is_estimated(haar, pictures):
    image = pictures("good")[0]
    made = crop.portrait(image, haar.look(image, None), haar)
    assert "hair_estimated" in made.flags
    assert made.image.shape == (441, 358, 3)


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ("far", "photo.too_far"),
        ("near", "photo.too_close"),
        ("left", "photo.off_centre.right"),
        ("empty", "photo.no_face"),
    ],
)
def test_a_picture_that_holds_no_whole_portrait_is_refused(engine, pictures, look, reason):
    image = pictures(look)[0]
    with pytest.raises(AskAgainError) as refused:
        crop.portrait(image, engine.look(image, None, refine=True), engine)
    assert refused.value.code == reason


@pytest.mark.parametrize(
    ("x", "y", "way"),
    [
        (100, 300, "left"),
        (1180, 300, "right"),
        (640, 120, "down"),
        (640, 560, "up"),
        (640, 300, ""),
    ],
)
def test_the_way_to_move_is_the_citizens_own(x, y, way):
    """At the camera's left edge sits a person who must move to their own left."""
    place = crop.placement(face(x=x, y=y), 230.0, GA461)
    found = crop.leaves(place, 1280, 720)
    assert found == (f"photo.off_centre.{way}" if way else "")


def test_tall_hair_gives_way_to_the_rule_of_the_eyes():
    place = crop.placement(face(), 400.0, GA461)
    assert place.eye_row == pytest.approx(234)
    assert "hair_cut" in place.flags
    assert place.face_width_px == pytest.approx(193)


@given(
    width=st.floats(210, 330),
    hair=st.floats(0.5, 1.8),
    chin=st.floats(0.6, 1.1),
    roll=st.floats(-15, 15),
)
def test_every_head_is_placed_by_the_rules(width, hair, chin, roll):
    head = face(width=width, eye_gap=0.45 * width, chin=chin * width, roll=roll)
    place = crop.placement(head, hair * width, GA461)
    assert 193 - 1e-6 <= place.face_width_px <= 207 + 1e-6
    assert place.eye_row <= 234 + 1e-6
    if "hair_cut" not in place.flags:
        assert 7 - 1e-6 <= place.top_px <= 21 + 1e-6
    eyes = head.eyes @ place.affine[:, :2].T + place.affine[:, 2]
    assert eyes[:, 1] == pytest.approx([place.eye_row] * 2, abs=1e-6)
    cheeks = head.cheeks @ place.affine[:, :2].T + place.affine[:, 2]
    assert cheeks[:, 0].mean() == pytest.approx(179, abs=1e-6)


def test_shrinking_a_large_frame_keeps_the_place(engine, pictures):
    """A 1080p-like frame is averaged down first; eyes must not move by it."""
    import cv2

    big = cv2.resize(pictures("good")[0], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    made = crop.portrait(big, engine.look(big, None, refine=True), engine)
    seen = engine.look(made.image, None, refine=True).face
    assert 441 - seen.eyes.mean(axis=0)[1] == pytest.approx(made.eye_line_px, abs=2)
    assert seen.cheeks.mean(axis=0)[0] == pytest.approx(179, abs=3)

# SPDX-License-Identifier: Apache-2.0
"""Clips are made once, anew when their recipe changes, and never without the right photograph."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from firmware_io.emulators import camera, camera_clips
from firmware_io.emulators.camera_clips import LOOKS, ClipError, Scene, Sitter
from kiosk.photo import models

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def model_folder():
    models.fetch()
    return models.folder()


@pytest.fixture(scope="module")
def sitter(model_folder):
    return Sitter(camera_clips.photograph(), model_folder)


@pytest.fixture
def two_looks(monkeypatch):
    looks = {"good": Scene(frames=2), "wall": Scene(frames=2, wall="blue")}
    monkeypatch.setattr(camera_clips, "LOOKS", looks)
    return looks


def test_clips_are_made_once_and_anew_when_damaged_or_described_otherwise(
    two_looks, model_folder, tmp_path, monkeypatch
):
    told = []
    paths = camera_clips.build(tmp_path, model_folder, told.append)
    assert sorted(told) == ["good", "wall"]
    assert not list(tmp_path.glob("*.part"))
    camera_clips.build(tmp_path, model_folder, told.append)
    assert len(told) == 2
    paths[0].write_bytes(b"cut short")
    two_looks["wall"] = replace(two_looks["wall"], wall="grey")
    camera_clips.build(tmp_path, model_folder, told.append)
    assert sorted(told[2:]) == ["good", "wall"]


def test_a_missing_model_or_another_photograph_is_told_and_leaves_no_clip(
    two_looks, model_folder, tmp_path, monkeypatch
):
    with pytest.raises(ClipError, match="models fetch"):
        camera_clips.build(tmp_path / "clips", tmp_path)
    monkeypatch.setattr(camera_clips, "_FACE_SHA256", "0" * 64)
    with pytest.raises(ClipError, match="not the expected one"):
        camera_clips.build(tmp_path / "clips", model_folder)
    assert not list((tmp_path / "clips").iterdir())


def test_a_scene_is_the_same_each_time_and_no_two_of_its_pictures_are(sitter):
    """A camera that repeats a picture counts as frozen: a sitting person never gives two alike."""
    first, again = (
        camera_clips.pictures(sitter, Scene(frames=3, neutral=True), seed=5) for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert len({image.tobytes() for image in first}) == 3


def test_the_gap_of_the_smile_is_gone_when_the_mouth_is_closed(sitter):
    """Teeth are the only thing between nose and chin that is light and without red."""
    mouth = slice(352, 400), slice(585, 690)  # of a face 240 px wide at (640, 330)

    def teeth(neutral):
        image = sitter.frame(Scene(neutral=neutral, noise=0.0), 0.0, np.random.default_rng(0))
        blue, green, red = (image[mouth][..., band].astype(int) for band in range(3))
        return int(((blue > 170) & (red - green < 25)).sum())

    assert teeth(neutral=False) > 300
    assert teeth(neutral=True) < 0.2 * teeth(neutral=False)


@pytest.mark.parametrize(
    ("plain", "changed", "where", "kept"),
    [
        # (rows, columns) that must change and, as a control, that must stay
        ({}, {"wear": "sunglasses"}, (265, 585), (600, 640)),
        ({}, {"wear": "mask"}, (400, 640), (200, 640)),
        ({}, {"wall": "blue"}, (100, 100), (330, 640)),
        ({}, {"side_light": 1.0}, (330, 1200), (330, 200)),
    ],
    ids=["sunglasses", "mask", "wall", "side light"],
)
def test_what_is_painted_stays_where_it_belongs(sitter, plain, changed, where, kept):
    base = Scene(noise=0.0, neutral=True, **plain)
    before = sitter.frame(base, 0.0, np.random.default_rng(0)).astype(int)
    after = sitter.frame(replace(base, **changed), 0.0, np.random.default_rng(0)).astype(int)

    def change(at):
        row, column = at
        piece = (slice(row - 4, row + 4), slice(column - 4, column + 4))
        return np.abs(after[piece] - before[piece]).mean()

    assert change(where) > 30
    if "side_light" not in changed:
        assert change(kept) < 1


def test_movement_smears_the_way_of_one_frame_and_standing_still_does_not(sitter):
    moving = Scene(neutral=True, sway=100.0, frames=60, noise=0.0)

    def detail(phase):
        image = sitter.frame(moving, phase, np.random.default_rng(0))
        return np.abs(cv2.Sobel(image[:, :, 1], cv2.CV_32F, 1, 0)).mean()

    assert detail(np.pi / 2) > 1.1 * detail(0.0)  # at the turning point it stands


def test_every_look_is_named_by_the_command_s_help_and_by_the_page():
    page = (ROOT / "docs" / "emulators.md").read_text(encoding="utf-8")
    told = page.split("## camera", 1)[1].split("## ", 1)[0].split()
    assert set(LOOKS) <= set(camera.CONTROLS.split())
    assert set(LOOKS) <= set(told)

# SPDX-License-Identifier: Apache-2.0
"""What the front takes over from this booth's set-up."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.config import CameraTable
from kiosk.front import calibration_of
from kiosk.photo.calibration import Calibration

MADE = datetime.fromisoformat("2026-11-22T09:00:00+08:00")


def table(path: Path, **more: object) -> CameraTable:
    return CameraTable.model_validate({"source": "/dev/one", "calibration": path, **more})


def kept(path: Path, width: int, height: int) -> Calibration:
    blank = Calibration.default().of("/dev/one", width, height, MADE)
    record = replace(blank, lamp=0.7, sharpness=0.2)
    record.save(path)
    return record


def test_what_was_measured_with_this_camera_is_used(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    assert calibration_of(table(path)) == Calibration.default()
    record = kept(path, 1280, 720)
    assert calibration_of(table(path)) == record


@pytest.mark.parametrize("more", [{"source": "/dev/two"}, {"width": 640, "height": 480}])
def test_what_was_measured_with_another_camera_or_size_is_not(
    tmp_path: Path, more: dict[str, object]
) -> None:
    path = tmp_path / "calibration.toml"
    kept(path, 1280, 720)
    assert calibration_of(table(path, **more)) == Calibration.default()


def test_a_camera_on_its_side_is_known_by_its_upright_picture(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    record = kept(path, 720, 1280)
    assert calibration_of(table(path, turn=90)) == record
    assert calibration_of(table(path)) == Calibration.default()


def test_a_damaged_record_stops_no_front(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text("version = 1\nsharpness = 'much'\n", "utf-8")
    assert calibration_of(table(path)) == Calibration.default()

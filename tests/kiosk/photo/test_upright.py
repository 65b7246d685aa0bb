# SPDX-License-Identifier: Apache-2.0
"""A camera mounted on its side: its pictures stand upright for everybody who looks at them."""

import time

import cv2
import numpy as np
import pytest

from drivers.camera import Camera
from kiosk.photo import crop
from kiosk.photo.calibration import measure_seat
from kiosk.photo.profile import PROFILES


@pytest.fixture
def on_its_side(pictures, tmp_path):
    """What such a camera sends: a high picture of the sitter, lying."""
    (wide,) = pictures("neutral")
    high = np.full((1280, 720, 3), wide[5, 5], np.uint8)
    high[560:] = wide[:, 280:1000]
    path = tmp_path / "side.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (1280, 720))
    for _ in range(6):
        writer.write(cv2.rotate(high, cv2.ROTATE_90_COUNTERCLOCKWISE))
    writer.release()
    return path


def test_a_camera_on_its_side_gives_a_portrait_and_more_room(on_its_side, engine):
    camera = Camera(str(on_its_side), turn=90, least=(358, 441))
    camera.start()
    try:
        end = time.monotonic() + 40
        while (frame := camera.latest()) is None:
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        camera.close()
    assert frame.image.shape == (1280, 720, 3)
    look = engine.look(frame.image, None, refine=True)
    assert look.face is not None
    assert abs(look.face.roll) < 5
    portrait = crop.portrait(frame.image, look, engine, PROFILES["ga461_2004"])
    assert portrait.image.shape == (441, 358, 3)
    seat = measure_seat([frame.image] * 5, lambda image: engine.look(image, None, sweep=True))
    assert seat.largest_width == pytest.approx(416, abs=1)  # 720 / 358 * 207; on its feet 338
    assert seat.reason == ""

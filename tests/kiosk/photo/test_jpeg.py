# SPDX-License-Identifier: Apache-2.0
import io

import cv2
import numpy as np
from PIL import Image as PillowImage

from kiosk.photo import jpeg
from kiosk.photo.profile import PROFILES

GA461 = PROFILES["ga461_2004"]


def noise(sd, smooth):
    rough = np.random.default_rng(3).normal(128, sd, (441, 358, 3))
    return np.clip(cv2.GaussianBlur(rough, (0, 0), smooth), 0, 255).astype(np.uint8)


def test_a_plain_picture_is_raised_to_the_best_quality_and_said_to_be_too_small():
    made = jpeg.encode(np.full((441, 358, 3), 200, np.uint8), GA461)
    assert (made.quality, made.in_band) == (85, False)
    assert len(made.data) < 14_000


def test_a_rough_picture_is_never_written_below_quality_60():
    made = jpeg.encode(noise(120, 0.6), GA461)
    assert (made.quality, made.in_band) == (60, False)
    assert len(made.data) > 20_000


def test_the_quality_moves_until_the_band_is_met():
    found = {jpeg.encode(noise(sd, 1.0), GA461) for sd in range(16, 60, 4)}
    met = [made for made in found if made.in_band]
    assert {made.quality for made in met} > {70}
    assert all(14_000 <= len(made.data) <= 20_000 for made in met)


def test_colours_survive_in_the_right_order():
    blue = np.zeros((441, 358, 3), np.uint8)
    blue[:, :, 0] = 255  # BGR
    with PillowImage.open(io.BytesIO(jpeg.encode(blue, GA461).data)) as file:
        red_green_blue = file.getpixel((100, 100))
    assert red_green_blue[2] > 240
    assert max(red_green_blue[:2]) < 15

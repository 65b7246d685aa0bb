# SPDX-License-Identifier: Apache-2.0
"""Is the wall behind the person white? Judged on the portrait, where the mask is sharpest.

The ISO uniformity measure alone calls a plain blue wall perfect; the colour rule here is our own.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import mapping, measures
from kiosk.photo.colour import lab, luminance
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Image, Points

_SURE = 0.2  # a pixel is wall when it is person with less than this probability
_RIM = 9  # and this far from anything else, pixels
_LEAST_SHARE = 0.02
_STANDARD_CUT = (62, 210)  # of 616 px: left and right, bottom
_STANDARD_SIZE = (354, 292)
_FILL = 3  # difference to the neighbouring pixel, per channel


@dataclass(frozen=True, slots=True)
class Wall:
    """CIELAB mean (L 0..100), spread of L, 5th percentile of linear light 0..255, ISO score."""

    light: float
    a: float
    b: float
    spread: float
    dark: float
    uniformity: float


def wall_of(image: Image, person: npt.NDArray[np.float32]) -> Wall | None:
    """Figures of the wall in a portrait (HxWx3 BGR); None when hardly any wall is seen."""
    free = (person < _SURE).astype(np.uint8)
    free[round(0.66 * image.shape[0]) :] = 0  # beside the shoulders the mask is least sure
    inside = np.asarray(cv2.erode(free, np.ones((_RIM, _RIM), np.uint8))).astype(bool)
    if inside.mean() < _LEAST_SHARE:
        return None
    calm = np.asarray(cv2.GaussianBlur(image, (3, 3), 0), np.uint8)  # noise costs 30 points
    y = luminance(calm)
    pixels = lab(calm[inside][:, ::-1].astype(np.float64))
    # OFIQ scales its aligned face so that 113 px lie between the eyes; a portrait has about 98.
    gx = cv2.Scharr(y, cv2.CV_32F, 1, 0)
    gy = cv2.Scharr(y, cv2.CV_32F, 0, 1)
    gradient = float(np.hypot(gx, gy)[inside].mean())
    mean = pixels.mean(axis=0)
    return Wall(
        float(mean[0]),
        float(mean[1]),
        float(mean[2]),
        float(pixels[:, 0].std()),
        float(np.percentile(y[inside], 5)),
        mapping.background_uniformity(gradient),
    )


def gradient(image: Image, mesh: Points, engine: Engine) -> float | None:
    """The standard's native value of background uniformity; None without a mask or a wall.

    Mean length of the Scharr gradient of linear light 0..255 over the wall of the aligned picture,
    as BSI OFIQ-Project 1.0.3 cuts, scales and erodes it; here the selfie mask says what is wall.
    """
    size = measures.FULL_PX
    aligned, _points = measures.align(image, mesh, size)
    whole = np.full(image.shape[:2], 255, np.uint8)
    inside, _points = measures.align(whole, mesh, size)
    person = engine.person(aligned)
    if person is None:
        return None
    side, bottom = _STANDARD_CUT
    cut = (slice(0, size - bottom), slice(side, size - side))
    wall = ((person < 0.5) & (inside == 255)).astype(np.uint8)[cut]
    wall = cv2.resize(wall, _STANDARD_SIZE, interpolation=cv2.INTER_NEAREST)
    wall = np.asarray(cv2.erode(wall, np.ones((4, 4), np.uint8))).astype(bool)
    if not wall.any():
        return None
    y = luminance(np.asarray(cv2.resize(aligned[cut], _STANDARD_SIZE), np.uint8))
    return float(
        np.hypot(cv2.Scharr(y, cv2.CV_32F, 1, 0), cv2.Scharr(y, cv2.CV_32F, 0, 1))[wall].mean()
    )


def person_by_fill(image: Image) -> npt.NDArray[np.float32]:
    """A person mask without a network: what an even wall, filled from the edges, leaves over.

    Good enough to judge an even wall (it overlapped the network's mask by 90 to 98 % there). On a
    textured wall it fills little, and then there is no verdict. Never used to place the crop.
    """
    calm = cv2.GaussianBlur(image, (5, 5), 0)
    height, width = image.shape[:2]
    filled = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY
    spread = (_FILL, _FILL, _FILL)
    for row in (2, height // 6, height // 3):
        for column in (2, width - 3):
            if not filled[row + 1, column + 1]:
                cv2.floodFill(calm, filled, (column, row), (0, 0, 0), spread, spread, flags)
    return np.asarray(filled[1:-1, 1:-1] == 0, np.float32)


def is_white(wall: Wall) -> bool:
    """Start values: L >= 88, |a| and |b| <= 6, spread <= 5, dark >= 150, uniformity >= 60."""
    return (
        wall.light >= 88
        and abs(wall.a) <= 6
        and abs(wall.b) <= 6
        and wall.spread <= 5
        and wall.dark >= 150
        and wall.uniformity >= 60
    )

# SPDX-License-Identifier: Apache-2.0
"""Where to search a frame for faces, and which of the boxes found are one face."""

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo.faces import Image

Row = tuple[npt.NDArray[np.float64], float]
"""A face as the detector gives it: sixteen numbers (box, six points), score 0..1."""

_TILE_STEP = 0.4  # neighbouring search squares overlap by 60 %: no face falls between two
_SAME = 0.6  # boxes that share so much of the smaller one are one face
_SMALL = 512  # a shorter side below this is small enough for the detector's 128 px


def shrunk(frame: Image) -> tuple[Image, float]:
    """The frame halved until its shorter side is below 512 px, and by how much it shrank (>= 1).

    Halving is far cheaper than one averaging step to the detector's 128 px, and done once it
    serves every square of a sweep.
    """
    small, factor = frame, 1.0
    while min(small.shape[:2]) >= _SMALL:
        size = (small.shape[1] // 2, small.shape[0] // 2)
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)
        factor *= 2.0
    return small, factor


def mean_grey(frame: Image) -> float:
    """0..255 over the whole frame, from every eighth pixel."""
    return float(frame[::8, ::8].mean())


def tiles(width: int, height: int) -> list[tuple[int, int]]:
    """Corners of overlapping squares (side = shorter side) that cover the frame."""
    side, long = min(width, height), max(width, height)
    count = 1 + int(np.ceil((long - side) / (side * _TILE_STEP)))
    at = [round(v) for v in np.linspace(0, long - side, count)]
    return [(v, 0) for v in at] if width >= height else [(0, v) for v in at]


def area(row: npt.NDArray[np.float64]) -> float:
    """Square pixels of a box."""
    return float((row[2] - row[0]) * (row[3] - row[1]))


def inside(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Share of the smaller of two boxes that the other one covers."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high) / max(min(area(a), area(b)), 1e-9)


def same(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> bool:
    """Whether two boxes (x1, y1, x2, y2) are the same face."""
    return inside(a, b) > _SAME


def distinct(rows: list[Row]) -> list[Row]:
    """Each face once: of boxes from neighbouring squares the surest stays."""
    kept: list[Row] = []
    for row, score in sorted(rows, key=lambda found: -found[1]):
        if not any(same(row, other) for other, _ in kept):
            kept.append((row, score))
    return kept

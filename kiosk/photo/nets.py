# SPDX-License-Identifier: Apache-2.0
"""The four networks, one class each: pixels in, numbers in picture coordinates out.

Constants: google-ai-edge/mediapipe, ``modules/face_detection/*.pbtxt``,
``modules/face_landmark/*.pbtxt``. Run by OpenCV's own dnn module, no second runtime. A net object
must not be used from two threads at once: each engine owns its own.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import mesh as mesh_points
from kiosk.photo.faces import Image, Points

_DETECT_PX = 128
_DETECT_SCORE = 0.5
_MERGE_IOU = 0.3
_MESH_PX = 192
_IRIS_PX = 64
_IRIS_SIDE = 2.3  # the eye's crop is this many eye widths wide
_IRIS_CONTOUR = 16  # the first points of the contour output ring the opening between the lids
_SELFIE_PX = 256


def _anchors() -> npt.NDArray[np.float64]:
    """896x2 anchor centres: 16x16 cells of two, then 8x8 cells of six (strides 8, 16, 16, 16)."""
    rings = []
    for cells, each in ((16, 2), (8, 6)):
        axis = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(axis, axis, indexing="ij")
        rings.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0))
    return np.concatenate(rings)


def _net(path: Path) -> Any:
    return cv2.dnn.readNetFromTFLite(str(path))


def _blob(image: Image, scale: float, mean: float) -> Any:
    return cv2.dnn.blobFromImage(image, scale, mean=(mean, mean, mean), swapRB=True)


class Detector:
    """BlazeFace short range: faces at least about 12 % as wide as the square that is searched."""

    def __init__(self, path: Path) -> None:
        self._net = _net(path)
        self._anchors = _anchors()

    def find(self, image: Image) -> list[tuple[npt.NDArray[np.float64], float]]:
        """Faces in the whole of `image`, best first.

        Each is (16 numbers, score): x1, y1, x2, y2 and six points (right eye, left eye, nose tip,
        mouth, right ear, left ear) as x, y, all in pixels of `image`.
        """
        height, width = image.shape[:2]
        scale = _DETECT_PX / max(height, width)
        small = cv2.resize(
            image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA
        )
        top = (_DETECT_PX - small.shape[0]) // 2
        left = (_DETECT_PX - small.shape[1]) // 2
        square = np.zeros((_DETECT_PX, _DETECT_PX, 3), np.uint8)
        square[top : top + small.shape[0], left : left + small.shape[1]] = small
        self._net.setInput(_blob(square, 1 / 127.5, 127.5))
        raw, logits = self._net.forward(("regressors", "classificators"))
        score = 1.0 / (1.0 + np.exp(-np.clip(logits.reshape(-1).astype(np.float64), -80, 80)))
        keep = score > _DETECT_SCORE
        rows, score = raw.reshape(-1, 16)[keep].astype(np.float64), score[keep]
        rows = rows / _DETECT_PX
        rows[:, [0, 4, 6, 8, 10, 12, 14]] += self._anchors[keep, :1]
        rows[:, [1, 5, 7, 9, 11, 13, 15]] += self._anchors[keep, 1:]
        centre, size = rows[:, :2].copy(), rows[:, 2:4].copy()
        rows[:, :2], rows[:, 2:4] = centre - size / 2, centre + size / 2
        rows = (rows * _DETECT_PX - np.tile([left, top], 8)) / scale
        return _weighted(rows, score)


def overlap(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Intersection over union of box `a` (x1, y1, x2, y2) with each row of `b`."""
    wide = np.minimum(a[2], b[:, 2]) - np.maximum(a[0], b[:, 0])
    high = np.minimum(a[3], b[:, 3]) - np.maximum(a[1], b[:, 1])
    both = np.clip(wide, 0, None) * np.clip(high, 0, None)
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) - both
    return both / np.maximum(area, 1e-9)


def _weighted(
    rows: npt.NDArray[np.float64], score: npt.NDArray[np.float64]
) -> list[tuple[npt.NDArray[np.float64], float]]:
    found = []
    while len(rows):
        best = int(np.argmax(score))
        group = overlap(rows[best], rows) > _MERGE_IOU
        group[best] = True
        weight = score[group]
        merged = (rows[group] * weight[:, None]).sum(axis=0) / weight.sum()
        found.append((merged, float(score[best])))
        rows, score = rows[~group], score[~group]
    return found


class Landmarks:
    """The face mesh: 468 points inside a turned square."""

    def __init__(self, path: Path) -> None:
        self._net = _net(path)
        self._outputs = tuple(self._net.getUnconnectedOutLayersNames())

    def find(
        self, image: Image, centre: npt.NDArray[np.float64], side: float, angle: float
    ) -> tuple[Points, float]:
        """468x3 points in pixels of `image`, and how surely a face is there (0..1)."""
        crop, back = mesh_points.square_crop(
            image, centre, side, angle, _MESH_PX, cv2.BORDER_CONSTANT
        )
        local, presence = self._run(crop)
        points = np.empty((468, 3))
        points[:, :2] = mesh_points.apply(back, local[:, :2])
        points[:, 2] = local[:, 2] * (side / _MESH_PX)
        return points, presence

    def find_both_ways(
        self, image: Image, centre: npt.NDArray[np.float64], side: float, angle: float
    ) -> Points:
        """The points of `mesh.MIRRORED` in its order, Nx2: the mean of the square and its mirror.

        The network errs to one side by up to 1 % of the face's width, another side in a mirror.
        """
        crop, back = mesh_points.square_crop(
            image, centre, side, angle, _MESH_PX, cv2.BORDER_CONSTANT
        )
        plain, _presence = self._run(crop)
        mirror, _presence = self._run(np.ascontiguousarray(crop[:, ::-1]))
        there = mirror[list(mesh_points.MIRRORED.values()), :2]
        there[:, 0] = _MESH_PX - 1 - there[:, 0]
        return mesh_points.apply(back, (plain[list(mesh_points.MIRRORED), :2] + there) / 2.0)

    def _run(self, crop: Image) -> tuple[Points, float]:
        """468x3 in pixels of the crop, as OpenCV counts them, from the middle of the first one.

        The network counts from that pixel's edge: its mirror image agreed to half a pixel only.
        """
        self._net.setInput(_blob(crop, 1 / 255.0, 0.0))
        answers = [np.asarray(a).reshape(-1) for a in self._net.forward(self._outputs)]
        flat = next(a for a in answers if a.size == 1404)
        logit = next(float(a[0]) for a in answers if a.size == 1)
        points = flat.reshape(468, 3).astype(np.float64)
        points[:, :2] -= 0.5
        return points, float(1.0 / (1.0 + np.exp(-np.clip(logit, -80, 80))))


class Iris:
    """The opening between the lids. The mesh hardly reacts to a closed eye; this net does."""

    def __init__(self, path: Path) -> None:
        self._net = _net(path)
        self._outputs = tuple(self._net.getUnconnectedOutLayersNames())

    def openness(self, image: Image, mesh: Points) -> float:
        """Mean of both eyes' height / width. 0.2..0.5 open, about 43 % of that when shut.

        People differ more than open and shut do: compare with the same person's own median.
        """
        right = self._one(image, mesh[33, :2], mesh[133, :2], mirror=False)
        left = self._one(image, mesh[362, :2], mesh[263, :2], mirror=True)
        return (right + left) / 2.0

    def _one(self, image: Image, a: Points, b: Points, *, mirror: bool) -> float:
        dx, dy = b - a
        side = _IRIS_SIDE * max(abs(dx), abs(dy))
        crop, _back = mesh_points.square_crop(
            image, (a + b) / 2.0, side, float(np.arctan2(dy, dx)), _IRIS_PX, cv2.BORDER_REPLICATE
        )
        if mirror:
            crop = np.ascontiguousarray(crop[:, ::-1])
        self._net.setInput(_blob(crop, 1 / 255.0, 0.0))
        answers = [np.asarray(a).reshape(-1) for a in self._net.forward(self._outputs)]
        contour = next(a for a in answers if a.size == 213).reshape(71, 3)[:_IRIS_CONTOUR]
        wide, high = np.ptp(contour[:, 0]), np.ptp(contour[:, 1])
        return float(high / max(wide, 1e-6))


class Selfie:
    """Which pixels are person."""

    def __init__(self, path: Path) -> None:
        self._net = _net(path)

    def mask(self, image: Image) -> npt.NDArray[np.float32]:
        """HxW, probability 0..1 that a pixel belongs to the person, in the size of `image`."""
        height, width = image.shape[:2]
        small = cv2.resize(image, (_SELFIE_PX, _SELFIE_PX), interpolation=cv2.INTER_AREA)
        self._net.setInput(_blob(np.asarray(small, np.uint8), 1 / 255.0, 0.0))
        small_mask = self._net.forward().reshape(_SELFIE_PX, _SELFIE_PX)
        return np.asarray(
            cv2.resize(small_mask, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
        )

# SPDX-License-Identifier: Apache-2.0
"""The networks as one engine: search, follow, fit the mesh, look at the eyes, mask the person."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from kiosk.photo import mesh as mesh_points
from kiosk.photo import models, nets, search
from kiosk.photo.faces import Box, Face, Image, Look, Points, Reach, Source
from kiosk.photo.search import Row

_PRESENT = 0.5
_MAYBE = 0.1
# Squares of the still's last look: their size against the usual one, their turn in radians.
_SETTLE = ((0.97, 0.15), (1.03, -0.15))
_REGION = 1.5  # the mesh looks at a square this many times the face's longer side
_TRIED = 3  # boxes; a search that needs more has found patterns, not faces


class NetEngine:
    """BlazeFace, face mesh, iris and selfie segmentation on ``cv2.dnn``."""

    source = Source.NETS
    reach = Reach(roll=20.0, gain=(0.25, 1.4), face=(160.0, 400.0))

    def __init__(self, located: models.Located) -> None:
        paths = located.paths
        self._detector = nets.Detector(paths[models.Net.DETECTOR])
        self._landmarks = nets.Landmarks(paths[models.Net.LANDMARKS])
        self._iris = nets.Iris(paths[models.Net.IRIS])
        self._selfie = nets.Selfie(paths[models.Net.SELFIE])
        self._settled: tuple[Face, Face] | None = None
        blank = np.zeros((128, 128, 3), np.uint8)  # the first run of a net is ten times slower
        self._detector.find(blank)
        self._landmarks.find(blank, np.array([64.0, 64.0]), 96.0, 0.0)
        self._selfie.mask(blank)

    def look(
        self, frame_bgr: Image, previous: Face | None, *, sweep: bool = False, refine: bool = False
    ) -> Look:
        """See `Engine.look`. Searches when there is nothing to follow or the face was lost.

        Without `sweep` the whole frame is looked at first, once: that is enough for a face of 12 %
        of the frame's width. Squares come after it, when it saw nobody.
        """
        face, rows, swept = None, list[Row](), False
        if previous is not None and previous.mesh is not None:
            face = self._fit(frame_bgr, *_region(previous.mesh), previous.box, refine)
        if face is None and not sweep:
            face = self._nearest(frame_bgr, self._whole(frame_bgr), refine)
        if face is None or sweep:
            swept, rows = True, self._sweep(frame_bgr)
        if face is None:
            face = self._nearest(frame_bgr, rows, refine)
        rows = sorted(
            (found for found in rows if not _is(face, found[0])),
            key=lambda found: -search.area(found[0]),
        )
        others = [_box(*row) for row in rows[:_TRIED] if self._may_be_face(frame_bgr, row[0])]
        return Look(
            frame_bgr.shape[1],
            frame_bgr.shape[0],
            self.source,
            search.mean_grey(frame_bgr),
            face,
            tuple(others),
            swept,
        )

    def settle(self, frame_bgr: Image, face: Face) -> Face:
        """See `Engine.settle`; four runs of the mesh, 8 ms on one core of a small server."""
        if face.mesh is None:
            return face
        if self._settled is not None and self._settled[0] is face:  # a second cut of one frame
            return self._settled[1]
        centre, side, angle = _region(face.mesh)
        found = np.mean(
            [
                self._landmarks.find_both_ways(frame_bgr, centre, side * size, angle + turn)
                for size, turn in _SETTLE
            ],
            axis=0,
        )
        at = dict(zip(mesh_points.MIRRORED, found, strict=True))
        corners = (mesh_points.RIGHT_EYE, mesh_points.LEFT_EYE)
        better = replace(
            face,
            eyes=np.array([(at[a] + at[b]) / 2.0 for a, b in corners]),
            chin=at[mesh_points.CHIN],
            cheeks=np.array([at[point] for point in mesh_points.CHEEKS]),
        )
        self._settled = (face, better)
        return better

    def eye_openness(self, frame_bgr: Image, face: Face) -> float | None:
        """See `Engine.eye_openness`; 4.6 ms on one core of a small server."""
        return None if face.mesh is None else self._iris.openness(frame_bgr, face.mesh)

    def person(self, image_bgr: Image) -> npt.NDArray[np.float32] | None:
        """See `Engine.person`; 7 ms on one core of a small server."""
        return self._selfie.mask(image_bgr)

    def _nearest(self, frame: Image, rows: list[Row], refine: bool) -> Face | None:
        """The largest of the boxes that the mesh agrees to be a face."""
        for row, score in sorted(rows, key=lambda found: -search.area(found[0]))[:_TRIED]:
            face = self._fit(frame, *_square(row), _box(row, score), refine)
            if face is not None:
                return face
        return None

    def _may_be_face(self, frame: Image, row: npt.NDArray[np.float64]) -> bool:
        """Whether the mesh does not rule out that a bystander is one; folds of clothes it does.

        The detector alone gave a patch of a coat up to 0.69 in strong light; the mesh 0.001, and
        1.0 to a bystander's face.
        """
        _points, presence = self._landmarks.find(frame, *_square(row))
        return presence >= _MAYBE

    def _fit(
        self, frame: Image, centre: Points, side: float, angle: float, box: Box, refine: bool
    ) -> Face | None:
        points, presence = self._landmarks.find(frame, centre, side, angle)
        if presence < _PRESENT:
            return None
        if refine:
            points, presence = self._landmarks.find(frame, *_region(points))
            if presence < _PRESENT:
                return None
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        return Face(
            _bounds(low, high, box.score),
            mesh_points.eye_centres(points),
            points[mesh_points.CHIN, :2].copy(),
            points[list(mesh_points.CHEEKS), :2].copy(),
            points,
            presence,
            mesh_points.pose_of(points),
        )

    def _whole(self, frame: Image) -> list[Row]:
        small, factor = search.shrunk(frame)
        return [(row * factor, score) for row, score in self._detector.find(small)]

    def _sweep(self, frame: Image) -> list[Row]:
        small, factor = search.shrunk(frame)
        side, rows = min(small.shape[:2]), list[Row]()
        for x, y in search.tiles(small.shape[1], small.shape[0]):
            shift = np.tile([float(x), float(y)], 8)
            found = self._detector.find(small[y : y + side, x : x + side])
            rows += [((row + shift) * factor, score) for row, score in found]
        return search.distinct(rows)


def _square(row: npt.NDArray[np.float64]) -> tuple[Points, float, float]:
    """Centre, side and angle of the square that the mesh looks at, from a detected box."""
    centre = (row[:2] + row[2:4]) / 2.0
    side = _REGION * float((row[2:4] - row[:2]).max())
    return centre, side, float(np.arctan2(row[7] - row[5], row[6] - row[4]))


def _region(points: Points) -> tuple[Points, float, float]:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    dx, dy = points[263, :2] - points[33, :2]
    return (low + high) / 2.0, _REGION * float((high - low).max()), float(np.arctan2(dy, dx))


def _box(row: npt.NDArray[np.float64], score: float) -> Box:
    x1, y1, x2, y2 = (float(v) for v in row[:4])
    return Box(x1, y1, x2 - x1, y2 - y1, score)


def _bounds(low: Points, high: Points, score: float) -> Box:
    (x1, y1), (x2, y2) = low.tolist(), high.tolist()
    return Box(x1, y1, x2 - x1, y2 - y1, score)


def _is(face: Face | None, row: npt.NDArray[np.float64]) -> bool:
    if face is None:
        return False
    box = face.box
    own = np.array([box.x, box.y, box.x + box.w, box.y + box.h])
    return search.same(own, row)

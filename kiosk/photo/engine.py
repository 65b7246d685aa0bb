# SPDX-License-Identifier: Apache-2.0
"""One interface to both face engines: the networks, and OpenCV's own Haar cascades.

An engine belongs to one thread. Both give a `Look`; the Haar one has no mesh, no pose and no
person mask, so what rests on them is left out and never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import mesh as mesh_points
from kiosk.photo import models, nets
from kiosk.photo.faces import Box, Face, Image, Look, Points, Source

_PRESENT = 0.5
_REGION = 1.5  # the mesh looks at a square this many times the face's longer side
_TILE_STEP = 0.4  # neighbouring search squares overlap by 60 %: no face falls between two
_SAME_FACE = 0.3
_INSIDE = 0.6


class Engine(Protocol):
    """What the booth needs of a face engine."""

    source: Source

    def look(
        self, frame_bgr: Image, previous: Face | None, *, sweep: bool = False, refine: bool = False
    ) -> Look:
        """Looks at one frame.

        Args:
            frame_bgr: HxWx3 uint8.
            previous: the face of the frame before; lets the engine follow it instead of searching.
            sweep: search the whole frame for bystanders too.
            refine: fit twice, for stills.
        """
        ...

    def eye_openness(self, frame_bgr: Image, face: Face) -> float | None:
        """Height / width between the lids, mean of both eyes; None when it cannot be told."""
        ...

    def person(self, image_bgr: Image) -> npt.NDArray[np.float32] | None:
        """HxW probability 0..1 of person, or None without a network for it."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and when it is the reduced one, the reason (``photo.models_missing`` ...)."""

    engine: Engine
    reduced: str = ""


def open_engine(where: Path | None = None) -> Opened:
    """The network engine, or Haar with a reason when the model files cannot be used.

    Loads and warms up the nets (about 0.1 s). Never fails for missing or altered data.
    """
    found = models.locate(where)
    if isinstance(found, models.Missing):
        return Opened(HaarEngine(), found.reason)
    try:
        return Opened(NetEngine(found))
    except cv2.error:  # this OpenCV cannot run them
        return Opened(HaarEngine(), "photo.models_altered")


class NetEngine:
    """BlazeFace, face mesh, iris and selfie segmentation on ``cv2.dnn``."""

    source = Source.NETS

    def __init__(self, located: models.Located) -> None:
        paths = located.paths
        self._detector = nets.Detector(paths[models.Net.DETECTOR])
        self._landmarks = nets.Landmarks(paths[models.Net.LANDMARKS])
        self._iris = nets.Iris(paths[models.Net.IRIS])
        self._selfie = nets.Selfie(paths[models.Net.SELFIE])
        blank = np.zeros((128, 128, 3), np.uint8)  # the first run of a net is ten times slower
        self._detector.find(blank)
        self._landmarks.find(blank, np.array([64.0, 64.0]), 96.0, 0.0)
        self._selfie.mask(blank)

    def look(
        self, frame_bgr: Image, previous: Face | None, *, sweep: bool = False, refine: bool = False
    ) -> Look:
        """See `Engine.look`. Searches when there is nothing to follow or the face was lost."""
        face, others, swept = None, tuple[Box, ...](), False
        if previous is not None and previous.mesh is not None:
            face = self._fit(frame_bgr, *_region(previous.mesh), previous.box, refine)
        if face is None or sweep:
            swept = True
            rows = self._sweep(frame_bgr)
            if face is None and rows:
                row, score = max(rows, key=lambda found: _area(found[0]))
                face = self._from_row(frame_bgr, row, score, refine)
            others = tuple(
                sorted(
                    (_box(row, score) for row, score in rows if not _is(face, row)),
                    key=lambda box: -box.area,
                )
            )
        return Look(
            frame_bgr.shape[1],
            frame_bgr.shape[0],
            self.source,
            mean_grey(frame_bgr),
            face,
            others,
            swept,
        )

    def eye_openness(self, frame_bgr: Image, face: Face) -> float | None:
        """See `Engine.eye_openness`; 4.6 ms on one core of a small server."""
        return None if face.mesh is None else self._iris.openness(frame_bgr, face.mesh)

    def person(self, image_bgr: Image) -> npt.NDArray[np.float32] | None:
        """See `Engine.person`; 7 ms on one core of a small server."""
        return self._selfie.mask(image_bgr)

    def _from_row(
        self, frame: Image, row: npt.NDArray[np.float64], score: float, refine: bool
    ) -> Face | None:
        centre = (row[:2] + row[2:4]) / 2.0
        side = _REGION * float((row[2:4] - row[:2]).max())
        angle = float(np.arctan2(row[7] - row[5], row[6] - row[4]))
        return self._fit(frame, centre, side, angle, _box(row, score), refine)

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

    def _sweep(self, frame: Image) -> list[tuple[npt.NDArray[np.float64], float]]:
        rows: list[tuple[npt.NDArray[np.float64], float]] = []
        side = min(frame.shape[:2])
        for x, y in tiles(frame.shape[1], frame.shape[0]):
            shift = np.tile([float(x), float(y)], 8)
            rows += [
                (row + shift, score)
                for row, score in self._detector.find(frame[y : y + side, x : x + side])
            ]
        return _distinct(rows)


class HaarEngine:
    """``haarcascade_frontalface_alt2`` on a small equalised grey picture; one size fits all faces.

    The proportions of eyes, chin and cheeks within the box were measured on one face: a crop made
    from them is approximate and says so.
    """

    source = Source.HAAR
    _WIDTH = 320

    def __init__(self) -> None:
        folder = Path(cv2.__file__).parent / "data"
        self._faces = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_alt2.xml"))
        self._eyes = cv2.CascadeClassifier(str(folder / "haarcascade_eye.xml"))

    def look(
        self, frame_bgr: Image, previous: Face | None, *, sweep: bool = False, refine: bool = False
    ) -> Look:
        """See `Engine.look`; always searches the whole frame (12 ms)."""
        height, width = frame_bgr.shape[:2]
        grey = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2GRAY)
        scale = self._WIDTH / width
        small = cv2.resize(grey, (self._WIDTH, round(height * scale)), interpolation=cv2.INTER_AREA)
        found = self._faces.detectMultiScale(
            cv2.equalizeHist(small), scaleFactor=1.15, minNeighbors=4, minSize=(40, 40)
        )
        boxes = sorted((_scaled(one, 1.0 / scale) for one in found), key=lambda b: -b.area)
        face = self._face(np.asarray(grey, np.uint8), boxes[0]) if boxes else None
        return Look(
            width, height, self.source, float(small.mean()), face, tuple(boxes[1:]), swept=True
        )

    def eye_openness(self, frame_bgr: Image, face: Face) -> float | None:
        """None: the cascades cannot tell."""
        return None

    def person(self, image_bgr: Image) -> npt.NDArray[np.float32] | None:
        """None: there is no mask."""
        return None

    def _face(self, grey: npt.NDArray[np.uint8], box: Box) -> Face:
        x, y, w, h = box.x, box.y, box.w, box.h
        middle, line = x + 0.516 * w, y + 0.38 * h
        eyes = self._eye_pair(grey, box)
        if eyes is None:
            eyes = np.array([[middle - 0.215 * w, line], [middle + 0.215 * w, line]])
        half = 0.94 * w / 2.0
        chin = np.array([middle, y + 1.13 * h])
        cheeks = np.array([[middle - half, y + 0.45 * h], [middle + half, y + 0.45 * h]])
        return Face(box, eyes, chin, cheeks, None, 1.0, None)

    def _eye_pair(self, grey: npt.NDArray[np.uint8], box: Box) -> Points | None:
        top, bottom = round(box.y + 0.2 * box.h), round(box.y + 0.6 * box.h)
        left, right = max(0, round(box.x)), round(box.x + box.w)
        band = grey[max(0, top) : bottom, left:right]
        if min(band.shape) < 20:
            return None
        scale = 160 / band.shape[1]
        band = cv2.resize(band, (160, round(band.shape[0] * scale)))
        found = self._eyes.detectMultiScale(band, 1.1, 3, minSize=(20, 20))
        if len(found) != 2:
            return None
        centres = np.array([[x + w / 2, y + h / 2] for x, y, w, h in found]) / scale
        centres = centres[np.argsort(centres[:, 0])] + (left, max(0, top))
        apart = (centres[1, 0] - centres[0, 0]) / box.w
        return centres if 0.3 < apart < 0.6 else None


def mean_grey(frame: Image) -> float:
    """0..255 over the whole frame, from every eighth pixel."""
    return float(frame[::8, ::8].mean())


def tiles(width: int, height: int) -> list[tuple[int, int]]:
    """Corners of overlapping squares (side = shorter side) that cover the frame."""
    side, long = min(width, height), max(width, height)
    count = 1 + int(np.ceil((long - side) / (side * _TILE_STEP)))
    at = [round(v) for v in np.linspace(0, long - side, count)]
    return [(v, 0) for v in at] if width >= height else [(0, v) for v in at]


def _region(points: Points) -> tuple[Points, float, float]:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    dx, dy = points[263, :2] - points[33, :2]
    return (low + high) / 2.0, _REGION * float((high - low).max()), float(np.arctan2(dy, dx))


def _area(row: npt.NDArray[np.float64]) -> float:
    return float((row[2] - row[0]) * (row[3] - row[1]))


def _box(row: npt.NDArray[np.float64], score: float) -> Box:
    x1, y1, x2, y2 = (float(v) for v in row[:4])
    return Box(x1, y1, x2 - x1, y2 - y1, score)


def _bounds(low: Points, high: Points, score: float) -> Box:
    (x1, y1), (x2, y2) = low.tolist(), high.tolist()
    return Box(x1, y1, x2 - x1, y2 - y1, score)


def _scaled(found: Sequence[int], by: float) -> Box:
    x, y, w, h = (float(v) * by for v in found)
    return Box(x, y, w, h, 1.0)


def _inside(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Share of the smaller of two boxes that the other one covers."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high) / max(min(_area(a), _area(b)), 1e-9)


def _is(face: Face | None, row: npt.NDArray[np.float64]) -> bool:
    if face is None:
        return False
    box = face.box
    own = np.array([box.x, box.y, box.x + box.w, box.y + box.h])
    return _inside(own, row) > _INSIDE


def _distinct(
    rows: list[tuple[npt.NDArray[np.float64], float]],
) -> list[tuple[npt.NDArray[np.float64], float]]:
    """Each face once: of boxes from neighbouring squares the surest stays."""
    kept: list[tuple[npt.NDArray[np.float64], float]] = []
    for row, score in sorted(rows, key=lambda found: -found[1]):
        if not any(_inside(row, other) > _INSIDE for other, _ in kept):
            kept.append((row, score))
    return kept

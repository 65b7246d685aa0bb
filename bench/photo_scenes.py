# SPDX-License-Identifier: Apache-2.0
"""Frames in which it is known where the face is, for finding and cropping it.

One public-domain photograph (``skimage/data/astronaut.png``, NASA) is turned, scaled and moved
before a white wall, so every point of it has a known place: synthetic, and a statement about
geometry and light, not about people. Where the points of the face lie in the photograph is the mean
of what the networks say on upright, well lit frames of several sizes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from drivers.errors import AskAgainError
from firmware_io.emulators.camera_clips import photograph
from kiosk.photo import crop, mesh
from kiosk.photo.engine import Engine, NetEngine
from kiosk.photo.faces import Box, Face, Image, Look, Points, Reach
from kiosk.photo.profile import Profile

WIDTH, HEIGHT = 1280, 720
_WALL = 245.0
_NOISE = 2.0
_FACE_AT = (225.0, 128.0)  # in the photograph, and its width and slope there
_FACE_WIDTH = 94.0
_LEVEL_DEG = 3.5
_PLACES = ((0.5, 0.5), (0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0), (0.0, 0.0), (1.0, 1.0))
_REFERENCES = (200.0, 220.0, 240.0, 260.0, 280.0, 300.0)
_FITS_PX = 6.0


@dataclass(frozen=True, slots=True)
class Case:
    """A face `width` pixels wide in a 1280x720 frame, `roll` degrees clockwise, light `gain`.

    `across` and `down` 0..1: where in the frame, as far as the face stays whole.
    """

    width: float
    roll: float = 0.0
    gain: float = 1.0
    across: float = 0.5
    down: float = 0.5

    @property
    def affine(self) -> npt.NDArray[np.float64]:
        """2x3: photograph to frame."""
        turn = cv2.getRotationMatrix2D(_FACE_AT, _LEVEL_DEG - self.roll, self.width / _FACE_WIDTH)
        half_x, half_y = 0.62 * self.width, 0.8 * self.width
        turn[0, 2] += half_x + self.across * (WIDTH - 2 * half_x) - _FACE_AT[0]
        turn[1, 2] += half_y + self.down * max(HEIGHT - 2 * half_y, 0.0) - _FACE_AT[1]
        return np.asarray(turn, np.float64)


@dataclass(frozen=True, slots=True)
class Misses:
    """Pixels of the portrait between the true face in it and the formulas' target."""

    width: float  # of the face
    across: float  # its middle
    eye_row: float
    top: float  # of the hair
    level: float  # difference of the two eyes' rows

    @property
    def most(self) -> float:
        """The largest of them."""
        return max(self.width, self.across, self.eye_row, self.top, self.level)


def grid(reach: Reach) -> Iterator[Case]:
    """The declared range: its ends and what lies between, at seven places each."""
    widths = np.linspace(*reach.face, 5).tolist()
    rolls = np.linspace(-reach.roll, reach.roll, 5).tolist()
    gains = [reach.gain[0], 0.5, 1.0, reach.gain[1]]
    for width, roll, gain, (across, down) in product(widths, rolls, gains, _PLACES):
        yield Case(width, roll, gain, across, down)


def portraits() -> Iterator[Case]:
    """Cases for the crop: sizes that a portrait can be cut of."""
    places = ((0.5, 0.5), (0.3, 0.45), (0.7, 0.55), (0.55, 0.4))
    for width, roll, gain, (across, down) in product(
        (200.0, 230.0, 260.0, 300.0), (-20.0, -12.0, -4.0, 0.0, 5.0, 12.0, 20.0),
        (0.6, 0.8, 1.0, 1.4), places,
    ):  # fmt: skip
        yield Case(width, roll, gain, across, down)


class Studio:
    """Makes the frames and knows the truth about them."""

    def __init__(self, nets: NetEngine) -> None:
        self._photo = photograph()
        person = np.clip((np.asarray(nets.person(self._photo)) - 0.3) / 0.5, 0.0, 1.0)
        self._layer = np.dstack([self._photo.astype(np.float32), person.astype(np.float32)])
        noise = np.random.default_rng(1).standard_normal((HEIGHT, WIDTH), np.float32)
        self._noise = _NOISE * noise
        found = [self._points(nets, Case(width)) for width in _REFERENCES]
        self._mesh = np.mean(found, axis=0)

    def frame(self, case: Case, seed: int = 1) -> Image:
        """The 1280x720 BGR frame of `case`."""
        layer = cv2.warpAffine(self._layer, case.affine, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
        alpha = np.clip(layer[:, :, 3:], 0.0, 1.0)
        picture = layer[:, :, :3]
        picture -= _WALL
        picture *= case.gain * alpha
        picture += case.gain * _WALL
        picture += np.roll(self._noise, 1009 * seed)[:, :, None]
        return np.clip(picture, 0, 255, out=picture).astype(np.uint8)

    def face(self, case: Case) -> Points:
        """468x2, where the face's points truly are in the frame."""
        return mesh.apply(case.affine, self._mesh)

    def found(self, look: Look, case: Case) -> bool:
        """Whether the look's face is the one that is there: its box lies on it."""
        if look.face is None:
            return False
        truth = self.face(case).mean(axis=0)
        box = look.face.box
        middle = np.array([box.x + box.w / 2, box.y + box.h / 2])
        return bool(np.linalg.norm(middle - truth) < 0.25 * case.width)

    def target(self, case: Case, profile: Profile) -> crop.Placement:
        """Where the formulas put the portrait when they are given the truth."""
        truth = self._truth(case)
        return crop.placement(truth, self._hair(case, truth), profile)

    def off(self, frame: Image, case: Case, engine: Engine, profile: Profile) -> Misses | None:
        """How far the crop misses the formulas' target; None when nothing is asked.

        Nothing is asked where the portrait does not clearly fit the frame or would be enlarged too
        much. A crop that is refused though it fits misses by infinity.
        """
        wanted = self.target(case, profile)
        x, y = wanted.corners[:, 0], wanted.corners[:, 1]
        inside = min(x.min(), y.min(), WIDTH - x.max(), HEIGHT - y.max())
        if inside < _FITS_PX or wanted.scale > 1.0 / 0.92 - 0.02:
            return None
        look = engine.look(frame, None, refine=True)
        try:
            made = crop.placed(frame, look, engine, profile)
        except AskAgainError:
            return Misses(*[float("inf")] * 5)
        truth = self._truth(case)
        eyes, cheeks = (mesh.apply(made.affine, part) for part in (truth.eyes, truth.cheeks))
        hair = truth.eyes.mean(axis=0) + self._up(truth) * self._hair(case, truth)
        return Misses(
            abs(float(np.linalg.norm(cheeks[1] - cheeks[0])) - wanted.face_width_px),
            abs(float(cheeks[:, 0].mean()) - profile.width / 2),
            abs(float(eyes[:, 1].mean()) - wanted.eye_row),
            abs(float(mesh.apply(made.affine, hair[None])[0, 1]) - wanted.top_px),
            abs(float(eyes[1, 1] - eyes[0, 1])),
        )

    def _truth(self, case: Case) -> Face:
        points = self.face(case)
        eyes, cheeks = mesh.eye_centres(points), points[list(mesh.CHEEKS)]
        return Face(_box(points), eyes, points[mesh.CHIN], cheeks, None, 1.0, None)

    def _up(self, truth: Face) -> Points:
        """The direction from the eyes to the hair."""
        angle = np.radians(truth.roll)
        return np.array([np.sin(angle), -np.cos(angle)])

    def _points(self, nets: NetEngine, case: Case) -> Points:
        frame = self.frame(case)
        seen = nets.look(frame, None, refine=True).face
        if seen is None or seen.mesh is None:
            raise ValueError("the networks do not see the photograph's face")
        back = cv2.invertAffineTransform(case.affine)
        points = seen.mesh[:, :2].copy()
        steady = nets.settle(frame, seen)
        points[list(mesh.CHEEKS)], points[mesh.CHIN] = steady.cheeks, steady.chin
        for corners, centre in zip((mesh.RIGHT_EYE, mesh.LEFT_EYE), steady.eyes, strict=True):
            points[list(corners)] += centre - points[list(corners)].mean(axis=0)
        return mesh.apply(np.asarray(back, np.float64), points)

    def _hair(self, case: Case, truth: Face) -> float:
        """Top of the hair above the eyes along the face, frame pixels, by the photograph's mask."""
        ys, xs = np.nonzero(self._layer[:, :, 3] > 0.5)
        there = mesh.apply(case.affine, np.column_stack([xs, ys]).astype(np.float64))
        away = there - truth.eyes.mean(axis=0)
        up = self._up(truth)
        along, height = away @ (-up[1], up[0]), away @ up
        return float(height[np.abs(along) < truth.width / 2].max())


def _box(points: Points) -> Box:
    (x, y), (w, h) = points.min(axis=0).tolist(), np.ptp(points, axis=0).tolist()
    return Box(x, y, w, h, 1.0)

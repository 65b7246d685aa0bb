# SPDX-License-Identifier: Apache-2.0
"""What a calibration measures: the empty wall, then a person (or a printed face) at the seat.

Pure: pictures in, figures and one reason out. Limits are our own start values from synthetic
pictures; the colour rule of the wall is the one that later judges it behind a citizen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import colour, measures
from kiosk.photo.faces import Face, Image, Look
from kiosk.photo.profile import PROFILES, Profile

FRAMES = 5
"""Pictures that `measure_seat` needs at least."""
FOCUS_LEAST = 0.13
"""The test photograph, sharp, has 0.23; blurred with a sigma of 2 px 0.13, of 3 px 0.10."""

_TILES = 3
_DARK_L, _LIGHT_L, _SPREAD_L, _CAST = 60.0, 88.0, 6.0, 6.0
_ROUGH_L = 4.0  # within a tile: somebody sits there, or the wall has a pattern
_BURNT, _BURNT_SHARE = 253, 0.02
_DIM, _GLARING = 0.2, 0.8  # of the face, linear light: where ISO/IEC 29794-5 scores 50
_ROOM = 1.05  # nearer than this to a limit nobody could move
_ASIDE = 0.10  # of the frame's width
_RESTLESS = 0.05  # of the face's width, between two pictures


@dataclass(frozen=True, slots=True)
class WallCheck:
    """The empty wall. `reason` is "" or the key of the one thing to change.

    `light` is CIELAB L 0..100, `a` and `b` its cast; `evenness` the darkest of nine tiles over the
    brightest, linear light, 0..1; `roughness` the largest spread of L within a tile; `burnt` the
    share of pixels without detail, 0..1; `white` its mean colour, BGR 0..255.
    """

    light: float
    a: float
    b: float
    evenness: float
    roughness: float
    burnt: float
    white: tuple[float, float, float]
    reason: str = ""

    @property
    def good(self) -> bool:
        """Nothing is to be changed."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class SeatCheck:
    """A face where citizens will have theirs. `reason` is "" or the key of the one thing to change.

    `face_width` is cheek to cheek in camera pixels, `largest_width` what still fits the portrait;
    `light` the face's linear light 0..1; `focus` 0..1, see `focus_of`; `sharpness` as the preview
    measures it (`measures.PREVIEW_PX`); `aside` how far right of the middle, share of the frame.
    """

    face_width: float
    largest_width: float
    light: float
    focus: float
    sharpness: float
    aside: float
    reason: str = ""

    @property
    def good(self) -> bool:
        """Nothing is to be changed."""
        return not self.reason


def measure_wall(frame: Image) -> WallCheck:
    """Judges the wall in the part of an upright frame (HxWx3 BGR) that portraits are cut from."""
    area = np.asarray(cv2.GaussianBlur(_behind(frame), (5, 5), 0), np.uint8)
    lab = colour.lab(area[:, :, ::-1].astype(np.float64))
    light = colour.luminance(area)
    tiles = [
        (lab[part], float(light[part].mean())) for part in _parts(area.shape[0], area.shape[1])
    ]
    levels = [float(tile[..., 0].mean()) for tile, _y in tiles]
    mean = lab.reshape(-1, 3).mean(axis=0)
    blue, green, red = area.reshape(-1, 3).mean(axis=0).tolist()
    found = WallCheck(
        light=float(mean[0]),
        a=float(mean[1]),
        b=float(mean[2]),
        evenness=min(y for _tile, y in tiles) / max(*(y for _tile, y in tiles), 1e-6),
        roughness=max(float(tile[..., 0].std()) for tile, _y in tiles),
        burnt=float((area >= _BURNT).all(axis=2).mean()),
        white=(blue, green, red),
    )
    return replace(found, reason=_wall_reason(found, max(levels) - min(levels)))


def measure_seat(
    frames: Sequence[Image],
    look: Callable[[Image], Look],
    profile: Profile | None = None,
) -> SeatCheck:
    """Judges light, focus and distance of a face at the seat.

    Args:
        frames: at least `FRAMES` upright pictures, oldest first.
        look: what an engine says of one picture, searched for bystanders
            (``lambda image: engine.look(image, None, sweep=True)``).
        profile: the portrait that will be cut; None takes GA 461-2004's.

    Raises:
        ValueError: fewer pictures than `FRAMES`.
    """
    if len(frames) < FRAMES:
        raise ValueError(f"at least {FRAMES} pictures are needed")
    profile = profile or PROFILES["ga461_2004"]
    looks = [look(frame) for frame in frames]
    height, width = frames[0].shape[:2]
    needed = profile.face_width / profile.face_width_factor
    largest = needed * min(width / profile.width, height / profile.height)
    seen = [(frame, one.face) for frame, one in zip(frames, looks, strict=True) if one.face]
    if len(seen) < 0.8 * len(frames):
        return SeatCheck(0.0, largest, 0.0, 0.0, 0.0, 0.0, "calibration.seat.no_face")
    figures = [measures.measure(frame, face, measures.PREVIEW_PX).values for frame, face in seen]
    places = [float(face.cheeks[:, 0].mean()) for _frame, face in seen]
    found = SeatCheck(
        face_width=median(face.width for _frame, face in seen),
        largest_width=largest,
        light=median(one.get("luminance", 0.0) for one in figures),
        focus=median(focus_of(frame, face) for frame, face in seen),
        sharpness=median(one.get("sharpness", 0.0) for one in figures),
        aside=median(places) / width - 0.5,
    )
    if any(one.swept and one.others for one in looks):
        return replace(found, reason="calibration.seat.several")
    step = max(abs(b - a) for a, b in pairwise(places))
    return replace(found, reason=_seat_reason(found, needed, step))


def focus_of(frame: Image, face: Face) -> float:
    """How much of a face's fine detail a further blur takes away: 0 (it had none) to 1.

    1 - mean gradient after a blur of 2.5 px / after one of 1 px, in the frame's own pixels. Does
    not depend on how light the face is; the first blur keeps the sensor's noise out.
    """
    left, right = sorted(int(x) for x in face.cheeks[:, 0])
    top = max(0, int(face.eyes[:, 1].mean() - 0.25 * face.width))
    piece = frame[top : int(face.chin[1]), max(0, left) : right]
    if min(piece.shape[:2]) < 16:
        return 0.0
    grey = cv2.cvtColor(piece, cv2.COLOR_BGR2GRAY).astype(np.float32)
    fine, coarse = _gradient(grey, 1.0), _gradient(grey, 2.5)
    return 1.0 - coarse / fine if fine > 0 else 0.0


def _gradient(grey: npt.NDArray[np.float32], sigma: float) -> float:
    calm = cv2.GaussianBlur(grey, (0, 0), sigma)
    return float(np.hypot(cv2.Scharr(calm, -1, 1, 0), cv2.Scharr(calm, -1, 0, 1)).mean())


def _behind(frame: Image) -> Image:
    """The middle upper part, about 1.25 portraits wide; the seat's back may stand below it."""
    height, width = frame.shape[:2]
    half = min(width, round(height * 1.25 * 358 / 441)) // 2
    return frame[: round(0.7 * height), width // 2 - half : width // 2 + half]


def _parts(height: int, width: int) -> list[tuple[slice, slice]]:
    rows = np.linspace(0, height, _TILES + 1).astype(int)
    columns = np.linspace(0, width, _TILES + 1).astype(int)
    return [
        (slice(rows[i], rows[i + 1]), slice(columns[j], columns[j + 1]))
        for i in range(_TILES)
        for j in range(_TILES)
    ]


def _wall_reason(wall: WallCheck, spread: float) -> str:
    if wall.light < _DARK_L and abs(wall.a) <= _CAST and abs(wall.b) <= _CAST:
        return "calibration.wall.dark"
    if wall.roughness > _ROUGH_L:
        return "calibration.wall.not_empty"
    if spread > _SPREAD_L:
        return "calibration.wall.uneven"
    if abs(wall.a) > _CAST or abs(wall.b) > _CAST:
        return "calibration.wall.coloured"
    if wall.burnt > _BURNT_SHARE:
        return "calibration.wall.bright"
    return "calibration.wall.dark" if wall.light < _LIGHT_L else ""


def _seat_reason(seat: SeatCheck, needed: float, step: float) -> str:
    if seat.face_width < needed * _ROOM:
        return "calibration.seat.too_far"
    if seat.face_width > seat.largest_width / _ROOM:
        return "calibration.seat.too_close"
    if abs(seat.aside) > _ASIDE:
        return "calibration.seat.aside"
    if seat.light < _DIM:
        return "calibration.seat.dark"
    if seat.light > _GLARING:
        return "calibration.seat.bright"
    if step > _RESTLESS * seat.face_width:
        return "calibration.seat.moves"
    return "calibration.seat.blurred" if seat.focus < FOCUS_LEAST else ""

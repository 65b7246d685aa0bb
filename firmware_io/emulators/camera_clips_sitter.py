# SPDX-License-Identifier: Apache-2.0
"""The sitter before the wall: one picture of a scene from the photograph, by a described recipe.

Order of the recipe: photograph cut out by the selfie mask; mouth and head bent; placed by one
turn, shift and scale; accessories painted; laid on the wall; light from one side; colour cast and
gain; blur by movement or focus; noise of the sensor.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from firmware_io.emulators import camera_clips_paint as paint
from firmware_io.emulators.camera_clips_paint import FACE_AT, FACE_WIDTH, Canvas, Image

WIDTH, HEIGHT, FPS = 1280, 720, 30
WALL = 245
_LEVEL_DEG = 3.5  # the eyes of the photograph slope by so much
_SELFIE = "selfie_segmentation.tflite"
_SELFIE_PX = 256
_SMEAR_LEAST = 2.0  # pixels a frame: less movement does not blur
_BLINK = 6  # frames
WALLS: dict[str, tuple[float, float, float]] = {  # BGR; "ramp" and "checker" are drawn
    "white": (WALL, WALL, WALL),
    "blue": (219.0, 142.0, 67.0),
    "red": (60.0, 50.0, 200.0),
    "green": (90.0, 160.0, 80.0),
    "grey": (150.0, 150.0, 150.0),
    "beige": (170.0, 205.0, 225.0),
    "dark": (45.0, 40.0, 40.0),
}


class ClipError(Exception):
    """Clips cannot be made; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Scene:
    """How the person sits. Lengths in pixels of the 1280x720 frame, roll clockwise in degrees.

    `turned` and `chin` bend the head (`camera_clips_paint.bend`; chin down above 0), `neutral`
    closes the mouth of the smile, `wear` is a key of `camera_clips_paint.WEAR`. `side_light` 0..1
    darkens the right half of the picture, -1..0 the left one. `wall` is a key of `WALLS`, "ramp"
    or "checker", `sway` how far the person moves to either side, `tint` multiplies blue, green and
    red, `blur` is the sigma of a lens out of focus. `closed` shuts the eyes for good, `blink` for a
    few frames.
    """

    face_width: float = 240.0
    x: float = 640.0
    y: float = 330.0
    roll: float = 0.0
    gain: float = 1.0
    frames: int = 30
    closed: bool = False
    turned: float = 0.0
    companion: bool = False
    empty: bool = False
    neutral: bool = False
    chin: float = 0.0
    wear: str = ""
    side_light: float = 0.0
    wall: str = "white"
    sway: float = 6.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: float = 0.0
    blink: bool = False
    noise: float = 2.0
    companion_width: float = 170.0


class Sitter:
    """The photograph (512x512x3 BGR) with its mask, ready to be placed.

    Raises:
        ClipError: the mask's model is missing from the folder `models`.
    """

    def __init__(self, photo: Image, models: Path) -> None:
        self._layer = np.dstack([photo, _mask(photo, models)])
        person = np.argwhere(self._layer[:, :, 3])
        self._person = (*person.min(axis=0)[::-1].tolist(), *person.max(axis=0)[::-1].tolist())
        self._bent: dict[tuple[bool, float, float], Image] = {}

    def frame(self, scene: Scene, phase: float, noise: np.random.Generator) -> Image:
        """One 1280x720x3 picture of `scene`; `phase` 0..2 pi is its place in the movement."""
        canvas = _wall(scene.wall)
        if scene.companion:
            beside = Scene(face_width=scene.companion_width, x=1010.0 + 4 * np.cos(phase), y=300.0)
            self._place(canvas, beside, 0.5 * np.sin(2 * phase), mirror=True)
        if not scene.empty:
            self._place(
                canvas,
                replace(
                    scene,
                    face_width=scene.face_width * (1.0 + 0.004 * np.sin(2 * phase)),
                    x=scene.x + scene.sway * np.sin(phase),
                    y=scene.y + 3.0 * np.sin(2 * phase + 1.0),
                    closed=scene.closed or (scene.blink and _blinks(scene, phase)),
                ),
                scene.roll + 0.7 * np.sin(phase + 0.5),
                mirror=False,
            )
        if scene.side_light:
            across = (np.arange(WIDTH, dtype=np.float32) - scene.x) / (0.25 * scene.face_width)
            lit = 1.3 - 1.1 / (1.0 + np.exp(-np.sign(scene.side_light) * across))
            canvas *= (1.0 + abs(scene.side_light) * (lit - 1.0)).astype(np.float32)[None, :, None]
        canvas *= np.array(scene.tint, np.float32) * scene.gain
        _smear(canvas, scene, phase)
        canvas += scene.noise * _grain(noise)
        return np.clip(canvas, 0, 255, out=canvas).astype(np.uint8)

    def _place(self, canvas: Canvas, scene: Scene, roll: float, *, mirror: bool) -> None:
        source, at, (x1, y1, x2, y2) = self._source(scene), FACE_AT, self._person
        if mirror:
            source, at = np.ascontiguousarray(source[:, ::-1]), (511.0 - at[0], at[1])
            x1, x2 = 511 - x2, 511 - x1
        level = -_LEVEL_DEG if mirror else _LEVEL_DEG
        turn = np.asarray(
            cv2.getRotationMatrix2D(at, level - roll, scene.face_width / FACE_WIDTH), np.float64
        )
        turn[:, 2] += np.array([scene.x, scene.y]) - at
        left, top, right, bottom = _extent(turn, (x1 - 2, y1 - 2, x2 + 2, y2 + 2))
        if right <= left or bottom <= top:
            return
        turn[:, 2] -= (left, top)
        layer = cv2.warpAffine(
            source,
            turn,
            (right - left, bottom - top),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
        )
        colour = layer[:, :, :3].astype(np.float32)
        if scene.closed or scene.wear:
            _dress(colour, turn, scene)
        alpha = layer[:, :, 3:].astype(np.float32) / 255.0
        behind = canvas[top:bottom, left:right]
        behind += alpha * (colour - behind)

    def _source(self, scene: Scene) -> Image:
        key = (scene.neutral, scene.turned, scene.chin)
        if not any(key):
            return self._layer
        if key not in self._bent:
            layer = paint.close_mouth(self._layer) if scene.neutral else self._layer
            if scene.turned or scene.chin:
                layer = paint.bend(layer, scene.turned, scene.chin)
            self._bent[key] = layer
        return self._bent[key]


def _blinks(scene: Scene, phase: float) -> bool:
    return abs(phase - np.pi) < np.pi * _BLINK / scene.frames


def _wall(name: str) -> Canvas:
    canvas = np.empty((HEIGHT, WIDTH, 3), np.float32)
    if name == "ramp":
        canvas[:] = np.linspace(255, 150, WIDTH, dtype=np.float32)[None, :, None]
    elif name == "checker":
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        canvas[:] = np.where(((x // 80) + (y // 80)) % 2, 240.0, 120.0)[:, :, None]
    else:
        canvas[:] = WALLS[name]
    return canvas


def _smear(canvas: Canvas, scene: Scene, phase: float) -> None:
    """Blur by movement (the way of one frame) and by focus."""
    way = abs(scene.sway * np.cos(phase)) * 2.0 * np.pi / scene.frames
    if way >= _SMEAR_LEAST:
        line = np.full((1, max(1, round(way))), 1.0 / max(1, round(way)), np.float32)
        cv2.filter2D(canvas, -1, line, dst=canvas)
    if scene.blur:
        cv2.GaussianBlur(canvas, (0, 0), scene.blur, dst=canvas)


def _grain(noise: np.random.Generator) -> Canvas:
    """Normal noise, HxWx1: a window into one field, which costs a tenth of a fresh one."""
    field = _field()
    row, column = (int(v) for v in noise.integers(0, 256, 2))
    return field[row : row + HEIGHT, column : column + WIDTH, None]


_fields: list[Canvas] = []


def _field() -> Canvas:
    if not _fields:
        made = np.random.default_rng(1).standard_normal((HEIGHT + 256, WIDTH + 256), np.float32)
        _fields.append(made)
    return _fields[0]


def _dress(colour: Canvas, turn: npt.NDArray[np.float64], scene: Scene) -> None:
    """Paints eyes and accessories, in the part of the picture around the face alone."""
    half = 0.8 * FACE_WIDTH
    around = (FACE_AT[0] - half, FACE_AT[1] - half, FACE_AT[0] + half, FACE_AT[1] + half)
    left, top, right, bottom = _extent(turn, around, (colour.shape[1], colour.shape[0]))
    if right <= left or bottom <= top:
        return
    here = turn.copy()
    here[:, 2] -= (left, top)
    piece = colour[top:bottom, left:right]
    if scene.closed:
        piece = paint.shut_eyes(piece, here)
    if scene.wear:
        piece = paint.WEAR[scene.wear](piece, here)
    colour[top:bottom, left:right] = piece


def _extent(
    turn: npt.NDArray[np.float64],
    part: tuple[float, float, float, float],
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> tuple[int, int, int, int]:
    """Where a `part` (left, top, right, bottom) of the photograph comes to lie within `size`."""
    x1, y1, x2, y2 = part
    box = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float64)
    at = box @ turn[:, :2].T + turn[:, 2]
    low, high = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int)
    left, top = np.maximum(low, 0).tolist()
    right, bottom = np.minimum(high, size).tolist()
    return left, top, right, bottom


def _mask(photo: Image, models: Path) -> Image:
    """How much of each pixel is person, 0..255."""
    path = models / _SELFIE
    if not path.is_file():
        raise ClipError(f"{path} is missing; run: python -m kiosk.photo.models fetch")
    net = cv2.dnn.readNetFromTFLite(str(path))
    net.setInput(cv2.dnn.blobFromImage(photo, 1 / 255.0, (_SELFIE_PX, _SELFIE_PX), swapRB=True))
    mask = net.forward().reshape(_SELFIE_PX, _SELFIE_PX)
    mask = cv2.resize(mask, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((mask - 0.3) / 0.5, 0, 1) * 255, np.uint8)

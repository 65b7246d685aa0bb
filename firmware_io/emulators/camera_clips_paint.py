# SPDX-License-Identifier: Apache-2.0
"""What is painted on, or bent in, the one photograph: all of it synthetic.

Outlines are points of the MediaPipe face mesh fitted to the photograph, in its own pixels (512x512,
face 94 px wide), "right" being the sitter's own right. Painters work on the placed picture (HxWx3
float32, BGR), `turn` being the 2x3 way from the photograph to it; benders on the photograph.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Canvas = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

FACE_AT = (225.0, 128.0)  # middle of the face in the photograph
FACE_WIDTH = 94.0
_EYES = ((203.9, 102.9), (247.5, 105.3))
_EYE_WIDTH = 19.8
# Lid outlines, outer corner first, along the upper lid and back along the lower.
_RIGHT_LIDS = (
    *((194.0, 101.0), (194.9, 100.3), (196.1, 99.3), (198.4, 98.1), (202.2, 97.6)),
    *((205.9, 98.2), (209.5, 100.0), (212.1, 102.5), (213.3, 104.0), (212.5, 104.2)),
    *((210.6, 104.3), (207.3, 104.6), (203.7, 104.6), (200.0, 104.0), (197.4, 103.2)),
    (195.6, 102.3),
)
_LEFT_LIDS = (
    *((256.9, 104.5), (256.1, 103.6), (254.9, 102.5), (252.6, 101.0), (248.9, 100.0)),
    *((245.1, 100.3), (241.3, 101.8), (238.4, 104.0), (237.1, 105.3), (237.9, 105.6)),
    *((239.8, 106.0), (243.0, 106.6), (246.6, 107.0), (250.4, 106.8), (253.1, 106.3)),
    (255.1, 105.6),
)
_LID_POINTS = 9  # of the upper lid, both corners included
# The inner edges of the lips from the right corner of the mouth to the left one.
_LIP_X = (203.7, 209.2, 212.9, 217.4, 223.0, 228.9, 233.7, 237.7, 240.7, 243.6)
_UPPER_LIP_Y = (140.4, 140.4, 141.3, 142.4, 143.1, 143.1, 142.6, 142.2, 142.0, 142.9)
_LOWER_LIP_Y = (140.4, 145.7, 147.7, 149.3, 150.0, 149.9, 148.9, 147.3, 145.8, 142.9)
_NOSE_Y, _CHIN_Y = 134.0, 174.0
_LIP = 5.0  # thickness of a lip
# The face's outline from the right cheek round the chin to the left one, then over the nose.
_LOWER_FACE = (
    *((179.8, 112.2), (179.9, 121.3), (180.6, 131.2), (182.7, 141.5), (186.2, 150.1)),
    *((190.4, 156.8), (196.1, 163.0), (200.9, 167.8), (205.9, 172.1), (212.2, 175.3)),
    *((220.5, 176.8), (229.2, 176.4), (236.1, 174.0), (242.1, 170.3), (247.8, 166.2)),
    *((254.5, 160.7), (259.8, 154.6), (264.6, 146.5), (268.3, 136.4), (270.3, 126.7)),
    *((271.6, 117.6), (225.3, 109.0)),
)
_TEMPLES = ((180.0, 101.0), (272.6, 106.5))
_BLACK = (14.0, 14.0, 14.0)
_RIM = (38.0, 42.0, 52.0)
_CLOTH = (208.0, 192.0, 158.0)  # a pale blue mask, BGR


def bend(layer: Image, across: float, along: float) -> Image:
    """The head turned aside (`across`) or nodding (`along`, chin down above 0).

    Pixels move by how far they stand out towards the camera; a bump of one third of a face width
    about the nose stands for the head's depth. 0.5 is far more than any limit allows.
    """
    y, x = np.mgrid[0 : layer.shape[0], 0 : layer.shape[1]].astype(np.float32)
    wide = (x - FACE_AT[0]) / (0.3 * FACE_WIDTH)
    tall = (y - FACE_AT[1]) / (0.75 * FACE_WIDTH)
    depth = FACE_WIDTH / 3.0 * np.exp(-(wide**2) - tall**2)
    to_x = np.asarray(x - depth * across, np.float32)
    to_y = np.asarray(y - depth * along, np.float32)
    return np.asarray(
        cv2.remap(layer, to_x, to_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def close_mouth(layer: Image) -> Image:
    """The smile without its teeth: the gap between the lips is pulled together.

    Upper lip and lower lip meet a third of the way down; what lies between nose and chin gives way
    smoothly. The corners keep their smile, so this is a closed mouth and no neutral expression.
    """
    y, x = np.mgrid[0 : layer.shape[0], 0 : layer.shape[1]].astype(np.float32)
    line = x[0]
    upper = np.interp(line, _LIP_X, _UPPER_LIP_Y)
    gap = np.maximum(np.interp(line, _LIP_X, _LOWER_LIP_Y) - upper, 0.0)
    gap = np.where(gap > 0, gap * 1.08 + 0.4, 0.0)
    gap = cv2.GaussianBlur(gap[None].astype(np.float32), (0, 0), 1.5)[0]
    down, up = 0.3 * gap, 0.7 * gap
    seam = (upper + down)[None]
    above = np.clip((y - _NOSE_Y) / np.maximum(seam - _LIP - _NOSE_Y, 1.0), 0.0, 1.0)
    below = np.clip((_CHIN_Y - y) / np.maximum(_CHIN_Y - seam - _LIP, 1.0), 0.0, 1.0)
    source = np.where(y < seam, y - down[None] * _smooth(above), y + up[None] * _smooth(below))
    return np.asarray(
        cv2.remap(
            layer, x, source.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def shut_eyes(colour: Canvas, turn: Matrix) -> Canvas:
    """Both eyes painted shut: lid-coloured down to the lower lid, with a lash line."""
    for lids in (_RIGHT_LIDS, _LEFT_LIDS):
        colour = _shut(colour, turn, np.array(lids))
    return colour


def glasses(colour: Canvas, turn: Matrix) -> Canvas:
    """Clear glasses with a thin dark rim."""
    return _frames(colour, turn)


def sunglasses(colour: Canvas, turn: Matrix) -> Canvas:
    """Opaque glasses."""
    cover = _blank(colour)
    for eye in _EYES:
        _disc(cover, turn, eye, 0.75 * _EYE_WIDTH)
    return _frames(_laid(colour, cover, _BLACK), turn)


def glint(colour: Canvas, turn: Matrix) -> Canvas:
    """Glasses that mirror a lamp over part of each eye."""
    cover = _blank(colour)
    for x, y in _EYES:
        _disc(cover, turn, (x + 2.0, y - 1.5), 0.34 * _EYE_WIDTH)
    return _laid(_frames(colour, turn), cover, (255.0, 255.0, 255.0))


def mask(colour: Canvas, turn: Matrix) -> Canvas:
    """A plain mask over nose, mouth and chin."""
    cover = _blank(colour)
    cv2.fillPoly(cover, [_placed(turn, _LOWER_FACE)], 1.0)
    return _laid(colour, cover, _CLOTH)


WEAR: dict[str, Callable[[Canvas, Matrix], Canvas]] = {
    "glasses": glasses,
    "sunglasses": sunglasses,
    "glint": glint,
    "mask": mask,
}


def _smooth(part: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return part * part * (3.0 - 2.0 * part)


def _blank(colour: Canvas) -> Canvas:
    return np.zeros(colour.shape[:2], np.float32)


def _placed(turn: Matrix, points: npt.ArrayLike) -> npt.NDArray[np.int32]:
    at = np.asarray(points, np.float64)
    return np.round(at @ turn[:, :2].T + turn[:, 2]).astype(np.int32)


def _scale(turn: Matrix) -> float:
    return float(np.hypot(turn[0, 0], turn[1, 0]))


def _disc(cover: Canvas, turn: Matrix, at: tuple[float, float], radius: float) -> None:
    x, y = _placed(turn, [at])[0].tolist()
    cv2.circle(cover, (x, y), max(1, round(radius * _scale(turn))), 1.0, -1)


def _laid(colour: Canvas, cover: Canvas, paint: tuple[float, float, float]) -> Canvas:
    soft = cv2.GaussianBlur(cover, (0, 0), 1.0)[:, :, None]
    return np.asarray(colour * (1.0 - soft) + np.array(paint, np.float32) * soft, np.float32)


def _frames(colour: Canvas, turn: Matrix) -> Canvas:
    cover = _blank(colour)
    radius, scale = 0.75 * _EYE_WIDTH, _scale(turn)
    thick = max(1, round(1.3 * scale))
    (rx, ry), (lx, ly) = _EYES
    for x, y in _EYES:
        middle = _placed(turn, [(x, y)])[0].tolist()
        cv2.circle(cover, middle, round(radius * scale), 1.0, thick)
    bridge = ((rx + radius, ry), (lx - radius, ly))
    arms = (((rx - radius, ry), _TEMPLES[0]), ((lx + radius, ly), _TEMPLES[1]))
    for line in (bridge, *arms):
        cv2.polylines(cover, [_placed(turn, line)], False, 1.0, thick)
    return _laid(colour, cover, _RIM)


def _shut(colour: Canvas, turn: Matrix, lids: npt.NDArray[np.float64]) -> Canvas:
    height, width = colour.shape[:2]
    points = lids @ turn[:, :2].T + turn[:, 2]
    eye_width = float(np.linalg.norm(points[_LID_POINTS - 1] - points[0]))
    above = points[1 : _LID_POINTS - 1] - (0.0, 0.18 * eye_width)
    rows, columns = np.round(above[:, 1]).astype(int), np.round(above[:, 0]).astype(int)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    if not inside.any():
        return colour
    skin = np.median(colour[rows[inside], columns[inside]], axis=0)
    lid = _blank(colour)
    cv2.fillPoly(lid, [np.round(points).astype(np.int32)], 1.0)
    grown = cv2.dilate(lid, np.ones((5, 5), np.uint8))
    soft = cv2.GaussianBlur(grown, (0, 0), max(1.0, 0.03 * eye_width))[:, :, None]
    painted = colour * (1.0 - soft) + skin.astype(np.float32) * soft
    lower = np.vstack([points[_LID_POINTS - 1 :], points[:1]])
    lash = _blank(colour)
    thick = max(1, round(0.05 * eye_width))
    cv2.polylines(lash, [np.round(lower).astype(np.int32)], False, 1.0, thick)
    lash = cv2.GaussianBlur(lash, (0, 0), 1.0)[:, :, None]
    return np.asarray(painted * (1.0 - 0.65 * lash), np.float32)

# SPDX-License-Identifier: Apache-2.0
"""Quality figures of a face in a frame: raw values, and scores 0..100 where a mapping is known.

Mappings: ISO/IEC 29794-5 as its reference implementation computes them (BSI-OFIQ/OFIQ-Project,
version 1.0.3, MIT). That program uses 98 landmarks; here the face mesh stands in for them, so these
are not its own results. Sharpness is our own measure. Head size and margins of ISO portraits
belong to passport framing and are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import mesh as mesh_points
from kiosk.photo.faces import Face, Image, Points

STILL_PX = 308
PREVIEW_PX = 154
_FULL_PX = 616
# Places in the 616x616 aligned face: eye centres, nose tip, mouth corners.
_ALIGNED = np.array([[251, 272], [364, 272], [308, 336], [262, 402], [355, 402]], np.float64)
_DARK_Y = 25
_BRIGHT_Y = 247


@dataclass(frozen=True, slots=True)
class Measures:
    """`values` are raw, `scores` 0..100 (100 best); a figure that could not be made is absent.

    Keys: luminance, contrast, under, over, range, illumination, colour, grey, sharpness, mouth,
    glare, eye_shade, mask, openness (values); the ISO ones of them also as scores.
    """

    values: Mapping[str, float]
    scores: Mapping[str, float]

    def with_openness(self, openness: float | None) -> "Measures":
        """The same figures with the eyes' height / width added."""
        if openness is None:
            return self
        return Measures(MappingProxyType({**self.values, "openness": openness}), self.scores)


def sigmoid(x: float, x0: float, w: float) -> float:
    """1 / (1 + exp((x0 - x) / w))."""
    return float(1.0 / (1.0 + np.exp(np.clip((x0 - x) / w, -60, 60))))


def score(value: float) -> float:
    """Rounded and kept within 0..100."""
    return float(np.clip(round(value), 0, 100))


def measure(frame: Image, face: Face, size: int = STILL_PX) -> Measures:
    """Figures of `face` in `frame` (HxWx3 BGR).

    Args:
        frame: the frame the face was found in.
        face: with a mesh everything is measured; without one only light and sharpness of the box.
        size: side of the aligned face in pixels; `STILL_PX` for takes, `PREVIEW_PX` for preview.
    """
    if face.mesh is None:
        return _box_only(frame, face, size)
    align = _align(face.mesh, size)
    aligned = np.asarray(
        cv2.warpAffine(frame, align, (size, size), flags=cv2.INTER_LINEAR), np.uint8
    )
    points = mesh_points.apply(align, face.mesh[:, :2])
    region = _region(points, size)
    y = luminance(aligned)
    values, scores = _light(y, region)
    values["sharpness"] = _sharpness(aligned, region)
    cheeks = _cheek_zones(points)
    _cheeks(aligned, y, cheeks, values, scores)
    values["mouth"] = _mouth(points)
    scores["mouth"] = score(100 * (1 - sigmoid(values["mouth"], 0.2, 0.06)))
    _hints(aligned, y, points, cheeks, values)
    return Measures(MappingProxyType(values), MappingProxyType(scores))


def luminance(image: Image) -> npt.NDArray[np.uint8]:
    """HxW, 0..255 in linear light: halving the camera's signal divides it by about 4.5."""
    lut = _linear()
    b, g, r = (lut[image[:, :, i]] for i in range(3))
    return np.asarray(np.floor((0.2126 * r + 0.7152 * g + 0.0722 * b) * 255 + 0.5), np.uint8)


def lab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """CIELAB (D50) of sRGB values 0..255, shape (..., 3) to (..., 3)."""
    unit = rgb / 255.0
    lin = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.43605, 0.38508, 0.14309], [0.22249, 0.71689, 0.06062], [0.01393, 0.09710, 0.71419]]
    )
    xyz = lin @ to_xyz.T / (0.964221, 1.0, 0.825211)
    kappa, epsilon = 24389 / 27, 216 / 24389
    f = np.where(xyz > epsilon, np.cbrt(xyz), (kappa * xyz + 16) / 116)
    return np.stack(
        [
            116 * f[..., 1] - 16,
            500 * (f[..., 0] - f[..., 1]),
            200 * (f[..., 1] - f[..., 2]),
        ],
        axis=-1,
    )


def _linear() -> npt.NDArray[np.float64]:
    v = np.arange(256) / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def _align(mesh: Points, size: int) -> npt.NDArray[np.float64]:
    eyes = mesh_points.eye_centres(mesh)
    five = np.vstack([eyes, mesh[mesh_points.NOSE_TIP, :2], mesh[list(mesh_points.MOUTH), :2]])
    target = _ALIGNED * (size / _FULL_PX)
    found, _used = cv2.estimateAffinePartial2D(five, target, method=cv2.LMEDS)
    if found is None:  # five points in one place: no face to align
        raise ValueError("degenerate face mesh")
    return np.asarray(found, np.float64)


def _region(points: Points, size: int) -> npt.NDArray[np.bool_]:
    """Face from brows to jaw, without forehead."""
    hull = cv2.convexHull(points[[*mesh_points.JAW, *mesh_points.BROWS]].astype(np.float32))
    mask = np.zeros((size, size), np.uint8)
    cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 1)
    return mask.astype(bool)


def _light(
    y: npt.NDArray[np.uint8], region: npt.NDArray[np.bool_]
) -> tuple[dict[str, float], dict[str, float]]:
    inside = y[region]
    count = np.bincount(inside, minlength=256).astype(np.float64)
    share = count / max(count.sum(), 1.0)
    unit = np.arange(256) / 255.0
    mean = float((share * unit).sum())
    variance = float((share * (unit - mean) ** 2).sum())
    seen = share[share > 0]
    values = {
        "luminance": mean,
        "contrast": variance,
        "under": float(share[: _DARK_Y + 1].sum()),
        "over": float(share[_BRIGHT_Y:].sum()),
        "range": float(-(seen * np.log2(seen)).sum()),
    }
    scores = {
        "luminance": score(100 * sigmoid(mean, 0.2, 0.05) * (1 - sigmoid(mean, 0.8, 0.05))),
        "contrast": score(100 * np.sin(np.pi * 60 * variance / (60 * variance + 1))),
        "under": score(120 * (0.832 - sigmoid(values["under"], 0.92, 0.05))),
        "over": score(1 / (values["over"] + 0.01)),
        "range": score(12.5 * values["range"]),
    }
    return values, scores


def _sharpness(image: Image, region: npt.NDArray[np.bool_]) -> float:
    """Mean |Laplacian| over mean grey: comparable between takes of one person in one light."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (3, 3), 0)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    return float(edges[region].mean() / max(float(np.asarray(grey)[region].mean()), 1.0))


def _cheek_zones(points: Points) -> list[tuple[slice, slice]]:
    eyes = mesh_points.eye_centres(points)
    mouth = points[list(mesh_points.MOUTH)].mean(axis=0)
    side = int(0.3 * np.linalg.norm(eyes[1] - eyes[0]))
    top = int(eyes[:, 1].mean() + int((mouth[1] - eyes[:, 1].mean()) / 2))
    rows = slice(top, top + side)
    first, last = int(eyes[0, 0]), int(eyes[1, 0])
    return [(rows, slice(first, first + side)), (rows, slice(last - side, last))]


def _cheeks(
    image: Image,
    y: npt.NDArray[np.uint8],
    zones: list[tuple[slice, slice]],
    values: dict[str, float],
    scores: dict[str, float],
) -> None:
    counts = [np.bincount(y[zone].ravel(), minlength=256) for zone in zones]
    parts = [c / max(c.sum(), 1) for c in counts]
    same = float(np.minimum(parts[0], parts[1]).sum())
    values["illumination"], scores["illumination"] = same, score(100 * same**0.3)
    pixels = np.concatenate([image[zone].reshape(-1, 3) for zone in zones]).astype(np.float64)
    rgb = pixels[:, ::-1].mean(axis=0)
    _l, a, b = lab(rgb).tolist()
    values["grey"] = float(np.ptp(rgb))  # near 0: a picture without colour, which ISO calls natural
    if a < 0 or b < 0:
        off = 100.0
    else:
        off = float(np.hypot(max(0.0, 5 - a, a - 25), max(0.0, 5 - b, b - 35)))
    values["colour"], scores["colour"] = off, score(200 * (1 - sigmoid(off, 0, 10)))


def _mouth(points: Points) -> float:
    """Largest inner-lip distance / distance from eyes to chin. Teeth read as open."""
    middle = mesh_points.eye_centres(points).mean(axis=0)
    to_chin = float(np.linalg.norm(points[mesh_points.CHIN] - middle))
    gaps = [float(np.linalg.norm(points[a] - points[b])) for a, b in mesh_points.INNER_LIPS]
    return max(gaps) / max(to_chin, 1e-6)


def _hints(
    image: Image,
    y: npt.NDArray[np.uint8],
    points: Points,
    cheeks: list[tuple[slice, slice]],
    values: dict[str, float],
) -> None:
    """Cheap signs of sunglasses, glare and a mask; tried on painted examples only."""
    cheek = max(float(np.concatenate([y[z].ravel() for z in cheeks]).mean()), 1.0)
    shade, glare = [], []
    for ring in (mesh_points.RIGHT_EYE_RING, mesh_points.LEFT_EYE_RING):
        low, high = points[list(ring)].min(axis=0), points[list(ring)].max(axis=0)
        grow = max(1, int((high[0] - low[0]) / 8))
        zone = y[
            max(0, int(low[1]) - grow) : int(high[1]) + grow,
            max(0, int(low[0]) - grow) : int(high[0]) + grow,
        ]
        shade.append(float(zone.mean()) / cheek if zone.size else 1.0)
        glare.append(float((zone >= _BRIGHT_Y).mean()) if zone.size else 0.0)
    values["eye_shade"], values["glare"] = max(shade), max(glare)
    low = points[list(mesh_points.MOUTH)].min(axis=0)
    high = points[list(mesh_points.MOUTH)].max(axis=0)
    lips = image[int(low[1]) - 4 : int(high[1]) + 5, int(low[0]) : int(high[0])]
    skin = np.concatenate([image[z].reshape(-1, 3) for z in cheeks]).astype(np.float64)
    if lips.size and skin.size:
        one = lab(lips.reshape(-1, 3)[:, ::-1].astype(np.float64).mean(axis=0))
        two = lab(skin[:, ::-1].mean(axis=0))
        values["mask"] = float(np.linalg.norm(one - two))


def _box_only(frame: Image, face: Face, size: int) -> Measures:
    box = face.box
    top, left = max(0, int(box.y)), max(0, int(box.x))
    piece = frame[top : int(box.y + box.h), left : int(box.x + box.w)]
    if min(piece.shape[:2]) < 8:
        return Measures(MappingProxyType({}), MappingProxyType({}))
    image = np.asarray(cv2.resize(piece, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
    region = np.zeros((size, size), bool)
    region[size // 5 : -size // 10, size // 5 : -size // 5] = True
    values, scores = _light(luminance(image), region)
    values["sharpness"] = _sharpness(image, region)
    return Measures(MappingProxyType(values), MappingProxyType(scores))

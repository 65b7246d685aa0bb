# SPDX-License-Identifier: Apache-2.0
"""Quality figures of a face in a frame: native values, and scores 0..100 where a mapping is known.

Native values as the reference implementation of ISO/IEC 29794-5 makes them (BSI OFIQ-Project 1.0.3,
``OFIQlib/modules/measures/src``), but from other landmarks: it uses 98 points of its own network,
here the 468-point mesh stands in for them, so these are not its own results. `mapping` turns them
into scores. Sharpness, grey and openness are our own measures and have no score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import mapping, occlusion
from kiosk.photo import mesh as mesh_points
from kiosk.photo.colour import lab, luminance
from kiosk.photo.faces import Face, Image, Points

STILL_PX = 308
PREVIEW_PX = 154
FULL_PX = 616
# Places in the 616x616 aligned face: eye centres, nose tip, mouth corners.
_ALIGNED = np.array([[251, 272], [364, 272], [308, 336], [262, 402], [355, 402]], np.float64)
_DARK_Y = 25


@dataclass(frozen=True, slots=True)
class Measures:
    """`values` are native, `scores` 0..100 (100 best); a figure that could not be made is absent.

    Of the standard, with scores: ``luminance`` mean linear light 0..1, ``contrast`` its variance,
    ``under`` and ``over`` shares 0..1 of dark and burnt pixels, ``range`` entropy 0..8 bits,
    ``illumination`` likeness 0..1 of the cheeks, ``colour`` CIELAB distance from the range of skin,
    ``mouth`` inner lips' distance / eyes to chin.

    Our own, without scores: ``sharpness`` mean |Laplacian| / mean grey, ``grey`` spread 0..255 of
    the cheeks' mean red, green and blue, ``openness`` of the eyes (`eyes`), ``eye_shade``,
    ``glare``, ``cheek_over``, ``mask`` (`occlusion`).
    """

    values: Mapping[str, float]
    scores: Mapping[str, float]

    def with_openness(self, openness: float | None) -> "Measures":
        """The same figures with the eyes' height / width added."""
        if openness is None:
            return self
        return Measures(MappingProxyType({**self.values, "openness": openness}), self.scores)


def measure(frame: Image, face: Face, size: int = STILL_PX) -> Measures:
    """Figures of `face` in `frame` (HxWx3 BGR).

    Args:
        frame: the frame the face was found in.
        face: with a mesh everything is measured; without one only light and sharpness of the box.
        size: side of the aligned face in pixels; `STILL_PX` for takes, `PREVIEW_PX` for preview.
    """
    if face.mesh is None:
        return _box_only(frame, face, size)
    aligned, points = align(frame, face.mesh, size)
    region = _region(points, size)
    y = luminance(aligned)
    values, scores = _light(y, region)
    values["sharpness"] = _sharpness(aligned, region)
    cheeks = _cheek_zones(points)
    _cheeks(aligned, y, cheeks, values, scores)
    values["mouth"] = mouth_opening(points)
    scores["mouth"] = mapping.mouth_closed(values["mouth"])
    values |= occlusion.values(aligned, y, points, cheeks)
    return Measures(MappingProxyType(values), MappingProxyType(scores))


def align(image: Image, mesh: Points, size: int) -> tuple[Image, Points]:
    """The face turned, shifted and scaled to the standard's places in `size` x `size` pixels.

    Returns:
        The aligned picture and the mesh (468x2) in it. At 616 px the eyes are 113 px apart.

    Raises:
        ValueError: the mesh has no extent.
    """
    affine = _align(mesh, size)
    aligned = cv2.warpAffine(image, affine, (size, size), flags=cv2.INTER_LINEAR)
    return np.asarray(aligned, np.uint8), mesh_points.apply(affine, mesh[:, :2])


def _align(mesh: Points, size: int) -> npt.NDArray[np.float64]:
    eyes = mesh_points.eye_centres(mesh)
    five = np.vstack([eyes, mesh[mesh_points.NOSE_TIP, :2], mesh[list(mesh_points.MOUTH), :2]])
    target = _ALIGNED * (size / FULL_PX)
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
        "over": float(share[occlusion.BRIGHT_Y :].sum()),
        "range": float(-(seen * np.log2(seen)).sum()),
    }
    scores: dict[str, float] = {
        "luminance": mapping.luminance_mean(mean),
        "contrast": mapping.luminance_variance(variance),
        "under": mapping.under_exposure_prevention(values["under"]),
        "over": mapping.over_exposure_prevention(values["over"]),
        "range": mapping.dynamic_range(values["range"]),
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
    if not all(y[zone].size for zone in zones):  # a mesh bent so far that its cheeks lie outside
        return
    counts = [np.bincount(y[zone].ravel(), minlength=256) for zone in zones]
    parts = [c / max(c.sum(), 1) for c in counts]
    same = float(np.minimum(parts[0], parts[1]).sum())
    values["illumination"], scores["illumination"] = same, mapping.illumination_uniformity(same)
    pixels = np.concatenate([image[zone].reshape(-1, 3) for zone in zones]).astype(np.float64)
    rgb = pixels[:, ::-1].mean(axis=0)
    _l, a, b = lab(rgb).tolist()
    values["grey"] = float(np.ptp(rgb))  # near 0: a picture without colour, which ISO calls natural
    if not values["grey"]:  # the reference's answer for red = green = blue
        off = 0.0
    elif a < 0 or b < 0:
        off = 100.0
    else:
        off = float(np.hypot(max(0.0, 5 - a, a - 25), max(0.0, 5 - b, b - 35)))
    values["colour"], scores["colour"] = off, mapping.natural_colour(off)


def mouth_opening(points: Points) -> float:
    """Largest inner-lip distance / distance from eyes to chin. Teeth read as open."""
    middle = mesh_points.eye_centres(points).mean(axis=0)
    to_chin = float(np.linalg.norm(points[mesh_points.CHIN] - middle))
    gaps = [float(np.linalg.norm(points[a] - points[b])) for a, b in mesh_points.INNER_LIPS]
    return max(gaps) / max(to_chin, 1e-6)


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

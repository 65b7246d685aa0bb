# SPDX-License-Identifier: Apache-2.0
"""Cheap signs of dark glasses, glare on glasses and a mask. Our own measures, advice only.

They were tried on painted examples and on unobstructed portraits of about ten people, never on
people who wear these things. Hats, fringes and covered ears cannot be told safely this way.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kiosk.photo import mesh as mesh_points
from kiosk.photo.colour import lab
from kiosk.photo.faces import Image, Points

BRIGHT_Y = 247
"""Linear light of 255 from which a pixel counts as burnt out (the same in ISO/IEC 29794-5)."""

Zone = tuple[slice, slice]

_SHADE = 0.12
_GLARE = 0.04
_CHEEK_OVER = 0.01
_MASK_DE = 2.0
_MASK_COLOUR = 50.0


def values(
    aligned: Image, y: npt.NDArray[np.uint8], points: Points, cheeks: Sequence[Zone]
) -> dict[str, float]:
    """Figures of an aligned face.

    Args:
        aligned: NxNx3 BGR.
        y: NxN, its linear light.
        points: 468x2, the mesh in it.
        cheeks: the two cheek zones as (rows, columns).

    Returns:
        ``eye_shade``: light of the lighter eye's zone / light of the cheeks, 0 and up; ``glare``:
        burnt out share 0..1 of the worse eye's zone; ``cheek_over``: the same of the cheeks;
        ``mask``: CIELAB distance between mouth and cheeks, 0 and up (absent without a mouth).
    """
    cheek = np.concatenate([y[zone].ravel() for zone in cheeks])
    if not cheek.size:
        return {}
    light = max(float(cheek.mean()), 1.0)
    found = {"cheek_over": float((cheek >= BRIGHT_Y).mean())}
    zones = [_eye_zone(y, points[list(ring)]) for ring in mesh_points.EYE_RINGS]
    if all(zone.size for zone in zones):
        found["eye_shade"] = max(float(zone.mean()) / light for zone in zones)
        found["glare"] = max(float((zone >= BRIGHT_Y).mean()) for zone in zones)
    corners = points[list(mesh_points.MOUTH)]
    low, high = np.maximum(corners.min(axis=0), 4.0).astype(int), corners.max(axis=0).astype(int)
    lips = aligned[low[1] - 4 : high[1] + 5, low[0] : high[0]]
    skin = np.concatenate([aligned[zone].reshape(-1, 3) for zone in cheeks])
    if lips.size:
        pair = [part.reshape(-1, 3)[:, ::-1].mean(axis=0) for part in (lips, skin)]
        one, two = lab(np.array(pair, np.float64))
        found["mask"] = float(np.linalg.norm(one - two))
    return found


def sunglasses(found: Mapping[str, float], *, slack: float = 1.0) -> bool:
    """Both eyes are far darker than the cheeks. `slack` above 1 widens the limit."""
    return found.get("eye_shade", 1.0) < _SHADE * slack


def glare(found: Mapping[str, float], *, slack: float = 1.0) -> bool:
    """An eye's zone is partly burnt out though the cheeks are not."""
    burnt = found.get("glare", 0.0) >= _GLARE / slack
    return burnt and found.get("cheek_over", 0.0) < _CHEEK_OVER


def mask(found: Mapping[str, float], colour_score: float, *, slack: float = 1.0) -> bool:
    """Mouth and cheeks have one colour, and it is not that of skin (`colour_score` 0..100)."""
    return found.get("mask", 99.0) < _MASK_DE * slack and colour_score < _MASK_COLOUR * slack


def _eye_zone(y: npt.NDArray[np.uint8], ring: Points) -> npt.NDArray[np.uint8]:
    low, high = ring.min(axis=0), ring.max(axis=0)
    grow = max(1, int((high[0] - low[0]) / 8))
    top, left = (max(0, int(low[axis]) - grow) for axis in (1, 0))
    return y[top : max(0, int(high[1]) + grow), left : max(0, int(high[0]) + grow)]

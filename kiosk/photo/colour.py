# SPDX-License-Identifier: Apache-2.0
"""Linear light and CIELAB of pictures, as the quality measures of ISO/IEC 29794-5 use them.

Figures: sRGB transfer curve (IEC 61966-2-1), its primaries adapted to D50, CIELAB constants
216/24389 and 24389/27; the same as in BSI OFIQ-Project 1.0.3, ``utils/src/image_utils.cpp``.
"""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo.faces import Image

_WEIGHTS_BGR = (0.0722, 0.7152, 0.2126)
_TO_XYZ = np.array(
    [[0.43605, 0.38508, 0.14309], [0.22249, 0.71689, 0.06062], [0.01393, 0.09710, 0.71419]]
)
_WHITE = (0.964221, 1.0, 0.825211)
_KAPPA, _EPSILON = 24389 / 27, 216 / 24389


def linear(signal: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """sRGB signal 0..1 to linear light 0..1, any shape."""
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def luminance(image: Image) -> npt.NDArray[np.uint8]:
    """HxW uint8, linear light 0..255 of HxWx3 BGR: half the camera's signal is about a fifth."""
    parts = cv2.LUT(image, _table())
    return np.asarray(cv2.convertScaleAbs(cv2.transform(parts, np.ones((1, 3)))), np.uint8)


@cache
def _table() -> npt.NDArray[np.float32]:
    curve = linear(np.arange(256) / 255.0)
    table = np.stack([255.0 * weight * curve for weight in _WEIGHTS_BGR], axis=1)
    return table.astype(np.float32).reshape(1, 256, 3)


def lab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """CIELAB (D50): L 0..100, a, b about -100..100, of sRGB 0..255; (..., 3) to (..., 3)."""
    xyz = linear(rgb / 255.0) @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > _EPSILON, np.cbrt(xyz), (_KAPPA * xyz + 16) / 116)
    return np.stack(
        [
            116 * f[..., 1] - 16,
            500 * (f[..., 0] - f[..., 1]),
            200 * (f[..., 1] - f[..., 2]),
        ],
        axis=-1,
    )

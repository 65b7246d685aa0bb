# SPDX-License-Identifier: Apache-2.0
"""A portrait as JPEG of a given size band: baseline, 4:2:0, with its dpi, without any metadata."""

import io
from dataclasses import dataclass

import cv2
from PIL import Image as PillowImage

from kiosk.photo.faces import Image
from kiosk.photo.profile import Profile

_UP = (75, 80, 85)  # tried when the file is too small
_DOWN = (65, 60)  # tried when it is too big; never below


@dataclass(frozen=True, slots=True)
class Encoded:
    """The file's bytes, the quality it was written with, and whether the band was met."""

    data: bytes
    quality: int
    in_band: bool


def encode(image: Image, profile: Profile) -> Encoded:
    """JPEG of `image` (HxWx3 BGR) at the profile's quality, or the nearest that meets its band.

    When no quality from 60 to 85 meets the band the nearest end is kept and `in_band` is false.
    """
    picture = PillowImage.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    data = _write(picture, profile.quality, profile.dpi)
    best = Encoded(data, profile.quality, _fits(data, profile))
    steps = _UP if len(data) < profile.bytes_least else _DOWN
    for quality in steps:
        if best.in_band:
            return best
        data = _write(picture, quality, profile.dpi)
        if (steps is _UP and len(data) > profile.bytes_most) or (
            steps is _DOWN and len(data) < profile.bytes_least
        ):
            return best  # the band lies between two qualities; stay with the last one
        best = Encoded(data, quality, _fits(data, profile))
    return best


def _fits(data: bytes, profile: Profile) -> bool:
    return profile.bytes_least <= len(data) <= profile.bytes_most


def _write(picture: PillowImage.Image, quality: int, dpi: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling="4:2:0", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()

# SPDX-License-Identifier: Apache-2.0
"""What an engine says about one frame. Coordinates are pixels of that frame, x right, y down.

"Right" is the person's own right, which is the left side of an unmirrored picture.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""HxWx3 uint8, BGR."""
Points = npt.NDArray[np.float64]
"""Nx2 or Nx3 float64, pixels."""


class Source(StrEnum):
    """Which engine looked; measures that an engine cannot make are simply absent."""

    NETS = "nets"
    HAAR = "haar"


@dataclass(frozen=True, slots=True)
class Reach:
    """Within what an engine is declared to find a face, tested on one face (synthetic frames).

    `roll` in degrees to either side, `gain` the light against a well lit frame, `face` the width
    cheek to cheek in pixels of a 1280x720 frame; each least and most.
    """

    roll: float
    gain: tuple[float, float]
    face: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a face is: corner, size and a score 0..1."""

    x: float
    y: float
    w: float
    h: float
    score: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.w * self.h


@dataclass(frozen=True, slots=True)
class Pose:
    """Head angles in degrees. yaw and pitch 0 face the camera; roll is clockwise in the picture.

    With positive pitch the head is lowered, with negative pitch the chin is raised.
    Pitch carries a personal offset of about +5 +-7 degrees on faces that look straight ahead.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Face:
    """The person being photographed.

    `mesh` has 468x3 points of the MediaPipe face mesh (z in the same unit, smaller is nearer) and
    is None from the fallback engine. `eyes` (right, left), `chin` and `cheeks` (right, left) are
    always there; the fallback derives them from its box with fixed proportions.
    """

    box: Box
    eyes: Points
    chin: Points
    cheeks: Points
    mesh: Points | None
    presence: float
    pose: Pose | None

    @property
    def width(self) -> float:
        """Cheek to cheek, pixels."""
        return float(np.linalg.norm(self.cheeks[1] - self.cheeks[0]))

    @property
    def eye_distance(self) -> float:
        """Between the two eye centres, pixels."""
        return float(np.linalg.norm(self.eyes[1] - self.eyes[0]))

    @property
    def roll(self) -> float:
        """Tilt of the eye line, degrees, clockwise positive."""
        dx, dy = self.eyes[1] - self.eyes[0]
        return float(np.degrees(np.arctan2(dy, dx)))


@dataclass(frozen=True, slots=True)
class Look:
    """One frame, looked at.

    `others` are boxes besides the subject's, largest first; only meaningful when `swept` is true
    (a tracked look does not search the frame again). `mean_grey` is 0..255 over the whole frame.
    """

    width: int
    height: int
    source: Source
    mean_grey: float
    face: Face | None
    others: tuple[Box, ...]
    swept: bool

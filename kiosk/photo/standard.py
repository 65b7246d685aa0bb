# SPDX-License-Identifier: Apache-2.0
"""The measures of ISO/IEC 29794-5 that this engine can make of a still picture, under their names.

Native values by the reference implementation's recipes (BSI OFIQ-Project 1.0.3) on our landmarks,
pose and person mask, so not its own results; `mapping` makes the scores. Head size, crops and
margins speak of passport framing: they describe a camera frame and never judge a portrait of
GA 461. Pitch carries a personal offset of about +5 +-7 degrees. EyesOpen comes from the mesh, which
hardly reacts to a closed eye: it is told, and nothing rests on it (see `eyes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kiosk.photo import background, mapping
from kiosk.photo import mesh as mesh_points
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Face, Image, Look, Points
from kiosk.photo.measures import Measures

NAMES: Mapping[str, str] = {
    "luminance": "LuminanceMean",
    "contrast": "LuminanceVariance",
    "under": "UnderExposurePrevention",
    "over": "OverExposurePrevention",
    "range": "DynamicRange",
    "illumination": "IlluminationUniformity",
    "colour": "NaturalColour",
    "mouth": "MouthClosed",
}
"""Keys of `Measures` and the standard's measures behind them."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A native value in the measure's own unit, and its score 0..100."""

    value: float
    score: int


def assess(image: Image, look: Look, measures: Measures, engine: Engine) -> dict[str, Assessed]:
    """All measures of `look.face` in `image` (HxWx3 BGR); what cannot be made is absent.

    Takes a second look at the wall (a segmentation of the aligned face, about 10 ms).
    """
    face = look.face
    if face is None:
        return {}
    values = {NAMES[key]: value for key, value in measures.values.items() if key in NAMES}
    values |= framing(face, look.width, look.height)
    if look.swept:
        second = max((box.area for box in look.others), default=0.0)
        values["SingleFacePresent"] = min(second / max(face.box.area, 1e-9), 1.0)
    if face.pose is not None:
        values["HeadPoseYaw"] = face.pose.yaw
        values["HeadPosePitch"] = face.pose.pitch
        values["HeadPoseRoll"] = face.pose.roll
    if face.mesh is not None:
        values["EyesOpen"] = lid_opening(face.mesh[:, :2])
        gradient = background.gradient(image, face.mesh, engine)
        if gradient is not None:
            values["BackgroundUniformity"] = gradient
    return {
        name: Assessed(values[name], mapping.mapped(name, values[name]))
        for name in mapping.MAPPINGS
        if name in values
    }


def framing(face: Face, width: int, height: int) -> dict[str, float]:
    """Where the face lies in a frame of `width` x `height` pixels, six native values.

    InterEyeDistance in pixels, divided by cos(yaw); the others are ratios. The two crops each take
    the far eye, so they are one eye distance more generous than the near one's distance would be.
    """
    middle = face.eyes.mean(axis=0)
    between = max(face.eye_distance, 1e-6)
    to_chin = max(float(np.linalg.norm(face.chin - middle)), 1e-6)
    yaw = face.pose.yaw if face.pose else 0.0
    return {
        "InterEyeDistance": between / max(float(np.cos(np.radians(yaw))), 1e-6),
        "HeadSize": to_chin / height,
        "LeftwardCropOfTheFaceImage": float(face.eyes[1, 0]) / between,
        "RightwardCropOfTheFaceImage": (width - float(face.eyes[0, 0])) / between,
        "MarginAboveOfTheFaceImage": float(middle[1]) / to_chin,
        "MarginBelowOfTheFaceImage": (height - float(middle[1])) / to_chin,
    }


def lid_opening(mesh: Points) -> float:
    """Largest distance between the lids of the narrower eye / distance from eyes to chin.

    Args:
        mesh: 468x2 points in any scale.
    """
    middle = mesh_points.eye_centres(mesh).mean(axis=0)
    to_chin = max(float(np.linalg.norm(mesh[mesh_points.CHIN] - middle)), 1e-6)
    widest = [
        max(float(np.linalg.norm(mesh[upper] - mesh[lower])) for upper, lower in eye)
        for eye in mesh_points.LID_PAIRS
    ]
    return min(widest) / to_chin

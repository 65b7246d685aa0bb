# SPDX-License-Identifier: Apache-2.0
"""The best of a few frames: eyes open, mouth shut, head still, sharp. Frames are never mixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.photo import measures
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Face, Image
from kiosk.photo.verdict import Limits

_MOTION_WEIGHT = 3.0
_MOUTH = 0.07
_SHARP_SHARE = 0.75  # of the sharpest: less is blurred, and a blurred mouth reads as shut


@dataclass(frozen=True, slots=True)
class Candidate:
    """One frame of a burst. `motion`: mean shift to its neighbour / eye distance."""

    index: int
    face: Face
    sharpness: float
    openness: float | None
    mouth: float
    motion: float


def examine(engine: Engine, frames: Sequence[Image], previous: Face | None) -> list[Candidate]:
    """Looks at each frame in turn; frames without a face are left out."""
    found: list[Candidate] = []
    for index, image in enumerate(frames):
        face = engine.look(image, previous).face
        if face is not None:
            figures = measures.measure(image, face, measures.PREVIEW_PX).values
            shift = 0.0 if previous is None or not found else _shift(previous, face)
            found.append(
                Candidate(
                    index,
                    face,
                    figures.get("sharpness", 0.0),
                    engine.eye_openness(image, face),
                    figures.get("mouth", 0.0),
                    shift,
                )
            )
        previous = face
    if len(found) > 1:  # the first has no neighbour before it: take the one after
        found[0] = replace(found[0], motion=found[1].motion)
    return found


def ranked(
    candidates: Sequence[Candidate], usual_openness: float | None, limits: Limits
) -> list[Candidate]:
    """Best first.

    Blurred frames come last, before them those with closing eyes, a turned head or, if others have
    it shut, an open mouth; the rest by sharpness minus motion, equal ones by nearness to the press,
    which is the newest.
    """

    def shut(c: Candidate) -> bool:
        floor = max(limits.eyes_floor, limits.eyes_share * (usual_openness or 0.0))
        return c.openness is not None and c.openness < floor

    def turned(c: Candidate) -> bool:
        pose = c.face.pose
        return abs(c.face.roll) > limits.roll or (pose is not None and abs(pose.yaw) > limits.yaw)

    best = max((c.sharpness for c in candidates), default=0.0) or 1.0

    def blurred(c: Candidate) -> bool:
        return c.sharpness < _SHARP_SHARE * best

    any_shut_mouth = any(c.mouth <= _MOUTH for c in candidates if not blurred(c))

    def key(c: Candidate) -> tuple[bool, int, float, int]:
        faults = int(shut(c)) + int(turned(c)) + int(any_shut_mouth and c.mouth > _MOUTH)
        return (blurred(c), faults, _MOTION_WEIGHT * c.motion - c.sharpness / best, -c.index)

    return sorted(candidates, key=key)


def _shift(a: Face, b: Face) -> float:
    if a.mesh is not None and b.mesh is not None:
        moved = np.linalg.norm(a.mesh[:, :2] - b.mesh[:, :2], axis=1).mean()
    else:
        moved = np.linalg.norm(a.eyes - b.eyes, axis=1).mean()
    return float(moved) / max(b.eye_distance, 1.0)

# SPDX-License-Identifier: Apache-2.0
"""The best of a few frames: eyes open, mouth shut, head still, sharp. Frames are never mixed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.photo import eyes
from kiosk.photo.faces import Face
from kiosk.photo.guide_watch import Seen
from kiosk.photo.verdict import Limits

_MOTION_WEIGHT = 3.0
_FPS = 30.0  # the weight was found for neighbours at this rate
_MOUTH = 0.07
_SHARP_SHARE = 0.75  # of the sharpest: less is blurred, and a blurred mouth reads as shut


@dataclass(frozen=True, slots=True)
class Candidate:
    """One frame of a burst. `motion`: mean shift in 1/30 s to its neighbour / eye distance.

    `index` is the frame's place in the burst, oldest first. `openness` None: not known.
    """

    index: int
    face: Face
    sharpness: float
    openness: float | None
    mouth: float
    motion: float


def candidates(seen: Sequence[Seen]) -> list[Candidate]:
    """The frames of a burst that show a face; `seen` in the order of time."""
    found: list[Candidate] = []
    before: Seen | None = None
    for index, one in enumerate(seen):
        if one.face is not None:
            shift = 0.0 if before is None else _shift(before, one)
            found.append(Candidate(index, one.face, one.sharpness, one.openness, one.mouth, shift))
        before = one
    if len(found) > 1:  # the first has no neighbour before it: take the one after
        found[0] = replace(found[0], motion=found[1].motion)
    return found


def best(
    some: Sequence[Candidate],
    openness: Callable[[int], float | None],
    usual_openness: float | None,
    limits: Limits,
) -> Candidate:
    """The frame to keep. `some` must not be empty.

    `openness` looks at the eyes of frame `index`, which is dear: it is asked for the front runner
    only, and for the next one when that one's eyes are closing.
    """
    known = {one.index: one for one in some}
    while True:
        first = ranked(list(known.values()), usual_openness, limits)[0]
        if first.openness is not None:
            return first
        looked = openness(first.index)
        if looked is None:  # this engine cannot tell
            return first
        known[first.index] = replace(first, openness=looked)


def ranked(
    some: Sequence[Candidate], usual_openness: float | None, limits: Limits
) -> list[Candidate]:
    """Best first.

    Blurred frames come last, before them those with closing eyes, a turned head or, if others have
    it shut, an open mouth; the rest by sharpness minus motion, equal ones by nearness to the press,
    which is the newest. Eyes that nobody looked at count as open.
    """

    def shut(c: Candidate) -> bool:
        return c.openness is not None and eyes.closed(
            c.openness, usual_openness, share=limits.eyes_share, floor=limits.eyes_floor
        )

    def turned(c: Candidate) -> bool:
        pose = c.face.pose
        return abs(c.face.roll) > limits.roll or (pose is not None and abs(pose.yaw) > limits.yaw)

    sharpest = max((c.sharpness for c in some), default=0.0) or 1.0

    def blurred(c: Candidate) -> bool:
        return c.sharpness < _SHARP_SHARE * sharpest

    any_shut_mouth = any(c.mouth <= _MOUTH for c in some if not blurred(c))

    def key(c: Candidate) -> tuple[bool, int, float, int]:
        faults = int(shut(c)) + int(turned(c)) + int(any_shut_mouth and c.mouth > _MOUTH)
        return (blurred(c), faults, _MOTION_WEIGHT * c.motion - c.sharpness / sharpest, -c.index)

    return sorted(some, key=key)


def _shift(before: Seen, after: Seen) -> float:
    a, b = before.face, after.face
    if a is None or b is None:
        return 0.0
    if a.mesh is not None and b.mesh is not None:
        moved = np.linalg.norm(a.mesh[:, :2] - b.mesh[:, :2], axis=1).mean()
    else:
        moved = np.linalg.norm(a.eyes - b.eyes, axis=1).mean()
    frames = max((after.stamp - before.stamp) * _FPS, 1.0)
    return float(moved) / max(b.eye_distance, 1.0) / frames

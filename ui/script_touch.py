# SPDX-License-Identifier: Apache-2.0
"""A script's finger: touches that go the way of a panel's, and the strokes of a signature."""

import itertools
from typing import Any

from kivy.input.motionevent import MotionEvent

SIGNATURE = (
    ((0.18, 0.28), (0.30, 0.34), (0.24, 0.52), (0.16, 0.72)),
    ((0.14, 0.50), (0.22, 0.49), (0.34, 0.48)),
    ((0.46, 0.24), (0.44, 0.46), (0.47, 0.70), (0.56, 0.66), (0.62, 0.40)),
    ((0.68, 0.40), (0.76, 0.38), (0.88, 0.38)),
    ((0.78, 0.22), (0.78, 0.50), (0.77, 0.78)),
)
"""A signature when the script gives none: strokes of points, 0..1 of the pad."""


class ScriptTouch(MotionEvent):
    """A finger of a script, dispatched like a panel's."""

    def __init__(self, number: int, x: float, y: float) -> None:
        super().__init__("script", number, {"sx": x, "sy": y}, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, float]) -> None:
        """Takes the place (0..1 of the window, y up)."""
        self.sx, self.sy = args["sx"], args["sy"]
        self.profile = ("pos",)
        super().depack(args)


def dense(stroke: Any) -> list[tuple[float, float]]:
    """A stroke's points with six steps from each to the next, as a moving finger gives them."""
    points = [(float(x), float(y)) for x, y in stroke]
    dense = [points[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        dense += [(x0 + (x1 - x0) * n / 6, y0 + (y1 - y0) * n / 6) for n in range(1, 7)]
    return dense

# SPDX-License-Identifier: Apache-2.0
"""The ink under a signing finger."""

from kivy.graphics import Color, SmoothLine
from kivy.graphics.instructions import InstructionGroup

from kiosk.events import Stroke
from ui.drawing import Drawing, Pad


class Pen:
    """The strokes of one signature, and their ink (`ink`, a place on the canvas).

    Points are px of the panel, y down; strokes are kept as shares 0..1 of the pad.
    """

    def __init__(self) -> None:
        self.ink = InstructionGroup()
        self._strokes: list[list[tuple[float, float]]] = []
        self._line: SmoothLine | None = None
        self._pad: Pad | None = None
        self._height = 0

    def strokes(self) -> tuple[Stroke, ...]:
        """What is signed so far: points 0..1 of the pad, y down."""
        return tuple(tuple(points) for points in self._strokes)

    def clear(self) -> None:
        """Forgets the strokes; their ink goes with the next `draw`."""
        self._strokes.clear()

    def begin(self, x: float, y: float) -> None:
        """A finger comes down on the pad."""
        if self._pad is not None:
            self._strokes.append([self._share(self._pad, x, y)])
            self._ink()

    def go_on(self, x: float, y: float) -> None:
        """The finger moves."""
        if self._pad is None or not self._strokes:
            return
        point = self._share(self._pad, x, y)
        self._strokes[-1].append(point)
        if self._line is not None:
            self._line.points = [*self._line.points, *self._at(self._pad, point)]

    def end(self) -> bool:
        """The finger goes; whether there is a signature. A mere dot is none."""
        self._strokes = [points for points in self._strokes if len(points) > 1]
        self._ink()
        return bool(self._strokes)

    def draw(self, drawing: Drawing, height: int) -> None:
        """Puts the ink on the pad of a new drawing, on a panel `height` px high."""
        self._height = height
        self._pad = next((one for one in drawing.elements if isinstance(one, Pad)), None)
        self._ink()

    def _share(self, pad: Pad, x: float, y: float) -> tuple[float, float]:
        share_x = (x - pad.rect.x) / pad.rect.w
        share_y = (y - pad.rect.y) / pad.rect.h
        return min(1.0, max(0.0, share_x)), min(1.0, max(0.0, share_y))

    def _at(self, pad: Pad, point: tuple[float, float]) -> tuple[float, float]:
        x = pad.rect.x + point[0] * pad.rect.w
        y = pad.rect.y + point[1] * pad.rect.h
        return x, self._height - y

    def _ink(self) -> None:
        self.ink.clear()
        self._line = None
        if self._pad is None:
            return
        self.ink.add(Color(*self._pad.colour))
        for points in self._strokes:
            flat = [part for point in points for part in self._at(self._pad, point)]
            self._line = SmoothLine(points=flat, width=self._pad.pen_px / 2)
            self.ink.add(self._line)

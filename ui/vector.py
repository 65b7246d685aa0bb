# SPDX-License-Identifier: Apache-2.0
"""Small vector drawings to pixels: paths in a view box, filled and stroked, smooth at any size.

Paths use the letters of SVG path data (M L H V C Q Z, upper and lower case). Drawn four times too
large with Pillow and reduced, so that no multisampling is asked of the graphics driver.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from ui.theme import Rgb

OVER = 4
"""How many times too large a drawing is made before it is reduced."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """One path. `width` is the stroke's, in units of the view box; colours None: not drawn.

    `dash`: lengths of stroke and gap in units, or None for a whole line.
    """

    path: str
    fill: Rgb | None = None
    stroke: Rgb | None = None
    width: float = 0.0
    dash: tuple[float, float] | None = None
    opacity: float = 1.0


def circle(x: float, y: float, r: float) -> str:
    """The path of a circle."""
    return ellipse(x, y, r, r)


def ellipse(x: float, y: float, rx: float, ry: float) -> str:
    """The path of an upright ellipse (four cubic arcs)."""
    k = 0.5522847
    return (
        f"M{x - rx} {y}C{x - rx} {y - ry * k} {x - rx * k} {y - ry} {x} {y - ry}"
        f"C{x + rx * k} {y - ry} {x + rx} {y - ry * k} {x + rx} {y}"
        f"C{x + rx} {y + ry * k} {x + rx * k} {y + ry} {x} {y + ry}"
        f"C{x - rx * k} {y + ry} {x - rx} {y + ry * k} {x - rx} {y}Z"
    )


def box(x: float, y: float, w: float, h: float, r: float = 0.0) -> str:
    """The path of a rectangle with rounded corners."""
    if r <= 0:
        return f"M{x} {y}H{x + w}V{y + h}H{x}Z"
    k = r * 0.4477
    return (
        f"M{x + r} {y}H{x + w - r}C{x + w - k} {y} {x + w} {y + k} {x + w} {y + r}"
        f"V{y + h - r}C{x + w} {y + h - k} {x + w - k} {y + h} {x + w - r} {y + h}"
        f"H{x + r}C{x + k} {y + h} {x} {y + h - k} {x} {y + h - r}"
        f"V{y + r}C{x} {y + k} {x + k} {y} {x + r} {y}Z"
    )


def capsule(x1: float, y1: float, x2: float, y2: float, r: float) -> str:
    """The path of a line from (x1, y1) to (x2, y2) with the thickness 2r and round ends."""
    angle = math.atan2(y2 - y1, x2 - x1)
    points = []
    for cx, cy, start in ((x2, y2, angle - math.pi / 2), (x1, y1, angle + math.pi / 2)):
        for step in range(13):
            a = start + math.pi * step / 12
            points.append(f"{cx + r * math.cos(a):.2f} {cy + r * math.sin(a):.2f}")
    return "M" + "L".join(points) + "Z"


_TOKEN = re.compile(r"[MmLlHhVvCcQqZz]|-?\d*\.?\d+(?:e-?\d+)?")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "Z": 0}


def flatten(path: str, scale: float) -> list[tuple[list[Point], bool]]:
    """The path's polylines in px, each with whether it is closed. Raises `ValueError` if broken."""
    tokens = _TOKEN.findall(path)
    lines: list[tuple[list[Point], bool]] = []
    points: list[Point] = []
    x = y = 0.0
    at, command = 0, ""
    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        elif command in ("", "Z", "z"):
            raise ValueError("a path must begin with a letter")
        upper, relative = command.upper(), command.islower()
        take = _TAKES[upper]
        numbers = [float(token) for token in tokens[at : at + take]]
        if len(numbers) < take:
            raise ValueError("a path ends in the middle of a command")
        at += take
        dx, dy = (x, y) if relative else (0.0, 0.0)
        if upper == "M":
            if len(points) > 1:
                lines.append((points, False))
            x, y = numbers[0] + dx, numbers[1] + dy
            points = [(x, y)]
            command = "l" if relative else "L"
        elif upper == "L":
            x, y = numbers[0] + dx, numbers[1] + dy
            points.append((x, y))
        elif upper == "H":
            x = numbers[0] + dx
            points.append((x, y))
        elif upper == "V":
            y = numbers[0] + dy
            points.append((x, y))
        elif upper in "CQ":
            pairs = [(numbers[i] + dx, numbers[i + 1] + dy) for i in range(0, take, 2)]
            if upper == "Q":
                (qx, qy), end = pairs
                pairs = [
                    (x + 2 / 3 * (qx - x), y + 2 / 3 * (qy - y)),
                    (end[0] + 2 / 3 * (qx - end[0]), end[1] + 2 / 3 * (qy - end[1])),
                    end,
                ]
            points.extend(_curve((x, y), pairs, scale))
            x, y = pairs[-1]
        else:
            if points:
                lines.append((points, True))
                x, y = points[0]
            points = []
    if len(points) > 1:
        lines.append((points, False))
    return [([(px * scale, py * scale) for px, py in line], closed) for line, closed in lines]


def _curve(start: Point, pairs: list[Point], scale: float) -> Iterable[Point]:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = start, *pairs
    span = abs(x1 - x0) + abs(x2 - x1) + abs(x3 - x2) + abs(y1 - y0) + abs(y2 - y1) + abs(y3 - y2)
    steps = max(4, min(48, int(span * scale / 6)))
    for step in range(1, steps + 1):
        t = step / steps
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _dashes(points: list[Point], on: float, off: float) -> Iterable[list[Point]]:
    piece: list[Point] = [points[0]]
    left, drawing = on, True
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        done = 0.0
        while length - done > left:
            done += left
            cut = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if drawing:
                yield [*piece, cut]
            piece, drawing = [cut], not drawing
            left = on if drawing else off
        left -= length - done
        piece.append((x1, y1))
    if drawing and len(piece) > 1:
        yield piece


def _stroke(pen: ImageDraw.ImageDraw, points: list[Point], width: float, ink: int) -> None:
    # Pillow draws a line on whole pixels about the middle of the pixel, four times reduced that
    # is less than an eighth of a pixel off.
    pen.line(points, fill=ink, width=max(1, round(width)), joint="curve")
    r = width / 2
    for x, y in (points[0], points[-1]):
        pen.ellipse((x - r, y - r, x + r, y + r), fill=ink)


def rasterise(
    shapes: Iterable[Shape], view: tuple[float, float], size: tuple[int, int]
) -> Image.Image:
    """The shapes of a view box (width, height) as an RGBA picture of `size` px, proportions kept.

    The drawing is centred where the proportions differ.
    """
    scale = min(size[0] / view[0], size[1] / view[1])
    dx, dy = (size[0] - view[0] * scale) / 2, (size[1] - view[1] * scale) / 2
    big = (size[0] * OVER, size[1] * OVER)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    for shape in shapes:
        lines = [
            ([(x + dx * OVER, y + dy * OVER) for x, y in points], closed)
            for points, closed in flatten(shape.path, scale * OVER)
        ]
        for colour, fill in ((shape.fill, True), (shape.stroke, False)):
            if colour is None:
                continue
            reach = 0.0 if fill else shape.width * scale * OVER
            bounds = _bounds(lines, reach, big)
            if bounds is None:
                continue
            left, top, right, bottom = bounds
            mask = Image.new("L", (right - left, bottom - top), 0)
            pen = ImageDraw.Draw(mask)
            for points, closed in lines:
                moved = [(x - left, y - top) for x, y in points]
                if fill:
                    pen.polygon(moved, fill=255)
                elif shape.dash:
                    on, off = (length * scale * OVER for length in shape.dash)
                    loop = [*moved, moved[0]] if closed else moved
                    for piece in _dashes(loop, on, off):
                        _stroke(pen, piece, shape.width * scale * OVER, 255)
                else:
                    loop = [*moved, moved[0], moved[1]] if closed else moved
                    _stroke(pen, loop, shape.width * scale * OVER, 255)
            small = mask.reduce(OVER)
            if shape.opacity < 1:
                opacity = shape.opacity
                small = small.point([round(level * opacity) for level in range(256)])
            layer = Image.new("RGBA", small.size, (*(round(c * 255) for c in colour), 0))
            layer.putalpha(small)
            picture.alpha_composite(layer, (left // OVER, top // OVER))
    return picture


def _bounds(
    lines: list[tuple[list[Point], bool]], reach: float, big: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Where the shape is, in whole blocks of `OVER` px inside the picture; None: nowhere."""
    xs = [x for points, _closed in lines for x, _y in points]
    ys = [y for points, _closed in lines for _x, y in points]
    if not xs:
        return None
    left = max(0, int((min(xs) - reach) // OVER) * OVER)
    top = max(0, int((min(ys) - reach) // OVER) * OVER)
    right = min(big[0], int((max(xs) + reach) // OVER + 1) * OVER)
    bottom = min(big[1], int((max(ys) + reach) // OVER + 1) * OVER)
    return None if right <= left or bottom <= top else (left, top, right, bottom)

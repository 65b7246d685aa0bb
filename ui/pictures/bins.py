# SPDX-License-Identifier: Apache-2.0
"""The cabinet of bins with one door open: a card goes in, or somebody looks in."""

from ui.pictures.cards import card_shapes
from ui.theme import Palette, Rgb, rgb
from ui.vector import Shape, box, circle, ellipse

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]

_X, _Y, _W, _H, _GAP = 40, 40, 92, 66, 10  # the doors' grid


def _body(p: Palette) -> tuple[Shape, ...]:
    """A cabinet of three by four doors, whose second door of the second row stands open."""
    normal = p.name == "normal"
    steel: Rgb = rgb("#DCE6EF") if normal else rgb("#1E1E1E")
    door: Rgb = rgb("#FFFFFF") if normal else rgb("#000000")
    line: Rgb = rgb("#9AA7B1") if normal else p.line
    shapes = [
        Shape(ellipse(192, 372, 190, 14), rgb("#14212B"), opacity=0.07),
        Shape(box(20, 20, 344, 344, 18), steel, p.ink if normal else p.line, 4),
    ]
    for row in range(4):
        for column in range(3):
            x, y = _X + column * (_W + _GAP), _Y + row * (_H + _GAP)
            if (row, column) == (1, 1):
                continue
            shapes.append(Shape(box(x, y, _W, _H, 7), door, line, 3))
            shapes.append(Shape(circle(x + _W - 14, y + _H / 2, 4), line))
    x, y = _X + _W + _GAP, _Y + _H + _GAP
    inside = rgb("#3A4B58") if normal else rgb("#2A2A2A")
    shapes.append(Shape(box(x, y, _W, _H, 5), inside, p.blue, 4))
    swung = f"M{x} {y}L{x - 34} {y - 16}V{y + _H + 16}L{x} {y + _H}Z"
    shapes.append(Shape(swung, door, p.blue, 4))
    shapes.append(Shape(circle(x - 24, y + _H / 2, 4), p.blue))
    return tuple(shapes)


def card_into_bin(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The card before the open door, an arrow into it."""
    arrow = p.blue if p.name == "normal" else rgb("#FFFFFF")
    return (560, 400), (
        *_body(p),
        *card_shapes(380, 94, 160, p),
        Shape("M372 150H246M264 132L246 150L264 168", stroke=rgb("#FFFFFF"), width=15),
        Shape("M372 150H246M264 132L246 150L264 168", stroke=arrow, width=9),
    )


def bin_open(p: Palette, args: tuple[str, ...]) -> Drawn:
    """An eye that looks into the open door."""
    ink = p.blue if p.name == "normal" else rgb("#FFFFFF")
    white = rgb("#FFFFFF") if p.name == "normal" else rgb("#000000")
    return (560, 400), (
        *_body(p),
        Shape(
            "M396 150C422 112 452 98 474 98C496 98 526 112 552 150C526 188 496 202 474 202"
            "C452 202 422 188 396 150Z",
            white,
            ink,
            8,
        ),
        Shape(circle(474, 150, 26), ink),
        Shape(circle(474, 150, 10), white),
        Shape("M384 150H246", stroke=ink, width=6, dash=(14, 12)),
    )


def cabinet(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The cabinet alone, one door open."""
    return (384, 392), _body(p)

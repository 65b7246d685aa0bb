# SPDX-License-Identifier: Apache-2.0
"""Heads: the guide over the preview, a drawn head, and the person of the photo booth's hints."""

import math
import re
from dataclasses import replace

from ui.pictures.cards import COAT, FACE, portrait
from ui.theme import Palette, rgb
from ui.vector import Shape, box, circle, ellipse

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]

EYE_LINE = 182.0
"""The guide's line for the eyes, of 441 from the top (GA 461: at least 207 from the bottom)."""

_DARK = rgb("#1F2429")
_WHITE = rgb("#FFFFFF")
_LIPS = rgb("#9A5A48")
_PAIR = re.compile(r"(-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?)")


def guide(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The oval for the face and the line for the eyes; ``args[0]`` is width by height.

    In units of the preview (441 high, the whole height of the camera's picture). A face of 250 px
    in a picture 720 px high makes a portrait without enlarging; the oval is a little wider. The
    arrowheads at the line's ends are at the picture's edges, where no face is.
    """
    ratio = float(args[0]) if args else 358 / 441
    wide = 441 * ratio
    x, y = wide / 2, 168.0
    oval = ellipse(x, y, 88, 116)
    ink = p.blue
    line = f"M26 {EYE_LINE}H{x - 96}M{x + 96} {EYE_LINE}H{wide - 26}"
    heads = (
        f"M8 {EYE_LINE - 13}L28 {EYE_LINE}L8 {EYE_LINE + 13}Z"
        f"M{wide - 8} {EYE_LINE - 13}L{wide - 28} {EYE_LINE}L{wide - 8} {EYE_LINE + 13}Z"
    )
    return (wide, 441), (
        Shape(oval, stroke=_WHITE, width=6.5, dash=(11, 9), opacity=0.85),
        Shape(oval, stroke=ink, width=3.6, dash=(11, 9)),
        Shape(line, stroke=_WHITE, width=6, opacity=0.7),
        Shape(line, stroke=ink, width=3),
        Shape(heads, ink, _WHITE, 1.6),
    )


def head(p: Palette, args: tuple[str, ...]) -> Drawn:
    """A drawn head and shoulders in a frame."""
    return (140, 172), (
        Shape(box(4, 4, 132, 164, 8), _WHITE, p.line, 3),
        *portrait(16, 26, 108),
        Shape("M16 168H124", stroke=p.line, width=3),
    )


def moved(
    path: str, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, cx: float = 50
) -> str:
    """A path of absolute M, L, C and Q with "x y" pairs: turned, scaled, then moved.

    `turn` is in degrees, clockwise, about (`cx`, 84), where the neck of a drawn head begins.
    """
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def at(pair: re.Match[str]) -> str:
        px, py = float(pair[1]) - cx, float(pair[2]) - 84
        qx, qy = cx + px * c - py * s, 84 + px * s + py * c
        return f"{x + qx * scale:.2f} {y + qy * scale:.2f}"

    return _PAIR.sub(at, path)


def features(
    *, dx: float = 0, dy: float = 0, eyes: str = "open", mouth: str = "closed"
) -> tuple[Shape, ...]:
    """Brows, eyes, nose and mouth in the units of `portrait`; `dx`, `dy` turn the face.

    `eyes`: ``open``, ``wide`` or ``shut``. `mouth`: ``closed`` or ``open``.
    """
    shapes: list[Shape] = []
    for cx in (38 + dx, 62 + dx):
        eye, brow = 46 + dy, 36 + dy
        shapes.append(Shape(f"M{cx - 6} {brow}L{cx + 6} {brow}", stroke=_DARK, width=2.6))
        if eyes == "shut":
            lid = f"M{cx - 6} {eye}C{cx - 3} {eye + 4} {cx + 3} {eye + 4} {cx + 6} {eye}"
            shapes.append(Shape(lid, stroke=_DARK, width=2.6))
            continue
        high = 5.6 if eyes == "wide" else 3.6
        shapes += [
            Shape(ellipse(cx, eye, 6.4, high), _WHITE),
            Shape(circle(cx, eye, min(high, 3.6)), _DARK),
        ]
    nose = f"M{50 + dx * 1.3} {48 + dy}L{49 + dx * 1.6} {57 + dy * 1.2}"
    shapes.append(Shape(nose, stroke=rgb("#C48E70"), width=2.6))
    y = 67 + dy
    if mouth == "open":
        shapes.append(Shape(ellipse(50 + dx, y, 6.5, 4.6), rgb("#7A3A30"), _LIPS, 2))
    else:
        lips = f"M{42 + dx} {y}C{46 + dx} {y + 1.4} {54 + dx} {y + 1.4} {58 + dx} {y}"
        shapes.append(Shape(lips, stroke=_LIPS, width=2.8))
    return tuple(shapes)


def person(
    x: float, y: float, w: float, *, turn: float = 0, face: tuple[Shape, ...] | None = None
) -> tuple[Shape, ...]:
    """Head and shoulders `w` wide and 1.25 w high; `turn` leans the head, in degrees clockwise."""
    s = w / 100
    coat, neck, skin, hair = portrait(0, 0, 100)
    worn = features() if face is None else face
    still = (
        replace(coat, path=moved(coat.path, x, y, s)),
        replace(neck, path=box(x + 40 * s, y + 66 * s, 20 * s, 24 * s, 8 * s)),
    )
    leaning = tuple(
        replace(one, path=moved(one.path, x, y, s, turn), width=one.width * s)
        for one in (skin, hair, *worn)
    )
    return (*still, *leaning)


def seated(x: float, y: float, *, stool: float = 0) -> tuple[Shape, ...]:
    """A person on a stool from the side, looking left; about 34 wide, 70 high; `stool` lifts."""
    top = y - stool
    seat = top + 44
    return (
        Shape(f"M{x + 20} {seat + 3}V{y + 68}", stroke=rgb("#52626E"), width=4),
        Shape(f"M{x + 8} {y + 69}H{x + 32}", stroke=rgb("#52626E"), width=4.4),
        Shape(box(x + 6, seat, 28, 6, 2.6), rgb("#9AA7B1")),
        Shape(
            f"M{x + 20} {top + 21}L{x + 21} {top + 39}L{x + 4} {top + 40}L{x + 2} {top + 62}",
            stroke=COAT,
            width=10,
        ),
        Shape(f"M{x - 3} {top + 64}H{x + 5}", stroke=_DARK, width=4.6),
        Shape(box(x + 14, top + 10, 8, 10, 3), rgb("#D9A98A")),
        Shape(ellipse(x + 16, top + 7, 9, 10), FACE),
        Shape(f"M{x + 7.6} {top + 5}L{x + 4} {top + 10}L{x + 8.6} {top + 11}Z", FACE),
        Shape(circle(x + 11.4, top + 6, 1.5), _DARK),
        Shape(
            f"M{x + 8} {top + 1}C{x + 9} {top - 8} {x + 28} {top - 8} {x + 27} {top + 8}"
            f"C{x + 26} {top + 14} {x + 22} {top + 15} {x + 20} {top + 13}"
            f"C{x + 21} {top + 8} {x + 19} {top + 3} {x + 8} {top + 1}Z",
            _DARK,
        ),
    )

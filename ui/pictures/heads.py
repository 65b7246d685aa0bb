# SPDX-License-Identifier: Apache-2.0
"""Heads: the guide over the preview and a drawn head."""

from ui.pictures.cards import portrait
from ui.theme import Palette, rgb
from ui.vector import Shape, box, ellipse

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]


def guide(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The oval for the face and the line for the eyes; ``args[0]`` is width by height.

    In units of the preview (441 high, the whole height of the camera's picture). A face of 250 px
    in a picture 720 px high makes a portrait without enlarging; the oval is a little wider.
    """
    ratio = float(args[0]) if args else 358 / 441
    wide = 441 * ratio
    x, y = wide / 2, 168.0
    oval = ellipse(x, y, 88, 116)
    ink = p.blue
    return (wide, 441), (
        Shape(oval, stroke=rgb("#FFFFFF"), width=5.5, dash=(11, 9), opacity=0.85),
        Shape(oval, stroke=ink, width=3.4, dash=(11, 9)),
        Shape(
            f"M{x - 116} {y + 14}H{x + 116}",
            stroke=rgb("#FFFFFF"),
            width=2.6,
            opacity=0.55,
        ),
        Shape(f"M{x - 116} {y + 14}H{x + 116}", stroke=ink, width=1.4, opacity=0.6),
    )


def head(p: Palette, args: tuple[str, ...]) -> Drawn:
    """A drawn head and shoulders in a frame."""
    return (140, 172), (
        Shape(box(4, 4, 132, 164, 8), rgb("#FFFFFF"), p.line, 3),
        *portrait(16, 26, 108),
        Shape("M16 168H124", stroke=p.line, width=3),
    )

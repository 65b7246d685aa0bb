# SPDX-License-Identifier: Apache-2.0
"""The ID card, and how it goes on the reader."""

from ui.theme import Palette, Rgb, rgb
from ui.vector import Shape, box, circle

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]

FACE: Rgb = rgb("#E6BB9C")
COAT: Rgb = rgb("#3A4B58")
HAIR: Rgb = rgb("#1F2429")


def portrait(x: float, y: float, w: float) -> tuple[Shape, ...]:
    """A small drawn head and shoulders, `w` wide and 1.25 w high, at (x, y)."""
    s = w / 100

    def at(px: float, py: float) -> str:
        return f"{x + px * s:.2f} {y + py * s:.2f}"

    return (
        Shape(
            f"M{at(4, 125)}C{at(8, 92)} {at(30, 84)} {at(50, 84)}"
            f"C{at(70, 84)} {at(92, 92)} {at(96, 125)}Z",
            COAT,
        ),
        Shape(box(x + 40 * s, y + 66 * s, 20 * s, 24 * s, 8 * s), rgb("#D9A98A")),
        Shape(
            f"M{at(22, 44)}C{at(22, 16)} {at(36, 8)} {at(50, 8)}"
            f"C{at(64, 8)} {at(78, 16)} {at(78, 44)}"
            f"C{at(78, 66)} {at(64, 80)} {at(50, 80)}C{at(36, 80)} {at(22, 66)} {at(22, 44)}Z",
            FACE,
        ),
        Shape(
            f"M{at(20, 44)}C{at(14, 10)} {at(38, 0)} {at(50, 0)}"
            f"C{at(62, 0)} {at(86, 10)} {at(80, 44)}"
            f"C{at(78, 30)} {at(70, 22)} {at(64, 20)}C{at(52, 26)} {at(36, 24)} {at(30, 22)}"
            f"C{at(24, 28)} {at(22, 36)} {at(20, 44)}Z",
            HAIR,
        ),
    )


def card_shapes(x: float, y: float, w: float, p: Palette) -> tuple[Shape, ...]:
    """A card (85.6 x 54 mm) `w` wide with its upper left corner at (x, y)."""
    h = w * 54 / 85.6
    s = w / 220
    line = rgb("#9AA7B1")
    rows = "".join(
        f"M{x + 20 * s} {y + dy * s}H{x + (20 + length) * s}"
        for dy, length in ((30, 84), (54, 60), (78, 74))
    )
    number = f"M{x + 20 * s} {y + 114 * s}H{x + 122 * s}"
    return (
        Shape(box(x + 4 * s, y + 6 * s, w, h, 12 * s), rgb("#14212B"), opacity=0.10),
        Shape(box(x, y, w, h, 12 * s), rgb("#FFFFFF"), p.soft, 3.4 * s),
        Shape(rows, stroke=line, width=8 * s),
        Shape(number, stroke=rgb("#52626E"), width=8 * s),
        *portrait(x + 142 * s, y + 22 * s, 60 * s),
    )


def card(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The card alone."""
    return (256, 176), card_shapes(16, 16, 220, p)


def _reader(p: Palette) -> tuple[Shape, ...]:
    pale = p.blue_soft if p.name == "normal" else rgb("#333333")
    return (
        Shape(box(44, 214, 372, 138, 20), p.blue),
        Shape(box(64, 230, 332, 100, 13), pale),
        Shape(
            "M196 262C204 254 256 254 264 262M208 276C214 270 246 270 252 276",
            stroke=p.blue,
            width=6,
        ),
        Shape(circle(230, 294, 7), p.blue),
    )


def card_on_reader(p: Palette, args: tuple[str, ...]) -> Drawn:
    """A card over the blue area, an arrow down onto it."""
    arrow = p.blue if p.name == "normal" else rgb("#FFFFFF")
    return (460, 380), (
        *_reader(p),
        *card_shapes(120, 26, 220, p),
        Shape("M230 178V218M214 203L230 219L246 203", stroke=arrow, width=11),
        Shape("M230 178V218M214 203L230 219L246 203", stroke=rgb("#FFFFFF"), width=5)
        if p.name == "normal"
        else Shape("M230 180V181", stroke=arrow, width=2),
    )


def card_off_reader(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The card taken off again, an arrow up."""
    arrow = p.blue if p.name == "normal" else rgb("#FFFFFF")
    return (460, 380), (
        *_reader(p),
        *card_shapes(120, 14, 220, p),
        Shape("M230 216V176M214 191L230 175L246 191", stroke=arrow, width=8),
    )

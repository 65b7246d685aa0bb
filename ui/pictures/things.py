# SPDX-License-Identifier: Apache-2.0
"""The booth, the slip, the counter, the phone, an hourglass, the card dispenser."""

from ui.pictures.cards import card_shapes, portrait
from ui.theme import Palette, rgb
from ui.vector import Shape, box, circle, ellipse

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]


def booth(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The booth with its screen, camera, reader and slip; a card before it."""
    white, ink = rgb("#FFFFFF"), p.ink
    body = rgb("#DCE6EF") if p.name == "normal" else rgb("#1E1E1E")
    return (520, 480), (
        Shape(ellipse(262, 452, 220, 20), rgb("#14212B"), opacity=0.07),
        Shape(box(96, 22, 300, 428, 28), body),
        Shape(box(96, 22, 300, 66, 28), p.blue),
        Shape(box(96, 60, 300, 28), p.blue),
        Shape(circle(246, 55, 15), white),
        Shape(circle(246, 55, 7), p.blue if p.name == "normal" else rgb("#000000")),
        Shape(box(134, 108, 224, 168, 14), white, ink if p.name == "normal" else p.line, 5),
        *portrait(158, 132, 92),
        Shape(ellipse(204, 178, 44, 54), None, p.blue, 3.4, dash=(9, 7)),
        Shape("M270 142H336M270 166H320M270 190H330", stroke=rgb("#9AA7B1"), width=8),
        Shape(box(270, 214, 68, 32, 8), p.green),
        Shape("M292 230L300 238L316 222", stroke=p.on_green, width=5),
        Shape(box(134, 300, 128, 62, 10), p.blue),
        Shape(box(144, 309, 108, 44, 7), p.blue_soft),
        Shape(box(284, 306, 74, 12, 6), rgb("#52626E")),
        Shape(
            "M296 312H346V366L338 360L329 366L321 360L312 366L304 360L296 366Z",
            white,
            rgb("#9AA7B1"),
            2.4,
        ),
        Shape("M306 328H336M306 340H326", stroke=rgb("#9AA7B1"), width=4),
        Shape(box(134, 392, 224, 8, 4), rgb("#B9C6D2")),
        *card_shapes(330, 330, 170, p),
    )


def hourglass(p: Palette, args: tuple[str, ...]) -> Drawn:
    """A calm hourglass."""
    glass = rgb("#FFFFFF") if p.name == "normal" else rgb("#000000")
    return (120, 120), (
        Shape(
            "M34 18H86C86 44 66 50 66 60C66 70 86 76 86 102"
            "H34C34 76 54 70 54 60C54 50 34 44 34 18Z",
            glass,
            p.blue,
            5,
        ),
        Shape("M46 38H74C70 46 62 50 60 58C58 50 50 46 46 38Z", p.blue, opacity=0.85),
        Shape("M40 99C44 88 54 84 60 84C66 84 76 88 80 99Z", p.blue, opacity=0.85),
        Shape("M60 60V82", stroke=p.blue, width=3),
        Shape("M28 16H92M28 104H92", stroke=p.blue, width=8),
    )


def ticket(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The slip coming out of its slot."""
    return (240, 300), (
        Shape(box(20, 20, 200, 44, 14), p.blue),
        Shape(box(40, 36, 160, 12, 6), rgb("#06335D") if p.name == "normal" else rgb("#000000")),
        Shape(
            "M58 44H182V262L166.5 250L151 262L135.5 250L120 262L104.5 250L89 262L73.5 250L58 262Z",
            rgb("#FFFFFF"),
            rgb("#9AA7B1"),
            4,
        ),
        Shape("M80 84H160M80 112H146M80 140H154", stroke=rgb("#9AA7B1"), width=8),
        Shape(
            box(80, 166, 22, 22)
            + box(132, 166, 22, 22)
            + box(80, 208, 22, 22)
            + box(112, 186, 10, 10)
            + box(126, 206, 12, 12)
            + box(146, 200, 8, 28),
            rgb("#14212B"),
        ),
    )


def counter(p: Palette, args: tuple[str, ...]) -> Drawn:
    """An officer behind the counter."""
    return (300, 260), (
        *portrait(96, 30, 108),
        Shape(box(20, 158, 260, 26, 8), p.blue),
        Shape(box(34, 184, 232, 60, 6), p.blue_soft),
    )


def phone(p: Palette, args: tuple[str, ...]) -> Drawn:
    """A phone that reads a code."""
    ink = rgb("#14212B") if p.name == "normal" else p.ink
    return (240, 300), (
        Shape(box(60, 12, 120, 276, 20), rgb("#FFFFFF"), ink, 7),
        Shape(box(84, 84, 30, 30) + box(126, 84, 30, 30) + box(84, 128, 30, 30), p.blue),
        Shape(box(128, 130, 12, 12) + box(146, 146, 12, 12), p.blue),
        Shape("M104 262H136", stroke=ink, width=6),
    )


def dispenser(p: Palette, args: tuple[str, ...]) -> Drawn:
    """The card dispenser: a stack of cards behind glass, one of them in the mouth below."""
    normal = p.name == "normal"
    steel = rgb("#DCE6EF") if normal else rgb("#1E1E1E")
    edge = p.ink if normal else p.line
    glass = rgb("#FFFFFF") if normal else rgb("#000000")
    slot = rgb("#14212B") if normal else rgb("#777777")
    stack = "".join(f"M104 {y}H236" for y in range(72, 176, 13))
    return (340, 380), (
        Shape(ellipse(170, 364, 160, 12), rgb("#14212B"), opacity=0.07),
        Shape(box(40, 20, 260, 340, 22), steel, edge, 4),
        Shape(box(84, 48, 172, 140, 10), glass, p.blue, 5),
        Shape(stack, stroke=rgb("#9AA7B1") if normal else p.line, width=7),
        Shape(box(62, 214, 216, 22, 11), slot),
        *card_shapes(84, 226, 172, p),
        Shape(box(62, 208, 216, 18, 9), p.blue),
    )

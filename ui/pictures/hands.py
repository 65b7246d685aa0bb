# SPDX-License-Identifier: Apache-2.0
"""Two hands as their owner sees them, palms down, with the finger to press marked."""

from ui.theme import Palette, rgb
from ui.vector import Shape, box, capsule, circle

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]

# The right hand in a box of 200 x 250: finger name, root, tip, half thickness. The thumb is left.
_FINGERS = (
    ("thumb", (66, 168), (28, 112), 16.0),
    ("index", (80, 128), (72, 42), 14.0),
    ("middle", (108, 122), (107, 24), 14.5),
    ("ring", (136, 126), (141, 40), 14.0),
    ("little", (160, 140), (173, 72), 12.0),
)
_WIDE = 200.0


def _right(x: float, mirror: bool) -> dict[str, tuple[str, tuple[float, float]]]:
    """The path and the fingertip's place of each finger of one hand drawn at `x`."""

    def at(point: tuple[float, float]) -> tuple[float, float]:
        px = _WIDE - point[0] if mirror else point[0]
        return x + px, 14 + point[1]

    found = {}
    for name, root, tip, r in _FINGERS:
        (x1, y1), (x2, y2) = at(root), at(tip)
        found[name] = (capsule(x1, y1, x2, y2, r), (x2, y2))
    return found


def _palm(x: float, mirror: bool) -> str:
    def at(point: tuple[float, float]) -> str:
        px = _WIDE - point[0] if mirror else point[0]
        return f"{x + px} {14 + point[1]}"

    return (
        f"M{at((66, 124))}C{at((62, 136))} {at((44, 150))} {at((54, 178))}"
        f"C{at((60, 200))} {at((74, 226))} {at((82, 252))}"
        f"L{at((150, 252))}C{at((158, 222))} {at((172, 200))} {at((172, 168))}"
        f"L{at((171, 136))}C{at((150, 116))} {at((90, 110))} {at((66, 124))}Z"
    )


def hands(p: Palette, args: tuple[str, ...]) -> Drawn:
    """``args``: the position to press (such as ``right-thumb``), then the positions done."""
    wanted = args[0] if args else ""
    done = set(args[1:])
    shapes: list[Shape] = []
    marks: list[Shape] = []
    for side, x, mirror in (("left", 20.0, True), ("right", 260.0, False)):
        fingers = _right(x, mirror)
        palm = _palm(x, mirror)
        outlines = [palm, *(path for path, _tip in fingers.values())]
        active = wanted.startswith(side)
        skin = p.skin if active or not wanted else _pale(p)
        edge = p.skin_line
        shapes += [Shape(path, edge, edge, 7) for path in outlines]
        shapes += [Shape(path, skin) for path in outlines]
        for name, (path, (tx, ty)) in fingers.items():
            position = f"{side}-{name}"
            nail = _nail((tx, ty), name)
            shapes.append(Shape(nail, rgb("#FFFFFF") if p.name == "normal" else p.paper, edge, 2.0))
            if position == wanted:
                marks += [
                    Shape(path, p.blue, opacity=0.16),
                    Shape(circle(tx, ty, 31), None, p.blue, 4),
                    Shape(circle(tx, ty, 21), p.blue),
                    Shape(circle(tx, ty, 8), p.on_blue),
                ]
            elif position in done:
                marks += [
                    Shape(circle(tx, ty, 17), p.green),
                    Shape(
                        f"M{tx - 8} {ty}L{tx - 2} {ty + 6}L{tx + 8} {ty - 6}",
                        stroke=p.on_green,
                        width=5,
                    ),
                ]
    return (480, 290), (*shapes, *marks)


def _nail(tip: tuple[float, float], name: str) -> str:
    x, y = tip
    wide = 13.0 if name == "thumb" else 11.0
    return box(x - wide / 2, y - 9, wide, 13, 5)


def _pale(p: Palette) -> tuple[float, float, float]:
    return rgb("#FAF5F1") if p.name == "normal" else p.skin

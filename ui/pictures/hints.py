# SPDX-License-Identifier: Apache-2.0
"""One picture for each thing to do before the camera: a person, and what is to change in blue.

Every picture is 100 x 100. Left and right are the citizen's own, as in a mirror.
"""

from collections.abc import Callable, Mapping

from ui.pictures.heads import features, moved, person, seated
from ui.theme import NORMAL, Palette, rgb
from ui.vector import Shape, box, circle, ellipse

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]
Draw = Callable[[Palette], tuple[Shape, ...]]

_DARK = rgb("#1F2429")
_GREY = rgb("#9AA7B1")
_WHITE = rgb("#FFFFFF")
_LAMP = rgb("#F2B632")
_SHADE = rgb("#5A3A28")

_BUST = (20.0, 22.0, 60.0)  # where a person alone stands


def _arrow(p: Palette, x: float, y: float, dx: float, dy: float) -> tuple[Shape, ...]:
    """A bold arrow from (x, y); its head is at (x + dx, y + dy), level or upright."""
    ex, ey = x + dx, y + dy
    head, half = 12.0, 9.0
    if dx:
        back = ex - head * (1 if dx > 0 else -1)
        tip = f"M{ex} {ey}L{back} {ey - half}L{back} {ey + half}Z"
        shaft = f"M{x} {y}H{back}"
    else:
        back = ey - head * (1 if dy > 0 else -1)
        tip = f"M{ex} {ey}L{ex - half} {back}L{ex + half} {back}Z"
        shaft = f"M{x} {y}V{back}"
    return (
        Shape(shaft, stroke=p.card, width=10),
        Shape(tip, p.blue, p.card, 2),
        Shape(shaft, stroke=p.blue, width=6.5),
    )


def _ring(p: Palette, x: float, y: float, rx: float, ry: float) -> tuple[Shape, ...]:
    return (
        Shape(ellipse(x, y, rx, ry), stroke=p.card, width=6),
        Shape(ellipse(x, y, rx, ry), stroke=p.blue, width=3.6),
    )


def _cross(p: Palette, x: float, y: float, r: float) -> tuple[Shape, ...]:
    path = f"M{x - r} {y - r}L{x + r} {y + r}M{x + r} {y - r}L{x - r} {y + r}"
    return Shape(path, stroke=p.card, width=8), Shape(path, stroke=p.blue, width=5)


def _lens(p: Palette, x: float, y: float, r: float = 9) -> tuple[Shape, ...]:
    return (
        Shape(circle(x, y, r), p.ink),
        Shape(circle(x, y, r * 0.6), _GREY),
        Shape(circle(x, y, r * 0.34), p.ink),
    )


def _glasses(x: float, y: float, w: float, fill: bool) -> tuple[Shape, ...]:
    """Glasses on a person that `person` has put at (x, y)."""
    s = w / 100
    shapes = [
        Shape(
            ellipse(x + cx * s, y + 46 * s, 10.5 * s, 8.5 * s),
            _DARK if fill else None,
            _DARK,
            2.6 * s,
        )
        for cx in (37, 63)
    ]
    bridge = f"M{x + 47 * s} {y + 45 * s}H{x + 53 * s}"
    return (*shapes, Shape(bridge, stroke=_DARK, width=3 * s))


def _no_face(p: Palette) -> tuple[Shape, ...]:
    ghost = tuple(
        Shape(moved(path, 34, 18, 0.62), stroke=_GREY, width=2.6, dash=(6, 4.5))
        for path in (
            ellipse(50, 44, 28, 36),
            "M4 125C8 92 30 84 50 84C70 84 92 92 96 125L4 125",
        )
    )
    return (*ghost, *_arrow(p, 5, 54, 34, 0))


def _several(p: Palette) -> tuple[Shape, ...]:
    return (*person(56, 20, 40), *person(4, 30, 54), *_cross(p, 77, 40, 13))


def _camera_side(p: Palette) -> tuple[Shape, ...]:
    return (
        Shape(box(6, 12, 9, 76, 3), p.blue_soft, p.line, 1.6),
        Shape(box(15, 26, 7, 12, 2.4), p.ink),
        Shape(circle(22, 32, 3.4), _GREY),
    )


def _nearer(p: Palette) -> tuple[Shape, ...]:
    return (*_camera_side(p), *seated(60, 22), *_arrow(p, 56, 34, -27, 0))


def _back(p: Palette) -> tuple[Shape, ...]:
    return (*_camera_side(p), *seated(34, 22), *_arrow(p, 66, 42, 28, 0))


def _left(p: Palette) -> tuple[Shape, ...]:
    return (*person(40, 20, 56), *_arrow(p, 40, 46, -35, 0))


def _right(p: Palette) -> tuple[Shape, ...]:
    return (*person(4, 20, 56), *_arrow(p, 60, 46, 35, 0))


def _up(p: Palette) -> tuple[Shape, ...]:
    return (*seated(20, 24, stool=4), *_arrow(p, 76, 82, 0, -56))


def _down(p: Palette) -> tuple[Shape, ...]:
    return (*seated(20, 24, stool=10), *_arrow(p, 76, 26, 0, 56))


def _tilted(p: Palette) -> tuple[Shape, ...]:
    plumb = "M50 2V22M50 74V98"
    arcs = "M14 40C14 24 20 16 30 11M86 40C86 24 80 16 70 11"
    return (
        *person(*_BUST),
        Shape(plumb, stroke=p.blue, width=4.4),
        Shape(arcs, stroke=p.blue, width=4.4),
        Shape("M28 5L40 9L30 18ZM72 5L60 9L70 18Z", p.blue),
    )


def _turned(p: Palette) -> tuple[Shape, ...]:
    return (
        *person(*_BUST),
        *_arrow(p, 2, 50, 24, 0),
        *_arrow(p, 98, 50, -24, 0),
        Shape("M50 47V56", stroke=p.blue, width=4.4),
    )


def _lean(way: int) -> Draw:
    """A head that leans away from `way` (1: right, -1: left), and the arc back over it."""
    arc = f"M{50 - 34 * way} 26C{50 - 22 * way} 4 {50 + 12 * way} 4 {50 + 28 * way} 15"
    tip = f"M{50 + 42 * way} 28L{50 + 32 * way} 7L{50 + 21 * way} 22Z"

    def drawn(p: Palette) -> tuple[Shape, ...]:
        return (
            *person(21, 25, 58, turn=-17 * way),
            Shape(arc, stroke=p.card, width=10),
            Shape(tip, p.blue, p.card, 2),
            Shape(arc, stroke=p.blue, width=6.5),
        )

    return drawn


def _turn(way: int) -> Draw:
    """A face that looks away from `way` (1: right, -1: left), and the way back."""

    def drawn(p: Palette) -> tuple[Shape, ...]:
        bust = person(21, 25, 58, face=features(dx=-10 * way))
        return (*bust, *_arrow(p, 50 - 27 * way, 13, 54 * way, 0))

    return drawn


def _chin(p: Palette) -> tuple[Shape, ...]:
    return (
        *person(8, 22, 60, face=features(dy=7)),
        *_arrow(p, 84, 50, 0, -32),
        *_arrow(p, 84, 54, 0, 32),
    )


def _chin_up(p: Palette) -> tuple[Shape, ...]:
    return (*person(8, 22, 60, face=features(dy=8)), *_arrow(p, 84, 74, 0, -50))


def _chin_down(p: Palette) -> tuple[Shape, ...]:
    return (*person(8, 22, 60, face=features(dy=-7)), *_arrow(p, 84, 26, 0, 50))


def _sunglasses(p: Palette) -> tuple[Shape, ...]:
    x, y, w = 8.0, 22.0, 60.0
    return (*person(x, y, w), *_glasses(x, y, w, True), *_arrow(p, 84, 68, 0, -44))


def _glare(p: Palette) -> tuple[Shape, ...]:
    x, y, w = 8.0, 22.0, 60.0
    star = "M22 36L24.6 45L33 48L24.6 51L22 60L19.4 51L11 48L19.4 45Z"
    return (
        *person(x, y, w),
        *_glasses(x, y, w, False),
        Shape(moved(star, 6, 1), _WHITE, p.blue, 2),
        *_arrow(p, 84, 28, 0, 44),
    )


def _mask(p: Palette) -> tuple[Shape, ...]:
    cloth = moved("M27 54C40 48 60 48 73 54L71 68C66 80 34 80 29 68L27 54Z", 8, 22, 0.6)
    return (
        *person(8, 22, 60),
        Shape(cloth, rgb("#8FC3DD"), _WHITE, 1.2),
        *_arrow(p, 84, 28, 0, 44),
    )


def _eyes(p: Palette) -> tuple[Shape, ...]:
    return (*person(*_BUST, face=features(eyes="wide")), *_ring(p, 50, 49.6, 19, 8.6))


def _mouth(p: Palette) -> tuple[Shape, ...]:
    return (*person(*_BUST), *_ring(p, 50, 62.4, 12, 7))


def _lit(p: Palette, x: float) -> tuple[Shape, ...]:
    """A lamp at (x, 16) with rays downwards."""
    rays = f"M{x - 14} 30L{x - 20} 37M{x} 33V42M{x + 14} 30L{x + 20} 37"
    return (
        Shape(f"M{x - 18} 20C{x - 18} 2 {x + 18} 2 {x + 18} 20Z", p.blue),
        Shape(box(x - 20, 18, 40, 6, 3), _LAMP),
        Shape(rays, stroke=_LAMP, width=4),
    )


def _dark(p: Palette) -> tuple[Shape, ...]:
    return (*person(27, 41, 46), *_lit(p, 50))


def _uneven(p: Palette) -> tuple[Shape, ...]:
    half = "M50 8C64 8 78 16 78 44C78 66 64 80 50 80L50 8Z"
    return (
        *person(4, 30, 56),
        Shape(moved(half, 4, 30, 0.56), _SHADE, opacity=0.55),
        *_lit(p, 78),
        *_arrow(p, 64, 64, 28, 0),
    )


def _bright(p: Palette) -> tuple[Shape, ...]:
    face = moved(ellipse(50, 46, 27, 33), 27, 41, 0.46)
    return (*person(27, 41, 46), Shape(face, _WHITE, opacity=0.55), *_lit(p, 50))


def _blur(p: Palette) -> tuple[Shape, ...]:
    ghosts = tuple(
        Shape(moved(ellipse(50, 42, 29, 37), 20 + dx, 22, 0.6), stroke=_GREY, width=2.4, opacity=o)
        for dx, o in ((-9, 0.9), (9, 0.9))
    )
    still = "M6 36V62M94 36V62"
    return (*ghosts, *person(*_BUST), Shape(still, stroke=p.blue, width=6))


def _background(p: Palette) -> tuple[Shape, ...]:
    return (
        Shape(
            "M78 40C60 34 60 16 66 12C76 18 80 28 78 40C76 24 86 14 94 14C98 26 92 36 78 40Z",
            rgb("#5E9C76"),
        ),
        Shape("M67 44H89L85 64H71Z", rgb("#B07A4C")),
        *person(6, 26, 56),
        *_cross(p, 78, 38, 16),
    )


def _look(p: Palette) -> tuple[Shape, ...]:
    rays = "M50 28V36M41 26L36 33M59 26L64 33"
    return (
        *person(23, 38, 48),
        Shape(rays, stroke=p.blue, width=3.4),
        *_lens(p, 50, 14, 11),
    )


def _ok(p: Palette) -> tuple[Shape, ...]:
    tick = "M66 76L76 87L95 62"
    return (
        *person(16, 18, 60),
        Shape(tick, stroke=p.card, width=14),
        Shape(tick, stroke=p.green, width=8.5),
    )


def _seat(p: Palette) -> tuple[Shape, ...]:
    line = "M2 49.6H30M70 49.6H98"
    return (
        *person(*_BUST),
        Shape(line, stroke=p.blue, width=4),
        Shape("M22 42L32 49.6L22 57ZM78 42L68 49.6L78 57Z", p.blue),
    )


def _hair(p: Palette) -> tuple[Shape, ...]:
    ears = circle(17.5, 48, 6) + circle(82.5, 48, 6)
    return (
        Shape(moved(ears, 20, 22, 0.6), rgb("#D9A98A")),
        *person(*_BUST),
        *_ring(p, 50, 43.6, 18, 5.4),
    )


def _hat(p: Palette) -> tuple[Shape, ...]:
    cap = "M26 30C26 8 40 2 50 2C60 2 74 8 74 30L92 31C94 35 92 37 88 37L26 37L26 30Z"
    return (
        *person(8, 24, 60),
        Shape(moved(cap, 8, 18, 0.6), rgb("#6B4A86")),
        *_arrow(p, 86, 70, 0, -50),
    )


def _wall(p: Palette) -> tuple[Shape, ...]:
    return (
        Shape(box(24, 10, 70, 72, 3), _WHITE, _GREY, 3),
        Shape("M24 90H94", stroke=_GREY, width=4),
        Shape(box(4, 36, 14, 18, 3), p.ink),
        Shape(circle(18, 45, 5), _GREY),
        Shape("M28 45H80", stroke=p.blue, width=3.4, dash=(6, 5)),
    )


def _focus(p: Palette) -> tuple[Shape, ...]:
    corners = "M8 28V10H26M74 10H92V28M92 72V90H74M26 90H8V72"
    return (*person(24, 24, 52), Shape(corners, stroke=p.blue, width=5))


def _distance(p: Palette) -> tuple[Shape, ...]:
    return (
        *_camera_side(p),
        *seated(56, 22),
        Shape("M32 88H66", stroke=p.blue, width=4.6),
        Shape("M26 88L35 81.5V94.5ZM72 88L63 81.5V94.5Z", p.blue),
    )


HINTS: Mapping[str, Draw] = {
    "no_face": _no_face,
    "several_faces": _several,
    "too_far": _nearer,
    "nearer": _nearer,
    "too_close": _back,
    "back": _back,
    "left": _left,
    "right": _right,
    "up": _up,
    "down": _down,
    "tilted": _tilted,
    "tilted_left": _lean(-1),
    "tilted_right": _lean(1),
    "turned": _turned,
    "turned_left": _turn(-1),
    "turned_right": _turn(1),
    "chin": _chin,
    "chin_up": _chin_up,
    "chin_down": _chin_down,
    "sunglasses": _sunglasses,
    "glare": _glare,
    "mask": _mask,
    "eyes": _eyes,
    "mouth": _mouth,
    "too_dark": _dark,
    "light": _uneven,
    "uneven": _uneven,
    "too_bright": _bright,
    "bright": _bright,
    "colour": _dark,
    "blur": _blur,
    "background": _background,
    "look": _look,
    "starting": _look,
    "ok": _ok,
    "seat": _seat,
    "hair": _hair,
    "hat": _hat,
    "wall": _wall,
    "lamp": _dark,
    "focus": _focus,
    "distance": _distance,
}
"""Pictures by the last part of a reason's key, or by the way to move."""


def _on_tile(draw: Draw) -> Callable[[Palette, tuple[str, ...]], Drawn]:
    def drawn(p: Palette, args: tuple[str, ...]) -> Drawn:
        # A light tile and its colours in every palette: skin and hair need one.
        tile = Shape(box(1, 1, 98, 98, 10), _WHITE, p.line, 1.4)
        return (100, 100), (tile, *draw(NORMAL))

    return drawn


PICTURES: Mapping[str, Callable[[Palette, tuple[str, ...]], Drawn]] = {
    f"hint-{name}": _on_tile(draw) for name, draw in HINTS.items()
}
"""The same by picture name, ``hint-`` before it, each on a light tile."""

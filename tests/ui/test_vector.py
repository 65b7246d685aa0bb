# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from ui.icons import ICONS
from ui.pictures import PICTURES, picture
from ui.theme import CONTRAST, NORMAL
from ui.vector import Shape, box, capsule, circle, flatten, rasterise

RED = (1.0, 0.0, 0.0)


def test_a_filled_circle_covers_its_area() -> None:
    mask = rasterise((Shape(circle(50, 50, 40), RED),), (100, 100), (200, 200)).getchannel("A")
    covered = sum(level * count for level, count in enumerate(mask.histogram())) / 255
    assert covered == pytest.approx(3.14159 * 80 * 80, rel=0.02)


def test_a_stroke_is_as_wide_as_asked() -> None:
    picture: Any = rasterise((Shape("M10 50H90", None, RED, 8),), (100, 100), (100, 100))
    column = [picture.getpixel((50, y))[3] for y in range(100)]
    assert sum(column) / 255 == pytest.approx(8, abs=0.6)


def test_a_drawing_keeps_its_proportions_in_the_middle() -> None:
    picture = rasterise((Shape(box(0, 0, 10, 10), RED),), (10, 10), (60, 20))
    assert picture.getbbox() == pytest.approx((20, 0, 40, 20), abs=1)


def test_relative_commands_draw_what_absolute_ones_do() -> None:
    assert flatten("M10 10l5 0v5h-5Z", 1) == flatten("M10 10L15 10V15H10Z", 1)
    assert flatten("M0 0q5 10 10 0", 1) == flatten("M0 0Q5 10 10 0", 1)


@pytest.mark.parametrize("path", ["10 10", "M10", "M0 0C1 1 2 2 3", "Z 4"])
def test_a_broken_path_is_named_as_such(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        flatten(path, 1)


def test_a_capsule_reaches_round_both_ends() -> None:
    picture = rasterise((Shape(capsule(20, 50, 80, 50, 10), RED),), (100, 100), (100, 100))
    assert picture.getbbox() == pytest.approx((10, 40, 90, 60), abs=1)


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_stays_in_its_grid(name: str) -> None:
    for points, _closed in flatten(ICONS[name], 1):
        assert all(0 <= x <= 24 and 0 <= y <= 24 for x, y in points)


@pytest.mark.parametrize("palette", [NORMAL.name, CONTRAST.name])
@pytest.mark.parametrize("name", sorted(PICTURES))
def test_every_picture_can_be_drawn_in_every_palette(name: str, palette: str) -> None:
    args = {"hands": ("right-thumb", "left-thumb"), "guide": ("0.81",)}.get(name, ())
    view, shapes = picture(name, palette, args)
    assert rasterise(shapes, view, (120, 120)).getbbox() is not None


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("finger", ["thumb", "index", "middle", "ring", "little"])
def test_the_hands_mark_the_finger_on_the_citizens_own_side(side: str, finger: str) -> None:
    def drawn(position: str) -> Any:
        view, shapes = picture("hands", NORMAL.name, (position,))
        return rasterise(shapes, view, (480, 290))

    plain = drawn("none")
    marked = drawn(f"{side}-{finger}")
    changed = [
        x
        for x in range(480)
        for y in range(0, 290, 3)
        if marked.getpixel((x, y))[:3] == tuple(round(c * 255) for c in NORMAL.blue)
        and plain.getpixel((x, y)) != marked.getpixel((x, y))
    ]
    middle = sum(changed) / len(changed)
    assert (middle < 240) == (side == "left")
    # Seen from above with the palms down, the thumbs are the inner fingers.
    inner = abs(middle - 240) < 70
    assert inner == (finger == "thumb")

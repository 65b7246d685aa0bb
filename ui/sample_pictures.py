# SPDX-License-Identifier: Apache-2.0
"""Drawn stand-ins for what only a visit has: the camera's picture, takes, the slip."""

import io
from functools import cache

from PIL import Image, ImageDraw

from ui.pictures.cards import COAT, portrait
from ui.theme import rgb
from ui.typeface import face
from ui.vector import Shape, box, circle, ellipse, rasterise


def person(width: int, height: int, shift: float = 0.0) -> Image.Image:
    """A drawn person before a white wall, standing for a photograph."""
    high = 125.0
    wide = high * width / height
    scale = 0.78
    left, top = wide / 2 - 50 * scale + shift, 15.0
    foot = top + 125 * scale
    shapes = (
        Shape(box(-400, -20, 1200, 400), rgb("#F7F8F8")),
        Shape(box(left + 4 * scale, foot - 0.5, 92 * scale, high), COAT),
        *portrait(left, top, 100 * scale),
        *_features(left, top, scale),
    )
    return rasterise(shapes, (wide, high), (width, height)).convert("RGB")


def _features(x: float, y: float, s: float) -> tuple[Shape, ...]:
    def at(px: float, py: float) -> str:
        return f"{x + px * s:.2f} {y + py * s:.2f}"

    dark = rgb("#1F2429")
    white = rgb("#FFFFFF")
    shapes: list[Shape] = []
    for cx in (38, 62):
        shapes += [
            Shape(ellipse(x + cx * s, y + 46 * s, 5.6 * s, 3.1 * s), white),
            Shape(circle(x + cx * s, y + 46 * s, 2.9 * s), dark),
            Shape(f"M{at(cx - 6, 37.5)}L{at(cx + 6, 37.5)}", None, dark, 1.7 * s),
        ]
    return (
        *shapes,
        Shape(f"M{at(50, 48)}L{at(49, 57)}", None, rgb("#C48E70"), 2.4 * s),
        Shape(
            f"M{at(42, 66)}C{at(46, 69)} {at(54, 69)} {at(58, 66)}", None, rgb("#9A5A48"), 2.4 * s
        ),
    )


def _slip() -> Image.Image:
    picture = Image.new("L", (384, 620), 255)
    pen = ImageDraw.Draw(picture)
    pen.text((24, 20), "居民身份证领取凭证", font=face(700, 34), fill=0)
    lines = (
        "柜台已接收",
        "受理号 320402 001",
        "20261201 00007",
        "张*  1101**********0023",
        "到期换领  20 元  已付",
        "右手拇指  左手拇指",
        "最晚 2027 年 1 月 30 日",
    )
    for number, line in enumerate(lines):
        pen.text((24, 84 + number * 42), line, font=face(400, 28), fill=0)
    pen.rectangle((24, 400, 200, 576), outline=0, width=10)
    pen.rectangle((60, 436, 164, 540), fill=0)
    return picture


@cache
def media(ref: str) -> bytes:
    """The picture behind a sample's reference."""
    out = io.BytesIO()
    if ref.startswith("take-"):
        person(358, 441, (int(ref[5:]) % 5 - 2) * 1.5).save(out, "JPEG", quality=90)
    elif ref == "slip":
        _slip().save(out, "PNG")
    return out.getvalue()

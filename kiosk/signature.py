# SPDX-License-Identifier: Apache-2.0
"""A hand signature as a small PNG."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from kiosk.events import Stroke

WIDTH, HEIGHT = 640, 240  # pixels; a signature stays far below the record's 60 KB
LINE = 5


def signature_png(strokes: Sequence[Stroke]) -> bytes:
    """Black strokes on white, 640x240, one bit a pixel. Points are 0..1 of the pad, y down."""
    image = Image.new("1", (WIDTH, HEIGHT), 1)
    pen = ImageDraw.Draw(image)
    for stroke in filter(None, strokes):
        points = [(x * (WIDTH - 1), y * (HEIGHT - 1)) for x, y in stroke]
        if len(points) == 1:
            points *= 2
        pen.line(points, fill=0, width=LINE, joint="curve")
    held = io.BytesIO()
    image.save(held, "PNG", optimize=True)
    return held.getvalue()

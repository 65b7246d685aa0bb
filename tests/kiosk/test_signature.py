# SPDX-License-Identifier: Apache-2.0
"""Whatever is drawn on the pad becomes a picture that the record can hold."""

import io
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.signature import HEIGHT, WIDTH, signature_png

LIMIT = 61_440  # idcard.records.EvidencePart.signature_png

points = st.tuples(
    st.floats(min_value=-0.5, max_value=1.5, allow_nan=False),
    st.floats(min_value=-0.5, max_value=1.5, allow_nan=False),
)
scribbles = st.lists(st.lists(points, max_size=60).map(tuple), max_size=20).map(tuple)


@settings(max_examples=60, deadline=None)
@given(scribbles)
def test_any_strokes_make_a_small_black_and_white_picture(strokes: tuple) -> None:
    raw = signature_png(strokes)
    assert len(raw) <= LIMIT
    with Image.open(io.BytesIO(raw)) as picture:
        assert (picture.size, picture.mode) == ((WIDTH, HEIGHT), "1")


def test_the_wildest_scribble_stays_within_the_record_s_limit() -> None:
    chance = random.Random(7)
    wild = tuple(
        tuple((chance.random(), chance.random()) for _ in range(8)) for _ in range(400)
    ) + tuple(((chance.random(), chance.random()),) for _ in range(20_000))
    assert len(signature_png(wild)) <= LIMIT


def test_a_stroke_is_black_where_it_was_drawn_and_white_elsewhere() -> None:
    with Image.open(io.BytesIO(signature_png((((0.1, 0.5), (0.9, 0.5)),)))) as picture:
        assert picture.getpixel((WIDTH // 2, HEIGHT // 2)) == 0
        assert picture.getpixel((WIDTH // 2, 5)) == 255

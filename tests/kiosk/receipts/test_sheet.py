# SPDX-License-Identifier: Apache-2.0
from PIL import Image

from kiosk.receipts.sheet import Sheet, Style


def ink(sheet: Sheet) -> tuple[int, int, int, int]:
    box = sheet.cut(8).convert("L").point([255] * 128 + [0] * 128).getbbox()
    assert box is not None
    return box


def test_mongolian_stands_in_a_column() -> None:
    sheet = Sheet(384)
    sheet.block("ᠮᠣᠩᠭᠣᠯ", Style(24), 10, 300)
    left, top, right, bottom = ink(sheet)
    assert bottom - top > 2 * (right - left)
    assert sheet.y >= bottom


def test_mongolian_columns_go_from_left_to_right_and_stay_within_their_place() -> None:
    sheet = Sheet(384)
    sheet.block("ᠮᠣᠩᠭᠣᠯ " * 40, Style(18), 10, 120)
    left, _top, right, _bottom = ink(sheet)
    assert left >= 10
    assert right <= 10 + 120


def test_mongolian_is_turned_clockwise() -> None:
    # The first letter of the line is at the top of its column: a line drawn flat and turned.
    flat, stood = Sheet(384), Sheet(384)
    flat.line("ᠮᠣᠩᠭᠣᠯ", Style(24), 10)
    stood.block("ᠮᠣᠩᠭᠣᠯ", Style(24), 10, 300)
    turned = flat.image.crop(ink(flat)).transpose(Image.Transpose.ROTATE_270)
    one, other = (
        list(i.point([0] * 128 + [255] * 128).tobytes())
        for i in (turned, stood.image.crop(ink(stood)))
    )
    assert len(one) == len(other)
    assert sum(a != b for a, b in zip(one, other, strict=True)) < len(one) * 0.02


def test_uyghur_ends_at_the_right_edge_of_its_place() -> None:
    sheet = Sheet(384)
    sheet.block("ئۇيغۇر", Style(24), 10, 300)
    left, _top, right, _bottom = ink(sheet)
    assert right > 10 + 300 - 8
    assert left > 150


def test_a_sheet_grows_and_keeps_what_is_on_it() -> None:
    sheet = Sheet(384)
    for _ in range(200):
        sheet.line("证", Style(24), 10)
    left, top, _right, bottom = ink(sheet)
    assert (left, top) < (20, 40)
    assert bottom > 199 * Style(24).pitch

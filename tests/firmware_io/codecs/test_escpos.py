# SPDX-License-Identifier: Apache-2.0
import re

import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from firmware_io.codecs import escpos

GUIDE = "Epson ESC/POS programming guide, paper roll, 10.01"
VECTORS = [  # what, bytes, expected, source
    ("initialise", escpos.INIT, "1b 40", GUIDE),
    ("status 1", escpos.status_query(1), "10 04 01", GUIDE),
    ("status 4", escpos.status_query(4), "10 04 04", GUIDE),
    ("automatic status on", escpos.automatic_status(True), "1d 61 ff", GUIDE),
    ("automatic status off", escpos.automatic_status(False), "1d 61 00", GUIDE),
    ("queued paper status", escpos.QUEUED_PAPER_STATUS, "1d 72 01", GUIDE),
    ("recover", escpos.RECOVER_AND_CLEAR, "10 05 02", GUIDE),
    ("clear", escpos.CLEAR_BUFFERS, "10 14 08 01 03 14 01 06 02 08", "Epson web, DLE DC4 fn 8"),
    ("no pulse", escpos.NO_PULSE_NO_POWER_OFF, "1d 28 44 05 00 14 01 00 02 00", "TM-T90 spec"),
    ("process id", escpos.process_id(0x0A1F), "1d 28 48 06 00 30 30 40 4a 41 4f", GUIDE),
    ("partial cut", escpos.cut(), "1d 56 42 00", GUIDE),
    ("full cut", escpos.cut(partial=False), "1d 56 41 00", GUIDE),
    ("cut here", escpos.cut(to_cutter=False), "1d 56 01", GUIDE),
    ("cut here in full", escpos.cut(partial=False, to_cutter=False), "1d 56 00", GUIDE),
    ("feed", escpos.feed(300), "1b 4a ff 1b 4a 2d", GUIDE),
    ("identity", escpos.identity_query(67), "1d 49 43", GUIDE),
    ("tell offline", escpos.offline_report(True), "1d 28 48 03 00 31 30 31", GUIDE),
    ("tell no more", escpos.offline_report(False), "1d 28 48 03 00 31 30 30", GUIDE),
]


@pytest.mark.parametrize(("what", "got", "expected", "source"), VECTORS)
def test_each_command_has_the_bytes_of_the_manual(what, got, expected, source) -> None:
    assert got == bytes.fromhex(expected), (what, source)


def test_a_frame_with_its_diagonal_is_the_strip_an_independent_encoder_writes() -> None:
    image = Image.new("1", (16, 24), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 15, 23), outline=0)
    draw.line((0, 0, 15, 23), fill=0)
    rows = bytes(byte ^ 0xFF for byte in image.tobytes())
    other = Dummy()
    other.image(image, impl="bitImageRaster", center=False)
    assert escpos.raster(rows, 2) == other.output
    assert escpos.raster(rows, 2).hex(" ").startswith("1d 76 30 00 02 00 18 00 ff ff c0 01 c0 01")


@pytest.mark.parametrize(
    "command", ["10 04 01", "10 05 02", "10 14 01", "10 14 02", "10 14 08", "10 04 14", "10 05 00"]
)
def test_a_picture_never_holds_a_command_the_printer_obeys_at_once(command: str) -> None:
    rows = bytes.fromhex(f"ff {command} 00 ff") + bytes(1)
    if len(rows) % 2:
        rows += bytes(1)
    strip = escpos.raster(rows, 2)
    assert escpos.realtime_commands(rows) == 1
    assert escpos.realtime_commands(strip) == 0
    assert bin(int.from_bytes(strip[8:]) ^ int.from_bytes(rows)).count("1") == 1, "one dot changes"


def test_commands_that_straddle_two_rows_are_broken_too() -> None:
    rows = bytes.fromhex("0010 0401 0010 1408")
    assert escpos.realtime_commands(escpos.raster(rows, 2)) == 0


def decode(strips: list[escpos.Strip], width_bytes: int) -> bytes:
    """Rows on paper, read by regular expression rather than by any code under test."""
    rows = b""
    for strip in strips:
        if strip.data[:2] == b"\x1d\x76":
            across, height = strip.data[4], strip.data[6]
            dots = strip.data[8:]
            assert len(dots) == across * height
            for at in range(0, len(dots), across):
                rows += dots[at : at + across].ljust(width_bytes, b"\0")
        else:
            feeds = re.findall(rb"\x1bJ(.)", strip.data, re.DOTALL)
            rows += bytes(width_bytes) * sum(feed[0] for feed in feeds)
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([b"\0\0\0", b"\x80\0\x01", b"\xff\xff\xff"]), max_size=700))
def test_strips_put_every_row_on_paper_in_order(rows: list[bytes]) -> None:
    strips = list(escpos.strips(b"".join(rows), 3))
    assert decode(strips, 3) == b"".join(rows)
    assert sum(strip.rows for strip in strips) == len(rows)
    assert all(len(strip.data) <= 8 + 24 * 3 for strip in strips)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=8, max_size=400))
def test_no_picture_at_all_can_command_the_printer(data: bytes) -> None:
    data = data[: len(data) // 4 * 4]
    assert all(escpos.realtime_commands(strip.data) == 0 for strip in escpos.strips(data, 4))


def test_white_is_neither_sent_below_nor_beside_the_ink() -> None:
    page = b"\xff" * 72 + bytes(72) * 600 + (b"\xff" + bytes(71)) * 24
    assert sum(len(strip.data) for strip in escpos.strips(page, 72)) < 200


@pytest.mark.parametrize("number", [0, 1, 0xFFFF, 0x3000])
def test_process_marks_come_back_as_their_number(number: int) -> None:
    mark = escpos.process_mark(number)
    assert escpos.process_number(mark) == number
    assert all(0x40 <= byte <= 0x4F for byte in mark), "no status byte has that shape"


def test_a_mark_of_somebody_else_is_not_ours() -> None:
    assert escpos.process_number(b"0001") is None
    assert escpos.process_number(b"@@@") is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: escpos.status_query(5),
        lambda: escpos.process_id(65536),
        lambda: escpos.feed(-1),
        lambda: escpos.raster(b"\0\0\0", 2),
        lambda: escpos.raster(bytes(300), 1),
        lambda: list(escpos.strips(b"\0\0\0", 2)),
        lambda: escpos.identity_query(1),
    ],
)
def test_a_program_that_asks_for_nonsense_is_told(wrong) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wrong()

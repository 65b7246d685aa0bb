# SPDX-License-Identifier: Apache-2.0
"""What the emulated printer draws by itself: bar codes, pictures, text at places, pages."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps
from pyzbar.pyzbar import decode

from firmware_io.emulators.printer import BUFFER, Printer
from firmware_io.emulators.printer_bars import bars


@pytest.fixture
def printed() -> Callable[[bytes], Image.Image]:
    """Paper after a job, in virtual time; the printer must have known every command."""

    def run(job: bytes) -> Image.Image:
        device = Printer(factor=0.0)
        device.power_cycle(0.0)
        now = 1.0
        for at in range(0, len(job), 64):
            device.feed(job[at : at + 64], now)
            device.poll(now)
            now += 1.0
        assert device.machine.interpreter.violations == []
        assert not device.machine.queue, "something waits for ever"
        assert device.bytes_lost == 0
        return device.machine.roll.picture()

    return run


# Kind of `GS k` function B, data, what zbar reads. The numbers are those of the symbologies' own
# standards' examples or have a check digit that was worked out by hand (weights 3 and 1).
BARS = [
    (65, b"03600029145", ("EAN13", "0036000291452")),  # GS1's UPC-A example, check digit 2
    (65, b"036000291452", ("EAN13", "0036000291452")),
    (66, b"01234500005", ("EAN13", "0012345000058")),  # UPC-E; zbar tells it in full
    (67, b"590123412345", ("EAN13", "5901234123457")),  # GS1's EAN-13 example
    (68, b"9638507", ("EAN8", "96385074")),  # GS1's EAN-8 example
    (69, b"ID BOOTH-7 $/+%.", ("CODE39", "ID BOOTH-7 $/+%.")),
    (70, b"0123456789", ("I25", "0123456789")),
    (71, b"A40156+:/.$-B", ("CODABAR", "A40156+:/.$-B")),
    (72, b"ID-Booth 7!?{a~", ("CODE93", "ID-Booth 7!?{a~")),
    (73, b"{BR440{C\x34\x05\x18", ("CODE128", "R440520524")),
    (73, b"{BAb{S\x01{{", ("CODE128", "Ab\x01{")),
]


@pytest.mark.parametrize(("kind", "data", "read"), BARS)
def test_a_decoder_reads_every_kind_of_bar_code(printed, kind, data, read) -> None:
    page = printed(b"\x1dw\x02\x1dh\x60\x1dk" + bytes((kind, len(data))) + data)
    found = decode(ImageOps.expand(page, 30, 255))
    assert [(code.type, code.data.decode()) for code in found][:1] == [read]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (2, b"123"),
        (3, b"1234567a"),
        (1, b"99999"),
        (4, b"ab"),
        (5, b"123"),
        (6, b"40156"),
        (7, b""),
    ],
)
def test_data_that_a_kind_cannot_hold_draws_nothing(kind: int, data: bytes) -> None:
    assert bars(kind, data, 2) is None


def test_the_digits_below_code_128_are_those_in_the_bars() -> None:
    shown = bars(8, b"{BR{C\x2c\x05\x18", 2)
    assert shown is not None
    assert shown.text == "R440524"


def test_a_picture_larger_than_the_buffer_is_printed(printed) -> None:
    """`GS 8 L` takes pictures of any size; waiting for the whole in a 4 KB buffer never ends."""
    rows = BUFFER // 72 * 3
    job = b"\x1d8L" + (10 + 72 * rows).to_bytes(4, "little") + b"0p0\x01\x011"
    job += (576).to_bytes(2, "little") + rows.to_bytes(2, "little") + b"\xaa" * 72 * rows
    page = printed(job + b"\x1d(L\x02\x0002")
    assert page.height == rows
    assert set(page.crop((0, 0, 2, rows)).getcolors()) == {(rows, 0), (rows, 255)}


def test_a_row_wider_than_the_paper_is_cropped(printed) -> None:
    page = printed(b"\x1dv0\0" + (5000).to_bytes(2, "little") + b"\x02\0" + b"\xff" * 10_000)
    assert (page.size, page.getcolors()) == ((576, 2), [(1152, 0)])


def ink(page: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(page).getbbox()
    assert box is not None
    return box


def test_text_goes_where_absolute_and_relative_places_say(printed) -> None:
    """`ESC $` counts from the left margin, `ESC \\` from where the line stands (Epson's guide)."""
    rule = b"\x1bt\x01" + b"\x95" * 2  # two cells of a ruled line
    assert ink(printed(b"\x1b$\x64\0" + rule + b"\n"))[::2] == (100, 124)
    assert ink(printed(b"\x1dL\x0a\0\x1b$\x64\0" + rule + b"\n"))[::2] == (110, 134)
    moved = printed(rule + b"\x1b\\\x32\0" + rule + b"\n")
    assert ink(moved)[::2] == (0, 98)
    assert moved.crop((24, 0, 74, 24)).getcolors() == [(1200, 255)]
    assert ink(printed(b"\x1ba\x02" + rule + b"\n"))[::2] == (552, 576)
    assert ink(printed(b"\x1dW\x64\0\x1ba\x02" + rule + b"\n"))[::2] == (76, 100)
    assert ink(printed(b"\x1dP\x64\0\x1b$\x64\0" + rule + b"\n"))[0] == 203, "units of 1/100 inch"


def test_alignment_is_obeyed_at_the_start_of_a_line_only(printed) -> None:
    rule = b"\x1bt\x01\x95"
    assert ink(printed(rule + b"\x1ba\x02" + rule + b"\n"))[::2] == (0, 24)


PICTURE = Image.new("1", (24, 16), 1)
ImageDraw.Draw(PICTURE).polygon([(0, 0), (23, 0), (0, 15)], fill=0)
STORED = bytes(byte ^ 0xFF for byte in PICTURE.tobytes())


@pytest.mark.parametrize(
    ("direction", "turn", "corner"),
    [
        (0, None, (40, 20)),
        (1, Image.Transpose.ROTATE_90, (20, 136)),
        (2, Image.Transpose.ROTATE_180, (236, 164)),
        (3, Image.Transpose.ROTATE_270, (264, 40)),
    ],
)
def test_page_mode_sets_things_down_in_four_directions(printed, direction, turn, corner) -> None:
    """An area of 300 x 200 dots; the picture at (40, 20) of it, seen along the text."""
    job = b"\x1bL\x1bW\0\0\0\0" + (300).to_bytes(2, "little") + (200).to_bytes(2, "little")
    job += b"\x1bT" + bytes((direction,)) + b"\x1b$\x28\0\x1d$" + bytes((20 + 15, 0))
    job += (
        b"\x1d8L" + (10 + len(STORED)).to_bytes(4, "little") + b"0p0\x01\x011\x18\0\x10\0" + STORED
    )
    page = printed(job + b"\x0c")
    assert page.height == 200
    expected = PICTURE.convert("L")
    expected = expected.transpose(turn) if turn is not None else expected
    box = (*corner, corner[0] + expected.width, corner[1] + expected.height)
    assert ImageChops.difference(page.crop(box), expected).getbbox() is None
    assert sum(n for n, colour in page.getcolors() if colour == 0) == sum(
        n for n, colour in expected.getcolors() if colour == 0
    )


def test_a_page_is_dropped_by_esc_s_and_kept_by_esc_ff(printed) -> None:
    area = b"\x1bL\x1bW\0\0\0\0\x64\0\x28\0"
    assert printed(area + b"A\x1bSB\n").height == 30, "only the line"
    assert printed(area + b"A\x1b\x0c\x1b\x0c\x0c").height == 120


def test_upside_down_turns_lines_but_no_dots_of_the_host(printed) -> None:
    """receiptline 4.0.4 turns its pictures itself when it prints upside down."""
    rule = b"\x1bt\x01\x98\n"  # the corner of a frame
    corner = printed(rule).crop((0, 0, 12, 24))
    turned = printed(b"\x1b{\x01" + rule).crop((564, 0, 576, 24))
    assert (
        ImageChops.difference(corner.transpose(Image.Transpose.ROTATE_180), turned).getbbox()
        is None
    )
    job = (
        b"\x1d8L" + (10 + len(STORED)).to_bytes(4, "little") + b"0p0\x01\x011\x18\0\x10\0" + STORED
    )
    page = printed(b"\x1b{\x01" + job + b"\x1d(L\x02\x0002")
    assert ImageChops.difference(page.crop((0, 0, 24, 16)), PICTURE.convert("L")).getbbox() is None

# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware_io.emulators.printer import BUFFER, Printer
from firmware_io.emulators.printer_acts import Cut, Report, Rows
from firmware_io.emulators.printer_commands import Interpreter

HEADS = [b"\x1b", b"\x1d", b"\x1c", b"\x10", b"\x1dv0\0\x04\0\x08\0", b"\x1d(k", b"\x1dk\x49", b"A"]
GARBAGE = st.lists(st.sampled_from(HEADS) | st.binary(max_size=12), max_size=30).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(GARBAGE)
@example(b"\x1d(k\x03\x001C\xff\x1d(k\x04\x001P0a\x1d(k\x03\x001Q0")
@example(b"\x1dk\x49\x03{C{\x1d!\xff\xe5\n\x1b*\x21\xff\xff")
def test_no_bytes_from_a_host_break_the_printer(data: bytes) -> None:
    device = Printer(factor=0.0)
    device.power_cycle(0.0)
    device.feed(data, 1.0)
    device.poll(2.0)
    assert device.control({"status": True}, 3.0)["queued_bytes"] <= BUFFER


@settings(max_examples=60, deadline=None)
@given(GARBAGE, st.data())
def test_the_paper_is_the_same_however_the_bytes_arrive(data: bytes, draw: st.DataObject) -> None:
    whole, pieces = Printer(factor=0.0), Printer(factor=0.0)
    for device in (whole, pieces):
        device.power_cycle(0.0)
    whole.feed(data, 1.0)
    while data:
        cut = draw.draw(st.integers(1, len(data)))
        pieces.feed(data[:cut], 1.0)
        data = data[cut:]
    assert whole.machine.roll.rows == pieces.machine.roll.rows
    assert whole.machine.interpreter.violations == pieces.machine.interpreter.violations


def acts(data: bytes) -> list[object]:
    interpreter, queue, taken = Interpreter(384), bytearray(data), []
    while (act := interpreter.take(queue)) is not None:
        taken.append(act)
    assert not queue
    return taken


def test_feeding_moves_the_dots_asked_for() -> None:
    # Epson ESC/POS guide: ESC J n feeds n motion units, ESC d n feeds n lines.
    assert acts(b"\x1bJ\x50") == [Rows((None,) * 80)]
    assert acts(b"\x1b3\x20\x1bd\x03")[-1] == Rows((None,) * 96)


@pytest.mark.parametrize(
    ("data", "act"),
    [
        (b"\x1dV\x00", Cut(to_cutter=False)),
        (b"\x1dV\x42\x10", Cut(to_cutter=True, feed=16)),
        (b"\x1bi", Cut(to_cutter=False)),
        (b"\x1d(H\x06\x0000ABCD", Report(b"\x37\x22ABCD\x00", printed=True)),
    ],
)
def test_cuts_and_reports_are_read_as_the_guide_writes_them(data: bytes, act: object) -> None:
    assert acts(data) == [act]


def test_an_image_row_is_taken_as_soon_as_it_is_there() -> None:
    interpreter, queue = Interpreter(384), bytearray(b"\x1dv0\0\x02\0\x02\0\xaa\x55\xff")
    taken = []
    while (act := interpreter.take(queue)) is not None:
        taken.append(act)
    assert taken[-1] == Rows((b"\xaa\x55",))
    assert interpreter.in_image
    assert bytes(queue) == b"\xff", "half a row waits"

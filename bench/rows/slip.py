# SPDX-License-Identifier: Apache-2.0
"""The printed slip: seconds beside what wire and paper take at least, bytes beside a library's."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from escpos.printer import Dummy
from PIL import Image

from bench.devices import slip_s
from bench.row import Course, Row, Subject, Target, row
from drivers.health import State
from drivers.printer import Proof, ReceiptPrinter
from kiosk.receipts import build_slip, render
from kiosk.receipts.blocks import Banner, Code, Note, Number, Slip, Title, Words
from kiosk.receipts.blocks import Row as Line
from kiosk.receipts.preview import SAMPLE
from kiosk.stack.process import Process, StackError

RUNS = 5
WIDTH = 576
PROFILE = "TM-T20II"  # of python-escpos: 576 dots, too
START_S = 10.0
SETTLED_S = 2.0  # the driver prepares the printer after its first look; not part of a print


@dataclass(slots=True)
class _Taken:
    """One sample a slip in each list."""

    whole: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    leaving: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)
    carried: list[float] = field(default_factory=list)


def measure(course: Course) -> list[Row]:
    """Prints the sample slip on the emulated printer."""
    runs = course.times(RUNS)
    link = course.scratch / "printer"
    command = ["firmware_io.emulators.printer", "--link", str(link)]
    emulator = Process("printer", command, course.scratch / "printer.log")
    printer = ReceiptPrinter(str(link), poll_s=60.0, journal=course.scratch / "printer.jsonl")
    taken = _Taken()
    try:
        emulator.ready()
        _until_ready(printer)
        for number in range(runs):
            course.step(number, runs)
            _one(printer, emulator, taken)
    finally:
        printer.close()
        emulator.stop()
    course.step(runs, runs)
    slip = build_slip("received", SAMPLE, "zh")
    return _rows(taken, slip, render(slip, WIDTH))


def _one(printer: ReceiptPrinter, emulator: Process, taken: _Taken) -> None:
    """One slip from the drawing to the proof."""
    begun = time.perf_counter()
    image = render(build_slip("received", SAMPLE, "zh"), WIDTH)
    taken.drawn.append((time.perf_counter() - begun) * 1000)
    emulator.control({"tear": True})
    before = emulator.control({"status": True})
    begun = time.monotonic()
    printed = printer.print(image)
    taken.whole.append(time.monotonic() - begun)
    if printed.outcome is not Proof.CONFIRMED:
        raise StackError("the printer did not confirm the slip")
    after = emulator.control({"status": True})
    count = after["bytes_in"] - before["bytes_in"]
    taken.carried.append(count)
    least = slip_s(count, after["host_rate"], after["rows_printed"] - before["rows_printed"])
    taken.least.append(least)
    # The clock of both processes is the machine's own monotonic one.
    taken.first.append((after["first_moved"] - begun) * 1000)
    taken.leaving.append(after["last_cut"] - after["first_moved"])


def _rows(taken: _Taken, slip: Slip, image: Image.Image) -> list[Row]:
    limit = (
        "the slower of wire (10 bits a byte at the line's speed) and paper (150 mm/s), the way"
        " from head to cutter, and the cut"
    )
    return [
        row(
            "leaves at this part of the possible speed",
            "",
            [least / took for least, took in zip(taken.least, taken.leaving, strict=True)],
            [1.0],
            f"{limit}; counted from the first row that moves",
            target=Target("ours", 0.95, least=True),
        ),
        row(
            "print time",
            "s",
            taken.whole,
            taken.least,
            f"{limit}; ours asks the printer before and after",
            target=Target("ratio", 1.25),
        ),
        row(
            "command to first row moving",
            "ms",
            taken.first,
            target=Target("ours", 150),
        ),
        row("drawn as a picture", "ms", taken.drawn, target=Target("ours", 60)),
        row(
            "bytes on the wire",
            "byte",
            taken.carried,
            [image.height * WIDTH / 8],
            "the same picture as one plain raster, a bit a dot",
        ),
        row(
            "bytes beside python-escpos, image",
            "byte",
            taken.carried,
            [_as_image(image)],
            "the same picture by Dummy().image (GS v 0) and cut()",
        ),
        row(
            "bytes beside python-escpos, text",
            "byte",
            taken.carried,
            [_as_text(slip)],
            "the same words by Dummy().text in GB 18030, QR and bar code drawn by the printer: no"
            " proof, no rare names",
        ),
    ]


def _as_image(image: Image.Image) -> int:
    host = Dummy(profile=PROFILE)
    host.image(image, impl="bitImageRaster", center=False)
    host.cut()
    return len(host.output)


def _as_text(slip: Slip) -> int:
    host = Dummy(profile=PROFILE)
    for block in slip.blocks:
        host.text("".join(f"{line}\n" for line in _lines(block)))
        if isinstance(block, Number):
            host.barcode(f"{{B{block.payload}", "CODE128", function_type="B")
        elif isinstance(block, Code):
            host.qr(block.payload, native=True, size=6)
    host.cut()
    return len(host.output)


def _lines(block: Any) -> Iterator[str]:
    match block:
        case Title(words) | Banner(words, _) | Note(words):
            yield from _words(words)
        case Number(label, groups):
            yield from _words(label)
            yield " ".join(groups)
        case Line(label, value):
            yield f"{label.first} {value.first}"
        case Code(_, beside):
            for words in beside:
                yield from _words(words)


def _words(words: Words) -> Iterator[str]:
    yield from (part for part in (words.first, words.second) if part)


def _until_ready(printer: ReceiptPrinter) -> None:
    end = time.monotonic() + START_S
    printer.start()
    while printer.health().state is not State.READY:
        if time.monotonic() > end:
            raise StackError(f"the printer did not get ready: {printer.health().reason}")
        time.sleep(1.0)
        printer.close()
        printer.start()
    time.sleep(SETTLED_S)


SUBJECT = Subject("slip", "the slip's bytes and seconds", measure)

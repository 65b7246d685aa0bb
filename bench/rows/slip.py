# SPDX-License-Identifier: Apache-2.0
"""The printed slip: bytes, and seconds beside what wire and paper take at least."""

import time

from bench.devices import slip_s
from bench.row import Course, Row, Subject, Target, row
from drivers.health import State
from drivers.printer import Proof, ReceiptPrinter
from kiosk.receipts import build_slip, render
from kiosk.receipts.preview import SAMPLE
from kiosk.stack.process import Process, StackError

RUNS = 3
WIDTH = 576
START_S = 10.0
SETTLED_S = 2.0  # the driver prepares the printer after its first look; not part of a print


def measure(course: Course) -> list[Row]:
    """Prints the sample slip on the emulated printer."""
    runs = course.times(RUNS)
    took: list[float] = []
    least: list[float] = []
    drawn: list[float] = []
    carried: list[float] = []
    raw: list[float] = []
    link = course.scratch / "printer"
    command = ["firmware_io.emulators.printer", "--link", str(link)]
    emulator = Process("printer", command, course.scratch / "printer.log")
    printer = ReceiptPrinter(str(link), poll_s=60.0)
    try:
        emulator.ready()
        _until_ready(printer)
        for number in range(runs):
            course.step(number, runs)
            begun = time.perf_counter()
            image = render(build_slip("received", SAMPLE, "zh"), WIDTH)
            drawn.append((time.perf_counter() - begun) * 1000)
            before = emulator.control({"status": True})
            begun = time.perf_counter()
            printed = printer.print(image)
            took.append(time.perf_counter() - begun)
            if printed.outcome is not Proof.CONFIRMED:
                raise StackError("the printer did not confirm the slip")
            after = emulator.control({"status": True})
            count = after["bytes_in"] - before["bytes_in"]
            rows = after["rows_printed"] - before["rows_printed"]
            carried.append(count)
            raw.append(image.height * WIDTH / 8)
            least.append(slip_s(count, after["host_rate"], rows))
    finally:
        printer.close()
        emulator.stop()
    course.step(runs, runs)
    return [
        row(
            "print time",
            "s",
            took,
            least,
            "the slower of wire (10 bits a byte at the line's speed) and paper (150 mm/s), the way"
            " from head to cutter, and the cut",
            target=Target("ratio", 1.25),
        ),
        row(
            "bytes on the wire",
            "byte",
            carried,
            raw,
            "the same picture as one plain raster, a bit a dot",
        ),
        row("drawn as a picture", "ms", drawn),
    ]


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

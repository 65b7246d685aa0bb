# SPDX-License-Identifier: Apache-2.0
"""Cards: a resident's card read whole, beside module, wire and a bare client; PC/SC's own cost."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import serial
from smartcard.System import readers

from bench.devices import READER_ACTS, acts_s
from bench.row import Course, Row, Subject, Target, row
from drivers.idreader import IdReader, IdReaderSettings
from firmware_io.codecs.samv import Decoder, Reply, encode
from firmware_io.codecs.samv_tables import Command
from firmware_io.emulators.pcscd import PcscService
from firmware_io.emulators.smartcard import PORT
from firmware_io.links.deadline import Deadline
from firmware_io.links.pcsc import PcscLink
from kiosk.stack.process import Process, StackError

RUNS = 8
APDU_ROUNDS, APDUS = 12, 100
PERSON = "341522199811070025"
READER = "Virtual PCD 00 01"  # a booth on this machine keeps the first
SELECT_PIV = bytes.fromhex("00A404000BA00000030800001000010000")
CERTIFICATE = bytes.fromhex("00CB3FFF055C035FC10500")
DECODED_BYTES = 8_000_000


def measure(course: Course) -> list[Row]:
    """Reader, PC/SC and decoder in turn."""
    return [*_reading(course), *_apdus(course), *_decoding()]


def _reading(course: Course) -> list[Row]:
    runs = course.times(RUNS)
    ours: list[float] = []
    least: list[float] = []
    bare: list[float] = []
    bare_least: list[float] = []
    link = course.scratch / "idreader"
    command = ["firmware_io.emulators.idreader", "--link", str(link), "--seed", "7"]
    emulator = Process("idreader", command, course.scratch / "idreader.log")
    reader = IdReader(str(link), settings=IdReaderSettings(poll_s=0.0))
    try:
        emulator.ready()
        reader.start()
        for number in range(runs):
            course.step(number, 2 * runs)
            took, needed = _once(emulator, lambda: reader.read_card(5.0, lambda _: None))
            reader.wait_removed(5.0)  # between two citizens, as in a hall
            ours.append(took)
            least.append(needed)
        reader.close()
        with serial.Serial(str(link), 115200, timeout=5.0) as port:
            for number in range(runs):
                course.step(runs + number, 2 * runs)
                took, needed = _once(emulator, lambda: _bare_reading(port))
                bare.append(took)
                bare_least.append(needed)
    finally:
        reader.close()
        emulator.stop()
    course.step(2 * runs, 2 * runs)
    return [
        row(
            "card read, find to validated text",
            "ratio",
            [one / need for one, need in zip(ours, least, strict=True)],
            [one / need for one, need in zip(bare, bare_least, strict=True)],
            "a client of blocking pyserial reads with no checks, on the same emulator in the same"
            " run; both sides are seconds over what module and wire took for find, select, read",
            target=Target("ours", 1.05),
        ),
        row(
            "card read, find to validated text, in seconds",
            "s",
            ours,
            least,
            "the module's own time for find, select, read, and 10 bits a byte at 115200",
            target=Target("ratio", 1.05),
        ),
    ]


def _once(emulator: Process, act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of `act` on a card that lies there, and what device and wire needed of them."""
    emulator.control({"place_card": PERSON})
    before = acts_s(emulator.control({"status": True}), READER_ACTS)
    begun = time.perf_counter()
    act()
    took = time.perf_counter() - begun
    needed = acts_s(emulator.control({"status": True}), READER_ACTS) - before
    emulator.control({"remove_card": True})
    return took, needed


def _bare_reading(port: serial.Serial) -> None:
    for command in (Command.FIND, Command.SELECT, Command.READ):
        port.write(encode(command))
        head = port.read(7)
        if len(head) < 7 or len(port.read(head[5] << 8 | head[6])) < 4:
            raise StackError("the bare client got no answer")


def _apdus(course: Course) -> list[Row]:
    ours: dict[str, list[float]] = {"2": [], "258": []}
    bare: dict[str, list[float]] = {"2": [], "258": []}
    command = ["firmware_io.emulators.smartcard", "--port", str(PORT + 1), "--inserted"]
    with PcscService(alone=True, patience_s=120.0):
        card = Process("smartcard", command, course.scratch / "smartcard.log")
        link = PcscLink()
        try:
            card.ready()
            _until_inserted(link)
            for number in range(course.times(APDU_ROUNDS)):
                course.step(number, course.times(APDU_ROUNDS))
                link.connect(READER, Deadline.after(5.0))
                _time_apdus(ours, lambda one: link.transmit(one, Deadline.after(5.0)))
                link.disconnect(Deadline.after(5.0))
                connection = _bare_connection()
                _time_apdus(bare, _bare_transmit(connection))
                connection.disconnect()
        finally:
            link.close()
            card.stop()
    return [
        row(
            f"PC/SC adds to an APDU with {size} bytes of answer",
            "ms",
            [one - other for one, other in zip(ours[size], bare[size], strict=True)],
            bare[size],
            "bare pyscard, transmit() in this process on the same card, in turn with ours; ratio:"
            " what is added over what it takes bare",
            target=Target("ours", 0.3),
        )
        for size in ours
    ]


def _time_apdus(into: dict[str, list[float]], transmit: Callable[[bytes], Any]) -> None:
    """Adds the median milliseconds of a round of each size."""
    transmit(SELECT_PIV)
    for size, apdu in (("2", bytes.fromhex("00200080")), ("258", CERTIFICATE)):
        took = []
        for _ in range(APDUS):
            begun = time.perf_counter()
            transmit(apdu)
            took.append((time.perf_counter() - begun) * 1000)
        into[size].append(median(took))


def _bare_connection() -> Any:
    found = next(one for one in readers() if str(one) == READER)
    connection = found.createConnection()
    connection.connect()
    return connection


def _bare_transmit(connection: Any) -> Callable[[bytes], Any]:
    return lambda apdu: connection.transmit(list(apdu))


def _until_inserted(link: PcscLink) -> None:
    end = time.monotonic() + 30.0
    while time.monotonic() < end:
        status = link.status(Deadline.after(5.0))
        if any(one.name == READER and one.card for one in status.readers):
            return
        time.sleep(0.1)
    raise StackError("the virtual reader never saw the card")


def _decoding() -> list[Row]:
    """Megabytes a second of whole readings, and of garbage full of false starts."""
    data = b"\x01\x00\x04\x00" + bytes(1280)
    frame = b"\xaa\xaa\xaa\x96\x69\x05\x08\x00\x00\x90" + data
    check = 0
    for byte in frame[5:]:
        check ^= byte
    readings = (frame + bytes((check,))) * (DECODED_BYTES // 1295)
    starts = b"\xaa\xaa\xaa\x96\x69\x05\x08" * (DECODED_BYTES // 7)
    figures = []
    for name, stream, good in (
        ("decoder, whole readings", readings, DECODED_BYTES // 1295),
        ("decoder, nothing but false starts", starts, 0),
    ):
        took = []
        for _ in range(3):
            decoder, replies = Decoder(), 0
            begun = time.perf_counter()
            for at in range(0, len(stream), 4096):
                items = decoder.feed(stream[at : at + 4096])
                replies += sum(isinstance(one, Reply) for one in items)
            took.append(len(stream) / 1e6 / (time.perf_counter() - begun))
            if replies != good:
                raise StackError("the decoder lost a reading")
        target = Target("ours", 20, least=True) if good else None
        figures.append(row(name, "MB/s", took, target=target))
    return figures


SUBJECT = Subject("cards", "ID-card reader and PC/SC beside bare clients", measure)

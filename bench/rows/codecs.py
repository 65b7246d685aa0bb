# SPDX-License-Identifier: Apache-2.0
"""The fingerprint module's decoder: image transfers, and garbage in four sizes.

The card reader's decoder is measured with the cards.
"""

import io
import random
import time
from collections.abc import Callable
from typing import Any, Final

from pyfingerprint.pyfingerprint import PyFingerprint

from bench.row import Course, Row, Subject, Target, row
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder, Packet, encode
from kiosk.stack.process import StackError

RUNS: Final = 5
READ_BYTES: Final = 4096  # what the link hands over at most at once
IMAGE_BYTES: Final = 36_864
IMAGES: Final = {32: 80, 128: 100, 256: 100}  # how many of them, by packet size
GARBAGE_BYTES: Final = (65_536, 262_144, 1_048_576, 4_194_304)
START: Final = b"\xef\x01\xff\xff\xff\xff"
PROMISE: Final = START + b"\x07\x01\x02" + bytes(9)  # 258 bytes to come, and again after 18


def measure(course: Course) -> list[Row]:
    """All rows."""
    runs = course.times(RUNS)
    rows: list[Row] = []
    for size in IMAGES:
        course.say(f"images in packets of {size}")
        rows += _images(size, runs)
    for name, unit in (
        ("noise", random.Random(1).randbytes(65_536)),
        ("nothing but first bytes of a header", START[:1]),
        ("nothing but false promises", PROMISE),
    ):
        course.say(name)
        rows.append(_garbage(name, unit, runs))
    return rows


def _images(size: int, runs: int) -> list[Row]:
    image = random.Random(size).randbytes(IMAGE_BYTES)
    packets = [encode(packet) for packet in say.data_packets(image, size)]
    wire = b"".join(packets) * IMAGES[size]
    whole = len(packets) * IMAGES[size]
    ours, bare = [], []
    for _ in range(runs):
        ours.append(_speed(lambda: _decoded(wire), len(wire), whole))
        bare.append(_speed(lambda: _bare(wire), len(wire), whole))
    rows = [
        row(
            f"images in packets of {size}",
            "MB/s",
            ours,
            bare,
            "a loop that trusts every length and only sums and cuts: no search, no bounds",
            target=Target("ours", 20, least=True) if size >= 128 else None,
        )
    ]
    if size == 128:
        part = b"".join(packets)
        theirs = [_speed(lambda: _pyfingerprint(part), len(part), len(packets))]
        beside = "pyfingerprint 1.5 reading one image of the same bytes from memory"
        rows.append(
            row(f"images in packets of {size}, beside a peer", "MB/s", ours, theirs, beside)
        )
    return rows


def _speed(work: Callable[[], int], size: int, packets: int) -> float:
    """Megabytes a second of processor time. StackError when a packet was lost."""
    since = time.thread_time()
    found = work()
    took = time.thread_time() - since
    if found != packets:
        raise StackError(f"{found} packets of {packets}")
    return size / 1e6 / took


def _decoded(wire: bytes) -> int:
    decoder, found = Decoder(), 0
    for at in range(0, len(wire), READ_BYTES):
        items = decoder.feed(wire[at : at + READ_BYTES])
        found += sum(isinstance(item, Packet) for item in items)
    return found


def _bare(wire: bytes) -> int:
    at = found = 0
    kept: list[bytes] = []
    while at < len(wire):
        end = at + 9 + (wire[at + 7] << 8 | wire[at + 8])
        if sum(wire[at + 6 : end - 2]) & 0xFFFF == wire[end - 2] << 8 | wire[end - 1]:
            kept.append(wire[at + 9 : end - 2])
            found += 1
        at = end
    return found


class _Memory(io.BytesIO):
    """What pyfingerprint takes for its port."""

    def isOpen(self) -> bool:  # noqa: N802
        return False

    def read(self, size: int | None = 1) -> bytes:
        return super().read(size)


def _pyfingerprint(wire: bytes) -> int:
    client: Any = PyFingerprint.__new__(PyFingerprint)
    client._PyFingerprint__serial = _Memory(wire)
    client._PyFingerprint__address = 0xFFFF_FFFF
    found = 0
    while True:
        found += 1
        if client._PyFingerprint__readPacket()[0] == 8:
            return found


def _garbage(name: str, unit: bytes, runs: int) -> Row:
    """Nanoseconds a byte of the longest stream, beside the shortest one's."""
    costs: dict[int, list[float]] = {size: [] for size in GARBAGE_BYTES}
    for _ in range(runs):
        for size in GARBAGE_BYTES:
            wire = (unit * (size // len(unit) + 1))[:size]
            decoder, since = Decoder(), time.thread_time()  # processor time, whoever else runs
            for at in range(0, size, READ_BYTES):
                decoder.feed(wire[at : at + READ_BYTES])
            costs[size].append((time.thread_time() - since) * 1e9 / size)
    least = {size: min(took) for size, took in costs.items()}
    told = ", ".join(f"{size >> 10} kB {cost:.1f}" for size, cost in least.items())
    return row(
        f"{name}, a byte of {GARBAGE_BYTES[-1] >> 20} MB",
        "ns",
        costs[GARBAGE_BYTES[-1]],
        costs[GARBAGE_BYTES[0]],
        f"a byte of {GARBAGE_BYTES[0] >> 10} kB of the same; best ns a byte by length: {told}",
        target=Target("ratio", 1.5),
    )


SUBJECT = Subject("codecs", "the fingerprint decoder: images, and garbage in four sizes", measure)

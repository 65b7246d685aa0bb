# SPDX-License-Identifier: Apache-2.0
"""A USB camera (UVC 1.0, MJPG) for the kernel's own uvcvideo driver, plugged in over USB/IP.

Where `camera` makes a pipe in place of a camera, this one makes a real /dev/videoN: descriptors,
probe and commit, payloads. It needs root and the kernel modules vhci-hcd and uvcvideo, so it serves
where those can be had (scripts/prove-kernel).

Sources: USB 2.0, chapter 9; USB Device Class Definition for Video Devices 1.0a (descriptors 3.6 to
3.9, probe and commit 4.3.1.1, payload header 2.4.3.3).
"""

import select
import struct
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from firmware_io.emulators.usbip import (
    HIGH_SPEED,
    STALL,
    Cable,
    Submit,
    Unlink,
    Wire,
    device_descriptor,
    standard,
    string_descriptor,
)

__all__ = ["SIZES", "UsbCamera", "configuration"]

SIZES = ((1280, 720), (640, 480))
_PROBE = 26  # bytes of the probe and commit controls in UVC 1.0
_PAYLOAD = 1 << 20  # a picture is one payload
_STRINGS = ("ID Booth", "Emulated camera", "000001")


def _frame(number: int, width: int, height: int, rates: Sequence[int]) -> bytes:
    intervals = b"".join(struct.pack("<I", 10_000_000 // rate) for rate in rates)
    fixed = struct.pack(
        "<BBBBHHIIIIB", 0x24, 7, number, 0, width, height, 10**6, 10**9, _PAYLOAD,
        10_000_000 // rates[0], len(rates),
    )  # fmt: skip
    return bytes([len(fixed) + len(intervals) + 1]) + fixed + intervals


def configuration(sizes: Sequence[tuple[int, int]], rates: Sequence[int]) -> bytes:
    """The configuration descriptor: one interface for control, one for pictures, by bulk."""
    camera = bytes([18, 0x24, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])
    output = bytes([9, 0x24, 3, 2, 1, 1, 0, 1, 0])
    total = 13 + len(camera) + len(output)
    head = struct.pack("<BBBHHIBB", 13, 0x24, 1, 0x0100, total, 6_000_000, 1, 1)
    frames = b"".join(_frame(n, w, h, rates) for n, (w, h) in enumerate(sizes, 1))
    mjpeg = bytes([11, 0x24, 6, 1, len(sizes), 1, 1, 0, 0, 0, 0]) + frames
    colour = bytes([6, 0x24, 13, 1, 1, 4])
    total = 14 + len(mjpeg) + len(colour)
    video = struct.pack("<BBBBHBBBBBBBB", 14, 0x24, 1, 1, total, 0x81, 0, 2, 0, 0, 0, 1, 0)
    body = (
        bytes([8, 11, 0, 2, 14, 3, 0, 0])  # the two interfaces are one video function
        + bytes([9, 4, 0, 0, 0, 14, 1, 0, 0])
        + (head + camera + output)
        + bytes([9, 4, 1, 0, 1, 14, 2, 0, 0])
        + (video + mjpeg + colour)
        + struct.pack("<BBBBHB", 7, 5, 0x81, 2, 512, 0)
    )
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 250) + body


class UsbCamera:
    """One camera with its cable. `plug` and `unplug` any number of times; `close` at the end.

    Args:
        pictures: whole JPEG pictures, sent round and round whatever size was asked for.
        sizes: width and height of what it offers, best first.
        rates: frames a second that it offers in each size, best first.

    `frozen`, `silent` and `torn` can be set at any time: the same picture again, none at all,
    each cut in half.
    """

    def __init__(
        self,
        pictures: Sequence[bytes],
        *,
        sizes: Sequence[tuple[int, int]] = SIZES,
        rates: Sequence[int] = (30, 15),
    ) -> None:
        self._pictures, self._rates = list(pictures), tuple(rates)
        self._configuration = configuration(sizes, rates)
        self._cable = Cable(self._live, speed=HIGH_SPEED, name="camera-usb")
        self.frozen = self.silent = self.torn = False

    def plug(self) -> None:
        """Plugs it in. Raises OSError without root, or without vhci-hcd."""
        self._cable.plug()

    def unplug(self) -> None:
        """Pulls the cable; safe to call twice."""
        self._cable.unplug()

    close = unplug

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.unplug()

    def picture(self, number: int) -> bytes:
        """The JPEG of a moment, cut when it is to be."""
        data = self._pictures[0 if self.frozen else number % len(self._pictures)]
        return data[: len(data) // 2] if self.torn else data

    def descriptor(self, kind: int, number: int) -> bytes | None:
        """A standard descriptor; None for one that it has not."""
        if kind == 1:
            return device_descriptor((0xEF, 2, 1), product=1)
        if kind == 2:
            return self._configuration
        return string_descriptor(_STRINGS, number) if kind == 3 else None

    def _live(self, wire: Wire) -> None:
        _Function(self, wire).run()


class _Function:
    """The camera's own processor, from plugging in to unplugging."""

    def __init__(self, camera: UsbCamera, wire: Wire) -> None:
        self._camera, self._wire = camera, wire
        self._probe = bytearray(struct.pack("<HBBI", 0, 1, 1, 10_000_000 // camera._rates[0]))
        self._probe += bytes(10) + struct.pack("<II", _PAYLOAD, _PAYLOAD)
        self._wanted: deque[tuple[int, int]] = deque()  # sequence number and length of each read
        self._rest = b""
        self._number = self._toggle = 0

    def run(self) -> None:
        """Answers the host until the cable is pulled."""
        due = time.monotonic()
        while True:
            left = max(0.0, due - time.monotonic())
            if select.select([self._wire], [], [], left)[0] and not self._message():
                return
            now = time.monotonic()
            if now >= due:
                due = max(due + self._period(), now)
                self._shoot()

    def _period(self) -> float:
        return struct.unpack_from("<I", self._probe, 4)[0] / 1e7

    def _shoot(self) -> None:
        self._number += 1
        if self._rest or not self._wanted or self._camera.silent:
            return  # nobody reads, or not fast enough: a camera does not wait
        self._toggle ^= 1
        self._rest = bytes([2, 0x80 | 0x02 | self._toggle]) + self._camera.picture(self._number)
        self._send()

    def _send(self) -> None:
        while self._rest and self._wanted:
            number, length = self._wanted.popleft()
            piece, self._rest = self._rest[:length], self._rest[length:]
            if len(piece) == length and not self._rest:
                self._rest = b"\0"  # a short read must end the payload; padding does no harm
            self._wire.answer(number, 0, piece)

    def _message(self) -> bool:
        wish = self._wire.receive()
        match wish:
            case None:
                return False
            case Unlink(number, gone):
                before = len(self._wanted)
                self._wanted = deque(one for one in self._wanted if one[0] != gone)
                self._rest = b""
                self._wire.unlinked(number, found=len(self._wanted) < before)
            case Submit(endpoint=0):
                said = self._control(wish.setup, wish.data)
                status, data = (STALL, b"") if said is None else (0, said[: wish.length])
                self._wire.answer(wish.number, status, data, len(wish.data))
            case Submit():
                self._wanted.append((wish.number, wish.length))
                self._send()
        return True

    def _control(self, setup: bytes, sent: bytes) -> bytes | None:
        kind, request, value, index, _length = struct.unpack("<BBHHH", setup)
        if kind & 0x60 == 0:
            return standard(setup, self._camera.descriptor)
        if index & 0xFF != 1 or value >> 8 not in (1, 2):
            return None  # the terminals have no controls
        if request == 1:
            self._probe[2 : min(len(sent), 8)] = sent[2:8]
            return b""
        if request == 0x85:
            return struct.pack("<H", _PROBE)
        return b"\x03" if request == 0x86 else bytes(self._probe)

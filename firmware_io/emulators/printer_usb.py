# SPDX-License-Identifier: Apache-2.0
"""The emulated printer's USB socket: a printer-class device for the kernel's own usblp driver.

In front of the printer that runs on a `Stage` stands an interface board, as `printer_network` is
one for Ethernet: bulk transfers go through unchanged both ways, and a transfer is done when the
printer's port has taken its last byte. It makes a real /dev/usb/lpN where one is root and has the
modules vhci-hcd and usblp (scripts/prove-kernel).

Sources: USB Device Class Definition for Printing Devices 1.1 (interface 5.1, requests 4.2.1 to
4.2.3); IEEE 1284-2000, 7.6 (device id); USB 2.0, chapter 9.
"""

import os
import select
import struct
import termios
import tty
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from firmware_io.emulators.stage import Stage
from firmware_io.emulators.usbip import (
    FULL_SPEED,
    STALL,
    Cable,
    Submit,
    Unlink,
    Wire,
    device_descriptor,
    standard,
    string_descriptor,
)

PACKET = 64  # bytes of a full-speed bulk packet
OUT_ENDPOINT, IN_ENDPOINT = 1, 2
DEVICE_ID = b"MFG:ID Booth;CMD:ESC/POS;MDL:Emulated receipt printer;CLS:PRINTER;"
_STRINGS = ("ID Booth", "Emulated receipt printer", "000001")
_PAPER_EMPTY, _SELECT, _NOT_ERROR = 0x20, 0x10, 0x08
WELL = _SELECT | _NOT_ERROR


def configuration(*, both_ways: bool) -> bytes:
    """The configuration descriptor: one printer interface, protocol 2 (both ways) or 1."""
    ends = [OUT_ENDPOINT, 0x80 | IN_ENDPOINT] if both_ways else [OUT_ENDPOINT]
    body = bytes([9, 4, 0, 0, len(ends), 7, 1, len(ends), 0])
    for end in ends:
        body += struct.pack("<BBBBHB", 7, 5, end, 2, PACKET, 0)
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 1, 1, 0, 0xC0, 1) + body


class UsbPrinter:
    """The printer on `stage` with a USB cable. `plug`, `unplug`; `close` at the end.

    Args:
        stage: a running stage of the emulated printer; nobody else opens its port.
        both_ways: False: it only listens, as the cheapest do.
        tells: whether its port status follows paper and errors; many always say "well".

    Pulling the cable leaves the printer its supply and whatever it was sent. Without supply it is
    not on the bus.
    """

    def __init__(self, stage: Stage, *, both_ways: bool = True, tells: bool = True) -> None:
        self._stage, self._both_ways, self._tells = stage, both_ways, tells
        self._configuration = configuration(both_ways=both_ways)
        self._cable = Cable(self._live, speed=FULL_SPEED, name="printer-usb")

    def plug(self) -> None:
        """Plugs it in; nothing when it is. Raises OSError without root, or without vhci-hcd."""
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

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """As `Stage.control`, with what plug and supply mean on a USB cable."""
        if request.get("unplug"):
            self.unplug()
            return {"ok": True}
        if request.get("replug"):
            self.plug()
            return {"ok": True}
        power = request.get("power")
        if power in ("off", "cycle"):
            self.unplug()
        answer = self._stage.control(request)
        if power in ("on", "cycle"):
            self.plug()
        return answer

    def port_status(self) -> int:
        """The class's status byte of this moment."""
        if not self._tells:
            return WELL
        said = self._stage.control({"status": True})
        if said["paper"] == "out":
            return _PAPER_EMPTY | _SELECT
        return 0 if said["stopped"] else WELL

    def descriptor(self, kind: int, number: int) -> bytes | None:
        """A standard descriptor; None for one that it has not."""
        if kind == 1:
            return device_descriptor((0, 0, 0), product=2)
        if kind == 2:
            return self._configuration
        return string_descriptor(_STRINGS, number) if kind == 3 else None

    def _live(self, wire: Wire) -> None:
        fd = os.open(self._stage.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(fd)
            settings = termios.tcgetattr(fd)
            settings[4] = settings[5] = termios.B4000000  # the board's own way into the printer
            termios.tcsetattr(fd, termios.TCSANOW, settings)
            Board(self, wire, fd).run()
        finally:
            os.close(fd)


@dataclass(slots=True)
class _Sending:
    """A transfer to the printer, and how much of it its port has taken."""

    number: int
    data: bytes
    taken: int = 0


class Board:
    """The interface board from plugging in to unplugging; `fd` is the printer's port."""

    def __init__(self, printer: UsbPrinter, wire: Wire, fd: int) -> None:
        self._printer, self._wire, self._fd = printer, wire, fd
        self._reads: deque[tuple[int, int]] = deque()  # number and length of each
        self._writes: deque[_Sending] = deque()

    def run(self) -> None:
        """Answers the host until the cable is pulled. OSError when the printer's port is gone."""
        while True:
            poller = select.poll()
            poller.register(self._wire, select.POLLIN)
            wanted = (select.POLLIN if self._reads else 0) | (select.POLLOUT if self._writes else 0)
            poller.register(self._fd, wanted)
            ready = dict(poller.poll())
            port = ready.get(self._fd, 0)
            if port & (select.POLLHUP | select.POLLERR):
                return
            if port & select.POLLIN:
                self._inward()
            if port & select.POLLOUT:
                self._outward()
            if self._wire.fileno() in ready and not self._message():
                return

    def _inward(self) -> None:
        number, length = self._reads[0]
        try:
            data = os.read(self._fd, length)
        except BlockingIOError:
            return
        self._reads.popleft()
        self._wire.answer(number, 0, data)

    def _outward(self) -> None:
        one = self._writes[0]
        if one.taken < len(one.data):
            try:
                one.taken += os.write(self._fd, one.data[one.taken : one.taken + PACKET])
            except BlockingIOError:
                return
        if one.taken == len(one.data):
            self._writes.popleft()
            self._wire.answer(one.number, 0, taken=one.taken)

    def _message(self) -> bool:
        wish = self._wire.receive()
        match wish:
            case None:
                return False
            case Unlink(number, gone):
                before = len(self._reads) + len(self._writes)
                self._reads = deque(one for one in self._reads if one[0] != gone)
                self._writes = deque(one for one in self._writes if one.number != gone)
                self._wire.unlinked(number, found=len(self._reads) + len(self._writes) < before)
            case Submit(endpoint=0):
                said = self._control(wish.setup)
                status, data = (STALL, b"") if said is None else (0, said[: wish.length])
                self._wire.answer(wish.number, status, data, len(wish.data))
            case Submit(inward=True):
                self._reads.append((wish.number, wish.length))
            case Submit():
                self._writes.append(_Sending(wish.number, wish.data))
        return True

    def _control(self, setup: bytes) -> bytes | None:
        kind, request = setup[0], setup[1]
        if kind & 0x60 == 0:
            return standard(setup, self._printer.descriptor)
        match kind & 0x80, request:
            case 0x80, 0:  # GET_DEVICE_ID
                return struct.pack(">H", len(DEVICE_ID) + 2) + DEVICE_ID
            case 0x80, 1:  # GET_PORT_STATUS
                return bytes([self._printer.port_status()])
            case 0, 2:  # SOFT_RESET
                self._reset()
                return b""
        return None

    def _reset(self) -> None:
        """What this board holds is dropped; what the printer has already is the printer's."""
        for one in self._writes:
            one.data = one.data[: one.taken]
        termios.tcflush(self._fd, termios.TCIOFLUSH)

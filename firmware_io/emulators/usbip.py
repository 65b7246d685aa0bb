# SPDX-License-Identifier: Apache-2.0
"""The cable of an emulated USB device: USB/IP into the virtual hub of this machine's kernel.

The near end is a socket that the kernel's vhci-hcd takes over; from then on the kernel is the host
of a USB device whose every transfer comes out of the far end. Needs root and that module.

Sources: Linux Documentation/usb/usbip_protocol.rst; USB 2.0, chapter 9.
"""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FULL_SPEED, HIGH_SPEED = 2, 3
STALL, RESET = -32, -104  # -EPIPE, -ECONNRESET
IN = 0x80
VENDOR = 0x1209  # pid.codes; its products 1 to 16 are for tests
_VHCI = Path("/sys/devices/platform/vhci_hcd.0")
_DEVICE_ID, _FREE = 0x10001, 4
_SUBMIT, _UNLINK, _RET_SUBMIT, _RET_UNLINK = 1, 2, 3, 4
_HEADER = 48


@dataclass(frozen=True, slots=True)
class Submit:
    """One transfer the host wants: `length` bytes inward, or `data` outward.

    `setup` are the eight bytes of a control transfer (endpoint 0).
    """

    number: int
    endpoint: int
    inward: bool
    length: int
    setup: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Unlink:
    """The host takes its transfer `gone` back."""

    number: int
    gone: int


class Wire:
    """The far end of the cable: transfers in, answers out. OSError when it is pulled."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """For `select`."""
        return self._end.fileno()

    def receive(self) -> Submit | Unlink | None:
        """The host's next wish; waits for it. None: the cable is pulled."""
        head = self._take(_HEADER)
        if not head:
            return None
        command, number, _device, inward, endpoint = struct.unpack_from(">5I", head)
        if command == _UNLINK:
            return Unlink(number, struct.unpack_from(">I", head, 20)[0])
        length = max(0, struct.unpack_from(">i", head, 24)[0])
        data = self._take(length) if not inward and length else b""
        return Submit(number, endpoint, bool(inward), length, head[40:48], data)

    def answer(self, number: int, status: int, data: bytes = b"", taken: int = 0) -> None:
        """Ends transfer `number`: `data` went inward, or `taken` bytes outward.

        `status` is 0 or a negative errno.
        """
        head = struct.pack(">5I", _RET_SUBMIT, number, 0, 0, 0)
        self._end.sendall(head + struct.pack(">5i8x", status, len(data) or taken, 0, 0, 0) + data)

    def unlinked(self, number: int, *, found: bool) -> None:
        """Ends an `Unlink`. `found`: its transfer was still open and will not be answered."""
        status = RESET if found else 0
        self._end.sendall(struct.pack(">5Ii24x", _RET_UNLINK, number, 0, 0, 0, status))

    def _take(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self._end.recv(length - len(data))
            if not piece:
                return b""
            data += piece
        return data


class Cable:
    """Plugs a device in and pulls it out, any number of times. `run` is its life on the wire."""

    def __init__(self, run: Callable[[Wire], None], *, speed: int, name: str) -> None:
        self._run, self._speed, self._name = run, speed, name
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    def plug(self) -> None:
        """Plugs it in; nothing when it is. Raises OSError without root, or without vhci-hcd."""
        if self._socket is not None:
            return
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with near:
                self._port = _free_port()
                wish = f"{self._port} {near.fileno()} {_DEVICE_ID} {self._speed}"
                (_VHCI / "attach").write_text(wish)
        except OSError:
            far.close()
            raise
        self._socket = far
        self._thread = threading.Thread(target=self._live, args=(Wire(far), far), name=self._name)
        self._thread.start()

    def unplug(self) -> None:
        """Pulls the cable; safe to call twice."""
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            (_VHCI / "detach").write_text(str(self._port))
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
        self._socket = self._thread = None

    def _live(self, wire: Wire, end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._run(wire)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)  # a device that died is off the bus


def device_descriptor(kind: tuple[int, int, int], product: int, *, packet: int = 64) -> bytes:
    """18 bytes: class, subclass and protocol; strings 1 to 3; one configuration."""
    return struct.pack(
        "<BBHBBBBHHHBBBB", 18, 1, 0x0200, *kind, packet, VENDOR, product, 0x100, 1, 2, 3, 1
    )


def string_descriptor(strings: Sequence[str], number: int) -> bytes | None:
    """Number 0 names the language (US English), 1 and up are `strings`; None past them."""
    if number > len(strings):
        return None
    text = strings[number - 1].encode("utf-16-le") if number else struct.pack("<H", 0x409)
    return bytes([len(text) + 2, 3]) + text


def standard(setup: bytes, descriptor: Callable[[int, int], bytes | None]) -> bytes | None:
    """The answer to a standard request; None is a stall.

    What sets something (address, configuration, interface) is agreed to.
    """
    kind, request, value, _index, length = struct.unpack("<BBHHH", setup)
    if request == 6 and kind & IN:
        return descriptor(value >> 8, value & 0xFF)
    return bytes(length) if kind & IN else b""


def exists() -> bool:
    """Whether a device can be plugged in here."""
    return os.access(_VHCI / "attach", os.W_OK)


def _free_port() -> int:
    for line in (_VHCI / "status").read_text().splitlines()[1:]:
        hub, port, state = line.split()[:3]
        if hub == "hs" and int(state) == _FREE:
            return int(port)
    raise OSError("no free port on the virtual hub")

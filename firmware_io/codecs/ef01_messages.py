# SPDX-License-Identifier: Apache-2.0
"""What EF01 packets say: instructions as payload bytes, replies as values. No port, no clock.

A builder returns the payload of a command packet; a parser takes the bytes after the confirmation
code and returns None when they are too short, never an exception: the wire wrote them. Layouts are
those of the manuals named in `ef01_tables`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from firmware_io.codecs.ef01 import Packet
from firmware_io.codecs.ef01_tables import (
    BAUD_UNIT,
    BROADCAST,
    INDEX_TABLE_BYTES,
    NOTEPAD_BYTES,
    NOTEPAD_PAGES,
    PACKET_SIZES,
    PRODUCT_INFO_BYTES,
    SYSTEM_PARAMETERS_BYTES,
    Op,
    Parameter,
    Pid,
)


def plain(op: Op) -> bytes:
    """An instruction without parameters."""
    return bytes([op])


def img2tz(buffer: int) -> bytes:
    """Features of the image into character buffer 1 or 2."""
    return bytes([Op.IMG2TZ, buffer])


def search(buffer: int, start: int, count: int, op: Op = Op.SEARCH) -> bytes:
    """Compares a buffer with `count` (not: up to) pages from `start`."""
    return bytes([op, buffer]) + start.to_bytes(2, "big") + count.to_bytes(2, "big")


def store(buffer: int, page: int) -> bytes:
    """A buffer into a page of the library."""
    return bytes([Op.STORE, buffer]) + page.to_bytes(2, "big")


def load_char(buffer: int, page: int) -> bytes:
    """A page of the library into a buffer."""
    return bytes([Op.LOAD_CHAR, buffer]) + page.to_bytes(2, "big")


def up_char(buffer: int) -> bytes:
    """The buffer's template to the host."""
    return bytes([Op.UP_CHAR, buffer])


def down_char(buffer: int) -> bytes:
    """A template from the host into the buffer."""
    return bytes([Op.DOWN_CHAR, buffer])


def delet_char(page: int, count: int) -> bytes:
    """Erases `count` pages from `page`."""
    return bytes([Op.DELET_CHAR]) + page.to_bytes(2, "big") + count.to_bytes(2, "big")


def set_sys_para(parameter: Parameter, value: int) -> bytes:
    """Sets one parameter for good (it survives power-off)."""
    return bytes([Op.SET_SYS_PARA, parameter, value])


def set_pwd(password: int) -> bytes:
    """A new password, 32 bits. A forgotten one makes the module useless."""
    return bytes([Op.SET_PWD]) + password.to_bytes(4, "big")


def vfy_pwd(password: int) -> bytes:
    """Shows the password; opens the module until it loses power."""
    return bytes([Op.VFY_PWD]) + password.to_bytes(4, "big")


def set_adder(address: int) -> bytes:
    """A new module address."""
    return bytes([Op.SET_ADDER]) + address.to_bytes(4, "big")


def control(on: bool) -> bytes:
    """Switches the module's other port."""
    return bytes([Op.CONTROL, on])


def write_notepad(page: int, text: bytes) -> bytes:
    """32 bytes of text (zero-filled) into page 0-15. ValueError outside those."""
    if not 0 <= page < NOTEPAD_PAGES or len(text) > NOTEPAD_BYTES:
        raise ValueError("the notepad has 16 pages of 32 bytes")
    return bytes([Op.WRITE_NOTEPAD, page]) + text.ljust(NOTEPAD_BYTES, b"\0")


def read_notepad(page: int) -> bytes:
    """Asks for page 0-15 of the notepad."""
    return bytes([Op.READ_NOTEPAD, page])


def read_index_table(table: int) -> bytes:
    """Asks which of the 256 pages of `table` (0-3) are in use."""
    return bytes([Op.READ_INDEX_TABLE, table])


def gen_bin_image(kind: int) -> bytes:
    """Synochip: makes the image black and white; kind 0, 1 or 2."""
    return bytes([Op.GEN_BIN_IMAGE, kind])


def user_gpio(number: int, level: int) -> bytes:
    """Synochip: sets one of the module's own pins; its answer is the level."""
    return bytes([Op.USER_GPIO, number, level])


def auto_enroll(page: int, *, overwrite: bool, twice: bool, report: bool, lift: bool) -> bytes:
    """R503: takes a finger in six presses by itself; `twice` allows one that is stored already."""
    return bytes([Op.AUTO_ENROLL, page, overwrite, twice, report, lift])


def auto_identify(level: int, start: int, count: int, *, report: bool, tries: int) -> bytes:
    """R503: waits for a finger and looks for it on `count` pages from `start` (0-255 each)."""
    return bytes([Op.AUTO_IDENTIFY, level, start, count, report, tries])


def auto_login(wait: int, presses: int, page: int, *, twice: bool) -> bytes:
    """ZFM-70: takes a finger in 2 or 3 presses by itself; `wait` is a `Wait`."""
    return bytes([Op.AUTO_LOGIN, wait, presses]) + page.to_bytes(2, "big") + bytes([twice])


def auto_search(wait: int, start: int, count: int) -> bytes:
    """ZFM-70: waits for a finger and looks for it; `wait` is a `Wait`."""
    return bytes([Op.AUTO_SEARCH, wait]) + start.to_bytes(2, "big") + count.to_bytes(2, "big")


def aura_led(mode: int, speed: int, colour: int, count: int) -> bytes:
    """R503's light ring: a `Ring` mode, its speed 0-255, a `Colour`, how often (0: for ever)."""
    return bytes([Op.AURA_LED, mode, speed, colour, count])


def data_packets(content: bytes, size: int, address: int = BROADCAST) -> Iterator[Packet]:
    """`content` in data packets of exactly `size` bytes, the last one (PID 08) maybe shorter.

    A content of a multiple of `size` ends with a full last packet, there is no empty trailer.
    """
    for at in range(0, len(content), size):
        pid = Pid.END if at + size >= len(content) else Pid.DATA
        yield Packet(pid, content[at : at + size], address)


@dataclass(frozen=True, slots=True)
class Reply:
    """An acknowledge packet: confirmation code and what follows it."""

    code: int
    values: bytes = b""

    @classmethod
    def of(cls, packet: Packet) -> "Reply | None":
        """The reply that `packet` is, None if it is a data packet."""
        if packet.pid != Pid.ACK:
            return None
        return cls(packet.payload[0], packet.payload[1:])

    def __repr__(self) -> str:
        return f"Reply(code={self.code:#04x}, values=<{len(self.values)} bytes>)"


@dataclass(frozen=True, slots=True)
class Hit:
    """A found page of the library and its score (scale of the module, higher is more alike)."""

    page: int
    score: int


def parse_number(values: bytes) -> int | None:
    """The 16-bit number in front: a score, a page, a count."""
    return int.from_bytes(values[:2], "big") if len(values) >= 2 else None


def parse_hit(values: bytes) -> Hit | None:
    """Page and score of Search."""
    if len(values) < 4:
        return None
    return Hit(int.from_bytes(values[:2], "big"), int.from_bytes(values[2:4], "big"))


def parse_index_table(values: bytes, table: int = 0) -> frozenset[int] | None:
    """Pages in use: byte k bit b, lowest first, is page 256 * table + 8 * k + b."""
    if len(values) < INDEX_TABLE_BYTES:
        return None
    flags = int.from_bytes(values[:INDEX_TABLE_BYTES], "little")
    return frozenset(256 * table + bit for bit in range(256) if flags >> bit & 1)


@dataclass(frozen=True, slots=True)
class SystemParameters:
    """Answer of ReadSysPara. `flash_pages` templates fit; `baudrate` in bits a second."""

    status: int
    system_id: int
    flash_pages: int
    security: int
    address: int
    packet_size: int
    baudrate: int

    @classmethod
    def parse(cls, values: bytes) -> "SystemParameters | None":
        """From the 16 bytes after the code; None when short or with an unknown packet size."""
        if len(values) < SYSTEM_PARAMETERS_BYTES:
            return None
        status, system_id, pages, security = (
            int.from_bytes(values[at : at + 2], "big") for at in (0, 2, 4, 6)
        )
        size_code = int.from_bytes(values[12:14], "big")
        if size_code >= len(PACKET_SIZES):
            return None
        return cls(
            status,
            system_id,
            pages,
            security,
            int.from_bytes(values[8:12], "big"),
            PACKET_SIZES[size_code],
            int.from_bytes(values[14:16], "big") * BAUD_UNIT,
        )


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """Answer of ReadProdInfo. Image size in pixels, `template_bytes` of one merged template."""

    model: str
    batch: str
    serial: str
    hardware: str
    sensor: str
    width_px: int
    height_px: int
    template_bytes: int
    flash_pages: int

    @classmethod
    def parse(cls, values: bytes) -> "ProductInfo | None":
        """From the 46 bytes after the code; None when short."""
        if len(values) < PRODUCT_INFO_BYTES:
            return None
        model, batch, serial, sensor = (
            printable(values[at:end]) for at, end in ((0, 16), (16, 20), (20, 28), (30, 38))
        )
        width, height, template, pages = (
            int.from_bytes(values[at : at + 2], "big") for at in (38, 40, 42, 44)
        )
        hardware = f"{values[28]}.{values[29]}"
        return cls(model, batch, serial, hardware, sensor, width, height, template, pages)


def printable(field: bytes) -> str:
    """Printable ASCII of a zero-padded field."""
    kept = field.split(b"\0", 1)[0]
    return "".join(chr(byte) for byte in kept if 0x20 <= byte < 0x7F)


class Assembly:
    """Joins the data packets of one transfer. Holds at most `limit` bytes.

    `complete` only after the packet that says it is the last. Call `wipe` when done: what was
    joined is a fingerprint.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._joined = bytearray()
        self.complete = False
        self.overflow = False  # more came than `limit`
        self.twins = False  # a packet came twice: equal neighbours that are no blank area
        self._before = b""

    @property
    def size(self) -> int:
        """Bytes joined so far."""
        return len(self._joined)

    def add(self, packet: Packet) -> None:
        """Takes one packet in its order; others than data packets are ignored."""
        if packet.pid not in (Pid.DATA, Pid.END) or self.complete:
            return
        if len(self._joined) + len(packet.payload) > self._limit:
            self.overflow = True
            return
        if packet.payload == self._before and len(set(packet.payload)) > 1:
            self.twins = True
        self._before = packet.payload
        self._joined += packet.payload
        self.complete = packet.pid == Pid.END

    def content(self) -> bytes:
        """A copy of what was joined."""
        return bytes(self._joined)

    def wipe(self) -> None:
        """Overwrites and forgets it."""
        self._joined[:] = bytes(len(self._joined))
        self._joined.clear()
        self._before = b""

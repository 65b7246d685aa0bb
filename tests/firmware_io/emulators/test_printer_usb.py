# SPDX-License-Identifier: Apache-2.0
"""The emulated printer's USB socket as a host sees it, spoken to in USB/IP without a kernel.

Layouts: Linux Documentation/usb/usbip_protocol.rst; USB 2.0, 9.6; USB Printing Devices 1.1, 4.2.
"""

import os
import select
import socket
import struct
import threading
import tty
from collections.abc import Iterator

import pytest

from firmware_io.emulators.printer import Printer
from firmware_io.emulators.printer_usb import DEVICE_ID, Board, UsbPrinter, configuration
from firmware_io.emulators.stage import Stage
from firmware_io.emulators.usbip import Wire

STATUS = b"\x10\x04\x01"  # DLE EOT 1


class Host:
    """A few questions of a USB host, and what became of its transfers."""

    def __init__(self, cable: socket.socket) -> None:
        self.cable, self.number = cable, 0
        self.ended: dict[int, tuple[int, int, bytes]] = {}
        self.inward: set[int] = set()

    def submit(self, endpoint: int, length: int, setup=bytes(8), data=b"", inward=True) -> int:
        self.number += 1
        if inward:
            self.inward.add(self.number)
        head = struct.pack(">5I", 1, self.number, 0, int(inward), endpoint)
        self.cable.sendall(head + struct.pack(">5i", 0, length, 0, 0, 0) + setup + data)
        return self.number

    def out(self, data: bytes) -> int:
        return self.submit(1, len(data), data=data, inward=False)

    def take(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self.cable.recv(length - len(data))
            assert piece, "the device pulled its own cable"
            data += piece
        return data

    def until(self, number: int) -> tuple[int, int, bytes]:
        """Status, length and data of a transfer once it has ended."""
        while number not in self.ended:
            head = self.take(48)
            command, ended = struct.unpack_from(">II", head)
            status, actual = struct.unpack_from(">ii", head, 20)
            data = self.take(actual) if command == 3 and ended in self.inward and actual else b""
            self.ended[ended] = status, actual, data
        return self.ended[number]

    def get(self, kind: int, request: int, value: int, length: int) -> tuple[int, int, bytes]:
        setup = struct.pack("<BBHHH", kind, request, value, 0, length)
        return self.until(self.submit(0, length, setup))

    def put(self, kind: int, request: int) -> int:
        setup = struct.pack("<BBHHH", kind, request, 0, 0, 0)
        return self.until(self.submit(0, 0, setup, inward=False))[0]

    def unlink(self, gone: int) -> int:
        self.number += 1
        self.cable.sendall(struct.pack(">5II24x", 2, self.number, 0, 0, 0, gone))
        return self.until(self.number)[0]


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as made:
        yield made


def board(printer: UsbPrinter, fd: int) -> Iterator[Host]:
    near, far = socket.socketpair()
    near.settimeout(40)
    thread = threading.Thread(target=Board(printer, Wire(far), fd).run)
    thread.start()
    yield Host(near)
    near.close()
    thread.join()
    far.close()


@pytest.fixture
def host(stage: Stage) -> Iterator[Host]:
    fd = os.open(stage.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(fd)
    yield from board(UsbPrinter(stage), fd)
    os.close(fd)


@pytest.fixture
def port() -> Iterator[tuple[int, int]]:
    """A printer's port that takes nothing by itself: its inside, and the board's end."""
    inside, outside = os.openpty()
    tty.setraw(outside)
    os.set_blocking(outside, False)
    yield inside, outside
    os.close(inside)
    os.close(outside)


@pytest.fixture
def stuck(stage: Stage, port: tuple[int, int]) -> Iterator[Host]:
    """A host whose printer takes nothing by itself."""
    yield from board(UsbPrinter(stage), port[1])


@pytest.mark.parametrize(("both_ways", "protocol", "ends"), [(True, 2, [1, 0x82]), (False, 1, [1])])
def test_the_descriptors_add_up_and_say_printer(both_ways, protocol, ends) -> None:
    said = configuration(both_ways=both_ways)
    assert struct.unpack_from("<H", said, 2)[0] == len(said)
    parts, place = [], 0
    while place < len(said):
        parts.append(said[place : place + said[place]])
        place += said[place]
    interface = next(part for part in parts if part[1] == 4)
    assert tuple(interface[5:8]) == (7, 1, protocol)
    assert [part[2] for part in parts if part[1] == 5] == ends
    assert interface[4] == len(ends)


def test_the_host_reads_who_it_is(host: Host) -> None:
    assert host.get(0x80, 6, 0x0100, 18)[2][:2] == b"\x12\x01"
    assert host.get(0x80, 6, 0x0200, 9)[2][:2] == b"\x09\x02"
    said = host.get(0x80, 6, 0x0302, 255)[2]
    assert said[2:].decode("utf-16-le") == "Emulated receipt printer"
    status, length, identity = host.get(0xA1, 0, 0, 1023)
    assert (status, length) == (0, len(DEVICE_ID) + 2)
    assert identity == struct.pack(">H", len(DEVICE_ID) + 2) + DEVICE_ID
    assert b"CMD:ESC/POS;" in identity
    assert host.get(0xA1, 9, 0, 8)[0] == -32  # not a request of printers


def test_its_port_status_follows_paper_and_cover(host: Host, stage: Stage) -> None:
    """USB Printing Devices 1.1, 4.2.2: bit 5 paper empty, bit 4 selected, bit 3 no error."""
    assert host.get(0xA1, 1, 0, 1)[2] == b"\x18"
    stage.control({"cover": "open"})
    assert host.get(0xA1, 1, 0, 1)[2] == b"\x00"
    stage.control({"cover": "closed"})
    stage.control({"paper": "out"})
    assert host.get(0xA1, 1, 0, 1)[2] == b"\x30"


def test_one_that_does_not_tell_always_says_well(stage: Stage) -> None:
    stage.control({"paper": "out"})
    assert UsbPrinter(stage, tells=False).port_status() == 0x18


def test_a_question_is_answered_on_the_read_that_waits(host: Host) -> None:
    waiting = host.submit(2, 1024)
    sent = host.out(STATUS)
    assert host.until(sent) == (0, 3, b"")
    assert host.until(waiting) == (0, 1, b"\x16")


def test_a_read_taken_back_loses_no_answer(host: Host) -> None:
    waiting = host.submit(2, 1024)
    assert host.unlink(waiting) == -104
    host.until(host.out(STATUS))
    assert host.until(host.submit(2, 1024))[2] == b"\x16"
    assert host.unlink(waiting) == 0  # it is long gone


def test_a_transfer_is_done_when_the_printer_has_taken_it(stuck: Host, port) -> None:
    """A port that takes nothing more keeps the transfer open: the host is told to wait (NAK)."""
    many = stuck.out(bytes(1 << 17))
    assert stuck.get(0xA1, 1, 0, 1)[2] == b"\x18"  # endpoint 0 answers meanwhile
    assert many not in stuck.ended
    taken = 0
    while many not in stuck.ended:
        ready = select.select([port[0], stuck.cable], [], [], 40)[0]
        assert ready
        if port[0] in ready:
            taken += len(os.read(port[0], 4096))
        if stuck.cable in ready:
            stuck.until(many)
    while taken < 1 << 17:
        assert select.select([port[0]], [], [], 40)[0]
        taken += len(os.read(port[0], 4096))
    assert stuck.ended[many][:2] == (0, 1 << 17)


def test_a_soft_reset_drops_what_was_on_its_way_and_ends_its_transfer(stuck: Host) -> None:
    many = stuck.out(bytes(1 << 17))
    assert stuck.put(0x21, 2) == 0
    status, taken, _data = stuck.until(many)
    assert status == 0
    assert taken < 1 << 17


def test_a_transfer_taken_back_is_not_ended_twice(stuck: Host) -> None:
    many = stuck.out(bytes(1 << 17))
    assert stuck.unlink(many) == -104
    assert stuck.get(0xA1, 1, 0, 1)[2] == b"\x18"
    assert many not in stuck.ended
    assert stuck.unlink(many) == 0

# SPDX-License-Identifier: Apache-2.0
"""The emulated USB camera as a host sees it, spoken to in USB/IP without a kernel.

Layouts: Linux Documentation/usb/usbip_protocol.rst; USB 2.0, 9.6; UVC 1.0a, 2.4.3.3 and 4.3.1.1.
"""

import socket
import struct
import threading

import pytest

from firmware_io.emulators.camera_usb import SIZES, UsbCamera, _Function, configuration
from firmware_io.emulators.usbip import Wire

PICTURES = [b"\xff\xd8\xff" + bytes([n]) * (16382 * n) + b"\xff\xd9" for n in range(1, 4)]


class Host:
    """A few questions of a USB host."""

    def __init__(self, cable):
        self.cable, self.number = cable, 0

    def submit(self, endpoint, length, setup=bytes(8), data=b"", inward=True):
        self.number += 1
        head = struct.pack(">5I", 1, self.number, 0, int(inward), endpoint)
        self.cable.sendall(head + struct.pack(">5i", 0, length, 0, 0, 0) + setup + data)
        return self.number

    def take(self, length):
        data = b""
        while len(data) < length:
            data += self.cable.recv(length - len(data))
        return data

    def answer(self, inward=True):
        head = self.take(48)
        status, actual = struct.unpack_from(">ii", head, 20)
        return status, self.take(actual) if inward and actual else b""

    def get(self, kind, request, value, index, length):
        self.submit(0, length, struct.pack("<BBHHH", kind, request, value, index, length))
        return self.answer()

    def put(self, value, data):
        setup = struct.pack("<BBHHH", 0x21, 1, value, 1, len(data))
        self.submit(0, len(data), setup, data, inward=False)
        return self.answer(inward=False)


@pytest.fixture
def camera():
    return UsbCamera(PICTURES)


@pytest.fixture
def host(camera):
    near, far = socket.socketpair()
    near.settimeout(40)
    thread = threading.Thread(target=_Function(camera, Wire(far)).run)
    thread.start()
    yield Host(near)
    near.close()
    thread.join()
    far.close()


def payload(host):
    """One picture as a bulk pipe gives it: reads until a short one, without its header."""
    whole = b""
    while True:
        host.submit(1, 16384)
        status, piece = host.answer()
        assert status == 0
        whole += piece
        if len(piece) < 16384:
            assert whole[0] == 2
            assert whole[1] & 0x82 == 0x82  # end of header, end of frame
            return whole[1] & 1, whole[2:]


def test_the_descriptors_add_up():
    said = configuration(SIZES, (30, 15))
    assert struct.unpack_from("<H", said, 2)[0] == len(said)
    place, kinds = 0, []
    while place < len(said):
        assert said[place] >= 2
        kinds.append((said[place + 1], said[place + 2]))
        place += said[place]
    assert place == len(said)
    assert kinds.count((0x24, 7)) == len(SIZES)


def test_the_host_reads_who_it_is(host):
    status, device = host.get(0x80, 6, 0x0100, 0, 18)
    assert (status, len(device), device[4:7]) == (0, 18, b"\xef\x02\x01")
    assert host.get(0x80, 6, 0x0200, 0, 9)[1][:2] == b"\x09\x02"
    assert host.get(0x80, 6, 0x0302, 0, 255)[1][2:].decode("utf-16-le") == "Emulated camera"
    assert host.get(0x80, 6, 0x0600, 0, 10)[0] == -32  # a full-speed self it has not


def test_what_is_negotiated_is_read_back(host):
    wish = struct.pack("<HBBI", 1, 1, 2, 666_666) + bytes(18)
    assert host.put(0x0100, wish)[0] == 0
    status, said = host.get(0xA1, 0x81, 0x0100, 1, 26)
    assert (status, len(said)) == (0, 26)
    assert struct.unpack_from("<BBI", said, 2) == (1, 2, 666_666)
    assert struct.unpack_from("<I", said, 22)[0] > max(map(len, PICTURES))


def test_pictures_come_whole_and_their_toggle_changes(host):
    """One of the lengths fills the reads to the brim: a byte of padding ends it."""
    seen = [payload(host) for _ in range(6)]
    assert {data.rstrip(b"\0") for _toggle, data in seen} <= set(PICTURES)
    assert [toggle for toggle, _data in seen] == [1, 0, 1, 0, 1, 0]


def test_a_torn_picture_is_half_of_one(host, camera):
    camera.torn = True
    halves = [picture[: len(picture) // 2] for picture in PICTURES]
    assert payload(host)[1].rstrip(b"\0") in halves


def test_a_read_taken_back_is_not_answered(host, camera):
    camera.silent = True
    waiting = host.submit(1, 16384)
    host.cable.sendall(struct.pack(">5II24x", 2, 99, 0, 0, 1, waiting))
    head = host.take(48)
    assert struct.unpack_from(">II", head) == (4, 99)
    assert struct.unpack_from(">i", head, 20)[0] == -104
    camera.silent = False
    assert payload(host)[1]

# SPDX-License-Identifier: Apache-2.0
"""The network line on real sockets of this machine."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkCancelledError, LinkLostError, LinkTimeoutError
from firmware_io.links.socket_port import SocketLink, address_of

SOON, LONG = 0.05, 30.0


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("tcp://192.168.1.50", ("192.168.1.50", 9100)),
        ("tcp://192.168.1.50:9101", ("192.168.1.50", 9101)),
        ("tcp://[fe80::1]:9100", ("fe80::1", 9100)),
        ("tcp://[fe80::1]", ("fe80::1", 9100)),
        ("tcp://localhost:1", ("127.0.0.1", 1)),
    ],
)
def test_an_address_is_read_with_and_without_its_port(url: str, address: tuple) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "tcp://printer.example",
        "tcp://",
        "http://10.0.0.1:9100",
        "tcp://10.0.0.1:x",
        "10.0.0.1:9100",
        "tcp://10.0.0.1:0",
        "tcp://10.0.0.1:65536",
        "tcp://10.0.0.1:٣",
        "tcp://10.0.0",
    ],
)
def test_what_is_no_address_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        SocketLink(url)


class Far:
    """The printer's end: one accepted connection."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.link = SocketLink(self.url)
        self.link.open()
        self.end, _ = self.listener.accept()
        self.end.settimeout(LONG)

    def close(self) -> None:
        self.link.close()
        self.end.close()
        self.listener.close()


@pytest.fixture
def far() -> Iterator[Far]:
    made = Far()
    yield made
    made.close()


def test_bytes_go_both_ways_and_silence_ends_at_the_deadline(far: Far) -> None:
    far.link.write(b"\x10\x04\x01", Deadline.after(LONG))
    assert far.end.recv(16) == b"\x10\x04\x01"
    with pytest.raises(LinkTimeoutError):
        far.link.read(Deadline.after(SOON))
    far.end.sendall(b"\x16")
    assert far.link.read(Deadline.after(LONG)) == b"\x16"


def test_a_printer_that_takes_nothing_more_ends_the_write_at_its_deadline(far: Far) -> None:
    with pytest.raises(LinkTimeoutError):
        far.link.write(bytes(64 << 20), Deadline.after(0.3))


def test_a_large_write_goes_out_in_parts_and_whole(far: Far) -> None:
    got = bytearray()

    def take() -> None:
        while len(got) < 1 << 20:
            got.extend(far.end.recv(65536))

    taker = threading.Thread(target=take)
    taker.start()
    sent = bytes(range(256)) * 4096
    far.link.write(sent, Deadline.after(LONG))
    taker.join(LONG)
    assert bytes(got) == sent


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_ends_is_lost_and_can_be_opened_again(far: Far, reset: bool) -> None:
    if reset:
        far.end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.end.close()
    with pytest.raises(LinkLostError):
        far.link.read(Deadline.after(LONG))
    assert not far.link.is_open
    far.link.open()
    far.end, _ = far.listener.accept()
    far.end.sendall(b"!")
    assert far.link.read(Deadline.after(LONG)) == b"!"


def test_writing_to_a_reset_connection_is_lost_not_late(far: Far) -> None:
    far.end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.end.close()

    def write_on() -> None:
        end = Deadline.after(LONG)
        while not end.passed:
            far.link.write(b"x", end)

    with pytest.raises(LinkLostError):
        write_on()


def test_a_relayed_printer_is_reached_by_a_unix_socket(tmp_path) -> None:
    path = str(tmp_path / "s")
    link = SocketLink(f"unix:{path}")
    with pytest.raises(LinkLostError, match="ENOENT"):
        link.open()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1)
        link.open()
        end, _ = listener.accept()
        with end:
            link.write(b"\x10\x04\x01", Deadline.after(LONG))
            assert end.recv(16) == b"\x10\x04\x01"
            end.sendall(b"\x16")
            assert link.read(Deadline.after(LONG)) == b"\x16"
        with pytest.raises(LinkLostError):
            link.read(Deadline.after(LONG))


def test_a_refused_connection_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(LinkLostError, match="ECONNREFUSED"):
        SocketLink(url).open()


def test_a_host_that_does_not_answer_is_lost_when_its_time_is_over() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        others = [socket.socket() for _ in range(4)]  # the queue of waiting connections is full
        for other in others:
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        link = SocketLink(f"tcp://127.0.0.1:{full.getsockname()[1]}", connect_s=0.3)
        with pytest.raises(LinkLostError, match="no answer"):
            link.open()
        for other in others:
            other.close()


def test_a_wait_is_called_off_from_another_thread_until_rearmed(far: Far) -> None:
    threading.Timer(SOON, far.link.cancel).start()
    with pytest.raises(LinkCancelledError):
        far.link.read(Deadline.after(LONG))
    with pytest.raises(LinkCancelledError):
        far.link.write(b"x", Deadline.after(LONG))
    far.link.rearm()
    far.end.sendall(b"y")
    assert far.link.read(Deadline.after(LONG)) == b"y"


def test_closing_ends_a_read_of_another_thread(far: Far) -> None:
    ended: list[type] = []

    def read() -> None:
        try:
            far.link.read(Deadline.after(LONG))
        except (LinkCancelledError, LinkLostError) as error:
            ended.append(type(error))

    reader = threading.Thread(target=read)
    reader.start()
    far.link.close()
    reader.join(LONG)
    assert len(ended) == 1
    assert not far.link.is_open


def test_a_dead_cable_is_noticed_by_probes(far: Far) -> None:
    """No cable can be pulled on loopback: that the kernel is told to probe is all that shows."""
    made = far.link._socket
    assert made is not None
    assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 6000

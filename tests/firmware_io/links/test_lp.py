# SPDX-License-Identifier: Apache-2.0
"""The USB printer's line, on a pseudo-terminal that stands for usblp's node.

A pty is polled, read, written and torn off as usblp's node is; what it cannot do (transfers that
complete later, ENOSPC, empty reads, the port status) is played by system calls put in its place.
On usblp's own node the link is tried by tests/drivers/test_printer_usblp.py.
"""

import errno
import os
import tty
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firmware_io.links import lp
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError, LinkTimeoutError
from firmware_io.links.lp import LpLink, PortStatus

SOON, LONG = 0.05, 30.0


class Node:
    """A pty as the node, its far side as the printer."""

    def __init__(self) -> None:
        self.far, self._near = os.openpty()
        tty.setraw(self._near)
        self.path = os.ttyname(self._near)
        self.link = LpLink(self.path)

    def unplug(self) -> None:
        for fd in (self.far, self._near):
            if fd >= 0:
                os.close(fd)
        self.far = self._near = -1


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    made.link.open()
    yield made
    made.link.close()
    made.unplug()


def test_bytes_go_both_ways(node: Node) -> None:
    node.link.write(b"\x10\x04\x01", Deadline.after(LONG))
    assert os.read(node.far, 16) == b"\x10\x04\x01"
    os.write(node.far, b"\x16")
    assert node.link.read(Deadline.after(LONG)) == b"\x16"
    with pytest.raises(LinkTimeoutError):
        node.link.read(Deadline.after(SOON))


def test_a_printer_that_takes_nothing_ends_the_write_at_its_deadline(node: Node) -> None:
    with pytest.raises(LinkTimeoutError):
        node.link.write(bytes(1 << 20), Deadline.after(0.2))


def test_a_pulled_plug_is_lost(node: Node) -> None:
    node.unplug()
    with pytest.raises(LinkLostError):
        node.link.read(Deadline.after(LONG))
    assert not node.link.is_open
    with pytest.raises(LinkLostError):
        node.link.write(b"x", Deadline.after(LONG))


def test_a_node_that_is_not_there_is_lost(tmp_path) -> None:
    with pytest.raises(LinkLostError, match="ENOENT"):
        LpLink(str(tmp_path / "lp0")).open()


def failing(real: Callable[..., Any], *first: object) -> Callable[..., Any]:
    """`real`, after these outcomes: an errno is raised, anything else is given back."""
    left = list(first)

    def call(*arguments: Any) -> Any:
        if not left:
            return real(*arguments)
        outcome = left.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    return call


@pytest.mark.parametrize(("number", "kind"), [("EBUSY", LinkBusyError), ("ENODEV", LinkLostError)])
def test_each_way_of_not_opening_has_its_error(monkeypatch, number: str, kind: type) -> None:
    gone = OSError(getattr(errno, number), "usblp_open")
    monkeypatch.setattr(lp.os, "open", failing(os.open, gone))
    with pytest.raises(kind):
        LpLink("/dev/usb/lp0").open()


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO])
def test_a_write_to_a_printer_that_went_away_is_lost(node: Node, monkeypatch, number: int) -> None:
    monkeypatch.setattr(lp.os, "write", failing(os.write, OSError(number, "usblp_write")))
    with pytest.raises(LinkLostError):
        node.link.write(b"x", Deadline.after(LONG))


def test_paper_that_is_back_before_the_deadline_lets_the_write_go_on(node, monkeypatch) -> None:
    out = [OSError(errno.ENOSPC, "usblp_write"), OSError(errno.EAGAIN, "usblp_write")]
    monkeypatch.setattr(lp.os, "write", failing(os.write, *out))
    node.link.write(b"rows", Deadline.after(LONG))
    assert os.read(node.far, 16) == b"rows"


def test_paper_that_stays_out_ends_the_write_at_its_deadline(node: Node, monkeypatch) -> None:
    out = [OSError(errno.ENOSPC, "usblp_write")] * 1000
    monkeypatch.setattr(lp.os, "write", failing(os.write, *out))
    with pytest.raises(LinkTimeoutError):
        node.link.write(b"rows", Deadline.after(0.2))
    assert node.link.is_open


def test_transfers_are_no_larger_than_the_kernel_takes(node: Node, monkeypatch) -> None:
    sizes: list[int] = []

    def write(_fd: int, data: memoryview) -> int:
        sizes.append(len(data))
        return min(5000, len(data))  # "presumed well" for less than was given

    monkeypatch.setattr(lp.os, "write", write)
    node.link.write(bytes(20_000), Deadline.after(LONG))
    assert sizes[0] == 8192
    assert max(sizes) == 8192
    assert len(sizes) == 4


def test_an_empty_transfer_is_not_an_end(node: Node, monkeypatch) -> None:
    os.write(node.far, b"\x12")
    monkeypatch.setattr("firmware_io.links.polled.os.read", failing(os.read, b"", b""))
    assert node.link.read(Deadline.after(LONG)) == b"\x12"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0x18, PortStatus(paper_out=False, selected=True, error=False)),
        (0x38, PortStatus(paper_out=True, selected=True, error=False)),
        (0x10, PortStatus(paper_out=False, selected=True, error=True)),
        (0x08, PortStatus(paper_out=False, selected=False, error=False)),
    ],
)
def test_the_port_status_is_the_byte_of_the_printer_class(node, monkeypatch, value, said) -> None:
    """USB printer class 1.1, GET_PORT_STATUS; the ioctl number of <linux/lp.h>."""

    def answer(_fd: int, number: int, status: bytearray) -> int:
        assert number == 0x060B
        status[0] = value
        return 0

    monkeypatch.setattr(lp, "ioctl", answer)
    assert node.link.port_status() == said


def test_a_node_without_a_port_status_says_nothing(node: Node) -> None:
    assert node.link.port_status() is None

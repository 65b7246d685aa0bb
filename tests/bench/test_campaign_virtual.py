# SPDX-License-Identifier: Apache-2.0
"""The line in memory: as slow as a real one, on a clock that nobody waits for."""

import time
from collections.abc import Iterator

import pytest

from bench.campaign.virtual import Line, VirtualEvent, VirtualLink
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder, Packet, encode
from firmware_io.codecs.ef01_tables import Code, Op, Parameter, Pid
from firmware_io.emulators.ef01.module import Module
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkCancelledError, LinkLostError, LinkTimeoutError


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line(Module(PROFILES["optical"], seed=1), seed=1)
    with line.clock():
        line.pass_time(1.0)
        yield line


@pytest.fixture
def link(line: Line) -> VirtualLink:
    link = VirtualLink(line, "virtual", 57600)
    link.open()
    return link


def exchange(link: VirtualLink, payload: bytes, until: float = 100.0) -> list[Packet]:
    """All packets up to the last of a transfer, or the one answer."""
    deadline, decoder = Deadline.after(until), Decoder()
    link.write(encode(Packet(Pid.COMMAND, payload)), deadline)
    found: list[Packet] = []
    while not found or (payload[0] == Op.UP_IMAGE and found[-1].pid != Pid.END):
        items = decoder.feed(link.read(deadline))
        found += [item for item in items if isinstance(item, Packet)]
    return found


# Bits on the wire: 40 020 bytes of data packets and 12 of the answer at 10 bits a byte.
@pytest.mark.parametrize(("rate", "seconds"), [(57600, 6.95), (115200, 3.475)])
def test_an_image_takes_as_long_as_the_wire_says_and_no_real_time(
    line: Line, link: VirtualLink, rate: int, seconds: float
) -> None:
    if rate != 57600:
        answer = exchange(link, say.set_sys_para(Parameter.BAUD, rate // 9600))
        assert answer[0].payload == b"\0"
        line.pass_time(0.1)
        link.set_baudrate(rate)
    line.control({"place": "right-thumb"})
    exchange(link, say.plain(Op.GEN_IMG))
    since = time.monotonic()
    packets = exchange(link, say.plain(Op.UP_IMAGE))
    took = time.monotonic() - since
    assert len(packets) == 1 + 288
    gaps = 288 * 0.001
    assert took - gaps == pytest.approx(seconds, abs=0.02)


def test_a_deadline_passes_in_virtual_time(line: Line, link: VirtualLink) -> None:
    since = time.monotonic()
    with pytest.raises(LinkTimeoutError):
        link.read(Deadline.after(3600.0))
    assert time.monotonic() - since == pytest.approx(3600.0)


def test_an_unplugged_port_is_lost_until_it_is_opened_again(line: Line, link: VirtualLink) -> None:
    line.control({"unplug": True})
    with pytest.raises(LinkLostError):
        link.read(Deadline.after(1.0))
    with pytest.raises(LinkLostError):
        link.open()
    line.control({"replug": True})
    with pytest.raises(LinkLostError):  # the old descriptor stays dead
        link.write(b"x", Deadline.after(1.0))
    link.open()
    line.pass_time(1.0)
    link.drain()
    assert exchange(link, say.vfy_pwd(0))[0].payload == b"\0"


def test_a_host_at_another_speed_is_not_understood(line: Line, link: VirtualLink) -> None:
    link.set_baudrate(9600)
    with pytest.raises(LinkTimeoutError):
        exchange(link, say.vfy_pwd(0), until=1.0)


def test_a_cancelled_link_waits_no_more(line: Line, link: VirtualLink) -> None:
    link.cancel()
    with pytest.raises(LinkCancelledError):
        link.read(Deadline.after(1.0))
    link.rearm()
    assert exchange(link, say.vfy_pwd(0))[0].payload == b"\0"


def test_faults_of_wire_and_module_are_set_and_cleared(line: Line, link: VirtualLink) -> None:
    line.control({"fault": {"silent": True, "times": 0}})
    line.control({"fault": {"code": 0x18, "op": "VFY_PWD", "times": 0}})
    with pytest.raises(LinkTimeoutError):
        exchange(link, say.vfy_pwd(0), until=1.0)
    line.control({"fault": {}})
    assert exchange(link, say.vfy_pwd(0))[0].payload == b"\0"
    line.control({"fault": {"code": 0x18, "op": "VFY_PWD"}})
    assert exchange(link, say.vfy_pwd(0))[0].payload == bytes([Code.FLASH_FAULT])


def test_waiting_for_an_event_moves_the_clock_and_not_the_day(line: Line) -> None:
    event, since = VirtualEvent(line), time.monotonic()
    assert event.wait(7200.0) is False
    assert time.monotonic() - since == pytest.approx(7200.0)
    event.set()
    assert event.wait(7200.0) is True
    assert time.monotonic() - since == pytest.approx(7200.0)

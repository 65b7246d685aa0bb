# SPDX-License-Identifier: Apache-2.0
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import serial

from firmware_io.emulators.stage import ControlError, Device, Stage


class Parrot(Device):
    """Says back in capitals what it hears, one line a message, after its delay."""

    name = "parrot"

    def __init__(self, rate: int | None = None, thinking_s: float = 0.0, **common: Any) -> None:
        super().__init__(**common)
        self.rate, self.thinking_s = rate, thinking_s
        self.ram, self.starts = b"", 0

    @property
    def line_rate(self) -> int | None:
        return self.rate

    def feed(self, data: bytes, now: float) -> None:
        self.ram += data
        while b"\n" in self.ram:
            line, _, self.ram = self.ram.partition(b"\n")
            self.send(line.upper() + b"\n", now + self.delay(self.thinking_s))

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        if "refuse" in request:
            raise ControlError("the parrot is asleep")
        return {"ram": self.ram.decode(), "starts": self.starts}

    def power_cycle(self, now: float) -> None:
        self.ram, self.starts = b"", self.starts + 1


@pytest.fixture
def parrot() -> Iterator[Stage]:
    with Stage(Parrot(factor=0.0)) as stage:
        yield stage


def ask(port: serial.Serial, line: bytes) -> bytes:
    port.write(line + b"\n")
    return port.readline()


def test_a_host_at_the_path_gets_its_answer(parrot: Stage) -> None:
    with serial.Serial(parrot.path, 57600, timeout=5) as port:
        assert ask(port, b"hello") == b"HELLO\n"


def test_the_port_is_raw_before_the_host_has_touched_it(parrot: Stage) -> None:
    fd = os.open(parrot.path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, b"a\x03\x04\x11\rb\n")
        ready, _, _ = select.select([fd], [], [], 5)
        assert ready
        assert os.read(fd, 100) == b"A\x03\x04\x11\rB\n"
    finally:
        os.close(fd)


def test_unplugging_ends_the_port_and_the_link_names_the_next_one(tmp_path: Path) -> None:
    link = tmp_path / "reader"
    with Stage(Parrot(factor=0.0), link=link) as stage:
        assert stage.path == str(link)
        port = serial.Serial(str(link), 9600, timeout=5)
        assert stage.control({"unplug": True}) == {"ok": True}
        with pytest.raises(serial.SerialException):
            port.read(1)
        port.close()
        assert not os.path.lexists(link)
        assert stage.control({"replug": True}) == {"ok": True, "path": str(link)}
        with serial.Serial(str(link), 9600, timeout=5) as again:
            assert ask(again, b"back") == b"BACK\n"
        assert stage.control({"status": True})["starts"] == 2
    assert not os.path.lexists(link)


def test_a_power_cycle_loses_ram_and_a_device_without_power_is_silent(parrot: Stage) -> None:
    with serial.Serial(parrot.path, 9600, timeout=5) as port:
        port.write(b"half")
        wait_until(lambda: parrot.control({"status": True})["ram"] == "half")
        parrot.control({"power": "cycle"})
        assert parrot.control({"status": True})["ram"] == ""
        parrot.control({"power": "off"})
        port.write(b"anyone?\n")
        assert parrot.control({"status": True})["powered"] is False
        parrot.control({"power": "on"})
        assert ask(port, b"up") == b"UP\n"


def test_a_host_at_another_speed_is_not_understood() -> None:
    parrot = Parrot(rate=57600, factor=0.0)
    with Stage(parrot) as stage, serial.Serial(stage.path, 9600, timeout=0.2) as port:
        assert ask(port, b"hello") == b""
        port.baudrate = 57600
        port.timeout = 5
        assert ask(port, b"hello") == b"HELLO\n"


def test_bytes_take_the_time_of_the_line_both_ways() -> None:
    line = b"x" * 119
    with Stage(Parrot(factor=1.0)) as stage, serial.Serial(stage.path, 9600, timeout=5) as port:
        start = time.monotonic()
        assert ask(port, line) == line.upper() + b"\n"
        # 120 bytes in and 120 out at 960 bytes a second; a lower bound, so load cannot break it.
        assert time.monotonic() - start >= 0.25


def test_a_refused_or_unknown_request_is_answered_with_a_reason(parrot: Stage) -> None:
    assert parrot.control({"refuse": 1}) == {"ok": False, "reason": "the parrot is asleep"}
    assert parrot.control({"power": "sideways"})["ok"] is False
    assert "unknown fault" in parrot.control({"fault": {"gremlins": 3}})["reason"]


FAULTS = [
    ({"silent": True}, b""),
    ({"truncate": 3}, b"HEL"),
    ({"duplicate": True}, b"HELLO\nHELLO\n"),
    ({"stray": "55"}, b"\x55HELLO\n"),
    ({"replace": "aabb"}, b"\xaa\xbb"),
    ({"gap": 0.001}, b"HELLO\n"),
    ({"slow": 0.001}, b"HELLO\n"),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=lambda f: str(f)[:20])
def test_a_wire_fault_touches_one_message_and_the_next_is_whole(
    parrot: Stage, fault: dict, expected: bytes
) -> None:
    with serial.Serial(parrot.path, 9600, timeout=5) as port:
        assert parrot.control({"fault": fault})["ok"]
        port.write(b"hello\nnext\n")
        whole = expected + b"NEXT\n"
        assert port.read(len(whole)) == whole


def test_at_factor_0_a_slow_reader_loses_nothing() -> None:
    line = b"x" * 60_000
    with Stage(Parrot(factor=0.0)) as patient, serial.Serial(patient.path, 9600) as port:
        port.timeout = 10
        port.write(line + b"\n")
        wait_until(lambda: patient.control({"status": True})["ram"] == "")
        assert port.read(len(line) + 1) == line.upper() + b"\n"


def wait_until(done: Any, timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not done():
        assert time.monotonic() < end, "waited too long"


PROGRAM = """
from typing import Any
from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.device import Device
class Echo(Device):
    name = "echo"
    def feed(self, data: bytes, now: float) -> None:
        self.send(data, now)
    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        return {"heard": sorted(request)}
    def power_cycle(self, now: float) -> None:
        pass
leave(serve(lambda a: Echo(factor=a.factor), name="echo", description="d", controls="none"))
"""


def test_the_command_serves_json_lines_and_runs_alone_until_sigterm(tmp_path: Path) -> None:
    link = tmp_path / "port"
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--link", str(link), "--factor", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    try:
        assert json.loads(child.stdout.readline()) == {"device": "echo", "path": str(link)}
        child.stdin.write('{"hello": 1}\nnonsense\n[1]\n{"status": true}\n')
        child.stdin.close()
        answers = [json.loads(child.stdout.readline()) for _ in range(4)]
        assert answers[0] == {"ok": True, "heard": ["hello"]}
        assert [a["ok"] for a in answers] == [True, False, False, True]
        with serial.Serial(str(link), 9600, timeout=5) as port:  # stdin is at its end
            port.write(b"still here")
            assert port.read(10) == b"still here"
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
        assert child.stderr is not None
        assert child.stderr.read() == ""
    finally:
        child.kill()
        child.wait()
    assert not os.path.lexists(link)

# SPDX-License-Identifier: Apache-2.0
"""The same tests on real devices: ``pytest tests/drivers --device fingerprint=/dev/ttyUSB0``.

Give the option once a device: fingerprint, idreader, printer, each with its port. Cases that need
scripted faults, or look inside the emulator, skip and say so; where somebody's hand is wanted, the
terminal says what to do. Run them without ``-n``.
"""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

DEVICES = ("fingerprint", "idreader", "printer")
Say = Callable[[str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        action="append",
        default=[],
        metavar="NAME=PORT",
        help=f"test a real device instead of its emulator; names: {', '.join(DEVICES)}",
    )


def pytest_configure(config: pytest.Config) -> None:
    for given in _given(config):
        name, _, port = given.partition("=")
        if name not in DEVICES or not port:
            raise pytest.UsageError(f"--device takes NAME=PORT with {', '.join(DEVICES)}: {given}")


def _given(config: pytest.Config) -> list[str]:
    return config.getoption("--device", default=[]) or []


class Hardware:
    """What was plugged in for this run."""

    def __init__(self, ports: dict[str, str], say: Say) -> None:
        self._ports = ports
        self.say = say

    def port(self, device: str) -> str | None:
        """The real device's port; None: its emulator is to be used."""
        return self._ports.get(device)

    def emulator_only(self, device: str, why: str) -> None:
        """Skips what a real device cannot be asked for."""
        if device in self._ports:
            pytest.skip(f"on the emulator only: {why}")


class Person:
    """Stands in for the emulated module's desk: prints what a hand has to do."""

    def __init__(self, port: str, say: Say) -> None:
        self.path = port
        self._say = say

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        match request:
            case {"place": finger, **rest} if rest.get("quality", "good") == "good":
                self._say(f"put down and hold: {finger}")
            case {"lift": True}:
                self._say("take the finger off the glass")
            case _:
                pytest.skip(f"on the emulator only: {sorted(request)}")
        return {"ok": True}

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip("on the emulator only: looks inside it")


@pytest.fixture(scope="session")
def hardware(pytestconfig: pytest.Config) -> Hardware:
    """The devices of ``--device``."""
    capture: Any = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n>>> {text}\n")
            sys.stdout.flush()

    return Hardware(dict(one.split("=", 1) for one in _given(pytestconfig)), say)


@pytest.fixture
def person(hardware: Hardware) -> Callable[[str], Person | None]:
    """Somebody at a real device; None where the emulator is used."""

    def at(device: str) -> Person | None:
        port = hardware.port(device)
        return None if port is None else Person(port, hardware.say)

    return at

# SPDX-License-Identifier: Apache-2.0
"""The panel joined to a visit: each part reaches the one it is for."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.panel import Panel, PanelPins, PanelSettings
from firmware_io.emulators.panel import PanelDesk
from kiosk.controls import FAN_OFF_C, FAN_ON_C, FanWatch, connect, processor_temperature
from kiosk.events import DoorOpened, Event, PowerFailing, StaffAsked, Touched

WIRED = PanelPins(door=6, power=12, headphones=13, call=16, next=19, back=20, choose=21, volume=22)
SETTINGS = PanelSettings(
    pins=WIRED, arrives_s=0.0, leaves_s=0.0, key_s=0.0, door_s=0.0, power_s=0.0, plug_s=0.0
)


class Hall:
    """A visit and a voice that note what they are told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def send(self, event: Event) -> None:
        self.told.append(event)

    def keypad(self, key: str) -> None:
        self.told.append(key)

    def louder(self) -> None:
        self.told.append("louder")

    def headphones(self, on: bool) -> None:
        self.told.append(("headphones", on))

    def welcome(self) -> None:
        self.told.append("welcome")


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def desk(hall: Hall, tmp_path: Path) -> Iterator[PanelDesk]:
    path = tmp_path / "panel.sock"
    panel = Panel(factory="mock", mock_socket=str(path), settings=SETTINGS)
    connect(panel, hall, hall)
    panel.start()
    pins = panel._pins
    assert pins is not None
    yield PanelDesk(pins.factory, WIRED, tmp_path / "unused")  # type: ignore[arg-type]
    panel.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"press": "call"}, [StaffAsked()]),
        ({"press": "volume"}, [Touched(), "louder"]),
        ({"press": "next"}, ["next"]),
        ({"press": "back"}, ["back"]),
        ({"press": "choose"}, ["choose"]),
        ({"headphones": True}, [("headphones", True)]),
        ({"presence": True}, ["welcome"]),
        ({"door": "open"}, [DoorOpened()]),
        ({"power": "failing"}, [PowerFailing()]),
    ],
)
def test_each_part_reaches_the_one_it_is_for(
    desk: PanelDesk, hall: Hall, said: dict, told: list
) -> None:
    assert desk.control(said) == {"ok": True}
    until(lambda: len(hall.told) >= len(told))
    assert hall.told == told


def test_what_ends_is_told_only_of_the_headphones(desk: PanelDesk, hall: Hall) -> None:
    for on, off in (
        ({"door": "open"}, {"door": "closed"}),
        ({"power": "failing"}, {"power": "good"}),
        ({"presence": True}, {"presence": False}),
        ({"headphones": True}, {"headphones": False}),
    ):
        before = len(hall.told)
        desk.control(on)
        until(lambda before=before: len(hall.told) > before)
        desk.control(off)
    until(lambda: hall.told[-1] == ("headphones", False))
    assert len(hall.told) == 5


def test_the_fan_runs_from_hot_to_cool_and_always_where_nobody_knows() -> None:
    fan = FanWatch()
    looks = [40, FAN_ON_C - 1, FAN_ON_C, FAN_OFF_C + 1, FAN_OFF_C, FAN_ON_C - 1]
    assert [fan.look(degrees) for degrees in looks] == [False, False, True, True, False, False]
    assert fan.look(None) is True


def test_the_processors_temperature_is_read_in_degrees(tmp_path: Path) -> None:
    said = tmp_path / "temp"
    assert processor_temperature(said) is None
    said.write_text("48312\n")
    assert processor_temperature(said) == pytest.approx(48.312)
    said.write_text("hot")
    assert processor_temperature(said) is None

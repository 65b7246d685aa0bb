# SPDX-License-Identifier: Apache-2.0
"""What the panel's contacts and buttons mean to a visit, and when its fan runs."""

from pathlib import Path
from typing import Protocol

from drivers.panel import Panel
from kiosk.events import DoorOpened, Event, PowerFailing, StaffAsked, Touched

KEYPAD = ("next", "back", "choose")
FAN_ON_C, FAN_OFF_C = 60.0, 50.0
"""A Raspberry Pi slows down from 80 degrees on; the span keeps the fan from switching often."""
TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")


class Visiting(Protocol):
    """The conductor, as far as the panel needs it."""

    def send(self, event: Event) -> None:
        """Hands an event to the flow."""
        ...

    def keypad(self, key: str) -> None:
        """Hands a key to the screens."""
        ...


class Heard(Protocol):
    """The voice, as far as the panel needs it."""

    def louder(self) -> None:
        """The volume key."""
        ...

    def headphones(self, on: bool) -> None:
        """Plugged in, or out."""
        ...

    def welcome(self) -> None:
        """Somebody has come."""
        ...


def connect(panel: Panel, visit: Visiting, voice: Heard) -> None:
    """Joins the panel to a visit; to be done before either starts."""

    def louder() -> None:
        visit.send(Touched())
        voice.louder()

    panel.on_press("call", lambda: visit.send(StaffAsked()))
    panel.on_press("volume", louder)
    for key in KEYPAD:
        panel.on_press(key, lambda key=key: visit.keypad(key))
    panel.on_change("headphones", voice.headphones)
    panel.on_change("presence", lambda here: voice.welcome() if here else None)
    panel.on_change("door", lambda opened: visit.send(DoorOpened()) if opened else None)
    panel.on_change("power", lambda failing: visit.send(PowerFailing()) if failing else None)


def processor_temperature(path: Path = TEMPERATURE) -> float | None:
    """Degrees Celsius, or None where the board does not say."""
    try:
        return int(path.read_text()) / 1000
    except (OSError, ValueError):
        return None


class FanWatch:
    """Runs the fan from `FAN_ON_C` until `FAN_OFF_C`; always where the board does not say."""

    def __init__(self) -> None:
        self._on = False

    def look(self, degrees: float | None) -> bool:
        """Whether the fan should run now."""
        if degrees is None or degrees >= FAN_ON_C:
            self._on = True
        elif degrees <= FAN_OFF_C:
            self._on = False
        return self._on

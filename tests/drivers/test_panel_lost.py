# SPDX-License-Identifier: Apache-2.0
"""What becomes of the panel when its pins are gone for a while.

On pins of a real chip the same is shown by test_panel_gpiosim.py; here the pin library's error is
played, in the shape in which lgpio raises it: an exception of its own that is no OSError.
"""

import time
from collections.abc import Callable, Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from drivers import panel as panel_module
from drivers.errors import OutOfServiceError
from drivers.health import State
from drivers.panel import Panel, PanelPins, PanelSettings
from firmware_io.emulators.panel import WiredPin
from firmware_io.links.errors import LinkLostError
from firmware_io.links.pins import Pins

SETTINGS = PanelSettings(pins=PanelPins(next=19), arrives_s=0.0, leaves_s=0.0, key_s=0.0)


class GoneError(Exception):
    """As lgpio's error."""


class Wiring:
    """The pins of this machine, which can be unplugged; `opened` counts the openings."""

    def __init__(self) -> None:
        self.gone = False
        self.opened = 0
        wiring = self

        class Pin(WiredPin):
            def _get_state(self):
                if wiring.gone:
                    raise GoneError("'GPIO not allocated'")
                return super()._get_state()

            def _set_state(self, value):
                if wiring.gone:
                    raise GoneError("'GPIO not allocated'")
                super()._set_state(value)

        self.pin = Pin

    def open(self, _name: str, **_options: object) -> Pins:
        if self.gone:
            raise LinkLostError("no GPIO through lgpio (chip cannot be opened)")
        self.opened += 1
        self.factory = MockFactory(pin_class=self.pin)
        return Pins(self.factory, errors=(GoneError,))


def until(there: Callable[[], object]) -> None:
    end = time.monotonic() + 40
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture
def wiring(monkeypatch: pytest.MonkeyPatch) -> Wiring:
    made = Wiring()
    monkeypatch.setattr(panel_module, "open_pins", made.open)
    monkeypatch.setattr(panel_module, "LOOK_S", 0.02)
    monkeypatch.setattr(panel_module, "RETRY_S", 0.02)
    return made


@pytest.fixture
def panel(wiring: Wiring) -> Iterator[Panel]:
    made = Panel(settings=SETTINGS)
    made.start()
    yield made
    made.close()


def test_pins_that_are_gone_are_told_without_anybody_touching_them(wiring, panel) -> None:
    wiring.gone = True
    until(lambda: panel.health().reason == "panel.no_pins")
    wiring.gone = False
    until(lambda: panel.health().state is State.READY)
    assert wiring.opened == 2


def test_what_was_known_holds_while_they_are_gone_and_only_changes_are_told(wiring, panel) -> None:
    told: list[str] = []
    panel.on_change("key", lambda turned: told.append(f"key {turned}"))
    panel.on_change("presence", lambda here: told.append(f"here {here}"))
    wiring.factory.pin(27).drive_low()
    wiring.factory.pin(17).drive_high()
    until(lambda: len(told) == 2)
    wiring.gone = True
    until(lambda: panel.health().state is State.ILL)
    assert (panel.key_open, panel.present) == (True, True)
    panel.lamp("status", 1.0)
    panel.fan(True)
    panel.beep()
    wiring.gone = False
    # The new pins begin at their pulls: the key turned back, nobody there.
    until(lambda: len(told) == 4)
    assert sorted(told[2:]) == ["here False", "key False"]
    until(lambda: wiring.factory.pin(25).state == 1.0)


def test_a_lamp_that_cannot_be_lit_raises_nothing(wiring, panel) -> None:
    wiring.gone = True
    panel.lamp("photo", 1.0)
    until(lambda: panel.health().state is State.ILL)
    wiring.gone = False
    until(lambda: wiring.factory.pin(18).state == 1.0)


def test_pins_that_were_not_there_at_the_start_are_taken_when_they_come(wiring) -> None:
    wiring.gone = True
    panel = Panel(settings=SETTINGS)
    with pytest.raises(OutOfServiceError):
        panel.start()
    panel.lamp("reader", 1.0)
    wiring.gone = False
    until(lambda: panel.health().state is State.READY)
    until(lambda: wiring.factory.pin(23).state == 1.0)
    panel.close()
    assert panel.health().reason == "panel.no_pins"


def test_dark_and_full_are_levels_and_only_what_lies_between_is_switched(wiring, panel) -> None:
    pin = wiring.factory.pin(23)
    assert pin.frequency is None
    for level, hertz in ((1.0, None), (0.57, 100), (0.29, 100), (1.0, None), (0.0, None)):
        panel.lamp("reader", level)
        until(lambda level=level: pin.state == level)
        assert pin.frequency == hertz

# SPDX-License-Identifier: Apache-2.0
import sys

import pytest
from gpiozero import PWMLED, DigitalInputDevice

from firmware_io.links.errors import LinkLostError
from firmware_io.links.pins import PanelPins, open_pins


def test_mock_pins_dim_and_sense_without_touching_gpiozeros_default() -> None:
    from gpiozero import Device

    pins = open_pins("mock")
    lamp, sensor = (
        PWMLED(18, pin_factory=pins.factory),
        DigitalInputDevice(17, pull_up=False, pin_factory=pins.factory),
    )
    lamp.value = 0.5
    assert lamp.value == 0.5
    assert not sensor.is_active
    assert Device.pin_factory is None
    pins.close()


@pytest.mark.parametrize("module", [None, type(sys)("gpiozero.pins.lgpio")])
def test_without_lgpio_nothing_else_is_taken(monkeypatch, module) -> None:
    # None: not installed. An empty module: the wheel without its C part that pip may fall back to.
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", module)
    with pytest.raises(LinkLostError, match="lgpio"):
        open_pins("lgpio")


@pytest.mark.parametrize("name", ["", "rpigpio", "MOCK"])
def test_a_back_end_nobody_chose_on_purpose_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="lgpio or mock"):
        open_pins(name)


def test_no_two_things_share_a_pin() -> None:
    layout = PanelPins()
    numbers = [*layout.lamps.values(), layout.presence, layout.key]
    assert len(set(numbers)) == len(numbers)

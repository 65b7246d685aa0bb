# SPDX-License-Identifier: Apache-2.0
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gpiozero import PWMLED, DigitalInputDevice

from firmware_io.links.errors import LinkLostError
from firmware_io.links.pins import UNFITTED, PanelPins, open_pins


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
    fitted = [number for number in PanelPins().all.values() if number != UNFITTED]
    assert len(set(fitted)) == len(fitted)
    with pytest.raises(ValueError, match="pin 18"):
        PanelPins(door=18)


def test_only_what_is_wired_is_listed() -> None:
    plain = PanelPins()
    assert (plain.buttons, plain.relays) == ({}, {})
    assert set(plain.contacts) == {"presence", "key"}
    wired = PanelPins(power_camera=5, call=6, door=12)
    assert wired.relays == {"camera": 5}
    assert wired.buttons == {"call": 6}
    assert set(wired.contacts) == {"presence", "key", "door"}


@pytest.mark.parametrize("chip", [-1, 0, "/dev/idbooth-has-no/pins", "/dev/null"])
def test_the_real_lgpio_without_a_chip_is_told_and_never_replaced(
    tmp_path: Path, chip: int | str
) -> None:
    if importlib.util.find_spec("lgpio") is None:
        pytest.skip("lgpio is not installed")
    if list(Path("/dev").glob("gpiochip*")):
        pytest.skip("this machine has GPIO")
    # In a process of its own: lgpio makes a FIFO in the working directory when it is imported.
    code = f"""
from firmware_io.links.errors import LinkLostError
from firmware_io.links.pins import open_pins
try:
    open_pins("lgpio", chip={chip!r})
except LinkLostError as lost:
    print("told", lost)
"""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("told no GPIO through lgpio"), done.stderr

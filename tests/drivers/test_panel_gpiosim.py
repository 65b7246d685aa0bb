# SPDX-License-Identifier: Apache-2.0
"""The panel on real kernel lines (gpio-sim): real edges, real ownership, real unplugging.

Needs root and a kernel with CONFIG_GPIO_SIM; Debian's own has none, and a container cannot load
modules, so this is skipped there. Layout of configfs and sysfs: Linux
Documentation/admin-guide/gpio/gpio-sim.rst.
"""

import contextlib
import importlib.util
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.panel import Panel, PanelPins, PanelSettings

CONFIG = Path("/sys/kernel/config/gpio-sim")
LINES = {"photo": 18, "presence": 17, "key": 27, "next": 19}
SETTINGS = PanelSettings(
    pins=PanelPins(**LINES, reader=-1, finger=-1, status=-1),
    arrives_s=0.0,
    leaves_s=0.05,
    key_s=0.02,
)


class Chip:
    """A simulated chip whose inputs are pulled and whose outputs are read through sysfs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        bank = folder / "bank0"
        bank.mkdir(parents=True)
        (bank / "num_lines").write_text("28")
        (folder / "live").write_text("1")
        device, name = (folder / "dev_name").read_text(), (bank / "chip_name").read_text()
        self._lines = Path("/sys/devices/platform", device.strip(), name.strip())
        self.number = int(name.strip().removeprefix("gpiochip"))

    def pull(self, line: int, way: str) -> None:
        (self._lines / f"sim_gpio{line}" / "pull").write_text(way)

    def value(self, line: int) -> int:
        return int((self._lines / f"sim_gpio{line}" / "value").read_text())

    def close(self) -> None:
        (self._folder / "live").write_text("0")
        (self._folder / "bank0").rmdir()
        self._folder.rmdir()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture
def chip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chip]:
    if importlib.util.find_spec("lgpio") is None:
        pytest.skip("lgpio is not installed")
    with contextlib.suppress(OSError):
        subprocess.run(["modprobe", "gpio-sim"], capture_output=True, check=False)
    if not CONFIG.is_dir():
        pytest.skip("this kernel has no gpio-sim, or configfs is not mounted")
    monkeypatch.chdir(tmp_path)  # lgpio leaves a FIFO where it is imported
    made = Chip(CONFIG / "idbooth")
    made.pull(LINES["presence"], "pull-down")
    made.pull(LINES["key"], "pull-up")
    made.pull(LINES["next"], "pull-up")
    yield made
    made.close()


def test_lamps_contacts_and_buttons_work_on_lines_of_the_kernel(chip: Chip) -> None:
    panel = Panel(factory="lgpio", chip=chip.number, settings=SETTINGS)
    told: list[str] = []
    panel.on_change("presence", lambda here: told.append(f"presence {here}"))
    panel.on_press("next", lambda: told.append("next"))
    panel.start()
    try:
        panel.lamp("photo", 1.0)
        until(lambda: chip.value(LINES["photo"]) == 1)
        chip.pull(LINES["presence"], "pull-up")
        until(lambda: told == ["presence True"])
        chip.pull(LINES["next"], "pull-down")
        until(lambda: told == ["presence True", "next"])
        chip.pull(LINES["key"], "pull-down")
        until(lambda: panel.key_open)
    finally:
        panel.close()
    assert chip.value(LINES["photo"]) == 0

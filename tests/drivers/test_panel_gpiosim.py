# SPDX-License-Identifier: Apache-2.0
"""The panel on real kernel lines (gpio-sim): real edges, real ownership, a chip that goes away.

Needs root and a kernel with CONFIG_GPIO_SIM; Debian's own has none, and a container cannot load
modules, so this is skipped there: scripts/prove-kernel builds the module, boots a kernel and runs
this file in it. What an act took is printed and not judged: an emulated processor is slow.
Layout of configfs and sysfs: Linux Documentation/admin-guide/gpio/gpio-sim.rst.
"""

import contextlib
import importlib.util
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.errors import OutOfServiceError
from drivers.health import State
from drivers.panel import Panel, PanelPins, PanelSettings
from firmware_io.links.pins import BUTTONS, CONTACTS

CONFIG = Path("/sys/kernel/config/gpio-sim")
PATIENCE_S = 120.0
PINS = PanelPins(
    printer=5,
    door=6,
    power=12,
    headphones=13,
    call=16,
    next=19,
    back=20,
    choose=21,
    volume=22,
    buzzer=26,
    fan=4,
    power_fingerprint=7,
)
SETTINGS = PanelSettings(
    pins=PINS, arrives_s=0.0, leaves_s=0.05, key_s=0.0, door_s=0.0, power_s=0.05, plug_s=0.0
)
# What closes a contact, seen from its pin: the sensor drives high, the others are tied to ground.
ON = {name: "pull-up" if name in ("presence", "door") else "pull-down" for name in CONTACTS}
OFF = {name: "pull-down" if name in ("presence", "door") else "pull-up" for name in CONTACTS}


class Chip:
    """A simulated chip whose inputs are pulled and whose outputs are read through sysfs.

    `link` leads to it while it is there, as one that udev makes: the kernel may number it anew.
    `hogs`: lines that the kernel itself holds.
    """

    def __init__(self, folder: Path, link: Path, *, hogs: tuple[int, ...] = ()) -> None:
        self._folder, self._link, self._hogs = folder, link, hogs
        self.path = str(link)
        bank = folder / "bank0"
        bank.mkdir(parents=True)
        (bank / "num_lines").write_text("28")
        for line in hogs:
            hog = bank / f"line{line}" / "hog"
            hog.mkdir(parents=True)
            (hog / "name").write_text("another-driver")
            (hog / "direction").write_text("output-low")
        self.plug()

    def plug(self) -> None:
        (self._folder / "live").write_text("1")
        device = (self._folder / "dev_name").read_text().strip()
        name = (self._folder / "bank0" / "chip_name").read_text().strip()
        self._lines = Path("/sys/devices/platform", device, name)
        until(lambda: os.path.exists(f"/dev/{name}"))
        self._link.symlink_to(f"/dev/{name}")

    def unplug(self) -> None:
        self._link.unlink(missing_ok=True)
        (self._folder / "live").write_text("0")

    def pull(self, line: int, way: str) -> None:
        (self._lines / f"sim_gpio{line}" / "pull").write_text(way)

    def value(self, line: int) -> int:
        return int((self._lines / f"sim_gpio{line}" / "value").read_text())

    def at_rest(self) -> None:
        """Nobody there, door and key closed: as a booth stands in its hall."""
        for name, line in PINS.contacts.items():
            self.pull(line, OFF[name])
        for line in PINS.buttons.values():
            self.pull(line, "pull-up")

    def close(self) -> None:
        self.unplug()
        for line in self._hogs:
            (self._folder / "bank0" / f"line{line}" / "hog").rmdir()
            (self._folder / "bank0" / f"line{line}").rmdir()
        (self._folder / "bank0").rmdir()
        self._folder.rmdir()


def until(there: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where chips are made."""
    if importlib.util.find_spec("lgpio") is None:
        pytest.skip("lgpio is not installed")
    with contextlib.suppress(OSError):
        subprocess.run(["modprobe", "gpio-sim"], capture_output=True, check=False)
    if not CONFIG.is_dir():
        pytest.skip("this kernel has no gpio-sim, or configfs is not mounted")
    monkeypatch.chdir(tmp_path)  # lgpio leaves a FIFO where it is imported
    return CONFIG / "idbooth"


@pytest.fixture
def chip(kernel: Path, tmp_path: Path) -> Iterator[Chip]:
    made = Chip(kernel, tmp_path / "idbooth-pins")
    yield made
    made.close()


@pytest.fixture
def panel(chip: Chip) -> Iterator[Panel]:
    made = Panel(factory="lgpio", chip=chip.path, settings=SETTINGS)
    made.start()
    chip.at_rest()
    until(lambda: not any(made.says(name) for name in CONTACTS))
    yield made
    made.close()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f" [{text}]", end="", flush=True)  # noqa: T201

    return say


def cpu_s() -> float:
    """Processor time of this process and all its threads, also those of lgpio."""
    return sum(os.times()[:2])


# -- outputs -----------------------------------------------------------------------------------


def test_lamps_fan_buzzer_and_supply_are_levels_of_their_lines(panel: Panel, chip: Chip) -> None:
    for name, line in PINS.lamps.items():
        panel.lamp(name, 1.0)
        until(lambda line=line: chip.value(line) == 1)
        panel.lamp(name, 0.0)
        until(lambda line=line: chip.value(line) == 0)
    panel.fan(True)
    assert chip.value(PINS.fan) == 1
    panel.fan(False)
    assert chip.value(PINS.fan) == 0
    panel.beep(0.3)
    assert chip.value(PINS.buzzer) == 1
    until(lambda: chip.value(PINS.buzzer) == 0)


def cores(seconds: float = 2.0) -> float:
    """What this process uses while nothing is asked of it."""
    begun, used = time.monotonic(), cpu_s()
    assert not threading.Event().wait(seconds)
    return (cpu_s() - used) / (time.monotonic() - begun)


def test_the_photo_lamp_at_full_is_never_switched(panel: Panel, chip: Chip, tell) -> None:
    tell(f"all dark {cores(5.0):.3f} cores")
    panel.lamp("photo", 1.0)
    until(lambda: chip.value(PINS.photo) == 1)
    assert {chip.value(PINS.photo) for _ in range(500)} == {1}
    tell(f"full {cores():.3f} cores")


@pytest.mark.parametrize("level", [0.25, 0.57, 0.9])
def test_the_photo_lamp_on_a_pin_burns_full_at_any_level(panel: Panel, chip: Chip, level) -> None:
    panel.lamp("photo", level)
    until(lambda: chip.value(PINS.photo) == 1)
    assert {chip.value(PINS.photo) for _ in range(500)} == {1}


@pytest.mark.parametrize("level", [0.25, 0.57, 0.9])
def test_a_guide_lamp_is_dimmed_by_switching(panel: Panel, chip: Chip, level, tell) -> None:
    line = PINS.reader
    panel.lamp("reader", level)
    until(lambda: chip.value(line) == 1)
    until(lambda: chip.value(line) == 0)
    seen = [chip.value(line) for _ in range(2000)]
    tell(f"lit {sum(seen) / len(seen):.2f} of 2000 looks, {cores():.3f} cores")
    panel.lamp("reader", 0.0)
    until(lambda: not any(chip.value(line) for _ in range(50)))


def test_a_stuck_device_loses_its_supply_for_a_moment(panel: Panel, chip: Chip) -> None:
    done = threading.Thread(target=panel.cycle, args=("fingerprint", 0.5))
    done.start()
    until(lambda: chip.value(PINS.power_fingerprint) == 1)
    until(lambda: chip.value(PINS.power_fingerprint) == 0)
    done.join()
    assert panel.cycle("fingerprint", 0.5) is False


def test_closing_puts_everything_out(chip: Chip) -> None:
    panel = Panel(factory="lgpio", chip=chip.path, settings=SETTINGS)
    panel.start()
    panel.lamp("photo", 1.0)
    panel.lamp("reader", 0.5)
    panel.lamp("status", 1.0)
    panel.fan(True)
    until(lambda: chip.value(PINS.status) == 1)
    panel.close()
    assert [chip.value(line) for line in (*PINS.lamps.values(), PINS.fan)] == [0] * 6


# -- inputs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_contact_is_told_when_its_line_changes(panel: Panel, chip: Chip, contact, tell) -> None:
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change(contact, told.put)
    line = PINS.contacts[contact]
    for way, word in ((ON[contact], True), (OFF[contact], False)):
        begun = time.monotonic()
        chip.pull(line, way)
        assert told.get(timeout=PATIENCE_S) is word
        tell(f"{word} after {(time.monotonic() - begun) * 1000:.0f} ms")
        assert panel.says(contact) is word
    assert told.empty()


@pytest.mark.parametrize("button", BUTTONS)
def test_a_press_is_told_once(panel: Panel, chip: Chip, button: str) -> None:
    told: queue.Queue[str] = queue.Queue()
    for name in BUTTONS:
        panel.on_press(name, lambda name=name: told.put(name))
    line = PINS.buttons[button]
    for _ in range(3):
        chip.pull(line, "pull-down")
        assert told.get(timeout=PATIENCE_S) == button
        chip.pull(line, "pull-up")
        until(lambda: not panel._buttons[button].contact.value)
    assert told.empty()


def test_a_bouncing_button_is_one_press_and_blinking_mains_are_no_failure(chip: Chip) -> None:
    told: queue.Queue[str] = queue.Queue()
    calm = PanelSettings(pins=PINS, press_s=2.0, power_s=60.0)
    panel = Panel(factory="lgpio", chip=chip.path, settings=calm)
    panel.on_press("next", lambda: told.put("next"))
    panel.on_change("power", lambda _failing: told.put("power"))
    panel.start()
    try:
        for _ in range(50):
            chip.pull(PINS.next, "pull-down")
            chip.pull(PINS.power, "pull-down")
            chip.pull(PINS.next, "pull-up")
            chip.pull(PINS.power, "pull-up")
        chip.pull(PINS.next, "pull-down")
        assert told.get(timeout=PATIENCE_S) == "next"
        assert told.empty()
        assert not panel.says("power")
    finally:
        panel.close()


def test_what_holds_at_the_start_is_told(chip: Chip) -> None:
    """The kernel's pull-up is the wire's level while nothing else holds it: the door is open."""
    told: queue.Queue[bool] = queue.Queue()
    panel = Panel(factory="lgpio", chip=chip.path, settings=SETTINGS)
    panel.on_change("door", told.put)
    panel.start()
    assert told.get(timeout=PATIENCE_S) is True
    panel.close()


# -- whose lines they are ----------------------------------------------------------------------


def test_a_line_that_another_driver_holds_is_told_and_taken_when_it_is_free(
    kernel: Path, tmp_path: Path
) -> None:
    chip = Chip(kernel, tmp_path / "idbooth-pins", hogs=(PINS.next,))
    panel = Panel(factory="lgpio", chip=chip.path, settings=SETTINGS)
    with pytest.raises(OutOfServiceError) as caught:
        panel.start()
    assert caught.value.code == "panel.no_pins"
    assert (panel.health().state, panel.health().reason) == (State.ILL, "panel.no_pins")
    panel.lamp("status", 1.0)  # asked for meanwhile: shown later, raises nothing
    chip.close()
    chip = Chip(kernel, tmp_path / "idbooth-pins")
    until(lambda: panel.health().state is State.READY)
    until(lambda: chip.value(PINS.status) == 1)
    panel.close()
    chip.close()


def test_two_booths_cannot_have_the_panel_and_the_second_gets_it_when_the_first_dies(
    chip: Chip, tmp_path: Path
) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, chip.path],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LG_WD": "/tmp"},
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    until(lambda: chip.value(PINS.status) == 1)
    second = Panel(factory="lgpio", chip=chip.path, settings=SETTINGS)
    with pytest.raises(OutOfServiceError):
        second.start()
    first.send_signal(signal.SIGKILL)
    first.wait(60)
    until(lambda: second.health().state is State.READY)
    second.close()


HOLD = """
import sys, time
from drivers.panel import Panel
panel = Panel(factory="lgpio", chip=sys.argv[1])
panel.lamp("status", 1.0)
panel.start()
print("ready", flush=True)
sys.stdin.read()
time.sleep(3600)
"""


def test_a_user_without_the_group_is_told(chip: Chip) -> None:
    panel = Panel(factory="lgpio", chip=chip.path, settings=SETTINGS)
    os.seteuid(65534)
    try:
        with pytest.raises(OutOfServiceError) as caught:
            panel.start()
    finally:
        os.seteuid(0)
    assert caught.value.code == "panel.no_pins"
    panel.close()


def test_a_chip_that_goes_away_is_told_and_one_that_comes_back_is_taken(chip, panel, tell) -> None:
    told: queue.Queue[str] = queue.Queue()
    panel.on_press("next", lambda: told.put("next"))
    panel.on_change("key", lambda turned: told.put(f"key {turned}"))
    panel.lamp("status", 1.0)
    chip.pull(PINS.key, "pull-down")
    assert told.get(timeout=PATIENCE_S) == "key True"
    begun = time.monotonic()
    chip.unplug()
    until(lambda: panel.health().reason == "panel.no_pins")
    tell(f"told after {time.monotonic() - begun:.2f} s")
    assert panel.key_open, "nobody has turned the key back"
    panel.lamp("status", 0.0)
    panel.lamp("reader", 1.0)
    panel.fan(True)
    panel.beep()
    tell(f"{cores(3.0):.3f} cores without it")
    chip.plug()
    begun = time.monotonic()
    until(lambda: panel.health().state is State.READY)
    tell(f"back after {time.monotonic() - begun:.2f} s")
    chip.at_rest()
    assert told.get(timeout=PATIENCE_S) == "key False"
    until(lambda: (chip.value(PINS.reader), chip.value(PINS.status)) == (1, 0))
    until(lambda: not panel._buttons["next"].contact.value)
    chip.pull(PINS.next, "pull-down")
    assert told.get(timeout=PATIENCE_S) == "next"
    assert told.empty()

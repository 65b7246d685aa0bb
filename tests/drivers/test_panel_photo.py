# SPDX-License-Identifier: Apache-2.0
"""The photo lamp: dimmed by a hardware PWM channel, or not at all.

The channel is a folder of plain files here, as in a development booth; what the kernel makes of
each write is tests/firmware_io/links/test_pwm.py's.
"""

import json
import queue
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gpiozero import OutputDevice

from drivers import panel as panel_module
from drivers import panel_photo
from drivers.errors import OutOfServiceError
from drivers.health import State
from drivers.panel import Panel, PanelPins, PanelSettings
from drivers.panel_outputs import CHANGES, WINDOW_S
from firmware_io.emulators import panel as emulated
from firmware_io.links.errors import LinkLostError

PHOTO = PanelPins().photo


def until(there: Callable[[], object]) -> None:
    end = time.monotonic() + 40
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "LOOK_S", 0.02)
    monkeypatch.setattr(panel_module, "START_S", 0.1)
    monkeypatch.setattr(panel_photo, "AGAIN_S", 0.02)


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """A channel that an ended process has left lit."""
    made = tmp_path / "pwmchip0" / "pwm0"
    made.mkdir(parents=True)
    for file, value in (("period", 1_000_000), ("duty_cycle", 700_000), ("enable", 1)):
        (made / file).write_text(f"{value}\n")
    for file in ("export", "unexport"):
        (made.parent / file).touch()
    return made


@pytest.fixture
def panel(channel: Path, tmp_path: Path) -> Iterator[Panel]:
    settings = PanelSettings(photo_pwm=channel, arrives_s=0.0, leaves_s=0.0, key_s=0.0)
    made = Panel(factory="mock", mock_socket=str(tmp_path / "panel.sock"), settings=settings)
    made.start()
    yield made
    made.close()


@pytest.fixture
def ask(panel: Panel, tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """The hand at the panel."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(40)
        line.connect(str(tmp_path / "panel.sock"))
        answers = line.makefile()

        def say(said: dict[str, Any]) -> dict[str, Any]:
            line.sendall(json.dumps(said).encode() + b"\n")
            return json.loads(answers.readline())

        yield say
        answers.close()


def duty(channel: Path) -> int:
    return int((channel / "duty_cycle").read_text() or -1)


def test_the_lamp_is_as_bright_as_asked_and_its_pin_is_left_alone(panel, ask, channel) -> None:
    assert ask({"lamps": True})["lamps"]["photo"] == 0.0, "what was left lit is dark at first"
    for level in (0.25, 0.57, 0.9, 1.0, 0.3):
        panel.lamp("photo", level)
        assert ask({"lamps": True})["lamps"]["photo"] == level
        assert duty(channel) == round(level * 40_000)
    assert int((channel / "period").read_text()) == 40_000
    OutputDevice(PHOTO, pin_factory=panel._pins.factory).close()  # GPIOPinInUse if it were taken
    assert panel.health().detail == f"mock, photo lamp dimmed by {channel}"


def test_without_a_channel_the_lamp_is_on_or_off_and_never_switched_in_between() -> None:
    panel = Panel(factory="mock")
    panel.start()
    pin = panel._pins.factory.pin(PHOTO)  # type: ignore[union-attr]
    pin.clear_states()
    for level in (0.01, 0.5, 1.0, 0.3):
        panel.lamp("photo", level)
    assert [bool(one.state) for one in pin.states] == [False, True]
    assert pin.frequency is None
    panel.lamp("photo", 0.0)
    assert not pin.state
    assert panel.health().detail == "mock, photo lamp not dimmable"
    panel.close()


def test_a_channel_that_goes_away_takes_nothing_with_it_and_is_taken_when_it_is_back(
    panel: Panel, ask: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("key", told.put)
    panel.lamp("photo", 0.8)
    assert ask({"pwm": "gone"}) == {"ok": True}
    until(lambda: panel.health().reason == "panel.no_photo_lamp")
    panel.lamp("photo", 0.6)
    panel.lamp("reader", 1.0)
    ask({"key": "open"})
    assert told.get(timeout=40) is True
    assert ask({"lamps": True})["lamps"]["reader"] == 1.0
    assert ask({"lamps": True})["lamps"]["photo"] == 0.0
    ask({"pwm": "there"})
    until(lambda: panel.health().state is State.READY)
    until(lambda: ask({"lamps": True})["lamps"]["photo"] == 0.6)


def test_one_that_goes_between_two_looks_raises_nothing(panel, ask, monkeypatch) -> None:
    monkeypatch.setattr(panel_photo.PhotoLamp, "look", lambda _photo: None)
    ask({"pwm": "gone"})
    panel.lamp("photo", 0.6)
    assert panel.health().reason == "panel.no_photo_lamp"
    assert panel.health().detail == "pwmchip0/pwm0: ENOENT"


def test_one_that_is_not_there_at_the_start_is_told_and_taken_when_it_comes(channel: Path) -> None:
    aside = channel.rename(channel.with_name("later"))
    panel = Panel(factory="mock", settings=PanelSettings(photo_pwm=channel))
    panel.lamp("photo", 0.4)
    with pytest.raises(OutOfServiceError) as caught:
        panel.start()
    assert caught.value.code == "panel.no_photo_lamp"
    assert panel.health().reason == "panel.no_photo_lamp"
    aside.rename(channel)
    until(lambda: panel.health().state is State.READY)
    until(lambda: duty(channel) == 16_000)
    panel.close()


def test_lost_pins_leave_the_photo_lamp_as_it_is(panel: Panel, channel: Path, monkeypatch) -> None:
    panel.lamp("photo", 0.8)

    def unplugged(*_: object, **__: object) -> None:
        raise LinkLostError("no GPIO")

    monkeypatch.setattr(panel_module, "open_pins", unplugged)
    panel._lose(LinkLostError("no GPIO"))
    until(lambda: panel.health().reason == "panel.no_pins")
    panel.lamp("photo", 0.7)
    assert duty(channel) == 28_000


def test_closing_leaves_the_lamp_dark_and_the_channel_free(panel: Panel, channel: Path) -> None:
    panel.lamp("photo", 0.8)
    panel.close()
    assert duty(channel) == 0
    assert (channel.parent / "unexport").read_text() == "0\n"
    panel.lamp("photo", 0.5)
    assert duty(channel) == 0
    panel.start()
    until(lambda: duty(channel) == 20_000)


def test_it_does_not_flash_either(channel: Path) -> None:
    photo = panel_photo.PhotoLamp(channel)
    assert photo.take() is None
    shown, changed = 0, list[float]()
    for tick in range(640):  # ten seconds of a lamp that is asked to flash 32 times in each
        photo.show(float(tick % 2), tick / 64)
        if duty(channel) != shown:
            shown = duty(channel)
            changed.append(tick / 64)
    assert len(changed) == 10 * CHANGES
    gaps = [later - first for first, later in zip(changed, changed[CHANGES:], strict=False)]
    assert min(gaps) >= WINDOW_S


def test_the_hand_waits_for_a_file_that_is_between_two_numbers(channel, monkeypatch) -> None:
    (channel / "duty_cycle").write_text("")

    def written(_seconds: float) -> None:
        (channel / "duty_cycle").write_text("500000\n")

    monkeypatch.setattr(emulated, "time", SimpleNamespace(sleep=written))
    assert emulated.light_of(channel) == 0.5


def test_only_a_booth_that_has_a_channel_can_lose_it(tmp_path: Path) -> None:
    panel = Panel(factory="mock", mock_socket=str(tmp_path / "plain.sock"))
    panel.start()
    desk = panel._pins._ends[0].__self__  # type: ignore[union-attr]
    assert desk.control({"pwm": "gone"})["ok"] is False
    panel.close()

# SPDX-License-Identifier: Apache-2.0
import json
import os
import queue
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from drivers import panel_inputs
from drivers.errors import OutOfServiceError
from drivers.health import State
from drivers.panel import Panel, PanelSettings
from drivers.panel_outputs import CHANGES, WINDOW_S
from firmware_io.links.pins import BUTTONS, PanelPins

WIRED = PanelPins(
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
QUICK = PanelSettings(
    pins=WIRED, arrives_s=0.0, leaves_s=0.05, key_s=0.0, door_s=0.0, power_s=0.05, plug_s=0.0
)


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


class Hand:
    """Another program at the panel's socket."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5)
        self.socket.connect(path)
        self.answers = self.socket.makefile()

    def ask(self, line: str | dict) -> dict:
        text = line if isinstance(line, str) else json.dumps(line)
        self.socket.sendall(text.encode() + b"\n")
        return json.loads(self.answers.readline())

    def close(self) -> None:
        self.answers.close()
        self.socket.close()


@pytest.fixture
def path(tmp_path) -> str:
    return str(tmp_path / "panel.sock")


@pytest.fixture
def panel(path: str) -> Iterator[Panel]:
    made = Panel(factory="mock", mock_socket=path, settings=QUICK)
    made.start()
    yield made
    made.close()


@pytest.fixture
def hand(panel: Panel, path: str) -> Iterator[Hand]:
    made = Hand(path)
    yield made
    made.close()


def test_a_lamp_burns_as_bright_as_asked(panel: Panel, hand: Hand) -> None:
    panel.lamp("photo", 1.0)
    panel.lamp("reader", 0.4)
    assert hand.ask({"lamps": True})["lamps"] == {
        "photo": 1.0,
        "reader": 0.4,
        "finger": 0.0,
        "printer": 0.0,
        "status": 0.0,
    }
    panel.lamp("photo", 0.0)
    assert hand.ask({"lamps": True})["lamps"]["photo"] == 0.0


def test_a_level_asked_for_before_start_is_shown_then(path: str) -> None:
    panel = Panel(factory="mock", mock_socket=path)
    panel.lamp("status", 1.0)
    panel.start()
    hand = Hand(path)
    assert hand.ask({"lamps": True})["lamps"]["status"] == 1.0
    hand.close()
    panel.close()


@pytest.mark.parametrize(("name", "level"), [("disco", 1.0), ("photo", 1.1), ("photo", -0.1)])
def test_a_lamp_nobody_fitted_or_a_level_nobody_can_light_is_a_mistake(panel, name, level) -> None:
    with pytest.raises(ValueError, match="lamps are"):
        panel.lamp(name, level)


def test_somebody_coming_and_leaving_is_told_once_each(panel: Panel, hand: Hand) -> None:
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("presence", told.put)
    hand.ask({"presence": True})
    assert told.get(timeout=5) is True
    assert panel.present
    hand.ask({"presence": True})
    hand.ask({"presence": False})
    assert told.get(timeout=5) is False
    assert told.empty()


def test_leaning_aside_for_a_moment_is_not_leaving(path: str) -> None:
    panel = Panel(factory="mock", mock_socket=path, settings=PanelSettings(arrives_s=0.0))
    panel.start()
    hand = Hand(path)
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("presence", told.put)
    hand.ask({"presence": True})
    assert told.get(timeout=5) is True
    for there in (False, True) * 5:
        hand.ask({"presence": there})
    with pytest.raises(queue.Empty):
        told.get(timeout=0.2)
    assert panel.present
    hand.close()
    panel.close()


def test_the_staff_key_is_told_when_turned_and_when_turned_back(panel: Panel, hand: Hand) -> None:
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("key", told.put)
    assert not panel.key_open
    hand.ask({"key": "open"})
    assert told.get(timeout=5) is True
    assert hand.ask({"status": True})["key"] == "open"
    hand.ask({"key": "closed"})
    assert told.get(timeout=5) is False


def test_a_listener_that_fails_does_not_make_the_panel_deaf(panel: Panel, hand: Hand) -> None:
    told: queue.Queue[bool] = queue.Queue()

    def broken(_there: bool) -> None:
        raise RuntimeError("bug")

    panel.on_change("presence", broken)
    panel.on_change("presence", told.put)
    hand.ask({"presence": True})
    assert told.get(timeout=5) is True
    hand.ask({"presence": False})
    assert told.get(timeout=5) is False


def test_the_next_visits_process_takes_the_path_over(panel: Panel, path: str) -> None:
    following = Panel(factory="mock", mock_socket=path, settings=QUICK)
    following.start()
    panel.close()
    hand = Hand(path)
    following.lamp("photo", 1.0)
    assert hand.ask({"lamps": True})["lamps"]["photo"] == 1.0
    hand.close()
    following.close()
    with pytest.raises(FileNotFoundError):
        Hand(path)


def test_a_booth_without_panel_says_absent_and_carries_on() -> None:
    panel = Panel(factory="none")
    panel.start()
    panel.lamp("photo", 1.0)
    assert panel.health().state is State.ABSENT
    assert not panel.present
    panel.close()


def test_missing_gpio_is_told_and_never_replaced_by_the_mock(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", None)
    panel = Panel(factory="lgpio")
    with pytest.raises(OutOfServiceError) as caught:
        panel.start()
    assert caught.value.code == "panel.no_pins"
    health = panel.health()
    assert (health.state, health.reason) == (State.ILL, "panel.no_pins")
    panel.lamp("photo", 1.0)
    panel.close()


def test_an_unknown_factory_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ValueError, match="lgpio or mock"):
        Panel(factory="rpigpio").start()


@pytest.mark.parametrize("line", ["no json", "[1]", '{"gift": 1}', '{"presence": "yes"}'])
def test_what_the_desk_does_not_understand_it_says(hand: Hand, line: str) -> None:
    assert hand.ask(line)["ok"] is False
    assert hand.ask({"status": True})["ok"] is True


def test_only_its_own_user_may_touch_the_panel(panel: Panel, path: str) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_the_command_passes_lines_to_a_booth(panel: Panel, path: str) -> None:
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("presence", told.put)
    done = subprocess.run(
        [sys.executable, "-m", "firmware_io.emulators.panel", path],
        input='{"presence": true}\n{"status": true}\n',
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[1])["presence"] is True
    assert told.get(timeout=5) is True


# -- contacts


@pytest.mark.parametrize(
    ("contact", "on", "off"),
    [
        ("door", "open", "closed"),
        ("power", "failing", "good"),
        ("headphones", True, False),
    ],
)
def test_a_contact_is_told_with_its_own_meaning_and_says_it(
    panel: Panel, hand: Hand, contact: str, on: object, off: object
) -> None:
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change(contact, told.put)
    assert not panel.says(contact)
    hand.ask({contact: on})
    assert told.get(timeout=20) is True
    assert panel.says(contact)
    assert hand.ask({"status": True})[contact] == on
    hand.ask({contact: off})
    assert told.get(timeout=20) is False


def test_mains_that_blink_are_not_failing(path: str) -> None:
    panel = Panel(factory="mock", mock_socket=path, settings=PanelSettings(pins=WIRED, power_s=60))
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("power", told.put)
    panel.start()
    hand = Hand(path)
    for state in ("failing", "good") * 3:
        hand.ask({"power": state})
    assert told.empty()
    hand.close()
    panel.close()


def test_a_door_that_stands_open_at_the_start_is_told(path: str) -> None:
    # Without the desk nothing holds the pin low: the wire is broken, or the door is open.
    panel = Panel(factory="mock", settings=QUICK)
    told: queue.Queue[bool] = queue.Queue()
    panel.on_change("door", told.put)
    panel.start()
    assert told.get(timeout=20) is True
    panel.close()


def test_what_is_not_fitted_is_never_told_and_the_hand_is_told_so(path: str) -> None:
    panel = Panel(factory="mock", mock_socket=path, settings=PanelSettings())
    panel.start()
    hand = Hand(path)
    for said in ({"door": "open"}, {"power": "failing"}, {"press": "call"}):
        assert hand.ask(said)["ok"] is False
    assert not any(panel.says(name) for name in ("door", "power", "headphones"))
    panel.beep()
    panel.fan(True)
    assert panel.cycle("fingerprint") is False
    assert "door" not in hand.ask({"status": True})
    hand.close()
    panel.close()


# -- push buttons


@pytest.mark.parametrize("button", BUTTONS)
def test_a_press_is_told_once_when_it_begins(panel: Panel, hand: Hand, button: str) -> None:
    told: queue.Queue[str] = queue.Queue()
    for name in BUTTONS:
        panel.on_press(name, lambda name=name: told.put(name))
    hand.ask({"hold": button})
    assert told.get(timeout=20) == button
    hand.ask({"release": button})
    until(lambda: not panel._buttons[button].contact.value)
    hand.ask({"press": button})
    assert told.get(timeout=20) == button
    assert told.empty()


def test_a_button_that_is_down_when_the_booth_starts_presses_nothing(path: str) -> None:
    told: queue.Queue[str] = queue.Queue()

    class Stuck(Panel):
        def _take_pins(self) -> None:
            super()._take_pins()
            contact = self._buttons["next"].contact
            contact.pin.pin.drive_low()  # type: ignore[union-attr]  # before anything was read
            self._buttons["next"] = panel_inputs.Push(contact)

    panel = Stuck(factory="mock", mock_socket=path, settings=QUICK)
    panel.on_press("next", lambda: told.put("next"))
    panel.on_press("back", lambda: told.put("back"))
    panel.start()
    hand = Hand(path)
    hand.ask({"press": "back"})
    assert told.get(timeout=20) == "back"
    hand.ask({"release": "next"})
    until(lambda: not panel._buttons["next"].contact.value)
    hand.ask({"press": "next"})
    assert told.get(timeout=20) == "next"
    assert told.empty()
    hand.close()
    panel.close()


def test_a_stuck_button_is_told_as_such_and_the_others_work(
    panel: Panel, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_inputs, "STUCK_S", 0.2)
    told: queue.Queue[str] = queue.Queue()
    panel.on_press("next", lambda: told.put("next"))
    panel.on_press("choose", lambda: told.put("choose"))
    hand.ask({"hold": "next"})
    until(lambda: panel.health().reason == "panel.stuck_button")
    assert panel.health().detail == "next"
    hand.ask({"press": "choose"})
    assert [told.get(timeout=20), told.get(timeout=20)] == ["next", "choose"]
    hand.ask({"release": "next"})
    until(lambda: panel.health().state is State.READY)


# -- outputs


def test_the_buzzer_sounds_and_stops_by_itself(panel: Panel, hand: Hand) -> None:
    panel.beep(0.05)
    pin = panel._pins.factory.pin(WIRED.buzzer)  # type: ignore[union-attr]
    until(lambda: [bool(one.state) for one in pin.states] == [False, True, False])


def test_the_fan_runs_while_it_is_wanted(panel: Panel, hand: Hand) -> None:
    panel.fan(True)
    assert hand.ask({"status": True})["fan"] is True
    panel.fan(False)
    assert hand.ask({"status": True})["fan"] is False


def test_a_stuck_device_loses_its_supply_for_a_while_and_then_is_left_alone(
    panel: Panel, hand: Hand
) -> None:
    done = threading.Thread(target=panel.cycle, args=("fingerprint", 60.0))
    done.start()
    until(lambda: hand.ask({"status": True})["cut"] == ["fingerprint"])
    assert panel.cycle("fingerprint", 0.0) is False, "it is being cut already"
    panel._stop.set()  # as when the booth ends: supply comes back
    done.join(20)
    assert hand.ask({"status": True})["cut"] == []


def test_a_device_is_cycled_once_a_minute_at_most_and_only_where_a_relay_is(
    panel: Panel, hand: Hand
) -> None:
    assert panel.cycle("fingerprint", 0.01) is True
    assert panel.cycle("fingerprint", 0.01) is False
    assert panel.cycle("camera", 0.01) is False
    pin = panel._pins.factory.pin(WIRED.power_fingerprint)  # type: ignore[union-attr]
    assert [bool(one.state) for one in pin.states] == [False, True, False]


def test_no_lamp_flashes_whatever_is_asked(panel: Panel) -> None:
    for _ in range(50):
        panel.lamp("reader", 1.0)
        panel.lamp("reader", 0.0)
    pin = panel._pins.factory.pin(WIRED.reader)  # type: ignore[union-attr]
    panel.lamp("reader", 0.7)
    until(lambda: pin.state == 0.7)
    at, moments = 0.0, []
    for one in pin.states[1:]:
        at += one.timestamp
        moments.append(at)
    assert all(
        later - first >= WINDOW_S - 0.01
        for first, later in zip(moments, moments[CHANGES:], strict=False)
    )


def test_gentle_dimming_is_not_held_up(panel: Panel, hand: Hand) -> None:
    for percent in range(101):
        panel.lamp("reader", percent / 100)
    assert hand.ask({"lamps": True})["lamps"]["reader"] == 1.0

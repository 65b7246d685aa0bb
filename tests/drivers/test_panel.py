# SPDX-License-Identifier: Apache-2.0
import json
import os
import queue
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest

from drivers.errors import OutOfServiceError
from drivers.health import State
from drivers.panel import Panel, PanelSettings

QUICK = PanelSettings(arrives_s=0.0, leaves_s=0.05, key_s=0.0)


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
    panel.on_presence(told.put)
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
    panel.on_presence(told.put)
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
    panel.on_key(told.put)
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

    panel.on_presence(broken)
    panel.on_presence(told.put)
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
    panel.on_presence(told.put)
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

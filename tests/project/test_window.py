# SPDX-License-Identifier: Apache-2.0
"""The front in a real window on a real X server, touched by a real pointer.

Everything else draws off-screen and dispatches touches inside the process; here the way in is the
one that a panel's touches take: X server, SDL, Kivy, screen.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.screen

PATIENCE_S = 60.0


def _until(what: str, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(0.05)


@dataclass
class Booth:
    """A front in its window."""

    process: subprocess.Popen[bytes]
    display: str
    door: Path
    pixels: Path

    def ask(self, **command: Any) -> dict[str, Any]:
        """The door's answer to one command."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE_S)
            line.connect(str(self.door))
            line.sendall(json.dumps(command).encode() + b"\n")
            with line.makefile("rb") as answers:
                return json.loads(answers.readline())

    def shows_something(self) -> bool:
        """True once the door is open and a screen is up."""
        try:
            return self.ask(view=True).get("screen") is not None
        except (FileNotFoundError, ConnectionRefusedError, json.JSONDecodeError):
            return False

    def xdotool(self, *words: str) -> None:
        """A pointer or key of the X server."""
        environment = {**os.environ, "DISPLAY": self.display}
        subprocess.run(["xdotool", *words], env=environment, check=True, timeout=PATIENCE_S)

    def click(self, name: str) -> None:
        """Moves the pointer onto a target of the screen and presses its button."""
        x, y = (str(round(at)) for at in self.ask(where=name)["at"])
        self.xdotool("mousemove", x, y, "click", "1")

    def picture(self) -> bytes:
        """What the X server shows now (its frame buffer file, XWD format)."""
        return self.pixels.read_bytes()


@pytest.fixture
def booth(root: Path, site: Path) -> Iterator[Booth]:
    """A front that is drawn and answers, on an X server of its own."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            *("Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24"),
            *("-fbdir", str(site), "-nolisten", "tcp"),
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        display = f":{number.readline().strip()}"
    environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
    environment |= {"PYTHONPATH": str(root), "KIVY_HOME": str(site / "kivy")}
    with (site / "said").open("wb") as said:
        front = subprocess.Popen(
            [sys.executable, "-m", "ui", "--config", "booth.toml", "--door", str(site / "door")],
            cwd=site,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        running = Booth(front, display, site / "door", site / "Xvfb_screen0")
        try:
            _until("a screen", lambda: running.shows_something() or front.poll() is not None)
            assert front.poll() is None, (site / "said").read_text()[-2000:]
            yield running
        finally:
            for process in (front, server):
                process.kill()
                process.wait()


def test_a_click_on_the_language_button_changes_every_word(booth: Booth) -> None:
    before, shown = booth.ask(view=True), booth.picture()
    assert len(set(shown[4096::997])) > 8, "the window is blank"
    booth.click("language")
    _until("English", lambda: booth.ask(view=True)["language"] == "en")
    _until("other pixels", lambda: booth.picture() != shown)
    after = booth.ask(view=True)
    assert (before["language"], before["screen"]) == ("zh", after["screen"])
    assert before["heading_key"] == after["heading_key"]
    assert before["heading"] != after["heading"]


def test_no_key_of_a_keyboard_ends_or_changes_the_booth(booth: Booth) -> None:
    before = booth.ask(view=True)["screen"]
    for keys in ("Escape", "F1", "F12", "alt+F4", "ctrl+c", "ctrl+e", "ctrl+alt+BackSpace"):
        booth.xdotool("key", keys)
    booth.click("language")  # it comes after the keys: once it has acted, they have been handled
    _until("English", lambda: booth.ask(view=True)["language"] == "en")
    assert booth.process.poll() is None
    assert booth.ask(view=True)["screen"] == before

# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.screen

PATIENCE_S = 30.0
ROOT = Path(__file__).parents[2]


class Walk:
    """The program of walking_head.py and a client at its door."""

    def __init__(self, folder: Path) -> None:
        self.path, self.report = folder / "door", folder / "report"
        environment = {
            **os.environ,
            "SDL_VIDEODRIVER": "offscreen",
            "PYTHONPATH": str(ROOT),
            "KIVY_HOME": str(folder / "kivy"),
        }
        environment.pop("DISPLAY", None)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/ui/walking_head.py"), self.path, self.report],
            env=environment,
            cwd=folder,
        )
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._socket.connect(str(self.path))
                break
            except OSError:
                assert self.process.poll() is None, "the screens ended"
                assert time.monotonic() < end, "nobody opened the door"
                time.sleep(0.02)
        self._lines = self._socket.makefile("rwb")

    def ask(self, **command: Any) -> dict[str, Any]:
        self._lines.write(json.dumps(command).encode() + b"\n")
        self._lines.flush()
        line = self._lines.readline()
        return json.loads(line) if line else {"ok": False, "error": "closed"}

    def close(self) -> None:
        self._socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_S)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    one = Walk(tmp_path)
    yield one
    one.close()


def test_a_script_walks_through_the_screens_with_real_touches_to_the_end(
    walk: Walk, tmp_path: Path
) -> None:
    assert walk.ask(view=True)["screen"] == "welcome"
    assert walk.ask(tap="start")["accepted"]
    assert walk.ask(wait={"screen": "consent"})["ok"]
    walk.ask(tap="language")
    view = walk.ask(view=True)
    assert view["language"] == "en"
    assert view["heading"] == "To renew your card we need this"
    assert walk.ask(tap="yes")["accepted"]
    photo = walk.ask(wait={"screen": "photo"})
    assert photo["takes"] == ["take0", "take1", "take2"]
    assert walk.ask(screenshot=str(tmp_path / "photo.png"))["ok"]
    picture = Image.open(tmp_path / "photo.png")
    assert picture.size == (1280, 800)
    assert len(picture.getcolors(1 << 24) or []) > 100
    walk.ask(tap="pick")
    takes = walk.ask(wait={"screen": "takes"})
    assert takes["proposed"] == ["take1"]
    walk.ask(tap="use")
    walk.ask(wait={"screen": "form"})
    walk.ask(type={"field": "phone", "text": "13800001111", "clear": True})
    assert walk.ask(view=True)["fields"] == {"phone": "13800001111"}
    walk.ask(tap="enter")
    walk.ask(wait={"screen": "review"})
    refused = walk.ask(tap="sign", timeout=0.2)
    assert refused == {"ok": False, "error": "sign is not enabled"}
    assert walk.ask(sign=True)["strokes"] == 5
    assert walk.ask(tap="sign")["accepted"]
    slip = walk.ask(wait={"screen": "slip"})
    assert slip["received"]
    stats = walk.ask(stats=True)
    assert len(stats["touch_to_drawn_ms"]) == 6
    assert all(one > 0 for one in stats["touch_to_drawn_ms"])
    assert stats["preview_drawn"] > 0
    assert stats["first_frame_s"] > 0
    walk.ask(tap="end")
    assert walk.process.wait(PATIENCE_S) == 0
    lines = walk.report.read_text().split()
    assert lines[-2:] == ["exit", "0"]
    assert "Entered" in lines
    assert "Signed" in lines
    assert not walk.path.exists()


def test_impatient_taps_of_a_script_are_swallowed_like_a_persons(walk: Walk) -> None:
    where = walk.ask(where="start")["at"]
    accepted = [walk.ask(tap_at=where)["accepted"] for _tap in range(12)]
    assert accepted.count(True) == 1
    assert walk.ask(view=True)["screen"] == "consent"


def test_what_a_script_gets_wrong_is_said_and_harms_nothing(walk: Walk) -> None:
    assert "unknown command" in walk.ask(dance=True)["error"]
    assert "not on the screen" in walk.ask(tap="nobody", timeout=0.1)["error"]
    assert "unknown condition" in walk.ask(wait={"moon": "full"})["error"]
    assert "still showing welcome" in walk.ask(wait={"screen": "pay"}, timeout=0.1)["error"]
    assert not walk.ask(tap_at=["a", "b"])["ok"]
    walk._lines.write(b"{ not json\n")
    walk._lines.flush()
    assert json.loads(walk._lines.readline())["error"] == "not a JSON line"
    assert walk.ask(view=True)["screen"] == "welcome"


def test_only_the_booths_own_user_may_use_the_door(walk: Walk) -> None:
    assert walk.path.stat().st_mode & 0o077 == 0


def test_the_screens_end_when_the_system_asks(walk: Walk) -> None:
    walk.process.send_signal(signal.SIGTERM)
    assert walk.process.wait(PATIENCE_S) == 0
    assert not walk.path.exists()

# SPDX-License-Identifier: Apache-2.0
"""Each process tells systemd that it is ready and goes on telling that it lives.

The units are of Type=notify with a watchdog: a process that stayed silent would be killed and
replaced for ever. Here each real program runs with a notification socket of the test's own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE_S = 30.0

PROGRAMS = {
    "idbooth-uplink": ["kiosk.post.uplink", "--config", "booth.toml"],
    "idbooth-front": ["ui", "--config", "booth.toml"],
    "idbooth-counter": ["counter", "serve", "--config", "counter.toml"],
}


@pytest.fixture
def told(site: Path) -> Iterator[socket.socket]:
    """The socket that stands for systemd's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(site / "notify"))
        listening.settimeout(1.0)
        yield listening


def _wait_for(word: str, told: socket.socket, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if word in told.recv(4096).decode().splitlines():
                return True
        except TimeoutError:
            continue
    return False


@pytest.mark.parametrize("unit", PROGRAMS)
def test_a_process_says_that_it_is_ready_lives_and_stops_when_told(
    unit: str, root: Path, site: Path, told: socket.socket
) -> None:
    environment = {**os.environ, "NOTIFY_SOCKET": str(site / "notify"), "PYTHONPATH": str(root)}
    environment |= {"WATCHDOG_USEC": "3000000", "SDL_VIDEODRIVER": "offscreen"}
    environment |= {"KIVY_HOME": str(site / "kivy"), "HOME": str(site)}
    with (site / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *PROGRAMS[unit]],
            cwd=site,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            ready = _wait_for("READY=1", told, process)
            assert ready, (process.poll(), (site / "said").read_text()[-2000:])
            assert _wait_for("WATCHDOG=1", told, process), "ready, but gives no sign of life"
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=PATIENCE_S)
        finally:
            process.kill()
            process.wait()

# SPDX-License-Identifier: Apache-2.0
"""The fingerprint emulator as a command."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import adafruit_fingerprint
import serial

from firmware_io.emulators.ef01.faults import AT_ONCE, LASTING, OF_ANSWER


def test_the_command_takes_fingers_as_json_lines(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    command = [sys.executable, "-m", "firmware_io.emulators.fingerprint", f"--link={link}"]
    child = subprocess.Popen(
        [*command, "--profile=r503", "--factor=0", "--no-greeting", f"--flash={tmp_path}/flash"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    try:
        ready = json.loads(child.stdout.readline())
        assert ready == {"device": "fingerprint", "path": str(link)}

        def tell(request: dict) -> dict:
            assert child.stdin
            assert child.stdout
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
            return json.loads(child.stdout.readline())

        assert tell({"place": "right-thumb", "quality": "good"}) == {"ok": True}
        status = tell({"status": True})
        assert (status["finger"], status["profile"]) == ("right-thumb", "r503")
        assert tell({"lift": True}) == {"ok": True}
        assert tell({"place": "left-knee"})["ok"] is False
        assert tell({"dump": str(tmp_path / "print.png")})["reason"] == "the image buffer is empty"
        assert tell({"dump": str(tmp_path / "print.png"), "lift": 1})["ok"] is False
        with serial.Serial(str(link), 57600, timeout=5) as port:
            client = adafruit_fingerprint.Adafruit_Fingerprint(port)
            assert client.library_size == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
    finally:
        child.kill()
        child.wait()


def test_help_lists_every_request() -> None:
    command = [sys.executable, "-m", "firmware_io.emulators.fingerprint", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = ["place", "lift", "press", "script", "dump", "status", "power", "unplug", "replug"]
    for word in [*words, "fault", *OF_ANSWER, *LASTING, *AT_ONCE]:
        assert f'"{word}"' in text

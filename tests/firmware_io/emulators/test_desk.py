# SPDX-License-Identifier: Apache-2.0
"""How an emulator that runs as a command ends: with status 0, whatever it was just saying."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_io.emulators.camera import LOOKS
from firmware_io.emulators.smartcard import PORT

TIMES = 3
DEVICES = ("fingerprint", "idreader", "printer", "line", "smartcard")


def started(name: str, *arguments: str) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-m", f"firmware_io.emulators.{name}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert json.loads(child.stdout.readline())["device"] == name
    return child


def arguments_of(name: str, tmp_path: Path) -> tuple[str, ...]:
    match name:
        case "line":
            return ("--to", "127.0.0.1:9")
        case "smartcard":
            return ("--port", str(PORT + 7))
        case _:
            return ("--link", str(tmp_path / name))


@pytest.mark.parametrize("name", DEVICES)
def test_it_ends_with_status_0_in_the_middle_of_its_answers(name: str, tmp_path: Path) -> None:
    for _ in range(TIMES):
        child = started(name, *arguments_of(name, tmp_path))
        assert child.stdin is not None
        child.stdin.write(b'{"status": true}\n' * 20)
        child.stdin.flush()
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=20)
        assert (child.returncode, errors) == (0, b"")


def test_the_camera_ends_with_status_0_and_takes_its_pipe_along(tmp_path: Path) -> None:
    import io
    import zipfile

    from PIL import Image

    for look in LOOKS:
        with zipfile.ZipFile(tmp_path / f"{look}.zip", "w") as clip:
            held = io.BytesIO()
            Image.new("RGB", (16, 16)).save(held, "JPEG")
            clip.writestr("0000.jpg", held.getvalue())
    pipe = tmp_path / "video"
    for _ in range(TIMES):
        child = started("camera", "--link", str(pipe), "--clips", str(tmp_path))
        assert child.stdin is not None
        child.stdin.write(b'{"status": true}\nnonsense\n' * 10)
        child.stdin.flush()
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=20)
        assert (child.returncode, errors) == (0, b"")
        assert not pipe.exists()


def test_a_request_that_is_no_json_is_told_and_the_next_one_is_answered(tmp_path: Path) -> None:
    child = started("printer", "--link", str(tmp_path / "printer"))
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b'oops\n{"paper": "out"}\n')
    child.stdin.flush()
    answers = [json.loads(child.stdout.readline()) for _ in range(2)]
    assert [answer["ok"] for answer in answers] == [False, True]
    assert answers[1]["paper"] == "out"
    child.terminate()
    said, _ = child.communicate(timeout=20)
    assert (child.returncode, said) == (0, b"")

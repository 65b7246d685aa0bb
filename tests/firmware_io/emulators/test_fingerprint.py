# SPDX-License-Identifier: Apache-2.0
"""Strangers' clients on the emulator's real port: they know nothing of this project."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import adafruit_fingerprint
import pytest
import serial
from pyfingerprint.pyfingerprint import PyFingerprint

from firmware_io.emulators.fingerprint import FingerprintEmulator


@pytest.fixture(params=["as608", "optical", "r503"])
def module(request: pytest.FixtureRequest) -> Iterator[FingerprintEmulator]:
    # Both libraries stumble for good over the greeting byte of a module that has just started.
    with FingerprintEmulator(request.param, greets=False, factor=0.0, seed=1) as module:
        yield module


def test_pyfingerprint_enrols_finds_and_fetches(
    module: FingerprintEmulator, tmp_path: Path
) -> None:
    client = PyFingerprint(module.path, 57600)
    try:
        assert client.verifyPassword()
        assert client.getTemplateCount() == 0
        assert not client.readImage()
        for buffer in (1, 2):
            module.control({"place": "right-thumb"})
            assert client.readImage()
            client.convertImage(buffer)
            module.control({"lift": True})
        assert client.compareCharacteristics() >= 60
        assert client.createTemplate()
        assert client.storeTemplate() == 0
        module.control({"place": "right-thumb"})
        assert client.readImage()
        client.convertImage(1)
        page, score = client.searchTemplate()
        assert (page, score >= 60) == (0, True)
        assert len(client.downloadCharacteristics(1)) == 512
        assert client.getTemplateIndex(0)[0] is True
        if module.module.profile.name != "r503":  # the library knows only 256 x 288
            picture = tmp_path / "print.bmp"
            client.downloadImage(str(picture))
            assert picture.stat().st_size > 256 * 288
        assert client.clearDatabase()
        assert client.searchTemplate() == (-1, -1)
    finally:
        client.__del__()


def test_adafruit_fingerprint_enrols_finds_and_fetches(module: FingerprintEmulator) -> None:
    with serial.Serial(module.path, 57600, timeout=5) as port:
        client = adafruit_fingerprint.Adafruit_Fingerprint(port)
        assert client.get_image() == adafruit_fingerprint.NOFINGER
        for buffer in (1, 2):
            module.control({"place": "left-index", "quality": "fair"})
            assert client.get_image() == adafruit_fingerprint.OK
            assert client.image_2_tz(buffer) == adafruit_fingerprint.OK
            module.control({"lift": True})
        assert client.create_model() == adafruit_fingerprint.OK
        assert client.store_model(3) == adafruit_fingerprint.OK
        assert client.read_templates() == adafruit_fingerprint.OK
        assert client.templates == [3]
        assert client.finger_search() == adafruit_fingerprint.OK
        assert client.finger_id == 3
        profile = module.module.profile
        assert len(client.get_fpdata("char", 1)) == profile.template_bytes
        assert len(client.get_fpdata("image")) == profile.image_bytes
        module.control({"place": "left-index", "quality": "poor"})
        assert client.get_image() == adafruit_fingerprint.OK
        assert client.image_2_tz(1) == adafruit_fingerprint.IMAGEMESS
        assert client.empty_library() == adafruit_fingerprint.OK
        assert client.count_templates() == adafruit_fingerprint.OK
        assert client.template_count == 0


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
    for word in ("place", "lift", "script", "power", "unplug", "replug", "fault", "dead_after"):
        assert f'"{word}"' in text

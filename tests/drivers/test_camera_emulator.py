# SPDX-License-Identifier: Apache-2.0
"""The emulated camera as a command, and what a stranger's reader gets out of its pipe."""

import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
import zipfile

import pytest

from firmware_io.emulators.camera import LOOKS, CameraEmulator

# Not decodable and not meant to be: the emulator carries bytes. Start and end as a JPEG has them.
MARK = {look: b"\xff\xd8\xff" + look.encode() for look in LOOKS}


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for look in LOOKS:
        with zipfile.ZipFile(folder / f"{look}.zip", "w") as archive:
            for number in range(5):
                archive.writestr(
                    f"{number}.jpg", MARK[look] + bytes([number]) * 50_000 + b"\xff\xd9"
                )
    return folder


@pytest.fixture
def command(clips, tmp_path):
    path = tmp_path / "video"
    process = subprocess.Popen(
        [sys.executable, "-m", "firmware_io.emulators.camera", "--link", path, "--clips", clips],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    yield process, path
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def ask(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def read_until(fd, wanted, deadline_s=60.0):
    """Everything read up to and with `wanted`."""
    data, end = b"", time.monotonic() + deadline_s
    while wanted not in data:
        assert time.monotonic() < end, "did not come in time"
        if select.select([fd], [], [], 0.5)[0]:
            data += os.read(fd, 1 << 20)
    return data


def test_the_command_says_where_it_is_answers_and_ends_on_sigterm(command):
    process, path = command
    assert json.loads(process.stdout.readline()) == {"device": "camera", "path": str(path)}
    assert stat.S_ISFIFO(os.stat(path).st_mode)
    assert ask(process, '{"look": "away"}') == {"ok": True, "look": "away"}
    assert ask(process, '{"status": true}')["look"] == "away"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert not path.exists()


@pytest.mark.parametrize(
    "line",
    [
        '{"look": "bored"}',
        "[1]",
        "no json",
        '{"dance": 1}',
        '{"fault": {"melt": 1}}',
        '{"a":1,"b":2}',
    ],
)
def test_what_it_does_not_know_it_says(command, line):
    process, _path = command
    process.stdout.readline()
    answer = ask(process, line)
    assert answer["ok"] is False
    assert answer["reason"]


def test_it_runs_alone_when_its_stdin_ends(command):
    process, path = command
    process.stdout.readline()
    process.stdin.close()
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    read_until(fd, MARK["good"])
    os.close(fd)
    assert process.poll() is None


def test_a_plain_reader_gets_whole_pictures(clips, tmp_path):
    with CameraEmulator(tmp_path / "video", clips) as emulator:
        fd = os.open(emulator.path, os.O_RDONLY | os.O_NONBLOCK)
        data = b""
        for _ in range(4):
            data += read_until(fd, b"\xff\xd9")
        os.close(fd)
    whole = data[: data.rfind(b"\xff\xd9")].split(b"\xff\xd9")
    assert len(whole) >= 3
    assert {len(picture) for picture in whole} == {50_000 + len(MARK["good"])}


def test_pictures_nobody_took_are_dropped_and_not_kept(clips, tmp_path):
    with CameraEmulator(tmp_path / "video", clips) as emulator:
        fd = os.open(emulator.path, os.O_RDONLY | os.O_NONBLOCK)
        end = time.monotonic() + 60
        while emulator.control({"status": True})["dropped"] < 20:
            assert time.monotonic() < end
            time.sleep(0.01)
        emulator.control({"look": "far"})
        stale = read_until(fd, MARK["far"]).count(MARK["good"])
        os.close(fd)
    assert stale <= 1


def test_unplugging_takes_the_path_away_and_ends_the_stream(clips, tmp_path):
    with CameraEmulator(tmp_path / "video", clips) as emulator:
        fd = os.open(emulator.path, os.O_RDONLY | os.O_NONBLOCK)
        read_until(fd, MARK["good"])
        assert emulator.control({"unplug": True}) == {"ok": True}
        assert not os.path.exists(emulator.path)
        while select.select([fd], [], [], 60.0)[0] and os.read(fd, 1 << 20):
            pass
        assert os.read(fd, 1) == b""
        os.close(fd)
        assert emulator.control({"replug": True}) == {"ok": True}
        fd = os.open(emulator.path, os.O_RDONLY | os.O_NONBLOCK)
        read_until(fd, MARK["good"])
        os.close(fd)


def test_a_power_cycle_brings_a_new_device_without_its_faults(clips, tmp_path):
    with CameraEmulator(tmp_path / "video", clips) as emulator:
        old = os.open(emulator.path, os.O_RDONLY | os.O_NONBLOCK)
        read_until(old, MARK["good"])
        emulator.control({"fault": {"stop": True}})
        assert emulator.control({"power": "cycle"}) == {"ok": True}
        end = time.monotonic() + 60
        while not emulator.control({"status": True})["plugged"]:
            assert time.monotonic() < end
            time.sleep(0.01)
        while os.read(old, 1 << 20):
            pass  # what was under way, then the end
        os.close(old)
        fd = os.open(emulator.path, os.O_RDONLY | os.O_NONBLOCK)
        read_until(fd, MARK["good"])
        os.close(fd)
        emulator.control({"power": "off"})
        assert not os.path.exists(emulator.path)


def test_a_missing_clip_is_named_with_what_to_do(tmp_path, capsys):
    from firmware_io.emulators.camera import main

    assert main(["--link", str(tmp_path / "video"), "--clips", str(tmp_path)]) == 1
    assert "camera_clips build" in capsys.readouterr().err
    assert not (tmp_path / "video").exists()

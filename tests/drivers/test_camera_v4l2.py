# SPDX-License-Identifier: Apache-2.0
"""The driver on real V4L2 devices of the kernel's own test driver (vivid), in a kernel of our own.

scripts/prove-kernel boots that kernel and runs this file there. What each fault took to be told is
printed and not judged: an emulated processor is slow.
"""

import fcntl
import itertools
import os
import signal
import struct
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest

from drivers.camera import Camera
from drivers.health import State
from firmware_io.links.video_device import DeviceSource

pytestmark = pytest.mark.skipif(
    os.environ.get("PROVE_KERNEL") != "guest",
    reason="loads kernel modules; run scripts/prove-kernel",
)

DEADLINE_S = 300.0
QUERYCTRL, S_CTRL, NEXT = 0xC0445624, 0xC008561C, 0x80000000  # <linux/videodev2.h>
BOUND = Path("/sys/bus/platform/drivers/vivid")


def until(what, deadline=DEADLINE_S):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.005)
    raise AssertionError("did not happen in time")


def run(*command):
    subprocess.run(command, check=True)


@contextmanager
def vivid(devices=1, nodes="0x1"):
    """Webcams of vivid: capture nodes only, one input of the webcam kind each."""
    types = ",".join([nodes] * devices)
    inputs = [f"num_inputs={','.join(['1'] * devices)}", f"input_types={','.join(['0'] * devices)}"]
    run("modprobe", "vivid", f"n_devs={devices}", f"node_types={types}", *inputs)
    until(lambda: os.path.exists("/dev/video0"))
    try:
        yield "/dev/video0"
    finally:
        until(lambda: subprocess.run(["rmmod", "vivid"], stderr=subprocess.DEVNULL).returncode == 0)


def control(name, value, path="/dev/video0"):
    """Sets one of vivid's controls by its name."""
    with open(path, "rb+", buffering=0) as device:
        number, known = 0, {}
        while True:
            said = bytearray(struct.pack("<I", number | NEXT) + bytes(64))
            try:
                fcntl.ioctl(device, QUERYCTRL, said)
            except OSError:
                break
            number = struct.unpack_from("<I", said)[0]
            known[said[8:40].split(b"\0")[0].decode()] = number
        assert name in known, sorted(known)
        fcntl.ioctl(device, S_CTRL, struct.pack("<Ii", known[name], value))


@pytest.fixture
def open_camera():
    cameras = []

    def start(source="/dev/video0", **options):
        wanted = {"width": 640, "height": 480, "fps": 25.0, **options}
        cameras.append(Camera(source, **wanted))
        cameras[-1].start()
        return cameras[-1]

    yield start
    for camera in cameras:
        camera.close()


@pytest.fixture
def device():
    with vivid() as path:
        yield path


def ready(camera):
    until(lambda: camera.health().state is State.READY)
    return camera


def told(capsys, camera, reason, begun):
    until(lambda: camera.health().reason == reason)
    took = time.monotonic() - begun
    assert camera.health().remedy == f"{reason}.remedy"
    with capsys.disabled():
        print(f" [{reason} told after {took:.2f} s]", end="", flush=True)  # noqa: T201


def test_settings_are_set_once_and_what_came_of_them_is_said(device, open_camera):
    camera = ready(open_camera(width=1280, height=720, fps=30.0))
    detail = camera.health().detail
    assert detail.startswith("1280x720 ")  # vivid's webcam gives 720p up to 12.5 times a second
    assert detail.endswith(", 12 a second")
    assert "MJPG" not in detail  # it has none, and what it gives instead is named
    assert until(camera.latest).image.shape == (720, 1280, 3)


def test_a_picture_s_time_is_the_kernel_s_and_never_in_the_future(device):
    control("Timestamp Source", 1)  # start of exposure
    source = DeviceSource(device, 640, 480, 25.0)
    taken = [source.read()[1] for _ in range(10)]
    assert taken[-1] == source._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
    assert all(one < other for one, other in itertools.pairwise(taken))
    assert 0 < time.monotonic() - taken[-1] < 1.0
    control("Timestamp Source", 0)  # end of frame: vivid reckons it ahead
    for _ in range(10):
        _image, stamp = source.read()
        assert stamp <= time.monotonic()


def test_a_second_user_finds_it_busy_and_gets_it_when_it_is_free(device, open_camera, capsys):
    other = cv2.VideoCapture(device, cv2.CAP_V4L2)
    assert other.read()[0]
    begun = time.monotonic()
    camera = open_camera()
    told(capsys, camera, "camera.busy", begun)
    assert camera.latest() is None
    other.release()
    ready(camera)


def test_one_that_is_gone_while_its_node_stays_is_told(device, open_camera, capsys):
    camera = ready(open_camera())
    begun = time.monotonic()
    control("Disconnect", 1)
    until(lambda: camera.health().state is State.ILL)
    # On a slow processor a second may pass before the child has asked why.
    told(capsys, camera, camera.health().reason, begun)
    assert camera.health().reason in ("camera.absent", "camera.silent")
    assert os.path.exists(device)
    ready(camera)  # vivid is there again once nobody holds it


def test_unplugged_is_absent_and_plugged_in_again_it_works(device, open_camera, capsys):
    camera = ready(open_camera())
    last = until(camera.latest).seq
    begun = time.monotonic()
    (BOUND / "unbind").write_text("vivid.0")
    told(capsys, camera, "camera.absent", begun)
    assert not os.path.exists(device)
    (BOUND / "bind").write_text("vivid.0")
    ready(camera)
    assert until(camera.latest).seq > last


def test_one_that_sends_nothing_is_silent_until_it_sends_again(device, open_camera, capsys):
    camera = ready(open_camera())
    begun = time.monotonic()
    control("Percentage of Dropped Buffers", 100)
    told(capsys, camera, "camera.silent", begun)
    until(lambda: camera.latest() is None)
    control("Percentage of Dropped Buffers", 0)
    ready(camera)


def test_one_that_sends_one_picture_again_and_again_is_frozen(device, open_camera, capsys):
    camera = ready(open_camera())
    begun = time.monotonic()
    control("OSD Text Mode", 2)  # no more counters in the picture: all are alike
    told(capsys, camera, "camera.frozen", begun)
    control("OSD Text Mode", 0)
    ready(camera)


def test_one_that_cannot_start_its_stream_is_told(device, open_camera, capsys):
    control("Inject VIDIOC_STREAMON Error", 1)
    begun = time.monotonic()
    camera = open_camera()
    told(capsys, camera, "camera.silent", begun)
    ready(camera)  # vivid refuses once


def test_a_hung_child_is_replaced_on_a_real_device(device, open_camera, capsys):
    camera = ready(open_camera())
    hung = camera._host.process.pid
    begun = time.monotonic()
    os.kill(hung, signal.SIGSTOP)
    told(capsys, camera, "camera.silent", begun)
    ready(camera)
    assert camera._host.process.pid != hung


def test_fifteen_a_second_and_four_to_three_work(device, open_camera):
    camera = ready(open_camera(fps=15.0, least=(358, 441)))
    assert camera.health().detail.startswith("640x480 ")
    assert camera.health().detail.endswith(", 15 a second")


def test_a_size_that_comes_too_slowly_gives_way_to_a_smaller_one(device, open_camera):
    camera = ready(open_camera(width=1920, height=1080, fps=30.0))  # vivid: 5 a second at most
    assert camera.health().detail.startswith("640x480 ")
    assert camera.health().detail.endswith(", 25 a second")


def test_one_that_is_slow_in_every_size_is_told(device, open_camera, capsys):
    begun = time.monotonic()
    told(capsys, open_camera(fps=5.0), "camera.slow", begun)


def test_one_too_small_for_a_portrait_is_told(device, open_camera, capsys):
    begun = time.monotonic()
    camera = open_camera(width=320, height=180, least=(358, 441))
    told(capsys, camera, "camera.small", begun)


def test_a_camera_on_its_side_stands_upright(device, open_camera):
    camera = ready(open_camera(turn=90, least=(358, 441)))
    assert until(camera.latest).image.shape == (640, 480, 3)
    assert camera.health().detail.startswith("480x640 ")


def test_of_two_cameras_one_must_be_named_and_is_found_by_a_link(open_camera, capsys, tmp_path):
    with vivid(devices=2):
        begun = time.monotonic()
        unnamed = open_camera("auto")
        told(capsys, unnamed, "camera.ambiguous", begun)
        unnamed.close()
        link = tmp_path / "platform-vivid.1-video-index0"
        link.symlink_to("/dev/video1")
        named = ready(open_camera(str(link)))
        named.close()


def test_the_only_camera_is_found_without_a_name(open_camera):
    with vivid(nodes="0x101"):  # a node to send pictures to lies beside it
        camera = ready(open_camera("auto"))
        camera.close()


def test_a_node_that_gives_no_pictures_is_no_camera(open_camera, capsys):
    with vivid(nodes="0x101"):
        begun = time.monotonic()
        camera = open_camera("/dev/video1")
        told(capsys, camera, "camera.format", begun)
        camera.close()

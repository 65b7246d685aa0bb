# SPDX-License-Identifier: Apache-2.0
"""The driver on a USB camera in MJPG: the kernel's uvcvideo with our emulated camera on the cable.

scripts/prove-kernel boots a kernel that has both and runs this file there.
"""

import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera import Camera
from drivers.health import State
from firmware_io.emulators.camera_usb import UsbCamera

pytestmark = pytest.mark.skipif(
    os.environ.get("PROVE_KERNEL") != "guest", reason="needs uvcvideo; run scripts/prove-kernel"
)

DEADLINE_S = 300.0


def until(what, deadline=DEADLINE_S):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.005)
    raise AssertionError("did not happen in time")


def pictures(width=640, height=480, count=8):
    for number in range(count):
        image = np.full((height, width, 3), 40, np.uint8)
        image[80:240, 50 * number : 50 * number + 160] = 215
        yield cv2.imencode(".jpg", image)[1].tobytes()


@pytest.fixture
def usb():
    camera = UsbCamera(list(pictures()))
    camera.plug()
    until(lambda: os.path.exists("/dev/video0"))
    yield camera
    camera.close()
    until(lambda: not os.path.exists("/dev/video0"))


@pytest.fixture
def open_camera():
    cameras = []

    def start(source="/dev/video0", **options):
        cameras.append(Camera(source, width=640, height=480, **options))
        cameras[-1].start()
        return cameras[-1]

    yield start
    for camera in cameras:
        camera.close()


def ready(camera):
    until(lambda: camera.health().state is State.READY)
    return camera


def told(capsys, camera, reason):
    begun = time.monotonic()
    until(lambda: camera.health().reason == reason)
    with capsys.disabled():
        took = time.monotonic() - begun
        print(f" [{reason} told after {took:.2f} s]", end="", flush=True)  # noqa: T201


def test_a_usb_camera_gives_mjpg_at_thirty_a_second(usb, open_camera, capsys):
    camera = ready(open_camera(least=(358, 441)))
    assert camera.health().detail == "640x480 MJPG, 30 a second"
    ages = []
    for _ in range(30):
        last = until(camera.latest).seq
        frame = until(lambda last=last: (f := camera.latest()) and f.seq > last and f)
        ages.append(time.monotonic() - frame.stamp)
        assert frame.image.shape == (480, 640, 3)
        assert (frame.image[160] > 128).all(axis=1).sum() == pytest.approx(160, abs=4)
    with capsys.disabled():
        print(f" [age {sorted(ages)[15] * 1000:.0f} ms]", end="", flush=True)  # noqa: T201


def test_fifteen_a_second_is_asked_for_and_given(usb, open_camera):
    camera = ready(open_camera(fps=15.0))
    assert camera.health().detail == "640x480 MJPG, 15 a second"


def test_pictures_cut_on_the_wire_are_never_shown_and_told(usb, open_camera, capsys):
    camera = ready(open_camera())
    last = until(camera.latest).seq
    usb.torn = True
    told(capsys, camera, "camera.torn")
    usb.torn = False
    ready(camera)
    assert until(camera.latest).seq > last
    assert until(camera.latest).image[460].max() < 60  # no grey where the rest was missing


def test_a_silent_and_a_frozen_one_are_told_and_come_back(usb, open_camera, capsys):
    camera = ready(open_camera())
    usb.silent = True
    told(capsys, camera, "camera.silent")
    usb.silent = False
    ready(camera)
    usb.frozen = True
    told(capsys, camera, "camera.frozen")
    usb.frozen = False
    ready(camera)


def test_its_cable_pulled_and_put_back(usb, open_camera, capsys):
    camera = ready(open_camera())
    usb.unplug()
    told(capsys, camera, "camera.absent")
    usb.plug()
    ready(camera)


def test_its_node_for_metadata_is_no_camera(usb, open_camera, capsys):
    assert Path("/dev/video1").exists()  # uvcvideo makes one beside the pictures
    told(capsys, open_camera("/dev/video1"), "camera.format")
    ready(open_camera("auto"))

# SPDX-License-Identifier: Apache-2.0
"""The camera through its own process and ring, beside bare OpenCV on the same source."""

import os
import time
from pathlib import Path

import cv2
import numpy as np

from bench.row import Course, Row, Subject, Target, row
from drivers.camera import Camera
from drivers.health import State
from kiosk.stack.process import Process, StackError

RUNS = 3
WATCHED_S = 4.0
LOOKS = 200
START_S = 15.0
END_OF_JPEG = b"\xff\xd9"  # cannot occur inside the coded picture (ITU-T T.81, B.1.1.2)


def measure(course: Course) -> list[Row]:
    """One emulated camera, read by our driver and then bare, in turn."""
    runs = course.times(RUNS)
    rate: list[float] = []
    bare_rate: list[float] = []
    looks: list[float] = []
    bare_ms: list[float] = []
    link = course.scratch / "video"
    command = ["firmware_io.emulators.camera", "--link", str(link)]
    source = Process("camera", command, course.scratch / "camera.log")
    try:
        source.ready()
        for number in range(runs):
            course.step(number, runs)
            course.say("our driver")
            seconds, ms = ours(str(link))
            rate.append(seconds)
            looks += ms
            course.say("bare OpenCV")
            seconds, ms = bare(link)
            bare_rate.append(seconds)
            bare_ms += ms
    finally:
        source.stop()
    course.step(runs, runs)
    return [
        row(
            "pictures at hand a second",
            "1/s",
            rate,
            bare_rate,
            "a bare loop of read and cv2.imdecode on the same source, in turn with ours",
            target=Target("ratio", 0.97, least=True),
        ),
        row(
            "to have the newest picture",
            "ms",
            looks,
            bare_ms,
            "cv2.imdecode of one picture of the same source, the wait for its bytes not counted;"
            " ours is latest() with its copy",
        ),
    ]


def ours(source: str) -> tuple[float, list[float]]:
    """Pictures a second that went through the ring, and milliseconds of each look."""
    camera = Camera(source)
    camera.start()
    try:
        end = time.monotonic() + START_S
        while camera.health().state is not State.READY or camera.latest() is None:
            if time.monotonic() > end:
                raise StackError(f"the camera did not get ready: {camera.health().reason}")
            time.sleep(0.05)
        took: list[float] = []
        first = newest = _seq(camera)
        begun = time.perf_counter()
        for _ in range(LOOKS):
            time.sleep(WATCHED_S / LOOKS)
            at = time.perf_counter()
            newest = _seq(camera)
            took.append((time.perf_counter() - at) * 1000)
        return (newest - first) / (time.perf_counter() - begun), took
    finally:
        camera.close()


def _seq(camera: Camera) -> int:
    frame = camera.latest()
    return frame.seq if frame else 0


def bare(link: Path) -> tuple[float, list[float]]:
    """Pictures a second of a plain loop, and milliseconds of each decoding."""
    took: list[float] = []
    held = b""
    pipe = os.open(link, os.O_RDONLY)
    try:
        begun = 0.0
        while not begun or time.perf_counter() - begun < WATCHED_S:
            held += os.read(pipe, 1 << 20)
            *whole, held = held.split(END_OF_JPEG)
            for one in whole:
                at = time.perf_counter()
                begun = begun or at
                coded = np.frombuffer(one + END_OF_JPEG, np.uint8)
                if cv2.imdecode(coded, cv2.IMREAD_COLOR) is None:
                    raise StackError("OpenCV does not take the source's pictures")
                took.append((time.perf_counter() - at) * 1000)
        return len(took) / (time.perf_counter() - begun), took
    finally:
        os.close(pipe)


SUBJECT = Subject("camera", "our driver beside bare OpenCV", measure)

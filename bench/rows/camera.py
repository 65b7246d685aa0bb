# SPDX-License-Identifier: Apache-2.0
"""The camera through its own process and ring, beside bare OpenCV on the same source."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from bench.row import Course, Row, Subject, Target, row
from drivers.camera import Camera
from drivers.health import State
from kiosk.stack.process import Process, StackError

RUNS = 3
WATCHED_S = 4.0
FPS = 30.0  # of the emulated camera
START_S = 15.0
END_OF_JPEG = b"\xff\xd9"  # cannot occur inside the coded picture (ITU-T T.81, B.1.1.2)


def measure(course: Course) -> list[Row]:
    """One emulated camera, read by our driver and then bare, in turn."""
    runs = course.times(RUNS)
    mine, plain = [Watched() for _ in range(runs)], [Watched() for _ in range(runs)]
    link = course.scratch / "video"
    command = ["firmware_io.emulators.camera", "--link", str(link)]
    source = Process("camera", command, course.scratch / "camera.log")
    try:
        source.ready()
        for number in range(runs):
            course.step(number, runs)
            course.say("our driver")
            ours(str(link), mine[number])
            course.say("bare OpenCV")
            bare(link, plain[number])
    finally:
        source.stop()
    course.step(runs, runs)
    return [
        row(
            "pictures at hand a second",
            "1/s",
            [one.rate for one in mine],
            [one.rate for one in plain],
            "a bare loop of read and cv2.imdecode on the same source, in turn with ours",
            target=Target("ratio", 0.97, least=True),
        ),
        row(
            "age of a picture at its reader, median",
            "ms",
            [age for one in mine for age in one.ages],
            [age for one in plain for age in one.ages],
            "from the bytes' arrival to the end of cv2.imdecode in a bare loop; ours is decoded in"
            " another process, checked, copied, and found by looking every 2 ms."
            f" The bound is one period, {1000 / FPS:.1f} ms",
            target=Target("ours", 1000 / FPS),
        ),
        row(
            "age of a picture at its reader, 95 of 100",
            "ms",
            [age for one in mine for age in one.ages],
            [age for one in plain for age in one.ages],
            "the same",
            target=Target("ours", 1000 / FPS),
            pick=_most,
        ),
        row(
            "pictures that the reader missed",
            "",
            [float(one.missed) for one in mine],
            [float(one.missed) for one in plain],
            "the same bare loop; both are counted by the times between pictures",
            target=Target("ours", 0.0),
            pick=max,
        ),
        row(
            "to have the newest picture",
            "ms",
            [ms for one in mine for ms in one.looks],
            [ms for one in plain for ms in one.looks],
            "cv2.imdecode of one picture of the same source, the wait for its bytes not counted;"
            " ours is latest() with its copy",
        ),
    ]


@dataclass
class Watched:
    """One stretch of watching: capture times (s), ages when at hand and times of a look (ms)."""

    stamps: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return (len(self.stamps) - 1) / (self.stamps[-1] - self.stamps[0])

    @property
    def missed(self) -> int:
        """Pictures that the source must have sent meanwhile and that were not seen."""
        sent = round((self.stamps[-1] - self.stamps[0]) * FPS)
        return max(0, sent - (len(self.stamps) - 1))


def ours(source: str, into: Watched) -> None:
    """Looks through our driver every 2 ms for `WATCHED_S` seconds."""
    camera = Camera(source)
    camera.start()
    try:
        end = time.monotonic() + START_S
        while camera.health().state is not State.READY or camera.latest() is None:
            if time.monotonic() > end:
                raise StackError(f"the camera did not get ready: {camera.health().reason}")
            time.sleep(0.05)
        last, end = 0, time.monotonic() + WATCHED_S
        while time.monotonic() < end:
            at = time.perf_counter()
            frame = camera.latest()
            took = (time.perf_counter() - at) * 1000
            if frame is not None and frame.seq > last:
                last = frame.seq
                into.stamps.append(frame.stamp)
                into.ages.append((time.monotonic() - frame.stamp) * 1000)
                into.looks.append(took)
            time.sleep(0.002)
    finally:
        camera.close()


def bare(link: Path, into: Watched) -> None:
    """Reads the source's bytes and decodes each picture, nothing else, for `WATCHED_S` seconds."""
    held = b""
    pipe = os.open(link, os.O_RDONLY)
    try:
        while not into.stamps or into.stamps[-1] - into.stamps[0] < WATCHED_S:
            held += os.read(pipe, 1 << 20)
            arrived = time.monotonic()
            *whole, held = held.split(END_OF_JPEG)
            for one in whole:
                at = time.perf_counter()
                coded = np.frombuffer(one + END_OF_JPEG, np.uint8)
                if cv2.imdecode(coded, cv2.IMREAD_COLOR) is None:
                    raise StackError("OpenCV does not take the source's pictures")
                into.stamps.append(arrived)
                into.ages.append((time.monotonic() - arrived) * 1000)
                into.looks.append((time.perf_counter() - at) * 1000)
    finally:
        os.close(pipe)


def _most(samples: Sequence[float]) -> float:
    return float(np.percentile(np.asarray(samples), 95))


SUBJECT = Subject("camera", "our driver beside bare OpenCV", measure)

# SPDX-License-Identifier: Apache-2.0
"""The photo booth's analysis of one 1280x720 frame, beside what its camera costs anyway.

One thread each (`cv2.setNumThreads(1)`). In every round both engines and bare OpenCV take the same
frame in turn: capture is a read of an emulated camera's pipe, decoding is `cv2.imdecode` of the
JPEG in it. Bare runs of the networks, without our code around them, are the limit of ours.
"""

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from bench.row import Course, Row, Subject, Target, row
from kiosk.photo import measures, models
from kiosk.photo.crop import hair_row
from kiosk.photo.engine import HaarEngine, NetEngine
from kiosk.photo.faces import Image
from kiosk.photo.models import Net
from kiosk.photo.profile import PROFILES
from kiosk.stack.process import Process, StackError

RUNS = 120
WARM = 5
FULL_MS, TRACKED_MS = 12.0, 4.0
END_OF_JPEG = b"\xff\xd9"
DECODE = "cv2.imdecode of the same frame, from an emulated camera's pipe"


def measure(course: Course) -> list[Row]:
    """Every piece in turn, many rounds. Raises StackError, models.FetchError."""
    runs = course.times(RUNS)
    located = models.fetch()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    link = course.scratch / "video"
    command = ["firmware_io.emulators.camera", "--link", str(link)]
    source = Process("camera", command, course.scratch / "camera.log")
    try:
        source.ready()
        course.say("frames of the emulated camera")
        coded, waits = grab(link, 30)
        frame = decoded(coded[-1])
        nets, haar = NetEngine(located), HaarEngine()
        pieces = works(nets, haar, frame, coded[-1]) | bare(located, frame)
        took: dict[str, list[float]] = {name: [] for name in pieces}
        for number in range(-WARM, runs):
            course.step(max(number, 0), runs)
            for name, work in pieces.items():
                at = time.perf_counter()
                work()
                if number >= 0:
                    took[name].append((time.perf_counter() - at) * 1000)
    finally:
        source.stop()
        cv2.setNumThreads(threads)
    course.step(runs, runs)
    return table(took, waits)


def works(
    nets: NetEngine, haar: HaarEngine, frame: Image, coded: bytes
) -> dict[str, Callable[[], object]]:
    """Ours: names and what is timed."""
    face = nets.look(frame, None, refine=True).face
    if face is None:
        raise StackError("the emulated sitter was not found")
    profile = PROFILES["ga461_2004"]

    def full() -> None:
        found = nets.look(frame, None, refine=True).face
        if found is not None:
            measures.measure(frame, found, measures.STILL_PX)

    def tracked() -> None:
        found = nets.look(frame, face).face
        if found is not None:
            measures.measure(frame, found, measures.PREVIEW_PX)

    def fallback() -> None:
        found = haar.look(frame, None).face
        if found is not None:
            measures.measure(frame, found, measures.PREVIEW_PX)

    return {
        "decode": lambda: decoded(coded),
        "full": full,
        "tracked": tracked,
        "sweep": lambda: nets.look(frame, face, sweep=True),
        "settle": lambda: nets.settle(frame, replace(face)),
        "eyes": lambda: nets.eye_openness(frame, face),
        "hair": lambda: hair_row(frame, face, nets, profile),
        "haar": fallback,
    }


def bare(located: models.Located, frame: Image) -> dict[str, Callable[[], object]]:
    """The networks alone on ready input, and the cascade alone on a ready small picture."""
    inputs = {Net.DETECTOR: 128, Net.LANDMARKS: 192, Net.IRIS: 64, Net.SELFIE: 256}
    found: dict[str, Callable[[], object]] = {}
    for name, size in inputs.items():
        net = cv2.dnn.readNetFromTFLite(str(located.paths[name]))
        blob = cv2.dnn.blobFromImage(frame, 1 / 255.0, (size, size), swapRB=True)
        outputs = net.getUnconnectedOutLayersNames()

        def run(net: cv2.dnn.Net = net, blob: object = blob, outputs: object = outputs) -> None:
            net.setInput(blob)  # pyright: ignore[reportArgumentType, reportCallIssue]
            net.forward(outputs)  # pyright: ignore[reportArgumentType, reportCallIssue]

        found[f"bare {name.name}"] = run
    folder = Path(cv2.__file__).parent / "data"
    cascade = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_alt2.xml"))
    small = cv2.equalizeHist(
        cv2.resize(
            cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), (320, 180), interpolation=cv2.INTER_AREA
        )
    )
    found["bare cascade"] = lambda: cascade.detectMultiScale(small, 1.15, 4, minSize=(40, 40))
    return found


def table(took: dict[str, list[float]], waits: list[float]) -> list[Row]:
    """The rows from milliseconds by piece; `waits` are the camera's own periods."""

    def sums(*names: str) -> list[float]:
        return [sum(parts) for parts in zip(*(took[name] for name in names), strict=True)]

    full = ["bare DETECTOR", "bare LANDMARKS", "bare LANDMARKS"]
    return [
        row(
            "full: search, mesh twice, measures of a still",
            "ms",
            took["full"],
            sums(*full),
            "the detector once and the mesh twice, bare networks on ready input",
            target=Target("ours", FULL_MS),
        ),
        row(
            "tracked: mesh, measures of the preview",
            "ms",
            took["tracked"],
            took["bare LANDMARKS"],
            "the mesh network bare, on ready input",
            target=Target("ours", TRACKED_MS),
        ),
        row(
            "tracked, and the whole frame swept for bystanders",
            "ms",
            took["sweep"],
            sums("bare LANDMARKS", *["bare DETECTOR"] * 3),
            "the mesh once and the detector three times, bare",
        ),
        row(
            "settled for the portrait: two squares and their mirrors",
            "ms",
            took["settle"],
            sums(*["bare LANDMARKS"] * 4),
            "the mesh network four times, bare",
        ),
        row(
            "eyes, both",
            "ms",
            took["eyes"],
            sums(*["bare IRIS"] * 2),
            "the iris network twice, bare",
        ),
        row(
            "hair, by the person mask", "ms", took["hair"], took["bare SELFIE"], "its network, bare"
        ),
        row(
            "the fallback engine: search, light",
            "ms",
            took["haar"],
            took["bare cascade"],
            "cv2.CascadeClassifier bare, on a ready picture of 320x180",
        ),
        row("full, against decoding its frame", "ms", took["full"], took["decode"], DECODE),
        row("tracked, against decoding its frame", "ms", took["tracked"], took["decode"], DECODE),
        row(
            "tracked and decoded, against the camera's period",
            "ms",
            sums("decode", "tracked"),
            waits,
            "from picture to picture of the emulated camera, read bare",
        ),
    ]


def grab(link: Path, count: int) -> tuple[list[bytes], list[float]]:
    """`count` JPEGs of the emulated camera, read bare, and the milliseconds between them."""
    held, coded, at = b"", list[bytes](), list[float]()
    pipe = os.open(link, os.O_RDONLY)
    try:
        while len(coded) < count:
            part = os.read(pipe, 1 << 20)
            if not part:
                raise StackError("the emulated camera ended")
            *whole, held = (held + part).split(END_OF_JPEG)
            coded += [one + END_OF_JPEG for one in whole]
            at += [time.perf_counter()] * len(whole)
    finally:
        os.close(pipe)
    return coded, [(b - a) * 1000 for a, b in itertools.pairwise(at)]


def decoded(coded: bytes) -> Image:
    """A frame as the camera's child decodes it. Raises StackError."""
    frame = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
    if frame is None or frame.shape != (720, 1280, 3):
        raise StackError("the emulated camera sent no 1280x720 picture")
    return np.asarray(frame, np.uint8)


SUBJECT = Subject("photo-analysis", "what looking at one frame costs, by both engines", measure)

# SPDX-License-Identifier: Apache-2.0
"""From the press to the finished portrait, beside the bare parts that no shot can do without."""

import os
import time
from collections.abc import Callable

import cv2
import numpy as np

from bench.row import Course, Row, Subject, Target, row
from drivers.camera import Camera, Frame
from kiosk.photo import crop, jpeg
from kiosk.photo.booth import PhotoBooth
from kiosk.photo.engine import Engine, open_engine
from kiosk.photo.guide_pace import threads_for
from kiosk.photo.profile import PROFILES
from kiosk.stack.process import Process, StackError
from kiosk.vault import Vault

SHOTS = 40
PARTS = 15
PAUSE_S = 0.25
READY_S = 30.0
GUIDED_S = 3.0  # of guidance before the first shot: people do not press sooner
PROFILE = PROFILES["ga461_2004"]


def measure(course: Course) -> list[Row]:
    """One sitter before the emulated camera at 30 a second; the guidance runs as it does live."""
    shots = course.times(SHOTS)
    opened = open_engine()
    if opened.reduced:
        raise StackError(f"the networks are not there: {opened.reduced}")
    link = course.scratch / "video"
    command = ["firmware_io.emulators.camera", "--link", str(link), "--look", "neutral"]
    source = Process("camera", command, course.scratch / "camera.log")
    try:
        source.ready()
        camera = Camera(str(link))
        camera.start()
        try:
            course.say("parts")
            parts = bare(_frame(camera), opened.engine)
            course.say("shots")
            took, looks = shoot(course, camera, opened.engine, shots)
        finally:
            camera.close()
    finally:
        source.stop()
    return [
        row(
            "press to portrait",
            "ms",
            took,
            parts,
            "the bare parts of one shot in a row on the same frame: the mesh twice, the eyes and"
            " the person mask once, one warp, one JPEG",
            target=Target("ours", 50),
        ),
        row(
            "guidance, looks a second while nobody presses",
            "1/s",
            looks,
            [15.0],
            "the most the booth looks, 15 a second",
        ),
    ]


def shoot(
    course: Course, camera: Camera, engine: Engine, shots: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from `shoot` to the portrait in the vault, each shot; looks a second."""
    booth, vault, took = PhotoBooth(engine, camera), Vault(), list[float]()
    booth.start()
    try:
        _until(lambda: not booth.guidance().blocks_shutter, "the guidance never let anybody shoot")
        time.sleep(GUIDED_S)
        before, since = booth.pace()[0], time.monotonic()
        time.sleep(GUIDED_S)
        looks = (booth.pace()[0] - before) / (time.monotonic() - since)
        for number in range(shots):
            course.step(number, shots)
            time.sleep(PAUSE_S + 0.01 * (number % 7))  # not in step with camera or guidance
            begun = time.perf_counter()
            take = booth.shoot()
            vault.put(f"take-{number}", take.jpeg)
            took.append((time.perf_counter() - begun) * 1000)
    finally:
        booth.close()
    course.step(shots, shots)
    return took, [looks]


def bare(frame: Frame, engine: Engine) -> list[float]:
    """Milliseconds of the parts one after the other, with the booth's number of threads."""
    cv2.setNumThreads(threads_for(os.cpu_count() or 1))
    image, found = frame.image, engine.look(frame.image, None, refine=True)
    face = found.face
    if face is None:
        raise StackError("no face before the emulated camera")
    portrait = crop.portrait(image, found, engine, PROFILE)
    affine = crop.placement(face, None, PROFILE).affine
    size = (PROFILE.width, PROFILE.height)
    parts: tuple[Callable[[], object], ...] = (
        lambda: engine.look(image, face, refine=True),
        lambda: engine.eye_openness(image, face),
        lambda: engine.person(portrait.image),
        lambda: cv2.warpAffine(image, affine, size),
        lambda: jpeg.encode(np.asarray(portrait.image, np.uint8), PROFILE),
    )
    return [sum(_ms(part) for part in parts) for _ in range(PARTS)]


def _ms(part: Callable[[], object]) -> float:
    begun = time.perf_counter()
    part()
    return (time.perf_counter() - begun) * 1000


def _frame(camera: Camera) -> Frame:
    _until(lambda: camera.latest() is not None, "the camera gave no picture")
    frame = camera.latest()
    if frame is None:
        raise StackError("the camera gave no picture")
    return frame


def _until(what: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + READY_S
    while not what():
        if time.monotonic() > end:
            raise StackError(otherwise)
        time.sleep(0.02)


SUBJECT = Subject("photo-shutter", "from the press to the portrait", measure)

# SPDX-License-Identifier: Apache-2.0
"""The live picture of the photo step: its rate and its age on the panel, beside the camera's."""

import time
from typing import Any

from bench.row import Course, Row, Subject, Target, row
from firmware_io.emulators.camera import FPS
from kiosk.stack.stack import Stack
from kiosk.visit.door import Door
from kiosk.visit.player import fresh_front

RUNS = 3
CARD = "341522199811070025"  # synthetic
SETTLE_S = 1.5
WATCHED_S = 5.0  # the time is the measurement's length, not a wait for something
PERIOD_MS = 1000 / FPS
AGED = "one period of the camera, 30 a second"


def measure(course: Course) -> list[Row]:
    """A citizen looks at the preview for some seconds; the front counts."""
    runs = course.times(RUNS)
    shown: list[float] = []
    came: list[float] = []
    ages: list[float] = []
    for number in range(runs):
        course.step(number, runs)
        with Stack(course.scratch / f"{number}", factor=0.0) as stack:
            course.say("a booth, to the photo step")
            door = to_the_photo(stack)
            course.say("watching the preview")
            time.sleep(SETTLE_S)
            before, sent = _counts(stack, door)
            time.sleep(WATCHED_S)
            after, sent_after = _counts(stack, door)
        seconds = after["at"] - before["at"]
        drawn = after["preview_age_ms"][len(before["preview_age_ms"]) :]
        shown.append(len(drawn) / seconds)
        came.append((sent_after - sent) / seconds)
        ages += drawn
    course.step(runs, runs)
    return [
        row(
            "pictures drawn a second",
            "1/s",
            shown,
            came,
            "pictures the camera sent in the same seconds",
            target=Target("ratio", 0.97, least=True),
        ),
        row(
            "age when drawn, median of all",
            "ms",
            ages,
            [PERIOD_MS],
            AGED,
            target=Target("ratio", 1),
        ),
        row(
            "age when drawn, 95 of 100",
            "ms",
            ages,
            [PERIOD_MS],
            AGED,
            target=Target("ratio", 1),
            pick=lambda some: sorted(some)[int(len(some) * 0.95)],
        ),
    ]


def to_the_photo(stack: Stack) -> Door:
    """A citizen as far as the preview. Raises DoorError, StackError."""
    door = fresh_front(stack.door)
    for button in ("start", "renew", "yes"):
        door.ask({"tap": button})
    stack.control("idreader", {"place_card": CARD})
    door.ask({"wait": {"step_name": "details"}})
    stack.control("idreader", {"remove_card": True})
    door.ask({"tap": "right"})
    door.ask({"wait": {"step_name": "photo", "button": "shoot"}})
    return door


def _counts(stack: Stack, door: Door) -> tuple[dict[str, Any], int]:
    stats = door.ask({"stats": True})
    sent = stack.control("camera", {"status": True})["sent"]
    return {**stats, "at": time.monotonic()}, sent


SUBJECT = Subject("preview", "the live picture's rate and age", measure)

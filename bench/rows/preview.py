# SPDX-License-Identifier: Apache-2.0
"""The live picture of the photo step: its rate and its age on the panel, beside the camera's."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
SENT = "pictures the camera sent in the same seconds"
PRESS_S, LIFT_S = 0.9, 0.5  # a hand that is quicker than a person's


class BusyStack(Stack):
    """A booth whose front takes fingers all the time."""

    def _command(self, name: str) -> list[str]:
        command = super()._command(name)
        return ["bench.busy_front", *command[1:]] if name == "front" else command


def measure(course: Course) -> list[Row]:
    """A citizen looks at the preview for some seconds; the front counts."""
    runs = course.times(RUNS)
    quiet, busy = _Watched(), _Watched()
    fingers: list[float] = []
    for number in range(runs):
        course.step(number, runs)
        with Stack(course.scratch / f"{number}", factor=0.0) as stack:
            course.say("watching the preview")
            quiet.watch(stack, to_the_photo(stack))
        with BusyStack(course.scratch / f"busy-{number}") as stack:
            door = to_the_photo(stack)
            course.say("watching it while fingers are taken")
            with hand(stack) as presses:
                before, begun = presses[0], time.monotonic()
                busy.watch(stack, door)
                fingers.append((presses[0] - before) / (time.monotonic() - begun))
    course.step(runs, runs)
    rate = Target("ratio", 0.97, least=True)
    age = Target("ratio", 1)
    beside = f"{SENT}; beside the analysis {min(fingers):.1f} presses of a finger a second"
    return [
        row("pictures drawn a second", "1/s", quiet.shown, quiet.came, SENT, target=rate),
        row("drawn while fingers are taken", "1/s", busy.shown, busy.came, beside, target=rate),
        row("age when drawn, median of all", "ms", quiet.ages, [PERIOD_MS], AGED, target=age),
        row(
            "age when drawn, 95 of 100",
            "ms",
            quiet.ages,
            [PERIOD_MS],
            AGED,
            target=age,
            pick=lambda some: sorted(some)[int(len(some) * 0.95)],
        ),
    ]


class _Watched:
    """What some watches have counted: pictures a second drawn and sent, ages in ms."""

    def __init__(self) -> None:
        self.shown: list[float] = []
        self.came: list[float] = []
        self.ages: list[float] = []

    def watch(self, stack: Stack, door: Door) -> None:
        """Looks for some seconds."""
        time.sleep(SETTLE_S)
        before, sent = _counts(stack, door)
        time.sleep(WATCHED_S)
        after, sent_after = _counts(stack, door)
        seconds = after["at"] - before["at"]
        drawn = after["preview_age_ms"][len(before["preview_age_ms"]) :]
        self.shown.append(len(drawn) / seconds)
        self.came.append((sent_after - sent) / seconds)
        self.ages += drawn


@contextmanager
def hand(stack: Stack) -> Iterator[list[int]]:
    """Presses and lifts a finger all the time; gives the number of presses so far, in a list."""
    presses, off = [0], threading.Event()

    def press() -> None:
        while not off.wait(LIFT_S):
            stack.control("fingerprint", {"place": "right-thumb", "quality": "good"})
            presses[0] += 1
            off.wait(PRESS_S)
            stack.control("fingerprint", {"lift": True})

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    try:
        yield presses
    finally:
        off.set()
        thread.join(timeout=5.0)


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

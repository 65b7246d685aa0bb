# SPDX-License-Identifier: Apache-2.0
"""The page of all takes with twelve of them: how soon it is on the panel."""

import os
import subprocess
import sys
import time
from typing import Any

from bench.row import Course, Row, Subject, Target, row
from bench.rows.preview import to_the_photo
from kiosk.config import load
from kiosk.stack.stack import Stack
from kiosk.visit.door import Door
from ui.theme import Look

RUNS = 3
TAKES = 12
AGAIN = 5
LIMIT_S = 60.0
CARD_MM = (26, 32)  # the portrait on the card, GA 461-2004


def measure(course: Course) -> list[Row]:
    """Twelve pictures are taken, then their page is opened again and again."""
    runs = course.times(RUNS)
    first: list[float] = []
    again: list[float] = []
    bare: list[float] = []
    for number in range(runs):
        course.step(number, runs)
        with Stack(course.scratch / f"{number}", factor=0.0) as stack:
            screen = load(stack.folder.booth_toml).screen
            course.say("a booth, to the photo step")
            door = to_the_photo(stack)
            course.say("twelve pictures")
            for _ in range(TAKES):
                shoot(door)
            course.say("opening the page")
            first.append(opened_ms(door))
            again += [opened_ms(door) for _ in range(AGAIN)]
        course.say("a bare page")
        bare += bare_page_ms(screen.width, screen.height)
    course.step(runs, runs)
    what = (
        "a bare Kivy window of the same size that decodes, cuts and shows as many pictures,"
        " as a process of its own"
    )
    target = Target("ours", 100)
    return [
        row("all takes page, 12 takes, first opening", "ms", first, bare, what, target=target),
        row("all takes page, 12 takes, opened again", "ms", again, bare, what, target=target),
    ]


def shoot(door: Door) -> None:
    """One picture more. Raises DoorError, TimeoutError."""
    before = len(door.view()["takes"])
    door.ask({"tap": "shoot"})
    until(lambda: len(door.view()["takes"]) > before)


def opened_ms(door: Door) -> float:
    """Touch to picture on the panel, by the front's own clock; then the camera again."""
    known = len(door.ask({"stats": True})["touches"])
    door.ask({"tap": "pick"})
    until(lambda: len(door.ask({"stats": True})["touches"]) > known)
    touch: dict[str, Any] = door.ask({"stats": True})["touches"][known]
    if not touch["screen"].startswith("takes"):
        raise RuntimeError(f"the touch led to {touch['screen']}")
    door.ask({"tap": "again"})
    door.ask({"wait": {"button": "pick"}})
    return touch["answered_ms"] + touch["laid_out_ms"] + touch["drawn_ms"]


def until(there: Any) -> None:
    """Waits for the machine. Raises TimeoutError."""
    end = time.monotonic() + LIMIT_S
    while not there():
        if time.monotonic() > end:
            raise TimeoutError("the front did not answer")
        time.sleep(0.01)


def bare_page_ms(width: int, height: int) -> list[float]:
    """The same number of pictures without our screens."""
    environment = dict(os.environ)
    environment.pop("DISPLAY", None)
    environment["SDL_VIDEODRIVER"] = "offscreen"
    sizes = [Look().mm(side) for side in CARD_MM]
    numbers = [str(one) for one in (width, height, TAKES, *sizes, AGAIN)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_page", *numbers],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
        timeout=LIMIT_S,
    )
    return [float(line) for line in done.stdout.split()[-AGAIN:]]


SUBJECT = Subject("takes", "the page of all takes", measure)

# SPDX-License-Identifier: Apache-2.0
"""The front's start: from a new process to its first picture, as after every visit."""

import os
import subprocess
import sys

from bench.row import Course, Row, Subject, Target, row
from kiosk.config import load
from kiosk.stack.stack import Stack
from kiosk.visit.player import fresh_front

RUNS = 7
LIMIT_S = 60.0


def measure(course: Course) -> list[Row]:
    """Ends the front again and again; between two, a bare window starts."""
    runs = course.times(RUNS)
    ours: list[float] = []
    bare: list[float] = []
    with Stack(course.scratch) as stack:
        screen = load(stack.folder.booth_toml).screen
        for number in range(runs):
            course.step(number, runs)
            course.say("the front")
            door = fresh_front(stack.door)
            ours.append(door.ask({"stats": True})["first_frame_s"])
            door.close()
            course.say("a bare window")
            bare.append(bare_window_s(screen.width, screen.height))
            stack.kill("front")
    course.step(runs, runs)
    return [
        row(
            "start to first frame",
            "s",
            ours,
            bare,
            "a bare Kivy window of the same size with one label, as a process of its own,"
            " started in turn with ours",
            target=Target("ours", 2.5),
        ),
    ]


def bare_window_s(width: int, height: int) -> float:
    """Process start to first picture of Kivy alone."""
    environment = dict(os.environ)
    environment.pop("DISPLAY", None)
    environment["SDL_VIDEODRIVER"] = "offscreen"
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_window", str(width), str(height)],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
        timeout=LIMIT_S,
    )
    return float(done.stdout.splitlines()[-1])


SUBJECT = Subject("front", "from a new process to its first picture", measure)

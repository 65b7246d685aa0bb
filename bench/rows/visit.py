# SPDX-License-Identifier: Apache-2.0
"""A whole scripted renewal: what the citizen waits for, beside what the devices take at least."""

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.devices import READER_ACTS, acts_s, fingers_s, slip_s
from bench.row import Course, Row, Subject, Target, row
from firmware_io.emulators.camera import FPS
from firmware_io.emulators.printer_roll import DOTS_PER_MM
from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack
from kiosk.visit.door import Door, DoorError
from kiosk.visit.play import visit
from kiosk.visit.player import PlayError
from kiosk.visit.script import Script, read_script

SCRIPT = Path(__file__).resolve().parents[2] / "tests" / "playbook" / "renew.toml"
RUNS = 5
PANEL_FRAME_MS = 1000 / 60
FINGER_WAITS = ("the fingers' step", "the module to be ready", "the press to be judged")
WATCH_S = 0.5


@dataclass(slots=True)
class Least:
    """What the devices cannot do faster, in seconds, with the times they drew in this very run."""

    reader_s: float
    fingers_s: float
    slip_s: float
    camera_s: float = 1 / FPS

    @property
    def all_s(self) -> float:
        return self.reader_s + self.fingers_s + self.slip_s + self.camera_s


@dataclass
class Played:
    """One visit."""

    machine_s: float
    waits: list[tuple[str, str, float]]
    least: Least
    stats: dict[str, Any]
    slip_bytes: int
    slip_mm: float

    def waited_s(self, *, steps: tuple[str, ...] = (), whats: tuple[str, ...] = ()) -> float:
        return sum(s for step, what, s in self.waits if step in steps or what in whats)


class Watch:
    """Looks at front and printer while the last screens are shown; the front ends with them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bench-watch", daemon=True)
        self.stats: dict[str, Any] = {}
        self.printer: dict[str, Any] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10.0)

    def _run(self) -> None:
        with contextlib.suppress(DoorError, StackError, OSError):
            door = Door(self._stack.door)
            while not self._stop.wait(WATCH_S):
                self.stats = door.ask({"stats": True})
                if not self.printer.get("cuts"):
                    self.printer = self._stack.control("printer", {"status": True})


def play(scratch: Path, script: Script, course: Course) -> Played:
    """One visit on a booth of its own. Raises PlayError, StackError."""
    with Stack(scratch / "state") as stack:
        watch = Watch(stack)
        before: dict[str, Any] = {}

        def say(text: str) -> None:
            course.say(text)
            number, _, verb = text.partition(" ")
            if verb == "sign":
                before.update(stack.control("printer", {"status": True}))
            if number == f"{len(script.step)}/{len(script.step)}":
                watch.start()

        result = visit(stack, script, scratch / "out", say, pictures=False)
        watch.stop()
        if result["outcome"] != "received":
            raise StackError(f"the visit ended as {result['outcome']}; see {scratch}")
        reader = stack.control("idreader", {"status": True})
        fingers = stack.control("fingerprint", {"status": True})
    slip_bytes = watch.printer["bytes_in"] - before["bytes_in"]
    rows = watch.printer["rows_printed"] - before["rows_printed"]
    least = Least(
        acts_s(reader, READER_ACTS),
        fingers_s(fingers),
        slip_s(slip_bytes, watch.printer["host_rate"], rows),
    )
    return Played(
        result["seconds"]["machine"],
        [(step, what, float(s)) for step, what, s in result["waits"]],
        least,
        watch.stats,
        slip_bytes,
        rows / DOTS_PER_MM,
    )


def measure(course: Course) -> list[Row]:
    """Whole visits, each with a fresh booth; all their waits."""
    script, runs = read_script(SCRIPT), course.times(RUNS)
    played: list[Played] = []
    stuck: list[str] = []
    for number in range(runs):
        course.step(number, runs)
        try:
            played.append(play(course.scratch / f"{number}", script, course))
        except (PlayError, StackError) as wrong:
            stuck.append(str(wrong))
    course.step(runs, runs)
    if not played:
        raise StackError(stuck[-1])
    why = "; ".join(stuck) or "every visit of this run was received"
    failed = row(
        "visits that were not received",
        "visits",
        [0.0] * len(played) + [1.0] * len(stuck),
        baseline_is=why,
        target=Target("ours", 0),
        pick=sum,
    )
    return [*_machine(played), *_touches(played), failed]


def _machine(played: list[Played]) -> list[Row]:
    photo = ("photo",)
    fingers_waited = [one.waited_s(whats=FINGER_WAITS) for one in played]
    card_waited = [one.waited_s(whats=("details",)) for one in played]
    slip_waited = [one.waited_s(whats=("end to touch",)) for one in played]
    photo_waited = [one.waited_s(steps=photo) for one in played]
    rest = [
        one.machine_s - sum(parts)
        for one, *parts in zip(
            played, fingers_waited, card_waited, slip_waited, photo_waited, strict=True
        )
    ]
    return [
        row(
            "machine time of a whole visit",
            "s",
            [one.machine_s for one in played],
            [one.least.all_s for one in played],
            "the emulated devices' own least times on that path, as drawn in the same runs: find,"
            " select and read of the card; an image and features of each press, one look at the"
            " empty glass between two, search, match, merging, template and storing; the slip's"
            " slower of wire and paper, its way to the cutter and the cut; one camera frame. Wire"
            " bytes of just these acts at the line's speed. Not counted: polling, images of a"
            " finger that has not left, emptying the module, the counter",
            target=Target("ratio", 1.25),
        ),
        row(
            "wait from card placed to its details",
            "s",
            card_waited,
            [one.least.reader_s for one in played],
            "find, select and read with their bytes; ours also asks the counter's rules",
        ),
        row(
            "waits for fingers, two presses of two",
            "s",
            fingers_waited,
            [one.least.fingers_s for one in played],
            "the module's own time and bytes; one look for a finger's leaving between two",
        ),
        row(
            "wait from signed to slip",
            "s",
            slip_waited,
            [one.least.slip_s for one in played],
            "the slower of wire and paper, the way to the cutter and the cut; ours also hands over,"
            " uploads and draws",
        ),
        row(
            "waits in the photo step",
            "s",
            photo_waited,
            [one.least.camera_s for one in played],
            "one frame of the camera; ours also finds and judges the face",
        ),
        row("all other waits: screens, counter, payment", "s", rest),
    ]


def _touches(played: list[Played]) -> list[Row]:
    touches = [ms for one in played for ms in one.stats["touch_to_drawn_ms"]]
    frame, frame_is = [PANEL_FRAME_MS], "one frame of a panel with 60 a second"
    return [
        row(
            "touch to next screen drawn, median of all",
            "ms",
            touches,
            frame,
            frame_is,
            target=Target("ours", 50),
        ),
        row(
            "touch to next screen drawn, worst of all",
            "ms",
            touches,
            frame,
            frame_is,
            target=Target("ours", 150),
            pick=max,
        ),
    ]


SUBJECT = Subject("visit", "machine time of a whole renewal, and its touches", measure)

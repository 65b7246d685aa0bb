# SPDX-License-Identifier: Apache-2.0
"""How soon a booth knows that a device is ill, and what watching costs it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.row import Course, Row, Subject, Target, row
from bench.thread_time import process_time, thread_times, threads_here
from kiosk.booth_watch import BoothWatch
from kiosk.config import load
from kiosk.devices import Devices, open_devices
from kiosk.events import Event, HealthChanged
from kiosk.front import shanghai_now
from kiosk.health_watch import LOOK_S, HealthWatch
from kiosk.post.mailbox import KeptMailbox
from kiosk.post_watch import PostWatch
from kiosk.stack.files import BOOTH_ID, STORES, Folder, booth_settings, write_toml
from kiosk.stack.process import Process, StackError
from kiosk.stack.stack import EMULATED
from kiosk.watch import SeatWatch

RUNS = 3
WATCHED_S, WINDOWS = 30.0, 6
SETTLE_S = 5.0  # what the start left to do is no watching
WELL_S = 60.0
KNOWN_S = 10.0
MODULES = {**{name: name for name in EMULATED}, "bins": "lockboard", "dispenser": "dispenser"}
LINE = "127.0.0.1:9"  # nobody is there: the line is down all the time, which costs no less


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a device, what undoes it, and what its driver needs then to be well."""

    name: str
    device: str
    ill: dict[str, Any]
    well: dict[str, Any]


CHANGES = (
    Change("paper out", "printer", {"paper": "out"}, {"paper": "ok"}),
    Change("cover open", "printer", {"cover": "open"}, {"cover": "closed"}),
    Change("unplugged", "printer", {"unplug": True}, {"replug": True}),
    Change("power off", "printer", {"power": "off"}, {"power": "on"}),
    Change("unplugged", "idreader", {"unplug": True}, {"replug": True}),
    Change("power off", "idreader", {"power": "off"}, {"power": "on"}),
    Change("unplugged", "fingerprint", {"unplug": True}, {"replug": True}),
    Change("power off", "fingerprint", {"power": "off"}, {"power": "on"}),
    Change("unplugged", "camera", {"unplug": True}, {"replug": True}),
    Change("silent", "camera", {"fault": {"stop": True}}, {"fault": {}}),
    Change("one picture repeated", "camera", {"fault": {"freeze": True}}, {"fault": {}}),
    Change("unplugged", "bins", {"unplug": True}, {"replug": True}),
    Change("power off", "bins", {"power": "off"}, {"power": "on"}),
    Change("door left open", "bins", {"open_door": 3}, {"close_door": 3}),
    Change("unplugged", "dispenser", {"unplug": True}, {"replug": True}),
    Change("power off", "dispenser", {"power": "off"}, {"power": "on"}),
)


GROUPS = {
    "health": "the watch itself, which asks card reader and fingerprint module",
    "camera": "the camera's",
    "printer-watch": "the printer's",
    "bins-beat": "the bins'",
    "dispenser-beat": "the dispenser's",
    "post-watch": "the uplink's",
    "panel": "the panel's",
}
"""The threads that watch, by name, and whose each is; "" is all there are but the bench's own."""


class Watched:
    """A booth's devices and post under the front's own watch, without a screen."""

    def __init__(self, devices: Devices, socket: Path) -> None:
        self.devices = devices
        self._turn = threading.Condition()
        self._now: HealthChanged | None = None
        self._known_at = 0.0
        post = PostWatch(KeptMailbox(socket), "bench")
        health = HealthWatch(devices, post, shanghai_now)
        seat = SeatWatch(15.0)
        self._watch = BoothWatch(devices, health, post, seat, self._hear, lambda: True)

    def start(self) -> None:
        self._watch.start()

    def stop(self) -> None:
        self._watch.close()

    def _hear(self, event: Event) -> None:
        if isinstance(event, HealthChanged):
            with self._turn:
                self._now, self._known_at = event, time.monotonic()
                self._turn.notify_all()

    def until(self, device: str, fit: Callable[[str], bool], seconds: float) -> float:
        """Waits until the watch says so of the device; when it knew, monotonic seconds."""
        end = time.monotonic() + seconds
        with self._turn:
            while (left := end - time.monotonic()) > 0:
                words = {one.device: one.state for one in self._now.devices} if self._now else {}
                if device in words and fit(words[device]):
                    return self._known_at
                self._turn.wait(left)
        raise StackError(f"{device} did not change in {seconds:g} s")


@contextmanager
def booth(course: Course) -> Iterator[tuple[Watched, dict[str, Process], Process]]:
    """Emulated devices, the real uplink and the watch."""
    folder = Folder(course.scratch / "booth")
    write_toml(folder.booth_toml, booth_settings(folder, LINE, window=False, over={}, fits=STORES))
    keys = [sys.executable, "-m", "idcard.devca", str(folder.keys), "--booth", BOOTH_ID]
    subprocess.run(keys, check=True, stdout=subprocess.DEVNULL)
    with ExitStack() as open_things:

        def process(name: str, *arguments: str) -> Process:
            one = Process(name, arguments, folder.logs / f"{name}.log")
            open_things.callback(one.stop)
            one.ready(60.0)
            return one

        emulators = {
            name: process(name, f"firmware_io.emulators.{module}", "--link", folder.device(name))
            for name, module in MODULES.items()
        }
        emulators["dispenser"].control({"stock": [f"card-{n}" for n in range(40)]})
        uplink = process("uplink", "kiosk.post.uplink", "--config", str(folder.booth_toml))
        settings = load(folder.booth_toml)
        devices = open_devices(settings)
        open_things.callback(devices.close)
        for thread in devices.start():
            thread.join(20.0)
        watched = Watched(devices, settings.post.socket)
        open_things.callback(watched.stop)
        watched.start()
        for name in MODULES:
            watched.until(name, lambda state: state == "ready", WELL_S)
        yield watched, emulators, uplink


def measure(course: Course) -> list[Row]:
    """Each change several times, then quiet seconds whose processor time is counted."""
    runs = course.times(RUNS)
    known: dict[str, list[float]] = {}
    measuring = threads_here()
    with booth(course) as (watched, emulators, uplink):
        course.say("watching a well booth")
        time.sleep(SETTLE_S)
        own, post = cpu_s(uplink, measuring)
        for number in range(runs):
            course.step(number, runs)
            for change in CHANGES:
                # Not in step with the watch: a change may come at any moment of its round.
                time.sleep(0.1 + 0.37 * number % LOOK_S)
                name = f"{change.device}, {change.name}"
                course.say(name)
                known.setdefault(name, []).append(one_change(watched, emulators, change))
        course.step(runs, runs)
    rows = [
        row(
            f"{name}: known after",
            "s",
            samples,
            baseline_is="from the change at the emulator to the front's word, the longest of all",
            target=Target("ours", 1.0),
            pick=max,
        )
        for name, samples in known.items()
    ]
    return [*rows, *cost_rows(own, post)]


def cost_rows(own: dict[str, list[float]], post: list[float]) -> list[Row]:
    """Percent of a core: the whole process beside the bound, then who in it spends it."""
    load = os.getloadavg()[0]
    return [
        row(
            "watching all devices: of a core",
            "%",
            own[""],
            [1.0],
            "the bound; ours is processor time of all threads of the front's watch with every"
            " device at rest; the camera's pictures are its child's, the bench's display is left"
            f" out; {WATCHED_S / WINDOWS:g} s a window, load of the machine afterwards {load:.1f}",
            target=Target("ours", 1.0),
        ),
        *(
            row(f"watching, of it {name}: of a core", "%", own[name], baseline_is=whose)
            for name, whose in GROUPS.items()
        ),
        row("answering the watch: of a core, uplink", "%", post, baseline_is="the uplink's"),
    ]


def one_change(watched: Watched, emulators: dict[str, Process], change: Change) -> float:
    """Seconds until the booth knows; the device is well again when this returns."""
    emulator = emulators[change.device]
    begun = time.monotonic()
    emulator.control(change.ill)
    try:
        return watched.until(change.device, lambda state: state == "ill", KNOWN_S) - begun
    finally:
        emulator.control(change.well)
        watched.until(change.device, lambda state: state == "ready", WELL_S)


def cpu_s(uplink: Process, measuring: frozenset[int]) -> tuple[dict[str, list[float]], list[float]]:
    """Percent of a core in each window: all threads but `measuring`, each group, the uplink."""
    own: dict[str, list[float]] = {name: [] for name in ("", *GROUPS)}
    post: list[float] = []
    for _ in range(WINDOWS):
        before, theirs, begun = thread_times(measuring), process_time(uplink.pid), time.monotonic()
        time.sleep(WATCHED_S / WINDOWS)
        now, passed = thread_times(measuring), time.monotonic() - begun
        spent = {name: now[name] - before.get(name, 0.0) for name in now}
        for name in GROUPS:
            own[name].append(100 * spent.get(name, 0.0) / passed)
        own[""].append(100 * sum(spent.values()) / passed)
        post.append(100 * (process_time(uplink.pid) - theirs) / passed)
    return own, post


SUBJECT = Subject("health", "how soon a fault is known, and what watching costs", measure)

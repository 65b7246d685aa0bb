# SPDX-License-Identifier: Apache-2.0
"""How soon a booth knows that a device is ill, and what watching costs it."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bench.row import Course, Row, Subject, Target, row
from drivers.health import State
from kiosk.config import load
from kiosk.devices import Devices, open_devices
from kiosk.events import HealthChanged
from kiosk.front import shanghai_now
from kiosk.health import condition_of
from kiosk.health_report import report_of
from kiosk.health_watch import LOOK_S, HealthWatch
from kiosk.post.mailbox import Mailbox
from kiosk.stack.files import BOOTH_ID, STORES, Folder, booth_settings, write_toml
from kiosk.stack.process import Process, StackError
from kiosk.stack.stack import EMULATED

RUNS = 3
WATCHED_S = 20.0
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
    Change("unplugged", "bins", {"unplug": True}, {"replug": True}),
    Change("power off", "bins", {"power": "off"}, {"power": "on"}),
    Change("door left open", "bins", {"open_door": 3}, {"close_door": 3}),
    Change("unplugged", "dispenser", {"unplug": True}, {"replug": True}),
    Change("power off", "dispenser", {"power": "off"}, {"power": "on"}),
)


class Watched:
    """A booth's devices and post under the front's own watch, without a screen."""

    def __init__(self, devices: Devices, mailbox: Mailbox) -> None:
        self.devices = devices
        self._watch, self._mailbox = HealthWatch(devices, mailbox, shanghai_now), mailbox
        self._off = threading.Event()
        self._turn = threading.Condition()
        self._now: HealthChanged | None = None
        self._known_at = 0.0
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._off.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        told = None
        while not self._off.wait(LOOK_S):
            now = self._watch.look(time.monotonic(), idle=True)
            with self._turn:
                self._now, self._known_at = now, time.monotonic()
                self._turn.notify_all()
            if now != told:
                told = now
                self._mailbox.tell_health(report_of(condition_of(now), "bench"))

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
        watched = Watched(devices, Mailbox(settings.post.socket))
        open_things.callback(watched.stop)
        watched.start()
        for name in MODULES:
            watched.until(name, lambda state: state == "ready", WELL_S)
        yield watched, emulators, uplink


def measure(course: Course) -> list[Row]:
    """Each change several times, then quiet seconds whose processor time is counted."""
    runs = course.times(RUNS)
    known: dict[str, list[float]] = {}
    with booth(course) as (watched, emulators, uplink):
        course.say("watching a well booth")
        time.sleep(SETTLE_S)
        own, post = cpu_s(watched, uplink)
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
    bound = Target("ours", 1.0)
    return [
        *rows,
        row(
            "watching all devices: of a core",
            "%",
            own,
            baseline_is="processor time of the front's process with every driver idle and the"
            " camera's pictures left to its child",
            target=bound,
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
        end = time.monotonic() + WELL_S
        while time.monotonic() < end:  # as the front's recovery does
            with suppress(StackError):
                watched.until(change.device, lambda state: state == "ready", 2.0)
                break
            if change.device == "fingerprint":
                for thread in watched.devices.start(only=(watched.devices.fingerprint,)):
                    thread.join(20.0)
        assert watched.devices.camera.health().state is not State.ABSENT


def cpu_s(watched: Watched, uplink: Process) -> tuple[list[float], list[float]]:
    """Percent of a core in each quarter of `WATCHED_S`: this process, and the uplink."""
    own, post = [], []
    for _ in range(4):
        mine, theirs, begun = _spent(), _ticks(uplink.pid), time.monotonic()
        time.sleep(WATCHED_S / 4)
        passed = time.monotonic() - begun
        own.append(100 * (_spent() - mine) / passed)
        post.append(100 * (_ticks(uplink.pid) - theirs) / passed)
    return own, post


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ticks(pid: int) -> float:
    """Processor seconds of another process (proc_pid_stat(5), fields 14 and 15)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


SUBJECT = Subject("health", "how soon a fault is known, and what watching costs", measure)

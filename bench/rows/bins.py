# SPDX-License-Identifier: Apache-2.0
"""From the command to the lock's pulse, beside the protocol's own time and a bare client."""

import time
from pathlib import Path

import serial

from bench.devices import wire_s
from bench.row import Course, Row, Subject, Target, row
from drivers.bins import Bins
from drivers.bins_books import Verb, Where
from drivers.bins_settings import BinSettings
from drivers.lockboard_makes import MAKES
from firmware_io.codecs.lockboard_tables import COIL_REST_S, RATE
from firmware_io.emulators.lockboard import ANSWER_AFTER_S, PULSE_AFTER_S
from kiosk.stack.process import Process

RUNS = 7
ANSWER_BYTES = {"8a": 7, "wkly": 10 + 24, "winnsen": 7}  # to one question of a look
LOOKS = {
    "8a": "look at all doors",
    "wkly": "look at all doors",
    "winnsen": "ask each of 16 doors twice, as no check byte covers the answers",
}


def questions(make: str) -> list[bytes]:
    """What a look at all doors of board 1 asks."""
    one = MAKES[make]
    if one.ask_all is not None:
        return [one.ask_all(1)]
    return [one.ask(1, lock) for lock in one.locks] * (1 if one.protected else 2)


def least_s(make: str) -> float:
    """What nobody can go below who looks at the doors before he opens one."""
    one, asked = MAKES[make], questions(make)
    carried = sum(map(len, asked)) + len(asked) * ANSWER_BYTES[make] + len(one.open_lock(1, 1))
    return wire_s(carried, RATE) + len(asked) * (ANSWER_AFTER_S + one.gap_s) + PULSE_AFTER_S


def measure(course: Course) -> list[Row]:
    """Opens doors of an emulated cabinet of each make, with the journal on a real disk."""
    runs = course.times(RUNS)
    return [one for make in MAKES for one in _measure(course, make, runs)]


def _measure(course: Course, make: str, runs: int) -> list[Row]:
    link = course.scratch / f"bins-{make}"
    command = ["firmware_io.emulators.lockboard", "--link", str(link), "--make", make]
    command += ["--cooling", "0"]  # one door is opened again and again
    emulator = Process("lockboard", command, course.scratch / f"bins-{make}.log")
    ours: list[float] = []
    bare: list[float] = []
    try:
        emulator.ready()
        for number in range(runs):
            course.step(number, runs)
            bare.append(_bare(emulator, link, make))
            ours.append(_ours(emulator, link, make, course.scratch / f"bins-{make}.journal"))
        violations = emulator.control({"check": True})["violations"]
    finally:
        emulator.stop()
    course.step(runs, runs)
    if violations:
        raise RuntimeError(f"the cabinet complains: {violations[0]}")
    about = (
        f"{make}: {LOOKS[make]}, then open "
        f"(wire at {RATE}, board's own times, {MAKES[make].gap_s * 1000:.0f} ms between frames)"
    )
    return [
        row(
            f"command to pulse, {make}",
            "ms",
            [taken * 1000 for taken in ours],
            [least_s(make) * 1000],
            about,
            target=Target("ratio", 1.1),
        ),
        row(
            f"command to pulse, {make}, beside a bare client",
            "ms",
            [taken * 1000 for taken in ours],
            [taken * 1000 for taken in bare],
            "pyserial alone, the same frames, no journal, no checks",
        ),
    ]


def _pulse(emulator: Process) -> float:
    """When the last pulse began, on the machine's monotonic clock."""
    at, _name = emulator.control({"check": True})["pulses"][-1]
    return float(at)


def _ours(emulator: Process, link: Path, make: str, journal: Path) -> float:
    bins = Bins(str(link), journal, settings=BinSettings(make, locks=MAKES[make].locks[-1]))
    try:
        bins.start()
        time.sleep(COIL_REST_S)
        begun = time.monotonic()
        bins.open("1/1", Verb.INSPECT)
        taken = _pulse(emulator) - begun
        emulator.control({"close_door": 1})
        bins.await_closed("1/1", 10.0)
        bins.settle("1/1", Where.STAFF)
        return taken
    finally:
        bins.close()


def _bare(emulator: Process, link: Path, make: str) -> float:
    one = MAKES[make]
    with serial.Serial(str(link), RATE, timeout=5.0) as port:
        time.sleep(COIL_REST_S)
        begun = time.monotonic()
        for question in questions(make):
            port.write(question)
            if len(port.read(ANSWER_BYTES[make])) != ANSWER_BYTES[make]:
                raise RuntimeError("the bare client got no answer")
            time.sleep(one.gap_s)
        port.write(one.open_lock(1, 1))
        time.sleep(COIL_REST_S)
        taken = _pulse(emulator) - begun
    emulator.control({"close_door": 1})
    return taken


SUBJECT = Subject("bins", "from the command to the lock's pulse", measure)

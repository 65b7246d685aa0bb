# SPDX-License-Identifier: Apache-2.0
"""From the command to the motor's start, beside the protocol's own time and a bare client."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import serial

from bench.devices import wire_s
from bench.row import Course, Row, Subject, Target, row
from drivers.bins_books import Verb
from drivers.dispenser import Dispenser
from drivers.dispenser_settings import DispenserSettings
from firmware_io.codecs import dispenser_crt as crt
from firmware_io.codecs import dispenser_k7 as k7
from firmware_io.codecs.dispenser_crt_tables import Act
from firmware_io.emulators.dispenser_crt import BUILDS
from firmware_io.emulators.dispenser_desk import ANSWER_S
from kiosk.stack.process import Process

CYCLES = 2
REST_S = 0.3
"""Since the last question: the K7x0's document wants 0.2 s between two."""
LIMIT_S = 30.0
HALVES = [(Verb.FEED, "reader"), (Verb.HAND_OUT, "mouth"), (Verb.RETRACT, "between")]


@dataclass(frozen=True, slots=True)
class Bare:
    """The frames of one status question and one movement, and what is waited for after each."""

    said: tuple[tuple[bytes, int], ...]
    turns: int  # how often the machine takes its time to answer before it moves

    @property
    def least_s(self) -> float:
        """What nobody can go below who asks before he moves."""
        carried = sum(len(frame) + answer for frame, answer in self.said)
        return wire_s(carried, 9600) + self.turns * ANSWER_S


def bare_dialogue(settings: DispenserSettings, verb: Verb) -> Bare:
    """As the documents have it, without a check of anything."""
    told = settings.commands[verb]
    if settings.make == "k7":
        ask, move, go = k7.command("AP"), k7.command(told), k7.execute()
        return Bare(((ask, 3), (go, 13), (move, 3), (go, 0)), 3)
    sensors = BUILDS[settings.make].sensors if settings.profile.by_sensors else 0
    ask = crt.command(Act.SENSORS if sensors else Act.STATUS)
    return Bare(((ask, 1 + 12 + sensors), (crt.acknowledge() + crt.command(told), 0)), 1)


def measure(course: Course) -> list[Row]:
    """Moves cards of an emulated machine of each make, with the journal on a real disk."""
    return [one for make in ("k7", *BUILDS) for one in _measure(course, make)]


def _measure(course: Course, make: str) -> list[Row]:
    link = course.scratch / f"dispenser-{make}"
    command = ["firmware_io.emulators.dispenser", "--link", str(link), "--make", make]
    emulator = Process("dispenser", command, course.scratch / f"dispenser-{make}.log")
    settings = DispenserSettings(make)
    cycles = course.times(CYCLES)
    ours: list[float] = []
    bare: list[float] = []
    try:
        emulator.ready()
        emulator.control({"stock": [f"{number}" for number in range(2 * cycles + 2)]})
        machine = Dispenser(
            str(link), course.scratch / f"dispenser-{make}.journal", settings=settings
        )
        for number in range(cycles):
            course.step(number, cycles)
            ours += _ours(emulator, machine)
            machine.close()
            if not bare:
                bare = _bare(emulator, link, settings)
        check = emulator.control({"check": True})
    finally:
        emulator.stop()
    course.step(cycles, cycles)
    if check["violations"]:
        raise RuntimeError(f"the machine complains: {check['violations'][0]}")
    least = bare_dialogue(settings, Verb.HAND_OUT).least_s
    return [
        row(
            f"command to motion, {make}",
            "ms",
            [taken * 1000 for taken in ours],
            [least * 1000],
            f"{make}: ask, then move (wire at 9600, machine's own times)",
            target=Target("ratio", 1.1),
        ),
        row(
            f"command to motion, {make}, beside a bare client",
            "ms",
            [taken * 1000 for taken in ours],
            [taken * 1000 for taken in bare],
            "pyserial alone, the same frames, no journal, no checks",
        ),
    ]


def _began(emulator: Process, begun: float) -> float:
    """How long after `begun` the motor started, on the machine's monotonic clock."""
    at, _name = emulator.control({"check": True})["moves"][-1]
    return float(at) - begun


def _ours(emulator: Process, machine: Dispenser) -> list[float]:
    machine.start()
    found: list[float] = []

    def timed(act: Callable[[], None]) -> None:
        time.sleep(REST_S)
        begun = time.monotonic()
        act()
        found.append(_began(emulator, begun))

    timed(machine.feed)
    machine.bind("bench")
    timed(lambda: machine.present("bench"))
    timed(machine.retract)
    return found


def _bare(emulator: Process, link: Path, settings: DispenserSettings) -> list[float]:
    found: list[float] = []
    with serial.Serial(str(link), 9600, timeout=5.0) as port:
        for verb, place in HALVES:
            time.sleep(REST_S)
            begun = time.monotonic()
            for frame, answer in bare_dialogue(settings, verb).said:
                port.write(frame)
                if len(port.read(answer)) != answer:
                    raise RuntimeError("the bare client got no answer")
            _await(emulator, verb, place)
            found.append(_began(emulator, begun))
            port.write(crt.acknowledge() if settings.make != "k7" else b"")
            port.reset_input_buffer()
    return found


def _await(emulator: Process, verb: Verb, place: str) -> None:
    """The card is where it was to go."""
    limit = time.monotonic() + LIMIT_S
    while time.monotonic() < limit:
        told = emulator.control({"check": True})
        there = told["card"] is None if verb is Verb.RETRACT else told["at"] == place
        if there:
            time.sleep(REST_S)  # its answer is on the line
            return
        time.sleep(0.1)
    raise RuntimeError(f"the card did not come to: {place}")


SUBJECT = Subject("dispenser", "from the command to the card machine's motion", measure)

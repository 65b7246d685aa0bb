# SPDX-License-Identifier: Apache-2.0
"""Fingers: enrolment, transfers, a stray byte and silence, beside module, wire and strangers.

One emulated module (as608, its own times, in a process of its own) for all of them in turn. What
module and wire take comes from the emulator, which counts its own time and the bytes of each act.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench import strangers
from bench.devices import fingers_s, wire_s
from bench.row import Course, Row, Subject, Target, row
from bench.strangers import CLIENTS, Client
from drivers.errors import OutOfServiceError
from drivers.fingerprint import FingerEvent, Fingerprint
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_tables import BAUD_UNIT, Op
from firmware_io.emulators.ef01.memory import Flash
from kiosk.stack.process import Process

RUNS = 8
STRANGERS_RUNS = 2
FINGER = "right-thumb"
RATES = (57_600, 115_200)
SILENCE_S = 1.0  # the deadline that a silent module is given
ASKED_AFTER = 5  # questions after a stray byte
SENT = "what the wire carries at this rate with the module's own pauses between packets"


def measure(course: Course) -> list[Row]:
    """All rows."""
    rows = _enrolment(course)
    for rate in RATES:
        rows += _transfers(course, rate)
    return [*rows, *_stray(course), *_silence(course)]


# -- the module ---------------------------------------------------------------------------------


@contextmanager
def module(course: Course, rate: int) -> Iterator[tuple[Process, str]]:
    """The emulator, set to `rate`, and its port."""
    flash, link = course.scratch / f"flash-{rate}.json", course.scratch / f"finger-{rate}"
    kept = Flash(flash)
    kept.baud_n = rate // BAUD_UNIT
    kept.save()
    command = ["firmware_io.emulators.fingerprint", "--profile=as608", "--no-greeting"]
    command += [f"--flash={flash}", f"--link={link}", "--seed=7"]
    emulator = Process("fingerprint", command, course.scratch / "fingerprint.log")
    try:
        emulator.ready()
        yield emulator, str(link)
    finally:
        emulator.stop()


@contextmanager
def booth(path: str, rate: int) -> Iterator[Fingerprint]:
    """The booth's driver, started."""
    driver = Fingerprint(path, baudrate=rate)
    try:
        driver.start()
        yield driver
    finally:
        driver.close()


def spent(emulator: Process, act: Callable[[], object]) -> tuple[float, dict[str, Any]]:
    """Seconds of `act`, and the module's status with what it spent meanwhile only."""
    before = emulator.control({"status": True})["spent"]
    since = time.perf_counter()
    act()
    took = time.perf_counter() - since
    status = emulator.control({"status": True})
    fresh = {}
    for name, cost in status["spent"].items():
        old = before.get(name, dict.fromkeys(cost, 0))
        fresh[name] = {key: cost[key] - old[key] for key in cost}
    kept = {name: cost for name, cost in fresh.items() if cost["times"]}
    return took, {**status, "spent": kept}


def path_s(status: dict[str, Any]) -> float:
    """What module and wire took for all that was asked."""
    costs = status["spent"].values()
    carried = sum(cost["bytes_in"] + cost["bytes_out"] for cost in costs)
    return sum(cost["seconds"] for cost in costs) + wire_s(carried, status["host_rate"])


# -- one finger ---------------------------------------------------------------------------------


def _enrolment(course: Course) -> list[Row]:
    runs = course.times(RUNS)
    ours: list[float] = []
    path: list[float] = []
    need: list[float] = []
    with module(course, RATES[0]) as (emulator, port):
        with booth(port, RATES[0]) as driver:
            for number in range(runs):
                course.step(number, runs)
                course.say("one finger, ours")
                driver.wipe()
                took, status = spent(emulator, lambda: _enrol(driver, emulator))
                ours.append(took)
                path.append(path_s(status))
                need.append(fingers_s(status))
        rows = [
            row(
                "one finger enrolled",
                "s",
                ours,
                path,
                "the module's own time and the wire's for all that was asked on the way",
                target=Target("ratio", 1.05),
            ),
            row(
                "one finger enrolled, beside the least that is needed",
                "s",
                ours,
                need,
                "module and wire for two images, features, one look at the empty glass, Match,"
                " RegModel, template and Store",
            ),
        ]
        for kind in CLIENTS:
            course.say(f"one finger, {kind.name}")
            with strangers.client(kind, port, RATES[0]) as client:
                theirs = []
                for _ in range(min(runs, STRANGERS_RUNS)):
                    work = lambda client=client: client.enrol(_hand(emulator))  # noqa: E731
                    took, status = spent(emulator, work)
                    theirs.append(took / fingers_s(status))
            rows.append(
                row(
                    f"one finger enrolled, over the least that is needed, beside {kind.name}",
                    "ratio",
                    [one / least for one, least in zip(ours, need, strict=True)],
                    theirs,
                    f"{kind.name}, the same work on the same emulator in the same run; either side"
                    " is seconds over what module and wire took in its own runs",
                )
            )
    return rows


def _enrol(driver: Fingerprint, emulator: Process) -> None:
    """A citizen who reacts at once."""

    def citizen(event: FingerEvent) -> None:
        if event.kind in ("waiting", "again"):
            emulator.control({"place": FINGER})
        elif event.kind == "lift":
            emulator.control({"lift": True})

    driver.capture(FINGER, (), citizen)
    emulator.control({"lift": True})


def _hand(emulator: Process) -> strangers.Citizen:
    def move(down: bool) -> None:
        emulator.control({"place": FINGER} if down else {"lift": True})

    return move


# -- transfers ----------------------------------------------------------------------------------


def _transfers(course: Course, rate: int) -> list[Row]:
    runs = course.times(RUNS)
    rows: list[Row] = []
    with module(course, rate) as (emulator, port):
        for what, act, times in (
            ("template", "up_char", runs),
            ("image", "up_image", min(runs, STRANGERS_RUNS)),
        ):
            course.say(f"{what} at {rate}")
            ours, least = [], []
            with booth(port, rate) as driver:
                _enrol(driver, emulator)
                asked = driver._module
                fetch = {
                    "up_char": lambda asked=asked: asked.upload_template(1),
                    "up_image": lambda asked=asked: asked.upload_image(),
                }[act]
                for number in range(times):
                    course.step(number, times)
                    took, status = spent(emulator, fetch)
                    size = status["spent"][act]["bytes_out"]
                    ours.append(size / took)
                    least.append(size / path_s(status))
            rows.append(
                row(
                    f"{what} fetched at {rate}",
                    "B/s",
                    ours,
                    least,
                    SENT,
                    target=Target("ratio", 0.97, least=True),
                )
            )
            rows += _theirs(course, emulator, port, rate, what, ours)
    return rows


def _theirs(
    course: Course, emulator: Process, port: str, rate: int, what: str, ours: list[float]
) -> list[Row]:
    """The same transfer by each stranger; one that brings less than the whole has no figure."""
    rows = []
    for kind in CLIENTS:
        course.say(f"{what} at {rate}, {kind.name}")
        whole = 512 if what == "template" else 256 * 288 // 2
        got: list[int] = []
        with strangers.client(kind, port, rate) as client:
            verb = client.template if what == "template" else client.image
            took, status = spent(emulator, lambda verb=verb, got=got: got.append(verb()))
        act = "up_char" if what == "template" else "up_image"
        name = f"{what} fetched at {rate}, beside {kind.name}"
        if got == [whole]:
            theirs = [status["spent"][act]["bytes_out"] / took]
            rows.append(row(name, "B/s", ours, theirs, f"{kind.name}, on the same emulator"))
        else:
            lost = f"{kind.name} brings {got[0]} of {whole} bytes and says nothing"
            rows.append(row(name, "B/s", ours, [], lost))
    return rows


# -- a stray byte -------------------------------------------------------------------------------


def _stray(course: Course) -> list[Row]:
    runs = course.times(RUNS)
    plain: list[float] = []
    more: list[float] = []
    after: list[float] = []
    ours: list[float] = []
    question = say.plain(Op.READ_SYS_PARA)
    with module(course, RATES[0]) as (emulator, port):
        with booth(port, RATES[0]) as driver:

            def ask() -> float:
                since = time.perf_counter()
                driver._module.ask(question, 1.0)
                return time.perf_counter() - since

            for number in range(runs):
                course.step(number, runs)
                usual = min(ask() for _ in range(30))
                emulator.control({"fault": {"stray": "55"}})
                more.append(1000 * (ask() - usual))
                plain.append(1000 * usual)
                after.append(1000 * (ask() - usual))
                ours.append(sum(ask() > 0 for _ in range(ASKED_AFTER)))
        rows = [
            row(
                "one stray byte before an answer: until the right answer",
                "ms",
                more,
                plain,
                "one whole command and its answer on the same line; ours is what it took longer",
                target=Target("ratio", 1.0),
            ),
            row(
                "one stray byte: the question after it takes longer by",
                "ms",
                after,
                plain,
                "one whole command and its answer; ours listens longer before it asks again",
            ),
        ]
        for kind in CLIENTS:
            with strangers.client(kind, port, RATES[0]) as client:
                emulator.control({"fault": {"stray": "55"}})
                right = 0
                for _ in range(1 + ASKED_AFTER):
                    with contextlib.suppress(Exception):
                        right += client.ask()
            rows.append(
                row(
                    f"one stray byte: right answers of {1 + ASKED_AFTER}, beside {kind.name}",
                    "answers",
                    [one + 1 for one in ours],
                    [right],
                    f"{kind.name}, the disturbed question and {ASKED_AFTER} more",
                )
            )
    return rows


# -- silence ------------------------------------------------------------------------------------


def _silence(course: Course) -> list[Row]:
    late: list[float] = []
    rows: list[Row] = []
    with module(course, RATES[0]) as (emulator, port):
        for number in range(course.times(RUNS)):
            course.step(number, course.times(RUNS))
            emulator.control({"fault": {}})
            with booth(port, RATES[0]) as driver:
                emulator.control({"fault": {"silent": True, "times": 0}})
                since = time.perf_counter()
                with contextlib.suppress(OutOfServiceError):
                    driver._module.ask(say.plain(Op.READ_SYS_PARA), SILENCE_S)
                late.append(1000 * (time.perf_counter() - since - SILENCE_S))
        rows.append(
            row(
                "silence told after its deadline",
                "ms",
                late,
                target=Target("ours", 50),
                baseline_is="a module that says nothing; the deadline was one second",
            )
        )
        told = [SILENCE_S + one / 1000 for one in late]
        for kind in CLIENTS:
            course.say(f"silence, {kind.name}")
            emulator.control({"fault": {}})
            with strangers.client(kind, port, RATES[0]) as client:
                emulator.control({"fault": {"silent": True, "times": 0}})
                took = _vain(client)
            name = f"silence told, beside {kind.name}"
            rows.append(row(name, "s", told, [took], f"{kind.name}, as it is used by its examples"))
    return rows


def _vain(client: Client) -> float:
    since = time.perf_counter()
    with contextlib.suppress(Exception):
        client.ask()
    return time.perf_counter() - since


SUBJECT = Subject("fingers", "the fingerprint driver beside module, wire and strangers", measure)

# SPDX-License-Identifier: Apache-2.0
"""Processes that run slices: one that hangs or falls is a finding, not the campaign's end."""

import gc
import hashlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from bench.campaign.subject import Subject, Tally

ORPHAN_S = 5.0  # how often an idle worker looks whether its campaign still lives


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a campaign, and how much of it."""

    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Done:
    """A slice that has been run, in which worker, and that worker's memory before and after."""

    slice: Slice
    tally: Tally
    worker: int
    rss_mb: float  # after the slice


def seed_of(campaign: int, subject: str, number: int) -> int:
    """The seed of one slice."""
    named = f"{campaign}/{subject}/{number}".encode()
    return int.from_bytes(hashlib.sha256(named).digest()[:8], "big")


def rss_mb() -> float:
    """Resident memory of this process."""
    with open("/proc/self/statm") as told:
        pages = int(told.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run_slice(subject: Subject, campaign_seed: int, part: Slice, plant: str) -> Tally:
    """One slice in this process; what escapes from it is a flaw."""
    try:
        tally = subject.run(seed_of(campaign_seed, subject.name, part.number), part.amount, plant)
    except Exception as wrong:
        tally = Tally()
        # Its text is left out: it may quote what was on the wire.
        trace, line = wrong.__traceback__, 0
        while trace is not None:
            trace, line = trace.tb_next, trace.tb_lineno
        tally.flaw("exception", -1, f"{type(wrong).__name__}, line {line}")
    tally.flaws = [replace(flaw, slice=part.number) for flaw in tally.flaws]
    return tally


def run(
    subject: Subject, seed: int, parts: Sequence[Slice], plant: str, jobs: int
) -> Iterator[Done]:
    """Runs `parts` in up to `jobs` processes; each as soon as it is done, in any order.

    A worker that needs longer than `slice_limit_s` for a slice is killed, one that falls is
    noticed; either is a flaw and ends the run: nothing can be said about the rest.
    """
    context = multiprocessing.get_context(
        "fork"
    )  # subjects need no pickling, tests bring their own
    waiting = list(parts)
    busy: dict[Connection, tuple[BaseProcess, int, Slice, float]] = {}
    near: list[tuple[Connection, BaseProcess, int]] = []
    try:
        for number in range(min(jobs, len(waiting))):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(theirs, subject, seed, plant), name=f"campaign-{number}"
            )
            process.start()
            theirs.close()
            near.append((ours, process, number))
            _hand_out(ours, process, number, waiting, busy, subject.slice_limit_s)
        while busy:
            until = min(deadline for *_, deadline in busy.values())
            ready = wait(list(busy), timeout=max(0.0, until - time.monotonic()))
            for pipe in ready:
                assert isinstance(pipe, Connection)
                process, number, part, _ = busy.pop(pipe)
                try:
                    tally, memory = pipe.recv()
                except EOFError:
                    yield Done(part, _lost(part, "hang", "the worker fell"), number, 0.0)
                    return
                yield Done(part, tally, number, memory)
                _hand_out(pipe, process, number, waiting, busy, subject.slice_limit_s)
            for _, number, part, deadline in list(busy.values()):
                if not ready and time.monotonic() > deadline:
                    words = f"not done after {subject.slice_limit_s:g} s"
                    yield Done(part, _lost(part, "hang", words), number, 0.0)
                    return
    finally:
        for pipe, process, _ in near:
            pipe.close()
            process.terminate()
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()


def _hand_out(
    pipe: Connection,
    process: BaseProcess,
    number: int,
    waiting: list[Slice],
    busy: dict[Connection, tuple[BaseProcess, int, Slice, float]],
    limit_s: float,
) -> None:
    if waiting:
        part = waiting.pop(0)
        pipe.send(part)
        busy[pipe] = process, number, part, time.monotonic() + limit_s


def _lost(part: Slice, kind: str, words: str) -> Tally:
    tally = Tally()
    tally.flaw("hang", -1, f"{kind}: {words}")
    tally.flaws = [replace(flaw, slice=part.number) for flaw in tally.flaws]
    return tally


def _work(pipe: Connection, subject: Subject, seed: int, plant: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    parent = os.getppid()
    gc.freeze()  # what came with the fork is no growth of ours, and need not be searched
    while True:
        while not pipe.poll(ORPHAN_S):
            if os.getppid() != parent:
                return
        try:
            part = pipe.recv()
        except EOFError:
            return
        tally = run_slice(subject, seed, part, plant)
        gc.collect()
        pipe.send((tally, rss_mb()))

# SPDX-License-Identifier: Apache-2.0
"""One thread for one device's acts, in order; an act can be called off from outside."""

import queue
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from drivers.errors import (
    AskAgainError,
    AskStaffError,
    BoothError,
    CancelledError,
    OutOfServiceError,
    RefusedError,
)
from kiosk.commands import Command
from kiosk.events import Done, Event, Failed, Told
from kiosk.facts import Who

Tell = Callable[[str, Any], None]
_log = structlog.get_logger()

_WHO: tuple[tuple[type[BoothError], Who], ...] = (
    (CancelledError, Who.CANCELLED),
    (AskAgainError, Who.AGAIN),
    (AskStaffError, Who.STAFF),
    (RefusedError, Who.REFUSED),
    (OutOfServiceError, Who.TECHNICIAN),
)


class Act(Protocol):
    """What a device, or the post, does for the visit."""

    takes: tuple[type, ...]  # the commands it answers

    def run(self, command: Any, tell: Tell, off: threading.Event) -> Any:
        """Does it and answers `Done.value`. Raises BoothError. `off` is set when called off."""
        ...

    def cancel(self) -> None:
        """Ends a running `run` soon; called from another thread."""
        ...


@dataclass(slots=True)
class _Job:
    id: int
    command: Command
    off: threading.Event


class Lane:
    """Runs the commands of one device's acts one after another."""

    def __init__(self, name: str, acts: Sequence[Act], send: Callable[[Event], None]) -> None:
        self._act_of = {kind: act for act in acts for kind in act.takes}
        self._send = send
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=64)
        self._lock = threading.Lock()
        self._known: dict[int, _Job] = {}
        self._running: _Job | None = None
        self._thread = threading.Thread(target=self._run, name=f"lane-{name}", daemon=True)
        self._thread.start()

    @property
    def takes(self) -> tuple[type, ...]:
        """The commands this lane answers."""
        return tuple(self._act_of)

    def submit(self, id: int, command: Command) -> None:  # noqa: A002  the command's id
        """Queues a command."""
        job = _Job(id, command, threading.Event())
        with self._lock:
            self._known[id] = job
        self._jobs.put(job)

    def cancel(self, id: int) -> bool:  # noqa: A002  the command's id
        """Calls a queued or running command off; False when it is not here."""
        with self._lock:
            job = self._known.get(id)
            running = job is not None and job is self._running
        if job is None:
            return False
        job.off.set()
        if running:
            self._act_of[type(job.command)].cancel()
        return True

    def close(self) -> None:
        """Calls everything off and lets the thread end."""
        with self._lock:
            known = list(self._known)
        for id in known:  # noqa: A001
            self.cancel(id)
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            with self._lock:
                self._running = job
            self._send(self._answer(job))
            with self._lock:
                self._running = None
                self._known.pop(job.id, None)

    def _answer(self, job: _Job) -> Event:
        if job.off.is_set():
            return Failed(job.id, "cancelled", Who.CANCELLED)

        act = self._act_of[type(job.command)]
        name = type(act).__name__

        def tell(what: str, value: Any = None) -> None:
            self._send(Told(job.id, what, value))

        try:
            return Done(job.id, act.run(job.command, tell, job.off))
        except BoothError as failed:
            who = next((who for kind, who in _WHO if isinstance(failed, kind)), Who.TECHNICIAN)
            if who is not Who.CANCELLED:
                _log.info("act failed", act=name, code=failed.code)
            return Failed(job.id, failed.code, who)
        except Exception as wrong:
            note_fault(wrong, name)
            return Failed(job.id, "device.failed", Who.TECHNICIAN)


def note_fault(wrong: BaseException, act: str) -> None:
    """Logs a program fault as type, file and line; never its text: it may hold personal data."""
    frames = traceback.extract_tb(wrong.__traceback__ or sys.exc_info()[2])
    where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    _log.error("program fault", act=act, kind=type(wrong).__name__, where=where)

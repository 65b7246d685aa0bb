# SPDX-License-Identifier: Apache-2.0
"""The thread that carries applications to the counter and knows how the line is."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog

from idcard.keys import VerifyKey
from idcard.records import Arrival
from kiosk.post.counter_line import CounterLine, LineFiles
from kiosk.post.errors import LineDownError, RefusedByCounterError
from kiosk.post.health_post import HealthPost
from kiosk.post.outbox import Outbox
from kiosk.post.retry import Schedule, Verdict
from kiosk.post.upload import Result, Uploader

# How often the line is tried when nothing else is said over it.
PULSE_S = 15.0
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where applications go: address, TLS files, and the key that proves receipts."""

    url: str
    files: LineFiles | None
    counter_key: VerifyKey


class Carrier:
    """Started once; `wake` after each new application. Thread-safe."""

    def __init__(
        self,
        outbox: Outbox,
        destination: Destination,
        *,
        rng: random.Random | None = None,
        pulse_s: float = PULSE_S,
        health: HealthPost | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox, self._clock, self._pulse_s = outbox, clock, pulse_s
        self._health = health
        self.line = CounterLine(destination.url, destination.files, self._heard)
        self._uploader = Uploader(outbox, self.line, destination.counter_key)
        self._changed = threading.Condition()
        self._schedule: Schedule[UUID] = Schedule(rng or random.SystemRandom())
        self._why, self._last_exchange = "line", float("-inf")  # not known yet counts as down
        self._barred = self._stopping = False
        self.beat = clock()
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)

    def start(self) -> None:
        """Begins with whatever the outbox holds."""
        self.wake()
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ends the thread; an upload under way is cut, which harms nothing."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self.line.close()
        self._thread.join(timeout_s)

    def wake(self) -> None:
        """Something may be new in the outbox: it gets its turn at once."""
        waiting = self._outbox.unsent()
        with self._changed:
            for application_id in waiting:
                self._schedule.add(application_id, self._clock())
            self._changed.notify_all()

    @property
    def why_down(self) -> str:
        """Why the line is not good: line, tls, busy or not_admitted; empty when it is."""
        return self._why

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def await_received(self, application_id: UUID, timeout_s: float) -> Arrival | None:
        """The counter's proved answer, or None when it has not come in time.

        Raises KeyError for an unknown id, RefusedByCounterError when the counter refused it.
        """
        end = self._clock() + timeout_s
        while True:
            with self._changed:
                arrival = self._outbox.arrival(application_id)
                if arrival is not None:
                    return arrival
                reason = self._outbox.park_reason(application_id)
                if reason:
                    raise RefusedByCounterError(reason)
                left = end - self._clock()
                if left <= 0 or self._stopping:
                    return None
                self._changed.wait(left)

    def _heard(self, why: str) -> None:
        with self._changed:
            before, self._why = self._why, why
            self.beat = self._last_exchange = self._clock()
            if not why:
                self._barred = False
                # A counter that answered, if only to say "busy", keeps what it has put off.
                if before in ("line", "tls"):
                    self._schedule.line_is_back(self._clock())
            self._changed.notify_all()
        if before != why:
            _LOG.info("line_changed", code=why or "up")

    def _run(self) -> None:
        while True:
            with self._changed:
                self.beat = now = self._clock()
                if self._stopping:
                    return
                turn = None if self._barred else self._schedule.due(now)
                pulse_at = self._last_exchange + self._pulse_s
                if self._health is not None:
                    pulse_at = self._health.due_at()
                if turn is None and now < pulse_at:
                    soonest = None if self._barred else self._schedule.soonest()
                    until = pulse_at if soonest is None else min(pulse_at, soonest)
                    self._changed.wait(min(max(until - now, 0.0), 5.0))
                    continue
                # Applications go first; a report waits for one upload at most.
                report = self._health is not None and now >= pulse_at
            if turn is not None:
                self._carry(turn)
            if report:
                self._report()
            elif turn is None:
                self._pulse()

    def _pulse(self) -> None:
        with suppress(LineDownError):  # `_heard` has noted it
            self.line.hello()

    def _report(self) -> None:
        """Tells the counter how the booth is, which proves the line as a pulse does."""
        assert self._health is not None  # noqa: S101
        letter = self._health.letter()
        self._health.tried()
        try:
            with suppress(LineDownError):  # `_heard` has noted it
                self._health.taken(letter, self.line.put_health(letter))
        except RefusedByCounterError as refused:  # an older counter; applications are taken
            _LOG.info("report_refused", code=refused.reason)
        except Exception as wrong:  # a report must never end the carrying of applications
            _LOG.error("report_failed", code=type(wrong).__name__)

    def _carry(self, application_id: UUID) -> None:
        try:
            result = self._uploader.send(application_id)
            if result.verdict is Verdict.PARK:
                self._outbox.park(application_id, result.reason)
        except Exception as wrong:  # one application must never end the carrying of all others
            _LOG.error("upload_failed", code=type(wrong).__name__)
            result = Result(Verdict.RETRY, "disk")
        with self._changed:
            if result.verdict in (Verdict.GOOD, Verdict.PARK):
                self._schedule.drop(application_id)
            else:
                self._schedule.failed(application_id, self._clock(), result.retry_after_s)
                self._barred = result.verdict is Verdict.STOP
            self._changed.notify_all()
        _LOG.info("upload_ended", verdict=result.verdict.value, code=result.reason)

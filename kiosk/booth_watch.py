# SPDX-License-Identifier: Apache-2.0
"""The thread that looks after a booth while a visit goes on, or none does."""

import threading
import time
from collections.abc import Callable, Sequence

from drivers.health import State
from kiosk.controls import FanWatch, processor_temperature
from kiosk.devices import Device, Devices
from kiosk.events import Event, HealthChanged, VoiceFitted
from kiosk.health_watch import LOOK_S, HealthWatch
from kiosk.post_watch import PostWatch
from kiosk.recovery import Recovery
from kiosk.watch import SeatWatch

START_S = 5.0  # a device that needs longer to start is told as what it says of itself
FAN_S = 5.0  # between two looks at the processor's temperature, which changes slowly


class BoothWatch:
    """Tells by `send` what changes: the booth's health, an empty seat, a voice that can speak.

    `idle` says whether the booth waits for a citizen: only then are lost devices started again.
    """

    def __init__(
        self,
        devices: Devices,
        health: HealthWatch,
        post: PostWatch,
        seat: SeatWatch,
        send: Callable[[Event], None],
        idle: Callable[[], bool],
    ) -> None:
        self._devices, self._health, self._post = devices, health, post
        self._seat, self._send, self._idle = seat, send, idle
        self._recovery = Recovery((devices.fingerprint,), self._again, idle)
        self._fan, self._fan_at = FanWatch(), float("-inf")
        self._told: HealthChanged | None = None
        self._spoke = False
        self._off = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, starting: Sequence[threading.Thread] = ()) -> None:
        """Begins, once the threads that are `starting` devices have ended. Idempotent."""
        if self._thread is None:
            self._post.start()
            self._thread = threading.Thread(
                target=self._run, args=(tuple(starting),), name="health", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Ends it without waiting for a question in progress. Idempotent."""
        self._off.set()
        self._health.wake()
        self._post.close()

    def _run(self, starting: tuple[threading.Thread, ...]) -> None:
        end = time.monotonic() + START_S
        for thread in starting:  # what is only starting is not ill
            thread.join(max(0.0, end - time.monotonic()))
        self._post.answered(max(0.0, end - time.monotonic()))
        while not self._off.is_set():
            self._look(time.monotonic())
            self._health.rest(LOOK_S)

    def _look(self, now_s: float) -> None:
        self._recovery.look(now_s)
        now = self._health.look(now_s, idle=self._idle())
        if now != self._told:
            self._told = now
            self._send(now)
            self._post.tell(now)
        if lost := self._seat.look(self._devices.panel.present, time.monotonic()):
            self._send(lost)
        if now_s - self._fan_at >= FAN_S:
            self._fan_at = now_s
            self._devices.panel.fan(self._fan.look(processor_temperature()))
        speaks = self._devices.speaker.health().state is State.READY
        if speaks != self._spoke:
            self._spoke = speaks
            self._send(VoiceFitted(speaks))

    def _again(self, ill: Sequence[Device]) -> list[threading.Thread]:
        return self._devices.start(only=ill)

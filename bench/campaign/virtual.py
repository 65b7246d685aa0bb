# SPDX-License-Identifier: Apache-2.0
"""A serial line in memory, on a clock that nobody waits for: hours of dialogues in seconds.

Between the real driver and the real emulator stands what the stage and the port do otherwise: the
line's pace in both directions, the faults of `wire_faults`, unplugging. One thread; whoever would
wait moves the clock on to the next thing that happens. While `Line.clock` is in force,
``time.monotonic`` tells virtual time, so that the driver's deadlines are virtual as well.
"""

import heapq
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from firmware_io.emulators.device import Device
from firmware_io.emulators.wire_faults import WIRE_FAULT_KEYS, FaultyWire
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkCancelledError, LinkLostError, LinkTimeoutError

BITS_PER_BYTE = 10
BEGIN_S = 1000.0  # a clock that has been running for a while


class Line:
    """The wire, and the device at its far side. `portion` bytes reach the host at once."""

    def __init__(self, device: Device, seed: int) -> None:
        self.now = BEGIN_S
        self.device = device
        self.portion = 64
        self.plugged = 1  # which plugging in this is; 0 while it is out
        self._pluggings = 1
        self.faults = FaultyWire(seed)
        self._random = random.Random(seed)
        self._order = itertools.count()
        self._events: list[tuple[float, int, bytes, bool]] = []  # due, order, bytes, to the host
        self._in_free = self._out_free = self._held_until = 0.0
        self._arrived = bytearray()
        self.device.power_cycle(self.now)
        self._collect()

    @contextmanager
    def clock(self) -> Iterator[None]:
        """``time.monotonic`` tells this line's time meanwhile."""
        real = time.monotonic
        time.monotonic = lambda: self.now
        try:
            yield
        finally:
            time.monotonic = real

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """As `Stage.control`, for what a campaign asks: fault, power, unplug, replug, the desk."""
        match request:
            case {"fault": dict(fault)}:
                self._fault(fault)
            case {"power": "cycle"}:
                self._clear()
                self.device.power_cycle(self.now)
            case {"unplug": True}:
                self._clear()
                self.plugged = 0
            case {"replug": True}:
                if not self.plugged:
                    self._pluggings += 1
                    self.plugged = self._pluggings
                    self.device.power_cycle(self.now)
            case _:
                self.device.control(request, self.now)
        self._collect()
        return {"ok": True}

    def _fault(self, fault: dict[str, Any]) -> None:
        if not fault:
            self.faults.clear()
            self.device.fault({}, self.now)
        count = {key: fault[key] for key in ("times", "skip") if key in fault}
        wire = {key: fault[key] for key in fault if key in WIRE_FAULT_KEYS and key not in count}
        own = {key: fault[key] for key in fault if key not in WIRE_FAULT_KEYS}
        if own:
            self.device.fault({**own, **count}, self.now)
        if wire:
            self.faults.set({**wire, **count})

    def _clear(self) -> None:
        self._events.clear()
        self._arrived.clear()
        self._in_free = self._out_free = self._held_until = 0.0

    def host_says(self, data: bytes, rate: int) -> None:
        """Bytes from the host begin to travel."""
        data = self.faults.from_host(data)
        if not data or rate != (self.device.line_rate or rate):
            return
        self._in_free = max(self.now, self._in_free) + len(data) * BITS_PER_BYTE / rate
        heapq.heappush(self._events, (self._in_free, next(self._order), data, False))

    def heard(self) -> bytes:
        """What has reached the host and was not yet taken."""
        data = bytes(self._arrived)
        self._arrived.clear()
        return data

    def wait(self, until: float) -> bool:
        """Moves on to the next thing that happens, at the latest to `until`; whether there was."""
        wake = self.device.wake_at()
        due = min(
            self._events[0][0] if self._events else until,
            max(wake, self.now) if wake is not None else until,
        )
        if due >= until:
            self.now = max(self.now, until)
            self._settle()
            return False
        self.now = max(self.now, due)
        self._settle()
        return True

    def pass_time(self, seconds: float) -> None:
        """Lets so much time pass."""
        until = self.now + seconds
        while self.wait(until):
            pass

    def _settle(self) -> None:
        while self._events and self._events[0][0] <= self.now:
            due, _, data, to_host = heapq.heappop(self._events)
            if to_host:
                self._arrived += data
            else:
                self.device.feed(data, due)
        self._collect()

    def _collect(self) -> None:
        for send in self.device.poll(self.now):
            for piece in self.faults.to_host(send.data):
                # A message held back by a fault holds back what is said after it.
                due = max(send.due + piece.after_s, self._held_until)
                if piece.after_s:
                    self._held_until = due
                self._carry(piece.data, due)

    def _carry(self, data: bytes, due: float) -> None:
        start = max(due, self._out_free)
        byte_s = BITS_PER_BYTE / (self.device.line_rate or 115200)
        for at in range(0, len(data), self.portion):
            part = data[at : at + self.portion]
            start += len(part) * byte_s
            heapq.heappush(self._events, (start, next(self._order), part, True))
        self._out_free = start


class VirtualLink:
    """What a driver takes for its `SerialLink`, at the near side of a `Line`."""

    def __init__(self, line: Line, path: str, baudrate: int) -> None:
        self.path, self.baudrate = path, baudrate
        self._line = line
        self._cancelled = False
        self._plugging = 0  # the one it was opened at

    @property
    def is_open(self) -> bool:
        return self._plugging > 0

    def open(self) -> None:
        """LinkLostError while it is unplugged; what had arrived before is gone."""
        if not self._line.plugged:
            raise LinkLostError("unplugged")
        if not self.is_open:
            self._line.heard()
            self._plugging = self._line.plugged

    def close(self) -> None:
        self._plugging = 0

    def cancel(self) -> None:
        self._cancelled = True

    def rearm(self) -> None:
        self._cancelled = False

    def set_baudrate(self, baudrate: int) -> None:
        self.baudrate = baudrate

    def read(self, deadline: Deadline) -> bytes:
        while True:
            self._check()
            if data := self._line.heard():
                # At another speed both sides read scrambled bytes.
                agreed = self.baudrate == (self._line.device.line_rate or self.baudrate)
                return data if agreed else bytes(byte ^ 0xA5 for byte in data)
            if not self._line.wait(deadline.at) and not (data := self._line.heard()):
                raise LinkTimeoutError("nothing before the deadline")
            if data:
                return data

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._check()
        self._line.host_says(data, self.baudrate)

    def drain(self, quiet_s: float = 0.02, limit_s: float = 0.5) -> int:
        dropped, whole = 0, Deadline(self._line.now + limit_s)
        while self._line.now < whole.at:
            try:
                dropped += len(self.read(Deadline(min(whole.at, self._line.now + quiet_s))))
            except LinkTimeoutError:
                break
        return dropped

    def _check(self) -> None:
        if self._cancelled:
            raise LinkCancelledError("called off")
        if not self._plugging or self._plugging != self._line.plugged:
            self._plugging = 0
            raise LinkLostError("unplugged")


class VirtualEvent:
    """A `threading.Event` that is waited for in virtual time."""

    def __init__(self, line: Line) -> None:
        self._line, self._set = line, False

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set and timeout:
            self._line.pass_time(timeout)
        return self._set

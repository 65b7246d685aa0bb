# SPDX-License-Identifier: Apache-2.0
"""The frame in which every serial emulator runs: a pseudo-terminal, a line speed, a control desk.

To write an emulator, subclass `device.Device` (what the machine does with bytes, no port, no
thread) and `Stage` it. The stage owns everything else:

- a pty, raw from the first instant and with the device's own speed set, and optionally a symlink
  to it that always names the pty of the moment (replaced atomically, removed at the end);
- the pace: bytes travel in both directions no faster than the line carries them (10 bit times a
  byte at the speed the *host* has set, times the factor, so factor 0 is as fast as the machine);
- the speed check: a host at another speed than `Device.line_rate` is not understood, and reads
  scrambled bytes;
- overrun: what the host does not read in time is dropped, as by a real UART (at factor 0 it waits
  for the host instead: a line without time has no overrun);
- back-pressure: no more than `Device.room` bytes are taken from the host, the rest waits;
- wire faults (`wire_faults`), power cycling, unplugging and plugging in again;
- the control desk: a request is one dict, its answer is one dict with ``"ok"``.

In a test, in process:

    with Stage(MyDevice(factor=0.0, seed=1)) as module:
        port = serial.Serial(module.path)
        module.control({"place": "right-thumb"})     # {"ok": True, ...}

As a command, reading requests from stdin: `command.serve`.

Requests that every device understands are in `CONTROLS`; all others go to `Device.control`.
"""

import contextlib
import heapq
import itertools
import os
import queue
import random
import select
import struct
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from fcntl import ioctl
from pathlib import Path
from typing import Any, Self

from firmware_io.emulators.device import ControlError, Device, Send
from firmware_io.emulators.wire_faults import WIRE_FAULT_KEYS, FaultyWire

__all__ = ["CONTROLS", "ControlError", "Device", "Send", "Stage"]

BITS_PER_BYTE = 10  # start bit, 8 data bits, stop bit
CONTROLS = """\
controls of every device, one JSON object a line on stdin:
  {"status": true}                  what the device holds
  {"power": "cycle"|"off"|"on"}     supply switched; what is in RAM is lost
  {"unplug": true}                  the port vanishes; {"replug": true} brings a new one
  {"fault": {...}}                  wire faults, {} clears: times, skip, silent, slow, gap, corrupt,
                                    truncate, duplicate, glue, noise, noise_inside, stray, replace,
                                    lose, lose_in (see firmware_io.emulators.wire_faults)
"""

_SLICE_S = 0.004  # bytes move in portions of at most this much line time
_TCGETS2 = 0x802C542A  # <asm-generic/ioctls.h>, struct termios2: exact speed, also a custom one
_TERMIOS2 = struct.Struct("4I20B2I")


_Asked = tuple[dict[str, Any] | ControlError, Callable[[dict[str, Any]], None]]


class Stage:
    """Runs one `Device` on a pty. A context manager that runs it in a thread, for tests."""

    def __init__(self, device: Device, *, link: str | Path | None = None) -> None:
        self.device = device
        self._link = Path(link) if link is not None else None
        self._master: int | None = None
        self._slave: int | None = None
        self._slave_path = ""
        self._powered = False
        self._wire = FaultyWire(device.seed)
        self._order = itertools.count()
        self._scrambler = random.Random(device.seed)
        self._said: list[tuple[float, int, bytes]] = []  # heap of what is not yet on the line
        self._incoming: deque[tuple[float, bytes]] = deque()  # (when carried, portion)
        self._outgoing: deque[tuple[float, bytes]] = deque()
        self._in_free = self._out_free = 0.0  # when the line is free again
        self._held_until = 0.0
        self._blocked = False  # the host's buffer is full, and the line waits for it
        self._in_waiting = 0
        self._bytes_in = 0  # taken from the host since the stage was built
        self._requests: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._thread: threading.Thread | None = None

    @property
    def path(self) -> str:
        """Where to open the port: the link if there is one, else the pty of the moment."""
        return str(self._link) if self._link is not None else self._slave_path

    def control(self, request: dict[str, Any], timeout_s: float = 10.0) -> dict[str, Any]:
        """Puts one request to the running stage and waits for the answer. From any thread.

        ``{"ok": True, ...}`` or ``{"ok": False, "reason": "..."}``. Raises TimeoutError.
        """
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._requests.put((request, answer.put))
        self.wake()
        try:
            return answer.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError(f"the {self.device.name} emulator does not answer") from None

    def submit(
        self, request: dict[str, Any] | ControlError, answer: Callable[[dict[str, Any]], None]
    ) -> None:
        """As `control`, but `answer` is called from the stage's thread.

        A ControlError in place of a request is answered as such: answers keep their order.
        """
        self._requests.put((request, answer))
        self.wake()

    def wake(self) -> None:
        """Lets a waiting loop look around at once. From any thread or signal handler."""
        with contextlib.suppress(OSError):
            os.eventfd_write(self._wake, 1)

    def stop(self) -> None:
        """Ends `run`. From any thread or signal handler."""
        self._stop.set()
        self.wake()

    def open(self) -> None:
        """Opens the pty, sets the link and switches the device on."""
        self._plug()
        self._power(True, time.monotonic())

    def close(self) -> None:
        """Removes the link and the pty."""
        self._unplug()

    def __enter__(self) -> Self:
        self.open()
        self._thread = threading.Thread(target=self.run, name=f"{self.device.name}-emulator")
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()
        self.close()
        os.close(self._wake)

    # -- the loop ------------------------------------------------------------------------------

    def run(self) -> None:
        """Serves the wire and the desk until `stop`."""
        while not self._stop.is_set():
            now = time.monotonic()
            self._answer_requests(now)
            self._deliver(now)
            self._collect(now)
            self._emit(now)
            self._sleep()

    def _sleep(self) -> None:
        now = time.monotonic()
        lines = (self._incoming, self._said, () if self._blocked else self._outgoing)
        due = [line[0][0] for line in lines if line]
        wake = self.device.wake_at() if self._powered else None
        if wake is not None:
            due.append(wake)
        timeout_ms = None if not due else max(0.0, (min(due) - now) * 1000)
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        if self._master is not None:
            events = select.POLLIN if self._room() > 0 else 0
            poller.register(self._master, events | (select.POLLOUT if self._blocked else 0))
        for fd, event in poller.poll(timeout_ms):
            if fd == self._wake:
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(self._wake)
            elif event & select.POLLIN:
                self._take(time.monotonic())

    def _room(self) -> int:
        return self.device.room() - self._in_waiting if self._powered else 4096

    def _take(self, now: float) -> None:
        """Reads from the host and works out when the line has carried each portion."""
        if self._master is None:
            return
        try:
            data = os.read(self._master, min(4096, self._room()))
        except OSError:
            return
        if not self._powered or not self._speeds_agree():
            return
        data = self._wire.from_host(data)
        self._in_waiting += len(data)
        self._bytes_in += len(data)
        self._in_free = self._carry(data, max(now, self._in_free), self._incoming)

    def _deliver(self, now: float) -> None:
        while self._incoming and self._incoming[0][0] <= now:
            due, part = self._incoming.popleft()
            self._in_waiting -= len(part)
            self.device.feed(part, due)
            self._collect(now)

    def _collect(self, now: float) -> None:
        """Fetches what the device wants to say, through the faults of the wire."""
        if not self._powered:
            return
        for send in self.device.poll(now):
            for piece in self._wire.to_host(send.data):
                # A message held back by a fault holds back what is said after it.
                due = max(send.due + piece.after_s, self._held_until)
                if piece.after_s:
                    self._held_until = due
                heapq.heappush(self._said, (due, next(self._order), piece.data))

    def _emit(self, now: float) -> None:
        """Puts messages whose time has come on the line, and hands over what it has carried."""
        while self._said and self._said[0][0] <= now:
            due, _, data = heapq.heappop(self._said)
            self._out_free = self._carry(data, max(due, self._out_free), self._outgoing)
        self._blocked = False
        while self._outgoing and self._outgoing[0][0] <= now and not self._blocked:
            due, part = self._outgoing.popleft()
            rest = self._write(part)
            if rest and not self.device.factor:
                self._outgoing.appendleft((due, rest))
                self._blocked = True

    def _carry(self, data: bytes, start: float, line: deque[tuple[float, bytes]]) -> float:
        """Cuts `data` into portions, each with the moment its last bit is through; the last one."""
        byte_s = BITS_PER_BYTE / (self._host_rate() or 9600) * self.device.factor
        portion = max(1, int(_SLICE_S / byte_s) if byte_s else len(data))
        for at in range(0, len(data), portion):
            part = data[at : at + portion]
            start += len(part) * byte_s
            line.append((start, part))
        return start

    def _write(self, part: bytes) -> bytes:
        """What the host's buffer had no room for."""
        if self._master is None:
            return b""
        if not self._speeds_agree():
            part = self._scrambler.randbytes(len(part))
        try:
            return part[os.write(self._master, part) :]
        except BlockingIOError:
            return part
        except OSError:
            return b""

    def _host_rate(self) -> int:
        """The speed that the host has set, 0 when nothing can be said."""
        if self._master is None:
            return 0
        try:
            settings = ioctl(self._master, _TCGETS2, bytes(_TERMIOS2.size))
        except OSError:
            return 0
        return _TERMIOS2.unpack(settings)[-1]

    def _speeds_agree(self) -> bool:
        rate, host = self.device.line_rate, self._host_rate()
        # Two per cent a side is what a UART tolerates; a custom rate is rarely exact.
        return rate is None or abs(host - rate) <= rate * 0.04

    # -- plug and power ------------------------------------------------------------------------

    def _plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        if self.device.line_rate is not None:
            with contextlib.suppress(AttributeError, termios.error):
                speed = getattr(termios, f"B{self.device.line_rate}")
                settings = termios.tcgetattr(self._slave)
                settings[4] = settings[5] = speed
                termios.tcsetattr(self._slave, termios.TCSANOW, settings)
        os.set_blocking(self._master, False)
        # Our own slave descriptor stays open, so that the host may close and open again.
        self._slave_path = os.ttyname(self._slave)
        if self._link is not None:
            fresh = self._link.with_name(f".{self._link.name}.{os.getpid()}")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._slave_path)
            fresh.replace(self._link)

    def _unplug(self) -> None:
        link = self._link
        if link is not None and link.is_symlink() and os.readlink(link) == self._slave_path:
            link.unlink()
        for fd in (self._slave, self._master):
            if fd is not None:
                os.close(fd)
        self._master = self._slave = None
        self._slave_path = ""
        self._clear_lines()

    def _power(self, on: bool, now: float) -> None:
        self._clear_lines()
        self._powered = on
        if on:
            self.device.power_cycle(now)

    def _clear_lines(self) -> None:
        self._incoming.clear()
        self._outgoing.clear()
        self._said.clear()
        self._in_waiting = 0
        self._in_free = self._out_free = self._held_until = 0.0

    # -- the desk ------------------------------------------------------------------------------

    def _answer_requests(self, now: float) -> None:
        while True:
            try:
                request, answer = self._requests.get_nowait()
            except queue.Empty:
                return
            try:
                if isinstance(request, ControlError):
                    raise request
                reply = {"ok": True, **self._answer(request, now)}
            except (ControlError, ValueError, OSError) as refusal:
                reply = {"ok": False, "reason": str(refusal)}
            self._collect(now)
            answer(reply)

    def _answer(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        if request.get("unplug"):
            self._unplug()
            return {}
        if request.get("replug"):
            if self._master is None:
                self._plug()
                self._power(True, now)
            return {"path": self.path}
        if "power" in request:
            match request["power"]:
                case "cycle":
                    self._power(True, now)
                case "off":
                    self._power(False, now)
                case "on":
                    if not self._powered:
                        self._power(True, now)
                case other:
                    raise ControlError(f"power is cycle, off or on, not {other!r}")
            return {}
        if "fault" in request:
            fault = request["fault"]
            if not isinstance(fault, dict):
                raise ControlError('a fault is an object, {"fault": {}} clears')
            if not fault:
                self._wire.clear()
                self.device.fault({}, now)
                return {}
            own = {key: value for key, value in fault.items() if key not in WIRE_FAULT_KEYS}
            count = {key: fault[key] for key in ("times", "skip") if key in fault}
            wire = {k: v for k, v in fault.items() if k in WIRE_FAULT_KEYS and k not in count}
            if own:
                self.device.fault({**own, **count}, now)
            if wire:
                self._wire.set({**wire, **count})
            return {}
        reply = self.device.control(request, now)
        if request.get("status"):
            reply = {
                "device": self.device.name,
                "path": self.path,
                "plugged": self._master is not None,
                "powered": self._powered,
                "host_rate": self._host_rate(),
                "bytes_in": self._bytes_in,
                "spent": {act: asdict(cost) for act, cost in self.device.spent.items()},
                **reply,
            }
        return reply

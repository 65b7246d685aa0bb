# SPDX-License-Identifier: Apache-2.0
"""Smart cards through the system's PC/SC service, with a deadline on every answer.

The library behind it has no time-outs of its own, so it lives in a child process
(`firmware_io.links.pcsc_host`). A child that misses a deadline is ended, and the next call starts
another; a restarted service or a reader pulled and plugged is simply there again.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkError, LinkLostError, LinkTimeoutError

START_S: Final = 15.0
"""How long a child may take to start: an interpreter and a library, on a busy machine."""
_LINE_LIMIT: Final = 1 << 20
_PROJECT: Final = Path(__file__).parents[2]


class CardGoneError(LinkLostError):
    """No card is there, or it was taken out (also out and in again) during the exchange."""


class Service(StrEnum):
    """How the PC/SC service stands."""

    UP = "up"
    DOWN = "down"
    FORBIDDEN = "forbidden"  # the system's rules keep this user out


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader. `changes` counts insertions and removals, 16 bits, since the service saw it."""

    name: str
    card: bool
    mute: bool
    atr: bytes
    changes: int


@dataclass(frozen=True, slots=True)
class Status:
    """The service and its readers, in the service's order."""

    service: Service
    readers: tuple[Reader, ...] = ()


class PcscLink:
    """The booth's side of the child. Calls may come from any thread; one is served at a time.

    `environment` is added to the child's. Nothing starts before the first call, which may take
    `START_S` longer than its deadline.
    """

    def __init__(self, *, environment: dict[str, str] | None = None) -> None:
        self._environment = environment or {}
        self._turn = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._to = self._from = -1  # our ends of its two pipes
        self._rest = b""
        self._number = 0

    @property
    def child_pid(self) -> int | None:
        """Process id of the child, None when none runs."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def status(self, deadline: Deadline) -> Status:
        """Asks afresh. Raises LinkTimeoutError or LinkLostError (the child), never for a reader."""
        try:
            answer = self._ask({"do": "status"}, deadline)
        except LinkLostError:
            # The child had just died. Looking changes nothing, so a fresh one is asked at once.
            answer = self._ask({"do": "status"}, deadline)
        readers = tuple(
            Reader(r["name"], r["card"], r["mute"], bytes.fromhex(r["atr"]), r["changes"])
            for r in answer["readers"]
        )
        return Status(Service(answer["service"]), readers)

    def connect(self, reader: str, deadline: Deadline) -> bytes:
        """Takes the card in `reader` for this link alone; its ATR.

        Raises CardGoneError, LinkBusyError (another program has it), LinkLostError (reader or
        service gone), LinkTimeoutError.
        """
        return bytes.fromhex(self._ask({"do": "connect", "reader": reader}, deadline)["atr"])

    def transmit(self, apdu: bytes, deadline: Deadline) -> bytes:
        """The card's answer, data and two status bytes. Errors as `connect`."""
        answer = self._ask({"do": "transmit", "apdu": apdu.hex()}, deadline)
        return bytes.fromhex(answer["answer"])

    def disconnect(self, deadline: Deadline) -> None:
        """Resets the card and lets it go. Never raises: a card that is gone is let go already."""
        with self._turn, contextlib.suppress(LinkError):
            if self.child_pid is not None:  # a child that was ended has let go of everything
                self._ask({"do": "disconnect"}, deadline)

    def close(self) -> None:
        """Ends the child. The link may be used again."""
        with self._turn:
            self._end()

    # -- the child -----------------------------------------------------------------------------

    def _ask(self, request: dict[str, Any], deadline: Deadline) -> dict[str, Any]:
        with self._turn:
            left = deadline.left
            if self.child_pid is None:
                self._start()
                deadline = Deadline.after(left)
            self._number += 1
            line = json.dumps({"id": self._number, **request}) + "\n"
            try:
                os.write(self._to, line.encode())
                answer = self._hear(deadline)
            except OSError as error:
                self._end()
                raise LinkLostError("the smart-card host has ended") from error
            except LinkError:
                self._end()
                raise
        if answer.get("id") != self._number:
            raise LinkLostError("the smart-card host answers something else")
        _raise_for(answer)
        return answer

    def _start(self) -> None:
        self._end()
        its_in, self._to = os.pipe2(os.O_CLOEXEC)
        self._from, its_out = os.pipe2(os.O_CLOEXEC)
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "firmware_io.links.pcsc_host"],
                stdin=its_in,
                stdout=its_out,
                stderr=subprocess.DEVNULL,
                env=self._child_environment(),
            )
        finally:
            os.close(its_in)
            os.close(its_out)
        try:
            self._hear(Deadline.after(START_S))
        except LinkError:
            self._end()
            raise

    def _child_environment(self) -> dict[str, str]:
        """Ours, with this project importable from whatever folder the booth was started in."""
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
        return {**os.environ, "PYTHONPATH": path, **self._environment}

    def _hear(self, deadline: Deadline) -> dict[str, Any]:
        poller = select.poll()
        poller.register(self._from, select.POLLIN)
        while b"\n" not in self._rest:
            if not poller.poll(deadline.left * 1000):
                raise LinkTimeoutError("the smart-card host gives no answer")
            data = os.read(self._from, 65536)
            if not data or len(self._rest) > _LINE_LIMIT:
                raise LinkLostError("the smart-card host has ended")
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return json.loads(line)

    def _end(self) -> None:
        child, self._child, self._rest = self._child, None, b""
        for pipe in (self._to, self._from):
            if pipe >= 0:
                os.close(pipe)
        self._to = self._from = -1
        if child is not None:
            child.kill()
            child.wait()


def _raise_for(answer: dict[str, Any]) -> None:
    kind = answer.get("error")
    if kind is None:
        return
    text = f"smart-card service: {kind} ({answer.get('number', 0):#x})"
    if kind in ("no_card", "removed"):
        raise CardGoneError(text)
    if kind == "busy":
        raise LinkBusyError(text)
    raise LinkLostError(text)

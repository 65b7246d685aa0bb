# SPDX-License-Identifier: Apache-2.0
"""The desk of an emulator that runs as a command: JSON lines in and out, and a clean end.

Lines are written with ``os.write`` and the process ends with ``os._exit``: a thread that still
reads or writes a text stream while the interpreter ends holds the stream's lock, and Python then
aborts (status -6).
"""

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

STDIN, STDOUT = 0, 1
_PIECE = 4096  # bytes read at once; a longer line comes in pieces
_turn = threading.Lock()


def say(answer: dict[str, Any]) -> None:
    """One JSON line on stdout, at once and whole. Nobody listening any more is no fault."""
    line = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    with _turn, contextlib.suppress(BrokenPipeError):
        while line:
            line = line[os.write(STDOUT, line) :]


def listen(obey: Callable[[Any], None], over: Callable[[], Any] = lambda: None) -> None:
    """Hands each line of stdin to `obey`, parsed (None: not JSON), from a thread of its own.

    The thread ends with stdin, after calling `over`, or with the process.
    """
    # A daemon: a read from stdin cannot be called off, and must not outlive the device.
    threading.Thread(target=_read, args=(obey, over), name="desk", daemon=True).start()


def _read(obey: Callable[[Any], None], over: Callable[[], Any]) -> None:
    rest = b""
    while data := os.read(STDIN, _PIECE):
        *lines, rest = (rest + data).split(b"\n")
        for line in filter(bytes.strip, lines):
            try:
                request = json.loads(line)
            except ValueError:
                request = None
            obey(request)
    over()


class Ending:
    """SIGTERM and SIGINT as something to wait for. Made in the main thread, before "ready"."""

    def __init__(self) -> None:
        self._far, self._near = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            # A pipe and not an Event: a handler may run while the waiter holds the Event's lock.
            signal.signal(number, lambda *_: self.ask())

    def ask(self) -> None:
        """Asks the process to end. From any thread."""
        os.write(self._near, b"x")

    def wait(self) -> None:
        """Returns when the process is asked to end."""
        os.read(self._far, 1)


class AtDesk(Protocol):
    """A device that runs by itself and is told what to do."""

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """Does one request and answers it."""
        ...

    def close(self) -> None:
        """Stops it."""
        ...


def attend(device: AtDesk, name: str, path: str) -> int:
    """Says that the device is ready, obeys stdin until the process is asked to end, closes it.

    Returns the exit status. Call it in the main thread, with the device open.
    """

    def obey(said: Any) -> None:
        wrong = {"ok": False, "reason": "a request is one JSON object on one line"}
        say(device.control(said) if isinstance(said, dict) else wrong)

    ending = Ending()
    say({"device": name, "path": path})
    listen(obey)
    try:
        ending.wait()
    finally:
        device.close()
    return 0


def leave(status: int) -> NoReturn:
    """Ends the process now, whatever its daemon threads wait for."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)

# SPDX-License-Identifier: Apache-2.0
"""The far side of the booth panel's mock pins: a Unix socket in the process that owns them.

gpiozero's mock pins live inside one process, so the hand that presses them must reach in. The
booth opens this desk when its settings say ``factory = "mock"`` and name a ``mock_socket``; anyone
then connects and sends JSON objects, one a line, each answered by one line:

    {"presence": true}            somebody stands in front of the booth; false: nobody
    {"key": "open"}               the staff key turned to service; "closed": turned back
    {"lamps": true}               {"ok": true, "lamps": {"photo": 1.0, "reader": 0.0, ...}}
    {"status": true}              lamps, presence and key

The booth's process ends after every visit and a new one opens the path again: a client that loses
its connection connects again and repeats what still holds (nobody there and key closed at start).
``python -m firmware_io.emulators.panel PATH`` passes stdin to the socket and answers to stdout.
"""

import argparse
import contextlib
import json
import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from gpiozero.pins.mock import MockFactory, MockPin

from firmware_io.links.pins import PanelPins

LINE_MAX = 4096


class PanelDesk:
    """Serves one socket from one thread. `open` starts it, `close` ends it and removes the path."""

    def __init__(self, factory: MockFactory, layout: PanelPins, path: str | Path) -> None:
        self.path = Path(path)
        self._factory, self._layout = factory, layout
        self._server: socket.socket | None = None
        self._wake_in, self._wake_out = -1, -1
        self._inode = 0
        self._thread: threading.Thread | None = None
        self._waiting: dict[socket.socket, bytes] = {}

    def open(self) -> None:
        """Bind the path (a socket left by an ended process is replaced) and start serving.

        Raises OSError when the folder is not there or not writable.
        """
        server = socket.socket(socket.AF_UNIX)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        server.bind(str(fresh))
        fresh.chmod(0o600)
        server.listen(4)
        self._inode = fresh.stat().st_ino
        fresh.replace(self.path)
        self._server = server
        self._wake_in, self._wake_out = os.pipe()
        # The sensor's own output: nobody there. The key is held by its pull-up.
        self._pin(self._layout.presence).drive_low()
        self._thread = threading.Thread(target=self._serve, name="panel-desk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, drop the clients, remove the path if it is still this desk's."""
        if self._thread is None:
            return
        os.write(self._wake_out, b"x")
        self._thread.join(5)
        self._thread = None
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()
        for end in (self._wake_in, self._wake_out):
            os.close(end)

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request, as over the socket."""
        match request:
            case {"presence": bool(there)}:
                self._drive(self._layout.presence, there)
            case {"key": "open" | "closed" as position}:
                self._drive(self._layout.key, position == "closed")
            case {"lamps": True}:
                return {"ok": True, "lamps": self._lamps()}
            case {"status": True}:
                return {
                    "ok": True,
                    "device": "panel",
                    "lamps": self._lamps(),
                    "presence": bool(self._pin(self._layout.presence).state),
                    "key": "closed" if self._pin(self._layout.key).state else "open",
                }
            case _:
                known = '{"presence": true|false}, {"key": "open"|"closed"}, {"lamps": true}'
                return {"ok": False, "reason": f"known requests: {known}"}
        return {"ok": True}

    def _lamps(self) -> dict[str, float]:
        return {
            name: round(float(self._pin(number).state), 3)
            for name, number in self._layout.lamps.items()
        }

    def _pin(self, number: int) -> MockPin:
        return cast("MockPin", self._factory.pin(number))

    def _drive(self, number: int, high: bool) -> None:
        pin = self._pin(number)
        if high:
            pin.drive_high()
        else:
            pin.drive_low()

    def _serve(self) -> None:
        assert self._server is not None  # noqa: S101 - opened before the thread starts
        with selectors.DefaultSelector() as ready, self._server as server:
            ready.register(server, selectors.EVENT_READ)
            ready.register(self._wake_in, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fileobj == self._wake_in:
                        for client in self._waiting:
                            client.close()
                        self._waiting.clear()
                        return
                    if key.fileobj is server:
                        client, _address = server.accept()
                        client.settimeout(1.0)
                        self._waiting[client] = b""
                        ready.register(client, selectors.EVENT_READ)
                        continue
                    client = cast("socket.socket", key.fileobj)
                    if not self._listen(client):
                        ready.unregister(client)
                        del self._waiting[client]
                        client.close()

    def _listen(self, client: socket.socket) -> bool:
        """Answer the whole lines of one client; False when it is gone or sends no lines."""
        try:
            data = client.recv(LINE_MAX)
            *lines, rest = (self._waiting[client] + data).split(b"\n")
            for line in lines:
                if line.strip():
                    client.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError:
            return False
        self._waiting[client] = rest
        return bool(data) and len(rest) <= LINE_MAX

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            return {"ok": False, "reason": "a request is one JSON object on one line"}
        return self.control(request)


def main(argv: Sequence[str] | None = None, out: Callable[[str], Any] = print) -> int:
    """Pass requests from stdin to a booth's panel, one a line; answers go to stdout."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_io.emulators.panel",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", help="the booth's mock_socket")
    arguments = parser.parse_args(argv)
    with socket.socket(socket.AF_UNIX) as desk:
        try:
            desk.connect(arguments.path)
        except OSError as error:
            print(f"{parser.prog}: {arguments.path}: {error.strerror}", file=sys.stderr)
            return 1
        answers = desk.makefile()
        for line in sys.stdin:
            desk.sendall(line.rstrip("\n").encode() + b"\n")
            answer = answers.readline()
            if not answer:
                return 1
            out(answer.rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

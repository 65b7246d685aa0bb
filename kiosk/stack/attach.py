# SPDX-License-Identifier: Apache-2.0
"""A running development booth can be used by another command: control over a unix socket."""

import contextlib
import fcntl
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from kiosk.stack.files import Folder
from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack

ANSWER_S = 15.0


class Running(Protocol):
    """A development booth that is up, here or in another process."""

    folder: Folder
    console_url: str

    @property
    def door(self) -> Path:
        """The front's automation door."""
        ...

    @property
    def report(self) -> Path:
        """Where the front says how a visit ended."""
        ...

    def control(self, device: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """One control line to an emulated device."""
        ...

    def kill(self, name: str) -> None:
        """Ends a process at once."""
        ...


def supervisor_socket(folder: Folder) -> Path:
    """Where a running booth takes control lines."""
    return folder.run / "supervisor.sock"


@contextmanager
def open_stack(
    root: Path,
    *,
    factor: float,
    booth: Mapping[str, Any],
    counter: Mapping[str, Any],
    fresh: bool,
    staff: bool = False,
    fits: Collection[str] = (),
    say: Callable[[str], None],
) -> Iterator[Running]:
    """The booth in `root`: the one that runs there, or one that ends with the block.

    `fresh`: a booth started here begins with an empty counter and outbox; the old ones are put
    aside, because a person with an application under way is refused a second one. `staff`: it has
    a staff-card reader if this machine can. `fits`: it has these stores.
    Raises StackError; also when a running booth would need other settings.
    """
    there = Attached(Folder(root))
    if there.alive():
        if booth or counter:
            raise StackError("this script brings settings of its own; end the running booth first")
        say("using the booth that is running")
        yield there
        return
    if fresh:
        put_aside(there.folder)
    with Stack(
        root, factor=factor, booth=booth, counter=counter, staff=staff, fits=fits, say=say
    ) as stack:
        yield stack


def put_aside(folder: Folder) -> None:
    """Moves the counter and the outbox of earlier visits to a dated folder beside them."""
    lock = folder.root / "lock"
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StackError(f"{folder.root} is in use by another booth; end it first") from None
        old = folder.root / "earlier" / f"{datetime.now():%Y%m%d-%H%M%S-%f}"  # noqa: DTZ005
        for place in (folder.counter, folder.uplink):
            if any(place.iterdir()):
                old.mkdir(parents=True, exist_ok=True)
                place.rename(old / place.name)
    folder.make()


class Attached:
    """A booth that another process keeps."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.console_url = ""

    @property
    def door(self) -> Path:
        """The front's automation door."""
        return self.folder.run / "door.sock"

    @property
    def report(self) -> Path:
        """Where the front says how a visit ended."""
        return self.folder.run / "report.json"

    def alive(self) -> bool:
        """Whether a booth answers here."""
        try:
            self.console_url = str(self._ask({"hello": True})["console_url"])
        except (OSError, StackError, ValueError):
            return False
        return True

    def control(self, device: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """One control line to an emulated device. Raises StackError."""
        return self._ask({"control": device, "said": dict(said)})

    def kill(self, name: str) -> None:
        """Ends a process at once."""
        self._ask({"kill": name})

    def _ask(self, said: Mapping[str, Any]) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_S)
            line.connect(str(supervisor_socket(self.folder)))
            line.sendall(json.dumps(said).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer: dict[str, Any] = json.loads(answers.readline() or b"{}")
        if not answer.get("ok", False):
            raise StackError(str(answer.get("reason", "the booth does not answer")))
        return answer


@contextmanager
def offered(stack: Stack) -> Iterator[None]:
    """Lets other commands of the same user use `stack` while the block lasts."""
    path = supervisor_socket(stack.folder)
    path.unlink(missing_ok=True)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for raw in self.rfile:
                self.wfile.write(json.dumps(_obey(stack, raw)).encode() + b"\n")

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    mask = os.umask(0o077)
    try:
        server = Server(str(path), Handler)
    finally:
        os.umask(mask)
    threading.Thread(target=server.serve_forever, name="supervisor", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        with contextlib.suppress(OSError):
            path.unlink()


def _obey(stack: Stack, raw: bytes) -> dict[str, Any]:
    try:
        said = json.loads(raw)
        match said:
            case {"hello": True}:
                return {"ok": True, "console_url": stack.console_url}
            case {"control": str(device), "said": dict(line)}:
                return {"ok": True, **stack.control(device, line)}
            case {"kill": str(name)}:
                stack.kill(name)
                return {"ok": True}
    except (StackError, ValueError, KeyError) as wrong:
        return {"ok": False, "reason": str(wrong)}
    return {"ok": False, "reason": "unknown"}

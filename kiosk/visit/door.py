# SPDX-License-Identifier: Apache-2.0
"""The near end of the front's automation door: JSON lines over a unix socket."""

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class DoorError(Exception):
    """The front does not answer, or refuses; the text says what was asked."""


class Door:
    """One front process. A new front needs a new `Door`."""

    def __init__(self, path: Path, timeout_s: float = 20.0) -> None:
        end = time.monotonic() + timeout_s
        while True:
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self._socket.connect(str(path))
                break
            except OSError:
                self._socket.close()
                if time.monotonic() > end:
                    raise DoorError(f"no front answers at {path}") from None
                time.sleep(0.02)
        self._socket.settimeout(timeout_s)
        self._lines = self._socket.makefile("rb")

    def ask(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one line. Raises DoorError when it is refused or the front has ended."""
        try:
            self._socket.sendall(json.dumps(said).encode() + b"\n")
            raw = self._lines.readline()
        except OSError as gone:
            raise DoorError(f"the front has ended ({type(gone).__name__})") from None
        if not raw:
            raise DoorError("the front has ended")
        answer: dict[str, Any] = json.loads(raw)
        if not answer.get("ok", True):
            raise DoorError(f"{dict(said)}: {answer.get('error', 'refused')}")
        return answer

    def view(self) -> dict[str, Any]:
        """The shown view as plain values."""
        return self.ask({"view": True})

    def close(self) -> None:
        """Lets the front go on alone."""
        self._lines.close()
        self._socket.close()

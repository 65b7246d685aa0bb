# SPDX-License-Identifier: Apache-2.0
"""The hand at an emulated panel: its pins live in the front's process, behind a socket."""

import json
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.stack.process import StackError

HOLDS = ("presence", "key", "door", "power", "headphones")
PATIENCE_S = 15.0  # a front that has just been started takes its pins within this


class PanelHand:
    """Presses and looks; what still holds is repeated to each new front."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._holds: dict[str, Any] = {}
        self._turn = threading.Lock()

    def control(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """One control line to the panel of the running front. Raises StackError."""
        answer = self._say(said, PATIENCE_S)
        if not answer.get("ok"):
            raise StackError(f"panel refused: {answer.get('reason', answer)}")
        with self._turn:
            self._holds |= {key: said[key] for key in HOLDS if key in said}
        return answer

    def repeat(self) -> None:
        """Tells a new front what still holds: a turned key does not turn back by itself."""
        with self._turn:
            holds = dict(self._holds)
        for key, value in holds.items():
            try:
                self._say({key: value}, PATIENCE_S)
            except StackError:
                return  # that front has ended, and the next one is told

    def _say(self, said: Mapping[str, Any], patience_s: float) -> dict[str, Any]:
        end = time.monotonic() + patience_s
        while True:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2.0)
                try:
                    line.connect(str(self._path))
                    line.sendall(json.dumps(dict(said)).encode() + b"\n")
                    with line.makefile("rb") as answers:
                        if raw := answers.readline():
                            return json.loads(raw)
                except OSError:
                    pass  # the front is being started
            if time.monotonic() > end:
                raise StackError("no front answers for the panel")
            time.sleep(0.05)

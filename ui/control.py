# SPDX-License-Identifier: Apache-2.0
"""A door for scripted citizens and tests: JSON lines over a unix socket, real touches inside.

Opened only when a path is given. Each line is one command and gets one line of answer when it is
done: ``{"ok": true, ...}`` or ``{"ok": false, "error": "..."}``. Commands:

- ``{"tap": ID}``: touches the middle of a button, choice, take, field or key; waits until it is
  there, enabled and free (``timeout``, 10 s). ``"raw": true``: at once, like an impatient finger.
- ``{"tap_at": [x, y]}``: touches a point (px, from the top left); ``{"where": ID}`` tells one.
- ``{"type": {"field": ID, "text": "..."}}``: taps the keypad; ``"clear": true`` empties it first.
- ``{"sign": true}`` or ``{"sign": [[[x, y], ...], ...]}``: draws strokes (0..1 of the pad).
- ``{"hold": "show", "ms": 500}``; with ``"screenshot": PATH`` a picture is taken meanwhile.
- ``{"where": ID}``: the middle of a target as ``{"at": [x, y]}``, for ``tap_at``.
- ``{"screenshot": PATH}``, ``{"view": true}``, ``{"stats": true}``.
- ``{"wait": {...}, "timeout": 30}``: until every condition holds: ``screen``, ``step_name``,
  ``question_not``, ``button`` (there and enabled), ``heading_not``.
"""

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from kivy.clock import Clock
from PIL import Image

from ui.host import ScreenHost
from ui.script import Answer, RefusedError, Running, Script


class Door:
    """Listens at `path` and drives the screens of `host`."""

    def __init__(self, path: Path, host: ScreenHost) -> None:
        self._path = path
        self._script = Script(host)
        self._server: socket.socket | None = None
        self._closed = False

    # -- the socket

    def open(self) -> None:
        """Begins to listen; only the same user may connect."""
        self._path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            server.bind(str(self._path))
        finally:
            os.umask(before)
        server.listen(4)
        self._server = server
        # Daemon: a script that hangs on its side must not keep the screens from ending.
        threading.Thread(target=self._accept, name="control-door", daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._closed = True
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        assert self._server is not None  # noqa: S101  opened before the thread
        while not self._closed:
            try:
                client, _address = self._server.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(client,), name="control-client", daemon=True
            ).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rwb") as lines:
            try:
                for line in lines:
                    answer = self._answer(line)
                    lines.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                    lines.flush()
            except OSError:
                return

    def _answer(self, line: bytes) -> Answer:
        try:
            command = json.loads(line)
        except ValueError:
            return {"ok": False, "error": "not a JSON line"}
        if not isinstance(command, dict):
            return {"ok": False, "error": "a command is a JSON object"}
        answer = self._on_kivys_thread(lambda: self._script.run(command))
        if (pixels := answer.pop("pixels", None)) is not None:
            # Packing a PNG takes a while: not on the thread that draws.
            path, size, data = pixels
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            picture = Image.frombytes("RGBA", size, data).convert("RGB")
            picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(path, compress_level=1)
            answer["screenshot"] = str(path)
        return answer

    def _on_kivys_thread(self, begin: Callable[[], Running]) -> Answer:
        done = threading.Event()
        box: list[Answer] = []
        running: list[Running] = []

        def step(_dt: float) -> bool:
            try:
                if not running:
                    running.append(begin())
                next(running[0])
            except StopIteration as end:
                box.append({"ok": True, **end.value})
            except RefusedError as error:
                box.append({"ok": False, "error": str(error)})
            except (KeyError, TypeError, ValueError) as error:
                box.append({"ok": False, "error": f"{type(error).__name__}: {error}"})
            else:
                return True
            done.set()
            return False

        Clock.schedule_interval(step, 0)
        while not done.wait(0.5):
            if self._closed:
                return {"ok": False, "error": "the screens have ended"}
        return box[0]

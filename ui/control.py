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

import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.input.motionevent import MotionEvent
from PIL import Image

from kiosk.view import Booth, Choices, FingerSheet, Form, Payment, SlipSheet, TakeSheet
from ui.drawing import Kind, Rect, Target
from ui.host import ScreenHost

Answer = dict[str, Any]
Running = Generator[None, None, Answer]
"""A command on Kivy's thread: it yields once a frame and returns its answer."""

TIMEOUT_S = 10.0
_SIGNATURE = (
    ((0.18, 0.28), (0.30, 0.34), (0.24, 0.52), (0.16, 0.72)),
    ((0.14, 0.50), (0.22, 0.49), (0.34, 0.48)),
    ((0.46, 0.24), (0.44, 0.46), (0.47, 0.70), (0.56, 0.66), (0.62, 0.40)),
    ((0.68, 0.40), (0.76, 0.38), (0.88, 0.38)),
    ((0.78, 0.22), (0.78, 0.50), (0.77, 0.78)),
)


class ScriptTouch(MotionEvent):
    """A finger of a script, dispatched like a panel's."""

    def __init__(self, number: int, x: float, y: float) -> None:
        super().__init__("script", number, {"sx": x, "sy": y}, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, float]) -> None:
        """Takes the place (0..1 of the window, y up)."""
        self.sx, self.sy = args["sx"], args["sy"]
        self.profile = ("pos",)
        super().depack(args)


class RefusedError(Exception):
    """A command that cannot be done; its text goes to the script."""


class Door:
    """Listens at `path` and drives the screens of `host`."""

    def __init__(self, path: Path, host: ScreenHost) -> None:
        self._path = path
        self._host = host
        self._server: socket.socket | None = None
        self._numbers = itertools.count(1)
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
        answer = self._on_kivys_thread(lambda: self._run(command))
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

    # -- commands

    def _run(self, command: Answer) -> Running:
        table: dict[str, Callable[[Answer], Running]] = {
            "tap": self._tap,
            "tap_at": self._tap_at,
            "where": self._where,
            "type": self._type,
            "sign": self._sign,
            "hold": self._hold,
            "screenshot": self._screenshot,
            "view": self._view,
            "stats": self._stats,
            "wait": self._wait,
        }
        # "hold" may carry a screenshot: the first name in the table's order is the command.
        for name in (
            "tap",
            "tap_at",
            "where",
            "type",
            "sign",
            "hold",
            "wait",
            "view",
            "stats",
            "screenshot",
        ):
            if name in command:
                return table[name](command)
        raise RefusedError(f"unknown command: {', '.join(command) or 'none'}")

    def _find(self, ident: str) -> Target | None:
        drawing = self._host.drawing
        if drawing is None:
            return None
        order = {Kind.BUTTON: 0, Kind.ITEM: 1, Kind.HOLD: 2, Kind.CHROME: 3, Kind.PAD: 4}
        found = [target for target in drawing.targets if target.id == ident]
        return min(found, key=lambda target: order[target.kind], default=None)

    def _until_free(self, ident: str, timeout: float) -> Generator[None, None, Target]:
        end = time.monotonic() + timeout
        while True:
            target = self._find(ident)
            if target is not None and target.enabled:
                answers = target.kind in (Kind.BUTTON, Kind.ITEM)
                if self._host.gate.quiet_in(time.monotonic(), answers=answers) <= 0:
                    return target
            if time.monotonic() > end:
                state = "not on the screen" if target is None else "not enabled"
                raise RefusedError(f"{ident} is {state}")
            yield

    def _touch(self, x: float, y: float) -> ScriptTouch:
        wide, high = Window.width, Window.height
        return ScriptTouch(next(self._numbers), x / wide, 1 - y / high)

    def _press(self, rect: Rect) -> Generator[None, None, bool]:
        touch = self._touch(rect.x + rect.w / 2, rect.y + rect.h / 2)
        EventLoop.post_dispatch_input("begin", touch)
        accepted = self._host.accepted
        yield
        yield
        EventLoop.post_dispatch_input("end", touch)
        return accepted

    def _tap(self, command: Answer) -> Running:
        begun = time.monotonic()
        ident = str(command["tap"])
        if command.get("raw"):
            target = self._find(ident)
            if target is None:
                raise RefusedError(f"{ident} is not on the screen")
        else:
            target = yield from self._until_free(ident, float(command.get("timeout", TIMEOUT_S)))
        waited = time.monotonic() - begun
        question = self._host.view.question if self._host.view else None
        accepted = yield from self._press(target.rect)
        return {"accepted": accepted, "question": question, "waited_ms": round(waited * 1000)}

    def _tap_at(self, command: Answer) -> Running:
        x, y = (float(part) for part in command["tap_at"])
        accepted = yield from self._press(Rect(x, y, 0, 0))
        return {"accepted": accepted}

    def _where(self, command: Answer) -> Running:
        yield
        target = self._find(str(command["where"]))
        if target is None:
            raise RefusedError(f"{command['where']} is not on the screen")
        rect = target.rect
        return {"at": [rect.x + rect.w / 2, rect.y + rect.h / 2]}

    def _type(self, command: Answer) -> Running:
        wanted = command["type"]
        field = f"field:{wanted['field']}"
        timeout = float(command.get("timeout", TIMEOUT_S))
        target = yield from self._until_free(field, timeout)
        yield from self._press(target.rect)
        keys = [{" ": "space"}.get(letter, letter.upper()) for letter in str(wanted["text"])]
        if command.get("clear") or wanted.get("clear"):
            keys.insert(0, "clear")
        for key in keys:
            target = yield from self._until_free(f"key:{key}", timeout)
            yield from self._press(target.rect)
            yield
        return {}

    def _sign(self, command: Answer) -> Running:
        target = yield from self._until_free("pad", float(command.get("timeout", TIMEOUT_S)))
        strokes = command["sign"] if isinstance(command["sign"], list) else _SIGNATURE
        rect = target.rect
        for stroke in strokes:
            points = [
                (rect.x + x * (rect.w - 1), rect.y + y * (rect.h - 1)) for x, y in _dense(stroke)
            ]
            touch = self._touch(*points[0])
            EventLoop.post_dispatch_input("begin", touch)
            for number, (x, y) in enumerate(points[1:]):
                touch.move({"sx": x / Window.width, "sy": 1 - y / Window.height})
                EventLoop.post_dispatch_input("update", touch)
                if number % 4 == 3:
                    yield
            yield
            EventLoop.post_dispatch_input("end", touch)
            yield
        return {"strokes": len(self._host.strokes())}

    def _hold(self, command: Answer) -> Running:
        target = yield from self._until_free(
            str(command["hold"]), float(command.get("timeout", TIMEOUT_S))
        )
        rect = target.rect
        touch = self._touch(rect.x + rect.w / 2, rect.y + rect.h / 2)
        EventLoop.post_dispatch_input("begin", touch)
        end = time.monotonic() + float(command.get("ms", 500)) / 1000
        answer: Answer = {}
        yield
        yield
        if "screenshot" in command:
            answer["pixels"] = (command["screenshot"], *self._pixels())
        while time.monotonic() < end:
            yield
        EventLoop.post_dispatch_input("end", touch)
        yield
        return answer

    def _pixels(self) -> tuple[tuple[int, int], bytes]:
        size = (int(Window.width), int(Window.height))
        Window.dispatch("on_draw")
        return size, glReadPixels(0, 0, size[0], size[1], GL_RGBA, GL_UNSIGNED_BYTE)

    def _screenshot(self, command: Answer) -> Running:
        yield
        yield
        return {"pixels": (command["screenshot"], *self._pixels())}

    def _view(self, command: Answer) -> Running:
        yield from ()
        host = self._host
        view, say = host.view, host.speech.words
        if view is None:
            return {"screen": None}
        content = view.content
        answer: Answer = {
            "screen": str(view.screen),
            "step_name": view.step_name,
            "question": view.question,
            "heading": say(view.heading),
            "heading_key": view.heading.key,
            "lines": [say(line) for line in view.lines],
            "line_keys": [line.key for line in view.lines],
            "advice": say(view.advice.remedy) if view.advice else None,
            "advice_key": view.advice.remedy.key if view.advice else None,
            "reason": say(view.advice.reason) if view.advice and view.advice.reason else None,
            "reason_key": view.advice.reason.key if view.advice and view.advice.reason else None,
            "buttons": [one.id for one in view.buttons if one.enabled],
            "choices": [],
            "leaving_s": view.leaving_s,
            "language": host.look.language,
            "takes": [],
            "finger": None,
            "qr": "",
        }
        if isinstance(content, Choices):
            answer["choices"] = [one.id for one in content.items if one.enabled]
            answer["chosen"] = content.chosen
        elif isinstance(content, TakeSheet):
            answer["choices"] = [one.id for one in content.takes]
            answer["chosen"] = content.chosen
            answer["proposed"] = [one.id for one in content.takes if one.proposed]
        elif isinstance(content, Booth):
            answer |= {
                "takes": [one.id for one in content.takes],
                "live": content.live,
                "counting": content.counting,
                "pause": content.pause,
            }
        elif isinstance(content, FingerSheet):
            answer["finger"] = {
                "position": content.position,
                "press": content.press,
                "tries": content.tries,
                "lift": content.lift,
            }
        elif isinstance(content, Payment):
            answer["qr"] = content.qr
        elif isinstance(content, Form):
            answer["fields"] = {one.id: host.hand.text(one.id, one.value) for one in content.fields}
        elif isinstance(content, SlipSheet):
            answer |= {
                "received": content.received,
                "number": content.number,
                "printed": content.printed,
            }
        return answer

    def _stats(self, command: Answer) -> Running:
        yield from ()
        return self._host.stats.as_json()

    def _wait(self, command: Answer) -> Running:
        wanted = command["wait"]
        known = {"screen", "step_name", "question_not", "button", "heading_not"}
        if unknown := set(wanted) - known:
            raise RefusedError(f"unknown condition: {', '.join(sorted(unknown))}")
        begun = time.monotonic()
        end = begun + float(command.get("timeout", 30.0))
        while not self._holds(wanted):
            if time.monotonic() > end:
                view = self._host.view
                where = f"{view.screen}/{view.step_name}" if view else "nothing"
                raise RefusedError(f"still showing {where}")
            yield
        answer = yield from self._view(command)
        return {**answer, "waited_ms": round((time.monotonic() - begun) * 1000)}

    def _holds(self, wanted: Answer) -> bool:
        view = self._host.view
        if view is None:
            return False
        if "screen" in wanted:
            screens = wanted["screen"]
            if view.screen not in (screens if isinstance(screens, list) else [screens]):
                return False
        if "step_name" in wanted and view.step_name != wanted["step_name"]:
            return False
        if "question_not" in wanted and view.question == wanted["question_not"]:
            return False
        if "heading_not" in wanted and view.heading.key == wanted["heading_not"]:
            return False
        if "button" in wanted:
            target = self._find(str(wanted["button"]))
            return target is not None and target.enabled
        return True


def _dense(stroke: Any) -> list[tuple[float, float]]:
    """A stroke's points with six steps from each to the next, as a moving finger gives them."""
    points = [(float(x), float(y)) for x, y in stroke]
    dense = [points[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        dense += [(x0 + (x1 - x0) * n / 6, y0 + (y1 - y0) * n / 6) for n in range(1, 7)]
    return dense

# SPDX-License-Identifier: Apache-2.0
"""The commands of a scripted citizen, done on Kivy's thread a step a frame."""

import itertools
import time
from collections.abc import Callable, Generator
from typing import Any

from kivy.base import EventLoop
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

from ui.drawing import Kind, Rect, Target
from ui.host import ScreenHost
from ui.script_touch import SIGNATURE, ScriptTouch, dense
from ui.telling import told

Answer = dict[str, Any]
Running = Generator[None, None, Answer]
"""A command on Kivy's thread: it yields once a frame and returns its answer."""

TIMEOUT_S = 10.0


class RefusedError(Exception):
    """A command that cannot be done; its text goes to the script."""


class Script:
    """Does commands on the screens of `host`; `ui.control` says what they look like."""

    def __init__(self, host: ScreenHost) -> None:
        self._host = host
        self._window: Any = EventLoop.window
        self._numbers = itertools.count(1)

    def run(self, command: Answer) -> Running:
        """One command, to be stepped once a frame. Raises `RefusedError`, also while it runs."""
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
        wide, high = self._window.width, self._window.height
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
        strokes = command["sign"] if isinstance(command["sign"], list) else SIGNATURE
        rect = target.rect
        for stroke in strokes:
            points = [
                (rect.x + x * (rect.w - 1), rect.y + y * (rect.h - 1)) for x, y in dense(stroke)
            ]
            touch = self._touch(*points[0])
            EventLoop.post_dispatch_input("begin", touch)
            for number, (x, y) in enumerate(points[1:]):
                touch.move({"sx": x / self._window.width, "sy": 1 - y / self._window.height})
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
        size = (int(self._window.width), int(self._window.height))
        self._window.dispatch("on_draw")
        return size, glReadPixels(0, 0, size[0], size[1], GL_RGBA, GL_UNSIGNED_BYTE)

    def _screenshot(self, command: Answer) -> Running:
        yield
        yield
        return {"pixels": (command["screenshot"], *self._pixels())}

    def _view(self, command: Answer) -> Running:
        yield from ()
        return told(self._host)

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

# SPDX-License-Identifier: Apache-2.0
"""A program for test_app: the real window with a head that goes from one sample to the next.

``walking_head.py SOCKET REPORT``; every answer goes to the next screen, the last one ends the
visit. REPORT gets one line per event and the exit status.
"""

import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kiosk.events import Event, LanguageChosen, Touched
from kiosk.head import PreviewFrame
from kiosk.view import View
from ui import sample_pictures, samples
from ui.app import run
from ui.gallery import preview_frame
from ui.options import Options

WALK = ("welcome", "consent", "photo", "takes", "form", "review", "slip")


class WalkingHead:
    """Goes one screen further with every answer."""

    def __init__(self, report: Path) -> None:
        every = samples.views()
        self._views = [
            replace(every[name], question=number, step_name=name)
            for number, name in enumerate(WALK, 1)
        ]
        self._at = 0
        self._report = report
        self._events: queue.Queue[Event] = queue.Queue()
        self._frame = preview_frame()
        self._show: Callable[[View], None] = lambda view: None
        self._end: Callable[[], None] = lambda: None
        threading.Thread(target=self._go, daemon=True).start()

    def _go(self) -> None:
        while True:
            event = self._events.get()
            with self._report.open("a") as file:
                file.write(f"{type(event).__name__}\n")
            if isinstance(event, Touched | LanguageChosen):
                continue
            self._at += 1
            if self._at == len(self._views):
                self._end()
                return
            self._show(self._views[self._at])

    def view(self) -> View:
        return self._views[self._at]

    def on_view(self, callback: Callable[[View], None]) -> None:
        self._show = callback

    def on_end(self, callback: Callable[[], None]) -> None:
        self._end = callback

    def on_keypad(self, callback: Callable[[str], None]) -> None:
        """No keypad is fitted here."""

    def send(self, event: Event) -> None:
        self._events.put(event)

    def frame(self) -> PreviewFrame | None:
        number = int(time.monotonic() * 30)
        return replace(self._frame, seq=number, stamp_s=number / 30)

    def media(self, ref: str) -> bytes:
        return sample_pictures.media(ref)


if __name__ == "__main__":
    door, report = Path(sys.argv[1]), Path(sys.argv[2])
    status = run(WalkingHead(report), Options(control=door, strict=True))
    with report.open("a") as file:
        file.write(f"exit {status}\n")
    sys.exit(status)

# SPDX-License-Identifier: Apache-2.0
"""Runs the screens in a window until the visit is over."""

import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.head import Head
from kiosk.view import View
from ui.environment import prepare
from ui.options import Options
from ui.pulse import Pulse, every_s

if TYPE_CHECKING:
    from kivy.clock import ClockEvent

    from ui.host import ScreenHost

PREVIEW_FPS = 30
BAR_FPS = 12
ANSWER_S = 0.012
"""How long the drawing thread waits for the flow's answer to a touch before the next frame."""
AGAIN_S = (0.1, 0.4, 1.0)
"""After the first picture it is drawn again so much later: a panel that was off may miss one."""
REST_S = 0.06
"""A picture that moved is drawn once more when it has rested for so long."""


class NoDisplayError(RuntimeError):
    """No window can be opened here."""


def process_age_s() -> float:
    """Seconds since this process was started (from the kernel), to count the imports as well."""
    ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def open_window(options: Options) -> None:
    """Opens the window, once a process; on the main thread, before anything imports Kivy.

    Raises `NoDisplayError` when there is nothing to show on.
    """
    prepare(options)
    # Kivy tells with a stack trace what it could not open; a sentence will do.
    said = _LastError()
    kivys = logging.getLogger("kivy")
    kivys.addHandler(said)
    try:
        from kivy.core.window import Window
    finally:
        kivys.removeHandler(said)
    if Window is None:
        driver = os.environ.get("SDL_VIDEODRIVER") or "any driver"
        raise NoDisplayError(
            f"no window can be opened with {driver}{said.why}; connect and switch on a display,"
            " or set SDL_VIDEODRIVER=offscreen to draw into memory"
        )


def run(
    head: Head, options: Options | None = None, begin: Callable[[], None] = lambda: None
) -> int:
    """Shows `head`'s views until it says that the visit has ended; gives the exit status 0.

    `begin` is called once the first picture is on the panel: what is slow to start must not keep
    it back.

    SIGTERM ends the screens as well. At the end a plain screen is drawn and swapped twice, so that
    no buffer keeps a citizen's picture. Must be called on the main thread; opens the window when
    `open_window` has not. Raises `NoDisplayError`.
    """
    options = options or Options()
    if "kivy.core.window" not in sys.modules:
        open_window(options)
    # The window comes first: a texture without a window ends the interpreter.
    from kivy.app import App
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish

    from ui.host import ScreenHost
    from ui.theme import Look

    width, height = options.width, options.height
    if options.fullscreen:
        width, height = int(Window.width), int(Window.height)
    look = Look(width, height, options.dpi / 25.4, options.language)
    Window.clearcolor = (*look.palette.paper, 1)

    inbox = _Inbox()
    host = ScreenHost(
        look,
        head.send,
        head.media,
        strict=options.strict,
        # The flow answers within a moment: waiting for it saves a whole frame.
        answered=lambda: inbox.wait(ANSWER_S),
    )
    pulse = Pulse()

    class BoothApp(App):
        """The kiosk's application: one host, no settings panel, no closing."""

        def build(self) -> "ScreenHost":
            """The host."""
            return host

        def open_settings(self, *_args: object) -> bool:
            """F1 does nothing."""
            return False

    app = BoothApp()

    def draw_again(_dt: float = 0.0) -> None:
        host.ground.ask_update()

    def take(_dt: float) -> None:
        view = inbox.take()
        if view is not None and not inbox.ended:
            host.show(view)

    def end(_dt: float) -> None:
        host.ground.clear()
        for _swap in range(2):
            Window.dispatch("on_draw")
            Window.flip()
        glFinish()
        app.stop()

    take_soon = Clock.create_trigger(take, -1)
    end_soon = Clock.create_trigger(end, -1)
    frames = _Frames(Clock.create_trigger(draw_again, 0), Clock.create_trigger(draw_again, REST_S))

    def on_view(view: View) -> None:
        inbox.put(view)
        take_soon()

    def press(_dt: float) -> None:
        while not keys.empty():
            host.keypad.key(keys.get())

    keys: queue.SimpleQueue[str] = queue.SimpleQueue()
    press_soon = Clock.create_trigger(press, -1)

    def on_keypad(key: str) -> None:
        keys.put(key)
        press_soon()

    def on_end() -> None:
        inbox.ended = True
        end_soon()

    def on_flip(_window: object) -> bool:
        stats = host.stats
        waits, first = stats.waits_for_flip, stats.first_frame_s is None
        Window.flip()
        if waits or first:
            glFinish()
        if waits:
            stats.flipped()
        pulse.drawn()
        if first:
            stats.first_frame_s = process_age_s()
            Clock.schedule_once(lambda _dt: begin(), 0)
            for again in AGAIN_S:
                Clock.schedule_once(draw_again, again)
        frames.flipped(repainted=host.take_repainted())
        return True  # swapped already

    Window.bind(on_flip=on_flip)
    Window.bind(on_request_close=lambda *_args, **_names: True)

    def look_at_camera(_dt: float) -> None:
        if host.painter.has_live:
            host.preview(head.frame())

    Clock.schedule_interval(look_at_camera, 1 / (2 * PREVIEW_FPS))
    Clock.schedule_interval(lambda _dt: host.tick(), 1 / BAR_FPS)
    if (beat_s := every_s()) is not None:
        Clock.schedule_interval(lambda _dt: pulse.beat(draw_again), beat_s)
    head.on_view(on_view)
    head.on_end(on_end)
    head.on_keypad(on_keypad)
    on_view(head.view())
    door = None
    if options.control is not None:
        from ui.control import Door

        door = Door(options.control, host)
        Clock.schedule_once(lambda _dt: door.open(), 0)
    before = signal.signal(signal.SIGTERM, lambda *_args: on_end())
    try:
        app.run()
    finally:
        pulse.ends()
        signal.signal(signal.SIGTERM, before)
        if door is not None:
            door.close()
    return 0


class _LastError(logging.Handler):
    """Keeps the last line that names an error, in brackets, and lets nothing through."""

    why = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Looks through a message."""
        for line in record.getMessage().splitlines():
            if "Error: " in line:
                self.why = f" ({line.partition('Error: ')[2].removeprefix('b').strip(chr(39))})"


class _Frames:
    """Draws every new picture once more: some display drivers show each with the next one's swap.

    A whole new picture is followed at once, one that only moves (preview, bar, pen) when it rests.
    """

    def __init__(self, now: "ClockEvent", rested: "ClockEvent") -> None:
        self._now, self._rested = now, rested
        self._again = False

    def flipped(self, *, repainted: bool) -> None:
        """A picture is on the panel; `repainted`: a new one, not the one before moved on."""
        again, self._again = self._again, False
        self._rested.cancel()
        if repainted:
            self._again = True
            self._now()
        elif not again:
            self._again = True
            self._rested()


class _Inbox:
    """The newest view on its way to Kivy's thread; one not taken is replaced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: View | None = None
        self._here = threading.Event()
        self.ended = False

    def put(self, view: View) -> None:
        """Leaves a view."""
        with self._lock:
            self._view = view
            self._here.set()

    def wait(self, seconds: float) -> None:
        """Until a view is here, at most so long."""
        self._here.wait(seconds)

    def take(self) -> View | None:
        """The view left last, once."""
        with self._lock:
            view, self._view = self._view, None
            self._here.clear()
        return view

# SPDX-License-Identifier: Apache-2.0
"""Runs the screens in a window until the visit is over."""

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.head import Head
from kiosk.view import View
from ui.environment import prepare
from ui.options import Options

if TYPE_CHECKING:
    from ui.host import ScreenHost

PREVIEW_FPS = 30
BAR_FPS = 12
ANSWER_S = 0.012
"""How long the drawing thread waits for the flow's answer to a touch before the next frame."""


def process_age_s() -> float:
    """Seconds since this process was started (from the kernel), to count the imports as well."""
    ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def run(head: Head, options: Options | None = None) -> int:
    """Shows `head`'s views until it says that the visit has ended; gives the exit status 0.

    At the end a plain screen is drawn and swapped twice, so that no buffer keeps a citizen's
    picture. Must be called on the main thread, before anything imports Kivy.
    """
    options = options or Options()
    prepare(options)
    # The window comes first: a texture without a window ends the interpreter.
    from kivy.app import App
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish

    from ui.host import ScreenHost, window_size
    from ui.theme import Look

    width, height = window_size() if options.fullscreen else (options.width, options.height)
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

    class BoothApp(App):
        """The kiosk's application: one host, no settings panel, no closing."""

        def build(self) -> "ScreenHost":
            """The host."""
            return host

        def open_settings(self, *_args: object) -> bool:
            """F1 does nothing."""
            return False

    app = BoothApp()

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

    def on_view(view: View) -> None:
        inbox.put(view)
        take_soon()

    def on_end() -> None:
        inbox.ended = True
        end_soon()

    def on_flip(_window: object) -> bool:
        stats = host.stats
        waits = stats.waits_for_flip
        Window.flip()
        if waits or stats.first_frame_s is None:
            glFinish()
            if stats.first_frame_s is None:
                stats.first_frame_s = process_age_s()
        if waits:
            stats.flipped()
        return True  # swapped already

    Window.bind(on_flip=on_flip)
    Window.bind(on_request_close=lambda *_args, **_names: True)
    Clock.schedule_interval(lambda _dt: host.preview(head.frame()), 1 / (2 * PREVIEW_FPS))
    Clock.schedule_interval(lambda _dt: host.tick(), 1 / BAR_FPS)
    # Some display drivers keep the first picture back until the next: draw the first second again.
    for again in (0.1, 0.4, 1.0):
        Clock.schedule_once(lambda _dt: host.ground.ask_update(), again)
    head.on_view(on_view)
    head.on_end(on_end)
    on_view(head.view())
    door = None
    if options.control is not None:
        from ui.control import Door

        door = Door(options.control, host)
        Clock.schedule_once(lambda _dt: door.open(), 0)
    try:
        app.run()
    finally:
        if door is not None:
            door.close()
    return 0


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

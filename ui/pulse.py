# SPDX-License-Identifier: Apache-2.0
"""Tells the service manager that the screens are up, still move, and end (sd_notify(3))."""

import os
from collections.abc import Callable, Mapping

import sdnotify


class Pulse:
    """Signs of life of the drawing thread. Without a service manager nothing is sent.

    READY goes out with the first picture on the panel. After it each `beat` asks for one more
    picture, and says WATCHDOG only when the one asked for before has reached the panel: a loop
    that turns without drawing is no life.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell: Callable[[str], None] = tell or sdnotify.SystemdNotifier().notify
        self._pictures = 0
        self._counted: int | None = None

    def drawn(self) -> None:
        """A picture has been given to the panel."""
        self._pictures += 1
        if self._pictures == 1:
            self._tell("READY=1")

    def beat(self, draw_again: Callable[[], None]) -> None:
        """To be called every `every_s` seconds; `draw_again` makes the next picture."""
        if self._counted is not None and self._pictures > self._counted:
            self._tell("WATCHDOG=1")
        self._counted = self._pictures
        draw_again()

    def ends(self) -> None:
        """The screens end."""
        self._tell("STOPPING=1")


def every_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two beats: a third of what the manager allows (``WATCHDOG_USEC``).

    None: nobody watches.
    """
    try:
        allowed = int(environment.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return allowed / 3e6 if allowed > 0 else None

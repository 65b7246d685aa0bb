# SPDX-License-Identifier: Apache-2.0
"""The edge between the screens and the booth's head."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.events import Event
from kiosk.view import View


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """The camera's newest picture: `rgb` is height*width*3 bytes, rows top to bottom, not mirrored.

    `seq` rises by one a frame; `stamp_s` is the monotonic time of capture in seconds.
    """

    seq: int
    stamp_s: float
    width: int
    height: int
    rgb: bytes | memoryview


class Head(Protocol):
    """What the screens may ask of the booth. Every method is callable from any thread."""

    def view(self) -> View:
        """The newest view."""
        ...

    def on_view(self, callback: Callable[[View], None]) -> None:
        """Calls back (from the head's own thread) with each new view."""
        ...

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls back (from the head's own thread) once the visit is over and wiped."""
        ...

    def on_keypad(self, callback: Callable[[str], None]) -> None:
        """Calls back (from a thread of the head's) with each key: next, back or choose."""
        ...

    def send(self, event: Event) -> None:
        """Hands an event to the flow. Never blocks."""
        ...

    def frame(self) -> PreviewFrame | None:
        """The newest preview picture, or None while no preview runs."""
        ...

    def media(self, ref: str) -> bytes:
        """The JPEG or PNG behind a reference of the shown view; b"" once it is dropped."""
        ...

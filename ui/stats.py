# SPDX-License-Identifier: Apache-2.0
"""What the screens measure of themselves: from a touch to the next screen, and the preview."""

import time
from collections import deque
from dataclasses import dataclass
from itertools import pairwise

_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Touch:
    """A touch that led to another question: which `screen` came, and where its time went.

    `answered_ms`: until the flow's next view was taken up; `laid_out_ms`: set and put on the
    canvas; `drawn_ms`: until it was on the panel.
    """

    screen: str
    answered_ms: float
    laid_out_ms: float
    drawn_ms: float


class Stats:
    """Times in milliseconds, newest last; bounded."""

    def __init__(self) -> None:
        self.touch_to_drawn_ms: deque[float] = deque(maxlen=_KEPT)
        self.preview_age_ms: deque[float] = deque(maxlen=_KEPT)
        self.preview_drawn = 0
        self.preview_missed = 0
        self.first_frame_s: float | None = None
        self._preview_since: float | None = None
        self._preview_last = 0.0
        self._seq: int | None = None
        self.touches: deque[Touch] = deque(maxlen=_KEPT)
        self._touched_at: float | None = None
        self._shown_at = self._laid_at = 0.0
        self._screen = ""
        self._waiting = False

    def touched(self) -> None:
        """A touch ended with an answer."""
        self._touched_at = time.perf_counter()
        self._waiting = False

    def shows(self, screen: str) -> None:
        """A screen with another question has come from the flow."""
        self._shown_at, self._screen = time.perf_counter(), screen

    def laid_out(self) -> None:
        """It has been put on the canvas."""
        self._laid_at = time.perf_counter()
        self._waiting = self._touched_at is not None

    @property
    def waits_for_flip(self) -> bool:
        """Whether the next picture on the panel ends a measurement."""
        return self._waiting

    def flipped(self) -> None:
        """The picture is on the panel."""
        if self._waiting and self._touched_at is not None:
            moments = (self._touched_at, self._shown_at, self._laid_at, time.perf_counter())
            spans = [(late - early) * 1000 for early, late in pairwise(moments)]
            self.touch_to_drawn_ms.append(sum(spans))
            self.touches.append(Touch(self._screen, *spans))
        self._waiting, self._touched_at = False, None

    def preview(self, seq: int, age_s: float) -> None:
        """A camera picture goes to the panel `age_s` seconds after it was taken."""
        now = time.perf_counter()
        if self._preview_since is None or now - self._preview_last > 1:
            self._preview_since, self.preview_drawn, self.preview_missed = now, 0, 0
        elif self._seq is not None and seq > self._seq + 1:
            self.preview_missed += seq - self._seq - 1
        self._preview_last = now
        self._seq = seq
        self.preview_drawn += 1
        self.preview_age_ms.append(age_s * 1000)

    def preview_fps(self) -> float:
        """Camera pictures a second on the panel, of the present or last preview."""
        if self._preview_since is None or self.preview_drawn < 2:
            return 0.0
        return (self.preview_drawn - 1) / max(1e-6, self._preview_last - self._preview_since)

    def as_json(self) -> dict[str, object]:
        """All figures, rounded."""
        return {
            "touch_to_drawn_ms": [round(one, 2) for one in self.touch_to_drawn_ms],
            "touches": [
                {
                    "screen": one.screen,
                    "answered_ms": round(one.answered_ms, 2),
                    "laid_out_ms": round(one.laid_out_ms, 2),
                    "drawn_ms": round(one.drawn_ms, 2),
                }
                for one in self.touches
            ],
            "preview_fps": round(self.preview_fps(), 2),
            "preview_drawn": self.preview_drawn,
            "preview_missed": self.preview_missed,
            "preview_age_ms": [round(one, 2) for one in self.preview_age_ms],
            "first_frame_s": self.first_frame_s and round(self.first_frame_s, 3),
        }

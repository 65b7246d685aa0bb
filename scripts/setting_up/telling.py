# SPDX-License-Identifier: Apache-2.0
"""Says what set-up is doing: one line a stage, with its number and its time; and how it failed."""

from __future__ import annotations

import sys
import time

_QUIET_S = 10.0  # without a terminal a long stage speaks this often, not more


class SetupError(Exception):
    """Set-up cannot go on. `what` says what happened, `remedy` what the person does now."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class Teller:
    """Progress for people: rewrites one line on a terminal, prints few lines elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0
        self._name = ""
        self._begun = time.monotonic()
        self._stage_begun = self._begun
        self._told_at = 0.0
        self._live = sys.stdout.isatty()
        self._width = 0

    def stage(self, name: str) -> None:
        """The next stage begins."""
        self._number += 1
        self._name = name
        self._stage_begun = time.monotonic()
        self._told_at = self._stage_begun
        self._line("")

    def progress(self, detail: str) -> None:
        """Something moved inside the stage; `detail` is a few words."""
        now = time.monotonic()
        if self._live:
            self._line(detail)
        elif now - self._told_at >= _QUIET_S:
            self._told_at = now
            self._line(f"{detail} ({now - self._stage_begun:.0f} s)")

    def done(self, result: str) -> None:
        """The stage is over; `result` is a few words."""
        self._line(f"{result}  {time.monotonic() - self._stage_begun:.1f} s", last=True)

    def close(self) -> None:
        """Ends a line that is still being rewritten."""
        if self._live and self._width:
            sys.stdout.write("\n")
            self._width = 0

    def elapsed_s(self) -> float:
        """Seconds since the first stage."""
        return time.monotonic() - self._begun

    def _line(self, detail: str, last: bool = False) -> None:
        text = f"[{self._number}/{self._total}] {self._name}"
        text = f"{text}: {detail}" if detail else f"{text} ..."
        if self._live:
            text = text[:110]
            sys.stdout.write("\r" + text.ljust(self._width) + ("\n" if last else ""))
            self._width = 0 if last else len(text)
        elif detail or not last:
            sys.stdout.write(text + "\n")
        sys.stdout.flush()

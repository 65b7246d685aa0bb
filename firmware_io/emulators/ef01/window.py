# SPDX-License-Identifier: Apache-2.0
"""The glass of the module and who puts fingers on it: the desk at once, or a script over time.

A script is a list of steps, done in order:

    {"place": "right-thumb", "quality": "good", "person": "citizen"}   a finger comes
    {"lift": true}                                                     it goes
    {"wait_ms": 300}                          real time, not scaled: it is a person's time
    {"until": "asked"|"imaged"|"taken", "times": n}
        until the host has asked for an image of an empty window, got an image, or got features of
        one, n more times (default 1); lets a script follow any host without a clock
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from firmware_io.emulators.ef01.fingers import POSITIONS, QUALITIES, Press
from firmware_io.emulators.stage import ControlError

MOMENTS: Final[tuple[str, ...]] = ("asked", "imaged", "taken")


class Window:
    """What lies on the glass. Call `advance` whenever time or the module has moved on."""

    def __init__(self) -> None:
        self.press: Press | None = None
        self._number = 0
        self._script: list[Mapping[str, Any]] = []
        self._since: float | None = None  # when the current wait began
        self._counts: dict[str, int] = dict.fromkeys(MOMENTS, 0)

    @property
    def playing(self) -> int:
        """Steps of the script that are still to come."""
        return len(self._script)

    def place(self, step: Mapping[str, Any]) -> None:
        """Puts a finger down. ControlError for an unknown finger or quality."""
        self.press = self._made(step)

    def lift(self) -> None:
        """Takes the finger off."""
        self.press = None

    def play(self, script: Sequence[Any], now: float) -> None:
        """Starts `script` in place of the one before. ControlError when it is not understood."""
        number = self._number
        for step in script:
            self._check(step)
        self._number = number
        self._script = list(script)
        self._begin(now)

    def notice(self, moment: str, now: float) -> None:
        """The module tells what the host has just been given."""
        self._counts[moment] += 1
        self.advance(now)

    def advance(self, now: float) -> None:
        """Does every step whose time has come."""
        while self._script:
            step = self._script[0]
            if "wait_ms" in step:
                due = (self._since or now) + step["wait_ms"] / 1000
                if now < due:
                    return
                self._begin(due)
            elif "until" in step:
                if self._counts[step["until"]] < step.get("times", 1):
                    return
                self._begin(now)
            elif "place" in step:
                self.place(step)
            else:
                self.lift()
            self._script.pop(0)

    def wake_at(self) -> float | None:
        """When the script goes on by time alone."""
        if self._script and "wait_ms" in self._script[0]:
            return (self._since or 0.0) + self._script[0]["wait_ms"] / 1000
        return None

    def _begin(self, now: float) -> None:
        self._since = now
        self._counts = dict.fromkeys(MOMENTS, 0)

    def _made(self, step: Mapping[str, Any]) -> Press:
        position, quality = step["place"], step.get("quality", "good")
        if position not in POSITIONS:
            raise ControlError(f"unknown finger {position!r}; known: {', '.join(POSITIONS)}")
        if quality not in QUALITIES:
            raise ControlError(f"unknown quality {quality!r}; known: {', '.join(QUALITIES)}")
        self._number += 1
        return Press(str(step.get("person", "citizen")), position, quality, self._number)

    def _check(self, step: Any) -> None:
        match step:
            case {"place": _}:
                self._made(step)
            case {"lift": True}:
                pass
            case {"wait_ms": int() | float()}:
                pass
            case {"until": moment} if moment in MOMENTS:
                pass
            case _:
                raise ControlError(f"a script has place, lift, wait_ms and until, not {step!r}")

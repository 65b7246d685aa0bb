# SPDX-License-Identifier: Apache-2.0
"""How bright the booth's photo lamp should be, from how bright the face is. Pure.

Made to be calm before it is quick: nobody may notice the lamp change. It begins to change only when
the face has been clearly too dark or too bright for a while, changes slowly and goes well into the
good range before it stops; and each time it would turn back it waits twice as long as the time
before. So it cannot swing, whatever the camera's own exposure control does meanwhile.
"""

from dataclasses import dataclass

STEP = 0.01
"""Levels are multiples of this."""
_LONGEST_S = 0.25  # a longer time between two looks counts as this: no jump after a pause


@dataclass(frozen=True, slots=True)
class LightSettings:
    """Levels 0..1, luminance 0..1 of linear light over the face, times in seconds.

    The standard's score of the luminance is above 85 from 0.29 to 0.71 (ISO/IEC 29794-5 as BSI
    OFIQ-Project 1.0.3 computes it); `over` is the burnt out share from which its score is below 20.
    """

    dark: float = 0.28
    bright: float = 0.68
    inner_dark: float = 0.36
    inner_bright: float = 0.58
    over: float = 0.04
    least: float = 0.1
    most: float = 1.0
    slew: float = 0.2  # a second
    patience_s: float = 0.8
    turn_s: float = 3.0
    turn_most_s: float = 300.0
    away_s: float = 3.0  # without a face the lamp goes back to where it began


class LampControl:
    """One sitting before the camera. `see` is fed with every look and answers the lamp's level."""

    def __init__(self, start: float = 1.0, settings: LightSettings | None = None) -> None:
        self._set = settings or LightSettings()
        self._start = min(max(start, self._set.least), self._set.most)
        self._exact = self._start
        self._t: float | None = None
        self._way = 0  # where it is going: -1, 0, +1
        self._last_way = 0
        self._stopped_at = 0.0
        self._wait = self._set.turn_s
        self._wanted, self._wanted_since = 0, 0.0
        self._seen_at: float | None = None

    @property
    def level(self) -> float:
        """The lamp's level now, 0..1."""
        return round(round(self._exact / STEP) * STEP, 2)

    def see(self, luminance: float | None, over: float, t: float) -> float:
        """The level for now.

        Args:
            luminance: mean linear light of the face, 0..1; None when no face is seen.
            over: burnt out share of the face, 0..1.
            t: monotonic seconds of the look; an earlier one changes nothing.
        """
        before, self._t = self._t, t if self._t is None else max(t, self._t)
        passed = 0.0 if before is None else min(self._t - before, _LONGEST_S)
        if luminance is not None:
            self._seen_at = self._t
            self._decide(self._side(luminance, over), self._t)
            self._move(passed, self._set.most if self._way > 0 else self._set.least)
        elif self._seen_at is None or self._t - self._seen_at > self._set.away_s:
            self._halt(self._t)
            self._way = (self._start > self._exact) - (self._start < self._exact)
            self._move(passed, self._start)
            self._way = 0
        else:
            self._halt(self._t)
        return self.level

    def _side(self, luminance: float, over: float) -> int:
        """+1: more light is wanted, -1: less, 0: well, or on the way and not yet well inside."""
        limits = self._set
        burnt = over > limits.over
        if self._way > 0 and not burnt:
            return int(luminance < limits.inner_dark)
        if self._way < 0:
            return -int(burnt or luminance > limits.inner_bright)
        if burnt or luminance > limits.bright:
            return -1
        return int(luminance < limits.dark)

    def _decide(self, side: int, t: float) -> None:
        if side != self._wanted:
            self._wanted, self._wanted_since = side, t
        if side == self._way:
            return
        self._halt(t)
        if not side or t - self._wanted_since < self._set.patience_s:
            return
        turning = self._last_way and side != self._last_way
        if turning and t - self._stopped_at < self._wait:
            return
        if turning:
            self._wait = min(2.0 * self._wait, self._set.turn_most_s)
        self._way = self._last_way = side

    def _halt(self, t: float) -> None:
        if self._way:
            self._way, self._stopped_at = 0, t

    def _move(self, passed: float, bound: float) -> None:
        step = self._set.slew * passed * self._way
        if step > 0:
            self._exact = min(bound, self._exact + step)
        elif step < 0:
            self._exact = max(bound, self._exact + step)

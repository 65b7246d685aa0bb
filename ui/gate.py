# SPDX-License-Identifier: Apache-2.0
"""Which taps may act: one answer a question, and none that was meant for the screen before."""

from kiosk.view import View

QUIET_S = 0.45
"""After a question changed, taps are swallowed while each follows the one before by less."""

PATIENCE_S = 1.5
"""An answer that changes nothing on the screen may be given again after this long."""


class Gate:
    """Judges taps by what is shown and by the moments of the taps (monotonic seconds)."""

    def __init__(self) -> None:
        self._question: tuple[int, str] | None = None
        self._signature: object = None
        self._fresh = False  # no tap has been accepted since the question changed
        self._last: float | None = None  # the latest moment a finger was on the panel
        self._answered: object = None
        self._answered_at = 0.0

    def shown(self, view: View) -> None:
        """A view is on the screen. Guidance and countdown do not make it another question."""
        question = (view.question, view.screen)
        if question != self._question:
            self._fresh = self._question is not None
            self._question = question
        self._signature = (view.question, view.screen, view.buttons, view.content)

    def quiet_in(self, now: float) -> float:
        """Seconds until a tap would be accepted as far as earlier taps go; 0: now."""
        if not self._fresh or self._last is None:
            return 0.0
        return max(0.0, self._last + QUIET_S - now)

    def down(self, now: float, *, answers: bool) -> bool:
        """Whether a tap that begins now may act.

        `answers`: it would answer the question (not the keypad, the language or the pad).
        """
        if self.quiet_in(now) > 0:
            self._last = now
            return False
        if answers and self._answered is not None and self._answered == self._signature:
            if now - self._answered_at < PATIENCE_S:
                self._last = now
                return False
            self._answered = None
        self._fresh = False
        self._last = now
        return True

    def up(self, now: float) -> None:
        """A tap ended, accepted or not."""
        self._last = now

    def answered(self, now: float) -> None:
        """The tap gave an answer: further ones wait until the screen has changed."""
        self._answered = self._signature
        self._answered_at = now

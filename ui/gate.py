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

    def quiet_in(self, now: float, *, answers: bool = False) -> float:
        """Seconds until a tap would be accepted if nothing else happens; 0: now.

        `answers`: it would answer the question.
        """
        wait = 0.0
        if self._fresh and self._last is not None:
            wait = max(0.0, self._last + QUIET_S - now)
        if answers and self._answered is not None and self._answered == self._signature:
            wait = max(wait, self._answered_at + PATIENCE_S - now)
        return wait

    def down(self, now: float, *, answers: bool) -> bool:
        """Whether a tap that begins now may act.

        `answers`: it would answer the question (not the keypad, the language or the pad).
        """
        accepted = self.quiet_in(now, answers=answers) <= 0
        self._last = now
        if accepted:
            self._fresh = False
            if answers:
                self._answered = None
        return accepted

    def up(self, now: float) -> None:
        """A tap ended, accepted or not."""
        self._last = now

    def answered(self, now: float) -> None:
        """The tap gave an answer: further ones wait until the screen has changed."""
        self._answered = self._signature
        self._answered_at = now

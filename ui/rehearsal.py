# SPDX-License-Identifier: Apache-2.0
"""Makes the textures of the screens that come next while nobody touches anything.

What comes is not known, but its words, pictures and icons mostly are: the sample screens that
usually follow the present one are set in the present look, and what they need is made ahead.
Nothing of them is shown, and nothing of a visit is looked at.
"""

import time
from collections.abc import Generator

from kiosk.view import Screen
from ui import frame, samples
from ui.drawing import Icon, Picture
from ui.hand import Hand
from ui.speech import Speech
from ui.textures import Textures
from ui.theme import Look

AHEAD = 4
"""So many screens are prepared, the next one first."""

_ORDER: tuple[tuple[Screen, str], ...] = (
    (Screen.WELCOME, "welcome"),
    (Screen.MENU, "menu"),
    (Screen.CONSENT, "consent"),
    (Screen.CARD, "card"),
    (Screen.DETAILS, "details"),
    (Screen.PHOTO, "photo"),
    (Screen.TAKES, "takes"),
    (Screen.FINGER, "finger"),
    (Screen.CHOICE, "choice"),
    (Screen.PAY, "pay"),
    (Screen.REVIEW, "review"),
    (Screen.WAIT, "wait"),
    (Screen.SLIP, "slip"),
    (Screen.WIPE, "wipe"),
)


class Rehearsal:
    """Works for `textures` a little at a time."""

    def __init__(self, textures: Textures) -> None:
        self._textures = textures
        self._work: Generator[None, None, None] | None = None

    def follow(self, screen: Screen, look: Look, speech: Speech) -> None:
        """A screen is shown: prepare what usually follows it."""
        self._work = self._plan(screen, look, speech)

    def step(self, budget_s: float) -> bool:
        """Works for about so long, at least at one thing; False when there is nothing left."""
        end = time.monotonic() + budget_s
        while self._work is not None:
            try:
                next(self._work)
            except StopIteration:
                self._work = None
            if time.monotonic() >= end:
                break
        return self._work is not None

    def _plan(self, screen: Screen, look: Look, speech: Speech) -> Generator[None, None, None]:
        at = next((number for number, (one, _) in enumerate(_ORDER) if one is screen), None)
        if at is None:
            return
        for _screen, name in _ORDER[at + 1 : at + 1 + AHEAD]:
            drawing = frame.compose(samples.views()[name], look, speech, Hand())
            yield
            # Pictures take longest.
            drawn = (Picture, Icon)
            for element in sorted(drawing.elements, key=lambda one: not isinstance(one, drawn)):
                if self._textures.prepare(element):
                    yield

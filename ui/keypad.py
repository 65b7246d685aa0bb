# SPDX-License-Identifier: Apache-2.0
"""The whole visit by three keys: a mark that walks over what can be touched, and is read aloud.

"next" and "back" move the mark, "choose" does what a touch there would do, through the same gate.
The question's own answers come first, then the main button, then the bars. The mark appears with
the first key and goes when a finger touches the panel or another question is asked. On the signing
pad it says that a finger signs, and who cannot is served by staff: no key makes a signature.
"""

from collections.abc import Iterable
from typing import Protocol

from kivy.graphics import Color, Line
from kivy.graphics.instructions import InstructionGroup

from kiosk.view import Text, View
from ui.drawing import Drawing, Kind, Rect, Target
from ui.focus import places, words_of
from ui.theme import Look

RING_MM = 0.9
GAP_MM = 0.5
_WAYS = {"next": 1, "back": -1}


class Board(Protocol):
    """The screens' host, as far as the keypad needs it."""

    look: Look
    view: View | None
    drawing: Drawing | None

    def choose(self, target: Target) -> None:
        """Does what a touch on the target would do."""
        ...

    def focused(self, what: Text | None) -> None:
        """The mark moved: somebody is here, and these words are to be read."""
        ...


class Keypad:
    """The mark on one host. `ring` is its place on the canvas. Kivy's thread only."""

    def __init__(self, board: Board) -> None:
        self.ring = InstructionGroup()
        self._board = board
        self._at: tuple[Kind, str] | None = None
        self._question: tuple[int, str] = (0, "")

    def key(self, name: str) -> None:
        """A key: next, back or choose."""
        board = self._board
        if board.drawing is None or board.view is None:
            return
        there = places(board.drawing, board.view, board.look)
        if not there:
            return
        now = next((i for i, one in enumerate(there) if (one.kind, one.id) == self._at), None)
        if name == "choose" and now is not None:
            board.choose(there[now])
            return
        step = _WAYS.get(name, 0)
        index = 0 if now is None else (now + step) % len(there)
        if now is None and name == "back":
            index = len(there) - 1
        target = there[index]
        self._at = (target.kind, target.id)
        self._draw(target.rect)
        board.focused(words_of(target, board.view, board.look))

    def hide(self) -> None:
        """A finger is on the panel."""
        self._at = None
        self.ring.clear()

    def drawn(self) -> None:
        """The host has painted another drawing: the mark stays where it was if that is there."""
        board = self._board
        if self._at is None or board.drawing is None or board.view is None:
            return
        question = (board.view.question, str(board.view.screen))
        same = question == self._question
        self._question = question
        found = _find(board.drawing.targets, self._at)
        if not same or found is None:
            self.hide()
        else:
            self._draw(found.rect)

    def _draw(self, rect: Rect) -> None:
        board = self._board
        if board.view is not None:
            self._question = (board.view.question, str(board.view.screen))
        look, palette = board.look, board.look.palette
        ring, gap = max(2, look.mm(RING_MM)), max(1, look.mm(GAP_MM))
        self.ring.clear()
        for colour, out, width in (
            (palette.card, gap / 2, gap),
            (palette.ink, gap + ring / 2, ring),
        ):
            place = rect.inset(-out)
            self.ring.add(Color(*colour))
            box = (place.x, look.height - place.bottom, place.w, place.h, look.mm(3))
            self.ring.add(Line(rounded_rectangle=box, width=width / 2))


def _find(targets: Iterable[Target], at: tuple[Kind, str]) -> Target | None:
    return next((one for one in targets if (one.kind, one.id) == at and one.enabled), None)

# SPDX-License-Identifier: Apache-2.0
"""The one widget of the screens: shows a view, reports what the citizen's finger does.

No layout and no word of the journey is decided here; a view is composed to a drawing, the drawing
is painted, and a touch on a target becomes an event.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from kivy.graphics import Canvas
from kivy.graphics.instructions import InstructionGroup
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.events import (
    Chose,
    Entered,
    Event,
    Focused,
    LanguageChosen,
    LargeChosen,
    Pressed,
    Signed,
    Stroke,
    Touched,
    VoiceChosen,
)
from kiosk.head import PreviewFrame
from kiosk.view import Booth, Form, Role, Screen, TakeSheet, Text, View
from ui import frame, keys
from ui.drawing import Drawing, Kind, Target
from ui.gate import Gate
from ui.hand import Hand
from ui.keypad import Keypad
from ui.painter import Painter
from ui.pen import Pen
from ui.rehearsal import Rehearsal
from ui.screens.review import CLEAR
from ui.screens.takes import CARD_MM
from ui.speech import Speech
from ui.stats import Stats
from ui.theme import Look

TOUCHED_EVERY_S = 1.0
"""`Touched` is sent at most this often."""
CALM_S = 0.15
"""So long after a touch the next screens may be prepared."""
REHEARSE_S = 0.006
"""How much of a frame that may take, give or take one picture."""


class ScreenHost(Widget):
    """Shows views on the whole panel.

    `accepted` says whether the last touch did something. `send` takes events, `media` gives the
    bytes behind a reference. `now` is a monotonic clock in seconds; `answered` is called after a
    touch has given an answer. All methods belong to Kivy's thread.
    """

    def __init__(
        self,
        look: Look,
        send: Callable[[Event], None],
        media: Callable[[str], bytes],
        *,
        strict: bool = False,
        now: Callable[[], float] = time.monotonic,
        answered: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(size=(look.width, look.height), size_hint=(None, None))
        self.look = look
        self.stats = Stats()
        self.gate = Gate()
        self.hand = Hand()
        self.view: View | None = None
        self.drawing: Drawing | None = None
        self._send = send
        self._strict = strict
        self._now = now
        self._answered = answered
        self._speech = Speech(look.language, strict=strict)
        paint, self._pen = InstructionGroup(), Pen()
        self.ground = Canvas()
        self.canvas = self.ground
        self.ground.add(paint)
        self.ground.add(self._pen.ink)
        self.keypad = Keypad(self)
        self.ground.add(self.keypad.ring)
        self.painter = Painter(paint, look.height, media)
        self._rehearsal = Rehearsal(self.painter.textures)
        self.accepted = False
        self._repainted = False
        self._touch: MotionEvent | None = None
        self._begun: tuple[int, Target] | None = None
        self._touched_at = -TOUCHED_EVERY_S
        self._asked_at = self._left_at = 0.0
        self._seq = -1

    # -- showing

    def show(self, view: View) -> None:
        """Shows a view: a new question starts with clean hands, a changed state keeps them."""
        before = self.view
        new = before is None or before.question != view.question or before.screen is not view.screen
        self.view = view
        self.gate.shown(view)
        if new:
            self.stats.shows(f"{view.screen}/{view.step_name}")
            self.hand = Hand(opens_at=_opens_at(view))
            self._pen.clear()
            self._asked_at = self._now()
            self._begun = None
        self._paint()
        if new:
            self.stats.laid_out()
            self._rehearsal.follow(view.screen, self.look, self._speech)
            if before is not None and before.step_name != view.step_name:
                self.painter.forget()  # takes and preview go with their step

    def _paint(self) -> None:
        if self.view is None:
            return
        self.drawing = frame.compose(self._as_signed(self.view), self.look, self._speech, self.hand)
        self.painter.paint(self.drawing)
        self.painter.progress(self._now() - self._asked_at)
        self._pen.draw(self.drawing, self.look.height)
        self.keypad.drawn()
        self._repainted = True

    def take_repainted(self) -> bool:
        """Whether there has been a new drawing since this was asked last."""
        was, self._repainted = self._repainted, False
        return was

    def _as_signed(self, view: View) -> View:
        """On the review screen the primary answer waits for the signature."""
        if view.screen is not Screen.REVIEW or self.hand.signed:
            return view
        return replace(
            view,
            buttons=tuple(
                replace(one, enabled=False)
                if (one.role is Role.PRIMARY and one.id != frame.STAY) or one.id == CLEAR
                else one
                for one in view.buttons
            ),
        )

    @property
    def speech(self) -> Speech:
        """The words in the present language."""
        return self._speech

    def tick(self) -> None:
        """Moves what moves by itself."""
        if self.painter.has_progress:
            self.painter.progress(self._now() - self._asked_at)
        content = self.view.content if self.view else None
        if isinstance(content, Booth) and content.counting is None and not content.pause:
            # While the citizen looks into the camera the next screen's pictures are made.
            width, height = (self.look.mm(side) for side in CARD_MM)
            self.painter.warm((take.ref for take in content.takes), (width, height))
        if self._touch is None and self._now() - self._left_at > CALM_S:
            self._rehearsal.step(0.0 if self.painter.has_live else REHEARSE_S)

    def preview(self, newest: PreviewFrame | None) -> None:
        """Shows the camera's newest picture if the screen has a place for it and it is new."""
        if newest is None or not self.painter.has_live or newest.seq == self._seq:
            return
        self._seq = newest.seq
        self.painter.preview(newest)
        self.stats.preview(newest.seq, self._now() - newest.stamp_s)
        self.ground.ask_update()

    # -- the screens' own settings

    def set_look(self, **changes: object) -> None:
        """Language, text size or contrast, at once and for the rest of the visit."""
        self.look = replace(self.look, **changes)  # type: ignore[arg-type]
        if self._speech.language != self.look.language:
            self._speech = Speech(self.look.language, strict=self._strict)
        self._paint()
        if self.view is not None:
            self._rehearsal.follow(self.view.screen, self.look, self._speech)

    # -- touches

    def on_touch_down(self, touch: MotionEvent) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A finger comes down: the target under it looks pressed within this frame."""
        now = self._now()
        self.keypad.hide()
        self._say_touched(now)
        if self._touch is not None or self.drawing is None or self.view is None:
            return True
        x, y = touch.x, self.look.height - touch.y
        target = self.drawing.target(x, y)
        answers = target is not None and target.kind in (Kind.BUTTON, Kind.ITEM)
        touch.grab(self)
        self._touch = touch
        self.accepted = self.gate.down(now, answers=answers)
        if not self.accepted or target is None or not target.enabled:
            self.accepted = False
            return True
        self._begun = (self.view.question, target)
        if target.kind is Kind.PAD:
            self._pen.begin(x, y)
        else:
            self.hand = replace(
                self.hand,
                pressed=(target.kind, target.id),
                shown=self.hand.shown or target.kind is Kind.HOLD,
            )
            self._paint()
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A finger that slides off lets go; one that comes back is on it again."""
        if touch is not self._touch or touch.grab_current is not self:
            return True
        self._say_touched(self._now())
        if self._begun is None:
            return True
        x, y = touch.x, self.look.height - touch.y
        target = self._begun[1]
        if target.kind is Kind.PAD:
            self._pen.go_on(x, y)
            return True
        inside = target.rect.holds(x, y)
        pressed = (target.kind, target.id) if inside else None
        shown = target.kind is Kind.HOLD and inside
        if pressed != self.hand.pressed or shown != self.hand.shown:
            self.hand = replace(self.hand, pressed=pressed, shown=shown)
            self._paint()
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A finger goes: a target that was touched and left in the same place has its answer."""
        if touch is not self._touch or touch.grab_current is not self:
            return True
        touch.ungrab(self)
        self._touch = None
        now = self._left_at = self._now()
        self.gate.up(now)
        begun, self._begun = self._begun, None
        x, y = touch.x, self.look.height - touch.y
        was = self.hand
        if was.pressed is not None or was.shown:
            self.hand = replace(was, pressed=None, shown=False)
        if begun is None or self.view is None or begun[0] != self.view.question:
            if self.hand != was:
                self._paint()
            return True
        target = begun[1]
        if target.kind is Kind.PAD:
            if (signed := self._pen.end()) != self.hand.signed:
                self.hand = replace(self.hand, signed=signed)
                self._paint()
            return True
        acted = target.rect.holds(x, y)
        if acted:
            self._act(target, now)
        if self.hand != was:
            self._paint()
        if acted and target.kind in (Kind.BUTTON, Kind.ITEM):
            self._answered()
        return True

    def choose(self, target: Target) -> None:
        """A key does what a touch on `target` would do, judged by the same gate."""
        now = self._now()
        self._say_touched(now)
        if not self.gate.down(now, answers=target.kind in (Kind.BUTTON, Kind.ITEM)):
            return
        self.gate.up(now)
        if target.kind is Kind.HOLD:
            self.hand = replace(self.hand, shown=not self.hand.shown)
        was = self.view
        self._act(target, now)
        if was is self.view:
            self._paint()
        if target.kind in (Kind.BUTTON, Kind.ITEM):
            self._answered()

    def focused(self, what: Text | None) -> None:
        """The keypad's mark moved: what is masked is hidden again, and the words are read."""
        if self.hand.shown:
            self.hand = replace(self.hand, shown=False)
            self._paint()
        self._send(Touched() if what is None else Focused(what))
        self._repainted = True
        self.ground.ask_update()

    def _say_touched(self, now: float) -> None:
        if now - self._touched_at >= TOUCHED_EVERY_S:
            self._touched_at = now
            self._send(Touched())

    def _act(self, target: Target, now: float) -> None:
        match target.kind:
            case Kind.BUTTON if self._clears(target.id):
                self._chrome("sign-again")
            case Kind.BUTTON:
                self._answer(self._pressed(target.id), now)
            case Kind.ITEM:
                self._choose(target.id, now)
            case Kind.CHROME:
                self._chrome(target.id)

    def _clears(self, ident: str) -> bool:
        """The pad's own business: the flow need not know that a signature was begun again."""
        return self.view is not None and self.view.screen is Screen.REVIEW and ident == CLEAR

    def _answer(self, event: Event, now: float) -> None:
        self.gate.answered(now)
        self.stats.touched()
        self._send(event)

    def _pressed(self, ident: str) -> Event:
        view = self.view
        assert view is not None  # noqa: S101  a touch needs a drawing
        shown = next((one for one in view.buttons if one.id == ident), None)
        if shown is not None and shown.role is Role.PRIMARY and ident != frame.STAY:
            if view.screen is Screen.REVIEW:
                return Signed(view.question, self.strokes())
            if isinstance(view.content, Form):
                return Entered(
                    view.question,
                    tuple(
                        (one.id, self.hand.text(one.id, one.value)) for one in view.content.fields
                    ),
                )
        return Pressed(view.question, ident)

    def _choose(self, ident: str, now: float) -> None:
        view = self.view
        assert view is not None  # noqa: S101  a touch needs a drawing
        if isinstance(view.content, TakeSheet) and view.content.chosen == ident:
            return
        self._answer(Chose(view.question, ident), now)

    def _chrome(self, ident: str) -> None:
        name, _, rest = ident.partition(":")
        match name:
            case "language":
                language = "en" if self.look.language == "zh" else "zh"
                self.set_look(language=language)
                self._send(LanguageChosen(language))
            case "large":
                self.hand = replace(self.hand, page=0)
                self.set_look(large=not self.look.large)
                self._send(LargeChosen(self.look.large))
            case "contrast":
                self.set_look(contrast=not self.look.contrast)
            case "voice" if self.view is not None:
                self._send(VoiceChosen(not self.view.voice))
            case "page":
                self.hand = replace(self.hand, page=self.hand.page + 1)
            case "sign-again":
                self._pen.clear()
                self.hand = replace(self.hand, signed=False)
            case "field":
                self.hand = replace(self.hand, focus=rest)
            case "key":
                self._type(rest)

    def _type(self, key_id: str) -> None:
        view = self.view
        if view is None or not isinstance(view.content, Form) or not view.content.fields:
            return
        fields = view.content.fields
        focus = next((one for one in fields if one.id == self.hand.focus), fields[0])
        value = keys.typed(self.hand.text(focus.id, focus.value), key_id, focus.longest)
        typed = {**dict(self.hand.typed), focus.id: value}
        self.hand = replace(self.hand, typed=tuple(typed.items()))

    def strokes(self) -> tuple[Stroke, ...]:
        """What is signed so far: points 0..1 of the pad, y down."""
        return self._pen.strokes()


def _opens_at(view: View) -> int:
    """Which take a page of takes opens at: nobody shall use a picture that they do not see."""
    if not isinstance(view.content, TakeSheet):
        return 0
    ids = [one.id for one in view.content.takes]
    return ids.index(view.content.chosen) if view.content.chosen in ids else 0

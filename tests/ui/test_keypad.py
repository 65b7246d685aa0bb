# SPDX-License-Identifier: Apache-2.0
"""A visit by three keys: everything can be reached, is seen, is read, and acts like a touch."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.events import Chose, Entered, Focused, LanguageChosen, Pressed, Touched, VoiceChosen
from kiosk.texts import words
from kiosk.view import View, text
from ui import sample_pictures, samples
from ui.drawing import Kind, Target
from ui.focus import places, words_of
from ui.frame import compose
from ui.gallery import LOOKS
from ui.hand import Hand
from ui.speech import Speech
from ui.theme import Look, contrast

pytestmark = pytest.mark.screen

VIEWS = {
    name: replace(view, question=number, step_name=name)
    for number, (name, view) in enumerate(samples.views().items(), 1)
}


class Panel:
    """A host in the real window, worked by keys, on a clock that the test moves."""

    def __init__(self) -> None:
        from kivy.core.window import Window

        from ui.host import ScreenHost

        self.now = 100.0
        self.events: list[Any] = []
        self.window = Window
        self.host = ScreenHost(
            Look(), self.events.append, sample_pictures.media, strict=True, now=lambda: self.now
        )
        Window.add_widget(self.host)

    def close(self) -> None:
        self.window.remove_widget(self.host)

    def show(self, name: str, **changes: Any) -> View:
        view = replace(VIEWS[name], **changes)
        self.host.show(view)
        return view

    def key(self, *names: str) -> None:
        for name in names:
            self.now += 2.0
            self.host.keypad.key(name)

    @property
    def there(self) -> list[Target]:
        assert self.host.drawing is not None
        assert self.host.view is not None
        return places(self.host.drawing, self.host.view, self.host.look)

    def go(self, ident: str) -> None:
        """Walks to a target, as a hand that knows only "next" would."""
        for _ in range(len(self.there) + 1):
            self.key("next")
            if self.mark == ident:
                return
        raise AssertionError(f"{ident} is not reached")

    @property
    def mark(self) -> str:
        at = self.host.keypad._at
        return at[1] if at else ""

    def answers(self) -> list[Any]:
        return [one for one in self.events if not isinstance(one, Touched | Focused)]

    def ring(self) -> list[Any]:
        return list(self.host.keypad.ring.children)


@pytest.fixture
def panel(stage: object) -> Iterator[Panel]:
    one = Panel()
    yield one
    one.close()


def test_every_thing_that_can_be_touched_is_reached_and_back_again(panel: Panel) -> None:
    for name in VIEWS:
        panel.show(name)
        assert panel.host.drawing is not None
        wanted = {
            (one.kind, one.id)
            for one in panel.host.drawing.targets
            if one.enabled and one.id != "band"
        }
        seen = []
        for _ in range(len(wanted)):
            panel.key("next")
            seen.append(panel.host.keypad._at)
        assert set(seen) == wanted, name
        panel.key("next")
        assert panel.host.keypad._at == seen[0], name
        panel.key("back")
        assert panel.host.keypad._at == seen[-1], name


@pytest.mark.parametrize(
    ("name", "first"),
    [("welcome", "start"), ("menu", "renew"), ("photo-good", "shoot"), ("leaving", "stay")],
)
def test_the_first_key_marks_what_most_people_want(panel: Panel, name: str, first: str) -> None:
    panel.show(name)
    panel.key("choose")  # nothing is marked yet: it acts on nothing
    assert panel.answers() == []
    assert panel.mark == first


def test_choose_does_what_a_touch_does(panel: Panel) -> None:
    view = panel.show("consent")
    panel.go("yes")
    panel.key("choose")
    assert panel.answers() == [Pressed(view.question, "yes")]


def test_a_choice_a_form_and_the_chrome_are_worked_by_keys(panel: Panel) -> None:
    view = panel.show("menu")
    panel.go("renew")
    panel.key("choose")
    assert panel.answers() == [Chose(view.question, "renew")]
    view = panel.show("form")
    field = view.content.fields[0].id  # type: ignore[union-attr]
    panel.go(f"field:{field}")
    panel.key("choose")
    letter = next(one.id for one in panel.there if one.id.startswith("key:"))
    panel.go(letter)
    panel.key("choose", "choose")
    typed = panel.host.hand.text(field)
    start = view.content.fields[0].value  # type: ignore[union-attr]
    assert typed.startswith(start)
    assert len(typed) == len(start) + 2
    main = next(one.id for one in view.buttons if one.role == "primary")
    panel.go(main)
    panel.key("choose")
    assert isinstance(panel.answers()[-1], Entered)
    panel.go("language")
    panel.key("choose")
    assert panel.answers()[-1] == LanguageChosen("en")


def test_the_voice_button_asks_for_the_other(panel: Panel) -> None:
    for voice in (True, False):
        panel.show("consent", voice=voice)
        panel.go("voice")
        panel.key("choose")
        assert panel.answers()[-1] == VoiceChosen(not voice)
    panel.show("consent", voice=None)
    assert "voice" not in [one.id for one in panel.there]


def test_masked_values_are_shown_by_choose_and_hidden_when_the_mark_moves_on(panel: Panel) -> None:
    panel.show("details")
    hold = next(one.id for one in panel.there if one.kind is Kind.HOLD)
    panel.go(hold)
    panel.key("choose")
    assert panel.host.hand.shown
    panel.key("next")
    assert not panel.host.hand.shown


def test_keys_pass_no_second_screen_by_hammering(panel: Panel) -> None:
    view = panel.show("consent")
    panel.go("yes")
    for _ in range(10):
        panel.now += 0.02
        panel.host.keypad.key("choose")
    assert panel.answers() == [Pressed(view.question, "yes")]
    panel.show("card")
    assert panel.mark == "", "another question begins without a mark"
    for _ in range(10):
        panel.now += 0.02
        panel.host.keypad.key("choose")
    assert panel.answers() == [Pressed(view.question, "yes")]


def test_no_key_signs_and_the_pad_says_who_helps(panel: Panel) -> None:
    view = panel.show("review")
    pad = next(one for one in panel.there if one.kind is Kind.PAD)
    assert words_of(pad, view, panel.host.look) == text("voice.sign")
    panel.go(pad.id)
    panel.key("choose")
    assert panel.answers() == []
    assert panel.host.strokes() == ()
    assert "staff" in [one.id for one in panel.there]


def test_the_mark_stays_while_only_the_state_changes_and_a_finger_takes_it_away(
    panel: Panel,
) -> None:
    from kivy.base import EventLoop

    from ui.script_touch import ScriptTouch

    view = panel.show("photo-good")
    panel.go("shoot")
    panel.host.show(replace(view, lines=(text("photo.look"),)))
    assert panel.mark == "shoot"
    assert panel.ring()
    touch = ScriptTouch(1, 0.5, 0.5)
    EventLoop.post_dispatch_input("begin", touch)
    EventLoop.post_dispatch_input("end", touch)
    assert panel.mark == ""
    assert panel.ring() == []


@pytest.mark.parametrize("name", VIEWS)
def test_every_mark_is_read_with_words_that_the_screen_shows(name: str) -> None:
    view, look = VIEWS[name], Look()
    for target in places(compose(view, look, Speech("zh"), Hand()), view, look):
        said = words_of(target, view, look)
        if target.kind is Kind.CHROME and target.id.partition(":")[0] in ("key", "field"):
            assert said is None, "what is typed is never read aloud"
        elif target.kind in (Kind.BUTTON, Kind.HOLD):
            assert said is not None
        if said is not None:
            assert words(said, "zh")
            assert words(said, "en")


def test_the_ring_stands_out_from_every_ground(panel: Panel) -> None:
    for look in LOOKS.values():
        palette = look.palette
        # An outer line on the paper, and a gap between it and a button of any colour.
        assert contrast(palette.ink, palette.paper) > 7
        assert contrast(palette.ink, palette.card) > 7
    panel.show("consent")
    panel.go("yes")
    assert len([one for one in panel.ring() if type(one).__name__ == "Line"]) == 2


def test_each_key_says_that_somebody_is_here(panel: Panel) -> None:
    panel.show("photo-good")
    panel.key("next")
    assert panel.events == [Focused(text("photo.shoot"))]

# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.events import Chose, Entered, LanguageChosen, LargeChosen, Pressed, Signed, Touched
from kiosk.view import Booth, Choices, Screen, View
from ui import sample_pictures, samples
from ui.drawing import Live
from ui.theme import Look

pytestmark = pytest.mark.screen

VIEWS = {
    name: replace(view, question=number, step_name=name)
    for number, (name, view) in enumerate(samples.views().items(), 1)
}


class Panel:
    """A host in the real window, touched by real events, on a clock that the test moves."""

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

    def show(self, name: str, **changes: object) -> View:
        view = replace(VIEWS[name], **changes)
        self.host.show(view)
        return view

    def middle(self, ident: str) -> tuple[float, float]:
        assert self.host.drawing is not None
        rect = next(one.rect for one in self.host.drawing.targets if one.id == ident)
        return rect.x + rect.w / 2, rect.y + rect.h / 2

    def down(self, x: float, y: float) -> Any:
        from kivy.base import EventLoop

        from ui.script_touch import ScriptTouch

        touch = ScriptTouch(len(self.events), x / 1280, 1 - y / 800)
        EventLoop.post_dispatch_input("begin", touch)
        return touch

    def move(self, touch: Any, x: float, y: float) -> None:
        from kivy.base import EventLoop

        touch.move({"sx": x / 1280, "sy": 1 - y / 800})
        EventLoop.post_dispatch_input("update", touch)

    def up(self, touch: Any) -> None:
        from kivy.base import EventLoop

        EventLoop.post_dispatch_input("end", touch)

    def tap(self, ident: str, hold_s: float = 0.03) -> None:
        touch = self.down(*self.middle(ident))
        self.now += hold_s
        self.up(touch)

    def answers(self) -> list[Any]:
        return [event for event in self.events if not isinstance(event, Touched)]

    def pixel(self, x: float, y: float) -> tuple[int, ...]:
        from kivy.graphics import Fbo

        fbo = Fbo(size=(1280, 800))
        fbo.add(self.host.ground)
        fbo.draw()
        colour = fbo.get_pixel_color(round(x), round(800 - y))
        fbo.remove(self.host.ground)
        return tuple(colour)


@pytest.fixture
def panel(stage: object) -> Iterator[Panel]:
    one = Panel()
    yield one
    one.close()


def test_a_tap_on_a_button_answers_the_shown_question(panel: Panel) -> None:
    view = panel.show("consent")
    panel.tap("yes")
    assert panel.answers() == [Pressed(view.question, "yes")]


def test_a_button_looks_pressed_at_once_and_a_finger_that_slides_off_lets_go(
    panel: Panel,
) -> None:
    panel.show("consent")
    x, y = panel.middle("yes")
    corner = (x, y - 30)  # inside the button, clear of its words
    quiet = panel.pixel(*corner)
    touch = panel.down(x, y)
    assert panel.pixel(*corner) != quiet
    panel.move(touch, 600, 300)
    assert panel.pixel(*corner) == quiet
    panel.up(touch)
    assert panel.answers() == []


def test_a_disabled_button_does_nothing(panel: Panel) -> None:
    panel.show("wipe")
    panel.tap("end")
    assert panel.answers() == []


@pytest.mark.parametrize("name", ["consent", "details", "card", "menu", "takes", "photo"])
def test_twenty_taps_in_two_seconds_never_pass_a_second_screen(panel: Panel, name: str) -> None:
    view = panel.show(name)
    ident = next(one.id for one in view.buttons if one.enabled)
    x, y = panel.middle(ident)
    question = view.question
    answered: set[int] = set()
    for _tap in range(20):
        touch = panel.down(x, y)
        panel.now += 0.03
        panel.up(touch)
        fresh = {event.question for event in panel.answers()} - answered
        if fresh:
            # The flow goes on at once, to a screen with a button in the same place.
            answered |= fresh
            question += 100
            panel.show(name, question=question)
        panel.now += 0.07
    assert len(panel.answers()) == 1
    assert answered == {view.question}


def test_a_finger_that_was_down_before_the_question_changed_answers_nothing(panel: Panel) -> None:
    panel.show("consent")
    touch = panel.down(*panel.middle("yes"))
    panel.show("details")
    panel.now += 0.2
    panel.up(touch)
    assert panel.answers() == []


def test_a_state_of_the_same_question_keeps_the_finger_on_its_button(panel: Panel) -> None:
    view = panel.show("photo")
    touch = panel.down(*panel.middle("shoot"))
    panel.show("photo", advice=None)
    panel.up(touch)
    assert panel.answers() == [Pressed(view.question, "shoot")]


def test_choices_and_takes_are_chosen_by_a_tap(panel: Panel) -> None:
    view = panel.show("choice")
    assert isinstance(view.content, Choices)
    panel.tap("waiver")
    panel.now += 5
    sheet = panel.show("takes")
    panel.tap("take3")
    assert panel.answers() == [Chose(view.question, "waiver"), Chose(sheet.question, "take3")]


def test_masked_values_are_readable_only_while_show_is_held(panel: Panel) -> None:
    panel.show("details")

    def letters() -> str:
        assert panel.host.drawing is not None
        return "".join(getattr(one, "letters", "") for one in panel.host.drawing.elements)

    touch = panel.down(*panel.middle("show"))
    assert "19980711" in letters()
    panel.up(touch)
    assert "19980711" not in letters()
    touch = panel.down(*panel.middle("show"))
    panel.move(touch, 20, 400)
    assert "19980711" not in letters()
    panel.up(touch)
    assert panel.answers() == []


def test_the_keypad_types_and_the_form_answers_all_fields(panel: Panel) -> None:
    view = panel.show("form")
    for key in ("delete", "5", "6", "7", "8", "9", "9"):
        panel.tap(f"key:{key}")
        panel.now += 0.05
    panel.tap("enter")
    assert panel.answers() == [Entered(view.question, (("phone", "13812356789"),))]


def test_typing_stays_while_only_the_state_of_the_form_changes(panel: Panel) -> None:
    view = panel.show("form")
    panel.tap("key:5")
    panel.show("form", leaving_s=20)
    panel.show("form", leaving_s=None)
    panel.now += 1
    panel.tap("enter")
    assert panel.answers() == [Entered(view.question, (("phone", "13812345"),))]


def _sign(panel: Panel) -> None:
    x, y = panel.middle("pad")
    for number in range(2):
        touch = panel.down(x - 60, y - 20 + number * 40)
        for step in range(10):
            panel.move(touch, x - 60 + step * 12, y - 20 + number * 40)
        panel.up(touch)


def test_the_review_can_be_sent_only_when_it_is_signed(panel: Panel) -> None:
    view = panel.show("review")
    panel.tap("sign")
    assert panel.answers() == []
    panel.now += 1
    _sign(panel)
    panel.now += 1
    panel.tap("sign")
    (signed,) = panel.answers()
    assert isinstance(signed, Signed)
    assert signed.question == view.question
    assert len(signed.strokes) == 2
    assert all(0 <= x <= 1 and 0 <= y <= 1 for stroke in signed.strokes for x, y in stroke)
    first, second = signed.strokes
    assert first[0][0] < first[-1][0]  # to the right
    assert first[0][1] < second[0][1]  # y runs down


def test_signing_again_begins_with_an_empty_pad(panel: Panel) -> None:
    panel.show("review")
    _sign(panel)
    assert panel.host.strokes()
    panel.now += 1
    panel.tap("clear")
    assert panel.host.strokes() == ()
    panel.now += 1
    panel.tap("sign")
    assert panel.answers() == []


def test_a_mere_dot_is_no_signature(panel: Panel) -> None:
    panel.show("review")
    panel.tap("pad")
    panel.now += 1
    panel.tap("sign")
    assert panel.answers() == []


def test_strokes_are_ink_under_the_finger(panel: Panel) -> None:
    panel.show("review")
    x, y = panel.middle("pad")
    touch = panel.down(x - 60, y - 60)
    panel.move(touch, x + 60, y - 60)
    assert sum(panel.pixel(x, y - 60)[:3]) < 200
    panel.up(touch)


def test_one_tap_changes_the_language_and_tells_the_flow(panel: Panel) -> None:
    panel.show("menu")
    panel.tap("language")
    assert panel.host.look.language == "en"
    assert panel.answers() == [LanguageChosen("en")]
    assert panel.host.drawing is not None
    assert "What would you like to do?" in {one.words for one in panel.host.drawing.written}


def test_large_text_and_contrast_are_one_tap_and_stay(panel: Panel) -> None:
    panel.show("menu")
    panel.tap("large")
    assert panel.answers() == [LargeChosen(True)], "paper is to be as easy to read"
    panel.now += 1
    panel.tap("contrast")
    panel.show("consent")
    assert panel.host.look.large
    assert panel.host.look.contrast
    assert panel.pixel(5, 400)[:3] == (0, 0, 0)


def test_somebody_is_here_at_most_once_a_second(panel: Panel) -> None:
    panel.show("menu")
    for _touch in range(30):
        touch = panel.down(5, 400)
        self_moves = panel.host.on_touch_move
        self_moves(touch)
        panel.now += 0.1
        panel.up(touch)
    assert panel.events == [Touched()] * 3


def test_the_band_answers_with_its_button_and_hides_what_lies_under(panel: Panel) -> None:
    view = panel.show("leaving")
    panel.tap("stay")
    assert panel.answers() == [Pressed(view.question, "stay")]


def test_a_new_question_starts_with_clean_hands(panel: Panel) -> None:
    panel.show("review")
    _sign(panel)
    panel.show("review", question=999)
    assert panel.host.strokes() == ()
    assert not panel.host.hand.signed


def test_the_preview_is_mirrored_as_in_a_looking_glass(
    panel: Panel, frame: Callable[[], Any]
) -> None:
    panel.show("photo", content=Booth())
    panel.host.preview(frame())
    assert panel.host.drawing is not None
    live = next(o.rect for o in panel.host.drawing.elements if isinstance(o, Live))
    left = panel.pixel(live.x + 20, live.y + live.h / 2)
    right = panel.pixel(live.right - 20, live.y + live.h / 2)
    # The camera sees red at its left, blue at its right: a mirror shows them the other way.
    assert left[2] > 200 > left[0]
    assert right[0] > 200 > right[2]
    top = panel.pixel(live.x + live.w / 2 + 40, live.y + 30)
    assert top[1] > 200


@pytest.fixture
def frame() -> Callable[[], Any]:
    """A camera picture: red at the left, blue at the right, a green band at the top."""
    from PIL import Image

    from kiosk.head import PreviewFrame

    def make() -> PreviewFrame:
        picture = Image.new("RGB", (1280, 720), (255, 0, 0))
        picture.paste((0, 0, 255), (640, 0, 1280, 720))
        picture.paste((0, 255, 0), (0, 0, 1280, 120))
        return PreviewFrame(1, 99.99, 1280, 720, memoryview(picture.tobytes()))

    return make


def test_a_preview_that_shows_nothing_new_costs_nothing(
    panel: Panel, frame: Callable[[], Any]
) -> None:
    panel.show("photo")
    one = frame()
    panel.host.preview(one)
    panel.host.preview(one)
    assert panel.host.stats.preview_drawn == 1
    panel.show("menu")
    panel.host.preview(replace(one, seq=2))
    assert panel.host.stats.preview_drawn == 1


def test_a_picture_that_comes_late_appears_with_the_next_state(panel: Panel) -> None:
    asked: list[str] = []
    here = False

    def media(ref: str) -> bytes:
        asked.append(ref)
        return sample_pictures.media(ref) if here else b""

    from ui.host import ScreenHost

    host = ScreenHost(Look(), panel.events.append, media, strict=True)
    host.show(VIEWS["slip"])
    made = host.painter.textures.made
    here = True
    host.show(replace(VIEWS["slip"], leaving_s=None, lines=()))
    assert host.painter.textures.made > made
    assert asked == ["slip", "slip"]


def test_a_screen_without_its_media_still_shows_its_words(panel: Panel) -> None:
    from ui.host import ScreenHost

    host = ScreenHost(Look(), panel.events.append, lambda ref: b"no picture", strict=True)
    host.show(replace(VIEWS["takes"], screen=Screen.TAKES))
    assert host.drawing is not None
    assert host.drawing.written


def test_a_pin_is_typed_in_figures_and_seen_as_dots(panel: Panel) -> None:
    from ui.telling import told

    view = panel.show("staff-pin")
    for key in ("2", "4", "6", "8"):
        panel.tap(f"key:{key}")
        panel.now += 0.05
    assert panel.host.drawing is not None
    written = [entry.words for entry in panel.host.drawing.written]
    assert "●●●●" in written
    assert not any("2468" in words for words in written)
    assert told(panel.host)["fields"] == {"pin": "●●●●"}
    panel.tap("enter")
    assert panel.answers() == [Entered(view.question, (("pin", "2468"),))]


@pytest.mark.parametrize("name", ["staff-pin", "form", "review"])
def test_the_button_of_the_countdown_confirms_nothing_on_any_screen(
    panel: Panel, name: str
) -> None:
    stay = samples.STAY
    view = panel.show(name, leaving_s=20, buttons=(*VIEWS[name].buttons, stay))
    panel.tap("stay")
    assert panel.answers() == [Pressed(view.question, "stay")]

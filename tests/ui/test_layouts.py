# SPDX-License-Identifier: Apache-2.0
import itertools

import pytest

from kiosk.view import Role, Screen, View
from ui import samples
from ui.drawing import Drawing, Letters, Rect
from ui.frame import STAY, compose, regions
from ui.gallery import LOOKS
from ui.hand import Hand
from ui.speech import Speech
from ui.theme import APART_MM, FLOOR_MM, TARGET_MM, Look

VIEWS = samples.views()
EACH = [(look, view) for look in LOOKS for view in VIEWS]
SPEECH = {language: Speech(language, strict=True) for language in ("zh", "en")}


def drawn(view: View, look: Look = LOOKS["zh"], hand: Hand | None = None) -> Drawing:
    return compose(view, look, SPEECH[look.language], hand or Hand())


def pages(view: View, look: Look) -> list[Drawing]:
    """The screen as it is first and after each of the first turns of a page."""
    return [drawn(view, look, Hand(page=page)) for page in range(3)]


@pytest.mark.parametrize(("look", "view"), EACH)
def test_everything_fits_at_a_size_that_can_be_read(look: str, view: str) -> None:
    for drawing in pages(VIEWS[view], LOOKS[look]):
        assert drawing.problems == ()
        least = min(entry.px for entry in drawing.written)
        assert least >= FLOOR_MM * LOOKS[look].px_per_mm


@pytest.mark.parametrize(("look", "view"), EACH)
def test_no_text_leaves_its_place_its_region_or_the_panel(look: str, view: str) -> None:
    panel = Rect(0, 0, LOOKS[look].width, LOOKS[look].height)
    for drawing in pages(VIEWS[view], LOOKS[look]):
        for entry in drawing.written:
            assert entry.allowed.contains(entry.taken, 2), entry
            assert panel.contains(entry.taken, 0), entry
            assert any(part.contains(entry.taken, 1) for part in regions(LOOKS[look])), entry


@pytest.mark.parametrize(("look", "view"), [one for one in EACH if one[1] != "leaving"])
def test_no_two_texts_lie_over_each_other(look: str, view: str) -> None:
    for drawing in pages(VIEWS[view], LOOKS[look]):
        for one, other in itertools.combinations(drawing.written, 2):
            a, b = one.taken.inset(1), other.taken.inset(1)
            apart = a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y
            assert apart, (one.words, other.words)


@pytest.mark.parametrize(("look", "view"), EACH)
def test_everything_to_touch_is_large_and_apart(look: str, view: str) -> None:
    mm = LOOKS[look].px_per_mm
    for drawing in pages(VIEWS[view], LOOKS[look]):
        targets = [one for one in drawing.targets if one.id not in ("band", STAY)]
        if VIEWS[view].leaving_s is not None:
            targets = [one for one in drawing.targets if one.id == STAY]
        for one in targets:
            assert min(one.rect.w, one.rect.h) >= TARGET_MM * mm - 0.01, one
        for one, other in itertools.combinations(targets, 2):
            dx = max(one.rect.x - other.rect.right, other.rect.x - one.rect.right)
            dy = max(one.rect.y - other.rect.bottom, other.rect.y - one.rect.bottom)
            # A pixel of rounding is a sixth of a millimetre.
            assert max(dx, dy) >= APART_MM * mm - 1.5, (one, other)


@pytest.mark.parametrize("view", VIEWS)
def test_large_text_is_never_smaller_than_the_usual(view: str) -> None:
    for language in ("zh", "en"):
        usual = drawn(VIEWS[view], LOOKS[language])
        large = drawn(VIEWS[view], LOOKS[f"{language}-large"])

        def size(drawing: Drawing, words: str) -> int:
            return max(entry.px for entry in drawing.written if entry.words == words)

        common = {e.words for e in usual.written} & {e.words for e in large.written}
        assert all(size(large, words) >= size(usual, words) * 0.9 for words in common), view


@pytest.mark.parametrize("look", LOOKS)
def test_a_button_stands_in_the_same_place_on_every_screen(look: str) -> None:
    def place(view: str, ident: str, edge: str) -> set[float]:
        found = [one for one in drawn(VIEWS[view], LOOKS[look]).targets if one.id == ident]
        return {getattr(one.rect, edge) for one in found}

    rights = set()
    for view in ("consent", "details", "review", "slip", "form"):
        ident = next(one.id for one in VIEWS[view].buttons if one.role is Role.PRIMARY)
        rights |= place(view, ident, "right")
    assert len(rights) == 1
    assert (
        len({x for view in ("menu", "card", "details", "photo") for x in place(view, "back", "x")})
        == 1
    )


def test_what_is_masked_is_nowhere_on_the_screen_until_show_is_held() -> None:
    for name in ("details", "review"):
        hidden = "".join(e.letters for e in drawn(VIEWS[name]).elements if isinstance(e, Letters))
        shown = drawn(VIEWS[name], hand=Hand(shown=True))
        open_letters = "".join(e.letters for e in shown.elements if isinstance(e, Letters))
        assert "19980711" not in hidden
        assert "张静" not in hidden
        assert "19980711" in open_letters
        assert shown.targets == drawn(VIEWS[name]).targets  # nothing moves under the finger


def test_the_band_shows_the_seconds_and_covers_what_lies_under_it() -> None:
    drawing = drawn(VIEWS["leaving"])
    assert "24" in {entry.words for entry in drawing.written}
    stay = next(one for one in drawing.targets if one.id == STAY)
    assert drawing.target(stay.rect.x + 5, stay.rect.y + 5) == stay
    band = next(one for one in drawing.targets if one.id == "band")
    under = drawing.target(band.rect.x + 5, band.rect.y + 5)
    assert under == band


def test_stored_and_received_differ_in_words_colour_and_icon() -> None:
    def pill(name: str) -> tuple[str, object, set[str]]:
        drawing = drawn(VIEWS[name])
        letters = [one for one in drawing.elements if isinstance(one, Letters)]
        first = next(one for one in letters if one.letters.startswith(("柜台", "已存")))
        icons = {getattr(one, "name", "") for one in drawing.elements}
        return first.letters, first.colour, icons

    received, stored = pill("slip"), pill("slip-stored")
    assert received[0] != stored[0]
    assert received[1] != stored[1]
    assert "box" in stored[2] - received[2]


def test_every_screen_has_a_sample() -> None:
    assert {view.screen for view in VIEWS.values()} == set(Screen)

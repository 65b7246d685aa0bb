# SPDX-License-Identifier: Apache-2.0
import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from kiosk.photo import verdict
from kiosk.steps import photo_views
from kiosk.texts import LANGUAGES, catalogue
from kiosk.view import Advice, Booth, Take, TakeSheet, Tone, View, text
from ui import sample_pictures, samples, samples_photo
from ui.drawing import Drawing, Kind, Letters, Live, Media, Picture
from ui.frame import compose
from ui.gallery import LOOKS
from ui.hand import Hand
from ui.pictures import PICTURES
from ui.speech import Speech
from ui.theme import NORMAL, Look
from ui.typeset import ASCENT

VIEWS = samples.views()
SPEECH = {language: Speech(language, strict=True) for language in ("zh", "en")}
CARD_MM = (26, 32)  # GA 461-2004: the portrait on the card is 26 mm wide and 32 mm high


def drawn(view: View, look: Look = LOOKS["zh"], hand: Hand | None = None) -> Drawing:
    return compose(view, look, SPEECH[look.language], hand or Hand())


def sheet_of(count: int, chosen: str = "take1") -> View:
    return replace(VIEWS["takes"], content=TakeSheet(samples_photo.takes(count), chosen))


def items(drawing: Drawing) -> dict[str, Any]:
    return {one.id: one.rect for one in drawing.targets if one.kind is Kind.ITEM}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("count", [1, 4, 6, 12, 17])
def test_every_take_is_shown_as_large_as_on_the_card(look: str, count: int) -> None:
    mm = LOOKS[look].px_per_mm
    seen: set[str] = set()
    for page in range(count):
        if len(seen) == count:
            break
        drawing = drawn(sheet_of(count), LOOKS[look], Hand(page=page))
        places = items(drawing)
        # The chosen one may be shown large as well: that one cannot be touched.
        small = [
            one.rect
            for one in drawing.elements
            if isinstance(one, Media) and any(p.contains(one.rect) for p in places.values())
        ]
        assert len(small) == len(places) > 0
        for rect in small:
            assert abs(rect.w - CARD_MM[0] * mm) <= 1
            assert abs(rect.h - CARD_MM[1] * mm) <= 1
        seen |= set(places)
    assert seen == {f"take{number}" for number in range(count)}


@pytest.mark.screen
@pytest.mark.parametrize(("look", "count"), [("zh", 1), ("zh", 12), ("en-800x480", 4)])
def test_a_ruler_on_the_screenshot_measures_every_take_as_large_as_on_the_card(
    stage: Any, look: str, count: int
) -> None:
    from kivy.graphics import Color, Fbo, Rectangle

    from ui.host import ScreenHost

    red = io.BytesIO()
    Image.new("RGB", (358, 441), (230, 0, 40)).save(red, "JPEG", quality=95)
    wanted = LOOKS[look]
    host = ScreenHost(wanted, stage.events.append, lambda ref: red.getvalue(), strict=True)
    host.show(sheet_of(count, chosen=""))
    fbo = Fbo(size=(wanted.width, wanted.height))
    with fbo:
        Color(*wanted.palette.paper)
        Rectangle(size=(wanted.width, wanted.height))
    fbo.add(host.ground)
    fbo.draw()
    picture = Image.frombytes("RGBA", fbo.size, fbo.pixels).convert("RGB")
    picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    fbo.remove(host.ground)
    assert host.drawing is not None
    found = 0
    for place in items(host.drawing).values():
        edge = (round(place.x), round(place.y), round(place.right), round(place.bottom))
        cut = picture.crop(edge)
        r, g, b = cut.split()
        mask = r.point([255 if v > 190 else 0 for v in range(256)])
        for other in (g, b):
            dim = other.point([255 if v < 90 else 0 for v in range(256)])
            mask = Image.composite(mask, Image.new("L", mask.size, 0), dim)
        left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
        assert abs((right - left) - CARD_MM[0] * wanted.px_per_mm) <= 1
        assert abs((bottom - top) - CARD_MM[1] * wanted.px_per_mm) <= 1
        found += 1
    assert found == count


@pytest.mark.screen
@pytest.mark.parametrize("look", ["zh", "en-large", "en-800x480", "zh-portrait"])
def test_the_page_opens_where_the_chosen_take_is_and_choosing_does_not_turn_it(
    stage: Any, look: str
) -> None:
    from ui.host import ScreenHost

    host = ScreenHost(LOOKS[look], stage.events.append, sample_pictures.media, strict=True)
    host.show(replace(sheet_of(40, chosen="take35"), question=1))
    assert host.drawing is not None
    seen = items(host.drawing)
    assert "take35" in seen
    other = next(one for one in seen if one != "take35")
    host.show(replace(sheet_of(40, chosen=other), question=1))
    assert items(host.drawing) == seen


@pytest.mark.parametrize("look", ["zh", "en", "zh-contrast"])
def test_twelve_takes_stand_side_by_side_on_one_page(look: str) -> None:
    assert len(items(drawn(VIEWS["takes-twelve"], LOOKS[look]))) == 12


def test_the_chosen_take_is_framed_and_the_proposed_one_named() -> None:
    words = {entry.words for entry in drawn(VIEWS["takes"]).written}
    assert "推荐" in words
    other = drawn(sheet_of(4, chosen="take3"))
    assert drawn(VIEWS["takes"]).elements != other.elements
    assert items(drawn(VIEWS["takes"])) == items(other)  # choosing moves nothing


def test_the_chosen_take_is_seen_large_where_there_is_room() -> None:
    drawing = drawn(VIEWS["takes"])
    large = [one for one in drawing.elements if isinstance(one, Media) and one.rect.h > 300]
    assert [one.ref for one in large] == ["take-1"]


def test_a_take_that_does_not_pass_says_why_in_a_word() -> None:
    assert any(isinstance(one, Take) and one.advice for one in samples_photo.takes(4))
    words = {entry.words for entry in drawn(VIEWS["takes"]).written}
    assert "嘴张开" in words


REASONS = [reason for reason in verdict.ORDER if reason.startswith("photo.")]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_picture_and_one_word_in_each_language(reason: str) -> None:
    assert f"hint-{reason.rpartition('.')[2]}" in PICTURES
    word = photo_views.word_of(reason)
    assert word is not None
    for language in LANGUAGES:
        assert 0 < len(catalogue(language)[word.key]) <= 10


@pytest.mark.parametrize("kind", ["tilted", "turned"])
def test_a_head_that_is_off_has_a_picture_for_either_side(kind: str) -> None:
    shapes = {way: PICTURES[f"hint-{kind}_{way}"](NORMAL, ()) for way in ("left", "right")}
    assert shapes["left"] != shapes["right"]


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("look", ["zh", "en", "zh-large", "en-large", "en-800x480", "en-portrait"])
def test_every_advice_fits_with_its_picture_in_its_fixed_place(look: str, reason: str) -> None:
    icon = reason.rpartition(".")[2]
    advice = Advice(text(f"{reason}.remedy"), text(reason), icon=icon)
    drawing = drawn(replace(VIEWS["photo"], advice=advice), LOOKS[look])
    assert drawing.problems == ()
    assert f"hint-{icon}" in {one.name for one in drawing.elements if isinstance(one, Picture)}


@pytest.mark.parametrize("look", ["zh", "en-large", "en-800x480", "zh-portrait"])
def test_guidance_moves_nothing_but_its_own_words(look: str) -> None:
    quiet = drawn(replace(VIEWS["photo"], advice=None), LOOKS[look])
    for reason in REASONS[::3]:
        advice = Advice(text(f"{reason}.remedy"), text(reason), icon=reason.rpartition(".")[2])
        told = drawn(replace(VIEWS["photo"], advice=advice), LOOKS[look])
        assert told.targets == quiet.targets
        for kind in (Live, Media):
            before = [one for one in quiet.elements if isinstance(one, kind)]
            assert [one for one in told.elements if isinstance(one, kind)] == before
        own = {e.words for e in told.written} - {e.words for e in quiet.written}
        assert len(own) <= 2  # the remedy and the reason; every other word keeps its size
        same = [e for e in told.written if e.words not in own]
        assert all(e in quiet.written for e in same)


def test_taking_a_picture_changes_no_colour_on_the_screen() -> None:
    """A tenth of a second of grey buttons would be a flash."""
    ready = VIEWS["photo-good"]
    assert isinstance(ready.content, Booth)
    busy = replace(
        ready,
        content=replace(ready.content, pause=True),
        buttons=tuple(
            replace(one, enabled=False) if one.id in ("shoot", "shoot3") else one
            for one in ready.buttons
        ),
    )
    assert drawn(busy).elements == drawn(ready).elements
    assert not next(one for one in drawn(busy).targets if one.id == "shoot").enabled


@pytest.mark.parametrize("look", LOOKS)
def test_the_counting_number_leaves_the_eyes_free(look: str) -> None:
    drawing = drawn(VIEWS["photo-counting"], LOOKS[look])
    live = next(one.rect for one in drawing.elements if isinstance(one, Live))
    number = next(
        one
        for one in drawing.elements
        if isinstance(one, Letters) and one.letters == "3" and live.holds(one.x, one.baseline - 5)
    )
    assert number.baseline - number.px * ASCENT > live.y + live.h * 0.6


def test_while_the_seconds_are_counted_only_the_number_changes() -> None:
    view = VIEWS["photo-counting"]
    assert isinstance(view.content, Booth)
    letters = []
    for left in (2, 1):
        content = replace(view.content, counting=left)
        drawing = drawn(replace(view, content=content))
        letters.append({one for one in drawing.elements if not isinstance(one, Letters)})
    assert letters[0] == letters[1]


@pytest.mark.parametrize("look", LOOKS)
def test_before_the_first_picture_the_citizen_is_reminded(look: str) -> None:
    said = "".join(entry.words for entry in drawn(VIEWS["photo-first"], LOOKS[look]).written)
    for one in photo_views.REMINDERS:
        assert SPEECH[LOOKS[look].language].words(one.words) in said
    later = "".join(entry.words for entry in drawn(VIEWS["photo"], LOOKS[look]).written)
    assert SPEECH[LOOKS[look].language].words(photo_views.REMINDERS[0].words) not in later


def test_no_figure_is_ever_shown_beside_a_face() -> None:
    """No score: the only digits are how many pictures there are and the countdown."""
    for name in ("photo", "photo-first", "photo-good", "takes", "takes-twelve", "take-warn"):
        view = VIEWS[name]
        words = [entry.words for entry in drawn(view).written]
        count = len(view.content.takes) if isinstance(view.content, Booth) else 0
        allowed = {SPEECH["zh"].words(text("photo.taken", count=count)), "3 秒后拍"}
        assert [word for word in words if any(c.isdigit() for c in word)] == [
            word for word in words if word in allowed and any(c.isdigit() for c in word)
        ]


def test_the_warning_shows_the_take_its_reason_and_both_ways_on() -> None:
    view = VIEWS["take-warn"]
    drawing = drawn(view)
    assert [one.ref for one in drawing.elements if isinstance(one, Media)] == ["take-2"]
    words = {entry.words for entry in drawing.written}
    assert {"这张可能会被退回", "嘴张开了", "就用这张", "再拍一张"} <= words
    assert view.advice is not None
    assert view.advice.tone is Tone.CHANGE


@pytest.mark.screen
def test_pictures_of_the_photo_step_leave_the_graphics_memory_with_it(stage: Any) -> None:
    from ui.gallery import preview_frame
    from ui.host import ScreenHost

    host = ScreenHost(LOOKS["zh"], stage.events.append, sample_pictures.media, strict=True)
    size = (LOOKS["zh"].mm(26), LOOKS["zh"].mm(32))
    textures = host.painter.textures

    def held() -> list[bool]:
        return [textures.has_media(f"take-{number}", size) for number in range(4)]

    steps = [("photo", "photo"), ("takes", "photo"), ("finger", "fingers")]
    for number, (name, step) in enumerate(steps, 1):
        host.show(replace(VIEWS[name], question=number, step_name=step))
        host.preview(preview_frame())
        assert held() == [name == "takes"] * 4
    assert host.painter.holds_preview is False

# SPDX-License-Identifier: Apache-2.0
"""The staff's cabinet: every door can be read, told apart and touched, on few pages."""

import pytest

from kiosk.view import DoorState, View
from ui import samples_bins
from ui.drawing import Box, Drawing, Icon, Kind
from ui.frame import compose
from ui.gallery import LOOKS
from ui.hand import Hand
from ui.screens.cabinet import ICONS, paint_of
from ui.sheet import Sheet
from ui.speech import Speech
from ui.theme import Look, contrast

PAGES = samples_bins.pages()
SPEECH = {language: Speech(language, strict=True) for language in ("zh", "en")}


def drawn(view: View, look: Look, page: int = 0) -> Drawing:
    return compose(view, look, SPEECH[look.language], Hand(page=page))


def doors(drawing: Drawing) -> list[str]:
    return [one.id for one in drawing.targets if one.kind is Kind.ITEM]


@pytest.mark.parametrize("look", ["zh", "en", "en-large"])
def test_every_page_of_bins_and_dispenser_fits_and_has_its_words(look: str) -> None:
    assert {name: drawn(view, LOOKS[look]).problems for name, view in PAGES.items()} == (
        dict.fromkeys(PAGES, ())
    )


@pytest.mark.parametrize("look", ["zh", "en", "zh-contrast", "zh-portrait", "en-portrait"])
@pytest.mark.parametrize("page", ["bins", "bins-ill"])
def test_the_24_doors_of_a_board_are_on_one_page(look: str, page: str) -> None:
    assert len(doors(drawn(PAGES[page], LOOKS[look]))) == 24


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", ["bins", "bins-ill", "bins-three-boards"])
def test_every_door_is_on_exactly_one_page(look: str, page: str) -> None:
    content = PAGES[page].content
    assert content is not None
    wanted = [one.id for one in getattr(content, "doors", ())]
    seen: list[str] = []
    for number in range(len(wanted)):
        found = doors(drawn(PAGES[page], LOOKS[look], number))
        if seen[: len(found)] == found:
            break
        seen += found
    assert seen == wanted


@pytest.mark.parametrize("look", ["zh", "zh-contrast"])
def test_number_and_symbol_of_a_door_stand_out_seven_to_one_in_every_state(look: str) -> None:
    sheet = Sheet(LOOKS[look], SPEECH["zh"], Hand())
    for state in DoorState:
        paint = paint_of(sheet, state)
        assert contrast(paint.ground, paint.ink) >= 7, state


def test_no_two_states_have_the_same_symbol_or_the_same_colours() -> None:
    sheet = Sheet(LOOKS["zh"], SPEECH["zh"], Hand())
    assert len(set(ICONS.values())) == len(DoorState) == len(ICONS)
    paints = [paint_of(sheet, state) for state in DoorState]
    assert len({(one.ground, one.border) for one in paints}) == len(DoorState)
    drawing = drawn(PAGES["bins"], LOOKS["zh"])
    shown = {one.name for one in drawing.elements if isinstance(one, Icon)}
    assert set(ICONS.values()) <= shown
    assert {one.fill for one in paints_of(drawing)} >= {one.ground for one in paints}


def paints_of(drawing: Drawing) -> list[Box]:
    return [one for one in drawing.elements if isinstance(one, Box)]

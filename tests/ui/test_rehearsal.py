# SPDX-License-Identifier: Apache-2.0
from kiosk.view import Screen
from ui import samples
from ui.drawing import Box, Icon, Letters, Picture
from ui.frame import compose
from ui.hand import Hand
from ui.speech import Speech
from ui.theme import Look


def test_after_a_rehearsal_the_next_screen_has_nothing_to_make(stage: object) -> None:
    from ui.rehearsal import Rehearsal
    from ui.textures import Textures

    look, speech = Look(), Speech("zh", strict=True)
    textures = Textures()
    rehearsal = Rehearsal(textures)
    assert not rehearsal.step(0.0)
    rehearsal.follow(Screen.WELCOME, look, speech)
    steps = 0
    while rehearsal.step(0.0):
        steps += 1
    assert steps > 20  # in small portions
    made = textures.made
    for name in ("menu", "consent", "card"):
        drawing = compose(samples.views()[name], look, speech, Hand())
        for element in drawing.elements:
            if isinstance(element, Letters | Icon | Picture | Box):
                textures.prepare(element)
    assert textures.made == made


def test_a_screen_with_no_usual_successor_prepares_nothing(stage: object) -> None:
    from ui.rehearsal import Rehearsal
    from ui.textures import Textures

    textures = Textures()
    rehearsal = Rehearsal(textures)
    rehearsal.follow(Screen.WIPE, Look(), Speech("zh", strict=True))
    assert not rehearsal.step(1.0)
    rehearsal.follow(Screen.REFUSAL, Look(), Speech("zh", strict=True))
    assert not rehearsal.step(1.0)
    assert textures.made == 0

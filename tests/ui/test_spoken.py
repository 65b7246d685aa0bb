# SPDX-License-Identifier: Apache-2.0
"""What is heard of each screen: its own words, and nothing of the citizen."""

import re

import pytest

from kiosk.texts import LANGUAGES, words
from kiosk.view import ReviewSheet, Rows, Text, View
from kiosk.voice import heading, thing_to_do, where_to_press
from kiosk.voice_prompts import Prompts
from ui import samples

VIEWS = samples.views()
LONG_FIGURE = re.compile(r"\d(?:[ -]?\d){3}")  # four figures: of a number, a telephone, a year


def spoken(view: View) -> tuple[Text, ...]:
    return heading(view) + thing_to_do(view) + where_to_press(view)


def personal(view: View) -> list[str]:
    """The values of the rows on the screen, which belong to the citizen."""
    rows = view.content.rows if isinstance(view.content, Rows | ReviewSheet) else ()
    return [one.value for one in rows if isinstance(one.value, str)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_number_address_or_date_of_a_screen_is_ever_said(language: str) -> None:
    secrets = {value for view in VIEWS.values() for value in personal(view)}
    assert len(secrets) >= 3, "the samples show a citizen's own values"
    for name, view in VIEWS.items():
        for one in spoken(view):
            said = words(one, language)
            assert not LONG_FIGURE.search(said), (name, said)
            assert not [value for value in secrets if value in said], (name, said)


def test_every_screen_says_something() -> None:
    silent = [name for name, view in VIEWS.items() if not heading(view) + thing_to_do(view)]
    assert silent == []


def test_what_is_withheld_would_be_said_if_it_were_not_withheld() -> None:
    # The rule is a filter by type; without it the samples' own values would come through.
    view = VIEWS["details"]
    value = personal(view)[0]
    assert Prompts().samples((Text("voice.press.primary", (("button", value),)),), "zh") == b""

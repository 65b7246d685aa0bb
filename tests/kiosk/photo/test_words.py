# SPDX-License-Identifier: Apache-2.0
"""Every reason the photo step can give has words, in both languages, that a person would say."""

import re

import pytest
from babel.messages.pofile import read_po

from kiosk import texts
from kiosk.photo import verdict
from kiosk.photo.guide import STARTING

CAMERA = [f"camera.{what}" for what in ("absent", "silent", "frozen", "format")]
MODELS = ["photo.models_missing", "photo.models_altered"]
REASONS = [*verdict.ORDER, verdict.OK, STARTING, *CAMERA, *MODELS]


@pytest.fixture(scope="module", params=["zh", "en"])
def words(request):
    path = f"{texts.__path__[0]}/{request.param}/photo.po"
    with open(path, "rb") as file:
        catalogue = read_po(file)
    return request.param, {entry.id: entry.string for entry in catalogue if entry.id}


@pytest.mark.parametrize("reason", REASONS)
def test_reason_and_remedy_have_words(words, reason):
    _language, said = words
    assert said[reason]
    assert said[f"{reason}.remedy"]


def test_the_words_are_short_and_blame_nobody(words):
    language, said = words
    for key, text in said.items():
        assert not re.search(r"错误|失败|非法|无效|error|invalid|fail", text, re.IGNORECASE), key
        if language == "zh":
            ideas = re.split(r"[，。]", re.sub(r"[A-Za-z0-9 ]+", "", text))
            assert max(len(idea) for idea in ideas) <= 14, key


@pytest.mark.parametrize(
    ("way", "zh", "en"), [("left", "向左", "your left"), ("right", "向右", "your right")]
)
def test_the_key_names_the_way_to_move(words, way, zh, en):
    language, said = words
    assert (zh if language == "zh" else en) in said[f"photo.off_centre.{way}.remedy"]

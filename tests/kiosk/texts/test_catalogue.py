# SPDX-License-Identifier: Apache-2.0
import re
from datetime import date, datetime
from importlib import resources
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from kiosk.texts import LANGUAGES, MissingWordsError, catalogue, pieces, words
from kiosk.view import Money, text

FORBIDDEN = re.compile(r"错误|无效|非法|\berror\b|\binvalid\b", re.IGNORECASE)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Extra entries of the Chinese catalogue, for one test."""
    extra = {
        "sample.from": "最早 {date} 可以办",
        "sample.outer": "请按{finger}",
        "sample.inner": "右手拇指",
        "sample.fee": "费用 {fee}",
        "sample.count": "{count} 张",
    }
    for key, value in extra.items():
        monkeypatch.setitem(catalogue("zh"), key, value)
    return extra


def test_a_date_is_written_out_in_each_language(told: dict[str, str]) -> None:
    asked = text("sample.from", date=date(2027, 3, 5))
    assert words(asked, "zh") == "最早 2027 年 3 月 5 日 可以办"
    catalogue("en")["sample.from"] = "Possible from {date}"
    try:
        assert words(asked, "en") == "Possible from 5 March 2027"
    finally:
        del catalogue("en")["sample.from"]


def test_a_moment_has_its_time_after_the_date(told: dict[str, str]) -> None:
    asked = text("sample.from", date=datetime(2027, 3, 5, 9, 4))  # noqa: DTZ001  local by meaning
    assert words(asked, "zh") == "最早 2027 年 3 月 5 日 09:04 可以办"


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (2000, "20 元", "20 yuan"),
        (2050, "20.50 元", "20.50 yuan"),
        (5, "0.05 元", "0.05 yuan"),
        (0, "0 元", "0 yuan"),
    ],
)
def test_money_is_yuan_with_fen_only_where_there_are_some(
    told: dict[str, str], fen: int, zh: str, en: str
) -> None:
    asked = text("sample.fee", fee=Money(fen))
    assert words(asked, "zh") == f"费用 {zh}"
    assert words(asked, "en") == f"费用 {en}"  # no English words: said in Chinese, money is not


def test_a_text_inside_a_text_is_said_in_the_same_language(told: dict[str, str]) -> None:
    assert words(text("sample.outer", finger=text("sample.inner")), "zh") == "请按右手拇指"


def test_dates_and_amounts_are_pieces_of_their_own(told: dict[str, str]) -> None:
    found = pieces(text("sample.from", date=date(2027, 3, 5)), "zh")
    assert [piece.words for piece in found if piece.strong] == ["2027 年 3 月 5 日"]


def test_a_key_without_words_or_an_argument_left_out_is_a_fault(told: dict[str, str]) -> None:
    with pytest.raises(MissingWordsError, match="nobody"):
        words(text("nobody.said.this"), "zh")
    with pytest.raises(MissingWordsError, match="count"):
        words(text("sample.count"), "zh")


def _entries(language: str) -> list[tuple[str, object]]:
    folder = resources.files("kiosk.texts").joinpath(language)
    found = []
    for entry in folder.iterdir():
        if entry.name.endswith(".po"):
            with entry.open("rb") as file:
                found += [(entry.name, message) for message in read_po(file) if message.id]
    return found


def _places(pattern: str) -> set[str]:
    return {name for _text, name, _spec, _conv in Formatter().parse(pattern) if name is not None}


def test_every_key_has_words_in_every_language_with_the_same_arguments() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    assert {key for key in zh if _places(zh[key]) != _places(en[key])} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_blame_the_citizen_or_show_a_code(language: str) -> None:
    assert {key for key, said in catalogue(language).items() if FORBIDDEN.search(said)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_of_the_screens_own_words_says_where_it_is_seen(language: str) -> None:
    bare = [
        message.id
        for name, message in _entries(language)
        if name == "chrome.po" and not message.auto_comments
    ]
    assert bare == []

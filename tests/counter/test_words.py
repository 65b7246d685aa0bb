# SPDX-License-Identifier: Apache-2.0
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import counter
from counter.decisions import GROUNDS
from counter.moves import Role, State
from counter.words import LANGUAGES, Words, catalogue
from idcard.records import FeeState, Kind, Part, PaymentState

TEMPLATES = Path(counter.__file__).parent / "templates"


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert set(chinese) == set(english)
    gaps = re.compile(r"\{\w+\}")
    for key in chinese:
        assert sorted(gaps.findall(chinese[key])) == sorted(gaps.findall(english[key])), key


def test_every_state_role_kind_and_ground_has_words() -> None:
    wanted = [f"state.{state}" for state in State]
    wanted += [f"role.{role}" for role in Role]
    wanted += [f"kind.{kind}" for kind in Kind]
    wanted += [f"part.{part}" for part in Part]
    wanted += [f"fee.{state}" for state in FeeState]
    wanted += [f"pay.{state}" for state in PaymentState]
    wanted += [f"ground.{code}" for code in GROUNDS]
    for language in LANGUAGES:
        assert [key for key in wanted if not Words(language).has(key)] == []


def test_every_word_a_page_asks_for_exists() -> None:
    asked = set()
    for page in TEMPLATES.glob("*.html"):
        asked |= set(re.findall(r"""\bt\(['"]([a-z_.0-9]+)['"][,)]""", page.read_text("utf-8")))
    assert len(asked) > 50
    assert asked - set(catalogue("zh")) == set()


def test_every_finding_of_the_examination_has_words() -> None:
    source = "".join(
        (TEMPLATES.parent / name).read_text("utf-8") for name in ("examination.py", "intake.py")
    )
    found = set(re.findall(r'(?:append\(|return \[|found \+= \[|else \[|checks = )"(\w+)"', source))
    assert {"parts_do_not_open", "fee_waiver", "portrait_size", "no_finger"} <= found
    assert {f"check.{word}" for word in found} - set(catalogue("zh")) == set()


@pytest.mark.parametrize(
    ("language", "day", "money"),
    [("zh", "2027 年 3 月 5 日", "20 元"), ("en", "5 March 2027", "20 yuan")],
)
def test_dates_and_money_are_written_out(language: str, day: str, money: str) -> None:
    words = Words(language)
    assert words.day(date(2027, 3, 5)) == day
    assert words.money(2000) == money


def test_times_are_the_stations_and_half_yuan_are_shown() -> None:
    words = Words("zh")
    assert words.moment(datetime(2026, 12, 1, 16, 30, tzinfo=UTC)) == "2026-12-02 00:30"
    assert words.money(1050) == "10.50 元"
    assert Words("fr").language == "zh"

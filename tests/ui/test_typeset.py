# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.texts import Piece
from ui.typeface import face, font_file, lacks
from ui.typeset import Block, advance, typeset

CLOSING = "，。、；：？！）》」』”’"
OPENING = "（《「『“‘"
LETTERS = st.text(
    alphabet="把身份证平放在蓝色读卡区abc123，。、；：？！）》」』“”（《", max_size=60
)


def said(block: Block) -> list[str]:
    return ["".join(run.letters for run in line.runs) for line in block.lines]


def setting(words: str, widest: float, *, balance: bool = False, strong: bool = False) -> Block:
    return typeset((Piece(words, strong),), 400, 28, 42.0, widest, balance)


@settings(max_examples=150, deadline=None)
@given(LETTERS, st.integers(80, 700), st.booleans())
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(
    words: str, widest: int, balance: bool
) -> None:
    lines = said(setting(words, float(widest), balance=balance))
    assert "".join(lines) == words
    assert all(line[0] not in CLOSING for line in lines[1:])
    assert all(line[-1] not in OPENING for line in lines[:-1])


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="把身份证平放在蓝色读卡区", min_size=1, max_size=60), st.integers(60, 700))
def test_no_line_is_wider_than_asked_and_balance_adds_no_line(words: str, widest: int) -> None:
    plain = setting(words, float(widest))
    even = setting(words, float(widest), balance=True)
    assert plain.width <= widest + 1
    assert even.width <= plain.width
    assert len(even.lines) == len(plain.lines)


def test_a_date_is_not_broken_where_it_fits_a_line() -> None:
    parts = (Piece("您的证件有效期到 "), Piece("2027 年 3 月 5 日", strong=True), Piece("，请换。"))
    for widest in range(240, 700, 20):
        lines = said(typeset(parts, 400, 28, 42.0, float(widest)))
        assert any("2027\u00a0年\u00a03\u00a0月\u00a05\u00a0日" in line for line in lines)


def test_a_word_in_latin_letters_stays_whole() -> None:
    sentence = "Please lay your identification card flat"
    lines = said(setting(sentence, 200.0))
    assert len(lines) > 2
    assert " ".join(lines) == sentence


def test_the_face_is_the_simplified_chinese_one() -> None:
    # The first face of Debian's collection is Japanese: 直 and 骨 would look foreign.
    assert face(400, 24).getname()[0] == "Noto Sans CJK SC"
    assert face(700, 24).getname() == ("Noto Sans CJK SC", "Bold")


def test_a_rare_name_character_is_drawn_in_the_font_that_has_it() -> None:
    # U+2A6D6 is the last character of CJK Extension B in Unicode 3.1; Noto Sans CJK lacks it.
    rare = "\U0002a6d6"
    assert lacks(rare, 400)
    assert not lacks("张", 400)
    runs = setting(f"张{rare}明", 400.0).lines[0].runs
    assert [(run.letters, run.rare) for run in runs] == [
        ("张", False),
        (rare, True),
        ("明", False),
    ]
    if font_file("HanaMinB.ttf") is not None:
        assert advance(rare, 400, 28, True) > 20


@pytest.mark.parametrize("width", range(222, 420, 20))
def test_a_heading_does_not_break_inside_a_word_when_it_can_be_helped(width: int) -> None:
    block = typeset((Piece("请输入收件手机号"),), 700, 44, 56.0, float(width), True)
    lines = ["".join(run.letters for run in line.runs) for line in block.lines]
    assert "".join(lines) == "请输入收件手机号"
    plain = typeset((Piece("请输入收件手机号"),), 700, 44, 56.0, float(width))
    assert len(block.lines) == len(plain.lines)
    if len(lines) == 2:
        assert lines[0].endswith(("请输入", "收件")), lines

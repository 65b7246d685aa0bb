# SPDX-License-Identifier: Apache-2.0
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.receipts.fonts import width
from kiosk.receipts.lines import balanced, wrapped


def test_a_line_never_starts_with_closing_punctuation() -> None:
    lines = wrapped("一二三四，五六七八。九十", 24, 24 * 4)
    assert not any(line[0] in "，。" for line in lines)


def test_english_is_broken_between_words() -> None:
    lines = wrapped("Stored in this booth, not yet at the counter", 18, 150)
    assert " ".join(lines) == "Stored in this booth, not yet at the counter"


def test_a_number_stays_with_its_unit() -> None:
    for limit in range(120, 400, 7):
        for line in wrapped("2026 年 12 月 1 日 14:32，费用 20 元", 24, limit):
            assert line[0] not in "年月日元"


def test_tibetan_is_broken_after_the_dot_of_a_syllable() -> None:
    for limit in range(80, 200, 3):
        lines = wrapped("འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས", 24, limit)
        assert len(lines) > 1
        assert all(line.endswith("་") for line in lines[:-1])
        assert not any(line.startswith("་") for line in lines)


def test_a_mark_is_never_torn_from_its_letter() -> None:
    lines = wrapped("ཀྲྀ" * 30, 24, 60)
    assert not any("\u0f71" <= line[0] <= "\u0fbc" for line in lines)


def test_centred_lines_leave_no_single_letter_behind() -> None:
    assert wrapped("本机已存、尚未到柜台", 60, 552)[-1] == "台"
    assert min(len(line) for line in balanced("本机已存、尚未到柜台", 60, 552)) >= 4


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="证办Ab1 ，。()·-", max_size=60), st.integers(60, 400))
def test_lines_keep_inside_the_paper_and_lose_no_letter(text: str, limit: int) -> None:
    for lines in (wrapped(text, 24, limit), balanced(text, 24, limit)):
        assert all(width(line, 24) <= limit for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")

# SPDX-License-Identifier: Apache-2.0
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.receipts.fonts import runs, width
from kiosk.receipts.lines import wrapped


def test_a_character_outside_the_basic_plane_gets_a_face_that_has_it() -> None:
    made = runs("张𠀁", 24)
    assert "".join(run.text for run in made) == "张𠀁"
    assert len({run.font.path for run in made}) == 2, "Noto lacks the second, HanaMinB has it"


def test_a_character_no_face_has_is_written_as_its_code_not_as_a_box() -> None:
    assert [run.text for run in runs("\U000323af", 24)] == ["[U+323AF]"]


def test_uyghur_letters_are_joined() -> None:
    # Shaped letters are narrower than the same letters standing apart.
    together = width("ئۇيغۇر", 24)
    apart = sum(width(letter, 24) for letter in "ئۇيغۇر")
    assert together < apart


def test_a_line_never_starts_with_closing_punctuation() -> None:
    lines = wrapped("一二三四，五六七八。九十", 24, 24 * 4)
    assert not any(line[0] in "，。" for line in lines)


def test_english_is_broken_between_words() -> None:
    lines = wrapped("Stored in this booth, not yet at the counter", 18, 150)
    assert " ".join(lines) == "Stored in this booth, not yet at the counter"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="证办Ab1 ，。()·-", max_size=60), st.integers(60, 400))
def test_lines_keep_inside_the_paper_and_lose_no_letter(text: str, limit: int) -> None:
    lines = wrapped(text, 24, limit)
    assert all(width(line, 24) <= limit for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")

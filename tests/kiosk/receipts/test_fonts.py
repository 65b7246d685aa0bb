# SPDX-License-Identifier: Apache-2.0
import pytest

from kiosk.receipts.fonts import clusters, runs, width


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


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("ئۇيغۇر", "NotoNaskhArabic"),
        ("བོད་སྐད་", "NotoSerifTibetan"),
        ("ᠮᠣᠩᠭᠣᠯ", "NotoSansMongolian"),
        ("ꆈꌠꉙ", "NotoSansYi"),
        ("한국어", "NotoSansCJK"),
        ("Vahcuengh", "NotoSansCJK"),
    ],
)
def test_each_script_of_the_cards_has_its_own_letters(text: str, font: str) -> None:
    assert all(font in str(run.font.path) for run in runs(text, 24))


def test_in_a_uyghur_line_figures_keep_their_order_and_the_sentence_begins_at_the_right() -> None:
    made = runs("ئۇيغۇر 2027 A", 24)
    assert [(run.text.strip(), run.direction) for run in made if run.text.strip()] == [
        ("A", "ltr"),
        ("2027", "ltr"),
        ("ئۇيغۇر", "rtl"),
    ]


def test_a_letter_and_its_marks_are_one() -> None:
    assert clusters("ཀྲྀབ") == ["ཀྲྀ", "བ"]


def test_a_variant_of_a_character_stays_with_it() -> None:
    assert clusters("葛\U000e0100城") == ["葛\U000e0100", "城"]
    assert [run.text for run in runs("葛\U000e0100城", 24)] == ["葛\U000e0100城"]


def test_controls_leave_nothing_on_paper() -> None:
    assert [run.text for run in runs("\u202e7000\u202c\x07", 24)] == ["7000"]


def test_a_rare_space_is_a_space() -> None:
    assert "[U+" not in "".join(run.text for run in runs("A\u205fB", 24))

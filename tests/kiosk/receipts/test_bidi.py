# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.receipts.bidi import plain, right_to_left, stretches


def on_paper(text: str, *, rtl: bool) -> str:
    """Letters from left to right as they stand on paper."""
    return "".join(part[::-1] if back else part for part, back in stretches(text, rtl=rtl))


# The orders that python-bidi 0.6.12 (the unicode-bidi crate) gives for the same lines.
@pytest.mark.parametrize(
    ("text", "rtl", "paper"),
    [
        ("abc", False, "abc"),
        ("张静", False, "张静"),
        ("ئۇيغۇر", True, "رۇغيۇئ"),
        ("ئۇ 12 يا", True, "اي 12 ۇئ"),
        ("ئۇ 12.5 يا", True, "اي 12.5 ۇئ"),
        ("ئۇ B03-1", True, "B03-1 ۇئ"),
        ("B03 ئۇ يا", False, "B03 اي ۇئ"),
        ("ئۇ abc 12 يا.", True, ".اي abc 12 ۇئ"),
        ("ئۇ ", True, " ۇئ"),
    ],
)
def test_a_line_of_mixed_directions_stands_as_the_standard_orders_it(text, rtl, paper) -> None:
    assert on_paper(text, rtl=rtl) == paper


def test_a_paragraph_begins_where_its_first_strong_letter_reads_from() -> None:
    assert right_to_left("12 ئۇيغۇر abc")
    assert not right_to_left("abc ئۇيغۇر")
    assert not right_to_left("张静 12")


def test_a_control_that_would_turn_a_number_round_is_dropped() -> None:
    assert plain("\u202e7000\u202c 张\n") == "7000 张"


@settings(max_examples=200, deadline=None)
@given(st.text("ئۇيA张b12 .,:-،٣", max_size=20), st.booleans())
def test_no_letter_is_lost_or_doubled(text: str, rtl: bool) -> None:
    assert sorted(on_paper(text, rtl=rtl)) == sorted(text)

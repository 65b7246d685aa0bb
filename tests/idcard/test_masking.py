# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.masking import masked_name, masked_number


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张静", "张*"),
        ("霍建军", "霍**"),
        ("欧阳建国", "欧阳**"),
        ("欧阳", "欧*"),
        ("阿依古丽·买买提", "阿***·***"),
        ("𬭛建国", "𬭛**"),
        ("", ""),
    ],
)
def test_only_the_family_name_is_shown(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_the_ten_middle_digits_are_hidden() -> None:
    assert masked_number("11010519491231002X") == "110105**********2X"


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="0123456789X", max_size=30))
def test_what_is_no_citizen_number_is_hidden_entirely(number: str) -> None:
    shown = masked_number(number)
    assert len(shown) == len(number)
    if len(number) != 18:
        assert set(shown) <= {"*"}

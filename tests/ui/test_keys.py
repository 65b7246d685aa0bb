# SPDX-License-Identifier: Apache-2.0
import string

from hypothesis import given
from hypothesis import strategies as st

from ui.keys import rows_of, typed


def all_keys(kind: str, across: int, down: int) -> set[str]:
    found: set[str] = set()
    for page in range(40):
        found |= {key.id for row in rows_of(kind, across, down, page) for key in row}
    return found


@given(st.integers(3, 14), st.integers(2, 8))
def test_every_letter_and_figure_can_be_reached_on_any_panel(across: int, down: int) -> None:
    keys = all_keys("text", across, down)
    assert keys >= set(string.ascii_uppercase) | set(string.digits) | {"delete", "space"}


@given(st.integers(3, 14), st.integers(2, 8), st.integers(0, 9))
def test_no_page_has_more_keys_than_there_is_room_for(across: int, down: int, page: int) -> None:
    rows = rows_of("text", across, down, page)
    assert len(rows) <= max(down, 2)
    assert all(len(row) <= across for row in rows)


def test_the_figures_stand_as_on_a_telephone_where_there_is_room() -> None:
    rows = rows_of("phone", 4, 4)
    assert ["".join(key.types for key in row) for row in rows[:3]] == ["123", "456", "789"]
    assert all_keys("digits", 5, 3) == set(string.digits) | {"clear", "delete"}


@given(st.text("0123456789", max_size=30), st.sampled_from([*"0123456789", "space"]))
def test_a_field_never_grows_beyond_its_longest(value: str, key: str) -> None:
    assert len(typed(value[:11], key, 11)) <= 11


def test_delete_takes_one_back_and_clear_all() -> None:
    assert typed("138", "delete", 11) == "13"
    assert typed("", "delete", 11) == ""
    assert typed("138", "clear", 11) == ""
    assert typed("A", "space", 11) == "A "

# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from kiosk.photo import eyes

opening = st.floats(0.05, 0.6)


def test_there_is_no_usual_opening_before_ten_values():
    assert eyes.usual([0.3] * 9) is None
    assert eyes.usual([0.3] * 10) == 0.3


def test_a_blink_among_many_values_does_not_move_the_usual_opening():
    assert eyes.usual([0.4] * 15 + [0.1] * 5) == 0.4


def test_a_person_with_narrow_eyes_is_compared_with_themselves():
    """Open eyes of people read 0.21 to 0.47; shut they fell to 29..69 %, median 43 %."""
    assert not eyes.closed(0.21, own=0.21)
    assert eyes.closed(0.21 * 0.43, own=0.21)
    assert eyes.closed(0.21, own=0.47)


def test_without_a_usual_opening_only_the_floor_counts():
    assert not eyes.closed(0.12, own=None)
    assert eyes.closed(0.119, own=None)


@given(opening)
def test_exactly_sixty_percent_is_enough(own):
    assert not eyes.closed(eyes.limit(own), own)


@given(st.lists(opening, min_size=10, max_size=60))
def test_the_usual_opening_lies_among_the_values(values):
    assert min(values) <= (eyes.usual(values) or 0.0) <= max(values)

# SPDX-License-Identifier: Apache-2.0
"""Vectors: frames of the public Android project com.blitztech.pudokiosk (WinnsenProtocol, a test).

Its answer about a door has the state before the lock; that other boards say them the other way
round, as in the answer to "open", is an assumption.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import lockboard_winnsen as board
from firmware_io.codecs.lockboard import Damaged, DoorAnswer, Echo, PulseAnswer, Resting

BOARDS, LOCKS = st.integers(0, 4), st.integers(1, 16)


def heard(*wire: str, **site):
    decoder = board.Decoder(**site)
    found = [item for part in wire for item in decoder.feed(bytes.fromhex(part))]
    return found + decoder.silence()


def said(number: int, lock: int, state: int, *, state_first: bool) -> bytes:
    """An answer about a door."""
    fields = (state, lock) if state_first else (lock, state)
    return bytes((0x90, 0x07, 0x92, number, *fields, 0x03))


def test_requests_have_the_bytes_of_the_program():
    assert board.open_lock(1, 5) == bytes.fromhex("90 06 05 01 05 03")
    assert board.ask(0, 1) == bytes.fromhex("90 06 12 00 01 03")
    assert board.ask(4, 16) == bytes.fromhex("90 06 12 04 10 03")


@pytest.mark.parametrize(("number", "lock"), [(1, 0), (1, 17), (-1, 1), (5, 1), (1, -1)])
def test_no_frame_is_built_for_a_lock_that_is_not_there(number: int, lock: int):
    for build in (board.open_lock, board.ask):
        with pytest.raises(ValueError, match="no such"):
            build(number, lock)


@pytest.mark.parametrize("locks", [0, 17])
def test_no_board_has_more_than_16_locks(locks: int):
    with pytest.raises(ValueError, match="1 to 16"):
        board.Decoder(locks)


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        ("90 07 85 00 01 01 03", PulseAnswer(0, 1, door_open=True)),
        ("90 07 85 00 01 00 03", PulseAnswer(0, 1, door_open=False)),
        ("90 07 85 01 05 02 03", Resting(1, 5)),
        ("90 06 05 01 05 03", Echo(1)),
        ("90 06 12 01 05 03", Echo(1)),
    ],
)
@pytest.mark.parametrize("state_first", [True, False])
def test_answers_of_the_program_are_read(wire: str, answer: object, state_first: bool):
    assert heard(wire, state_first=state_first) == [answer]


def test_the_site_says_whether_the_state_comes_before_the_lock():
    assert heard("90 07 92 01 01 05 03", state_first=True) == [DoorAnswer(1, 5, door_open=True)]
    assert heard("90 07 92 01 00 05 03", state_first=True) == [DoorAnswer(1, 5, door_open=False)]
    assert heard("90 07 92 01 05 01 03") == [DoorAnswer(1, 5, door_open=True)]
    assert heard("90 07 92 01 05 00 03") == [DoorAnswer(1, 5, door_open=False)]


def test_contacts_of_the_other_kind_say_the_opposite():
    assert heard("90 07 92 01 05 00 03", inverted=True) == [DoorAnswer(1, 5, door_open=True)]


@given(BOARDS, LOCKS, st.booleans(), st.booleans())
def test_what_is_said_in_the_order_of_the_site_is_read_and_in_the_other_told(
    number: int, lock: int, is_open: bool, state_first: bool
):
    wire = said(number, lock, int(is_open), state_first=state_first).hex()
    assert heard(wire, state_first=state_first) == [DoorAnswer(number, lock, is_open)]
    (other,) = heard(wire, state_first=not state_first)
    if lock == 1 and is_open:  # 01 01 reads the same from both ends
        assert other == DoorAnswer(number, 1, door_open=True)
    else:
        assert other == Damaged("state and lock in the other order", 7)


@pytest.mark.parametrize(
    "wire",
    [
        "90 07 92 01 11 00 03",  # lock 17
        "90 07 92 01 00 00 03",  # lock 0
        "90 07 92 01 05 02 03",  # no state of a door
        "90 07 92 05 05 00 03",  # board 5
        "90 07 85 01 05 03 03",  # no answer to "open"
        "90 07 92 01 05 00 04",  # no end
        "90 07 12 01 05 00 03",  # a question's function
        "90 06 92 01 05 03",  # an answer's function
        "90 08 92 01 05 00 03",  # no such length
    ],
)
def test_a_frame_with_one_field_out_of_range_is_no_answer(wire: str):
    assert all(isinstance(item, Damaged) for item in heard(wire))


def test_a_board_of_8_locks_has_no_ninth():
    assert heard("90 07 92 01 09 00 03", locks=8) == [Damaged("junk", 7)]


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_taken_and_a_frame_after_them_is_read(noise: bytes, state_first: bool):
    decoder = board.Decoder(state_first=state_first)
    found = decoder.feed(noise) + decoder.silence()
    assert all(item.skipped > 0 for item in found if isinstance(item, Damaged))
    assert decoder.feed(board.ask(3, 2)) == [Echo(3)]


@given(st.binary(max_size=30), BOARDS, LOCKS)
def test_a_frame_in_the_middle_of_noise_is_found(noise: bytes, number: int, lock: int):
    decoder = board.Decoder()
    wire = noise.replace(b"\x90", b"\x91") + said(number, lock, 0, state_first=False)
    assert DoorAnswer(number, lock, door_open=False) in decoder.feed(wire)


@given(st.binary(min_size=1, max_size=6), LOCKS)
def test_a_torn_frame_does_not_cost_the_next_one(torn: bytes, lock: int):
    wire = said(1, lock, 1, state_first=False)
    decoder = board.Decoder()
    decoder.feed(wire[: len(torn)])
    assert DoorAnswer(1, lock, door_open=True) in decoder.feed(wire)


@given(st.integers(0, 6), st.integers(0, 7), BOARDS, LOCKS, st.booleans())
def test_of_one_flipped_bit_only_the_state_itself_is_a_false_word_about_that_door(
    at: int, bit: int, number: int, lock: int, is_open: bool
):
    wire = bytearray(said(number, lock, int(is_open), state_first=False))
    wire[at] ^= 1 << bit
    about_it = [
        item
        for item in heard(wire.hex())
        if isinstance(item, DoorAnswer) and (item.board, item.lock) == (number, lock)
    ]
    # Nothing protects the state: that is why every question is put twice.
    assert about_it == ([DoorAnswer(number, lock, not is_open)] if (at, bit) == (5, 0) else [])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), LOCKS)
def test_portions_do_not_matter(sizes: list[int], lock: int):
    wire, decoder, found = said(2, lock, 0, state_first=False) * 4, board.Decoder(), []
    for size in sizes:
        found += decoder.feed(wire[:size])
        wire = wire[size:]
    assert found + decoder.feed(wire) == [DoorAnswer(2, lock, door_open=False)] * 4

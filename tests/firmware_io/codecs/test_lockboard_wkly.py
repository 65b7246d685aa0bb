# SPDX-License-Identifier: Apache-2.0
"""Vectors: the vendor's examples in the unit tests of xyz.junerver.android.lockdemo (GitHub)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import lockboard_wkly as board
from firmware_io.codecs.lockboard import (
    Damaged,
    DoorAnswer,
    DoorChanged,
    DoorsAnswer,
    Echo,
    PulseAnswer,
    Refusal,
)

HEAD = "57 4B 4C 59 "


def heard(wire: str):
    decoder = board.Decoder()
    return decoder.feed(bytes.fromhex(wire)) + decoder.silence()


def test_requests_have_the_bytes_of_the_vendor():
    assert board.open_lock(0, 1) == bytes.fromhex(HEAD + "09 00 82 01 83")
    assert board.ask(0, 1) == bytes.fromhex(HEAD + "09 00 83 01 82")
    assert board.ask_all(0) == bytes.fromhex(HEAD + "08 00 84 85")


@pytest.mark.parametrize(("number", "lock"), [(0, 0), (0, 25), (-1, 1), (32, 1)])
def test_no_frame_is_built_for_a_lock_that_is_not_there(number: int, lock: int):
    with pytest.raises(ValueError, match="no such"):
        board.open_lock(number, lock)


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        ("0B 00 82 00 01 00 81", PulseAnswer(0, 1, door_open=True)),
        ("0B 00 82 00 01 01 80", PulseAnswer(0, 1, door_open=False)),
        ("0B 00 83 00 01 00 80", DoorAnswer(0, 1, door_open=True)),
        ("0B 00 83 00 01 01 81", DoorAnswer(0, 1, door_open=False)),
        ("0A 00 85 01 01 86", DoorChanged(0, 1, door_open=False)),
        ("0A 00 85 01 00 87", DoorChanged(0, 1, door_open=True)),
        ("0E 00 84 00 04 00 01 01 00 87", DoorsAnswer(0, (True, False, False, True))),
        ("09 00 82 01 83", Echo(0)),
        ("09 00 83 01 82", Echo(0)),
        ("08 00 84 85", Echo(0)),
        ("09 00 82 FF 7D", Refusal(0, 0)),
    ],
)
def test_answers_of_the_vendor_are_read(wire: str, answer: object):
    assert heard(HEAD + wire) == [answer]


def test_a_doubled_first_letter_does_not_cost_the_frame():
    found = heard("57 " + HEAD + "0B 00 83 00 01 01 81")
    assert found == [Damaged("junk", 1), DoorAnswer(0, 1, door_open=False)]


def test_a_false_length_hides_no_frame_behind_it():
    found = heard(HEAD + "3F " + HEAD + "0B 00 83 00 01 01 81")
    assert DoorAnswer(0, 1, door_open=False) in found


def test_a_frame_with_a_wrong_check_byte_is_no_answer():
    assert heard(HEAD + "0B 00 83 00 01 01 80") == [Damaged("junk", 11)]


def test_a_door_state_that_is_none_is_no_answer():
    assert heard(HEAD + "0B 00 83 00 01 02 82") == [Damaged("unknown frame", 11)]


@given(st.binary(max_size=100))
def test_any_bytes_are_taken_and_a_frame_after_them_is_read(noise: bytes):
    decoder = board.Decoder()
    decoder.feed(noise)
    decoder.silence()
    assert decoder.feed(board.ask(3, 2)) == [Echo(3)]


@given(st.integers(0, 10), st.integers(0, 7))
def test_one_flipped_bit_never_makes_an_answer(at: int, bit: int):
    wire = bytearray.fromhex(HEAD + "0B 00 83 00 01 01 81")
    wire[at] ^= 1 << bit
    assert all(isinstance(item, Damaged) for item in heard(wire.hex()))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_portions_do_not_matter(sizes: list[int]):
    wire, decoder, found = board.ask(7, 5) * 4, board.Decoder(), []
    for size in sizes:
        found += decoder.feed(wire[:size])
        wire = wire[size:]
    assert found + decoder.feed(wire) == [Echo(7)] * 4

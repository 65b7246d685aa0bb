# SPDX-License-Identifier: Apache-2.0
"""Vectors: the sheet "锁控板通讯协议和规格书" (CSDN, u012909822, article 147892413)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import lockboard_8a as board
from firmware_io.codecs.lockboard import Damaged, DoorAnswer, DoorsAnswer, Echo, PulseAnswer


def heard(*wire: str, locks: int = 24, inverted: bool = False, all_asked: bool = False):
    decoder = board.Decoder(locks, inverted=inverted)
    decoder.awaits_all = all_asked
    return [item for part in wire for item in decoder.feed(bytes.fromhex(part))]


@pytest.mark.parametrize(
    ("frame", "wire"),
    [
        (board.open_lock(1, 1), "8A 01 01 11 9B"),
        (board.open_lock(1, 12), "8A 01 0C 11 96"),
        (board.open_lock(2, 3), "8A 02 03 11 9A"),
        (board.ask(1, 1), "80 01 01 33 B3"),
        (board.ask_all(1), "80 01 00 33 B2"),
    ],
)
def test_requests_have_the_bytes_of_the_sheet(frame: bytes, wire: str):
    assert frame == bytes.fromhex(wire)


@pytest.mark.parametrize(("number", "lock"), [(1, 0), (1, 25), (0, 1), (33, 1), (1, -1)])
def test_no_frame_opens_lock_0_or_one_that_is_not_there(number: int, lock: int):
    with pytest.raises(ValueError, match="no such"):
        board.open_lock(number, lock)


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        ("8A 01 01 00 8A", PulseAnswer(1, 1, door_open=True)),
        ("8A 01 01 11 9B", PulseAnswer(1, 1, door_open=False, like_request=True)),
        ("80 01 01 00 80", DoorAnswer(1, 1, door_open=True)),
        ("80 01 01 11 91", DoorAnswer(1, 1, door_open=False)),
        ("80 01 01 33 B3", Echo(1)),
    ],
)
def test_answers_of_the_sheet_are_read(wire: str, answer: object):
    assert heard(wire) == [answer]


@pytest.mark.parametrize(
    ("wire", "shut"),
    [
        ("80 01 FF FF FF 33 4D", set(range(1, 25))),
        ("80 01 FF FF FB 33 49", set(range(1, 25)) - {3}),
        ("80 01 01 01 01 33 B3", {1, 9, 17}),
    ],
)
def test_the_answer_about_all_doors_has_a_bit_a_lock(wire: str, shut: set[int]):
    (answer,) = heard(wire, all_asked=True)
    assert isinstance(answer, DoorsAnswer)
    assert {n for n, is_open in enumerate(answer.open_doors, 1) if not is_open} == shut


def test_contacts_of_the_other_kind_swap_both_answers():
    assert heard("80 01 01 00 80", inverted=True) == [DoorAnswer(1, 1, door_open=False)]
    assert heard("8A 01 01 11 9B", inverted=True) == [
        PulseAnswer(1, 1, door_open=True, like_request=True)
    ]


def test_an_answer_about_all_that_begins_like_one_about_lock_1_is_read_as_asked_for():
    wire = "80 01 01 00 80 33 33"  # the first five are a whole frame about lock 1
    (answer,) = heard(wire, all_asked=True)
    assert isinstance(answer, DoorsAnswer)
    assert heard(wire)[0] == DoorAnswer(1, 1, door_open=True)


def test_a_door_said_unasked_in_front_of_the_answer_about_all_is_not_swallowed():
    first, second = heard("80 01 05 11 95", "80 01 FF FF FF 33 4D", all_asked=True)
    assert first == DoorAnswer(1, 5, door_open=False)
    assert isinstance(second, DoorsAnswer)


def test_a_wrong_check_byte_is_no_answer_and_the_good_frame_behind_it_is():
    found = heard("80 01 01 00 81", "80 01 02 11 92")
    assert DoorAnswer(1, 2, door_open=False) in found
    assert not any(isinstance(item, DoorAnswer) and item.lock == 1 for item in found)


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_are_taken_without_a_fuss_and_little_is_held(noise: bytes, all_asked: bool):
    decoder = board.Decoder()
    decoder.awaits_all = all_asked
    found = decoder.feed(noise) + decoder.silence()
    assert all(item.skipped > 0 for item in found if isinstance(item, Damaged))
    assert decoder.feed(board.ask(1, 1)) + decoder.silence() == [Echo(1)]


@given(st.integers(0, 4), st.integers(0, 7), st.integers(1, 32), st.integers(1, 24))
def test_one_flipped_bit_never_makes_an_answer(at: int, bit: int, number: int, lock: int):
    wire = bytearray((0x80, number, lock, 0x11))
    wire.append(wire[0] ^ wire[1] ^ wire[2] ^ wire[3])
    wire[at] ^= 1 << bit
    decoder = board.Decoder()
    found = decoder.feed(bytes(wire)) + decoder.silence()
    assert all(isinstance(item, Damaged) for item in found)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(1, 24))
def test_portions_do_not_matter(sizes: list[int], lock: int):
    wire, decoder, found = board.ask(7, lock) * 4, board.Decoder(), []
    for size in sizes:
        found += decoder.feed(wire[:size])
        wire = wire[size:]
    assert found + decoder.feed(wire) == [Echo(7)] * 4

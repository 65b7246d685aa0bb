# SPDX-License-Identifier: Apache-2.0
"""Vectors: constants of syntech-pro/crt571 (0fc886e), assembled and summed by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import dispenser_crt as crt
from firmware_io.codecs.dispenser_crt import (
    Acknowledged,
    Card,
    Cleared,
    Damaged,
    Negative,
    NotUnderstood,
    Positive,
)
from firmware_io.codecs.dispenser_crt_tables import Act, Code


def heard(wire: str):
    decoder = crt.Decoder()
    return decoder.feed(bytes.fromhex(wire)) + decoder.silence()


@pytest.mark.parametrize(
    ("act", "wire"),
    [
        (Act.RESET_LEAVING_THE_CARD, "F2 00 00 03 43 30 33 03 B2"),
        (Act.STATUS, "F2 00 00 03 43 31 30 03 B0"),
        (Act.SENSORS, "F2 00 00 03 43 31 31 03 B1"),
        (Act.PRESENT, "F2 00 00 03 43 32 30 03 B3"),
        (Act.TO_CHIP, "F2 00 00 03 43 32 31 03 B2"),
        (Act.TO_ANTENNA, "F2 00 00 03 43 32 32 03 B1"),
        (Act.TO_ERROR_BIN, "F2 00 00 03 43 32 33 03 B0"),
        (Act.EJECT, "F2 00 00 03 43 32 39 03 BA"),
        (Act.ALLOW_ENTRY, "F2 00 00 03 43 33 30 03 B2"),
        (Act.FORBID_ENTRY, "F2 00 00 03 43 33 31 03 B3"),
    ],
)
def test_commands_have_the_known_bytes(act: Act, wire: str):
    assert crt.command(act) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        ("F2 00 00 06 50 31 30 30 32 30 03 94", Positive("10", Card.NONE, 2, bin_full=False)),
        ("F2 00 00 06 50 31 30 31 32 30 03 95", Positive("10", Card.GATE, 2, bin_full=False)),
        ("F2 00 00 06 50 31 30 32 32 30 03 96", Positive("10", Card.READER, 2, bin_full=False)),
        ("F2 00 00 05 45 32 30 31 30 03 B2", Negative("20", "10")),
        ("F2 00 00 05 45 32 30 41 30 03 C2", Negative("20", "A0")),
        ("F2 00 00 05 45 32 30 42 30 03 C1", Negative("20", "B0")),
        ("06", Acknowledged()),
        ("15", NotUnderstood()),
        ("04", Cleared()),
        ("F2 01 00 05 45 32 30 42 30 03 C0", Damaged(11)),
    ],
)
def test_known_answers_are_read(wire: str, answer: object):
    assert heard(wire) == [answer]


def test_the_other_word_for_no_is_read_too():
    assert heard("F2 00 00 05 4E 32 30 31 30 03 B9") == [Negative("20", "10")]


def frame(text: bytes) -> bytes:
    body = b"\xf2\x00" + len(text).to_bytes(2, "big") + text + b"\x03"
    check = 0
    for byte in body:
        check ^= byte
    return body + bytes((check,))


def test_a_letter_code_that_came_turned_round_is_put_right_and_no_other():
    """As a public driver saw it on a CRT-591-(R02)HB-HDN: "0A" for an empty stacker."""
    assert heard(frame(b"N210A").hex()) == [Negative("21", Code.EMPTY)]
    assert heard(frame(b"N2001").hex()) == [Negative("20", Code.PARAMETER)]
    assert heard(frame(b"N2010").hex()) == [Negative("20", Code.JAM)]


@pytest.mark.parametrize(
    ("told", "full"), [(b"0", False), (b"1", True), (b"2", True), (b"9", None)]
)
def test_a_bin_is_full_as_either_build_says_it_and_else_not_known(told: bytes, full: bool | None):
    (said,) = heard(frame(b"P1002" + told).hex())
    assert isinstance(said, Positive)
    assert said.bin_full is full


def test_sensors_are_handed_on_as_they_came():
    assert heard(frame(b"P1120001000000").hex()) == [
        Positive("11", Card.READER, 0, bin_full=False, data=b"01000000")
    ]


def test_what_ends_a_dialogue_is_one_byte_each():
    assert (crt.acknowledge(), crt.ask_again(), crt.clear_line()) == (b"\x06", b"\x15", b"\x04")


def test_no_frame_is_built_for_an_address_or_a_command_that_is_not_there():
    with pytest.raises(ValueError, match="no such address"):
        crt.command(Act.STATUS, 16)
    for act in ("", "2", "200", "\x03\x03", "汉字"):
        with pytest.raises(ValueError, match="two letters or digits"):
            crt.command(act)


@given(st.binary(max_size=40), st.sampled_from(Act), st.sampled_from("012"), st.binary(max_size=20))
def test_an_answer_is_found_again_among_noise_fed_byte_by_byte(noise, act, place, data):
    wire = frame(b"P" + act.encode() + place.encode() + b"20" + data)
    decoder = crt.Decoder()
    found = [item for byte in noise + wire for item in decoder.feed(bytes((byte,)))]
    found += decoder.silence()
    assert Positive(act, Card(place), 2, bin_full=False, data=data) in found


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_and_an_answer_after_them_is_read(noise: bytes):
    decoder = crt.Decoder()
    decoder.feed(noise)
    decoder.silence()
    assert decoder.feed(b"\x06") == [Acknowledged()]


@given(st.integers(0, 11), st.integers(0, 7))
def test_one_flipped_bit_never_makes_a_status(at: int, bit: int):
    wire = bytearray.fromhex("F2 00 00 06 50 31 30 31 32 30 03 95")
    wire[at] ^= 1 << bit
    assert not any(isinstance(item, Positive) for item in heard(wire.hex()))

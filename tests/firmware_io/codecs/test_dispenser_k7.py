# SPDX-License-Identifier: Apache-2.0
"""Vectors: "K720/K730/k750 Communication Protocol" (jenschr/k750, 612c2de); QU-CD-720M sheet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import dispenser_k7 as k7
from firmware_io.codecs.dispenser_k7 import (
    Acknowledged,
    Damaged,
    NotUnderstood,
    Rejected,
    Status,
)
from firmware_io.codecs.dispenser_tables import Act


def heard(wire: str, address: int | None = 0):
    decoder = k7.Decoder(address)
    return decoder.feed(bytes.fromhex(wire)) + decoder.silence()


@pytest.mark.parametrize(
    ("act", "wire"),
    [
        (Act.STATUS, "02 30 30 00 02 41 50 03 12"),
        (Act.TO_READER, "02 30 30 00 03 46 43 37 03 30"),
        (Act.TO_MIDDLE, "02 30 30 00 03 46 43 36 03 31"),
        (Act.PRESENT, "02 30 30 00 03 46 43 34 03 33"),
        (Act.EJECT, "02 30 30 00 03 46 43 30 03 37"),
        (Act.TAKE_IN, "02 30 30 00 03 46 43 38 03 3F"),
        (Act.CAPTURE, "02 30 30 00 02 43 50 03 10"),
        (Act.RESET, "02 30 30 00 02 52 53 03 02"),
    ],
)
def test_commands_have_the_bytes_of_the_manual(act: Act, wire: str):
    assert k7.command(act) == bytes.fromhex(wire)


def test_the_older_set_has_no_address():
    assert k7.command(Act.CAPTURE, None) == bytes.fromhex("02 43 50 03 12")
    assert k7.execute(None) == b"\x05"
    assert heard("06", None) == [Acknowledged()]
    assert k7.execute(15) == bytes.fromhex("05 31 35")


@pytest.mark.parametrize("address", [-1, 16])
def test_no_frame_is_built_for_an_address_that_is_not_there(address: int):
    with pytest.raises(ValueError, match="no such address"):
        k7.command(Act.STATUS, address)


@pytest.mark.parametrize(
    ("digits", "status"),
    [
        ("30 30 30 30 03 12", Status()),
        ("30 30 30 31 03 13", Status(at_mouth=True)),
        ("30 30 30 33 03 11", Status(at_mouth=True, at_middle=True)),
        ("30 30 30 34 03 16", Status(at_reader=True)),
        ("30 30 30 38 03 1A", Status(empty=True)),
        ("30 30 31 30 03 13", Status(low=True)),
        ("30 30 32 30 03 10", Status(jam=True)),
        ("30 38 30 30 03 1A", Status(dispensing=True)),
        ("30 32 30 30 03 10", Status(dispense_error=True)),
        ("38 30 30 30 03 1A", Status(box_full=True)),
    ],
)
def test_the_manual_s_status_answers_are_read(digits: str, status: Status):
    assert heard("02 30 30 00 06 53 46 " + digits) == [status]


def test_acknowledgements_and_errors_are_read():
    assert heard("06 30 30") == [Acknowledged()]
    assert heard("15 30 30") == [NotUnderstood()]
    frame = bytes.fromhex("02 30 30 00 04 4E 46 43 03 03")
    check = 0
    for byte in frame:
        check ^= byte
    assert heard(frame.hex() + f"{check:02x}") == [Rejected(3)]


def test_another_address_is_not_for_us():
    assert heard("06 30 31") == [Damaged(3)]


def test_the_older_status_has_no_channel():
    frame = bytes.fromhex("02 53 46 30 30 31 03")
    check = 0
    for byte in frame:
        check ^= byte
    (status,) = heard(frame.hex() + f"{check:02x}", None)
    assert status == Status(low=True, channel_known=False)


@given(st.binary(max_size=60), st.sampled_from([0, None]))
def test_any_bytes_are_taken_and_an_answer_after_them_is_read(noise: bytes, address: int | None):
    decoder = k7.Decoder(address)
    decoder.feed(noise)
    decoder.silence()
    wire = b"\x06" if address is None else b"\x0600"
    assert decoder.feed(wire) == [Acknowledged()]


@given(st.integers(5, 12), st.integers(0, 7))
def test_one_flipped_bit_never_makes_a_status(at: int, bit: int):
    wire = bytearray.fromhex("02 30 30 00 06 53 46 30 30 30 34 03 16")
    wire[at] ^= 1 << bit
    assert not any(isinstance(item, Status) for item in heard(wire.hex()))

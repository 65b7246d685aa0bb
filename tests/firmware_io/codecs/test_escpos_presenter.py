# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import escpos_presenter as presenter
from firmware_io.codecs.escpos_presenter import PresenterStatus
from firmware_io.codecs.escpos_status import Decoder, FullStatus, RealtimeAnswer

MANUAL = "Custom KPM210/KPM216 and KPM150 command references"


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (presenter.RETRACT, "1d 65 02"),
        (presenter.present(0), "1d 65 03 00"),
        (presenter.present(8), "1d 65 03 08"),
        (presenter.EJECT, "1d 65 05"),
        (presenter.TOTAL_CUT, "1b 69"),
        (presenter.FULL_STATUS_QUERY, "10 04 14"),
    ],
)
def test_each_command_has_the_bytes_of_the_manual(got: bytes, expected: str) -> None:
    assert got == bytes.fromhex(expected), MANUAL


def test_steps_are_one_byte() -> None:
    with pytest.raises(ValueError, match="steps"):
        presenter.present(256)


STATUSES = [  # wire, what it says
    ("10 0f 00 00 00 00", PresenterStatus()),
    ("10 0f 20 00 00 00", PresenterStatus(ticket=True)),
    ("10 0f 05 00 00 00", PresenterStatus(paper_out=True, paper_near_end=True)),
    ("10 0f 00 02 00 00", PresenterStatus(cover_open=True)),
    ("10 0f 00 01 00 00", PresenterStatus(cover_open=True)),  # head up
    ("10 0f 00 00 01 00", PresenterStatus(overheated=True)),
    ("10 0f 00 00 00 02", PresenterStatus(unrecoverable=True)),
    ("10 0f 11 13 00 00", PresenterStatus(cover_open=True, paper_out=True)),
]


@pytest.mark.parametrize(("wire", "status"), STATUSES)
def test_the_full_status_is_six_bytes_however_they_arrive(wire: str, status) -> None:
    raw = bytes.fromhex(wire)
    slow = Decoder(presenter=True)
    assert Decoder(presenter=True).feed(raw) == [FullStatus(status)], MANUAL
    assert [a for byte in raw for a in slow.feed(bytes((byte,)))] == [FullStatus(status)]
    assert slow.feed(b"\x16") == [RealtimeAnswer(0x16)]


@given(st.binary(min_size=4, max_size=4))
def test_any_four_bytes_are_a_status_and_leave_nothing_over(four: bytes) -> None:
    decoder = Decoder(presenter=True)
    assert decoder.feed(b"\x10\x0f" + four) == [FullStatus(PresenterStatus.of(four))]
    assert decoder.feed(b"\x12") == [RealtimeAnswer(0x12)]


def test_other_makes_never_have_a_full_status() -> None:
    assert not any(isinstance(one, FullStatus) for one in Decoder().feed(b"\x10\x0f" + bytes(8)))

# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.codecs.escpos_status import (
    BLOCK_MAX,
    AutomaticStatus,
    BuffersCleared,
    Condition,
    Damaged,
    Decoder,
    FlowControl,
    PlainByte,
    ProcessDone,
    RealtimeAnswer,
    TextBlock,
    WentOffline,
    automatic_condition,
    is_realtime_answer,
    realtime_condition,
)

SPEC = "Epson TM-T88III / TM-U220 specifications, status tables"
CONDITIONS = [  # what, n=1..4, automatic status, condition
    ("ready", "12 12 12 12", "10 00 00 00", Condition()),
    ("ready, drawer pin high", "16 12 12 12", "14 00 00 0f", Condition()),
    ("near end", "12 12 12 1e", "10 00 03 00", Condition(paper_near_end=True)),
    (
        "paper out",
        "1a 32 12 7e",
        "18 00 0f 00",
        Condition(offline=True, paper_out=True, paper_near_end=True),
    ),
    ("cover open", "1a 16 12 12", "38 00 00 00", Condition(offline=True, cover_open=True)),
    (
        "cover opened while printing",
        "1a 56 52 12",
        "38 40 00 00",
        Condition(offline=True, cover_open=True, overheated=True, error=True),
    ),
    (
        "cutter jam",
        "1a 52 1a 12",
        "18 08 00 00",
        Condition(offline=True, cutter_error=True, error=True),
    ),
    (
        "unrecoverable",
        "1a 52 32 12",
        "18 20 00 00",
        Condition(offline=True, unrecoverable=True, error=True),
    ),
    (
        "head too hot",
        "1a 52 52 12",
        "18 40 00 00",
        Condition(offline=True, overheated=True, error=True),
    ),
    ("feed held", "1a 1a 12 12", "58 00 00 00", Condition(offline=True, feeding=True)),
]


@pytest.mark.parametrize(("what", "asked", "automatic", "condition"), CONDITIONS)
def test_each_condition_reads_the_same_asked_or_unasked(what, asked, automatic, condition) -> None:
    assert realtime_condition(*bytes.fromhex(asked)) == condition, (what, SPEC)
    assert automatic_condition(bytes.fromhex(automatic)) == condition, (what, SPEC)


def test_an_open_cover_outranks_what_the_paper_sensor_says() -> None:
    assert not realtime_condition(0x1A, 0x36, 0x12, 0x7E).paper_out


def test_a_clone_that_sets_one_bit_of_the_pair_is_out_of_paper() -> None:
    assert realtime_condition(0x1A, 0x12, 0x12, 0x72).paper_out


ANSWERS = [  # name, wire, what it says, source
    ("process id 0001", "37 22 30 30 30 31 00", ProcessDone(b"0001"), "Epson web, GS ( H fn 48"),
    ("cleared", "37 25 00", BuffersCleared(), "Epson web, DLE DC4 fn 8"),
    ("offline", "37 23 00", WentOffline(b""), "Epson web, GS ( H fn 49"),
    ("offline, why", "37 23 41 7f 00", WentOffline(b"A\x7f"), "Epson web, GS ( H fn 49"),
    ("power-off notice", "3b 30 00", TextBlock(0x3B, b"0"), "Epson web, DLE DC4 fn 2"),
    ("model name", "5f 54 4d 2d 54 39 30 00", TextBlock(0x5F, b"TM-T90"), "Epson GS I"),
    ("ready", "12", RealtimeAnswer(0x12), SPEC),
    ("paper out", "7e", RealtimeAnswer(0x7E), SPEC),
    ("automatic", "10 00 03 0f", AutomaticStatus(Condition(paper_near_end=True)), SPEC),
    ("queued paper", "00", PlainByte(0), SPEC),
    ("queued near end", "03", PlainByte(3), SPEC),
    ("stop", "13", FlowControl(False), "ASCII DC3"),
    ("go", "11", FlowControl(True), "ASCII DC1"),
]


@pytest.mark.parametrize(("name", "wire", "answer", "source"), ANSWERS)
def test_vector_whole_by_bytes_and_glued(name, wire, answer, source) -> None:
    raw = bytes.fromhex(wire)
    slow, glued = Decoder(), Decoder()
    assert Decoder().feed(raw) == [answer], (name, source)
    assert [a for byte in raw for a in slow.feed(bytes([byte]))] == [answer]
    assert glued.feed(raw + raw[:1]) + glued.feed(raw[1:]) == [answer, answer]


def test_flow_control_inside_an_answer_does_not_spoil_it() -> None:
    raw = bytes.fromhex("37 22 30 13 30 30 31 00 10 00 13 00 00 11")
    assert [a for a in Decoder().feed(raw) if not isinstance(a, FlowControl)] == [
        ProcessDone(b"0001"),
        AutomaticStatus(Condition()),
    ]


def test_a_status_character_inside_a_block_is_not_a_status() -> None:
    assert Decoder().feed(bytes.fromhex("37 22 32 32 32 32 00")) == [ProcessDone(b"2222")]


@pytest.mark.parametrize(
    "noise", ["37", "10", "10 00 00", "37 22 30", "5f 41", "35", "ff", "80 91"]
)
def test_after_noise_the_next_full_answers_are_found(noise: str) -> None:
    wire = bytes.fromhex(noise) + bytes.fromhex("16 37 22 41 41 41 41 00")
    answers = Decoder().feed(wire)
    assert answers[-2:] == [RealtimeAnswer(0x16), ProcessDone(b"AAAA")]


def test_only_sixteen_bytes_are_answers_to_a_status_request() -> None:
    legal = [value for value in range(256) if is_realtime_answer(value)]
    assert bytes(legal).hex() == "12161a1e32363a3e52565a5e72767a7e"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_from_a_wire_raise_or_pile_up(data: bytes) -> None:
    decoder = Decoder()
    decoder.feed(data)
    answers = decoder.feed(b"\xff" * (BLOCK_MAX + 4))
    assert any(isinstance(answer, Damaged) for answer in answers)
    assert decoder.feed(b"\x12") == [RealtimeAnswer(0x12)], "nothing is left over"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([v[1] for v in ANSWERS]), max_size=8), st.data())
def test_any_split_gives_the_same_answers(wires: list[str], data: st.DataObject) -> None:
    raw = bytes.fromhex("".join(wires))
    whole, pieces, decoder = Decoder().feed(raw), [], Decoder()
    while raw:
        cut = data.draw(st.integers(1, len(raw)))
        pieces, raw = pieces + decoder.feed(raw[:cut]), raw[cut:]
    assert pieces == whole

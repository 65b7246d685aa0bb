# SPDX-License-Identifier: Apache-2.0
"""Frames of the ID-card module against published bytes, any split, and any damage.

The people in the vectors are made up. The short frames are those of the public protocol sheets of
the SAM_V module; the long ones were computed from the same layout and checked by length, XOR and
SHA-256.
"""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.codecs import samv
from firmware_io.codecs.samv import Damaged, Decoder, Reply
from firmware_io.codecs.samv_tables import MAX_REPLY_LENGTH, BriefCommand, Command, Status

VECTORS = Path(__file__).with_name("vectors")
HEAD = "aaaaaa9669"

REQUESTS = [  # command, data, wire: command table of the SAM_V protocol sheets and SDT_* headers
    (Command.RESET, "", "0003 10ff ec"),
    (Command.STATUS, "", "0003 11ff ed"),
    (Command.SAM_NUMBER, "", "0003 12ff ee"),
    (Command.FIND, "", "0003 2001 22"),
    (Command.SELECT, "", "0003 2002 21"),
    (Command.READ, "", "0003 3001 32"),
    (Command.READ_WITH_FINGERS, "", "0003 3010 23"),
    (Command.READ_ADDRESSES, "", "0003 3003 30"),
    (Command.READ_BODY_NUMBERS, "", "0003 3005 36"),
    (Command.SPEED_115200, "", "0003 6000 63"),
    (Command.SPEED_57600, "", "0003 6001 62"),
    (Command.SPEED_38400, "", "0003 6002 61"),
    (Command.SPEED_19200, "", "0003 6003 60"),
    (Command.SPEED_9600, "", "0003 6004 67"),
    (Command.MAX_RF_BYTES, "50", "0004 61ff 50 ca"),
    (Command.MAX_RF_BYTES, "58", "0004 61ff 58 c2"),
]

REPLIES = [  # what, wire behind the preamble, meaning
    ("find ok", "0008 00009f 00000000 97", Reply(0x9F, data=bytes(4))),
    ("select ok", "000c 000090 0000000000000000 9c", Reply(0x90, data=bytes(8))),
    ("done", "0004 000090 94", Reply(Status.SUCCESS)),
    ("no card", "0004 000080 84", Reply(Status.NOT_FOUND)),
    ("select failed", "0004 000081 85", Reply(Status.NOT_SELECTED)),
    ("read failed", "0004 000041 45", Reply(Status.READ_FAILED)),
    ("no such item", "0004 000091 95", Reply(Status.NO_SUCH_ITEM)),
    ("self-test", "0004 000060 64", Reply(Status.SELF_TEST_FAILED)),
    ("not authorised", "0004 000066 62", Reply(Status.NOT_AUTHORISED)),
    ("checksum wrong", "0004 000010 14", Reply(Status.BAD_CHECKSUM)),
    ("length wrong", "0004 000011 15", Reply(Status.BAD_LENGTH)),
    ("unknown command", "0004 000021 25", Reply(Status.BAD_COMMAND)),
    ("not permitted", "0004 000023 27", Reply(Status.NOT_PERMITTED)),
    ("unrecognised", "0004 000024 20", Reply(Status.UNRECOGNISED)),
    ("card refuses module", "0004 000031 35", Reply(Status.CARD_REFUSED_MODULE)),
    ("module refuses card", "0004 000032 36", Reply(Status.MODULE_REFUSED_CARD)),
    ("verification", "0004 000033 37", Reply(Status.VERIFICATION_FAILED)),
    ("fingerprint verification", "0004 000037 33", Reply(Status.FINGER_VERIFICATION_FAILED)),
    ("information length", "0004 00003f 3b", Reply(Status.BAD_INFORMATION_LENGTH)),
    ("card type", "0004 000040 44", Reply(Status.NOT_AN_ID_CARD)),
    ("random number", "0004 000047 43", Reply(Status.NO_RANDOM_NUMBER)),
    (
        "module number",
        "0014 000090 05000300 f47a3301 87d61200 146a0ace c7",
        Reply(0x90, data=bytes.fromhex("05000300f47a330187d61200146a0ace")),
    ),
    (
        "body numbers",
        "0020 000090 00000000 0102030405060708 101112131415161718191a1b1c1d1e1f b8",
        Reply(0x90, data=bytes.fromhex("000000000102030405060708101112131415161718191a1b1c1d1e1f")),
    ),
]


def _frame(name: str) -> bytes:
    return bytes.fromhex((VECTORS / name).read_text())


def _photo(k: int) -> bytes:
    head = bytes.fromhex("574c66007e00320000ff85")
    return head + bytes(((i * k) ^ (i >> 3)) & 0xFF for i in range(11, 1024))


def _finger(k: int, finger: int, quality: int) -> bytes:
    record = bytearray((i * k) & 0xFF for i in range(512))
    record[0:7] = bytes((0x43, 0, 0, 0, 1, finger, quality))
    record[511] = 0
    return bytes(record)


def _wrap(body: bytes) -> bytes:
    """A frame built the long way, so that the codec's own XOR is not its judge."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    check = 0
    for byte in counted:
        check ^= byte
    return bytes.fromhex(HEAD) + counted + bytes((check,))


def _long_frames() -> dict[str, bytes]:
    a, d, e = (
        _frame("samv_read_a.hex")[14:270],
        _frame("samv_text_d.hex"),
        _frame("samv_text_e.hex"),
    )
    one, two = _finger(13, 11, 80), _finger(29, 16, 75)
    ok = bytes.fromhex("000090")
    return {
        "A": _frame("samv_read_a.hex"),
        "B": _frame("samv_read_b.hex"),
        "C": _frame("samv_read_c.hex"),
        "D": _wrap(ok + bytes.fromhex("01000400") + d + _photo(19)),
        "E": _wrap(ok + bytes.fromhex("01000400") + e + _photo(23)),
        "A0": _wrap(ok + bytes.fromhex("010004000000") + a + _photo(5)),
        "A1": _wrap(ok + bytes.fromhex("010004000200") + a + _photo(5) + one),
        "A2": _wrap(ok + bytes.fromhex("010004000400") + a + _photo(5) + one + two),
    }


LONG = [  # frame, bytes, check byte, fingers, SHA-256 of the frame
    ("A", 1295, 0xE4, 0, "0346ca5ec55fddea75b2ec252cf128dc4dc914a4d6a054ab49aaac7b90a654a9"),
    ("B", 1295, 0x88, 0, "0ade1db091712e2da2e09a37f28f5ccc4081494ce519ca5a5a891b84479b1597"),
    ("C", 1295, 0x81, 0, "da67cf98f7e8a1b92e9476f7de95b9e0b18ed3b434422538564aaf68f6eb78a2"),
    ("D", 1295, 0xFD, 0, "9bb237b8585cb9222ee25520ffcb0492890ef506c2a8cb24389ae5827d1f1ef4"),
    ("E", 1295, 0x60, 0, "1a58cc035e5c12d78e1092fdaeef06651b44afd4f7df8a4a071c252e8d82bc59"),
    ("A0", 1297, 0xE6, 0, "340b4cc3cc8d41104a784151d2358d71580f8b405a4eaa1ba95fe5a02c7c3aad"),
    ("A1", 1809, 0x07, 1, "c9f9b44aeddd46db146c74b004fce267928fbddc3eebe00e7f8566176bb182ed"),
    ("A2", 2321, 0xCE, 2, "ab14f36134b66614d2b7b338c4ff14bdefc5e150abd0b4e8be79d6ff5827c6cd"),
]


@pytest.mark.parametrize(("command", "data", "wire"), REQUESTS)
def test_a_request_has_the_bytes_of_the_sheet(command: Command, data: str, wire: str) -> None:
    assert samv.encode(command, bytes.fromhex(data)) == bytes.fromhex(HEAD + wire)


@pytest.mark.parametrize(
    ("command", "wire"), [(BriefCommand.SLEEP, "0002 00 02"), (BriefCommand.WAKE, "0002 01 03")]
)
def test_a_battery_reader_is_put_to_sleep_and_woken(command: BriefCommand, wire: str) -> None:
    # Frames of the CVR-100B's client for Android.
    assert samv.encode_brief(command) == bytes.fromhex(HEAD + wire)


@pytest.mark.parametrize(("what", "wire", "reply"), REPLIES)
def test_a_reply_means_what_the_sheet_says(what: str, wire: str, reply: Reply) -> None:
    raw = bytes.fromhex(HEAD + wire)
    slow, glued = Decoder(), Decoder()
    assert Decoder().feed(raw) == [reply]
    assert [got for byte in raw for got in slow.feed(bytes((byte,)))] == [reply]
    assert glued.feed(raw + raw[:6]) + glued.feed(raw[6:]) == [reply, reply]


@pytest.mark.parametrize(("name", "size", "check", "fingers", "sha"), LONG)
def test_a_whole_reading_is_cut_into_text_photo_and_fingers(
    name: str, size: int, check: int, fingers: int, sha: str
) -> None:
    raw = _long_frames()[name]
    assert (len(raw), raw[-1]) == (size, check)
    assert hashlib.sha256(raw).hexdigest() == sha
    slow = Decoder()
    got = [item for byte in raw for item in slow.feed(bytes((byte,)))]
    assert len(got) == 1
    assert isinstance(got[0], Reply)
    holdings = samv.parse_holdings(got[0].data, with_fingers=name in ("A0", "A1", "A2"))
    assert holdings is not None
    start = 16 if name in ("A0", "A1", "A2") else 14
    assert holdings.text == raw[start : start + 256]
    assert holdings.photo == raw[start + 256 : start + 1280]
    assert len(holdings.fingers) == fingers
    assert [(f.usable, f.result, f.finger, f.quality) for f in holdings.fingers] == [
        (True, 1, 11, 80),
        (True, 1, 16, 75),
    ][:fingers]


def test_the_modules_number_reads_as_printed() -> None:
    data = bytes.fromhex("05000300f47a330187d61200146a0ace")
    assert samv.parse_sam_number(data) == "05.03-20151028-0001234567-3456789012"
    assert samv.parse_sam_number(data[:12]) is None


def test_body_numbers_are_split_in_three() -> None:
    data = bytes.fromhex("000000000102030405060708101112131415161718191a1b1c1d1e1f")
    numbers = samv.parse_body_numbers(data)
    assert numbers is not None
    assert (len(numbers.iin), len(numbers.serial), len(numbers.chip)) == (4, 8, 16)
    assert numbers.chip[0] == 0x10
    assert samv.parse_body_numbers(data[1:]) is None


def test_an_appended_address_is_read_and_blank_records_are_left_out() -> None:
    # One record of a made-up address, 81 bytes with its frame; then the usual four records.
    text = bytes.fromhex("1753ac4e025e7f89ce573a534b6dd58be1800c5437 00f753".replace(" ", ""))
    record = text + b"\x20\x00" * 23
    raw = _wrap(bytes.fromhex("000090") + record)
    assert (len(raw), raw[5:7], raw[-1]) == (81, b"\x00\x4a", 0xD4)
    (reply,) = Decoder().feed(raw)
    assert isinstance(reply, Reply)
    assert samv.parse_addresses(reply.data) == ("北京市西城区测试胡同7号",)
    assert samv.parse_addresses(reply.data + b"\x20\x00" * 105) == ("北京市西城区测试胡同7号",)
    assert samv.parse_addresses(reply.data[:-1]) is None
    assert samv.parse_addresses(b"") is None
    assert samv.parse_addresses(record * 5) is None


@pytest.mark.parametrize(
    "head", ["01000401", "00ff0401", "00000400", "01000500", "ffffffff", "0100", ""]
)
def test_lengths_that_disagree_yield_no_person(head: str) -> None:
    assert samv.parse_holdings(bytes.fromhex(head) + bytes(1280), with_fingers=False) is None


def test_a_card_without_a_photo_still_yields_its_text() -> None:
    holdings = samv.parse_holdings(bytes.fromhex("01000000") + bytes(256), with_fingers=False)
    assert holdings is not None
    assert (len(holdings.text), holdings.photo) == (256, b"")


@pytest.mark.parametrize("fingers", ["0001", "0100", "0600"])
def test_odd_finger_sizes_yield_no_person(fingers: str) -> None:
    size = int(fingers, 16)
    data = bytes.fromhex("01000400" + fingers) + bytes(1280 + size)
    assert samv.parse_holdings(data, with_fingers=True) is None


def test_no_single_changed_byte_passes_for_a_person() -> None:
    raw = _long_frames()["A"]
    for place in range(len(raw)):
        for change in (0x01, 0x80, 0xFF, 0x5A):
            hurt = bytearray(raw)
            hurt[place] ^= change
            decoder = Decoder()
            got = decoder.feed(bytes(hurt)) + decoder.silence()
            assert not any(isinstance(item, Reply) for item in got), (place, change)
            assert decoder.held == 0


@pytest.mark.parametrize("cut", [3, 5, 7, 9, 10, 14, 270, 700, 1294])
def test_a_cut_off_answer_is_told_as_cut_off_and_the_next_one_is_found(cut: int) -> None:
    raw = _long_frames()["A"]
    decoder = Decoder()
    assert decoder.feed(raw[:cut]) == []
    told = decoder.silence()
    assert sum(item.skipped for item in told if isinstance(item, Damaged)) == cut
    assert not any(isinstance(item, Reply) for item in told)
    assert decoder.feed(raw)[0] == Decoder().feed(raw)[0]


def test_an_answer_hidden_behind_a_cut_off_one_comes_out_when_the_line_falls_silent() -> None:
    whole = bytes.fromhex(HEAD + "0004 000090 94")
    decoder = Decoder()
    assert decoder.feed(_long_frames()["A"][:700] + whole) == []
    assert decoder.silence()[-1] == Reply(Status.SUCCESS)


@pytest.mark.parametrize("length", ["0000", "0003", "0a01", "ffff"])
def test_a_length_no_module_sends_is_line_noise(length: str) -> None:
    raw = bytes.fromhex(HEAD + length + "000090")
    good = bytes.fromhex(HEAD + "0004 000090 94")
    got = Decoder().feed(raw + good)
    assert got[-1] == Reply(Status.SUCCESS)
    assert any(isinstance(item, Damaged) and item.reason == "length out of range" for item in got)


def test_extra_aa_before_the_preamble_does_not_shift_the_frame() -> None:
    good = bytes.fromhex(HEAD + "0004 000080 84")
    for extra in range(1, 6):
        assert Decoder().feed(b"\xaa" * extra + good)[-1] == Reply(Status.NOT_FOUND)


replies = st.builds(
    Reply,
    status=st.integers(0, 255),
    sw1=st.integers(0, 255),
    sw2=st.integers(0, 255),
    data=st.binary(max_size=300),
)


def _raw(reply: Reply) -> bytes:
    return _wrap(bytes((reply.sw1, reply.sw2, reply.status)) + reply.data)


@settings(max_examples=150, deadline=None)
@given(st.lists(replies, max_size=4), st.data())
def test_any_split_gives_the_same_replies(sent: list[Reply], data: st.DataObject) -> None:
    raw, got, decoder = b"".join(map(_raw, sent)), [], Decoder()
    while raw:
        cut = data.draw(st.integers(1, len(raw)))
        got, raw = got + decoder.feed(raw[:cut]), raw[cut:]
    assert got == sent
    assert decoder.silence() == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=600), max_size=6))
def test_any_bytes_leave_the_decoder_bounded_and_accounted_for(chunks: list[bytes]) -> None:
    decoder, seen = Decoder(), 0
    for chunk in chunks:
        for item in decoder.feed(chunk):
            seen += item.skipped if isinstance(item, Damaged) else len(_raw(item))
        assert decoder.held <= MAX_REPLY_LENGTH + 7
    for item in decoder.silence():
        seen += item.skipped if isinstance(item, Damaged) else len(_raw(item))
    assert seen == sum(map(len, chunks))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 4), replies, st.binary(max_size=300), st.booleans())
def test_a_good_answer_is_found_in_any_junk(
    before: bytes, extra: int, reply: Reply, after: bytes, bytewise: bool
) -> None:
    raw = before.replace(b"\x96", b"") + b"\xaa" * extra + _raw(reply) + after.replace(b"\x96", b"")
    decoder = Decoder()
    pieces = [bytes((byte,)) for byte in raw] if bytewise else [raw]
    got = [item for piece in pieces for item in decoder.feed(piece)] + decoder.silence()
    assert [item for item in got if isinstance(item, Reply)] == [reply]


def test_a_wire_full_of_false_starts_costs_no_more_than_its_length() -> None:
    # Each false start is a plausible length whose checksum fails: the worst case of the search.
    noise = bytes.fromhex(HEAD + "0900") * 2000
    decoder = Decoder()
    got = decoder.feed(noise) + decoder.silence()
    assert sum(item.skipped for item in got if isinstance(item, Damaged)) == len(noise)


def test_the_text_of_a_reply_never_shows_a_persons_bytes() -> None:
    (reply,) = Decoder().feed(_long_frames()["A"])
    assert isinstance(reply, Reply)
    holdings = samv.parse_holdings(reply.data, with_fingers=False)
    assert "data" not in repr(reply)
    assert "text" not in repr(holdings)


@given(st.binary(max_size=5000))
@settings(max_examples=50, deadline=None)
def test_the_fast_xor_is_the_slow_one(data: bytes) -> None:
    slow = 0
    for byte in data:
        slow ^= byte
    assert samv.xor(data) == slow

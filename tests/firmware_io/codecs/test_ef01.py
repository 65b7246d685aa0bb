# SPDX-License-Identifier: Apache-2.0
"""Packets. The vectors' origin: each command and reply is built by the manuals' package format.

"ZFM-70 manual", "ZFM-20 manual", "R503 manual": the packet is printed there or follows its table.
"on the wire": pyfingerprint 1.5 or adafruit-circuitpython-fingerprint 2.2.25 send these very bytes.
"issue 29/30": logs of users' modules in adafruit/Adafruit_CircuitPython_Fingerprint.
"by the format": length and checksum computed by hand from the package format.
"""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Damage, Damaged, Decoder, Packet, encode
from firmware_io.codecs.ef01_tables import Op, Parameter, Pid, Wait

ALL = frozenset(Pid)
BOOTH = b"ID BOOTH"

COMMANDS = [  # what follows the address, payload, where it comes from
    ("01 0003 01 0005", say.plain(Op.GEN_IMG), "ZFM-70 manual; on the wire"),
    ("01 0004 02 01 0008", say.img2tz(1), "on the wire"),
    ("01 0004 02 02 0009", say.img2tz(2), "on the wire"),
    ("01 0003 03 0007", say.plain(Op.MATCH), "ZFM-20 manual; on the wire"),
    ("01 0008 04 01 0000 00C8 00D6", say.search(1, 0, 200), "on the wire"),
    ("01 0003 05 0009", say.plain(Op.REG_MODEL), "on the wire"),
    ("01 0006 06 01 0000 000E", say.store(1, 0), "on the wire"),
    ("01 0006 07 02 0000 0010", say.load_char(2, 0), "on the wire"),
    ("01 0004 08 01 000E", say.up_char(1), "on the wire; issue 29"),
    ("01 0004 09 02 0010", say.down_char(2), "by the format"),
    ("01 0003 0A 000E", say.plain(Op.UP_IMAGE), "on the wire"),
    ("01 0003 0B 000F", say.plain(Op.DOWN_IMAGE), "by the format"),
    ("01 0007 0C 0000 0001 0015", say.delet_char(0, 1), "on the wire"),
    ("01 0003 0D 0011", say.plain(Op.EMPTY), "R503 manual; on the wire"),
    ("01 0005 0E 04 0C 0024", say.set_sys_para(Parameter.BAUD, 12), "by the format"),
    ("01 0005 0E 04 06 001E", say.set_sys_para(Parameter.BAUD, 6), "by the format"),
    ("01 0005 0E 05 03 001C", say.set_sys_para(Parameter.SECURITY, 3), "on the wire"),
    ("01 0005 0E 06 02 001C", say.set_sys_para(Parameter.PACKET_SIZE, 2), "on the wire"),
    ("01 0005 0E 06 03 001D", say.set_sys_para(Parameter.PACKET_SIZE, 3), "by the format"),
    ("01 0003 0F 0013", say.plain(Op.READ_SYS_PARA), "on the wire; issue 30"),
    ("01 0007 12 12345678 012E", say.set_pwd(0x12345678), "by the format"),
    ("01 0007 13 00000000 001B", say.vfy_pwd(0), "on the wire"),
    ("01 0007 13 12345678 012F", say.vfy_pwd(0x12345678), "by the format"),
    ("01 0003 14 0018", say.plain(Op.GET_RANDOM_CODE), "R503 manual; on the wire"),
    ("01 0007 15 FFFFFFFF 0419", say.set_adder(0xFFFFFFFF), "by the format"),
    ("01 0003 16 001A", say.plain(Op.READ_INF_PAGE), "by the format"),
    ("01 0004 17 01 001D", say.control(True), "by the format"),
    ("01 0004 17 00 001C", say.control(False), "by the format"),
    ("01 0024 18 00 494420424F4F5448" + "00" * 24 + "0266", say.write_notepad(0, BOOTH), "format"),
    ("01 0004 19 00 001E", say.read_notepad(0), "by the format"),
    ("01 0008 1B 01 0000 00C8 00ED", say.search(1, 0, 200, Op.HI_SPEED_SEARCH), "on the wire"),
    ("01 0003 1D 0021", say.plain(Op.TEMPLATE_NUM), "R503 manual; on the wire"),
    ("01 0004 1F 00 0024", say.read_index_table(0), "on the wire; issue 30"),
    ("01 0003 28 002C", say.plain(Op.GET_IMAGE_EX), "by the format"),
    ("01 0003 30 0034", say.plain(Op.CANCEL), "by the format"),
    ("01 0007 35 01 64 02 00 00A4", say.aura_led(1, 0x64, 2, 0), "on the wire"),
    ("01 0007 35 02 32 01 05 0077", say.aura_led(2, 0x32, 1, 5), "by the format"),
    ("01 0007 35 03 00 04 00 0044", say.aura_led(3, 0, 4, 0), "by the format"),
    ("01 0007 35 04 00 00 00 0041", say.aura_led(4, 0, 0, 0), "by the format"),
    ("01 0003 36 003A", say.plain(Op.CHECK_SENSOR), "by the format"),
    ("01 0003 39 003D", say.plain(Op.GET_ALG_VER), "by the format"),
    ("01 0003 3A 003E", say.plain(Op.GET_FW_VER), "by the format"),
    ("01 0003 3C 0040", say.plain(Op.READ_PROD_INFO), "by the format"),
    ("01 0003 3D 0041", say.plain(Op.SOFT_RST), "by the format"),
    ("01 0003 40 0044", say.plain(Op.HAND_SHAKE), "by the format"),
    ("01 0003 53 0057", say.plain(Op.GET_ECHO), "by the format"),
    ("01 0003 10 0014", say.plain(Op.ENROLL), "by the format"),
    ("01 0003 11 0015", say.plain(Op.IDENTIFY), "by the format"),
    ("01 0004 1C 01 0022", say.gen_bin_image(1), "by the format"),
    ("01 0005 1E 02 01 0027", say.user_gpio(2, 1), "by the format"),
    ("01 0003 29 002D", say.plain(Op.GET_ENROLL_IMAGE), "by the format"),
    (
        "01 0008 31 05 01 00 01 01 0042",
        say.auto_enroll(5, overwrite=True, twice=False, report=True, lift=True),
        "R503 manual, AutoEnroll",
    ),
    (
        "01 0008 32 03 00 C8 01 05 010C",
        say.auto_identify(3, 0, 200, report=True, tries=5),
        "R503 manual, AutoIdentify",
    ),
    ("01 0003 33 0037", say.plain(Op.STANDBY), "by the format"),
    ("01 0003 50 0054", say.plain(Op.LIGHT_ON), "by the format"),
    ("01 0003 51 0055", say.plain(Op.LIGHT_OFF), "by the format"),
    ("01 0003 52 0056", say.plain(Op.IMAGE_NO_LIGHT), "by the format"),
    (
        "01 0008 54 36 02 0007 00 009C",
        say.auto_login(Wait.S_3_5, 2, 7, twice=False),
        "ZFM-70 manual, page 30",
    ),
    ("01 0008 55 36 0000 00C8 015C", say.auto_search(Wait.S_3_5, 0, 200), "ZFM-70 manual"),
    ("01 0008 56 01 0000 00C8 0128", say.search(1, 0, 200, Op.RESIDUAL_SEARCH), "by the format"),
]

REPLIES = [  # what follows the address, payload, meaning
    ("07 0003 00 000A", "00", "done"),
    ("07 0003 01 000B", "01", "packet error"),
    ("07 0003 02 000C", "02", "no finger"),
    ("07 0003 03 000D", "03", "capture failed"),
    ("07 0003 06 0010", "06", "too messy"),
    ("07 0003 07 0011", "07", "too few features"),
    ("07 0003 08 0012", "08", "no match, short form"),
    ("07 0005 08 0000 0014", "080000", "no match with score 0"),
    ("07 0005 00 0050 005C", "000050", "match, score 80"),
    ("07 0007 00 0005 007B 008E", "000005007B", "found on page 5, score 123"),
    ("07 0007 09 0000 0000 0017", "0900000000", "not found"),
    ("07 0003 0A 0014", "0A", "not merged"),
    ("07 0003 0B 0015", "0B", "page out of range"),
    ("07 0003 0C 0016", "0C", "template unreadable"),
    ("07 0003 0E 0018", "0E", "no data packets wanted"),
    ("07 0003 0F 0019", "0F", "image upload failed"),
    ("07 0003 10 001A", "10", "delete failed"),
    ("07 0003 11 001B", "11", "empty failed"),
    ("07 0003 13 001D", "13", "wrong password"),
    ("07 0003 15 001F", "15", "no image"),
    ("07 0003 18 0022", "18", "flash fault"),
    ("07 0003 1A 0024", "1A", "bad register"),
    ("07 0003 21 002B", "21", "not verified"),
    ("07 0003 29 0033", "29", "sensor fault"),
    ("07 0003 55 005F", "55", "echo"),
    ("07 0007 00 12345678 0122", "0012345678", "random number"),
    ("07 0005 00 0002 000E", "000002", "two templates"),
    ("02 0022" + bytes(range(32)).hex() + "0214", bytes(range(32)).hex(), "data, 00..1F"),
    ("08 0022" + bytes(range(32)).hex() + "021A", bytes(range(32)).hex(), "last data, 00..1F"),
    ("08 0022" + "FF" * 32 + "200A", "FF" * 32, "last data"),
    ("02 0082" + "FF" * 128 + "8004", "FF" * 128, "data of 128"),
    ("02 0102" + "FF" * 256 + "FF05", "FF" * 256, "data of 256"),
]


def wire(rest: str) -> bytes:
    return bytes.fromhex("EF01 FFFFFFFF" + rest)


VECTORS = [(wire(rest), Packet(1, payload), source) for rest, payload, source in COMMANDS]
VECTORS += [
    (wire(rest), Packet(wire(rest)[6], bytes.fromhex(payload)), f"{meaning}, by the format")
    for rest, payload, meaning in REPLIES
]


@pytest.mark.parametrize(
    ("raw", "packet", "source"), VECTORS, ids=[v[0].hex()[12:40] for v in VECTORS]
)
def test_a_vector_is_written_and_read_whole_byte_by_byte_and_glued(
    raw: bytes, packet: Packet, source: str
) -> None:
    slow, glued = Decoder(pids=ALL), Decoder(pids=ALL)
    assert encode(packet) == raw, source
    assert [p for byte in raw for p in slow.feed(bytes([byte]))] == [packet]
    assert glued.feed(raw + raw[:5]) + glued.feed(raw[5:]) == [packet, packet]
    assert slow.pending == glued.pending == 0


OK = wire("07 0003 00 000A")
DAMAGED = [  # made by flipping, from the success reply; two of these pass in libraries in use
    ("07 0003 02 000A", Damage.CHECKSUM, "code flipped to 'no finger', checksum of success"),
    ("07 0003 00 0050", Damage.CHECKSUM, "checksum flipped"),
    ("07 FFFF 00 010A", Damage.LENGTH, "length of 65 kB"),
    ("07 0000 00 000A", Damage.LENGTH, "length 0"),
    ("07 0002 00 000A", Damage.LENGTH, "length without payload"),
    ("07 0103 00 000A", Damage.LENGTH, "length 259"),
    ("01 0003 00 0004", Damage.FOREIGN, "a command, echoed"),
]


@pytest.mark.parametrize(("rest", "reason", "story"), DAMAGED)
def test_a_damaged_packet_is_dropped_at_once_and_the_next_one_is_found(
    rest: str, reason: Damage, story: str
) -> None:
    bad = wire(rest)
    assert Decoder().feed(bad) == [Damaged(reason, len(bad))], story
    assert Decoder().feed(bad + OK) == [Damaged(reason, len(bad)), Packet(7, b"\0")]


def test_a_reply_for_another_address_is_not_ours() -> None:
    foreign = encode(Packet(7, b"\0", address=0x12345678))
    assert Decoder().feed(foreign) == [Damaged(Damage.FOREIGN, len(foreign))]
    assert Decoder(0x12345678).feed(foreign) == [Packet(7, b"\0", 0x12345678)]


def test_three_good_replies_survive_greeting_noise_and_a_broken_neighbour() -> None:
    stream = b"\x55" + OK + b"\x00\xef" + OK + wire("07 0003 00 000B") + OK
    found = Decoder().feed(stream)
    assert [p for p in found if isinstance(p, Packet)] == [Packet(7, b"\0")] * 3
    assert sum(p.skipped for p in found if isinstance(p, Damaged)) == 15


def test_a_good_packet_inside_a_broken_one_is_found() -> None:
    cut = wire("08 0022") + bytes(9)  # a data packet cut short by a reply
    found = Decoder().feed(cut + OK + OK + bytes(12))
    assert [p for p in found if isinstance(p, Packet)] == [Packet(7, b"\0")] * 2


def test_what_is_held_can_be_forgotten_and_no_repr_shows_a_byte() -> None:
    decoder = Decoder()
    decoder.feed(OK[:-1])
    assert decoder.reset() == 11
    assert decoder.feed(OK) == [Packet(7, b"\0")]
    assert "secret" not in repr(Packet(2, b"secret"))
    assert "secret" not in repr(say.Reply(0, b"secret"))


@pytest.mark.parametrize("payload", [b"", bytes(257)])
def test_a_payload_that_no_packet_can_carry_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="256"):
        encode(Packet(1, payload))


packets = st.builds(Packet, st.sampled_from([2, 7, 8]), st.binary(min_size=1, max_size=256))


@settings(max_examples=60, deadline=None)
@given(st.lists(packets, max_size=4), st.data())
def test_any_split_gives_the_same_packets(sent: list[Packet], data: st.DataObject) -> None:
    raw, decoder = b"".join(map(encode, sent)), Decoder()
    got: list[Packet | Damaged] = []
    while raw:
        cut = data.draw(st.integers(1, len(raw)))
        got, raw = got + decoder.feed(raw[:cut]), raw[cut:]
    assert got == sent


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=400), st.just(b"\xef\x01" + b"\xff" * 4)), max_size=8))
def test_any_bytes_leave_the_buffer_bounded_and_every_byte_accounted_for(
    pieces: list[bytes],
) -> None:
    decoder, out = Decoder(), 0
    for piece in pieces:
        for item in decoder.feed(piece):
            out += item.skipped if isinstance(item, Damaged) else len(encode(item))
        assert decoder.pending <= 266
    assert out + decoder.pending == sum(map(len, pieces))


HEADED = [
    OK,
    OK[:8],
    wire("02 0102"),
    wire("02 0022"),
    wire("08 00EF"),
    b"\xef",
    b"\xef\x01",
    b"\x55",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HEADED), st.binary(max_size=40)), max_size=20))
def test_a_byte_by_byte_search_finds_the_same_packets(pieces: list[bytes]) -> None:
    raw, found, at = b"".join(pieces), [], 0
    while at < len(raw):  # the rule, written the slow way: one byte is dropped after any damage
        size = 9 + int.from_bytes(raw[at + 7 : at + 9], "big")
        body, told = raw[at + 6 : at + size - 2], raw[at + size - 2 : at + size]
        good = raw[at : at + 6] == OK[:6] and raw[at + 6 : at + 7] in (b"\2", b"\7", b"\x08")
        if good and 12 <= size <= 267 and at + size > len(raw):
            break  # may still become one
        if good and 12 <= size <= 267 and (sum(body) % 65536).to_bytes(2, "big") == told:
            found.append(Packet(raw[at + 6], raw[at + 9 : at + size - 2]))
            at += size
        else:
            at += 1
    whole, split = Decoder(), Decoder()
    assert [p for p in whole.feed(raw) if isinstance(p, Packet)] == found
    apart = [p for piece in pieces for p in split.feed(piece)]
    assert [p for p in apart if isinstance(p, Packet)] == found
    assert whole.pending == split.pending


class Counting(Decoder):
    """Counts the checksums that had to be computed."""

    sums = 0

    def _sum_holds(self, raw: bytes, at: int, last: int, /) -> bool:
        self.sums += 1
        return super()._sum_holds(raw, at, last)


@pytest.mark.parametrize("lie", ["02 0102", "08 00EF 01", "EF01 FFFF"])
def test_work_grows_with_the_bytes_and_no_faster_however_mean_they_are(lie: str) -> None:
    for times in (100, 1000):
        decoder = Counting()
        decoder.feed(wire(lie) * times)
        assert decoder.sums * 8 <= len(wire(lie)) * times


@settings(max_examples=100, deadline=None)
@given(packets, packets, st.integers(0), st.integers(0, 7))
def test_one_flipped_bit_never_passes_and_the_packet_after_it_is_found(
    first: Packet, second: Packet, place: int, bit: int
) -> None:
    raw = bytearray(encode(first))
    raw[place % len(raw)] ^= 1 << bit
    # Zeros complete whatever a flipped length may be waiting for.
    found = Decoder().feed(bytes(raw) + encode(second) + bytes(300))
    good = [p for p in found if isinstance(p, Packet)]
    assert second in good
    assert len(good) == 1


class Uncounting(Decoder):
    """The planted fault: what several published drivers do."""

    def _sum_holds(self, *_: object) -> bool:
        return True


def survives_corruption(build: Callable[[], Decoder]) -> bool:
    """The corruption case as a question: is each one-bit error in a reply's code or sum refused?"""
    for place, bit in itertools.product((9, 10, 11), range(8)):
        raw = bytearray(OK)
        raw[place] ^= 1 << bit
        if any(isinstance(p, Packet) for p in build().feed(bytes(raw))):
            return False
    return True


def test_the_corruption_case_tells_a_decoder_without_checksums() -> None:
    assert survives_corruption(Decoder)
    assert not survives_corruption(Uncounting)

# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder, Packet, encode
from firmware_io.codecs.ef01_messages import (
    Assembly,
    Hit,
    ProductInfo,
    Reply,
    SystemParameters,
)
from firmware_io.codecs.ef01_tables import Op


def values(wire: str) -> bytes:
    (packet,) = Decoder().feed(bytes.fromhex(wire))
    assert isinstance(packet, Packet)
    reply = Reply.of(packet)
    assert reply is not None
    assert reply.code == 0
    return reply.values


def test_system_parameters_of_the_manuals_example_module() -> None:
    # R503 manual, ReadSysPara table; library 200, level 3, packets of 128, 57600 bits a second.
    wire = "EF01FFFFFFFF070013 00 0000 0009 00C8 0003 FFFFFFFF 0002 0006 04F2"
    assert SystemParameters.parse(values(wire)) == SystemParameters(
        0, 9, 200, 3, 0xFFFFFFFF, 128, 57600
    )


def test_system_parameters_of_a_users_module() -> None:
    # Log in issue 30 of adafruit/Adafruit_CircuitPython_Fingerprint: an 80-template module.
    wire = "EF01FFFFFFFF070013 00 0000 0000 0050 0003 FFFFFFFF 0002 000C 0477"
    assert SystemParameters.parse(values(wire)) == SystemParameters(
        0, 0, 80, 3, 0xFFFFFFFF, 128, 115200
    )


def test_product_information_is_read_by_the_r503_manuals_table() -> None:
    # R503 manual V1.2.2, page 26; texts invented.
    wire = (
        "EF01FFFFFFFF070031 00 52353033" + "00" * 12 + "424E3031 534E303030303031 0102"
        "4752313932524742 00C0 00C0 0600 00C8 0836"
    )
    assert ProductInfo.parse(values(wire)) == ProductInfo(
        "R503", "BN01", "SN000001", "1.2", "GR192RGB", 192, 192, 1536, 200
    )


def test_the_index_table_counts_from_the_lowest_bit() -> None:
    # ZFM-20 manual, ReadConList: byte k bit b is page 8k + b; here pages 0, 1 and 9.
    wire = "EF01FFFFFFFF070023 00 0302" + "00" * 30 + "002F"
    assert say.parse_index_table(values(wire)) == {0, 1, 9}
    assert say.parse_index_table(values(wire), table=1) == {256, 257, 265}


def test_the_notepad_answer_holds_what_was_written() -> None:
    wire = "EF01FFFFFFFF070023 00 494420424F4F5448" + "00" * 24 + "0253"
    assert values(wire) == say.write_notepad(0, b"ID BOOTH")[2:]


def test_scores_pages_and_counts_are_big_endian() -> None:
    assert say.parse_number(bytes.fromhex("0050")) == 80
    assert say.parse_hit(bytes.fromhex("0005007B")) == Hit(5, 123)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60))
def test_a_parser_never_raises_and_says_none_to_what_is_too_short(data: bytes) -> None:
    assert (say.parse_number(data) is None) == (len(data) < 2)
    assert (say.parse_hit(data) is None) == (len(data) < 4)
    assert (say.parse_index_table(data) is None) == (len(data) < 32)
    assert (ProductInfo.parse(data) is None) == (len(data) < 46)
    if len(data) < 16:
        assert SystemParameters.parse(data) is None
    else:
        SystemParameters.parse(data)


# Packets of a transfer, from the sizes in the manuals: content, packet size, packets, wire bytes.
TRANSFERS = [
    (36864, 128, 288, 40032),
    (18432, 128, 144, 20016),
    (512, 128, 4, 556),
    (1536, 256, 6, 1602),
    (512, 32, 16, 688),
    (100, 128, 1, 111),
]


@pytest.mark.parametrize(("content", "size", "count", "wire_bytes"), TRANSFERS)
def test_a_transfer_has_as_many_packets_and_bytes_as_the_line_needs(
    content: int, size: int, count: int, wire_bytes: int
) -> None:
    packets = list(say.data_packets(bytes(content), size))
    assert len(packets) == count
    assert sum(len(encode(packet)) for packet in packets) == wire_bytes
    assert [p.pid for p in packets] == [2] * (count - 1) + [8]


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=1600), st.sampled_from([32, 64, 128, 256]))
def test_what_is_cut_into_packets_is_joined_again(content: bytes, size: int) -> None:
    joined = Assembly(limit=4096)
    packets = list(say.data_packets(content, size))
    for packet in packets:
        assert not joined.complete
        joined.add(packet)
    assert joined.complete
    assert joined.content() == content
    joined.wipe()
    assert joined.size == 0


def test_a_transfer_beyond_its_limit_is_cut_off_and_says_so() -> None:
    joined = Assembly(limit=128)
    for packet in say.data_packets(bytes(256), 128):
        joined.add(packet)
    assert joined.overflow
    assert not joined.complete
    assert joined.size == 128


def test_a_notepad_page_outside_the_module_is_a_programs_mistake() -> None:
    with pytest.raises(ValueError, match="16 pages"):
        say.write_notepad(16, b"")
    assert say.plain(Op.EMPTY) == b"\x0d"

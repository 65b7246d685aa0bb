# SPDX-License-Identifier: Apache-2.0
"""The 256-byte text of all card kinds, laid out after GA/T 490-2019. All people are made up."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.codecs.cardtext import (
    CardText,
    is_card_date,
    number_is_sound,
    parse_card_text,
)
from firmware_io.codecs.samv_tables import LAYOUTS, CardKind
from firmware_io.emulators.idreader_card import build

VECTORS = Path(__file__).with_name("vectors")


def _text(name: str) -> bytes:
    raw = bytes.fromhex((VECTORS / name).read_text())
    return raw if len(raw) == 256 else raw[14:270]


def _put(block: bytes, offset: int, size: int, text: str, pad: bytes = b"\x20\x00") -> bytes:
    raw = text.encode("utf-16-le")
    raw += pad * ((size - len(raw)) // 2)
    return block[:offset] + raw + block[offset + size :]


GOLDEN = [
    (
        "samv_read_a.hex",
        CardText(
            CardKind.RESIDENT,
            name="测试甲",
            sex_code="2",
            ethnicity_code="01",
            birth="19491231",
            address="北京市朝阳区测试路1号院2号楼3单元404室",
            number="11010519491231002X",
            issuer="北京市公安局朝阳分局",
            valid_from="20100101",
            valid_to="长期",
        ),
    ),
    (
        "samv_read_b.hex",
        CardText(
            CardKind.RESIDENT,
            name="测试乙丙",
            sex_code="1",
            ethnicity_code="11",
            birth="18800101",
            address="广东省潮阳县测试镇和平村5号",
            number="440524188001010014",
            issuer="潮阳县公安局",
            valid_from="20200315",
            valid_to="20400315",
        ),
    ),
    (
        "samv_read_c.hex",
        CardText(
            CardKind.HK_MO_TW,
            name="测试丁",
            sex_code="2",
            birth="19940823",
            address="广东省深圳市福田区测试街6号",
            number="810000199408230021",
            issuer="深圳市公安局福田分局",
            valid_from="20190102",
            valid_to="20240102",
            permit_number="H12345678",
            times_issued="01",
        ),
    ),
    (
        "samv_text_d.hex",
        CardText(
            CardKind.FOREIGN_2017,
            name="测试戊",
            foreign_name="EXAMPLE, ALICE BEATRICE",
            sex_code="2",
            birth="19810803",
            number="CAN310081080301",
            nationality="CAN",
            valid_from="20170616",
            valid_to="20270615",
            card_version="01",
            authority_code="3100",
        ),
    ),
    (
        "samv_text_e.hex",
        CardText(
            CardKind.FOREIGN_2023,
            name="测试戊",
            foreign_name="EXAMPLE, ALEXANDRA BEATRICE CORNELIA DEBORAH",
            sex_code="2",
            birth="19810803",
            number="911124198108030024",
            nationality="CAN",
            valid_from="20231201",
            valid_to="20331130",
            times_issued="01",
        ),
    ),
]


@pytest.mark.parametrize(("file", "card"), GOLDEN)
def test_a_card_reads_field_by_field(file: str, card: CardText) -> None:
    assert parse_card_text(_text(file)) == card


NUMBERS = [  # worked examples of GB 11643 and of published specimen cards
    ("11010519491231002X", True),
    ("440524188001010014", True),
    ("810000199408230021", True),
    ("830000199201300022", True),
    ("911124198108030024", True),
    ("932682198501010017", True),
    ("110105194912310021", False),
    ("440524188001010013", False),
    ("110105194902290029", True),  # the check agrees; the date does not exist
    ("440524188013010011", True),  # the check agrees; there is no month 13
    ("440525188001010014", False),
    ("31010119990230001", False),
    ("11010519491231002x", False),  # upper-cased before it comes here
    ("１１０１０５１９４９１２３１００２X", False),
    ("", False),
]


@pytest.mark.parametrize(("number", "sound"), NUMBERS)
def test_the_check_character_is_that_of_the_standard(number: str, sound: bool) -> None:
    assert number_is_sound(number) is sound


@pytest.mark.parametrize(
    ("text", "good"),
    [("20240229", True), ("20230229", False), ("20101301", False), ("2010010", False),
     ("２０１００１０１", False), ("00000101", False), ("长期", False)],
)  # fmt: skip
def test_a_date_is_eight_digits_of_a_real_day(text: str, good: bool) -> None:
    assert is_card_date(text) is good


def _remarks(block: bytes) -> tuple[str, ...]:
    card = parse_card_text(block)
    assert card is not None
    return card.remarks


A = _text("samv_read_a.hex")


@pytest.mark.parametrize(
    ("offset", "size", "text", "remark"),
    [
        (0, 30, "", "name.missing"),
        (0, 30, "测\ue123", "name.private_use"),
        (30, 2, "7", "sex.unknown"),
        (32, 4, "59", "ethnicity.unknown"),
        (32, 4, "", "ethnicity.unknown"),
        (36, 16, "19491331", "birth.not_a_date"),
        (36, 16, "19491230", "number.birth_differs"),
        (30, 2, "1", "number.sex_differs"),
        (122, 36, "110105194912310021", "number.check_digit"),
        (122, 36, "11010519491231", "number.malformed"),
        (122, 36, "000000194912310020", "number.area_unknown"),
        (188, 16, "        ", "valid_from.not_a_date"),
        (204, 16, "2010", "valid_to.not_a_date"),
        (204, 16, "20091231", "validity.reversed"),
        (248, 2, "Q", "flag.unknown"),
    ],
)
def test_what_looks_odd_is_told_and_kept(offset: int, size: int, text: str, remark: str) -> None:
    assert remark in _remarks(_put(A, offset, size, text))


def test_sex_not_stated_contradicts_no_number() -> None:
    assert _remarks(_put(A, 30, 2, "9")) == ()
    assert _remarks(_put(A, 30, 2, "0")) == ()


def test_a_small_x_is_read_as_the_check_character() -> None:
    card = parse_card_text(_put(A, 122, 36, "11010519491231002x"))
    assert card is not None
    assert card.number == "11010519491231002X"
    assert card.remarks == ()


def test_rare_characters_middle_dots_and_inner_spaces_stay() -> None:
    for name in ("𬭛建国", "阿依古丽·买买提", "ALI  BEN"):
        card = parse_card_text(_put(A, 0, 30, name))
        assert card is not None
        assert card.name == name
        assert card.remarks == ()


def test_fifteen_characters_fill_the_name_to_its_end() -> None:
    name = "买" * 7 + "·" + "提" * 7
    card = parse_card_text(_put(A, 0, 30, name))
    assert card is not None
    assert card.name == name
    assert card.sex_code == "2"


def test_nul_padding_reads_as_space_padding() -> None:
    card = parse_card_text(_put(_put(A, 0, 30, "测试甲", b"\0\0"), 248, 2, "", b"\0\0"))
    assert card == parse_card_text(A)


def test_half_a_surrogate_hurts_its_own_field_only() -> None:
    block = b"\x00\xd8" + A[2:]
    card = parse_card_text(block)
    assert card is not None
    assert "name.damaged" in card.remarks
    assert card.name.endswith("试甲")
    assert card.number == "11010519491231002X"


@pytest.mark.parametrize(
    ("offset", "size", "field"), [(0, 30, "name"), (52, 70, "address"), (158, 30, "issuer")]
)
def test_a_character_cut_in_two_at_the_end_of_its_field_is_left_out_and_told(
    offset: int, size: int, field: str
) -> None:
    whole = "𠮷" * (size // 4)  # U+20BB7: two places each, and one is left over
    cut = (whole + "𠮷").encode("utf-16-le")[:size]
    card = parse_card_text(A[:offset] + cut + A[offset + size :])
    assert card is not None
    assert getattr(card, field) == whole
    assert card.remarks == (f"{field}.truncated",)


def test_half_a_character_before_the_padding_is_damage_and_not_a_cut() -> None:
    card = parse_card_text(_put(A, 0, 30, "测")[:2] + b"\x42\xd8" + _put(A, 0, 30, "")[4:])
    assert card is not None
    assert "name.damaged" in card.remarks


WORDS = st.text(
    st.characters(codec="utf-16-le", exclude_categories=["Cs", "Cc", "Zs", "Cn"]), min_size=1
)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(CardKind), name=WORDS, address=WORDS, code=st.text("0189", max_size=2))
def test_what_an_issuer_writes_is_read_back_whatever_the_characters(
    kind: CardKind, name: str, address: str, code: str
) -> None:
    """Written by the emulator's own builder, which shares the layout table and no code."""
    fitting = {
        field: text
        for field, text in {
            "name": name,
            "foreign_name": name,
            "address": address,
            "ethnicity_code": code,
        }.items()
        if field in LAYOUTS[kind]
        and len(text.encode("utf-16-le")) <= sum(size for _, size in LAYOUTS[kind][field])
    }
    number = "CAN310081080301" if kind is CardKind.FOREIGN_2017 else "11010519491231002X"
    chip = build({"kind": kind, "number": number, **fitting}, date(2026, 12, 1))
    card = parse_card_text(chip.text)
    assert card is not None
    assert card.kind is kind
    for field, text in fitting.items():
        assert getattr(card, field) == text


def test_a_foreigners_number_of_2017_has_three_letters_and_twelve_digits() -> None:
    for number, fits in (("CAN310081080301", True), ("CA1310081080301", False), ("CAN31", False)):
        chip = build({"kind": "foreign_2017", "number": number}, date(2026, 12, 1))
        card = parse_card_text(chip.text)
        assert card is not None
        assert ("number.malformed" in card.remarks) is not fits


def test_only_256_bytes_are_a_text() -> None:
    assert parse_card_text(A[:-1]) is None
    assert parse_card_text(A + b"\0") is None


def test_a_card_never_shows_a_person_in_its_repr() -> None:
    assert "测试" not in repr(parse_card_text(A))
    assert "110105" not in repr(parse_card_text(A))


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=256, max_size=256))
def test_any_256_bytes_are_told_apart_without_an_error(block: bytes) -> None:
    card = parse_card_text(block)
    assert card is not None
    if not any("number" in remark for remark in card.remarks) and (
        card.kind is not CardKind.FOREIGN_2017
    ):
        assert number_is_sound(card.number)

# SPDX-License-Identifier: Apache-2.0
"""What answers mean. Classes and sizes: ZFM-70 manual page 21 and its instruction chapters, R503
manual V1.2.2; codes from 22 on: libdriver/as608 and m5stack/M5Unit-Fingerprint2."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.codecs import ef01_answers as heard
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_answers import Branch, Meaning, Step
from firmware_io.codecs.ef01_messages import ProductInfo, SystemParameters
from firmware_io.codecs.ef01_tables import Code, Op

CLASSES = [  # code, class
    ("00 55 56 57", Meaning.DONE),
    ("02 26 41", Meaning.POLL),
    ("03 04 05 06 07 0a 17 1e 22 28 33 34 42 43 44", Meaning.QUALITY),
    ("08 09 12 24 27 45", Meaning.RESULT),
    ("01 0d 0e 0f 19 fe", Meaning.LINK),
    ("0b 0c 15 1a 1b 1c 1d 1f 23 25 2a 2b 35 f2 fc", Meaning.SEQUENCE),
    ("13 20 21", Meaning.SETUP),
    ("10 11 14 16 18 29 2c 2d 2e 2f 30 31 32 fd", Meaning.FAULT),
    ("36 40 58 99 ff", Meaning.SEQUENCE),  # reserved
]


@pytest.mark.parametrize(("codes", "meant"), CLASSES)
def test_a_code_says_who_must_act(codes: str, meant: Meaning) -> None:
    assert {heard.meaning(code) for code in bytes.fromhex(codes)} == {meant}


SIZES = [  # instruction, bytes of its whole success packet by the manuals
    (Op.GEN_IMG, 12),
    (Op.MATCH, 14),
    (Op.SEARCH, 16),
    (Op.READ_SYS_PARA, 28),
    (Op.ENROLL, 14),
    (Op.IDENTIFY, 16),
    (Op.GET_RANDOM_CODE, 16),
    (Op.READ_NOTEPAD, 44),
    (Op.TEMPLATE_NUM, 14),
    (Op.USER_GPIO, 13),
    (Op.READ_INDEX_TABLE, 44),
    (Op.AUTO_ENROLL, 14),
    (Op.AUTO_IDENTIFY, 17),
    (Op.GET_ALG_VER, 44),
    (Op.READ_PROD_INFO, 58),
    (Op.AUTO_LOGIN, 12),
    (Op.AUTO_SEARCH, 16),
]


@pytest.mark.parametrize(("op", "whole"), SIZES)
def test_an_answer_of_another_size_is_not_this_instructions(op: Op, whole: int) -> None:
    size = whole - 12
    assert heard.fits(op, 0, size)
    assert not heard.fits(op, 0, size + 1)
    assert heard.fits(op, 9, 0)  # a refusal may be short
    assert heard.fits(op, 9, size)
    assert heard.fits(op, 0, 0) == (size == 0)


R503 = ProductInfo("R503", "BN01", "SN000001", "1.2", "GR192RGB", 192, 192, 1536, 200)
ZFM = SystemParameters(0, 9, 200, 3, 0xFFFFFFFF, 128, 57600)


def test_a_module_that_names_itself_is_known_with_its_sizes() -> None:
    who = heard.identity(replace(ZFM, system_id=0), R503)
    assert (who.branch, who.product, who.ring) == (Branch.GROW, "r503", True)
    assert (who.image_bytes, who.image_width_px, who.template_bytes) == (18_432, 192, 1536)


def test_an_r30x_has_product_information_and_no_ring() -> None:
    who = heard.identity(ZFM, replace(R503, model="R307 V2"))
    assert (who.branch, who.product, who.ring) == (Branch.GROW, "r307v2", False)


def test_a_module_that_does_not_name_itself_keeps_to_what_all_share() -> None:
    for product in (None, replace(R503, width_px=0)):
        who = heard.identity(ZFM, product)
        assert (who.branch, who.product, who.template_bytes) == (Branch.COMMON, "sysid0009", 0)


def test_a_newer_synochip_is_told_by_its_system_id_and_never_asked_for_the_others_product() -> None:
    soc = replace(ZFM, system_id=7262)
    assert not heard.may_ask_product(soc)
    assert heard.may_ask_product(ZFM)
    assert heard.identity(soc, R503).branch is Branch.SOC
    assert heard.identity(replace(ZFM, system_id=512), None).template_bytes == 512


def test_steps_versions_and_random_numbers_are_read() -> None:
    assert heard.parse_auto_enroll(bytes.fromhex("0305")) == Step(3, 5)
    assert heard.parse_auto_identify(bytes.fromhex("020009007B")) == Step(2, 9, 123)
    assert heard.parse_version(b"ALG V1.2".ljust(32, b"\0")) == "ALG V1.2"
    assert heard.parse_random(bytes.fromhex("12345678")) == 0x12345678


@given(st.binary(max_size=40))
def test_no_parser_raises(data: bytes) -> None:
    assert (heard.parse_auto_enroll(data) is None) == (len(data) < 2)
    assert (heard.parse_auto_identify(data) is None) == (len(data) < 5)
    assert (heard.parse_random(data) is None) == (len(data) < 4)
    assert (heard.parse_version(data) is None) == (len(data) < 32)
    for code in data[:3]:
        heard.fits(data[0], code, len(data))
        assert isinstance(heard.meaning(code), Meaning)


def test_every_confirmation_code_of_the_tables_has_a_class() -> None:
    assert all(isinstance(heard.meaning(code), Meaning) for code in Code)
    assert say.printable(b"A\x01\xffB\0C") == "AB"

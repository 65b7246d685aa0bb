# SPDX-License-Identifier: Apache-2.0
"""Which oddities of a card's text are damage, and which are the card's own business."""

import pytest

from drivers.idreader_card import damage, id_card
from firmware_io.codecs.cardtext import CardText
from firmware_io.codecs.samv import Holdings
from firmware_io.codecs.samv_tables import CardKind


@pytest.mark.parametrize(
    "remark",
    ["flag.unknown", "name.private_use", "sex.unknown", "ethnicity.unknown",
     "number.area_unknown"],
)  # fmt: skip
def test_codes_newer_or_older_than_this_program_are_no_damage(remark: str) -> None:
    assert damage(CardText(CardKind.RESIDENT, remarks=(remark,))) == ()


@pytest.mark.parametrize(
    "remark",
    ["name.missing", "address.damaged", "birth.not_a_date", "number.check_digit",
     "number.birth_differs", "valid_to.not_a_date", "validity.reversed"],
)  # fmt: skip
def test_what_no_sound_card_can_say_is_damage(remark: str) -> None:
    text = CardText(CardKind.RESIDENT, remarks=("ethnicity.unknown", remark))
    assert damage(text) == (remark,)


@pytest.mark.parametrize(
    ("kind", "word"),
    [(CardKind.RESIDENT, "resident"), (CardKind.HK_MO_TW, "hk_mo_tw"),
     (CardKind.FOREIGN_2017, "foreign"), (CardKind.FOREIGN_2023, "foreign")],
)  # fmt: skip
def test_every_kind_has_its_word_for_the_booth(kind: CardKind, word: str) -> None:
    card = id_card(CardText(kind, name="测试甲"), Holdings(b"", b"photo"), "05.03-1")
    assert (card.kind, card.name, card.photo, card.module_no) == (
        word,
        "测试甲",
        b"photo",
        "05.03-1",
    )

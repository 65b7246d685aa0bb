# SPDX-License-Identifier: Apache-2.0
"""A read ID card in the booth's words, and the checks that a card's text must pass."""

from dataclasses import dataclass, field
from typing import Final

from firmware_io.codecs.cardtext import CardText
from firmware_io.codecs.samv import FingerRecord, Holdings
from firmware_io.codecs.samv_tables import CardKind

KINDS: Final = {
    CardKind.RESIDENT: "resident",
    CardKind.HK_MO_TW: "hk_mo_tw",
    CardKind.FOREIGN_2017: "foreign",
    CardKind.FOREIGN_2023: "foreign",
}

# What two flips in one bit column or swapped bytes would show: the frame's XOR cannot see those.
# Odd codes (sex, ethnicity, area, flag) are kept and passed on: cards are older than code lists.
_DAMAGE: Final = frozenset(
    {
        "name.missing",
        "name.damaged",
        "foreign_name.damaged",
        "address.damaged",
        "issuer.damaged",
        "birth.not_a_date",
        "number.malformed",
        "number.check_digit",
        "number.birth_differs",
        "number.sex_differs",
        "valid_from.not_a_date",
        "valid_to.not_a_date",
        "validity.reversed",
    }
)


@dataclass(frozen=True, slots=True)
class IdCard:
    """One card as read. Nothing of it shows in `repr`.

    `kind` is "resident", "hk_mo_tw" or "foreign". `sex_code` is GB/T 2261.1 (0 1 2 9),
    `ethnicity_code` GB 3304 ("01".."56", "97", "98", or what the card says; empty for other kinds).
    `birth` and `valid_from` are "YYYYMMDD", `valid_to` that or "长期". `number` has 18 characters,
    15 on a foreigner's card of 2017. `photo` is the chip's WLT picture, 0..1024 opaque bytes;
    `fingers` its 0..2 opaque records and `addresses` its appended addresses, when asked for.
    `module_no` is the number of the reader's security module. `remarks` are fixed words of
    `CardText` on codes this software does not know.
    """

    kind: str
    name: str = field(repr=False)
    sex_code: str = field(repr=False)
    ethnicity_code: str = field(repr=False)
    birth: str = field(repr=False)
    address: str = field(repr=False)
    number: str = field(repr=False)
    issuer: str = field(repr=False)
    valid_from: str = field(repr=False)
    valid_to: str = field(repr=False)
    photo: bytes = field(repr=False)
    module_no: str
    foreign_name: str = field(default="", repr=False)
    nationality: str = field(default="", repr=False)
    permit_number: str = field(default="", repr=False)
    fingers: tuple[FingerRecord, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    remarks: tuple[str, ...] = ()


def damage(text: CardText) -> tuple[str, ...]:
    """The remarks that a sound card's text cannot earn; empty when the text may be believed."""
    return tuple(remark for remark in text.remarks if remark in _DAMAGE)


def id_card(
    text: CardText, holdings: Holdings, module_no: str, addresses: tuple[str, ...] = ()
) -> IdCard:
    """The card of a checked text."""
    return IdCard(
        kind=KINDS[text.kind],
        name=text.name,
        sex_code=text.sex_code,
        ethnicity_code=text.ethnicity_code,
        birth=text.birth,
        address=text.address,
        number=text.number,
        issuer=text.issuer,
        valid_from=text.valid_from,
        valid_to=text.valid_to,
        photo=holdings.photo,
        module_no=module_no,
        foreign_name=text.foreign_name,
        nationality=text.nationality,
        permit_number=text.permit_number,
        fingers=holdings.fingers,
        addresses=addresses,
        remarks=text.remarks,
    )

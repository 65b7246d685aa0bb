# SPDX-License-Identifier: Apache-2.0
"""Numbers of the resident-ID-card module (SAM_V): commands, answers, lengths, text layout.

Sources: the module's protocol as restated by reader makers after GA 467 (the standard on the ID
card's security module), the commented ``SDT_*`` headers that ship with such readers, and GA/T
490-2019 for the contents of the chip. Codec and emulator share this page and nothing else, so that
one's mistake is not hidden by the other's.
"""

from enum import IntEnum, StrEnum
from typing import Final

PREAMBLE: Final = bytes.fromhex("AAAAAA9669")
HEAD_BYTES: Final = len(PREAMBLE) + 2
"""Preamble and the two length bytes; a whole frame is this plus the length's value."""

MIN_REPLY_LENGTH: Final = 4
"""Shortest answer: SW1 SW2 SW3 and the check byte."""
MAX_REPLY_LENGTH: Final = 0x0A00
"""Anything longer is line noise; the longest known answer (two fingers) has 0x090A."""

TEXT_BYTES: Final = 256
PHOTO_BYTES: Final = 1024
FINGER_BYTES: Final = 512
ADDRESS_BYTES: Final = 70
MAX_ADDRESSES: Final = 4
SAM_NUMBER_BYTES: Final = 16
BODY_NUMBER_BYTES: Final = 28

BAUDRATES: Final = (115200, 57600, 38400, 19200, 9600)
"""Line speeds, in the order a host tries them; the index is the parameter of command 60."""


class Command(IntEnum):
    """CMD and PARA bytes of a request, as one big-endian number."""

    RESET = 0x10FF
    STATUS = 0x11FF
    SAM_NUMBER = 0x12FF
    FIND = 0x2001
    SELECT = 0x2002
    READ = 0x3001
    READ_ADDRESSES = 0x3003
    READ_BODY_NUMBERS = 0x3005
    READ_WITH_FINGERS = 0x3010
    SPEED_115200 = 0x6000
    SPEED_57600 = 0x6001
    SPEED_38400 = 0x6002
    SPEED_19200 = 0x6003
    SPEED_9600 = 0x6004
    MAX_RF_BYTES = 0x61FF


class BriefCommand(IntEnum):
    """The one byte of a request without PARA, known from battery readers (HuaShi CVR-100B).

    A module on a cable refuses them as too short; nothing here sends them.
    """

    SLEEP = 0x00
    WAKE = 0x01


class Status(IntEnum):
    """SW3, the module's word on a request. An answer may carry values that are not listed."""

    SUCCESS = 0x90
    CARD_FOUND = 0x9F
    NO_SUCH_ITEM = 0x91
    NOT_FOUND = 0x80  # no card, or the card on the antenna was already selected
    NOT_SELECTED = 0x81
    BAD_CHECKSUM = 0x10
    BAD_LENGTH = 0x11
    BAD_COMMAND = 0x21
    NOT_PERMITTED = 0x23
    UNRECOGNISED = 0x24
    CARD_REFUSED_MODULE = 0x31
    MODULE_REFUSED_CARD = 0x32
    VERIFICATION_FAILED = 0x33
    FINGER_VERIFICATION_FAILED = 0x37
    BAD_INFORMATION_LENGTH = 0x3F
    NOT_AN_ID_CARD = 0x40
    READ_FAILED = 0x41  # lifted too early, or read without find and select
    NO_RANDOM_NUMBER = 0x47
    SELF_TEST_FAILED = 0x60
    NOT_AUTHORISED = 0x66


class CardKind(StrEnum):
    """Which of the four printed cards a text block describes."""

    RESIDENT = "resident"
    HK_MO_TW = "hk_mo_tw"
    FOREIGN_2017 = "foreign_2017"
    FOREIGN_2023 = "foreign_2023"


FLAG_OFFSET: Final = 248
"""Byte offset of the one character that tells the kind; decide by it before any other field."""

FLAGS: Final = {
    "J": CardKind.HK_MO_TW,
    "I": CardKind.FOREIGN_2017,
    "Y": CardKind.FOREIGN_2023,
}
"""Flag letter to kind. Space, NUL or any other letter is a resident card."""

LONG_TERM: Final = "长期"
"""What stands in place of an end date on a card that never expires."""

# Byte offset and byte count of each field in the 256-byte text (UTF-16LE). A field in several
# pieces is joined before it is trimmed. Resident: GA/T 490-2019; J: the 2018 permit; I and Y: the
# foreigners' permanent residence cards of 2017 and 2023, byte counts as reader makers publish them.
LAYOUTS: Final[dict[CardKind, dict[str, tuple[tuple[int, int], ...]]]] = {
    CardKind.RESIDENT: {
        "name": ((0, 30),),
        "sex_code": ((30, 2),),
        "ethnicity_code": ((32, 4),),
        "birth": ((36, 16),),
        "address": ((52, 70),),
        "number": ((122, 36),),
        "issuer": ((158, 30),),
        "valid_from": ((188, 16),),
        "valid_to": ((204, 16),),
    },
    CardKind.HK_MO_TW: {
        "name": ((0, 30),),
        "sex_code": ((30, 2),),
        "birth": ((36, 16),),
        "address": ((52, 70),),
        "number": ((122, 36),),
        "issuer": ((158, 30),),
        "valid_from": ((188, 16),),
        "valid_to": ((204, 16),),
        "permit_number": ((220, 18),),
        "times_issued": ((238, 4),),
    },
    CardKind.FOREIGN_2017: {
        "foreign_name": ((0, 120),),
        "sex_code": ((120, 2),),
        "number": ((122, 30),),
        "nationality": ((152, 6),),
        "name": ((158, 30),),
        "valid_from": ((188, 16),),
        "valid_to": ((204, 16),),
        "birth": ((220, 16),),
        "card_version": ((236, 4),),
        "authority_code": ((240, 8),),
    },
    CardKind.FOREIGN_2023: {
        "name": ((0, 30),),
        "sex_code": ((30, 2),),
        "times_issued": ((32, 4),),
        "birth": ((36, 16),),
        "foreign_name": ((52, 70), (220, 22)),
        "number": ((122, 36),),
        "valid_from": ((188, 16),),
        "valid_to": ((204, 16),),
        "nationality": ((242, 6),),
        "former_number_link": ((250, 6),),
    },
}

SEX_CODES: Final = frozenset("0129")
"""GB/T 2261.1: unknown, male, female, not stated."""

ETHNICITY_CODES: Final = frozenset(f"{code:02d}" for code in (*range(1, 57), 97, 98))
"""GB 3304-91 numbers 01-56; on cards also 97 (other) and 98 (Chinese of foreign descent)."""

NUMBER_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
NUMBER_CHECKS: Final = "10X98765432"
"""GB 11643-1999, ISO 7064 MOD 11-2: the weighted sum of 17 digits, modulo 11, picks the check."""

FINGER_MARK: Final = ord("C")
"""First byte of a usable 512-byte fingerprint record; byte 4 result, 5 finger, 6 quality."""

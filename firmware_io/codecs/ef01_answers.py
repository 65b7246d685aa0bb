# SPDX-License-Identifier: Apache-2.0
"""What an EF01 answer is worth: its class, its size, and the branch of the module that gave it.

The class of a code says who has to do something about it. Sizes count the bytes behind the
confirmation code. Sources: the manuals and drivers named in `ef01_tables`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from firmware_io.codecs.ef01_messages import ProductInfo, SystemParameters, printable
from firmware_io.codecs.ef01_tables import (
    INDEX_TABLE_BYTES,
    NOTEPAD_BYTES,
    PRODUCT_INFO_BYTES,
    SOC_SYSTEM_ID,
    SYSTEM_PARAMETERS_BYTES,
    VERSION_BYTES,
    Code,
    Op,
)

VALUES: Final[dict[int, int]] = {  # of a full answer; every other instruction has none
    Op.MATCH: 2,
    Op.SEARCH: 4,
    Op.READ_SYS_PARA: SYSTEM_PARAMETERS_BYTES,
    Op.ENROLL: 2,
    Op.IDENTIFY: 4,
    Op.GET_RANDOM_CODE: 4,
    Op.READ_NOTEPAD: NOTEPAD_BYTES,
    Op.HI_SPEED_SEARCH: 4,
    Op.TEMPLATE_NUM: 2,
    Op.USER_GPIO: 1,
    Op.READ_INDEX_TABLE: INDEX_TABLE_BYTES,
    Op.AUTO_ENROLL: 2,
    Op.AUTO_IDENTIFY: 5,
    Op.GET_ALG_VER: VERSION_BYTES,
    Op.GET_FW_VER: VERSION_BYTES,
    Op.READ_PROD_INFO: PRODUCT_INFO_BYTES,
    Op.AUTO_SEARCH: 4,
    Op.RESIDUAL_SEARCH: 4,
}


class Meaning(StrEnum):
    """Who must do something about a confirmation code."""

    DONE = "done"
    POLL = "poll"  # nobody: ask again until the step's deadline
    QUALITY = "quality"  # the citizen changes something
    RESULT = "result"  # nobody: it is the answer
    LINK = "link"  # the line: say it again, twice at most
    SEQUENCE = "sequence"  # the program: this finger is begun anew
    SETUP = "setup"  # staff: password, address
    FAULT = "fault"  # a technician


_MEANINGS: Final = {
    Meaning.DONE: (Code.OK, Code.ECHO, Code.FIRST_PRESS_DONE, Code.SECOND_PRESS_DONE),
    Meaning.POLL: (Code.NO_FINGER, Code.MODULE_TIMEOUT, Code.SECOND_NO_FINGER),
    Meaning.QUALITY: (
        Code.CAPTURE_FAILED,
        Code.TOO_DRY,
        Code.TOO_WET,
        Code.TOO_MESSY,
        Code.TOO_FEW_FEATURES,
        Code.NOT_MERGED,
        Code.RESIDUAL_PRINT,
        Code.ENROLL_FAILED,
        Code.TEMPLATE_EMPTY,  # on a ZFM-70: a print left on the glass; a failed try for all
        Code.RELATED,
        Code.AREA_TOO_SMALL,
        Code.FOREIGN_OBJECT,
        Code.SECOND_CAPTURE_FAILED,
        Code.SECOND_TOO_FEW_FEATURES,
        Code.SECOND_TOO_MESSY,
    ),
    Meaning.RESULT: (
        Code.NO_MATCH,
        Code.NOT_FOUND,
        Code.NO_LOW_POWER,
        Code.LIBRARY_EMPTY,
        Code.ALREADY_STORED,
        Code.SECOND_ALREADY_STORED,
    ),
    Meaning.LINK: (
        Code.BAD_PACKET,
        Code.UPLOAD_FAILED,
        Code.NO_DATA_WANTED,
        Code.IMAGE_UPLOAD_FAILED,
        Code.UNDEFINED,
        Code.FAILED,
    ),
    Meaning.SETUP: (Code.WRONG_PASSWORD, Code.WRONG_ADDRESS, Code.NOT_VERIFIED),
    Meaning.FAULT: (
        Code.DELETE_FAILED,
        Code.EMPTY_FAILED,
        Code.RESET_FAILED,
        Code.FIRMWARE_FAILED,
        Code.FLASH_FAULT,
        Code.SENSOR_FAULT,
        *(code for code in Code if Code.SECURITY_2C <= code <= Code.SECURITY_32),
        Code.HARDWARE_FAULT,
    ),
}
_MEANING_OF: Final[dict[int, Meaning]] = {
    code: meaning for meaning, codes in _MEANINGS.items() for code in codes
}


def meaning(code: int) -> Meaning:
    """The class of a confirmation code; a reserved or unknown one is the program's to look at."""
    return _MEANING_OF.get(code, Meaning.SEQUENCE)


def fits(op: int, code: int, size: int) -> bool:
    """Whether an answer of `size` value bytes can be one to `op`.

    A refusal may come with its values or without: both forms are in the field.
    """
    full = VALUES.get(op, 0)
    return size == full or (size == 0 and meaning(code) is not Meaning.DONE)


class Branch(StrEnum):
    """Which meaning the codes above 1F have."""

    COMMON = "common"  # nobody knows: none of them is sent
    GROW = "grow"  # R503, R30x
    SOC = "soc"  # newer Synochip modules


@dataclass(frozen=True, slots=True)
class Identity:
    """What a module said of itself. Sizes in bytes, 0 when it did not tell."""

    branch: Branch
    product: str  # "r503", or "sysid0009" when the module names none; at most 16 characters
    image_bytes: int = 0
    image_width_px: int = 0
    template_bytes: int = 0
    ring: bool = False  # light ring, CheckSensor, GetImageEx and SoftRst as on the R503


def may_ask_product(parameters: SystemParameters) -> bool:
    """Whether ReadProdInfo is harmless: on the newer Synochip modules its code sets the light."""
    return parameters.system_id < SOC_SYSTEM_ID


def identity(parameters: SystemParameters, product: ProductInfo | None) -> Identity:
    """The module's branch, by what ReadSysPara and (where it may be asked) ReadProdInfo said."""
    plain = f"sysid{parameters.system_id:04x}"
    if not may_ask_product(parameters):
        size = parameters.system_id
        return Identity(Branch.SOC, plain, template_bytes=size if size <= 4096 else 0)
    if product is None or not (product.width_px and product.height_px):
        return Identity(Branch.COMMON, plain)
    name = "".join(sign for sign in product.model.lower() if sign.isalnum() or sign == "-")
    return Identity(
        Branch.GROW,
        name or plain,
        product.width_px * product.height_px // 2,
        product.width_px,
        product.template_bytes,
        name.startswith("r503"),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One report of an automatic instruction: its step number, a page, a score when it has one."""

    step: int
    page: int
    score: int | None = None


def parse_auto_enroll(values: bytes) -> Step | None:
    """A step of AutoEnroll; None when short."""
    return Step(values[0], values[1]) if len(values) >= 2 else None


def parse_auto_identify(values: bytes) -> Step | None:
    """A step of AutoIdentify; None when short."""
    if len(values) < 5:
        return None
    return Step(values[0], int.from_bytes(values[1:3], "big"), int.from_bytes(values[3:5], "big"))


def parse_random(values: bytes) -> int | None:
    """The 32-bit number of GetRandomCode; None when short."""
    return int.from_bytes(values[:4], "big") if len(values) >= 4 else None


def parse_version(values: bytes) -> str | None:
    """The text of GetAlgVer and GetFwVer; None when short."""
    return printable(values[:VERSION_BYTES]) if len(values) >= VERSION_BYTES else None

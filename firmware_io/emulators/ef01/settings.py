# SPDX-License-Identifier: Apache-2.0
"""Instructions about the module itself: parameters, password, address, notepad, what it is."""

from typing import TYPE_CHECKING

from firmware_io.codecs.ef01_tables import (
    INFO_PAGE_BYTES,
    PACKET_SIZES,
    VERSION_BYTES,
    Code,
    Colour,
    Parameter,
    Ring,
)
from firmware_io.emulators.ef01.answer import OK, Answer

if TYPE_CHECKING:
    from firmware_io.emulators.ef01.module import Module


def set_sys_para(module: "Module", arguments: bytes, due: float) -> Answer:
    """Speed, security level or packet size, for good."""
    number, value = arguments
    allowed = {
        Parameter.BAUD: module.profile.rates,
        Parameter.SECURITY: range(1, 6),
        Parameter.PACKET_SIZE: range(len(PACKET_SIZES)),
    }
    if number not in allowed:
        return Answer(Code.BAD_REGISTER)
    if value not in allowed[Parameter(number)]:
        return Answer(Code.BAD_VALUE)
    match number:
        case Parameter.BAUD:
            module.flash.baud_n = value
            module.change_rate(value, due)
        case Parameter.SECURITY:
            module.flash.security = value
        case _:
            module.flash.size_code = value
    module.flash.save()
    return OK


def read_sys_para(module: "Module", arguments: bytes, due: float) -> Answer:
    """The block of 16 bytes."""
    flash, ram = module.flash, module.ram
    status = ram.matched << 1 | ram.verified << 2 | (ram.image is not None) << 3
    fields = (status, module.profile.system_id, module.profile.flash_pages, flash.security)
    block = b"".join(field.to_bytes(2, "big") for field in fields)
    block += flash.address.to_bytes(4, "big")
    return Answer(
        Code.OK, block + flash.size_code.to_bytes(2, "big") + flash.baud_n.to_bytes(2, "big")
    )


def set_pwd(module: "Module", arguments: bytes, due: float) -> Answer:
    """A new password; whoever sets it need not show it."""
    module.flash.password = int.from_bytes(arguments, "big")
    module.ram.verified = True
    module.flash.save()
    return OK


def vfy_pwd(module: "Module", arguments: bytes, due: float) -> Answer:
    """Shows the password."""
    if int.from_bytes(arguments, "big") != module.flash.password:
        return Answer(Code.WRONG_PASSWORD)
    module.ram.verified = True
    return OK


def set_adder(module: "Module", arguments: bytes, due: float) -> Answer:
    """A new address; descriptions differ, here the answer carries the new one already."""
    module.flash.address = int.from_bytes(arguments, "big")
    module.flash.save()
    return OK


def write_notepad(module: "Module", arguments: bytes, due: float) -> Answer:
    """32 bytes into a page."""
    if arguments[0] >= module.flash.note_pages:
        return Answer(Code.BAD_NOTEPAD_PAGE)
    module.flash.notepad[arguments[0]] = arguments[1:]
    module.flash.save()
    return OK


def read_notepad(module: "Module", arguments: bytes, due: float) -> Answer:
    """A page of 32 bytes."""
    if arguments[0] >= module.flash.note_pages:
        return Answer(Code.BAD_NOTEPAD_PAGE)
    return Answer(Code.OK, module.flash.note(arguments[0]))


def control(module: "Module", arguments: bytes, due: float) -> Answer:
    """The module's other port, which nothing is plugged into here."""
    return OK if arguments[0] <= 1 else Answer(Code.PORT_FAILED)


def user_gpio(module: "Module", arguments: bytes, due: float) -> Answer:
    """Sets a pin of the module and tells its level."""
    return Answer(Code.OK, bytes([int(arguments[1] > 0)]))


def aura_led(module: "Module", arguments: bytes, due: float) -> Answer:
    """The light ring."""
    if arguments[0] not in set(Ring) or arguments[2] not in {0, *Colour}:
        return Answer(Code.BAD_PACKET)
    module.led = tuple(arguments)
    return OK


def check_sensor(module: "Module", arguments: bytes, due: float) -> Answer:
    """Whether the sensor works."""
    return Answer(Code.SENSOR_FAULT) if module.faults.blind else OK


def soft_rst(module: "Module", arguments: bytes, due: float) -> Answer:
    """Starts anew, after the answer."""
    module.restart(due)
    return OK


def random_code(module: "Module", arguments: bytes, due: float) -> Answer:
    """A number of 32 bits."""
    return Answer(Code.OK, module.random.randbytes(4))


def info_page(module: "Module", arguments: bytes, due: float) -> Answer:
    """512 bytes that only the maker can read."""
    name = f"EMULATED {module.profile.name.upper()}".encode()
    return Answer(Code.OK, upload=name.ljust(INFO_PAGE_BYTES, b"\0"))


def algorithm(module: "Module", arguments: bytes, due: float) -> Answer:
    """The name of the matching."""
    return Answer(Code.OK, b"EMULATED ALGORITHM".ljust(VERSION_BYTES, b"\0"))


def firmware(module: "Module", arguments: bytes, due: float) -> Answer:
    """The name of the firmware."""
    return Answer(Code.OK, b"EMULATED".ljust(VERSION_BYTES, b"\0"))


def product_info(module: "Module", arguments: bytes, due: float) -> Answer:
    """Model, batch, serial number, versions and sizes: 46 bytes."""
    profile = module.profile
    texts = profile.name.upper().encode().ljust(16, b"\0") + b"EMUL" + b"SN000001" + b"\x01\x02"
    numbers = (profile.width_px, profile.height_px, profile.template_bytes, profile.flash_pages)
    block = texts + b"EMULATED" + b"".join(number.to_bytes(2, "big") for number in numbers)
    return Answer(Code.OK, block)

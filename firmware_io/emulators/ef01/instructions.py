# SPDX-License-Identifier: Apache-2.0
"""What each instruction does to the module, by the manuals' instruction chapters.

`begin` is called when a command has arrived and gives its duration and what happens at its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from firmware_io.codecs.ef01_tables import (
    INDEX_TABLE_BYTES,
    NOTEPAD_BYTES,
    PACKET_SIZES,
    Code,
    Op,
    Parameter,
)
from firmware_io.emulators.ef01 import fingers
from firmware_io.emulators.ef01.fingers import Press

if TYPE_CHECKING:
    from firmware_io.emulators.ef01.module import Module


@dataclass(frozen=True, slots=True)
class Answer:
    """What an instruction ends with. `upload` follows in data packets."""

    code: int
    values: bytes = b""
    upload: bytes | None = None


Act = Callable[[float], Answer]  # called with the moment at which the instruction ends

# Bytes after the instruction code; those not named take none.
ARGUMENTS: Final = {
    Op.IMG2TZ: 1,
    Op.SEARCH: 5,
    Op.HI_SPEED_SEARCH: 5,
    Op.STORE: 3,
    Op.LOAD_CHAR: 3,
    Op.UP_CHAR: 1,
    Op.DOWN_CHAR: 1,
    Op.DELET_CHAR: 4,
    Op.SET_SYS_PARA: 2,
    Op.SET_PWD: 4,
    Op.VFY_PWD: 4,
    Op.SET_ADDER: 4,
    Op.CONTROL: 1,
    Op.WRITE_NOTEPAD: 1 + NOTEPAD_BYTES,
    Op.READ_NOTEPAD: 1,
    Op.READ_INDEX_TABLE: 1,
    Op.AURA_LED: 4,
}
OK: Final = Answer(Code.OK)
# What Img2Tz says of a press that gives no features: with codes 04, 05 and 17, and without.
REFUSED: Final = {
    "poor": (Code.TOO_MESSY, Code.TOO_MESSY),
    "dry": (Code.TOO_DRY, Code.TOO_FEW_FEATURES),
    "wet": (Code.TOO_WET, Code.TOO_MESSY),
    "small": (Code.TOO_FEW_FEATURES, Code.TOO_FEW_FEATURES),
    "residual": (Code.RESIDUAL_PRINT, Code.TOO_MESSY),
    "ghost": (Code.TOO_MESSY, Code.TOO_MESSY),
}


class Instructions:
    """The instruction set of one module."""

    def __init__(self, module: "Module") -> None:
        self._module = module
        own: dict[int, Callable[[bytes, float], tuple[float, Act]]] = {
            Op.GEN_IMG: self._gen_img,
            Op.GET_IMAGE_EX: self._get_image_ex,
            Op.IMG2TZ: self._img2tz,
            Op.SEARCH: self._search,
            Op.HI_SPEED_SEARCH: self._search,
        }
        quick: dict[int, Callable[[bytes, float], Answer]] = {
            Op.MATCH: self._match,
            Op.REG_MODEL: self._reg_model,
            Op.STORE: self._store,
            Op.LOAD_CHAR: self._load_char,
            Op.UP_CHAR: self._up_char,
            Op.DOWN_CHAR: self._down_char,
            Op.UP_IMAGE: self._up_image,
            Op.DOWN_IMAGE: self._down_image,
            Op.DELET_CHAR: self._delet_char,
            Op.EMPTY: self._empty,
            Op.SET_SYS_PARA: self._set_sys_para,
            Op.READ_SYS_PARA: self._read_sys_para,
            Op.SET_PWD: self._set_pwd,
            Op.VFY_PWD: self._vfy_pwd,
            Op.GET_RANDOM_CODE: lambda arguments, due: Answer(0, module.random.randbytes(4)),
            Op.SET_ADDER: self._set_adder,
            Op.READ_INF_PAGE: lambda arguments, due: Answer(0, upload=self._info_page()),
            Op.WRITE_NOTEPAD: self._write_notepad,
            Op.READ_NOTEPAD: self._read_notepad,
            Op.TEMPLATE_NUM: lambda a, due: Answer(0, len(module.flash.pages).to_bytes(2, "big")),
            Op.READ_INDEX_TABLE: self._read_index_table,
            Op.AURA_LED: self._aura_led,
            Op.GET_ALG_VER: lambda arguments, due: Answer(
                0, b"EMULATED ALGORITHM".ljust(32, b"\0")
            ),
            Op.GET_FW_VER: lambda arguments, due: Answer(0, b"EMULATED".ljust(32, b"\0")),
            Op.READ_PROD_INFO: lambda arguments, due: Answer(0, self._product_info()),
            Op.SOFT_RST: self._soft_rst,
            Op.GET_ECHO: lambda arguments, due: Answer(Code.ECHO),
        }
        self._own, self._quick = own, quick

    def begin(self, op: int, arguments: bytes, now: float) -> tuple[float, Act]:
        """Seconds the instruction takes (unscaled) and what happens at their end."""
        profile = self._module.profile
        if op not in profile.ops or len(arguments) != ARGUMENTS.get(Op(op), 0):
            return 0.002, lambda due: Answer(Code.BAD_PACKET)
        if op in self._own:
            return self._own[op](arguments, now)
        act = self._quick.get(op, lambda arguments, due: OK)
        return profile.time_s(Op(op)), lambda due: act(arguments, due)

    # -- image and features --------------------------------------------------------------------

    def _gen_img(self, arguments: bytes, now: float) -> tuple[float, Act]:
        module, profile = self._module, self._module.profile
        press = module.window.press
        if press is None:

            def nothing(due: float) -> Answer:
                module.window.notice("asked", due)
                return Answer(Code.NO_FINGER)

            return profile.no_finger_s, nothing

        def taken(due: float) -> Answer:
            module.count_capture()
            if module.window.press is not press or press.quality == "fails":
                return Answer(Code.CAPTURE_FAILED)
            module.ram.image = press
            module.window.notice("imaged", due)
            return OK

        return module.random.uniform(*profile.image_s), taken

    def _get_image_ex(self, arguments: bytes, now: float) -> tuple[float, Act]:
        seconds, act = self._gen_img(arguments, now)
        press = self._module.window.press
        if press is None or press.quality not in ("poor", "small"):
            return seconds, act

        def poor(due: float) -> Answer:
            answer = act(due)
            return Answer(Code.TOO_FEW_FEATURES) if answer.code == Code.OK else answer

        return seconds, poor

    def _img2tz(self, arguments: bytes, now: float) -> tuple[float, Act]:
        module, profile = self._module, self._module.profile

        def act(due: float) -> Answer:
            press = module.ram.image
            if press is None:
                return Answer(Code.NO_IMAGE)
            if not isinstance(press, Press):
                return Answer(Code.TOO_MESSY)
            if press.quality in REFUSED:
                codes = REFUSED[press.quality]
                return Answer(codes[0] if profile.wet_and_dry else codes[1])
            made = fingers.features(press, profile.char_bytes, module.seed)
            module.ram.buffers[self._buffer(arguments[0])] = made
            module.window.notice("taken", due)
            return OK

        return module.random.uniform(*profile.features_s), act

    def _buffer(self, number: int) -> int:
        """ZFM manuals: 1 is the first buffer, any other value the last."""
        return number if 1 <= number <= self._module.profile.buffers else 2

    # -- comparing -----------------------------------------------------------------------------

    def _match(self, arguments: bytes, due: float) -> Answer:
        ram, size = self._module.ram, self._module.profile.char_bytes
        pair = ram.buffers.get(1, b""), ram.buffers.get(2, b"")
        found = fingers.score(fingers.likeness(*pair, size))
        ram.matched = found > 0
        return Answer(Code.OK if found else Code.NO_MATCH, found.to_bytes(2, "big"))

    def _search(self, arguments: bytes, now: float) -> tuple[float, Act]:
        module, profile = self._module, self._module.profile
        buffer = self._buffer(arguments[0])
        start, count = int.from_bytes(arguments[1:3], "big"), int.from_bytes(arguments[3:5], "big")
        pages = [page for page in sorted(module.flash.pages) if start <= page < start + count]

        def act(due: float) -> Answer:
            wanted = module.ram.buffers.get(buffer, b"")
            scores = [
                (fingers.score(fingers.likeness(wanted, content, profile.char_bytes)), -page)
                for page, content in module.flash.pages.items()
                if page in pages
            ]
            best, page = max(scores, default=(0, 0))
            module.ram.matched = best > 0
            if not best:
                return Answer(Code.NOT_FOUND, bytes(4))
            return Answer(Code.OK, (-page).to_bytes(2, "big") + best.to_bytes(2, "big"))

        return profile.search_s + profile.search_each_s * len(pages), act

    def _reg_model(self, arguments: bytes, due: float) -> Answer:
        ram, profile = self._module.ram, self._module.profile
        presses = [ram.buffers[number] for number in sorted(ram.buffers)]
        if len(presses) < 2:
            return Answer(Code.NOT_MERGED)
        template = fingers.merge(presses, profile.char_bytes, profile.template_bytes)
        if template is None:
            return Answer(Code.NOT_MERGED)
        ram.buffers = {1: template, 2: template}
        return OK

    # -- library -------------------------------------------------------------------------------

    def _store(self, arguments: bytes, due: float) -> Answer:
        module, page = self._module, int.from_bytes(arguments[1:3], "big")
        content = module.ram.buffers.get(self._buffer(arguments[0]))
        if page >= module.profile.flash_pages:
            return Answer(Code.PAGE_OUT_OF_RANGE)
        if content is None:
            return Answer(Code.FLASH_FAULT)
        module.flash.pages[page] = content
        module.flash.save()
        return OK

    def _load_char(self, arguments: bytes, due: float) -> Answer:
        module, page = self._module, int.from_bytes(arguments[1:3], "big")
        if page >= module.profile.flash_pages:
            return Answer(Code.PAGE_OUT_OF_RANGE)
        if page not in module.flash.pages:
            return Answer(Code.TEMPLATE_UNREADABLE)
        module.ram.buffers[self._buffer(arguments[0])] = module.flash.pages[page]
        return OK

    def _delet_char(self, arguments: bytes, due: float) -> Answer:
        module = self._module
        page, count = int.from_bytes(arguments[:2], "big"), int.from_bytes(arguments[2:4], "big")
        if page + count > module.profile.flash_pages:
            return Answer(Code.DELETE_FAILED)
        for gone in range(page, page + count):
            module.flash.pages.pop(gone, None)
        module.flash.save()
        return OK

    def _empty(self, arguments: bytes, due: float) -> Answer:
        self._module.flash.pages.clear()
        self._module.flash.save()
        return OK

    def _read_index_table(self, arguments: bytes, due: float) -> Answer:
        first, table = 256 * arguments[0], bytearray(INDEX_TABLE_BYTES)
        for page in self._module.flash.pages:
            if first <= page < first + 256:
                table[(page - first) // 8] |= 1 << (page - first) % 8
        return Answer(Code.OK, bytes(table))

    # -- transfers -----------------------------------------------------------------------------

    def _up_char(self, arguments: bytes, due: float) -> Answer:
        content = self._module.ram.buffers.get(self._buffer(arguments[0]))
        return Answer(Code.UPLOAD_FAILED) if content is None else Answer(Code.OK, upload=content)

    def _down_char(self, arguments: bytes, due: float) -> Answer:
        module, buffer = self._module, self._buffer(arguments[0])

        def keep(content: bytes) -> None:
            module.ram.buffers[buffer] = content

        module.receive(keep)
        return OK

    def _up_image(self, arguments: bytes, due: float) -> Answer:
        module, profile = self._module, self._module.profile
        held = module.ram.image
        if held is None:
            return Answer(Code.IMAGE_UPLOAD_FAILED)
        if isinstance(held, Press):
            held = fingers.image(held, profile.width_px, profile.height_px, module.seed)
        return Answer(Code.OK, upload=held)

    def _down_image(self, arguments: bytes, due: float) -> Answer:
        module = self._module

        def keep(content: bytes) -> None:
            module.ram.image = content

        module.receive(keep)
        return OK

    # -- settings ------------------------------------------------------------------------------

    def _set_sys_para(self, arguments: bytes, due: float) -> Answer:
        module, (number, value) = self._module, arguments
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

    def _read_sys_para(self, arguments: bytes, due: float) -> Answer:
        module, flash = self._module, self._module.flash
        status = module.ram.matched << 1 | module.ram.verified << 2
        status |= (module.ram.image is not None) << 3
        fields = (status, module.profile.system_id, module.profile.flash_pages, flash.security)
        block = b"".join(field.to_bytes(2, "big") for field in fields)
        block += flash.address.to_bytes(4, "big")
        block += flash.size_code.to_bytes(2, "big") + flash.baud_n.to_bytes(2, "big")
        return Answer(Code.OK, block)

    def _set_pwd(self, arguments: bytes, due: float) -> Answer:
        self._module.flash.password = int.from_bytes(arguments, "big")
        self._module.ram.verified = True
        self._module.flash.save()
        return OK

    def _vfy_pwd(self, arguments: bytes, due: float) -> Answer:
        if int.from_bytes(arguments, "big") != self._module.flash.password:
            return Answer(Code.WRONG_PASSWORD)
        self._module.ram.verified = True
        return OK

    def _set_adder(self, arguments: bytes, due: float) -> Answer:
        self._module.flash.address = int.from_bytes(arguments, "big")
        self._module.flash.save()
        return OK

    def _write_notepad(self, arguments: bytes, due: float) -> Answer:
        flash = self._module.flash
        if arguments[0] >= flash.note_pages:
            return Answer(Code.BAD_NOTEPAD_PAGE)
        flash.notepad[arguments[0]] = arguments[1:]
        flash.save()
        return OK

    def _read_notepad(self, arguments: bytes, due: float) -> Answer:
        flash = self._module.flash
        if arguments[0] >= flash.note_pages:
            return Answer(Code.BAD_NOTEPAD_PAGE)
        return Answer(Code.OK, flash.note(arguments[0]))

    def _aura_led(self, arguments: bytes, due: float) -> Answer:
        self._module.led = tuple(arguments)
        return OK

    def _soft_rst(self, arguments: bytes, due: float) -> Answer:
        self._module.restart(due)
        return OK

    def _info_page(self) -> bytes:
        name = f"EMULATED {self._module.profile.name.upper()}".encode()
        return name.ljust(512, b"\0")

    def _product_info(self) -> bytes:
        profile = self._module.profile
        texts = profile.name.upper().encode().ljust(16, b"\0") + b"EMUL" + b"SN000001" + b"\x01\x02"
        numbers = (
            profile.width_px,
            profile.height_px,
            profile.template_bytes,
            profile.flash_pages,
        )
        return texts + b"EMULATED" + b"".join(number.to_bytes(2, "big") for number in numbers)

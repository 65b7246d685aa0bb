# SPDX-License-Identifier: Apache-2.0
"""What each instruction does to the module, by the manuals' instruction chapters.

`begin` is called when a command has arrived and gives its duration and what happens at its end.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from firmware_io.codecs.ef01_tables import INDEX_TABLE_BYTES, NOTEPAD_BYTES, Code, Op, SocOp
from firmware_io.emulators.ef01 import acts, fingers, settings
from firmware_io.emulators.ef01.answer import OK, Act, Answer, Later
from firmware_io.emulators.ef01.automatic import Automatic
from firmware_io.emulators.ef01.fingers import Press

if TYPE_CHECKING:
    from firmware_io.emulators.ef01.module import Module

# Bytes after the instruction code; those not named take none.
ARGUMENTS: Final = {
    Op.IMG2TZ: 1,
    Op.SEARCH: 5,
    Op.HI_SPEED_SEARCH: 5,
    Op.RESIDUAL_SEARCH: 5,
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
    Op.GEN_BIN_IMAGE: 1,
    Op.USER_GPIO: 2,
    Op.AURA_LED: 4,
    Op.AUTO_ENROLL: 5,
    Op.AUTO_IDENTIFY: 5,
    Op.AUTO_LOGIN: 5,
    Op.AUTO_SEARCH: 5,
}
INDEX_TABLES: Final = 4
SOC_LED_ARGUMENTS: Final = 4  # mode, two colours, count
REFUSAL_S: Final = 0.002  # how soon a command that is not understood is answered

# Those that only read or set something: done at the end of their constant time.
_SETTINGS: Final[dict[int, Callable[["Module", bytes, float], Answer]]] = {
    Op.SET_SYS_PARA: settings.set_sys_para,
    Op.READ_SYS_PARA: settings.read_sys_para,
    Op.SET_PWD: settings.set_pwd,
    Op.VFY_PWD: settings.vfy_pwd,
    Op.GET_RANDOM_CODE: settings.random_code,
    Op.SET_ADDER: settings.set_adder,
    Op.READ_INF_PAGE: settings.info_page,
    Op.CONTROL: settings.control,
    Op.USER_GPIO: settings.user_gpio,
    Op.WRITE_NOTEPAD: settings.write_notepad,
    Op.READ_NOTEPAD: settings.read_notepad,
    Op.AURA_LED: settings.aura_led,
    Op.CHECK_SENSOR: settings.check_sensor,
    Op.GET_ALG_VER: settings.algorithm,
    Op.GET_FW_VER: settings.firmware,
    Op.READ_PROD_INFO: settings.product_info,
    Op.SOFT_RST: settings.soft_rst,
    Op.GET_ECHO: lambda module, arguments, due: Answer(Code.ECHO),
}


class Instructions:
    """The instruction set of one module."""

    def __init__(self, module: "Module") -> None:
        self._module = module
        self._automatic = Automatic(module)
        # Those whose time depends on what they meet.
        self._own: dict[int, Callable[[bytes], tuple[float, Act]]] = {
            Op.GEN_IMG: self._gen_img,
            Op.IMAGE_NO_LIGHT: self._gen_img,
            Op.GET_IMAGE_EX: self._get_image_ex,
            Op.GET_ENROLL_IMAGE: self._gen_img,
            Op.IMG2TZ: self._img2tz,
            Op.SEARCH: self._search,
            Op.HI_SPEED_SEARCH: self._search,
            Op.RESIDUAL_SEARCH: self._residual_search,
        }
        self._quick: dict[int, Callable[[bytes, float], Answer]] = {
            Op.MATCH: self._match,
            Op.REG_MODEL: self._reg_model,
            Op.STORE: self._store,
            Op.LOAD_CHAR: self._load_char,
            Op.UP_CHAR: self._up_char,
            Op.DOWN_CHAR: self._down_char,
            Op.UP_IMAGE: self._up_image,
            Op.DOWN_IMAGE: self._down_image,
            Op.GEN_BIN_IMAGE: self._gen_bin_image,
            Op.DELET_CHAR: self._delet_char,
            Op.EMPTY: self._empty,
            Op.TEMPLATE_NUM: self._template_num,
            Op.READ_INDEX_TABLE: self._read_index_table,
        }

    def begin(self, op: int, arguments: bytes) -> tuple[float, Act]:
        """Seconds the instruction takes (unscaled) and what happens at their end."""
        module = self._module
        if op in module.profile.soc_ops:
            return self._soc(op, arguments)
        if op not in module.profile.ops or len(arguments) != ARGUMENTS.get(Op(op), 0):
            return REFUSAL_S, lambda due: Answer(Code.BAD_PACKET)
        if op in self._own:
            return self._own[op](arguments)
        if op in self._automatic.courses:
            return 0.0, self._automatic.begin(op, arguments)
        seconds = module.profile.time_s(Op(op))
        if op in self._quick:
            quick = self._quick[op]
            return seconds, lambda due: quick(arguments, due)
        if op in _SETTINGS:
            setting = _SETTINGS[op]
            return seconds, lambda due: setting(module, arguments, due)
        return seconds, lambda due: OK  # lights, standby, handshake, Cancel of nothing

    def _soc(self, op: int, arguments: bytes) -> tuple[float, Act]:
        """Codes that mean something else on the newer Synochip modules."""
        module, led = self._module, op == SocOp.LED

        def act(due: float) -> Answer:
            if len(arguments) != (SOC_LED_ARGUMENTS if led else 0):
                return Answer(Code.BAD_PACKET)
            if led:
                module.led = tuple(arguments)
            return OK

        return REFUSAL_S, act

    # -- image and features --------------------------------------------------------------------

    def _gen_img(self, arguments: bytes) -> tuple[float, Act]:
        module, profile = self._module, self._module.profile
        press = module.window.press
        if press is None and not module.faults.blind:

            def nothing(due: float) -> Answer:
                module.window.notice("asked", due)
                return Answer(Code.NO_FINGER)

            return profile.no_finger_s, nothing

        def taken(due: float) -> Answer:
            return Answer(acts.take_image(module, press, due))

        return module.random.uniform(*profile.image_s), taken

    def _get_image_ex(self, arguments: bytes) -> tuple[float, Act]:
        seconds, act = self._gen_img(arguments)
        press = self._module.window.press
        if press is None or press.quality not in ("poor", "small"):
            return seconds, act

        def poor(due: float) -> Answer | Later:
            answer = act(due)
            return Answer(Code.TOO_FEW_FEATURES) if answer == OK else answer

        return seconds, poor

    def _img2tz(self, arguments: bytes) -> tuple[float, Act]:
        module = self._module

        def act(due: float) -> Answer:
            return Answer(acts.read_features(module, arguments[0], due))

        return module.random.uniform(*module.profile.features_s), act

    def _gen_bin_image(self, arguments: bytes, due: float) -> Answer:
        if self._module.ram.image is None:
            return Answer(Code.NO_IMAGE)
        self._module.ram.binary = True
        return OK

    # -- comparing -----------------------------------------------------------------------------

    def _match(self, arguments: bytes, due: float) -> Answer:
        ram, size = self._module.ram, self._module.profile.char_bytes
        pair = ram.buffers.get(1, b""), ram.buffers.get(2, b"")
        found = fingers.score(fingers.likeness(*pair, size), self._module.flash.security)
        ram.matched = found > 0
        return Answer(Code.OK if found else Code.NO_MATCH, found.to_bytes(2, "big"))

    def _search(self, arguments: bytes) -> tuple[float, Act]:
        module, profile = self._module, self._module.profile
        start, count = int.from_bytes(arguments[1:3], "big"), int.from_bytes(arguments[3:5], "big")
        among = acts.pages(module, start, count)

        def act(due: float) -> Answer:
            found = acts.find(module, arguments[0], among, module.flash.security)
            if found is None:
                return Answer(Code.NOT_FOUND, bytes(4))
            page, score = found
            return Answer(Code.OK, page.to_bytes(2, "big") + score.to_bytes(2, "big"))

        return profile.search_s + profile.search_each_s * len(among), act

    def _residual_search(self, arguments: bytes) -> tuple[float, Act]:
        seconds, search = self._search(arguments)
        module = self._module

        def act(due: float) -> Answer | Later:
            if getattr(module.ram.image, "quality", "") == "residual":
                return Answer(Code.TEMPLATE_EMPTY, bytes(4))  # 22: here, a print left behind
            if not module.flash.pages:
                return Answer(Code.NO_VALID_TEMPLATE, bytes(4))
            return search(due)

        return seconds, act

    def _reg_model(self, arguments: bytes, due: float) -> Answer:
        return Answer(acts.merge(self._module, sorted(self._module.ram.buffers)))

    # -- library -------------------------------------------------------------------------------

    def _store(self, arguments: bytes, due: float) -> Answer:
        page = int.from_bytes(arguments[1:3], "big")
        return Answer(acts.store(self._module, arguments[0], page))

    def _load_char(self, arguments: bytes, due: float) -> Answer:
        module, page = self._module, int.from_bytes(arguments[1:3], "big")
        if page >= module.profile.flash_pages:
            return Answer(Code.PAGE_OUT_OF_RANGE)
        if page not in module.flash.pages:
            return Answer(Code.TEMPLATE_UNREADABLE)
        module.ram.buffers[acts.buffer(module, arguments[0])] = module.flash.pages[page]
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

    def _template_num(self, arguments: bytes, due: float) -> Answer:
        return Answer(Code.OK, len(self._module.flash.pages).to_bytes(2, "big"))

    def _read_index_table(self, arguments: bytes, due: float) -> Answer:
        if arguments[0] >= INDEX_TABLES:
            return Answer(Code.BAD_PACKET)
        first, table = 256 * arguments[0], bytearray(INDEX_TABLE_BYTES)
        for page in self._module.flash.pages:
            if first <= page < first + 256:
                table[(page - first) // 8] |= 1 << (page - first) % 8
        return Answer(Code.OK, bytes(table))

    # -- transfers -----------------------------------------------------------------------------

    def _up_char(self, arguments: bytes, due: float) -> Answer:
        held = self._module.ram.buffers.get(acts.buffer(self._module, arguments[0]))
        return Answer(Code.UPLOAD_FAILED) if held is None else Answer(Code.OK, upload=held)

    def _down_char(self, arguments: bytes, due: float) -> Answer:
        module, number = self._module, acts.buffer(self._module, arguments[0])

        def keep(content: bytes) -> None:
            module.ram.buffers[number] = content

        module.receive(keep)
        return OK

    def _up_image(self, arguments: bytes, due: float) -> Answer:
        picture = self.picture()
        if picture is None:
            return Answer(Code.IMAGE_UPLOAD_FAILED)
        return Answer(Code.OK, upload=picture)

    def picture(self) -> bytes | None:
        """What the image buffer holds, 4 bits a pixel; None when it is empty."""
        ram, profile = self._module.ram, self._module.profile
        held = ram.image
        if isinstance(held, Press):
            held = fingers.image(held, profile.width_px, profile.height_px, self._module.seed)
        if held is not None and ram.binary:
            held = bytes(15 * (b > 0x7F) << 4 | 15 * (b & 15 > 7) for b in held)
        return held

    def _down_image(self, arguments: bytes, due: float) -> Answer:
        ram = self._module.ram

        def keep(content: bytes) -> None:
            ram.image, ram.binary = content, False

        self._module.receive(keep)
        return OK

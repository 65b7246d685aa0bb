# SPDX-License-Identifier: Apache-2.0
"""Instructions that do a whole enrolment or search by themselves, speaking on the way.

AutoEnroll (31) and AutoIdentify (32): R503 manual V1.2.2, pages 28 to 32 (six presses, 10 s for
each, step numbers 1 to 15, Cancel ends them). AutoLogin (54), AutoSearch (55): ZFM-70 manual,
pages 30 and 31. Enroll (10) and Identify (11): libdriver/as608; their waiting time is not
published and is an estimate. Reported codes of a waiting that was in vain: 26 on the R503, 02 else.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from firmware_io.codecs.ef01_tables import Code, Colour, Op, Ring
from firmware_io.emulators.ef01 import acts
from firmware_io.emulators.ef01.answer import Act, Answer, Later

if TYPE_CHECKING:
    from firmware_io.emulators.ef01.module import Module

POLL_S: Final = 0.010  # how often the glass is looked at; a person's time, never scaled
R503_WAIT_S: Final = 10.0
SYNOCHIP_WAIT_S: Final = 5.0
WAIT_UNIT_S: Final = 0.0655  # of the wait byte: 1F is 2 s, 55 is 5.5 s
ANY_PAGE: Final = 0xC8  # R503: from this page number on the module picks a free one
PRESSES: Final = 6
STEP_CHECK, STEP_MERGE, STEP_STORE = 13, 14, 15


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that an automatic instruction lets pass."""

    seconds: float
    scaled: bool = True


Course = Generator[Pause | Answer, None, Answer]
Part = Generator[Pause, None, Code]
Finding = Generator[Pause, None, tuple[int, int] | None]  # page and score


class Automatic:
    """The automatic instructions of one module; one of them at a time."""

    def __init__(self, module: "Module") -> None:
        self._module = module
        self._now = 0.0
        self.courses: dict[int, Callable[[bytes], Course]] = {
            Op.ENROLL: self._enroll,
            Op.IDENTIFY: self._identify,
            Op.AUTO_ENROLL: self._auto_enroll,
            Op.AUTO_IDENTIFY: self._auto_identify,
            Op.AUTO_LOGIN: self._auto_login,
            Op.AUTO_SEARCH: self._auto_search,
        }

    def begin(self, op: int, arguments: bytes) -> Act:
        """The act that starts the course; it goes on by itself."""
        course = self.courses[op](arguments)

        def act(due: float) -> Answer | Later:
            self._now = due
            try:
                step = next(course)
            except StopIteration as end:
                return end.value
            if isinstance(step, Pause):
                return Later(step.seconds, act, step.scaled)
            return replace(step, then=Later(0.0, act))

        return act

    # -- parts of them -------------------------------------------------------------------------

    def _image(self, wait_s: float, in_vain: Code) -> Part:
        """Waits for a finger and takes its image; a finger that is gone too soon is waited for."""
        module, until = self._module, self._now + wait_s
        while True:
            while (press := module.window.press) is None:
                if self._now >= until:
                    return in_vain
                module.window.notice("asked", self._now)
                yield Pause(POLL_S, scaled=False)
            yield Pause(module.random.uniform(*module.profile.image_s))
            if acts.take_image(module, press, self._now) == Code.OK:
                return Code.OK
            if self._now >= until:
                return Code.CAPTURE_FAILED
            yield Pause(POLL_S, scaled=False)

    def _features(self, number: int) -> Part:
        yield Pause(self._module.random.uniform(*self._module.profile.features_s))
        return acts.read_features(self._module, number, self._now)

    def _lifted(self, wait_s: float) -> Part:
        until = self._now + wait_s
        while self._module.window.press is not None:
            if self._now >= until:
                return Code.MODULE_TIMEOUT
            yield Pause(POLL_S, scaled=False)
        return Code.OK

    def _found(
        self, among: list[int], level: int
    ) -> Generator[Pause, None, tuple[int, int] | None]:
        profile = self._module.profile
        yield Pause(profile.search_s + profile.search_each_s * len(among))
        return acts.find(self._module, 1, among, level)

    def _kept(self, numbers: list[int], page: int) -> Part:
        """Merges and stores."""
        yield Pause(self._module.profile.time_s(Op.REG_MODEL))
        code = acts.merge(self._module, numbers)
        if code == Code.OK:
            yield Pause(self._module.profile.time_s(Op.STORE))
            code = acts.store(self._module, 1, page)
        return code

    def _whole(self) -> list[int]:
        return acts.pages(self._module, 0, self._module.profile.flash_pages)

    def _ring(self, mode: Ring, colour: Colour) -> None:
        self._module.led = (mode, 0x50, colour, 0)

    # -- Synochip ------------------------------------------------------------------------------

    def _enroll(self, arguments: bytes) -> Course:
        page = acts.free_page(self._module)
        if page is None:
            return Answer(Code.LIBRARY_FULL, bytes(2))
        for number in (1, 2):
            code = yield from self._image(SYNOCHIP_WAIT_S, Code.NO_FINGER)
            if code == Code.OK:
                code = yield from self._features(number)
            if code != Code.OK:
                return Answer(Code.ENROLL_FAILED, bytes(2))
        if (yield from self._kept([1, 2], page)) != Code.OK:
            return Answer(Code.ENROLL_FAILED, bytes(2))
        return Answer(Code.OK, page.to_bytes(2, "big"))

    def _identify(self, arguments: bytes) -> Course:
        code = yield from self._image(SYNOCHIP_WAIT_S, Code.NO_FINGER)
        if code == Code.OK:
            code = yield from self._features(1)
        if code != Code.OK:
            return Answer(Code.NOT_FOUND, bytes(4))
        return _hit((yield from self._found(self._whole(), self._module.flash.security)))

    # -- R503 ----------------------------------------------------------------------------------

    def _auto_enroll(self, arguments: bytes) -> Course:
        module = self._module
        page, cover, twice, report, leave = arguments
        if page >= ANY_PAGE:
            free = acts.free_page(module)
            if free is None:
                return Answer(Code.LIBRARY_FULL, bytes(2))
            page = free
        if page >= module.profile.flash_pages:
            return Answer(Code.PAGE_OUT_OF_RANGE, bytes(2))
        if page in module.flash.pages and not cover:
            return Answer(Code.TEMPLATE_EMPTY, bytes(2))
        for press in range(1, PRESSES + 1):
            if leave and press > 1:
                self._ring(Ring.FLASH, Colour.WHITE)
                if (code := (yield from self._lifted(R503_WAIT_S))) != Code.OK:
                    return self._failed(code, 2 * press - 1)
            self._ring(Ring.FLASH, Colour.BLUE)
            code = yield from self._image(R503_WAIT_S, Code.MODULE_TIMEOUT)
            if code != Code.OK:
                return self._failed(code, 2 * press - 1)
            self._ring(Ring.ON, Colour.YELLOW)
            if report:
                yield Answer(Code.OK, bytes([2 * press - 1, 0]))
            if (code := (yield from self._features(press))) != Code.OK:
                return self._failed(code, 2 * press)
            self._ring(Ring.FLASH, Colour.GREEN)
            if report:
                yield Answer(Code.OK, bytes([2 * press, 0]))
        if not twice and (yield from self._found(self._whole(), module.flash.security)):
            return self._failed(Code.ALREADY_STORED, STEP_CHECK)
        if report:
            yield Answer(Code.OK, bytes([STEP_CHECK, 0]))
        yield Pause(module.profile.time_s(Op.REG_MODEL))
        if (code := acts.merge(module, list(range(1, PRESSES + 1)))) != Code.OK:
            return self._failed(code, STEP_MERGE)
        if report:
            yield Answer(Code.OK, bytes([STEP_MERGE, 0]))
        yield Pause(module.profile.time_s(Op.STORE))
        if (code := acts.store(module, 1, page)) != Code.OK:
            return self._failed(code, STEP_STORE)
        self._ring(Ring.ON, Colour.GREEN)
        return Answer(Code.OK, bytes([STEP_STORE, page]))

    def _failed(self, code: int, step: int) -> Answer:
        self._ring(Ring.ON, Colour.RED)
        return Answer(code, bytes([step, 0]))

    def _auto_identify(self, arguments: bytes) -> Course:
        level, start, count, report, tries = arguments
        code, step = Code.NOT_FOUND, 3
        if not self._whole():
            return Answer(Code.LIBRARY_EMPTY, bytes([step]) + bytes(4))
        for turn in range(max(1, tries)):
            if turn:
                yield from self._lifted(R503_WAIT_S)
            self._ring(Ring.BREATHE, Colour.WHITE)
            step, code = 1, (yield from self._image(R503_WAIT_S, Code.MODULE_TIMEOUT))
            if code == Code.MODULE_TIMEOUT:
                break
            if code == Code.OK:
                self._ring(Ring.ON, Colour.YELLOW)
                if report:
                    yield Answer(Code.OK, bytes([step]) + bytes(4))
                step, code = 2, (yield from self._features(1))
            if code == Code.OK:
                if report:
                    yield Answer(Code.OK, bytes([step]) + bytes(4))
                among = acts.pages(self._module, start, count)
                step, hit = 3, (yield from self._found(among, max(1, min(5, level))))
                if hit:
                    self._ring(Ring.ON, Colour.GREEN)
                    return Answer(Code.OK, bytes([step]) + _hit(hit).values)
                code = Code.NOT_FOUND
            self._ring(Ring.ON, Colour.RED)
        return Answer(code, bytes([step]) + bytes(4))

    # -- ZFM-70 --------------------------------------------------------------------------------

    def _auto_login(self, arguments: bytes) -> Course:
        wait_s, presses, repeat = arguments[0] * WAIT_UNIT_S, arguments[1], arguments[4]
        page = int.from_bytes(arguments[2:4], "big")
        if presses not in (2, 3):
            return Answer(Code.WRONG_PRESSES)
        if page >= self._module.profile.flash_pages:
            return Answer(Code.PAGE_OUT_OF_RANGE)
        for press in range(1, presses + 1):
            if press > 1:
                told = Code.FIRST_PRESS_DONE if press == 2 else Code.SECOND_PRESS_DONE
                yield Answer(told)
                yield from self._lifted(wait_s)
            code = yield from self._image(wait_s, Code.NO_FINGER)
            if code == Code.OK:
                # Two buffers: a third press takes the place of the first.
                code = yield from self._features(1 if press % 2 else 2)
            if code != Code.OK:
                return Answer(code)
            if press == 1 and not repeat:
                level = self._module.flash.security
                if (yield from self._found(self._whole(), level)):
                    return Answer(Code.LIBRARY_EMPTY)  # 24: on this branch "stored already"
        return Answer((yield from self._kept([1, 2], page)))

    def _auto_search(self, arguments: bytes) -> Course:
        wait_s = arguments[0] * WAIT_UNIT_S
        start, count = int.from_bytes(arguments[1:3], "big"), int.from_bytes(arguments[3:5], "big")
        code = yield from self._image(wait_s, Code.NO_FINGER)
        if code == Code.OK:
            code = yield from self._features(1)
        if code != Code.OK:
            return Answer(self._left_over() or code, bytes(4))
        among = acts.pages(self._module, start, count)
        if not among:
            return Answer(Code.NO_VALID_TEMPLATE, bytes(4))
        return _hit((yield from self._found(among, self._module.flash.security)))

    def _left_over(self) -> int:
        """Code 22 when what was read is a print that a finger left behind."""
        image = self._module.ram.image
        return Code.TEMPLATE_EMPTY if getattr(image, "quality", "") == "residual" else 0


def _hit(found: tuple[int, int] | None) -> Answer:
    if found is None:
        return Answer(Code.NOT_FOUND, bytes(4))
    page, score = found
    return Answer(Code.OK, page.to_bytes(2, "big") + score.to_bytes(2, "big"))

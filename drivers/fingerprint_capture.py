# SPDX-License-Identifier: Apache-2.0
"""The course of one finger: presses, hints, tries, until a template is there or all is tried."""

from collections.abc import Callable, Sequence

from drivers.errors import AskAgainError, OutOfServiceError
from drivers.fingerprint_module import FingerprintModule
from drivers.fingerprint_types import (
    CapturedFinger,
    EventKind,
    FingerEvent,
    FingerprintSettings,
)
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_tables import Code, Op
from firmware_io.links.deadline import Deadline

HINTS = {  # what the citizen changes, by confirmation code of GenImg and Img2Tz
    Code.CAPTURE_FAILED: "finger.place_again",
    Code.TOO_DRY: "finger.too_dry",
    Code.TOO_WET: "finger.too_wet",
    Code.TOO_MESSY: "finger.hold_still",
    Code.TOO_FEW_FEATURES: "finger.off_centre",
    Code.AREA_TOO_SMALL: "finger.off_centre",
    Code.RESIDUAL_PRINT: "finger.lift_and_place",
    Code.FOREIGN_OBJECT: "finger.clean_glass",
}
PLACE_AGAIN = "finger.place_again"
NOT_ALIKE = "finger.not_the_same"
LIFT = "finger.lift"
FAILED_IMAGES = 5  # this many failed images in a row are the sensor's fault, not the finger's
CONFIRM_S = 0.04  # second look at an empty window

Report = Callable[[FingerEvent], None]


class _TryFailedError(Exception):
    """This try is used up; `hint` says why."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


class Capture:
    """One finger in progress. `pause` waits so many seconds, or raises when called off."""

    def __init__(
        self,
        module: FingerprintModule,
        settings: FingerprintSettings,
        taken: Sequence[tuple[str, int]],
        on_event: Report,
        pause: Callable[[float], None],
    ) -> None:
        self._module = module
        self._settings = settings
        self._taken = {page: position for position, page in taken}
        self._on_event = on_event
        self._pause = pause
        self._image_op = Op.GET_IMAGE_EX if settings.product == "r503" else Op.GEN_IMG
        self._tries = 0  # used up
        self._presses = 0
        self._bad = 0  # presses of this try that could not be read
        self._failed_images = 0
        self._on_glass = False  # a finger was seen and has not been seen to leave
        self._hint = ""  # of the press before; goes along until the next one

    def run(self, position: str, template_format: str) -> CapturedFinger:
        """The finger. Raises as `Fingerprint.capture` tells."""
        page = max(self._taken, default=-1) + 1
        # The finger before may still lie there: it must go first, or half of it is taken for this.
        self._on_glass = bool(self._taken)
        while self._tries < self._settings.tries:
            try:
                score = self._two_presses()
                template = self._template()
            except _TryFailedError as failed:
                self._tries += 1
                self._hint = failed.hint
                self._tell("try_failed")
                continue
            self._keep(page)
            return CapturedFinger(
                position=position,
                page=page,
                tries=self._tries + 1,
                presses=self._presses,
                score=score,
                quality=None,
                format=template_format,
                template=template,
            )
        raise AskAgainError("finger.tries_failed")

    def _two_presses(self) -> int:
        """Two alike presses, merged; their likeness."""
        self._bad = 0
        self._press(1)
        while (earlier := self._earlier()) is not None:
            self._hint = ""
            self._tell("same_finger", position=earlier)
            self._press(1)
        self._press(2)
        match = self._module.ask(say.plain(Op.MATCH), self._settings.work_answer_s)
        score = say.parse_number(match.values) or 0
        if match.code == Code.NO_MATCH or score < self._settings.score_min:
            raise _TryFailedError(NOT_ALIKE)
        if match.code != Code.OK:
            raise _TryFailedError(PLACE_AGAIN)
        merged = self._module.ask(say.plain(Op.REG_MODEL), self._settings.work_answer_s)
        if merged.code != Code.OK:
            raise _TryFailedError(NOT_ALIKE)
        return score

    def _press(self, press: int) -> None:
        """Features of one readable press in buffer `press`."""
        while True:
            if self._on_glass:
                self._lift(press)
            self._tell("waiting" if press == 1 else "again", press)
            code = self._image()
            if code == Code.OK:
                self._hint = ""
                self._tell("pressed", press)
                code = self._module.ask(say.img2tz(press), self._settings.work_answer_s).code
            self._presses += 1
            if code == Code.OK:
                return
            if code == Code.SENSOR_FAULT:
                raise OutOfServiceError("fingerprint.sensor_fault")
            # Any other code, such as 15 after the module has lost its image: press once more.
            hint = HINTS.get(Code(code), PLACE_AGAIN) if code in set(Code) else PLACE_AGAIN
            self._bad += 1
            if self._bad >= self._settings.bad_presses:
                raise _TryFailedError(hint)
            self._hint = hint
            self._tell("hint", press)

    def _image(self) -> int:
        """Polls until a finger gives an image; the code of that moment."""
        deadline = Deadline.after(self._settings.wait_s)
        while True:
            code = self._look()
            if code == Code.CAPTURE_FAILED:
                self._failed_images += 1
                if self._failed_images >= FAILED_IMAGES:
                    raise OutOfServiceError("fingerprint.sensor_fault")
            elif code != Code.NO_FINGER:
                self._failed_images = 0
            if code != Code.NO_FINGER:
                self._on_glass = True
                return code
            if deadline.passed:
                raise AskAgainError("finger.none_placed")
            self._pause(self._settings.poll_s)

    def _lift(self, press: int) -> None:
        """Waits until the window was empty twice running."""
        self._tell("lift", press)
        deadline = Deadline.after(self._settings.lift_s)
        # No hand is gone sooner, and an image of a finger that still lies there takes far longer.
        self._pause(self._settings.poll_s)
        empty = 0
        while True:
            if self._look() == Code.NO_FINGER:
                empty += 1
                if empty == 2:
                    break
                self._pause(min(CONFIRM_S, self._settings.poll_s))
                continue
            empty = 0
            if deadline.passed:
                raise _TryFailedError(LIFT)
            self._pause(self._settings.poll_s)
        self._on_glass = False

    def _look(self) -> int:
        self._pause(0)
        return self._module.ask(say.plain(self._image_op), self._settings.image_answer_s).code

    def _earlier(self) -> str | None:
        """The earlier finger of this visit that the first press is one of."""
        if not self._taken:
            return None
        count = max(self._taken) + 1
        reply = self._module.ask(say.search(1, 0, count), self._settings.work_answer_s)
        hit = say.parse_hit(reply.values)
        return self._taken.get(hit.page) if reply.code == Code.OK and hit else None

    def _template(self) -> bytes:
        template = self._module.upload_template(1)
        if template is None:
            raise _TryFailedError(PLACE_AGAIN)
        return template

    def _keep(self, page: int) -> None:
        """Stores the template for the next fingers' comparison; twice, if need be."""
        store = say.store(1, page), self._settings.work_answer_s
        if self._module.ask(*store).code != Code.OK and self._module.ask(*store).code != Code.OK:
            raise OutOfServiceError("fingerprint.flash_fault", "store refused twice")

    def _tell(self, kind: EventKind, press: int = 1, position: str = "") -> None:
        self._on_event(FingerEvent(kind, self._hint, press, self._tries, position))

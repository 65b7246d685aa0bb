# SPDX-License-Identifier: Apache-2.0
"""The glass of the module: waits for a finger, reads it, and waits for its going."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers.errors import AskAgainError, OutOfServiceError
from drivers.fingerprint_module import FingerprintModule
from drivers.fingerprint_types import EventKind, FingerEvent, FingerprintSettings
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_answers import Meaning, meaning
from firmware_io.codecs.ef01_tables import Code, Op
from firmware_io.links.deadline import Deadline

HINTS: dict[int, str] = {  # what the citizen changes, by confirmation code of GenImg and Img2Tz
    Code.CAPTURE_FAILED: "finger.place_again",
    Code.SECOND_CAPTURE_FAILED: "finger.place_again",
    Code.TOO_DRY: "finger.too_dry",
    Code.TOO_WET: "finger.too_wet",
    Code.TOO_MESSY: "finger.hold_still",
    Code.SECOND_TOO_MESSY: "finger.hold_still",
    Code.TOO_FEW_FEATURES: "finger.off_centre",
    Code.SECOND_TOO_FEW_FEATURES: "finger.off_centre",
    Code.AREA_TOO_SMALL: "finger.off_centre",
    Code.RESIDUAL_PRINT: "finger.lift_and_place",
    Code.FOREIGN_OBJECT: "finger.clean_glass",
}
PLACE_AGAIN = "finger.place_again"
CLEAN = "finger.clean_glass"
LIFT = "finger.lift"
FAILED_IMAGES = 5  # this many failed images in a row are the sensor's fault, not the finger's
HAND_S = 0.02  # no hand is gone sooner, and an image of a finger still there costs half a second

Report = Callable[[FingerEvent], None]


class TryFailedError(Exception):
    """This try is used up; `hint` says why."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a finger takes besides the module.

    `ring`: the module has the R503's light ring and image instruction. `imaged` is called when the
    module has taken a new image. `pause` waits so many seconds, or raises when called off.
    """

    settings: FingerprintSettings
    on_event: Report
    pause: Callable[[float], None]
    imaged: Callable[[], None]
    ring: bool = False


class Glass:
    """One act at the glass; it counts presses and used tries until it is done.

    It may be begun again after the module was lost and came back: what was counted stays.
    """

    def __init__(self, module: FingerprintModule, reading: Reading) -> None:
        self.module, self.settings = module, reading.settings
        self.presses = 0
        self.tries = 0  # used up
        self._reading = reading
        self._image_op = Op.GET_IMAGE_EX if reading.ring else Op.GEN_IMG
        self._bad = 0  # presses of this try that could not be read
        self._failed_images = 0
        self._on_glass = False  # a finger was seen and has not been seen to leave
        self._hint = ""  # of the press before; goes along until the next one

    def begin(self) -> None:
        """One look: a finger that lies there already must go before the first press counts."""
        self._on_glass = self._look() != Code.NO_FINGER

    def new_try(self) -> None:
        """Bad presses count from 0."""
        self._bad = 0

    def failed(self, hint: str) -> None:
        """A try is used up."""
        self.tries += 1
        self._hint = hint
        self.tell("try_failed")

    def press(self, press: int) -> None:
        """Features of one readable press in buffer `press`.

        Raises TryFailedError after too many bad ones, AskAgainError "finger.none_placed".
        """
        while True:
            if self._on_glass:
                self._lift(press)
            self.tell("waiting" if press == 1 else "again", press)
            code = self._image()
            if code == Code.OK:
                self._hint = ""
                self.tell("pressed", press)
                code = self.module.ask(say.img2tz(press), self.settings.work_answer_s).code
            self.presses += 1
            if code == Code.OK:
                return
            if meaning(code) is Meaning.FAULT:
                raise OutOfServiceError("fingerprint.sensor_fault")
            # Any other code, such as 15 after the module has lost its image: press once more.
            hint = HINTS.get(code, PLACE_AGAIN)
            self._bad += 1
            if self._bad >= self.settings.bad_presses:
                raise TryFailedError(hint)
            self._hint = hint
            self.tell("hint", press)

    def same_finger(self, position: str) -> None:
        """Says that this finger was given before; no try is used."""
        self._hint = ""
        self.tell("same_finger", position=position)

    def tell(self, kind: EventKind, press: int = 1, position: str = "") -> None:
        """Reports an event with what is counted."""
        self._reading.on_event(FingerEvent(kind, self._hint, press, self.tries, position))

    def _image(self) -> int:
        """Polls until a finger gives an image; the code of that moment."""
        deadline = Deadline.after(self.settings.wait_s)
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
            self._reading.pause(self.settings.poll_s)

    def _lift(self, press: int) -> None:
        """Waits until the window was empty twice running."""
        self.tell("lift", press)
        deadline = Deadline.after(self.settings.lift_s)
        self._reading.pause(min(HAND_S, self.settings.poll_s))
        empty = 0
        while empty < 2:
            if self._look() == Code.NO_FINGER:
                empty += 1
                continue
            empty = 0
            if deadline.passed:
                raise TryFailedError(self._why_not_gone())
            self._reading.pause(self.settings.poll_s)
        self._on_glass = False

    def _why_not_gone(self) -> str:
        """A print left on the glass, or sunlight, gives images too, but no features."""
        code = self.module.ask(say.img2tz(1), self.settings.work_answer_s).code
        return LIFT if code == Code.OK else CLEAN

    def _look(self) -> int:
        self._reading.pause(0)
        code = self.module.ask(say.plain(self._image_op), self.settings.image_answer_s).code
        if meaning(code) is Meaning.POLL:
            return Code.NO_FINGER
        self._reading.imaged()
        return code

# SPDX-License-Identifier: Apache-2.0
"""Fingerprints through a serial EF01 module: one call takes, or checks, one finger.

The module's library is scratch space for one citizen: emptied and proven empty at `start` and at
every `wipe`; in between it holds the fingers of this visit, so that one offered twice is noticed.
Its templates are proprietary and no card record; `CapturedFinger.format` says so.

One finger, after the order of instructions in the R503 and ZFM-70 manuals: image and features of
two presses with a lift in between, Search of the first among this visit's fingers, Match of the
two, then RegModel (which overwrites both buffers, so it comes after the comparing), the template
to the booth, Store for the next finger's Search.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from drivers.errors import AskAgainError, BoothError, CancelledError, OutOfServiceError
from drivers.fingerprint_capture import Capture
from drivers.fingerprint_glass import Glass, Reading, Report
from drivers.fingerprint_module import FingerprintModule
from drivers.fingerprint_scratch import Scratch
from drivers.fingerprint_types import (
    POSITIONS,
    CapturedFinger,
    FingerEvent,
    FingerImage,
    FingerprintSettings,
    Verified,
)
from drivers.fingerprint_verify import check_size, verify
from drivers.health import Health, State
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_answers import Branch, Identity
from firmware_io.codecs.ef01_tables import DEFAULT_BAUDRATE, Code, Colour, Op, Ring
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkCancelledError

__all__ = [
    "CapturedFinger",
    "FingerEvent",
    "FingerImage",
    "Fingerprint",
    "FingerprintSettings",
    "Verified",
]

DEVICE = "fingerprint"
UNPLUGGED = "fingerprint.unplugged"
LOST = frozenset({UNPLUGGED, "fingerprint.silent", "fingerprint.noisy"})
REPLUG_POLL_S = 0.1
LOOK_S = 0.4  # a module answers within milliseconds; the rest is patience with a busy host
_Result = TypeVar("_Result")


class Fingerprint:
    """The booth's fingerprint module. One thread uses it; `cancel`, `health`, `close` from any.

    `path` is a stable name of the port. A module that is lost in the middle of an act is waited
    for; one that has died is given new power by `power_cycle` (which returns when power is back,
    or False at once when it has done nothing). What does not help makes the call raise
    OutOfServiceError and shows as ill; `start`, or the next call, tries again.
    """

    def __init__(
        self,
        path: str,
        *,
        baudrate: int = DEFAULT_BAUDRATE,
        password: int = 0,
        settings: FingerprintSettings | None = None,
        power_cycle: Callable[[], bool | None] | None = None,
    ) -> None:
        self._path = path
        self._settings = settings or FingerprintSettings()
        self._module = FingerprintModule(path, baudrate, password, self._settings)
        self._power_cycle = power_cycle
        self._who = Identity(Branch.COMMON, "")
        self._owner = threading.RLock()  # one act on the module at a time
        self._cancelling = threading.Lock()  # keeps a late cancel off the next act
        self._acting = False  # an act is under way that may be called off
        self._cancelled = threading.Event()
        self._started = False
        self._images = 0  # taken so far; names the one in the module's buffer
        self._scratch = Scratch(self._module, self._settings)
        self._health = Health.ill(DEVICE, "fingerprint.not_started", path)

    # -- the act around every visit ------------------------------------------------------------

    def start(self) -> None:
        """Opens the module, identifies it and empties it; again after a fault, to recover.

        Takes about 0.7 s with an optical module, 5 s with a dead one. Raises OutOfServiceError.
        """
        with self._owner, self._judged():
            self._cancelled.clear()
            self._revived(self._open, wait_s=0.0)
            self._scratch.wipe(self._who)

    def wipe(self, *, image: bool = False) -> None:
        """Empties the library, proves it empty, overwrites the module's template buffers.

        `image` overwrites the image buffer too, unless that has been done since the last image; it
        moves a whole image, 7 s at 57600. Without it the last image stays in the module's RAM
        until the next finger or power-off. Raises OutOfServiceError("fingerprint.not_wiped") when
        the module will not forget: the booth must not serve the next citizen with it; or another
        reason when it cannot be reached.
        """
        with self._owner, self._judged():
            self._cancelled.clear()
            self._reached(lambda: self._scratch.wipe(self._who, image=image))
            self._ring(Ring.OFF, Colour.RED, 0)

    @property
    def takes_images(self) -> bool:
        """Whether this booth wants the images of fingers (`settings.images`)."""
        return self._settings.images

    def health(self) -> Health:
        """The module's state as of the last act. Does not touch the wire."""
        health = self._health
        if self._acting and health.state is State.READY:
            return replace(health, state=State.BUSY)
        return health

    def look(self, limit_s: float = LOOK_S) -> None:
        """Asks a resting module one question, so that `health` knows of a lost one. Never raises.

        ReadSysPara changes nothing in the module. Takes some 10 ms, `limit_s` with a lost module,
        nothing while an act is under way or before `start`. A lost one is left to the next `start`.
        """
        if not self._owner.acquire(blocking=False):
            return
        try:
            if self._started:
                with contextlib.suppress(BoothError), self._judged():
                    self._module.ask(say.plain(Op.READ_SYS_PARA), limit_s)
        finally:
            self._owner.release()

    def cancel(self) -> None:
        """Ends a `capture`, `verify` or `fetch_image` in progress with CancelledError.

        Without one, does nothing.
        """
        with self._cancelling:
            if self._acting:
                self._cancelled.set()
                self._module.cancel()

    def close(self) -> None:
        """Ends what is going on with CancelledError and closes the port. Wipes nothing."""
        self._cancelled.set()
        self._module.cancel()
        with self._owner:
            self._started = False
            self._module.close()
            self._module.rearm()
            self._health = Health.ill(DEVICE, "fingerprint.not_started", self._path)

    # -- one finger ----------------------------------------------------------------------------

    def capture(
        self,
        position: str,
        taken: Sequence[tuple[str, int]],
        on_event: Report,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> CapturedFinger:
        """Asks for the finger `position` ("right-thumb" ... "left-little") and takes it.

        `taken` are this visit's earlier fingers as (position, page), from their CapturedFinger;
        one of them offered again is reported as "same_finger" and costs no try. A finger that lies
        on the glass at the beginning must go first. `on_event` is called from this thread, in
        order, and must return soon. `stopped` is asked before each look at the glass: a cancel
        wished for before this call began is not lost.

        Raises AskAgainError "finger.none_placed" (nobody put a finger down for `wait_s`) or
        "finger.tries_failed" (all tries used: offer the next finger), CancelledError after
        `cancel`, OutOfServiceError when the module fails.
        """
        if position not in POSITIONS:
            raise ValueError(f"no such finger: {position}")
        with self._act(stopped) as pause, self._lit():
            course: Capture | None = None

            def take() -> CapturedFinger:
                nonlocal course
                self._ring(Ring.BREATHE, Colour.BLUE, 0)
                if course is None:
                    course = Capture(self._glass(on_event, pause), taken)
                return course.run(position, f"ef01/{self._who.product}")

            finger = self._reached(take, taken)
            return replace(finger, image_number=self._images)

    def verify(
        self,
        template: bytes,
        on_event: Report,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Verified:
        """Whether a living finger is the one of `template`, from an earlier CapturedFinger.

        One readable press decides; events are those of a first press. The template and the press
        stay in the module's buffers until `wipe`.

        Raises RefusedError "finger.template_size" or "finger.template_refused" (this module did
        not make it, or will not have it), AskAgainError "finger.none_placed" or
        "finger.tries_failed" (no press could be read), CancelledError, OutOfServiceError.
        """
        with self._act(stopped) as pause, self._lit():

            def check() -> Verified:
                check_size(template, self._module.template_size)
                self._scratch.used()
                self._ring(Ring.BREATHE, Colour.BLUE, 0)
                return verify(self._glass(on_event, pause), template)

            return self._reached(check)

    def fetch_image(
        self, finger: CapturedFinger, *, stopped: Callable[[], bool] = lambda: False
    ) -> FingerImage | None:
        """The image of the last press of `finger`; None when the module has it no longer.

        Takes 7 s at 57600 with 256 x 288 pixels; call it while the citizen changes fingers, from
        a thread of its own. The next act waits for its end, since no instruction stops a module
        that is sending; `cancel` ends the wait of both. Raises CancelledError, OutOfServiceError.
        """
        with self._act(stopped) as pause:
            pause(0)
            if finger.image_number != self._images:
                return None
            packed = self._module.upload_image(self._who.image_bytes)
            return None if packed is None else FingerImage(self._who.image_width_px, packed)

    # -- inside --------------------------------------------------------------------------------

    @contextmanager
    def _act(self, stopped: Callable[[], bool]) -> Iterator[Callable[[float], None]]:
        """An act that `cancel` ends; gives its pause."""

        def pause(seconds: float) -> None:
            if stopped() or self._cancelled.wait(seconds):
                raise CancelledError

        with self._owner:
            with self._cancelling:
                self._cancelled.clear()
                self._acting = True
            try:
                with self._judged():
                    yield pause
            finally:
                with self._cancelling:
                    self._acting = False
                    self._module.rearm()

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Health from how an act ends; a wire called off becomes CancelledError."""
        try:
            yield
        except LinkCancelledError as error:
            raise CancelledError from error
        except OutOfServiceError as error:
            self._started = False
            self._module.close()
            self._health = Health.ill(DEVICE, error.code, self._path)
            raise
        self._health = Health.ready(DEVICE, f"ef01/{self._who.product} {self._path}")

    @contextmanager
    def _lit(self) -> Iterator[None]:
        """The light ring of modules that have one: taken, not taken. Never between presses."""
        try:
            yield
        except AskAgainError:
            self._ring(Ring.FLASH, Colour.RED, 3)
            raise
        self._ring(Ring.ON, Colour.GREEN, 0)

    def _ring(self, mode: Ring, colour: Colour, count: int) -> None:
        if self._started and self._who.ring:
            with contextlib.suppress(BoothError, LinkCancelledError):
                self._module.ring(mode, colour, count=count)

    def _glass(self, on_event: Report, pause: Callable[[float], None]) -> Glass:
        def imaged() -> None:
            self._images += 1
            self._scratch.used()

        reading = Reading(self._settings, on_event, pause, imaged, self._who.ring)
        return Glass(self._module, reading)

    def _reached(
        self, act: Callable[[], _Result], taken: Sequence[tuple[str, int]] = ()
    ) -> _Result:
        """`act` on the open module; once more after the module was lost and came back."""

        def reach() -> None:
            self._reopen(taken)

        if not self._started:
            self._revived(reach, wait_s=0.0)
        try:
            return act()
        except OutOfServiceError as lost:
            if lost.code not in LOST:
                raise
            self._health = Health.ill(DEVICE, lost.code, self._path)
            if lost.code == UNPLUGGED:
                self._revived(reach, wait_s=self._settings.replug_s)
            elif self._give_power():
                self._awaited(reach, self._settings.replug_s)
            else:
                raise
        return act()

    def _revived(self, reach: Callable[[], None], *, wait_s: float) -> None:
        """Reaches the module; a port that is away is waited for, a dead one gets new power."""
        try:
            self._awaited(reach, wait_s)
        except OutOfServiceError as lost:
            if lost.code not in LOST or not self._give_power():
                raise
            self._awaited(reach, self._settings.replug_s)

    def _awaited(self, reach: Callable[[], None], wait_s: float) -> None:
        """Reaches the module, `wait_s` from now at the latest if its port is away until then."""
        wait = Deadline.after(wait_s)
        while True:
            try:
                return reach()
            except OutOfServiceError as lost:
                if lost.code != UNPLUGGED or wait.passed:
                    raise
            if self._cancelled.wait(REPLUG_POLL_S):
                raise CancelledError

    def _give_power(self) -> bool:
        """Switches the module's supply off and on; whether that was done."""
        self._module.close()
        if self._power_cycle is None or self._power_cycle() is False:
            return False
        self._scratch.unpowered()
        return True

    def _open(self) -> None:
        """Reaches the module and learns what it is."""
        self._started = False
        self._module.close()
        self._who = self._module.identify(self._module.open())
        self._module.template_size = self._who.template_bytes or self._module.template_size
        if self._who.ring:
            sensor = self._module.ask(say.plain(Op.CHECK_SENSOR), self._settings.answer_s)
            if sensor.code == Code.SENSOR_FAULT:
                raise OutOfServiceError("fingerprint.sensor_fault")
        self._started = True

    def _reopen(self, taken: Sequence[tuple[str, int]]) -> None:
        """In the middle of a visit: the module must still hold the `taken` fingers of it."""
        self._open()
        if taken:
            self._scratch.keep([page for _, page in taken])
        else:
            self._scratch.wipe(self._who)

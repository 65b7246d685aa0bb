# SPDX-License-Identifier: Apache-2.0
"""Fingerprints through a serial EF01 module: one call takes one finger.

The module's library is scratch space for one citizen: emptied and proven empty at `start` and at
every `wipe`; in between it holds the fingers of this visit, so that one offered twice is noticed.
Its templates are proprietary and no card record; `CapturedFinger.format` says so.

One finger, after the order of instructions in the R503 and ZFM-70 manuals: image and features of
two presses with a lift in between, Search of the first among this visit's fingers, Match of the
two, then RegModel (which overwrites both buffers, so it comes after the comparing), the template
to the booth, Store for the next finger's Search.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from drivers.errors import CancelledError, OutOfServiceError
from drivers.fingerprint_capture import Capture, Report
from drivers.fingerprint_module import FingerprintModule
from drivers.fingerprint_types import (
    POSITIONS,
    CapturedFinger,
    FingerEvent,
    FingerprintSettings,
)
from drivers.health import Health, State
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_tables import DEFAULT_BAUDRATE, Code, Op
from firmware_io.links.errors import LinkCancelledError

__all__ = ["CapturedFinger", "FingerEvent", "Fingerprint", "FingerprintSettings"]

DEVICE = "fingerprint"
NOT_WIPED = "fingerprint.not_wiped"


class Fingerprint:
    """The booth's fingerprint module. One thread uses it; `cancel`, `health`, `close` from any.

    `path` is a stable name of the port. A module that is lost makes calls raise OutOfServiceError
    and shows as ill; `start`, or the next `capture`, opens it again.
    """

    def __init__(
        self,
        path: str,
        *,
        baudrate: int = DEFAULT_BAUDRATE,
        password: int = 0,
        settings: FingerprintSettings | None = None,
    ) -> None:
        self._path = path
        self._settings = settings or FingerprintSettings()
        self._module = FingerprintModule(path, baudrate, password, self._settings)
        self._image_bytes = self._settings.image_bytes
        self._template_bytes = self._settings.template_bytes
        self._owner = threading.RLock()  # one act on the module at a time
        self._cancelling = threading.Lock()  # keeps a late cancel off the next act
        self._capturing = False
        self._cancelled = threading.Event()
        self._started = False
        self._format = ""
        self._health = Health.ill(DEVICE, "fingerprint.not_started", path)

    # -- the act around every visit ------------------------------------------------------------

    def start(self) -> None:
        """Opens the module, identifies it and empties it; again after a fault, to recover.

        Takes about 0.7 s with an optical module. Raises OutOfServiceError.
        """
        with self._owner, self._judged():
            self._open()
            self._wipe()

    def wipe(self, *, image: bool = False) -> None:
        """Empties the library, proves it empty, overwrites the module's template buffers.

        `image` overwrites the image buffer too; that moves a whole image, 7 s at 57600, so do it
        when nobody waits. Without it the last image stays in the module's RAM until the next
        finger or power-off. Raises OutOfServiceError("fingerprint.not_wiped") when the module
        will not forget: the booth must not serve the next citizen with it; or another reason when
        it cannot be reached.
        """
        with self._owner, self._judged():
            if not self._there():
                self._open()
            self._wipe(image=image)

    def health(self) -> Health:
        """The module's state as of the last act. Does not touch the wire."""
        health = self._health
        if self._capturing and health.state is State.READY:
            return replace(health, state=State.BUSY)
        return health

    def cancel(self) -> None:
        """Ends a `capture` in progress with CancelledError; without one, does nothing."""
        with self._cancelling:
            if self._capturing:
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
        one of them offered again is reported as "same_finger" and costs no try. `on_event` is
        called from this thread, in order, and must return soon. `stopped` is asked before each
        look at the glass: a cancel wished for before this call began is not lost.

        Raises AskAgainError "finger.none_placed" (nobody put a finger down for `wait_s`) or
        "finger.tries_failed" (all tries used: offer the next finger), CancelledError after
        `cancel`, OutOfServiceError when the module fails.
        """
        if position not in POSITIONS:
            raise ValueError(f"no such finger: {position}")
        with self._owner:
            with self._cancelling:
                self._cancelled.clear()
                self._capturing = True
            try:
                with self._judged():
                    if not self._there():
                        self._reopen(len(taken))
                    course = Capture(
                        self._module, self._settings, taken, on_event, self._pauses(stopped)
                    )
                    return course.run(position, self._format)
            finally:
                with self._cancelling:
                    self._capturing = False
                    self._module.rearm()

    # -- inside --------------------------------------------------------------------------------

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
        self._health = Health.ready(DEVICE, f"{self._format} {self._path}")

    def _pauses(self, stopped: Callable[[], bool]) -> Callable[[float], None]:
        def pause(seconds: float) -> None:
            if stopped() or self._cancelled.wait(seconds):
                raise CancelledError

        return pause

    def _open(self) -> None:
        """Reaches the module and learns what it is."""
        self._started = False
        self._module.close()
        parameters = self._module.open()
        product = self._settings.product or f"sysid{parameters.system_id:04x}"
        if self._settings.product == "r503":
            sensor = self._module.ask(say.plain(Op.CHECK_SENSOR), self._settings.answer_s)
            if sensor.code == Code.SENSOR_FAULT:
                raise OutOfServiceError("fingerprint.sensor_fault")
            if (info := self._module.product()) is not None:
                self._image_bytes = info.width_px * info.height_px // 2
                self._template_bytes = info.template_bytes
        self._format = f"ef01/{product}"
        self._started = True

    def _there(self) -> bool:
        """Whether the module is open and its plug has not been out since the last act."""
        if not self._started:
            return False
        try:
            self._stored()
        except OutOfServiceError as error:
            if error.code != "fingerprint.unplugged":
                raise
            return False
        return True

    def _reopen(self, kept: int) -> None:
        """In the middle of a visit: the module must still hold the `kept` fingers of it."""
        self._open()
        if not kept:
            self._wipe()
        elif self._stored() != kept:
            raise OutOfServiceError("fingerprint.changed", "the library is not this visit's")

    def _stored(self) -> int | None:
        reply = self._module.ask(say.plain(Op.TEMPLATE_NUM), self._settings.answer_s)
        return say.parse_number(reply.values) if reply.code == Code.OK else None

    def _wipe(self, *, image: bool = False) -> None:
        empty = say.plain(Op.EMPTY), self._settings.empty_answer_s
        if self._module.ask(*empty).code != Code.OK and self._module.ask(*empty).code != Code.OK:
            raise OutOfServiceError(NOT_WIPED, "empty refused twice")
        if (stored := self._stored()) != 0:
            raise OutOfServiceError(NOT_WIPED, f"{stored} templates after empty")
        # Firmware that refuses a template made of nothing keeps the last one until the next press.
        for buffer in (1, 2):
            self._module.download(say.down_char(buffer), bytes(self._template_bytes))
        if image:
            self._module.download(say.plain(Op.DOWN_IMAGE), bytes(self._image_bytes))

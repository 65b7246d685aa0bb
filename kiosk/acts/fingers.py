# SPDX-License-Identifier: Apache-2.0
"""Takes fingers, seals their templates for the card centre, and proves the module empty."""

import contextlib
import threading

from drivers.errors import BoothError
from drivers.fingerprint import CapturedFinger, FingerEvent, FingerImage, Fingerprint
from idcard.records import Finger, FingerprintsPart, FingerResult, Part
from kiosk.commands import EnrolFinger, SealFingers, Wipe
from kiosk.facts import FingerHint, FingerOutcome
from kiosk.lane import Tell
from kiosk.sealer import Sealer


class FingersAct:
    """Answers `EnrolFinger` and `SealFingers`; wipes the module.

    An image is fetched only when the module's settings ask for images: once, after its finger was
    taken, while the citizen goes on. It lives here until it is sealed or the visit is wiped.
    """

    takes = (EnrolFinger, SealFingers)

    def __init__(self, module: Fingerprint, sealer: Sealer) -> None:
        self._module, self._sealer = module, sealer
        self._taken: dict[int, tuple[Finger, int]] = {}
        self._images: dict[int, FingerImage] = {}
        self._fetching: threading.Thread | None = None
        self._fetch_off = threading.Event()
        self._touched = False

    def run(
        self, command: EnrolFinger | SealFingers, tell: Tell, off: threading.Event
    ) -> FingerOutcome | None:
        """One finger, or the sealed part of all."""
        if isinstance(command, SealFingers):
            self._seal(command)
            return None
        if command.slot == 1:
            self._forget()
            self._module.wipe()
        self._touched = True
        taken = [
            (one.position, page)
            for slot, (one, page) in self._taken.items()
            if slot != command.slot
        ]

        def on_event(event: FingerEvent) -> None:
            tell("pressed" if event.kind == "pressed" else "finger", hint_of(event))

        if self._fetching is not None and self._fetching.is_alive():
            # The line is the image's until it is through; meanwhile the finger before can go.
            on_event(FingerEvent("lift"))
        caught = self._module.capture(command.position, taken, on_event, stopped=off.is_set)
        finger = Finger.model_validate(
            {
                "slot": command.slot,
                "position": command.position,
                "result": FingerResult.REGISTERED,
                "tries": caught.tries,
                "quality": caught.quality,
                "format": caught.format,
                "template": bytes(caught.template),
            }
        )
        self._taken[command.slot] = (finger, caught.page)
        if self._module.takes_images:
            self._fetch(command.slot, caught)
        return FingerOutcome(
            command.slot, command.position, FingerResult.REGISTERED, caught.tries, caught.quality
        )

    def cancel(self) -> None:
        """Ends a capture, or the fetching that it waits for, within 0.3 s."""
        self._module.cancel()

    def _fetch(self, slot: int, caught: CapturedFinger) -> None:
        """The finger's image, beside the citizen; the next act on the module waits for it."""
        self._fetch_off = off = threading.Event()

        def fetch() -> None:
            with contextlib.suppress(BoothError):
                image = self._module.fetch_image(caught, stopped=off.is_set)
                if image is not None and not off.is_set():
                    self._images[slot] = image

        self._fetching = threading.Thread(target=fetch, name="finger-image", daemon=True)
        self._fetching.start()

    def _seal(self, command: SealFingers) -> None:
        if self._fetching is not None:
            self._fetching.join()
        fingers = []
        for one in command.fingers:
            held = self._taken.get(one.slot)
            if one.result is FingerResult.REGISTERED and held is not None:
                fingers.append(self._with_image(one.slot, held[0]))
                continue
            fields = {
                "slot": one.slot,
                "position": one.position,
                "result": one.result,
                "tries": one.tries,
                "none_reason": one.none_reason,
            }
            fingers.append(Finger.model_validate(fields))
        self._sealer.seal(Part.FINGERPRINTS, FingerprintsPart(fingers=tuple(fingers)))
        self._forget()
        # The module is emptied while the citizen goes on; the visit's wipe proves it.
        threading.Thread(target=self._empty, name="finger-empty", daemon=True).start()

    def _with_image(self, slot: int, finger: Finger) -> Finger:
        image = self._images.get(slot)
        if image is None:
            return finger
        return finger.model_copy(update={"image": image.packed, "image_width": image.width_px})

    def _empty(self) -> None:
        with contextlib.suppress(BoothError):
            self._module.wipe(image=True)

    def _forget(self) -> None:
        """Templates and images, also one that is still on its way."""
        self._fetch_off.set()
        if self._fetching is not None and self._fetching.is_alive():
            self._module.cancel()
            self._fetching.join()
        self._fetching = None
        self._taken.clear()
        self._images.clear()

    def wipe(self, command: Wipe | None = None) -> None:
        """Forgets templates and images and proves a used module empty. Raises OutOfServiceError.

        An image that is still in the module's memory is overwritten, which takes up to 7 s.
        """
        self._forget()
        if self._touched:
            self._module.wipe(image=True)
            self._touched = False


def hint_of(event: FingerEvent) -> FingerHint:
    """A driver's event in the flow's words."""
    other = event.position if event.kind == "same_finger" else ""
    return FingerHint(event.kind, event.hint, event.press, event.tries, other)

# SPDX-License-Identifier: Apache-2.0
"""A journey is a readable list of steps."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from kiosk.steps.base import Step
from kiosk.steps.consent import ConsentStep
from kiosk.steps.delivery import DeliveryStep
from kiosk.steps.details import DetailsStep
from kiosk.steps.eligibility import EligibilityStep
from kiosk.steps.fee import FeeStep
from kiosk.steps.fingers import FingersStep
from kiosk.steps.identify import IdentifyStep
from kiosk.steps.photo import PhotoStep
from kiosk.steps.receipt import ReceiptStep
from kiosk.steps.review import ReviewStep
from kiosk.steps.submit import SubmitStep
from kiosk.steps.welcome import MenuStep, WelcomeStep


@dataclass(frozen=True)
class Journey:
    """Steps in order; `shown` names those that the progress strip counts.

    `needs`: the devices (and post, clock) without which it cannot be finished; it is not offered
    then. `wants`: those without which it is finished in a lesser way, which is said before it
    begins: without paper the number stays on the screen, without line the application waits here.
    """

    steps: tuple[Callable[[], Step], ...]
    shown: tuple[tuple[str, ...], ...]
    needs: frozenset[str] = frozenset()
    wants: frozenset[str] = frozenset()

    def first(self) -> Step:
        """The step a visit begins with."""
        return self.steps[0]()

    def timed(self, photo_s: float) -> "Journey":
        """The same with so many seconds before the camera."""
        photo = partial(PhotoStep, limit_s=photo_s)
        return replace(self, steps=tuple(photo if s is PhotoStep else s for s in self.steps))

    def after(self, name: str) -> Step:
        """A fresh next step."""
        return self.steps[self._place(name) + 1]()

    def before(self, name: str) -> Step | None:
        """The nearest earlier step that a person can come back to."""
        for make in reversed(self.steps[: max(self._place(name), 0)]):
            there = make()
            if not there.waits:
                return there
        return None

    def progress(self, name: str) -> tuple[int, int] | None:
        """(this, of) on the progress strip; None where none is shown."""
        for place, names in enumerate(self.shown, start=1):
            if name in names:
                return place, len(self.shown)
        return None

    def _place(self, name: str) -> int:
        names = [make().name for make in self.steps]
        return names.index(name) if name in names else -1


RENEW = Journey(
    steps=(
        WelcomeStep,
        MenuStep,
        ConsentStep,
        IdentifyStep,
        EligibilityStep,
        DetailsStep,
        PhotoStep,
        FingersStep,
        DeliveryStep,
        FeeStep,
        ReviewStep,
        SubmitStep,
        ReceiptStep,
    ),
    shown=(
        ("identify", "eligibility"),
        ("details",),
        ("photo",),
        ("fingers",),
        ("delivery", "fee"),
        ("review",),
        ("submit", "receipt", "wipe"),
    ),
    needs=frozenset({"idreader", "camera", "fingerprint", "post", "clock"}),
    wants=frozenset({"printer", "line"}),
)

JOURNEYS = {"renew": RENEW}
"""What this booth plays, by the id of its tile in the menu."""

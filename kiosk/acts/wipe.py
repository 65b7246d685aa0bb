# SPDX-License-Identifier: Apache-2.0
"""The wipe: everything known of the citizen, item by item."""

import threading

from kiosk.acts.fingers import FingersAct
from kiosk.acts.photo import PhotoRoom
from kiosk.commands import Wipe
from kiosk.lane import Tell
from kiosk.sealer import Sealer
from kiosk.vault import Vault


class WipeAct:
    """Answers `Wipe`. The process ends right after; this is what can be shown to be gone."""

    takes = (Wipe,)

    def __init__(
        self, vault: Vault, sealer: Sealer, room: PhotoRoom | None, fingers: FingersAct | None
    ) -> None:
        self._vault, self._sealer = vault, sealer
        self._room, self._fingers = room, fingers

    def run(self, command: Wipe, tell: Tell, off: threading.Event) -> None:
        """Tells each item as it goes. Raises OutOfServiceError when the module cannot prove it."""
        if self._room is not None:
            self._room.forget()
        self._vault.drop("take-")
        tell("erased", "photo")
        self._sealer.forget()
        tell("erased", "name")
        self._vault.drop("")
        tell("erased", "signature")
        if self._fingers is not None:
            self._fingers.wipe()
        tell("erased", "fingers")

    def cancel(self) -> None:
        """A wipe is never called off."""

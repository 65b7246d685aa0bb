# SPDX-License-Identifier: Apache-2.0
"""A device whose question may take a while is asked in a thread of its own.

A silent cabinet or dispenser takes its driver half a second to give up, every time. Nobody who
watches all the other devices waits for that: what the last beat heard is the device's word.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from drivers.health import Health, State
from kiosk.lane import note_fault


class Asked(Protocol):
    """A driver whose `health` goes and asks."""

    def start(self) -> None:
        """Brings the device up. Raises BoothError."""
        ...

    def health(self) -> Health:
        """How fit it is."""
        ...

    def close(self) -> None:
        """Lets the device go."""
        ...


class Heartbeat:
    """Starts `device`, then asks it every `every_s` seconds until `close`.

    Until its start has ended the device is BUSY: what is only starting is not ill. `on_change` is
    called in the beat's thread each time the word differs from the one before.
    """

    def __init__(self, name: str, device: Asked, every_s: float) -> None:
        self.device = device
        self.on_change: Callable[[], None] = lambda: None
        self._name, self._every_s = name, every_s
        self._word = Health(name, State.BUSY, detail="starting")
        self.started = False  # its start has ended, well or not
        self._off = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the device, and the beat also when that fails. Raises BoothError, as it does."""
        try:
            self.device.start()
        finally:
            self.started = True
            if self._thread is None and not self._off.is_set():
                name = f"{self._name}-beat"
                self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._thread.start()
            if self._off.is_set():  # closed while it was starting
                self.device.close()

    def health(self) -> Health:
        """What the last beat heard. Never waits."""
        return self._word

    def close(self) -> None:
        """Ends the beat and lets the device go. Idempotent."""
        self._off.set()
        self.device.close()  # ends a question that waits for its answer
        if self._thread is not None:
            self._thread.join(5.0)
            self.device.close()  # a question that had just begun has opened it again

    def _run(self) -> None:
        while not self._off.is_set():
            word = self._ask()
            if word != self._word and not self._off.is_set():
                self._word = word
                self.on_change()
            self._off.wait(self._every_s)

    def _ask(self) -> Health:
        try:
            return self.device.health()
        except Exception as wrong:
            unheard = Health.ill(self._name, f"{self._name}.silent", "fault")
            if self._word != unheard:  # told once, not at every beat
                note_fault(wrong, type(self.device).__name__)
            return unheard

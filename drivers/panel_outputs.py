# SPDX-License-Identifier: Apache-2.0
"""Outputs of the panel: lamps that never flash, and relays that give a stuck device a fresh start.

Light that changes strongly more than three times a second can bring on seizures (WCAG 2.3.1 calls
a pair of opposing changes of a tenth of the range a flash). Whatever the booth asks for, no lamp
here makes more than two such pairs in a second.
"""

import threading
import time
from collections import deque
from typing import Protocol

from gpiozero import PWMLED, OutputDevice

STRONG = 0.1
"""A change of so much of the range counts as one half of a flash."""
CHANGES = 4
WINDOW_S = 1.0
CYCLE_S = 3.0
"""How long a device's supply is cut: its capacitors must empty."""
REST_S = 60.0
"""A device that was cycled is left alone for so long; one that is still silent is broken."""


class Light(Protocol):
    """What a lamp hangs on."""

    def set(self, level: float) -> None:
        """Light at `level`, 0.0 to 1.0; what cannot dim is on at any level above 0."""
        ...

    def off(self) -> None:
        """Level 0."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class PlainLight:
    """A pin that is on or off."""

    def __init__(self, device: OutputDevice) -> None:
        self._device = device
        self.off, self.close = device.off, device.close

    def set(self, level: float) -> None:
        """On at any level above 0."""
        self._device.value = level > 0.0


class SoftLight:
    """A pin that its library switches `hertz` times a second while it is dimmed.

    For lamps that no camera looks at. Dark and full are plain levels of the pin: a pin library that
    dims in software works for as long as its dimming is on, also at 0 and 1 (lgpio on an emulated
    processor: half a core).
    """

    def __init__(self, device: PWMLED, hertz: int = 100) -> None:
        self._device, self._hertz = device, hertz
        self.off, self.close = device.off, device.close
        device.frequency = None  # type: ignore[assignment]  # no dimming

    def set(self, level: float) -> None:
        """Light at `level`, as the library rounds it (lgpio: to hundredths)."""
        if 0.0 < level < 1.0:
            if self._device.frequency is None:
                self._device.frequency = self._hertz
        elif self._device.frequency is not None:
            self._device.frequency = None  # type: ignore[assignment]
        self._device.value = level


class Lamp:
    """One lamp that never flashes. One thread at a time.

    `dims`: whether its light knows levels between dark and full; one that does not changes only
    between these two, however the level asked for moves.
    """

    def __init__(self, light: Light, *, dims: bool = True) -> None:
        self._light, self._dims = light, dims
        self._shown = 0.0  # as asked for: a pin library gives it back cut to hundredths
        self._changes: deque[float] = deque(maxlen=CHANGES)

    def show(self, level: float, now: float) -> float | None:
        """Light it at `level`, or not yet: then when (monotonic seconds)."""
        if not self._dims:
            level = float(level > 0.0)
        if level == self._shown:
            return None
        if abs(level - self._shown) >= STRONG:
            full = len(self._changes) == CHANGES
            if full and now < self._changes[0] + WINDOW_S:
                return self._changes[0] + WINDOW_S
            self._changes.append(now)
        self._light.set(level)
        self._shown = level
        return None

    def off(self) -> None:
        """Dark at once."""
        self._light.off()

    def close(self) -> None:
        """Let go of the light."""
        self._light.close()


class Relay:
    """Cuts one device's supply while its coil is energised. `cut` may be called from any thread."""

    def __init__(self, device: OutputDevice) -> None:
        self.device = device
        self._turn = threading.Lock()
        self._last = float("-inf")

    def cut(self, seconds: float, stop: threading.Event) -> bool:
        """Take the supply away for `seconds` (less when `stop` is set), and give it back.

        False, and nothing done: it is being cut already, or was within `REST_S`.
        """
        if not self._turn.acquire(blocking=False):
            return False
        try:
            if time.monotonic() < self._last + REST_S:
                return False
            self.device.on()
            try:
                stop.wait(seconds)
            finally:
                self.device.off()
                self._last = time.monotonic()
            return True
        finally:
            self._turn.release()

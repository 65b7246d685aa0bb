# SPDX-License-Identifier: Apache-2.0
"""The booth's panel: lamps that guide a hand or light a face, who is there, and the staff key.

The panel is a help, never a condition: a lamp that cannot be lit raises nothing, `health` tells.
Inputs are settled here and not by the pin library: a change counts once it has lasted, so contact
bounce and a person leaning aside for a moment are not reported.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType

import structlog
from gpiozero import PWMLED, DigitalInputDevice
from gpiozero.exc import GPIOZeroError

from drivers.errors import OutOfServiceError
from drivers.health import Health, State
from firmware_io.links.errors import LinkLostError
from firmware_io.links.pins import PanelPins, Pins, open_pins

LAMPS = ("photo", "reader", "finger", "status")
LAMP_HZ: MappingProxyType[str, int] = MappingProxyType(
    {"photo": 8000, "reader": 100, "finger": 100, "status": 100}
)
"""Dimming frequency. A camera with a rolling shutter shows bands under a light dimmed at 100 Hz;
at level 1.0 no lamp is switched at all. lgpio's own limit is 10 kHz."""

Listener = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """Wiring, and how long (seconds) an input must last before it counts."""

    pins: PanelPins = field(default_factory=PanelPins)
    arrives_s: float = 0.1
    leaves_s: float = 2.0
    key_s: float = 0.3


class _Input:
    """One settled input: `value` follows the pin once it has lasted."""

    def __init__(
        self, pin: DigitalInputDevice, on_s: float, off_s: float, wake: Callable[[], None]
    ):
        self.pin = pin
        self.value = False
        self._on_s, self._off_s = on_s, off_s
        self._seen = False
        self._since = 0.0
        pin.when_activated = wake
        pin.when_deactivated = wake

    def settle(self, now: float) -> float | None:
        """Take in the pin at `now`. When to look again, None: at the next edge."""
        level = bool(self.pin.is_active)
        if level != self._seen:
            self._seen, self._since = level, now
        if level == self.value:
            return None
        due = self._since + (self._on_s if level else self._off_s)
        if now < due:
            return due
        self.value = level
        return None


class Panel:
    """The panel on the pins of `factory`: "lgpio", "mock", or "none" when no panel is fitted.

    `mock_socket`: where the mock's far side listens (`firmware_io.emulators.panel`). Methods may
    be called from any thread. Listeners are called from the panel's own thread.
    """

    def __init__(
        self,
        *,
        factory: str = "lgpio",
        mock_socket: str = "",
        settings: PanelSettings | None = None,
    ) -> None:
        self._factory, self._mock_socket = factory, mock_socket
        self._settings = settings or PanelSettings()
        self._levels: dict[str, float] = dict.fromkeys(LAMPS, 0.0)
        self._lock = threading.Lock()
        self._pins: Pins | None = None
        self._lamps: dict[str, PWMLED] = {}
        self._inputs: dict[str, _Input] = {}
        self._listeners: dict[str, list[Listener]] = {"presence": [], "key": []}
        self._edge = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._health = Health("panel", State.ABSENT if factory == "none" else State.ILL)
        if factory != "none":
            self._health = Health.ill("panel", "panel.no_pins", "not started")

    def start(self) -> None:
        """Take the pins, light what was asked for so far, and listen. Idempotent.

        Raises OutOfServiceError("panel.no_pins") when pins or library are not there.
        """
        if self._factory == "none" or self._thread is not None:
            return
        try:
            self._take_pins()
        except (LinkLostError, GPIOZeroError, OSError) as error:
            self._release()
            self._health = Health.ill("panel", "panel.no_pins", type(error).__name__)
            raise OutOfServiceError("panel.no_pins", type(error).__name__) from error
        self._stop.clear()
        self._thread = threading.Thread(target=self._listen, name="panel", daemon=True)
        self._thread.start()
        self._health = Health.ready("panel", self._factory)

    def close(self) -> None:
        """Put all lamps out and let go of the pins. Idempotent; `start` may follow."""
        self._stop.set()
        self._edge.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        self._release()
        if self._factory != "none":
            self._health = Health.ill("panel", "panel.no_pins", "closed")

    def health(self) -> Health:
        """READY with the library's name, ILL without pins, ABSENT when none is fitted."""
        return self._health

    def lamp(self, name: str, level: float) -> None:
        """Light lamp `name` ("photo", "reader", "finger", "status") at `level`, 0.0 to 1.0.

        Before `start` the level is kept and shown then. ValueError for another name or level.
        """
        if name not in self._levels or not 0.0 <= level <= 1.0:
            raise ValueError(f"lamps are {', '.join(LAMPS)}, levels 0.0 to 1.0")
        with self._lock:
            self._levels[name] = level
            lamp = self._lamps.get(name)
            if lamp is not None:
                try:
                    lamp.value = level
                except (GPIOZeroError, OSError) as error:
                    self._health = Health.ill("panel", "panel.no_pins", type(error).__name__)

    def on_presence(self, listener: Listener) -> None:
        """Call `listener(True)` when somebody came, `listener(False)` when they have left."""
        self._listeners["presence"].append(listener)

    def on_key(self, listener: Listener) -> None:
        """Call `listener(True)` when the staff key is turned to service, False when back."""
        self._listeners["key"].append(listener)

    @property
    def present(self) -> bool:
        """Whether somebody is there, settled; False without a panel."""
        return self._value("presence")

    @property
    def key_open(self) -> bool:
        """Whether the staff key stands in its service position, settled."""
        return self._value("key")

    def _value(self, name: str) -> bool:
        one = self._inputs.get(name)
        return one is not None and one.value

    def _take_pins(self) -> None:
        want, settings = self._settings.pins, self._settings
        pins = open_pins(self._factory, mock_socket=self._mock_socket, layout=want)
        self._pins = pins
        with self._lock:
            for name, number in want.lamps.items():
                lamp = PWMLED(number, frequency=LAMP_HZ[name], pin_factory=pins.factory)
                lamp.value = self._levels[name]
                self._lamps[name] = lamp
        presence = DigitalInputDevice(want.presence, pull_up=False, pin_factory=pins.factory)
        key = DigitalInputDevice(want.key, pull_up=True, pin_factory=pins.factory)
        self._inputs = {
            "presence": _Input(presence, settings.arrives_s, settings.leaves_s, self._edge.set),
            "key": _Input(key, settings.key_s, settings.key_s, self._edge.set),
        }

    def _release(self) -> None:
        with self._lock:
            lamps, self._lamps = self._lamps, {}
            inputs, self._inputs = self._inputs, {}
            pins, self._pins = self._pins, None
        for lamp in lamps.values():
            with contextlib.suppress(GPIOZeroError, OSError):
                lamp.off()
                lamp.close()
        for one in inputs.values():
            with contextlib.suppress(GPIOZeroError, OSError):
                one.pin.close()
        if pins is not None:
            with contextlib.suppress(GPIOZeroError, OSError):
                pins.close()

    def _listen(self) -> None:
        """Settle the inputs and tell the listeners; an input active at start is told as well."""
        while not self._stop.is_set():
            self._edge.clear()
            due: list[float] = []
            for name, one in self._inputs.items():
                before = one.value
                again = one.settle(time.monotonic())
                if again is not None:
                    due.append(again)
                if one.value != before:
                    self._tell(name, one.value)
            self._edge.wait(max(0.0, min(due) - time.monotonic()) if due else None)

    def _tell(self, name: str, value: bool) -> None:
        for listener in list(self._listeners[name]):
            try:
                listener(value)
            except Exception as wrong:
                # One listener's mistake must not make the panel deaf.
                structlog.get_logger().error("panel.listener_failed", code=type(wrong).__name__)

# SPDX-License-Identifier: Apache-2.0
"""The booth's panel: lamps, contacts, push buttons, buzzer, fan, and the devices' supply.

The panel is a help, never a condition: a lamp that cannot be lit raises nothing, `health` tells.
What is not fitted is silent: an unfitted contact is never told, an unfitted output does nothing.
One thread of the panel settles the inputs, calls the listeners and holds the lamps' pace; when the
pins are lost (a chip on USB unplugged, a line taken by another program) it takes them again as soon
as they are there. Meanwhile every contact stays as it was known last.
"""

import contextlib
import threading
import time
from collections.abc import Callable

import structlog
from gpiozero import PWMLED, DigitalInputDevice, OutputDevice
from gpiozero.exc import GPIOZeroError

from drivers.errors import OutOfServiceError
from drivers.health import Health, State
from drivers.panel_inputs import Contact, Push
from drivers.panel_outputs import CYCLE_S, Lamp, PlainLight, Relay, SoftLight
from drivers.panel_photo import START_S, PhotoLamp
from drivers.panel_settings import PanelSettings
from firmware_io.links.errors import LinkLostError
from firmware_io.links.pins import (
    ANY_CHIP,
    BUTTONS,
    CONTACTS,
    LAMPS,
    PanelPins,
    Pins,
    open_pins,
)

__all__ = ["Panel", "PanelPins", "PanelSettings"]

BEEP_S = 0.2
BEEP_LONGEST_S = 1.0
LOOK_S = 0.5
"""Pins are looked at so often although no edge came: a chip that is gone sends none."""
RETRY_S = 1.0
_TROUBLES: tuple[type[Exception], ...] = (LinkLostError, GPIOZeroError, OSError)

Listener = Callable[[bool], None]


class Panel:
    """The panel on the pins of `factory`: "lgpio", "mock", or "none" when no panel is fitted.

    `mock_socket`: where the mock's far side listens (`firmware_io.emulators.panel`). `chip`: N of
    /dev/gpiochipN, or a path to it, on a board that is no Raspberry Pi. Methods may be called from
    any thread. Listeners are called from the panel's own thread. ValueError: `photo_pwm` names no
    PWM channel.
    """

    def __init__(
        self,
        *,
        factory: str = "lgpio",
        mock_socket: str = "",
        chip: int | str = ANY_CHIP,
        settings: PanelSettings | None = None,
    ) -> None:
        self._factory, self._mock_socket, self._chip = factory, mock_socket, chip
        self._settings = settings or PanelSettings()
        photo = self._settings.photo_pwm
        self._photo = None if photo is None else PhotoLamp(photo)
        self._levels: dict[str, float] = dict.fromkeys(LAMPS, 0.0)
        self._lock = threading.Lock()
        self._pins: Pins | None = None
        self._lamps: dict[str, Lamp] = {}
        self._contacts: dict[str, Contact] = {}
        self._buttons: dict[str, Push] = {}
        self._relays: dict[str, Relay] = {}
        self._buzzer: OutputDevice | None = None
        self._fan: OutputDevice | None = None
        self._quiet_at = 0.0
        self._troubles = _TROUBLES  # and those of the library that drives the pins
        self._lost = False
        self._known: dict[str, bool] = dict.fromkeys(CONTACTS, False)
        self._on_change: dict[str, list[Listener]] = {name: [] for name in CONTACTS}
        self._on_press: dict[str, list[Callable[[], None]]] = {name: [] for name in BUTTONS}
        self._edge = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._health = Health("panel", State.ABSENT if factory == "none" else State.ILL)
        if factory != "none":
            self._health = Health.ill("panel", "panel.no_pins", "not started")

    def start(self) -> None:
        """Take the pins, light what was asked for so far, and listen. Idempotent.

        Raises OutOfServiceError("panel.no_pins") when pins or library are not there, and with
        "panel.no_photo_lamp" when the photo lamp's channel is not; it goes on trying until `close`.
        """
        if self._factory == "none" or self._thread is not None:
            return
        failed = self._take_pins()
        self._stop.clear()
        self._thread = threading.Thread(target=self._listen, name="panel", daemon=True)
        self._thread.start()
        dark = None if self._photo is None else self._photo.take(START_S)
        with self._lock:
            self._show("photo", time.monotonic())
        if failed is not None:
            raise OutOfServiceError("panel.no_pins", type(failed).__name__) from failed
        if dark is not None:
            raise OutOfServiceError("panel.no_photo_lamp", str(dark)) from dark

    def close(self) -> None:
        """Put all lamps out and let go of the pins. Idempotent; `start` may follow."""
        self._stop.set()
        self._edge.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        self._release()
        if self._photo is not None:
            with self._lock:
                self._photo.close()
        if self._factory != "none":
            self._health = Health.ill("panel", "panel.no_pins", "closed")

    def health(self) -> Health:
        """READY with the library's name and how the photo lamp is lit, or ABSENT.

        ILL without pins, without the photo lamp's channel, or with a stuck button.
        """
        if self._health.state is not State.READY:
            return self._health
        if self._photo is not None and self._photo.trouble:
            return Health.ill("panel", "panel.no_photo_lamp", self._photo.trouble)
        stuck = [name for name, one in list(self._buttons.items()) if one.stuck]
        if stuck:
            return Health.ill("panel", "panel.stuck_button", " ".join(stuck))
        return self._health

    # -- what it does

    def lamp(self, name: str, level: float) -> None:
        """Light lamp `name` ("photo", "reader", "finger", "printer", "status"), 0.0 to 1.0.

        Before `start` the level is kept and shown then. A level that would make the lamp flash
        comes up to a second late; a photo lamp without a PWM channel burns full at any level above
        0. ValueError for another name or level.
        """
        if name not in self._levels or not 0.0 <= level <= 1.0:
            raise ValueError(f"lamps are {', '.join(LAMPS)}, levels 0.0 to 1.0")
        with self._lock:
            self._levels[name] = level
            late = self._show(name, time.monotonic())
        if late is not None:
            self._edge.set()

    def beep(self, seconds: float = BEEP_S) -> None:
        """Sound the buzzer once for `seconds` (at most 1)."""
        self._quiet_at = time.monotonic() + min(seconds, BEEP_LONGEST_S)
        self._switch(self._buzzer, on=True)
        self._edge.set()

    def fan(self, on: bool) -> None:
        """Let the fan run, or not."""
        self._switch(self._fan, on=on)

    def cycle(self, device: str, seconds: float = CYCLE_S) -> bool:
        """Take the supply from a stuck `device` for `seconds` and give it back; waits so long.

        "camera", "idreader", "fingerprint" or "printer". False, and nothing done: no relay is
        fitted for it, or it was cycled within the last minute.
        """
        relay = self._relays.get(device)
        if relay is None or self._stop.is_set():
            return False
        try:
            return relay.cut(seconds, self._stop)
        except self._troubles as error:
            self._lose(error)
            return False

    # -- what it hears

    def on_change(self, contact: str, listener: Listener) -> None:
        """Call `listener` with each settled change of a contact.

        True means: "presence" somebody is there; "key" turned to service; "door" open; "power"
        failing; "headphones" plugged in. What holds at the start is told as a change.
        """
        self._on_change[contact].append(listener)

    def on_press(self, button: str, listener: Callable[[], None]) -> None:
        """Call `listener` once at each press of "call", "next", "back", "choose" or "volume"."""
        self._on_press[button].append(listener)

    @property
    def present(self) -> bool:
        """Whether somebody is there, settled; False without a sensor."""
        return self.says("presence")

    @property
    def key_open(self) -> bool:
        """Whether the staff key stands in its service position, settled."""
        return self.says("key")

    def says(self, contact: str) -> bool:
        """The settled state of a contact, as told to its listeners; False when not fitted."""
        return self._known.get(contact, False)

    # -- pins

    def _take_pins(self) -> Exception | None:
        """Ready, or what kept the pins from being taken."""
        self._lost = False
        try:
            self._claim()
        except Exception as error:
            # Which errors count is known only once the library is open.
            if not isinstance(error, self._troubles):
                raise
            self._lose(error)
            self._release()
            return error
        if not self._lost:
            self._health = Health.ready("panel", self._about)
        return None

    @property
    def _about(self) -> str:
        if self._photo is not None:
            return f"{self._factory}, photo lamp dimmed by {self._settings.photo_pwm}"
        return f"{self._factory}, photo lamp not dimmable"

    def _lose(self, error: Exception) -> None:
        """The pins are not there, or not any more: the panel's thread takes them again."""
        self._health = Health.ill("panel", "panel.no_pins", type(error).__name__)
        self._lost = True
        self._edge.set()

    def _claim(self) -> None:
        want = self._settings.wired
        pins = open_pins(
            self._factory,
            mock_socket=self._mock_socket,
            layout=want,
            chip=self._chip,
            photo_pwm=self._settings.photo_pwm,
        )
        self._pins = pins
        self._troubles = (*_TROUBLES, *pins.errors)

        def out(number: int) -> OutputDevice | None:
            if number < 0:
                return None
            return OutputDevice(number, initial_value=False, pin_factory=pins.factory)

        with self._lock:
            for name, number in want.lamps.items():
                self._lamps[name] = self._lamp(name, number, pins)
                self._show(name, time.monotonic())
        for name, number in want.relays.items():
            if (device := out(number)) is not None:
                self._relays[name] = Relay(device)
        self._buzzer, self._fan = out(want.buzzer), out(want.fan)
        for name, number in want.contacts.items():
            self._contacts[name] = self._contact(name, number, pins)
        press_s = self._settings.press_s
        for name, number in want.buttons.items():
            pin = DigitalInputDevice(number, pull_up=True, pin_factory=pins.factory)
            self._buttons[name] = Push(Contact(pin, press_s, press_s, self._edge.set))

    def _lamp(self, name: str, number: int, pins: Pins) -> Lamp:
        if name == "photo":
            pin = OutputDevice(number, initial_value=False, pin_factory=pins.factory)
            return Lamp(PlainLight(pin), dims=False)
        return Lamp(SoftLight(PWMLED(number, pin_factory=pins.factory)))

    def _contact(self, name: str, number: int, pins: Pins) -> Contact:
        on_s, off_s = self._settings.lasts(name)
        # The presence sensor drives its pin, the others are contacts to ground.
        pull_up = name != "presence"
        pin = DigitalInputDevice(number, pull_up=pull_up, pin_factory=pins.factory)
        known = self._known[name]
        return Contact(pin, on_s, off_s, self._edge.set, inverted=name == "door", value=known)

    def _release(self) -> None:
        with self._lock:
            lamps, self._lamps = self._lamps, {}
            contacts, self._contacts = self._contacts, {}
            buttons, self._buttons = self._buttons, {}
            relays, self._relays = self._relays, {}
            others = [one for one in (self._buzzer, self._fan) if one is not None]
            self._buzzer = self._fan = None
            pins, self._pins = self._pins, None
        outputs = [*lamps.values(), *others, *(one.device for one in relays.values())]
        inputs = [
            one.pin for one in (*contacts.values(), *(push.contact for push in buttons.values()))
        ]
        ends = [*(one.off for one in outputs), *(one.close for one in (*outputs, *inputs))]
        for end in (*ends, *(() if pins is None else (pins.close,))):
            with contextlib.suppress(*self._troubles):
                end()

    def _show(self, name: str, now: float) -> float | None:
        """Bring a lamp to its level; when to try again. The caller holds the lock."""
        if name == "photo" and self._photo is not None:
            return self._photo.show(self._levels[name], now)
        one = self._lamps.get(name)
        if one is None:
            return None
        try:
            return one.show(self._levels[name], now)
        except self._troubles as error:
            self._lose(error)
            return None

    def _switch(self, output: OutputDevice | None, *, on: bool) -> None:
        if output is None:
            return
        try:
            output.on() if on else output.off()
        except self._troubles as error:
            self._lose(error)

    # -- the thread

    def _listen(self) -> None:
        """Settle the inputs and tell the listeners; an input active at start is told as well."""
        while not self._stop.is_set():
            self._edge.clear()
            if self._photo is not None:
                with self._lock:
                    self._photo.look()
                    self._show("photo", time.monotonic())
            if self._lost:
                self._release()
                if self._take_pins() is not None:
                    self._stop.wait(RETRY_S)
                continue
            try:
                due = [at for at in self._look() if at is not None]
            except self._troubles as error:
                self._lose(error)
                continue
            next_at = min((*due, time.monotonic() + LOOK_S))
            self._edge.wait(max(0.0, next_at - time.monotonic()))

    def _look(self) -> list[float | None]:
        due: list[float | None] = []
        for name, contact in self._contacts.items():
            due.append(contact.look())
            for value in contact.settling.changes():
                self._known[name] = value
                self._tell(self._on_change[name], value)
        for name, push in self._buttons.items():
            presses, again = push.look()
            due.append(again)
            for _ in range(presses):
                self._tell(self._on_press[name])
        now = time.monotonic()
        with self._lock:
            due += [self._show(name, now) for name in LAMPS]
        if self._buzzer is not None and self._buzzer.value:
            if now >= self._quiet_at:
                self._switch(self._buzzer, on=False)
            else:
                due.append(self._quiet_at)
        return due

    def _tell(self, listeners: list[Callable[..., None]], *value: bool) -> None:
        for listener in list(listeners):
            try:
                listener(*value)
            except Exception as wrong:
                # One listener's mistake must not make the panel deaf.
                structlog.get_logger().error("panel.listener_failed", code=type(wrong).__name__)

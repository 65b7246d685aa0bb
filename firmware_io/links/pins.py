# SPDX-License-Identifier: Apache-2.0
"""GPIO pins: which library drives them, said by setting and never guessed.

gpiozero left to itself tries one library after the other and ends wherever one loads; a booth must
not slide to another back end, least of all to the mock. Factories:

- ``lgpio``: /dev/gpiochip* of Linux. Traps of lgpio: importing it makes a FIFO in the working
  directory, or changes to the directory in ``LG_WD``; it must not be forked after import.
- ``mock``: gpiozero's mock pins in this process. Their far side is `firmware_io.emulators.panel`,
  a Unix socket through which another process presses and looks at them.
"""

import contextlib
import errno
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from firmware_io.links.errors import LinkLostError

UNFITTED = -1
ANY_CHIP = -1
_PI_4B = 0xC04170
LAMPS = ("photo", "reader", "finger", "printer", "status")
CONTACTS = ("presence", "key", "door", "power", "headphones")
BUTTONS = ("call", "next", "back", "choose", "volume")
POWERED = ("camera", "idreader", "fingerprint", "printer")


@dataclass(frozen=True, slots=True)
class PanelPins:
    """Broadcom pin numbers of the booth panel's wiring; `UNFITTED`: there is no such part.

    Lamps, buzzer and fan are active high. The presence sensor gives high while somebody is there
    (PIR, or a reflex sensor behind a level shifter). All other inputs are contacts to ground with
    the pin's own pull-up: the key switch closes in its service position and the UPS's relay when
    the mains fails, so that a broken wire reads as "not turned" and "not failing"; the door's
    contact is closed while the door is, so that a broken wire reads as "open". The ``power_``
    pins drive relays in whose resting position the device has its supply: it has power whenever
    this process has ended. All numbers are a project choice, to be checked on the board.
    """

    photo: int = 18
    reader: int = 23
    finger: int = 24
    printer: int = UNFITTED
    status: int = 25
    presence: int = 17
    key: int = 27
    door: int = UNFITTED
    power: int = UNFITTED
    headphones: int = UNFITTED
    call: int = UNFITTED
    next: int = UNFITTED
    back: int = UNFITTED
    choose: int = UNFITTED
    volume: int = UNFITTED
    buzzer: int = UNFITTED
    fan: int = UNFITTED
    power_camera: int = UNFITTED
    power_idreader: int = UNFITTED
    power_fingerprint: int = UNFITTED
    power_printer: int = UNFITTED

    def __post_init__(self) -> None:
        """Raises ValueError when two parts share a pin."""
        numbers = [number for number in self.all.values() if number != UNFITTED]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"pin {twice[0]} is given to two parts of the panel")

    @property
    def all(self) -> dict[str, int]:
        """Every part's pin by its name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def lamps(self) -> dict[str, int]:
        """The fitted lamps by name."""
        return self._fitted(LAMPS)

    @property
    def contacts(self) -> dict[str, int]:
        """The fitted inputs that last, by name."""
        return self._fitted(CONTACTS)

    @property
    def buttons(self) -> dict[str, int]:
        """The fitted push buttons by name."""
        return self._fitted(BUTTONS)

    @property
    def relays(self) -> dict[str, int]:
        """The relays that can cut a device's supply, by the device's name."""
        fitted = self._fitted(tuple(f"power_{name}" for name in POWERED))
        return {name.removeprefix("power_"): number for name, number in fitted.items()}

    def _fitted(self, names: tuple[str, ...]) -> dict[str, int]:
        every = self.all
        return {name: every[name] for name in names if every[name] != UNFITTED}


@dataclass(slots=True)
class Pins:
    """An open pin factory; hand `factory` to gpiozero devices, and `close` it after them.

    `errors`: what its library raises beside gpiozero's own and OSError.
    """

    factory: Factory
    errors: tuple[type[Exception], ...] = ()
    _ends: list[Callable[[], Any]] = field(default_factory=list)

    def close(self) -> None:
        """Let go of all pins and of what stands at their far side."""
        while self._ends:
            self._ends.pop()()
        self.factory.close()


def open_pins(
    name: str,
    *,
    mock_socket: str | Path = "",
    layout: PanelPins | None = None,
    chip: int | str = ANY_CHIP,
    photo_pwm: Path | None = None,
) -> Pins:
    """The pin factory `name`: "lgpio" or "mock".

    `chip`: N of /dev/gpiochipN, or a path to it, for a board that is no Raspberry Pi; else the
    Pi's own is found. A chip on USB may come back as another N: name it by a link that udev makes.

    `mock_socket` is the path of the mock's far side ("" for none), `layout` tells it which pin is
    which, `photo_pwm` where the PWM channel of the photo lamp is. Raises ValueError for another
    name, LinkLostError when the library or the chip is not there or not permitted.
    """
    if name == "mock":
        from gpiozero.pins.mock import MockFactory

        from firmware_io.emulators.panel import PanelDesk, WiredPin

        mock = MockFactory(pin_class=WiredPin)
        pins = Pins(mock)
        if mock_socket:
            desk = PanelDesk(mock, layout or PanelPins(), mock_socket, photo_pwm=photo_pwm)
            desk.open()
            pins._ends.append(desk.close)
        return pins
    if name == "lgpio":
        try:
            from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

            library = sys.modules["lgpio"]

            class OwnPin(LGPIOPin):
                """A pin whose edges end with it.

                lgpio tells edges from one thread of the whole process, which the first exception
                ends for good, and gpiozero leaves its callback there when a pin is closed.
                """

                def close(self) -> None:
                    if self._callback is not None:
                        self._callback.cancel()
                        self._callback = None
                    super().close()

                def _call_when_changed(self, chip: int, gpio: int, level: int, ticks: int) -> None:
                    with contextlib.suppress(GPIOZeroError, OSError, TypeError, library.error):
                        if self._callback is not None:
                            super()._call_when_changed(chip, gpio, level, ticks)

            class OwnFactory(LGPIOFactory):
                """The Pi's own chip, or one chip's lines by their numbers, whatever the board.

                `close` gives everything back also when the chip has gone: gpiozero's pins live in
                a table of the whole process, where the next factory would find dead ones.
                """

                def __init__(self, chip: int | None) -> None:
                    super().__init__(chip)
                    self.pin_class = OwnPin

                def _get_revision(self) -> int:
                    # A Pi 4's header is the numbering that gpiozero knows.
                    return super()._get_revision() if chip == ANY_CHIP else _PI_4B

                def close(self) -> None:
                    for number in list(self.pins):
                        with contextlib.suppress(GPIOZeroError, OSError, library.error):
                            self.pins[number].close()
                        del self.pins[number]
                    self._reservations.clear()
                    super().close()

            number = None if chip == ANY_CHIP else _number_of(chip)
            return Pins(OwnFactory(chip=number), errors=(library.error,))
        except (ImportError, AttributeError, OSError, GPIOZeroError) as error:
            # AttributeError: an lgpio package without its C part is an empty module.
            raise LinkLostError(f"no GPIO through lgpio ({type(error).__name__})") from error
        except Exception as error:
            if type(error).__module__ != "lgpio":  # lgpio.error derives from Exception only
                raise
            raise LinkLostError("no GPIO through lgpio (chip cannot be opened)") from error
    raise ValueError("pins are driven by lgpio or mock")


def _number_of(chip: int | str) -> int:
    """N of /dev/gpiochipN. OSError when a path leads to no such chip, or to none at the moment."""
    if isinstance(chip, int):
        return chip
    found = re.fullmatch(r"/dev/gpiochip(\d+)", os.path.realpath(chip))
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "no GPIO chip", chip)
    return int(found[1])

# SPDX-License-Identifier: Apache-2.0
"""GPIO pins: which library drives them, said by setting and never guessed.

gpiozero left to itself tries one library after the other and ends wherever one loads; a booth must
not slide to another back end, least of all to the mock. Factories:

- ``lgpio``: /dev/gpiochip* of Linux. Traps of lgpio: importing it makes a FIFO in the working
  directory, or changes to the directory in ``LG_WD``; it must not be forked after import.
- ``mock``: gpiozero's mock pins in this process. Their far side is `firmware_io.emulators.panel`,
  a Unix socket through which another process presses and looks at them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from firmware_io.links.errors import LinkLostError


@dataclass(frozen=True, slots=True)
class PanelPins:
    """Broadcom pin numbers of the booth panel's wiring.

    Lamps are active high. The presence sensor gives high while somebody is there (PIR, or a reflex
    sensor behind a level shifter). The key switch shorts to ground in its service position, so
    that a broken wire reads as "not turned".
    """

    photo: int = 18
    reader: int = 23
    finger: int = 24
    status: int = 25
    presence: int = 17
    key: int = 27

    @property
    def lamps(self) -> dict[str, int]:
        """The lamps by name."""
        return {
            "photo": self.photo,
            "reader": self.reader,
            "finger": self.finger,
            "status": self.status,
        }


@dataclass(slots=True)
class Pins:
    """An open pin factory; hand `factory` to gpiozero devices, and `close` it after them."""

    factory: Factory
    _ends: list[Callable[[], Any]] = field(default_factory=list)

    def close(self) -> None:
        """Let go of all pins and of what stands at their far side."""
        while self._ends:
            self._ends.pop()()
        self.factory.close()


def open_pins(name: str, *, mock_socket: str | Path = "", layout: PanelPins | None = None) -> Pins:
    """The pin factory `name`: "lgpio" or "mock".

    `mock_socket` is the path of the mock's far side ("" for none), `layout` tells it which pin is
    which. Raises ValueError for another name, LinkLostError when the library or the chip is not
    there or not permitted.
    """
    if name == "mock":
        from gpiozero.pins.mock import MockFactory, MockPWMPin

        mock = MockFactory(pin_class=MockPWMPin)
        pins = Pins(mock)
        if mock_socket:
            from firmware_io.emulators.panel import PanelDesk

            desk = PanelDesk(mock, layout or PanelPins(), mock_socket)
            desk.open()
            pins._ends.append(desk.close)
        return pins
    if name == "lgpio":
        try:
            from gpiozero.pins.lgpio import LGPIOFactory

            return Pins(LGPIOFactory())
        except (ImportError, AttributeError, OSError, GPIOZeroError) as error:
            # AttributeError: an lgpio package without its C part is an empty module.
            raise LinkLostError(f"no GPIO through lgpio ({type(error).__name__})") from error
        except Exception as error:
            if type(error).__module__ != "lgpio":  # lgpio.error derives from Exception only
                raise
            raise LinkLostError("no GPIO through lgpio (chip cannot be opened)") from error
    raise ValueError("pins are driven by lgpio or mock")

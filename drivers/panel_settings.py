# SPDX-License-Identifier: Apache-2.0
"""What a site may say of its panel."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from firmware_io.links.pins import UNFITTED, PanelPins


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """Wiring, and how long (seconds) an input must last before it counts.

    `photo_pwm`: the PWM channel (``…/pwmchipN/pwmM``) that dims the photo lamp; its pin is then no
    GPIO. Without it that lamp is on or off: a camera with a rolling shutter shows bands under a
    light that software switches. `power_s`: mains that are back sooner were a blink.
    """

    pins: PanelPins = field(default_factory=PanelPins)
    photo_pwm: Path | None = None
    arrives_s: float = 0.1
    leaves_s: float = 2.0
    key_s: float = 0.3
    door_s: float = 0.1
    power_s: float = 2.0
    plug_s: float = 0.3
    press_s: float = 0.03

    @property
    def wired(self) -> PanelPins:
        """The pins that are GPIO: not the photo lamp's where a PWM channel has it."""
        return self.pins if self.photo_pwm is None else replace(self.pins, photo=UNFITTED)

    def lasts(self, contact: str) -> tuple[float, float]:
        """How long, in seconds, a contact must be made and then broken before it counts."""
        return {
            "presence": (self.arrives_s, self.leaves_s),
            "key": (self.key_s, self.key_s),
            "door": (self.door_s, self.door_s),
            "power": (self.power_s, self.power_s),
            "headphones": (self.plug_s, self.plug_s),
        }[contact]

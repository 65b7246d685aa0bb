# SPDX-License-Identifier: Apache-2.0
"""Colours, sizes and type of every screen, in one place.

Sizes are millimetres at the panel and become pixels through the panel's density, so that every
panel shows the same thing. Colours come in two palettes: the usual one and high contrast.
"""

from dataclasses import dataclass
from enum import StrEnum

Rgb = tuple[float, float, float]

PX_PER_MM = 8 / 1.4
"""Pixels in a millimetre on the reference panel: 8 px are 1.4 mm (about 145 dpi)."""

TARGET_MM = 12.7
"""Least width and height of anything touchable (half an inch)."""
APART_MM = 3.0
"""Least distance between two things to touch."""
FLOOR_MM = 3.9
"""No text is ever smaller than this (height of a Chinese character)."""
LARGE = 2.0
"""The text scale that the large-text button asks for."""


def rgb(code: str) -> Rgb:
    """``#RRGGBB`` as three figures 0..1."""
    return int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255


class Style(StrEnum):
    """What a text is for; decides its size, weight and line height."""

    HERO = "hero"
    HEADING = "heading"
    TITLE = "title"
    LEAD = "lead"
    BODY = "body"
    STRONG = "strong"
    LABEL = "label"
    SMALL = "small"
    BUTTON = "button"
    CHIP = "chip"
    COUNT = "count"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Type:
    """Size in mm of a Chinese character, weight (400 or 700) and line height as a factor."""

    mm: float
    weight: int
    line: float


TYPES: dict[Style, Type] = {
    Style.HERO: Type(11.2, 700, 1.25),
    Style.HEADING: Type(8.5, 700, 1.28),
    Style.TITLE: Type(6.2, 700, 1.3),
    Style.LEAD: Type(5.6, 700, 1.4),
    Style.BODY: Type(5.0, 400, 1.48),
    Style.STRONG: Type(5.0, 700, 1.48),
    Style.LABEL: Type(4.2, 400, 1.4),
    Style.SMALL: Type(3.9, 400, 1.4),
    Style.BUTTON: Type(5.6, 700, 1.22),
    Style.CHIP: Type(4.2, 700, 1.3),
    Style.COUNT: Type(22.0, 700, 1.1),
    Style.KEY: Type(6.4, 700, 1.2),
}
"""Type sizes of the design; the large-text mode multiplies them, small panels shrink them."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Named colours. ``blue`` is also text on ``blue_soft``; ``on_blue`` is text on ``blue``."""

    name: str
    paper: Rgb
    card: Rgb
    line: Rgb
    ink: Rgb
    soft: Rgb
    blue: Rgb
    blue_soft: Rgb
    on_blue: Rgb
    green: Rgb
    green_soft: Rgb
    on_green: Rgb
    amber: Rgb
    amber_soft: Rgb
    amber_line: Rgb
    red: Rgb
    red_soft: Rgb
    faint: Rgb
    pressed: Rgb
    blue_pressed: Rgb
    green_pressed: Rgb
    disabled: Rgb
    on_disabled: Rgb
    skin: Rgb
    skin_line: Rgb


NORMAL = Palette(
    name="normal",
    paper=rgb("#F4F6F8"),
    card=rgb("#FFFFFF"),
    line=rgb("#D5DCE2"),
    ink=rgb("#14212B"),
    soft=rgb("#52626E"),
    blue=rgb("#0A4F8F"),
    blue_soft=rgb("#E3EEF8"),
    on_blue=rgb("#FFFFFF"),
    green=rgb("#176B43"),
    green_soft=rgb("#E2F3EA"),
    on_green=rgb("#FFFFFF"),
    amber=rgb("#8A4B00"),
    amber_soft=rgb("#FFF1DC"),
    amber_line=rgb("#F0CF9B"),
    red=rgb("#A4231C"),
    red_soft=rgb("#FBE7E5"),
    faint=rgb("#9AA7B1"),
    pressed=rgb("#DCE6EF"),
    blue_pressed=rgb("#06335D"),
    green_pressed=rgb("#0E4A2E"),
    disabled=rgb("#E6EBEF"),
    on_disabled=rgb("#54626C"),
    skin=rgb("#F2E3D8"),
    skin_line=rgb("#8B98A3"),
)

CONTRAST = Palette(
    name="contrast",
    paper=rgb("#000000"),
    card=rgb("#000000"),
    line=rgb("#FFFFFF"),
    ink=rgb("#FFFFFF"),
    soft=rgb("#FFFFFF"),
    blue=rgb("#FFD400"),
    blue_soft=rgb("#2A2A2A"),
    on_blue=rgb("#000000"),
    green=rgb("#FFD400"),
    green_soft=rgb("#2A2A2A"),
    on_green=rgb("#000000"),
    amber=rgb("#FFD400"),
    amber_soft=rgb("#2A2A2A"),
    amber_line=rgb("#FFD400"),
    red=rgb("#FFD400"),
    red_soft=rgb("#2A2A2A"),
    faint=rgb("#BFBFBF"),
    pressed=rgb("#4A4A4A"),
    blue_pressed=rgb("#FFFFFF"),
    green_pressed=rgb("#FFFFFF"),
    disabled=rgb("#000000"),
    on_disabled=rgb("#BFBFBF"),
    skin=rgb("#000000"),
    skin_line=rgb("#FFFFFF"),
)


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio 1..21 of two colours (relative luminance of WCAG 2.1)."""

    def luminance(colour: Rgb) -> float:
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@dataclass(frozen=True, slots=True)
class Look:
    """How the screens are to be drawn: panel in px, density, language, and the citizen's wishes."""

    width: int = 1280
    height: int = 800
    px_per_mm: float = PX_PER_MM
    language: str = "zh"
    large: bool = False
    contrast: bool = False

    @property
    def palette(self) -> Palette:
        """The colours of this look."""
        return CONTRAST if self.contrast else NORMAL

    @property
    def wish(self) -> float:
        """The text scale that the citizen asked for: 1.0 or `LARGE`."""
        return LARGE if self.large else 1.0

    def mm(self, length: float) -> int:
        """Millimetres at the panel as whole pixels."""
        return round(length * self.px_per_mm)

    @property
    def portrait(self) -> bool:
        """Whether the panel stands upright: columns are stacked."""
        return self.height > self.width

    @property
    def small(self) -> bool:
        """Whether the panel is so low that decoration is dropped (never text)."""
        return self.height / self.px_per_mm < 105

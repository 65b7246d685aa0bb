# SPDX-License-Identifier: Apache-2.0
"""A whole screen as plain values: what is drawn where, and what can be touched.

Layouts make a `Drawing`; the painter puts it on the graphics canvas; tests read it without one.
Lengths are px, the origin is the panel's top left corner, y runs down.
"""

from dataclasses import dataclass
from enum import StrEnum

from ui.theme import Rgb


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x just past the rectangle."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y just past the rectangle."""
        return self.y + self.h

    def inset(self, dx: float, dy: float | None = None) -> "Rect":
        """The rectangle with `dx` cut off left and right, `dy` (else `dx`) above and below."""
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def below(self, y: float) -> "Rect":
        """What lies under the absolute `y`."""
        return Rect(self.x, y, self.w, self.bottom - y)

    def above(self, y: float) -> "Rect":
        """What lies over the absolute `y`."""
        return Rect(self.x, self.y, self.w, y - self.y)

    def left(self, width: float) -> "Rect":
        """The leftmost `width` px."""
        return Rect(self.x, self.y, width, self.h)

    def right_part(self, width: float) -> "Rect":
        """The rightmost `width` px."""
        return Rect(self.right - width, self.y, width, self.h)

    def centred(self, w: float, h: float) -> "Rect":
        """A rectangle of w x h in the middle, on whole px."""
        return Rect(round(self.x + (self.w - w) / 2), round(self.y + (self.h - h) / 2), w, h)

    def holds(self, x: float, y: float) -> bool:
        """Whether the point is inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def contains(self, other: "Rect", slack: float = 1.0) -> bool:
        """Whether `other` is inside, give or take `slack` px."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )


class Kind(StrEnum):
    """What a touch on a target means."""

    BUTTON = "button"  # answers on release: Pressed, Signed or Entered
    ITEM = "item"  # answers on release: Chose
    CHROME = "chrome"  # the screens' own: language, size, keypad, page
    HOLD = "hold"  # acts while held
    PAD = "pad"  # the signing pad


@dataclass(frozen=True, slots=True)
class Target:
    """Something to touch. `rect` is the touchable area, which may be larger than what is drawn."""

    kind: Kind
    id: str
    rect: Rect
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A rounded rectangle. `dash`: a dashed border."""

    rect: Rect
    fill: Rgb | None
    border: Rgb | None = None
    border_px: int = 0
    radius: int = 0
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Letters:
    """A run of letters in one face: `x` is the left end, `baseline` the line they stand on."""

    letters: str
    x: float
    baseline: float
    width: float
    px: int
    weight: int
    colour: Rgb
    rare: bool = False


@dataclass(frozen=True, slots=True)
class Icon:
    """A line icon by name."""

    name: str
    rect: Rect
    colour: Rgb
    stroke: float = 2.0


@dataclass(frozen=True, slots=True)
class Picture:
    """One of the project's drawn pictures by name, with its arguments."""

    name: str
    rect: Rect
    palette: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """A picture of the visit by reference, filling `rect` without distortion.

    `whole`: all of it is shown (a slip); else edges may be cut (a portrait).
    """

    ref: str
    rect: Rect
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """The camera's preview, mirrored, cut to `rect` with round corners."""

    rect: Rect
    radius: int = 0


@dataclass(frozen=True, slots=True)
class Pad:
    """Where the citizen signs."""

    rect: Rect
    colour: Rgb
    pen_px: float


@dataclass(frozen=True, slots=True)
class Progress:
    """A bar that fills over about `typical_s` seconds; 0: it moves calmly and never ends."""

    rect: Rect
    typical_s: float
    fill: Rgb
    ground: Rgb


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `content`, black on white with its quiet zone, on whole px a module."""

    content: str
    rect: Rect


Element = Box | Letters | Icon | Picture | Media | Live | Pad | Progress | Code


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it was set: where it was allowed to be and what it takes (for checks)."""

    words: str
    allowed: Rect
    taken: Rect
    px: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole screen. `problems` names what did not fit at the smallest size."""

    ground: Rgb
    elements: tuple[Element, ...]
    targets: tuple[Target, ...]
    written: tuple[Written, ...] = ()
    problems: tuple[str, ...] = ()

    def target(self, x: float, y: float) -> Target | None:
        """What a touch at the point means; the last drawn is on top."""
        for target in reversed(self.targets):
            if target.rect.holds(x, y):
                return target
        return None

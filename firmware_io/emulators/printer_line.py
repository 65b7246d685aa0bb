# SPDX-License-Identifier: Apache-2.0
"""Where the emulated printer's letters and pictures go: the line being set, or a page (page mode).

Places are dots. The line counts them from the left margin, the page in the direction of its text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from firmware_io.emulators.printer_type import BASELINE, CELL, Letter, rows_of

PAGE_ROWS = 2400  # 300 mm, room for everything page mode is used for


@dataclass(frozen=True, slots=True)
class Field:
    """The part of the paper, `width` dots, that text may use; `justify` 0 left, 1 centre, 2 right.

    Each line of an `upside_down` field is turned by 180 degrees, dots of the host are not.
    """

    width: int
    left: int
    across: int
    justify: int = 0
    upside_down: bool = False

    def row(self, dots: bytes) -> bytes:
        """A row of dots as one of the whole paper."""
        if not (self.left or (self.justify and len(dots) * 8 < self.width)):
            return dots
        drawn = Image.frombytes("1", (len(dots) * 8, 1), dots).convert("L")
        return self.rows(drawn, turned=False)[0]

    def rows(self, drawn: Image.Image, *, turned: bool = True) -> list[bytes]:
        """A picture as rows of the whole paper; what does not fit is lost.

        Not `turned`: it stays as it is in an upside-down field (`GS 8 L`, `GS v 0`).
        """
        spare = self.across - drawn.width
        inner = Image.new("L", (max(1, self.across), drawn.height), 0)
        inner.paste(drawn, (max(0, (0, spare // 2, spare, 0)[self.justify]), 0))
        if self.upside_down and turned:
            inner = inner.transpose(Image.Transpose.ROTATE_180)
        page = Image.new("L", (self.width, drawn.height), 0)
        page.paste(inner, (self.left, 0))
        return rows_of(page)


@dataclass(slots=True)
class Line:
    """Letters and pictures that wait for their line to end; `x` is where the next one goes."""

    x: int = 0
    _parts: list[tuple[int, Image.Image]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, letter: Letter) -> None:
        """One more letter."""
        self.picture(letter.drawn())

    def picture(self, drawn: Image.Image) -> None:
        """One more picture; it stands on the line as letters do."""
        self._parts.append((self.x, drawn))
        self.x += drawn.width

    def end(self) -> Image.Image | None:
        """All of it, as high as its highest part; None for an empty line. The next one begins."""
        parts, self._parts, self.x = self._parts, [], 0
        if not parts:
            return None
        height = max(part.height for _, part in parts)
        drawn = Image.new("L", (max(x + part.width for x, part in parts), height), 0)
        for x, part in parts:
            drawn.paste(part, (x, height - part.height))
        return drawn

    def clear(self) -> None:
        """Forget it."""
        self._parts, self.x = [], 0


@dataclass(slots=True)
class Page:
    """Page mode: everything is set down on a sheet, in one of four directions, and printed at once.

    `x`, `y`: where the next letter begins and the row on which it stands, within the area.
    """

    width: int
    x: int = 0
    y: int = BASELINE - 1
    direction: int = 0
    used: int = 0
    _area: tuple[int, int, int, int] = (0, 0, 0, 0)  # left, top, width, height
    _sheet: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self._sheet = Image.new("L", (self.width, PAGE_ROWS), 0)
        self._area = 0, 0, self.width, PAGE_ROWS

    def obey(
        self,
        head: int,
        code: int,
        values: bytes,
        across: Callable[[int], int],
        down: Callable[[int], int],
    ) -> None:
        """Commands that mean something in page mode only; the two turn motion units into dots."""
        amount = int.from_bytes(values[:2], "little")
        match head, code:
            case 0x1B, 0x54:
                self.turn(values[0])
            case 0x1B, 0x57:
                x, y, wide, high = (
                    int.from_bytes(values[at : at + 2], "little") for at in range(0, 8, 2)
                )
                self._lay(across(x), down(y), across(wide), down(high))
            case 0x1D, 0x24:
                self.y = down(amount)
            case 0x1D, 0x5C:
                self.y = max(0, self.y + down(amount - 0x10000 if amount & 0x8000 else amount))

    def _lay(self, left: int, top: int, width: int, height: int) -> None:
        left, top = min(left, self.width - 1), min(top, PAGE_ROWS - 1)
        self._area = left, top, min(width, self.width - left), min(height, PAGE_ROWS - top)
        self.begin()

    def turn(self, direction: int) -> None:
        """`ESC T`: 0 as paper runs, 1 bottom to top, 2 upside down, 3 top to bottom."""
        self.direction = direction & 3
        self.begin()

    def begin(self) -> None:
        """To the area's first line."""
        self.x, self.y = 0, BASELINE - 1

    @property
    def across(self) -> int:
        """How long a line is."""
        return self._area[3 if self.direction % 2 else 2]

    def add(self, letter: Letter) -> None:
        """One more letter, standing on the line."""
        drawn = letter.drawn()
        above = drawn.height * BASELINE // CELL[1]
        self._put(drawn, self.y - above + 1)
        self.x += drawn.width

    def picture(self, drawn: Image.Image) -> None:
        """A picture whose lowest row stands on the line."""
        self._put(drawn, self.y - drawn.height + 1)

    def _put(self, drawn: Image.Image, top: int) -> None:
        left, above, across, down = self._area
        x, y, turned = self.x, top, drawn
        match self.direction:
            case 0:
                place = left + x, above + y
            case 1:
                turned = drawn.transpose(Image.Transpose.ROTATE_90)
                place = left + y, above + down - x - drawn.width
            case 2:
                turned = drawn.transpose(Image.Transpose.ROTATE_180)
                place = left + across - x - drawn.width, above + down - y - drawn.height
            case _:
                turned = drawn.transpose(Image.Transpose.ROTATE_270)
                place = left + across - y - drawn.height, above + x
        self._sheet.paste(255, place, turned)
        self.used = max(self.used, above + down)

    def rows(self) -> list[bytes]:
        """The sheet down to the lowest area anything was set in."""
        return rows_of(self._sheet.crop((0, 0, self.width, self.used))) if self.used else []

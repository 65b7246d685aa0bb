# SPDX-License-Identifier: Apache-2.0
"""The modes of the emulated printer that commands set: units, margins, how letters look."""

from dataclasses import dataclass, field

from firmware_io.emulators.printer_line import Field
from firmware_io.emulators.printer_settings import LINE_DOTS
from firmware_io.emulators.printer_type import Letter, letter_of

_DOTS_AN_INCH = 203


@dataclass(slots=True)
class Modes:
    """Parameters by command, and what they come to in dots on paper `width` dots wide."""

    width: int
    chinese: bool = False
    _set: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def reset(self, *, chinese: bool) -> None:
        """As at power-up."""
        self._set.clear()
        self.chinese = chinese

    def obey(self, head: int, code: int, values: bytes) -> None:
        """Keep what a command set; one that sets several things is taken apart."""
        match head, code:
            case 0x1B, 0x32:
                self._set.pop((0x1B, 0x33), None)
            case 0x1C, 0x26 | 0x2E:
                self.chinese = code == 0x26
            case 0x1B, 0x21:
                how = values[0]
                size = (0x10 if how & 0x20 else 0) | (0x01 if how & 0x10 else 0)
                self._set[0x1D, 0x21] = bytes((size,))
                self._set[0x1B, 0x4D] = bytes((how & 1,))
                self._set[0x1B, 0x45] = bytes((how >> 3 & 1,))
                self._set[0x1B, 0x2D] = bytes((how >> 7,))
            case _:
                self._set[head, code] = values

    def number(self, head: int, code: int, default: int) -> int:
        """The first parameter of a command, or its default."""
        values = self._set.get((head, code))
        return values[0] if values else default

    def across(self, units: int) -> int:
        """Horizontal motion units (`GS P`) in dots."""
        return self._dots(units, 0)

    def down(self, units: int) -> int:
        """Vertical motion units in dots."""
        return self._dots(units, 1)

    def _dots(self, units: int, axis: int) -> int:
        an_inch = self._set.get((0x1D, 0x50), b"\0\0")[axis]
        return round(units * _DOTS_AN_INCH / an_inch) if an_inch else units

    @property
    def spacing(self) -> int:
        """Dots from line to line."""
        values = self._set.get((0x1B, 0x33))
        return self.down(values[0]) if values else LINE_DOTS

    @property
    def field(self) -> Field:
        """Margins, alignment and direction of the next line."""
        left = min(self.across(self._word(0x1D, 0x4C, 0)), self.width - 1)
        wide = self.across(self._word(0x1D, 0x57, self.width))
        upside_down = self.number(0x1B, 0x7B, 0) & 1 == 1
        across = max(1, min(wide, self.width - left))
        return Field(self.width, left, across, self.justify, upside_down)

    @property
    def justify(self) -> int:
        """0 left, 1 centre, 2 right; also told as the digits 0 to 2."""
        return self.number(0x1B, 0x61, 0) & 3

    def _word(self, head: int, code: int, default: int) -> int:
        values = self._set.get((head, code))
        return int.from_bytes(values, "little") if values else default

    def single(self, code: int) -> Letter:
        """The letter of a single-byte code."""
        letter = letter_of(code, self.number(0x1B, 0x74, 0))
        small = self.number(0x1B, 0x4D, 0) & 1 == 1
        return self._letter(letter, self.number(0x1B, 0x20, 0), full=False, small=small)

    def plain(self, text: str) -> Letter:
        """A letter as it stands below bars, in the font of `GS f`."""
        return Letter(text, small=self.number(0x1D, 0x66, 0) & 1 == 1)

    def double(self, text: str) -> Letter:
        """A Chinese letter, which takes two cells."""
        gap = self._set.get((0x1C, 0x53), b"\0\0")[1]
        return self._letter(text[:1] or "?", gap, full=True, small=False)

    def _letter(self, text: str, gap: int, *, full: bool, small: bool) -> Letter:
        size = self.number(0x1D, 0x21, 0)
        across, down = (size >> 4 & 7) + 1, (size & 7) + 1
        line = self.number(0x1C if full else 0x1B, 0x2D, 0)
        if full and (how := self.number(0x1C, 0x21, 0)):  # FS !, for Chinese letters only
            across, down = max(across, 1 + (how >> 2 & 1)), max(down, 1 + (how >> 3 & 1))
            line = line or how >> 7
        if full and self.number(0x1C, 0x57, 0) & 1:
            across, down = max(across, 2), max(down, 2)
        bold = (self.number(0x1B, 0x45, 0) | self.number(0x1B, 0x47, 0)) & 1 == 1
        reverse = self.number(0x1D, 0x42, 0) & 1 == 1
        underline = 0 if reverse else min(line & 3, 2)
        return Letter(text, across, down, full, small, bold, reverse, underline, gap)

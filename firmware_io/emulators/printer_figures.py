# SPDX-License-Identifier: Apache-2.0
"""What the emulated printer is told in long commands: pictures, QR codes, bar codes.

A long command's bytes are taken out of the receive buffer as they come: pictures larger than the
buffer are common. They are kept up to `KEPT` bytes; what a host says beyond is swallowed.
"""

from dataclasses import dataclass, field

from PIL import Image

from firmware_io.emulators.printer_bars import bars
from firmware_io.emulators.printer_line import Line
from firmware_io.emulators.printer_modes import Modes
from firmware_io.emulators.printer_type import bar_code, qr_code

KEPT = 1 << 20
BARS_LONGEST = 255
DRAWN_KINDS = range(9)


@dataclass(slots=True)
class Body:
    """The parameters of one command, `missing` bytes of which have not come yet."""

    head: bytes
    missing: int
    data: bytearray = field(default_factory=bytearray)

    def take(self, queue: bytearray) -> bool:
        """Move what has come out of `queue`; True when it was the last."""
        count = min(self.missing, len(queue))
        self.data += queue[: max(0, min(count, KEPT - len(self.data)))]
        del queue[:count]
        self.missing -= count
        return not self.missing


@dataclass(slots=True)
class Raster:
    """`GS v 0`: so many rows of `across` bytes, taken one by one."""

    across: int
    rows: int
    _row: bytearray = field(default_factory=bytearray)
    _came: int = 0

    def take(self, queue: bytearray, width: int) -> bytes | None:
        """The next row out of `queue`, None while it has not all come.

        A row wider than the paper of `width` dots is taken as it comes, and cropped.
        """
        come = min(self.across - self._came, len(queue))
        if self._came + come < self.across and self.across * 8 <= width:
            return None
        self._row += queue[: max(0, min(come, width // 8 - len(self._row)))]
        del queue[:come]
        self._came += come
        if self._came < self.across:
            return None
        row, self._came = bytes(self._row), 0
        self._row.clear()
        self.rows -= 1
        return row


@dataclass(slots=True)
class Figures:
    """What `GS ( k` and `GS ( L` keep between one command and the next."""

    _qr: dict[int, bytes] = field(default_factory=dict)
    _graphic: Image.Image | None = None

    def clear(self) -> None:
        """Forget it."""
        self._qr.clear()
        self._graphic = None

    def qr(self, body: bytes, width: int) -> Image.Image | None:
        """`GS ( k` of a QR code: 80 keeps data, 81 draws it, others set size and level."""
        function = body[1]
        if function == 0x51 and 0x50 in self._qr:
            module = min(16, max(1, self._qr.get(0x43, b"\x03")[0]))
            level = "lmqh"[(self._qr.get(0x45, b"0")[0] - 0x30) & 3]
            return qr_code(self._qr[0x50], module, level, width)
        self._qr[function] = body[3:] if function == 0x50 else body[2:]
        return None

    def graphic(self, body: bytes, *, at_once: bool) -> Image.Image | None:
        """`GS ( L` and `GS 8 L`: 112 keeps a picture, 2 or 50 prints it; `at_once` in page mode."""
        if len(body) >= 10 and body[1] == 112:
            wide, rows = body[6] | body[7] << 8, body[8] | body[9] << 8
            across = (wide + 7) // 8
            dots = body[10 : 10 + across * rows]
            if not wide or not rows or len(dots) < across * rows:
                return None
            drawn = Image.frombytes("1", (wide, rows), bytes(dots)).convert("L")
            scale = tuple(2 if twice == 2 else 1 for twice in (body[3], body[4]))
            drawn = drawn.resize((wide * scale[0], rows * scale[1]), Image.Resampling.NEAREST)
            self._graphic = None if at_once else drawn
            return drawn if at_once else None
        if len(body) >= 2 and body[1] in (2, 50):
            drawn, self._graphic = self._graphic, None
            return drawn
        return None


def columns(mode: int, data: bytes) -> Image.Image:
    """`ESC *`: columns of 8 or 24 dots; 8 are drawn thrice as high, mode 0 and 32 twice as wide."""
    deep = 3 if mode in (32, 33) else 1
    across = len(data) // deep
    turned = Image.frombytes("1", (deep * 8, across), bytes(data[: across * deep])).convert("L")
    drawn = turned.transpose(Image.Transpose.TRANSPOSE)
    size = across * (2 if mode in (0, 32) else 1), 24
    return drawn.resize(size, Image.Resampling.NEAREST)


def told_bars(queue: bytearray) -> tuple[int, bytes] | None:
    """`GS k`, taken out of `queue`: kind (counted from 0 both ways it is told) and data.

    None while it is not complete. Data of the older way ends with 00; -1 when that never comes.
    """
    if len(queue) < 4:
        return None
    kind = queue[2]
    if kind >= 65:
        if len(queue) < 4 + queue[3]:
            return None
        data = bytes(queue[4 : 4 + queue[3]])
        del queue[: 4 + len(data)]
        return kind - 65, data
    end = queue.find(0, 3, 4 + BARS_LONGEST)
    if end < 0 and len(queue) <= 3 + BARS_LONGEST:
        return None
    data = bytes(queue[3 : max(3, end)])
    del queue[: max(3, end + 1)]
    return (kind if end >= 0 else -1), data


def bar_code_of(kind: int, data: bytes, modes: Modes) -> list[Image.Image]:
    """`GS k`: the bars and, as set, the text above or below; nothing for what is too wide."""
    shown = bars(kind, data, modes.number(0x1D, 0x77, 3))
    if shown is None or sum(shown.widths) > modes.width:
        return []
    parts = [bar_code(shown, modes.number(0x1D, 0x68, 162))]
    where = modes.number(0x1D, 0x48, 0) & 3
    line = Line()
    for letter in shown.text:
        line.add(modes.plain(letter))
    text = line.end()
    if text is not None:
        parts = [*([text] if where & 1 else []), *parts, *([text] if where & 2 else [])]
    return parts

# SPDX-License-Identifier: Apache-2.0
"""The emulated printer's own reading of ESC/POS: queued bytes in, one act after the other out.

Written from the command descriptions of Epson's ESC/POS guide, apart from the codec the booth
speaks with. An act is taken only when the mechanism is ready for it, so bytes stay in the receive
buffer as long as they do in a real printer. Images are taken row by row: paper can run out in the
middle of one, and an image cut short swallows what follows until its byte count is met.

A byte sequence that is no command is noted in `violations` and printed as letters, so that it
shows on paper.
"""

from dataclasses import dataclass, field

from PIL import Image

from firmware_io.emulators.printer_acts import (
    NOTHING,
    Act,
    Ask,
    Automatic,
    Cut,
    Present,
    Report,
    Reset,
    Retract,
    Rows,
    TellOffline,
)
from firmware_io.emulators.printer_figures import (
    DRAWN_KINDS,
    Body,
    Figures,
    Raster,
    bar_code_of,
    columns,
    told_bars,
)
from firmware_io.emulators.printer_line import Line, Page
from firmware_io.emulators.printer_modes import Modes
from firmware_io.emulators.printer_settings import (
    AT_LINE_START,
    FS_LONG_NAMES,
    LONG_NAMES,
    SETTINGS,
    identity,
    realtime_length,
)
from firmware_io.emulators.printer_type import Letter

_TAB_DOTS = 96  # eight letters of font A


@dataclass(slots=True)
class Interpreter:
    """Takes acts from a receive buffer. `width` in dots, `process_ids` as the model has them."""

    width: int
    process_ids: bool = True
    chinese_at_start: bool = False
    presenter: bool = False
    four_byte: bool = True
    images: int = 0  # raster images begun
    violations: list[str] = field(default_factory=list)
    _modes: Modes = field(init=False)
    _image: Raster | None = None
    _body: Body | None = None
    _line: Line = field(default_factory=Line)
    _page: Page | None = None
    _figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self._modes = Modes(self.width)
        self.reset()

    def reset(self) -> None:
        """All modes as at power-up; a half image is forgotten."""
        self._image = self._body = self._page = None
        self._line.clear()
        self._figures.clear()
        self._modes.reset(chinese=self.chinese_at_start)

    @property
    def in_image(self) -> bool:
        """Whether the next bytes are dots."""
        return self._image is not None or (self._body is not None and self._body.head[-1:] in b"*L")

    def take(self, queue: bytearray) -> Act | None:
        """The next act, its bytes removed from `queue`; None when it is not complete yet."""
        if self._image is not None:
            return self._image_row(self._image, queue)
        if self._body is not None:
            return self._body_done(self._body) if self._body.take(queue) else None
        if not queue:
            return None
        head = queue[0]
        if head in (0x1B, 0x1C, 0x1D):
            return self._command(queue)
        if head == 0x10:
            return self._realtime(queue)
        if head >= 0x20:
            return self._text(queue)
        del queue[0]
        match head:
            case 0x0A:
                return self._end_line()
            case 0x09:
                place = self._page or self._line
                place.x += _TAB_DOTS - place.x % _TAB_DOTS
            case 0x0C if self._page is not None:
                page, self._page = self._page, None
                return Rows(tuple(page.rows()))
            case 0x18 if self._page is not None:
                self._page = Page(self.width)
            case 0x00 | 0x0C | 0x0D | 0x18:
                pass
            case _:
                self.violations.append(f"{head:02x}")
        return NOTHING

    # -- text ----------------------------------------------------------------------------------

    def _text(self, queue: bytearray) -> Act | None:
        head = queue[0]
        if head >= 0x81 and self._modes.chinese:
            need = 2
            if self.four_byte and len(queue) > 1 and 0x30 <= queue[1] <= 0x39:
                need = 4
            if len(queue) < need:
                return None
            code = bytes(queue[:need])
            del queue[:need]
            act: Act = NOTHING
            for text in code.decode("gb18030", "replace"):
                act = self._letter(self._modes.double(text))
            return act
        del queue[0]
        return self._letter(self._modes.single(head))

    def _letter(self, letter: Letter) -> Act:
        if self._page is not None:
            if self._page.x + letter.width > self._page.across and self._page.x:
                self._end_line()
            self._page.add(letter)
            return NOTHING
        full = self._line.x + letter.width > self._modes.field.across
        act = self._end_line() if full and self._line else NOTHING
        self._line.add(letter)
        return act

    def _end_line(self, spacing: int | None = None) -> Act:
        pitch = self._modes.spacing if spacing is None else spacing
        if self._page is not None:
            self._page.x, self._page.y = 0, self._page.y + pitch
            return NOTHING
        drawn = self._line.end()
        rows: list[bytes | None] = []
        if drawn is not None:
            rows += self._modes.field.rows(drawn)
        rows += [None] * max(0, pitch - len(rows))
        return Rows(tuple(rows))

    def _show(self, *parts: Image.Image, turned: bool = True) -> Act:
        """Pictures one below the other, where they belong; in page mode the first on the line."""
        if self._page is not None:
            base = self._page.y
            for place, part in enumerate(parts):
                self._page.y += part.height if place else 0
                self._page.picture(part)
            self._page.y = base
            return NOTHING
        where = self._modes.field
        return Rows(tuple(row for one in parts for row in where.rows(one, turned=turned)))

    # -- commands ------------------------------------------------------------------------------

    def _command(self, queue: bytearray) -> Act | None:
        if len(queue) < 2:
            return None
        head, code = queue[0], queue[1]
        if (extra := SETTINGS[head].get(code)) is not None:
            if len(queue) < 2 + extra:
                return None
            values = bytes(queue[2 : 2 + extra])
            del queue[: 2 + extra]
            if not (self._line and (head, code) in AT_LINE_START):
                self._modes.obey(head, code, values)
                self._go(head, code, values)
            return NOTHING
        if head == 0x1B:
            return self._esc(code, queue)
        if head == 0x1D:
            return self._gs(code, queue)
        if code == 0x28:
            return self._long(queue, 5, 3)
        return self._unknown(queue)

    def _go(self, head: int, code: int, values: bytes) -> None:
        """Commands that move to a place: ESC $ and \\, and those of page mode."""
        place = self._page or self._line
        amount = int.from_bytes(values[:2], "little")
        signed = amount - 0x10000 if amount & 0x8000 else amount
        match head, code:
            case 0x1B, 0x24:
                place.x = self._modes.across(amount)
            case 0x1B, 0x5C:
                place.x = max(0, place.x + self._modes.across(signed))
        if self._page is not None:
            self._page.obey(head, code, values, self._modes.across, self._modes.down)

    def _esc(self, code: int, queue: bytearray) -> Act | None:
        match code:
            case 0x40:
                del queue[:2]
                self.reset()
                return Reset()
            case 0x69 | 0x6D:
                del queue[:2]
                return Cut(to_cutter=False)
            case 0x4C | 0x53 | 0x0C:
                return self._page_mode(code, queue)
            case 0x2A:
                if len(queue) < 5:
                    return None
                deep = 3 if queue[2] in (32, 33) else 1
                count = (queue[3] | queue[4] << 8) * deep
                return self._begin(queue, 5, b"*" + queue[2:3], count)
            case 0x4A | 0x64:
                return self._feed(code, queue)
            case _:
                return self._unknown(queue)

    def _feed(self, code: int, queue: bytearray) -> Act | None:
        if len(queue) < 3:
            return None
        count = queue[2]
        del queue[:3]
        if code == 0x4A:
            return self._end_line(self._modes.down(count))
        if self._page is not None:
            return self._end_line(self._modes.spacing * count)
        rows = first.rows if self._line and isinstance(first := self._end_line(), Rows) else ()
        return Rows(rows + (None,) * (self._modes.spacing * max(0, count - bool(rows))))

    def _page_mode(self, code: int, queue: bytearray) -> Act:
        """`ESC L` begins a page, `ESC S` drops it, `ESC FF` prints it and goes on with it."""
        del queue[:2]
        if code == 0x0C:
            return Rows(tuple(self._page.rows() if self._page else ()))
        if code == 0x53:
            self._page = None
        elif self._page is None and not self._line:
            self._page = Page(self.width)
            self._page.turn(self._modes.number(0x1B, 0x54, 0))
        return NOTHING

    def _gs(self, code: int, queue: bytearray) -> Act | None:
        match code:
            case 0x76:
                return self._raster(queue)
            case 0x56:
                return self._cut(queue)
            case 0x28:
                return self._long(queue, 5, 3)
            case 0x38:
                return self._long(queue, 7, 3)
            case 0x6B:
                return self._barcode(queue)
            case 0x65 if self.presenter:
                return self._present(queue)
            case 0x61 | 0x72 | 0x49:
                if len(queue) < 3:
                    return None
                n = queue[2]
                del queue[:3]
                if code == 0x61:
                    return Automatic(n)
                if code == 0x72:
                    return Ask("drawer" if n in (2, 50) else "paper")
                return Report(identity(n))
            case _:
                return self._unknown(queue)

    def _present(self, queue: bytearray) -> Act | None:
        """`GS e` of Custom's printers: 2 retract, 3 m present, 5 eject."""
        n = queue[2] if len(queue) > 2 else 3
        if len(queue) < (4 if n == 3 else 3):
            return None
        del queue[: 4 if n == 3 else 3]
        if n == 3:
            return Present()
        if n in (2, 5):
            return Retract()
        self.violations.append(f"1d 65 {n:02x}")
        return NOTHING

    def _raster(self, queue: bytearray) -> Act | None:
        if len(queue) < 8:
            return None
        if queue[2] != 0x30 or self._line:  # only at the start of a line
            return self._unknown(queue)
        across, rows = queue[4] | queue[5] << 8, queue[6] | queue[7] << 8
        del queue[:8]
        if across and rows:
            self._image = Raster(across, rows)
            self.images += 1
        return NOTHING

    def _image_row(self, image: Raster, queue: bytearray) -> Act | None:
        row = image.take(queue, self.width)
        if row is None:
            return None
        if image.rows == 0:
            self._image = None
        return Rows((self._modes.field.row(row),))

    def _cut(self, queue: bytearray) -> Act | None:
        if len(queue) < 3:
            return None
        mode = queue[2]
        if mode in (0, 1, 48, 49):
            del queue[:3]
            return Cut(to_cutter=False)
        if mode not in (65, 66, 97, 98, 103, 104):
            return self._unknown(queue)
        if len(queue) < 4:
            return None
        feed = queue[3]
        del queue[:4]
        return Cut(to_cutter=True, feed=feed)

    # -- long commands -------------------------------------------------------------------------

    def _long(self, queue: bytearray, head: int, name_at: int) -> Act | None:
        """`GS ( x`, `FS ( x` and `GS 8 L`: a name, a length, and that many bytes."""
        if len(queue) < head:
            return None
        length = int.from_bytes(queue[name_at:head], "little")
        return self._begin(queue, head, bytes(queue[:3]), length)

    def _begin(self, queue: bytearray, head: int, name: bytes, length: int) -> Act:
        del queue[:head]
        self._body = Body(name, length)
        return self._body_done(self._body) if self._body.take(queue) else NOTHING

    def _body_done(self, body: Body) -> Act:
        self._body = None
        data = bytes(body.data)
        if body.head[:1] == b"*":
            (self._page or self._line).picture(columns(body.head[1], data))
            return NOTHING
        if body.head[0] == 0x1C:
            if body.head[2] not in FS_LONG_NAMES:
                self.violations.append(body.head.hex(" "))
            return NOTHING
        name = body.head[2]
        if name == 0x6B:
            if data[:1] != b"1" or len(data) < 3:
                self.violations.append("1d 28 6b")
                return NOTHING
            shown = self._figures.qr(data, self.width)
            return self._show(shown) if shown else NOTHING
        if name == 0x4C:
            drawn = self._figures.graphic(data, at_once=self._page is not None)
            return self._show(drawn, turned=False) if drawn else NOTHING
        if name == 0x48 and self.process_ids and data[:2] == b"00" and len(data) == 6:
            return Report(b"\x37\x22" + data[2:] + b"\0", printed=True)
        if name == 0x48 and self.process_ids and data[:2] == b"10" and len(data) == 3:
            return TellOffline(data[2] & 0x0F != 0, with_cause=data[2] & 0x0F == 2)
        if name not in LONG_NAMES:
            self.violations.append(body.head.hex(" "))
        return NOTHING

    def _barcode(self, queue: bytearray) -> Act | None:
        told = told_bars(queue)
        if told is None:
            return None
        kind, data = told
        if kind not in DRAWN_KINDS or (kind == 8 and data[:1] != b"{"):
            self.violations.append(f"1d 6b {kind:02x}: bar code of a kind not drawn here")
            return NOTHING
        return self._show(*bar_code_of(kind, data, self._modes))

    def _realtime(self, queue: bytearray) -> Act | None:
        """Real-time commands were obeyed on reception; here they are only stepped over."""
        if len(queue) < 3:
            return None
        length = realtime_length(bytes(queue[:3]))
        if not length:
            return self._unknown(queue)
        if len(queue) < length:
            return None
        del queue[:length]
        return NOTHING

    def _unknown(self, queue: bytearray) -> Act:
        """Note it, print a box for the head byte, and go on with the next byte as text."""
        self.violations.append(bytes(queue[:2]).hex(" "))
        del queue[0]
        return self._letter(Letter("\u25a1"))

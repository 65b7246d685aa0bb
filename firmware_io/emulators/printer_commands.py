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

from firmware_io.emulators import printer_type
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
from firmware_io.emulators.printer_settings import IDENTITY, LINE_DOTS, SETTINGS
from firmware_io.emulators.printer_type import Letter


@dataclass(slots=True)
class _Image:
    across: int
    rows: int


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
    _image: _Image | None = None
    _line: list[Letter] = field(default_factory=list)
    _set: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _chinese: bool = False
    _qr: dict[str, bytes] = field(default_factory=dict)
    _graphics: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """All modes as at power-up; a half image is forgotten."""
        self._image = None
        self._line.clear()
        self._set.clear()
        self._qr.clear()
        self._chinese = self.chinese_at_start

    @property
    def in_image(self) -> bool:
        """Whether the next bytes are dots."""
        return self._image is not None

    def take(self, queue: bytearray) -> Act | None:
        """The next act, its bytes removed from `queue`; None when it is not complete yet."""
        if self._image is not None:
            return self._image_row(self._image, queue)
        if not queue:
            return None
        head = queue[0]
        if head in (0x1B, 0x1C, 0x1D):
            return self._command(queue)
        if head == 0x10:
            return self._realtime(queue)
        if head == 0x0A:
            del queue[0]
            return self._end_line()
        if head == 0x09:
            del queue[0]
            return self._letter(" ")
        if head < 0x20:
            del queue[0]
            if head not in (0x00, 0x0C, 0x0D, 0x18):
                self.violations.append(f"{head:02x}")
            return NOTHING
        return self._text(queue)

    # -- text ----------------------------------------------------------------------------------

    def _text(self, queue: bytearray) -> Act | None:
        head = queue[0]
        if head >= 0x81 and self._chinese:
            need = 2
            if self.four_byte and len(queue) > 1 and 0x30 <= queue[1] <= 0x39:
                need = 4
            if len(queue) < need:
                return None
            code = bytes(queue[:need])
            del queue[:need]
            return self._letter(code.decode("gb18030", "replace"))
        del queue[0]
        return self._letter(bytes((head,)).decode("cp437"))

    def _letter(self, text: str) -> Act:
        size = self._param(0x1D, 0x21, 0)
        old = self._param(0x1B, 0x21, 0)
        across = max((size >> 4 & 7) + 1, 2 if old & 0x20 else 1)
        down = max((size & 7) + 1, 2 if old & 0x10 else 1)
        letter = Letter(text, across, down)
        full = sum(part.width for part in self._line) + letter.width > self.width
        act = self._end_line() if full else NOTHING
        self._line.append(letter)
        return act

    def _end_line(self, spacing: int | None = None) -> Act:
        rows: list[bytes | None] = []
        if self._line:
            rows += printer_type.line_rows(self._line, self.width, self._justify)
        self._line.clear()
        pitch = self._param(0x1B, 0x33, LINE_DOTS) if spacing is None else spacing
        rows += [None] * max(0, pitch - len(rows))
        return Rows(tuple(rows))

    @property
    def _justify(self) -> int:
        return self._param(0x1B, 0x61, 0) & 3

    def _param(self, head: int, code: int, default: int) -> int:
        value = self._set.get((head, code))
        return value[0] if value else default

    # -- commands ------------------------------------------------------------------------------

    def _command(self, queue: bytearray) -> Act | None:
        if len(queue) < 2:
            return None
        head, code = queue[0], queue[1]
        extra = SETTINGS[head].get(code)
        if extra is not None:
            if len(queue) < 2 + extra:
                return None
            values = bytes(queue[2 : 2 + extra])
            del queue[: 2 + extra]
            if (head, code) == (0x1B, 0x32):
                self._set.pop((0x1B, 0x33), None)
            elif head == 0x1C and code in (0x26, 0x2E):
                self._chinese = code == 0x26
            else:
                self._set[head, code] = values
            return NOTHING
        if head == 0x1B:
            return self._esc(code, queue)
        if head == 0x1D:
            return self._gs(code, queue)
        return self._unknown(queue)

    def _esc(self, code: int, queue: bytearray) -> Act | None:
        if code == 0x40:
            del queue[:2]
            self.reset()
            return Reset()
        if code in (0x69, 0x6D):
            del queue[:2]
            return Cut(to_cutter=False)
        if code == 0x2A:
            return self._column_image(queue)
        if code not in (0x4A, 0x64):
            return self._unknown(queue)
        if len(queue) < 3:
            return None
        count = queue[2]
        del queue[:3]
        if code == 0x4A:
            return self._end_line(count) if self._line else Rows((None,) * count)
        first = self._end_line() if self._line else Rows(())
        rows = first.rows if isinstance(first, Rows) else ()
        pitch = self._param(0x1B, 0x33, LINE_DOTS)
        return Rows(rows + (None,) * (pitch * max(0, count - bool(rows))))

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
                return self._identity(n)
            case _:
                return self._unknown(queue)

    def _present(self, queue: bytearray) -> Act | None:
        """`GS e` of Custom's printers: 2 retract, 3 m present, 5 eject."""
        if len(queue) < 3:
            return None
        n = queue[2]
        if n == 3 and len(queue) < 4:
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
            self._image = _Image(across, rows)
            self.images += 1
        return NOTHING

    def _image_row(self, image: _Image, queue: bytearray) -> Act | None:
        if len(queue) < image.across:
            return None
        row = bytes(queue[: image.across])
        del queue[: image.across]
        image.rows -= 1
        if image.rows == 0:
            self._image = None
        if self._justify and image.across * 8 < self.width:
            drawn = Image.frombytes("1", (image.across * 8, 1), row).convert("L")
            row = printer_type.placed(drawn, self.width, self._justify)[0]
        return Rows((row,))

    def _column_image(self, queue: bytearray) -> Act | None:
        """`ESC *`: columns of 8 or 24 dots, printed when the line ends (kept apart from text)."""
        if len(queue) < 5:
            return None
        deep = 3 if queue[2] in (32, 33) else 1
        columns = queue[3] | queue[4] << 8
        if len(queue) < 5 + columns * deep:
            return None
        data = bytes(queue[5 : 5 + columns * deep])
        # The line feed that follows moves by the line spacing: swallow it with the picture.
        del queue[: 5 + columns * deep]
        drawn = Image.new("L", (max(1, columns), deep * 8), 0)
        for x in range(columns):
            for y in range(deep * 8):
                if data[x * deep + y // 8] & 0x80 >> y % 8:
                    drawn.putpixel((x, y), 255)
        if queue[:1] == b"\x0a":
            del queue[0]
        return Rows(tuple(printer_type.placed(drawn, self.width, self._justify)))

    def _cut(self, queue: bytearray) -> Act | None:
        if len(queue) < 3:
            return None
        mode = queue[2]
        if mode in (0, 1, 48, 49):
            del queue[:3]
            return Cut(to_cutter=False)
        if mode in (65, 66, 97, 98, 103, 104):
            if len(queue) < 4:
                return None
            feed = queue[3]
            del queue[:4]
            return Cut(to_cutter=True, feed=feed)
        return self._unknown(queue)

    def _identity(self, n: int) -> Act:
        if n in IDENTITY:
            return Report(b"\x5f" + IDENTITY[n] + b"\0")
        return Report({1: b"\x20", 49: b"\x20", 2: b"\x03", 50: b"\x03"}.get(n, b"\x01"))

    def _long(self, queue: bytearray, head: int, name_at: int) -> Act | None:
        """`GS ( x` and `GS 8 L`: a name, a length, and that many bytes."""
        if len(queue) < head:
            return None
        name = queue[2]
        length = int.from_bytes(queue[name_at:head], "little")
        if len(queue) < head + length:
            return None
        body = bytes(queue[head : head + length])
        del queue[: head + length]
        if name == 0x6B:
            return self._qr_code(body)
        if name == 0x4C:
            return self._graphic(body)
        if name == 0x48 and self.process_ids and body[:2] == b"00" and len(body) == 6:
            return Report(b"\x37\x22" + body[2:] + b"\0", printed=True)
        if name == 0x48 and self.process_ids and body[:2] == b"10" and len(body) == 3:
            return TellOffline(body[2] & 0x0F != 0, with_cause=body[2] & 0x0F == 2)
        if name not in (0x44, 0x48, 0x45, 0x4B, 0x41):
            self.violations.append(f"1d 28 {name:02x}")
        return NOTHING

    def _qr_code(self, body: bytes) -> Act:
        if body[:1] != b"1" or len(body) < 3:
            self.violations.append("1d 28 6b")
            return NOTHING
        function = body[1]
        if function == 0x50:
            self._qr["data"] = body[3:]
        elif function in (0x41, 0x43, 0x45):
            self._qr[{0x41: "model", 0x43: "module", 0x45: "level"}[function]] = body[2:]
        elif function == 0x51 and "data" in self._qr:
            module = min(16, max(1, self._qr.get("module", b"\x03")[0]))
            level = "lmqh"[(self._qr.get("level", b"0")[0] - 0x30) & 3]
            rows = printer_type.qr_rows(self._qr["data"], module, level, self.width, self._justify)
            return Rows(tuple(rows))
        return NOTHING

    def _graphic(self, body: bytes) -> Act:
        """`GS ( L` and `GS 8 L`: function 112 keeps a picture, 50 prints what is kept."""
        if len(body) >= 10 and body[1] == 112:
            across = (body[6] | body[7] << 8) + 7 >> 3
            rows = body[8] | body[9] << 8
            dots = body[10 : 10 + across * rows]
            self._graphics = [dots[at : at + across] for at in range(0, len(dots), across)]
        elif len(body) >= 2 and body[1] in (2, 50):
            rows_kept, self._graphics = self._graphics, []
            return Rows(tuple(rows_kept))
        return NOTHING

    def _barcode(self, queue: bytearray) -> Act | None:
        if len(queue) < 4:
            return None
        kind = queue[2]
        if kind >= 65:
            if len(queue) < 4 + queue[3]:
                return None
            data = bytes(queue[4 : 4 + queue[3]])
            del queue[: 4 + len(data)]
        else:
            end = queue.find(0, 3)
            if end < 0:
                return None
            data = bytes(queue[3:end])
            del queue[: end + 1]
        if kind != 73:
            self.violations.append(f"1d 6b {kind:02x}: bar code of a kind not drawn here")
            return NOTHING
        rows: list[bytes | None] = [
            *printer_type.code128_rows(
                data,
                self._param(0x1D, 0x77, 3),
                self._param(0x1D, 0x68, 162),
                self.width,
                self._justify,
            )
        ]
        if self._param(0x1D, 0x48, 0) & 2:
            shown = "".join(chr(b) for b in data if 32 <= b < 127).replace("{B", "", 1)
            letters = [Letter(letter) for letter in shown]
            rows += printer_type.line_rows(letters, self.width, self._justify)
        return Rows(tuple(rows))

    def _realtime(self, queue: bytearray) -> Act | None:
        """Real-time commands were obeyed on reception; here they are only stepped over."""
        if len(queue) < 3:
            return None
        lengths = {(0x10, 0x04): 3, (0x10, 0x05): 3}
        length = lengths.get((queue[0], queue[1]), 0)
        if queue[1] == 0x14:
            length = {1: 5, 2: 5, 8: 10}.get(queue[2], 0)
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
        return self._letter("\u25a1")

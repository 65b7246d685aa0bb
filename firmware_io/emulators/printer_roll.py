# SPDX-License-Identifier: Apache-2.0
"""The paper of the emulated printer: what is left, what was printed on it, where it was cut."""

from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

DOTS_PER_MM = 8  # 203 dots an inch
ROLL_MM = 30_000
NEAR_END_MM = 1_000
HEAD_TO_CUTTER_MM = 15  # within the 15 to 30 mm of common mechanisms
_CUT_GREY = 170


@dataclass(slots=True)
class Roll:
    """Dot rows below the last tear, oldest first; `left` rows are still on the roll."""

    width: int
    left: int = ROLL_MM * DOTS_PER_MM
    rows: list[bytes] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)  # row numbers
    printed: int = 0  # rows moved since the emulator began

    @property
    def out(self) -> bool:
        """Whether the end sensor sees no paper."""
        return self.left <= 0

    @property
    def near_end(self) -> bool:
        """Whether the near-end sensor reports little paper."""
        return self.left <= NEAR_END_MM * DOTS_PER_MM

    def move(self, row: bytes | None) -> None:
        """One row forward; None leaves it white. Dots beyond the paper's width are lost."""
        across = (self.width + 7) // 8
        self.rows.append((row or b"")[:across].ljust(across, b"\0"))
        self.left -= 1
        self.printed += 1

    def cut(self) -> None:
        """Cut where the cutter stands: some way above the row under the head."""
        self.cuts.append(max(0, len(self.rows) - HEAD_TO_CUTTER_MM * DOTS_PER_MM))

    def tear(self) -> int:
        """Take away what is below the last cut, or tear at the cutter; how many rows were taken."""
        at = self.cuts[-1] if self.cuts else len(self.rows) - HEAD_TO_CUTTER_MM * DOTS_PER_MM
        at = max(0, at)
        del self.rows[:at]
        self.cuts.clear()
        return at

    def picture(self) -> Image.Image:
        """Everything since the last tear, black on white, cuts as a broken grey line."""
        height = max(1, len(self.rows))
        ink = b"".join(self.rows) or bytes((self.width + 7) // 8)
        page = Image.frombytes("1", (self.width, height), ink)
        page = page.convert("L").point([255] + [0] * 255)
        draw = ImageDraw.Draw(page)
        for row in self.cuts:
            for x in range(0, self.width, 16):
                draw.line((x, row, x + 8, row), fill=_CUT_GREY)
        return page

    def save(self, path: str | Path) -> dict[str, object]:
        """Writes the picture as PNG; what a person at the desk is told of it."""
        page = self.picture()
        page.save(path, format="PNG")
        return {
            "path": str(path),
            "width": page.width,
            "height": len(self.rows),
            "mm": round(len(self.rows) / DOTS_PER_MM, 1),
            "cuts": list(self.cuts),
        }

# SPDX-License-Identifier: Apache-2.0
"""What an emulated printer says of its state, in the two coats of ESC/POS (Epson's guide)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrinterState:
    """Sensors and errors of one moment. `out`, `near_end`: the paper; `stopped`: offline."""

    stopped: bool
    cover_open: bool
    cutter_error: bool
    broken: bool
    hot: bool
    out: bool
    near_end: bool

    def realtime(self) -> tuple[int, int, int, int]:
        """The answers to `DLE EOT` 1 to 4, drawer pin open (high) as with nothing connected."""
        error = self.cutter_error or self.broken or self.hot
        return (
            0x16 | 0x08 * self.stopped,
            0x12 | 0x04 * self.cover_open | 0x20 * self.out | 0x40 * error,
            0x12 | 0x08 * self.cutter_error | 0x20 * self.broken | 0x40 * self.hot,
            0x12 | 0x0C * self.near_end | 0x60 * self.out,
        )

    def automatic(self) -> bytes:
        """The four bytes of the automatic status (`GS a`)."""
        return bytes(
            (
                0x14 | 0x08 * self.stopped | 0x20 * self.cover_open,
                0x08 * self.cutter_error | 0x20 * self.broken | 0x40 * self.hot,
                self.paper(),
                0x0F,
            )
        )

    def paper(self) -> int:
        """The paper sensors, as `GS r 1` answers."""
        return 0x03 * self.near_end | 0x0C * self.out

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
    mechanical: bool = False
    feeding: bool = False  # the FEED key is held
    waiting: bool = False  # for a key, to go online
    ticket: bool = False  # a slip stands in the presenter's mouth

    def realtime(self) -> tuple[int, int, int, int]:
        """The answers to `DLE EOT` 1 to 4, drawer pin open (high) as with nothing connected."""
        error = self.cutter_error or self.broken or self.hot or self.mechanical
        return (
            0x16 | 0x08 * self.stopped | 0x20 * self.waiting | 0x40 * self.feeding,
            0x12 | 0x04 * self.cover_open | 0x08 * self.feeding | 0x20 * self.out | 0x40 * error,
            0x12
            | 0x04 * self.mechanical
            | 0x08 * self.cutter_error
            | 0x20 * self.broken
            | 0x40 * self.hot,
            0x12 | 0x0C * self.near_end | 0x60 * self.out,
        )

    def automatic(self) -> bytes:
        """The four bytes of the automatic status (`GS a`)."""
        return bytes(
            (
                0x14 | 0x08 * self.stopped | 0x20 * self.cover_open | 0x40 * self.feeding,
                0x01 * self.waiting
                | 0x04 * self.mechanical
                | 0x08 * self.cutter_error
                | 0x20 * self.broken
                | 0x40 * self.hot,
                self.paper(),
                0x0F,
            )
        )

    def full(self) -> bytes:
        """The six bytes of Custom's full status (KPM210 command reference)."""
        return bytes(
            (
                0x10,
                0x0F,
                0x01 * self.out | 0x04 * self.near_end | 0x20 * self.ticket,
                0x03 * self.cover_open,
                0x01 * self.hot,
                0x01 * self.broken,
            )
        )

    def paper(self) -> int:
        """The paper sensors, as `GS r 1` answers."""
        return 0x03 * self.near_end | 0x0C * self.out

# SPDX-License-Identifier: Apache-2.0
"""What printer models can do, and what keeps one from printing, in the booth's words."""

from dataclasses import dataclass
from types import MappingProxyType

from firmware_io.codecs.escpos_status import Condition


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """One model.

    `width_px`: dots across. `process_ids`: reports what is on paper (`GS ( H` fn 48: TM-T88IV and
    later, TM-T90, TM-T20, TM-m30 and others). `clears`: can forget what it has not printed yet
    (`DLE DC4` fn 8). `disables_pulse`: knows `GS ( D` (a model that does not prints its tail).
    `window`: bytes it may hold unprinted; below the common buffer of 4096 less the 128 at which it
    calls itself full. `mm_per_s`: the slowest speed to expect; `proof_s`: what a
    report may be late beyond wire and paper (a low-power printer pauses to recover).
    """

    name: str
    width_px: int
    process_ids: bool = True
    clears: bool = True
    disables_pulse: bool = False
    window: int = 3600
    rows_per_strip: int = 16
    feed_units_per_row: int = 1
    partial_cut: bool = True
    mm_per_s: float = 60.0
    proof_s: float = 5.0

    def __post_init__(self) -> None:
        if self.width_px % 8 or self.window < self.rows_per_strip * self.width_px // 8 + 64:
            raise ValueError("whole bytes across, and a window that holds one strip at least")


PROFILES = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            PrinterProfile("80", 576),
            PrinterProfile("58", 384),
            PrinterProfile("80-plain", 576, process_ids=False, clears=False),
            PrinterProfile("58-plain", 384, process_ids=False, clears=False),
        )
    }
)
"""Paper 80 or 58 mm wide at 203 dots an inch; "plain" models cannot report what is on paper."""


def complaint(condition: Condition) -> str:
    """The message key of what keeps a printer from printing; "" when nothing does.

    The order is that of what a person must do first: close the cover before looking at paper.
    """
    for wrong, code in (
        (condition.unrecoverable, "printer.broken"),
        (condition.cover_open, "printer.cover_open"),
        (condition.cutter_error, "printer.jam"),
        (condition.paper_out, "printer.paper_out"),
        (condition.overheated, "printer.overheated"),
        (condition.mechanical_error or condition.error, "printer.stopped"),
        (condition.feeding or condition.waiting, "printer.busy"),
        (condition.offline, "printer.stopped"),
    ):
        if wrong:
            return code
    return ""

# SPDX-License-Identifier: Apache-2.0
"""What printer models can do, as data, and what keeps one from printing, in the booth's words."""

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType

from firmware_io.codecs import escpos
from firmware_io.codecs.escpos_presenter import TOTAL_CUT, present
from firmware_io.codecs.escpos_status import Condition


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """One model.

    `width_px`: dots across. `process_ids`: reports what is on paper (`GS ( H` fn 48: TM-T88IV and
    later, TM-T90, TM-T20, TM-m30 and others). `queued_status`: reports that it got there (`GS r`).
    `clears`: can forget what it has not printed yet (`DLE DC4` fn 8). `automatic`: tells changes
    unasked (`GS a`). `disables_pulse`: knows `GS ( D` (a model that does not prints its tail).
    `presenter`: one of Custom's printers, which holds a slip out and takes back what nobody takes
    within `take_s`; `present_steps` as the model counts them, `cutter_rows` fed before its cut.
    `window`: bytes it may hold unprinted; below the common buffer of 4096 less the 128 at which it
    calls itself full.
    `mm_per_s`: the slowest speed to expect; `proof_s`: what a report may be late beyond wire and
    paper (a low-power printer pauses to recover).
    """

    name: str
    width_px: int
    process_ids: bool = True
    queued_status: bool = True
    clears: bool = True
    automatic: bool = True
    disables_pulse: bool = False
    presenter: bool = False
    present_steps: int = 0
    cutter_rows: int = 120
    take_s: float = 45.0
    window: int = 3600
    rows_per_strip: int = 16
    feed_units_per_row: int = 1
    partial_cut: bool = True
    mm_per_s: float = 60.0
    proof_s: float = 5.0

    def __post_init__(self) -> None:
        if not 8 <= self.width_px <= 2040 or self.width_px % 8:
            raise ValueError("width_px is 8 to 2040 dots, whole bytes")
        if not 1 <= self.rows_per_strip <= escpos.HEAD_ROWS_MAX:
            raise ValueError("rows_per_strip is 1 to 255")
        if self.window < self.rows_per_strip * self.width_px // 8 + 64:
            raise ValueError("the window must hold one strip at least")
        if not 0 <= self.present_steps <= 255 or not 1 <= self.feed_units_per_row <= 4:
            raise ValueError("present_steps is 0 to 255, feed_units_per_row 1 to 4")
        if min(self.mm_per_s, self.proof_s, self.take_s) <= 0:
            raise ValueError("speeds and times are above 0")

    def ending(self) -> bytes:
        """What ends a slip: cut, or cut and presented."""
        return self.cut() + (present(self.present_steps) if self.presenter else b"")

    def cut(self) -> bytes:
        """Everything printed is below the cutter, and cut off."""
        if self.presenter:
            return escpos.feed(self.cutter_rows * self.feed_units_per_row) + TOTAL_CUT
        return escpos.cut(partial=self.partial_cut)


_PLAIN = {"process_ids": False, "clears": False, "automatic": False}

PROFILES = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            PrinterProfile("80", 576),
            PrinterProfile("58", 384),
            PrinterProfile("80-plain", 576, **_PLAIN),
            PrinterProfile("58-plain", 384, **_PLAIN),
            PrinterProfile("80-presenter", 576, **_PLAIN, presenter=True),
        )
    }
)
"""Paper 80 or 58 mm wide at 203 dots an inch; "plain" models cannot report what is on paper."""


def profile_of(setting: str) -> PrinterProfile:
    """The profile a setting names: one of `PROFILES`, or a file that `save` has written.

    Raises ValueError with one sentence for a name that is neither, and for a file that cannot be
    read as a profile.
    """
    if setting in PROFILES:
        return PROFILES[setting]
    if "/" not in setting:
        names = ", ".join(PROFILES)
        raise ValueError(f"a printer profile is {names}, or the path of a file")
    try:
        table = tomllib.loads(Path(setting).read_text("utf-8"))
    except OSError:
        raise ValueError(f"{setting}: there is no such printer profile") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ValueError(f"{setting}: this is no TOML") from None
    return _profile_from(setting, table)


def _profile_from(where: str, table: dict[str, object]) -> PrinterProfile:
    kinds = {"str": str, "int": int, "bool": bool, "float": (int, float)}
    known = {field.name: kinds[getattr(field.type, "__name__", "str")] for field in fields(_MODEL)}
    for key, value in table.items():
        if (
            key not in known
            or not isinstance(value, known[key])
            or (isinstance(value, bool) and known[key] is not bool)
        ):
            raise ValueError(f"{where}: '{key}' is no setting of a printer profile, or not so")
    if "width_px" not in table:
        raise ValueError(f"{where}: 'width_px' is missing")
    try:
        return replace(_MODEL, **table)  # type: ignore[arg-type]
    except ValueError as wrong:
        raise ValueError(f"{where}: {wrong}") from None


_MODEL = PrinterProfile("", 576)


def save(profile: PrinterProfile, path: Path) -> None:
    """Writes a profile as TOML, whole or not at all. Raises OSError."""
    lines = ["# What this printer can do, found by asking it; see `kiosk printer probe --help`."]
    for field in fields(profile):
        value = getattr(profile, field.name)
        if isinstance(value, bool):
            said = "true" if value else "false"
        elif isinstance(value, str):
            clean = "".join(letter for letter in value if letter.isprintable())
            said = '"' + clean.replace("\\", "").replace('"', "") + '"'
        else:
            said = repr(value)
        lines.append(f"{field.name} = {said}")
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text("\n".join(lines) + "\n", "utf-8")
    fresh.replace(path)


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

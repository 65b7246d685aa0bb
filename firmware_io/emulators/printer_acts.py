# SPDX-License-Identifier: Apache-2.0
"""What the emulated printer's mechanism is told to do, one act at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rows:
    """Move paper by these rows; None is a white one."""

    rows: tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut, after feeding from the head to the cutter when `to_cutter`, and `feed` rows more."""

    to_cutter: bool
    feed: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """Push the slip into the mouth; it is cut first if it is not yet."""


@dataclass(frozen=True, slots=True)
class Retract:
    """Take the slip back into the printer."""


@dataclass(frozen=True, slots=True)
class Report:
    """Send these bytes once everything before is done. `printed`: a process id."""

    data: bytes
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """An answer only the mechanism knows: "paper" (`GS r 1`) or "drawer" (`GS r 2`)."""

    what: str


@dataclass(frozen=True, slots=True)
class Automatic:
    """Switch the automatic status to these items."""

    mask: int


@dataclass(frozen=True, slots=True)
class TellOffline:
    """Say so whenever the printer goes offline; `with_cause` also why."""

    on: bool
    with_cause: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """`ESC @`."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A setting, or a letter that waits for its line."""


Act = Rows | Cut | Present | Retract | Report | Ask | Automatic | TellOffline | Reset | Nothing
NOTHING = Nothing()

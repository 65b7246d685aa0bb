# SPDX-License-Identifier: Apache-2.0
"""What the uplink tells the counter of the booth: its last report, and slips not printed.

The front ends with every visit, so that the uplink keeps both. Slips are kept on disk until the
counter has noted them; they hold ids and message keys, nothing of a person.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError

from idcard.booth_health import (
    FRONT_SILENT,
    MOST,
    STARTING,
    BoothReport,
    Condition,
    ReportTaken,
    UnprintedSlip,
)
from kiosk.health_report import report_of, wordings

EVERY_S = 15.0
"""Between two reports when nothing changed; the counter calls a booth silent after four."""
SOONEST_S = 2.0
"""Between two reports when much changes: a device that comes and goes must not flood the line."""
FRONT_SILENT_S = 45.0
"""A front tells every 10 s, and is started again within a few; longer is a fault of its own."""
MOST_KEPT = 1000

_SLIPS: TypeAdapter[list[UnprintedSlip]] = TypeAdapter(list[UnprintedSlip])
_LOG = structlog.get_logger()


class HealthPost:
    """Thread-safe. `path` is the file of the slips; one that cannot be read counts as empty."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._report: BoothReport | None = None
        self._told_at = clock()
        self._sent: Condition | None = None
        self._sent_at, self._failed = float("-inf"), False
        self._slips = {one.application_id: one for one in _read(path)}

    def told(self, report: BoothReport) -> bool:
        """The front's word. True when it differs from what the counter knows."""
        with self._lock:
            self._report, self._told_at = report, self._clock()
            return report.condition != self._sent

    def slip(self, slip: UnprintedSlip) -> None:
        """What became of a slip; `reason` "": it came out. On disk once this returns.

        Raises OSError. Beyond `MOST_KEPT` the oldest is dropped, one that came out before one that
        did not: its case is at the counter anyway.
        """
        with self._lock:
            kept = dict(self._slips)
            kept.pop(slip.application_id, None)
            kept[slip.application_id] = slip
            while len(kept) > MOST_KEPT:
                out = (name for name, one in kept.items() if not one.reason)
                del kept[next(out, next(iter(kept)))]
            self._keep(kept)

    def due_at(self) -> float:
        """When the next report is to be sent, by the clock handed in."""
        with self._lock:
            soon = self._news() and not self._failed
            return self._sent_at + (SOONEST_S if soon else EVERY_S)

    def letter(self) -> BoothReport:
        """What to send now."""
        with self._lock:
            report = self._present()
            first = sorted(self._slips.values(), key=lambda one: not one.reason)
            slips = tuple(first[:MOST])  # those that somebody waits for, then the rest
            spoken = wordings(one.reason for one in slips if one.reason)
            return report.model_copy(update={"slips": slips, "words": {**spoken, **report.words}})

    def tried(self) -> None:
        """A report was begun to be sent; the next one keeps its distance, however this one ends."""
        with self._lock:
            self._sent_at, self._failed = self._clock(), True

    def taken(self, letter: BoothReport, answer: ReportTaken) -> None:
        """The counter has it. Slips told anew meanwhile stay."""
        with self._lock:
            self._sent, self._failed = letter.condition, False
            sent = {one.application_id: one for one in letter.slips}
            noted = [one for one in answer.slips if sent.get(one) == self._slips.get(one)]
            if not noted:
                return
            kept = {name: one for name, one in self._slips.items() if name not in noted}
            try:
                self._keep(kept)
            except OSError:
                _LOG.error("slips_not_kept")  # they are told again, which changes nothing

    def _news(self) -> bool:
        return bool(self._slips) or self._sent != self._present().condition

    def _present(self) -> BoothReport:
        silent = self._clock() - self._told_at > FRONT_SILENT_S
        if self._report is None or silent:
            return report_of(Condition(closing=(FRONT_SILENT if silent else STARTING,)), "")
        return self._report

    def _keep(self, kept: dict[UUID, UnprintedSlip]) -> None:
        aside = self._path.with_suffix(".new")
        with aside.open("wb") as file:
            file.write(_SLIPS.dump_json(list(kept.values())))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._slips = kept


def _read(path: Path) -> list[UnprintedSlip]:
    with suppress(OSError, ValidationError):
        return _SLIPS.validate_json(path.read_bytes())
    return []

# SPDX-License-Identifier: Apache-2.0
"""One picture on its way to paper: cut into chunks, followed by marks, watched while it prints."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from drivers.printer_profile import PrinterProfile, complaint
from drivers.printer_talk import OFFLINE_CAUSES, Marks, Talk
from drivers.printer_types import TroubleError
from firmware_io.codecs import escpos
from firmware_io.links.deadline import Deadline

WATCH_S = 0.25  # how often the printer is asked while it prints
DOTS_PER_MM = 8


@dataclass(frozen=True, slots=True)
class Chunk:
    """Commands sent together and the rows they move."""

    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Flying:
    """A chunk that was sent and not yet reported; `by` is when it should be, in monotonic time."""

    mark: bytes
    size: int
    rows: int
    by: float


def chunks(image: Image.Image, profile: PrinterProfile) -> Iterator[Chunk]:
    """The picture as chunks of about one strip's size: white stretches join a neighbour.

    Raises ValueError for a picture that is wider than the paper or not of mode "1".
    """
    if image.mode != "1":
        raise ValueError('a slip is a mode "1" picture')
    if image.width > profile.width_px:
        raise ValueError("the slip is wider than the paper")
    page = Image.new("1", (profile.width_px, image.height), 1)
    page.paste(image, ((page.width - image.width) // 2, 0))
    ink = bytes(byte ^ 0xFF for byte in page.tobytes())
    data, rows = b"", 0
    limit = profile.rows_per_strip * page.width // 8
    for strip in escpos.strips(
        ink,
        page.width // 8,
        rows_per_strip=profile.rows_per_strip,
        feed_units_per_row=profile.feed_units_per_row,
    ):
        if data and len(data) + len(strip.data) > limit:
            yield Chunk(data, rows)
            data, rows = b"", 0
        data, rows = data + strip.data, rows + strip.rows
    if data:
        yield Chunk(data, rows)
    # Its own chunk: the mark after it proves the cut, the one before it the last row.
    yield Chunk(profile.ending(), 15 * DOTS_PER_MM)


class Job:
    """Sends chunks and follows them. `moved` says afterwards whether paper may have moved."""

    def __init__(
        self, talk: Talk, parts: list[Chunk], on_progress: Callable[[float], None]
    ) -> None:
        self.moved = False
        self._talk = talk
        self._chunks = parts
        self._tell = on_progress
        self._flying: deque[Flying] = deque()
        self._total = sum(chunk.rows for chunk in parts)
        self._done = 0
        self._gap = False
        self._asked_at = time.monotonic()

    def run(self) -> bool:
        """Send everything and wait until it is done.

        True: the printer reported every strip and the cut as done, in the way its model reports.
        False: everything was sent, and a report is missing. Raises TroubleError when the printer
        says why it stopped, or falls silent about strips before all are sent; and link errors.
        """
        for chunk in self._chunks:
            question, mark = self._talk.next_mark()
            size = len(chunk.data) + len(question)
            while self._flying and self._in_flight + size > self._talk.profile.window:
                if not self._wait():
                    raise TroubleError("printer.stopped")  # no slip: the rest was never sent
            self.moved = True
            self._talk.write(chunk.data + question)
            seconds = self._talk.wire_s(size) + self._paper_s(chunk.rows)
            start = max(time.monotonic(), self._flying[-1].by if self._flying else 0.0)
            self._flying.append(Flying(mark, size, chunk.rows, start + seconds))
            self._check()
        while self._flying:
            if not self._wait():
                return False
        return self._talk.marks is not Marks.NONE and not self._gap

    @property
    def _in_flight(self) -> int:
        return sum(flying.size for flying in self._flying)

    def _paper_s(self, rows: int) -> float:
        return rows / (self._talk.profile.mm_per_s * DOTS_PER_MM)

    def _wait(self) -> bool:
        """Until the next report, or a look at the printer is due; False: no report is coming."""
        first = self._flying[0]
        if self._talk.marks is Marks.NONE:
            self._talk.hear(Deadline(min(first.by, time.monotonic() + WATCH_S)))
            if time.monotonic() >= first.by:
                self._landed()
        else:
            self._talk.hear(Deadline.after(WATCH_S))
            self._reported()
            if self._flying and time.monotonic() > self._flying[0].by + self._talk.profile.proof_s:
                self._check(now=True)
                return False
        self._check()
        return True

    def _reported(self) -> None:
        """Take the reports that came. One that was skipped leaves the job unproven.

        It may only have been lost on the wire, but a printer that lost power for a moment skips
        reports too, and rows with them.
        """
        for mark in self._talk.taken_marks():
            if mark == b"":
                if self._flying:
                    self._landed()
            elif any(flying.mark == mark for flying in self._flying):
                while self._landed().mark != mark:
                    self._gap = True

    def _landed(self) -> Flying:
        flying = self._flying.popleft()
        self._done += flying.rows
        if self._flying:
            late = max(0.0, time.monotonic() - flying.by)
            self._flying = deque(
                Flying(part.mark, part.size, part.rows, part.by + late) for part in self._flying
            )
        self._tell(min(1.0, self._done / self._total))
        return flying

    def _check(self, *, now: bool = False) -> None:
        """Ask whether the printer has stopped, and why: every `WATCH_S`, or when it said so."""
        alarmed = self._talk.alarmed()
        if not (now or alarmed) and time.monotonic() - self._asked_at < WATCH_S:
            return
        self._asked_at = time.monotonic()
        if alarmed or now or self._talk.status(2) & OFFLINE_CAUSES:
            code = complaint(self._talk.condition())
            if code:
                raise TroubleError(code)

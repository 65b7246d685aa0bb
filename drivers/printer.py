# SPDX-License-Identifier: Apache-2.0
"""The receipt printer: a picture goes in, paper comes out, and it is known whether it did.

Printed means confirmed: the printer itself has reported that the last row was printed and the
paper cut (process ids, `GS ( H` of ESC/POS). A model without such reports gives ``unconfirmed``,
and so does a report that never comes. Nothing is ever printed again by itself: what has moved
paper is told by `partial` of the error, and the next step is for the flow and for people.

The line is never blocked. Instead of flow control, which would also hold back the questions
"paper out? cover open?", at most `PrinterProfile.window` bytes are on their way: strips of rows are
followed by a mark that comes back when they are done, and the next strips wait for it.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from drivers.errors import AskStaffError, OutOfServiceError
from drivers.health import Health, State
from drivers.printer_profile import PROFILES, PrinterProfile, complaint
from drivers.printer_talk import OFFLINE_CAUSES, Marks, Talk
from firmware_io.codecs import escpos
from firmware_io.codecs.escpos_status import Condition
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkError, LinkTimeoutError

WATCH_S = 0.25  # how often the printer is asked while it prints
POLL_S = 1.0
DOTS_PER_MM = 8

__all__ = [
    "PROFILES",
    "PrintOutcome",
    "PrintStoppedError",
    "PrinterLostError",
    "PrinterProfile",
    "Proof",
    "ReceiptPrinter",
]


class Proof(StrEnum):
    """How sure it is that the slip is on paper."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """A slip that came out as far as the printer can tell; `near_end`: load paper soon."""

    outcome: Proof
    near_end: bool = False


class PrintStoppedError(AskStaffError):
    """Somebody in the hall must act. `partial`: some paper was, or may have been, printed."""

    def __init__(self, code: str, *, partial: bool) -> None:
        super().__init__(code)
        self.partial = partial


class PrinterLostError(OutOfServiceError):
    """A technician must act. `partial`: some paper was, or may have been, printed."""

    def __init__(self, code: str, *, partial: bool) -> None:
        super().__init__(code)
        self.partial = partial


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Commands sent together and the rows they move."""

    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class _Flying:
    """A chunk that was sent and not yet reported; `by` is when it should be, in monotonic time."""

    mark: bytes
    size: int
    rows: int
    by: float


class ReceiptPrinter:
    """One printer on a serial line (or a USB printer that shows as one).

    `profile` is a `PrinterProfile` or a name of `PROFILES`. After `start` a thread of its own asks
    for the printer's condition every `poll_s` while it is idle and reopens a lost port; `health`
    is what was seen last. All methods may be called from any thread; only one prints at a time.
    """

    def __init__(
        self,
        path: str,
        *,
        profile: PrinterProfile | str = "80",
        baudrate: int = 115200,
        poll_s: float = POLL_S,
    ) -> None:
        self.path = path
        self.profile = PROFILES[profile] if isinstance(profile, str) else profile
        self._talk = Talk(path, baudrate, self.profile)
        self._turn = threading.RLock()  # who talks to the printer
        self._health = Health.ill("printer", "printer.unplugged")
        self._poll_s = poll_s
        self._busy = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._paper_hangs = False  # part of a slip stands under the cutter
        self._cover_was_open = False

    def start(self) -> None:
        """Open the port, look at the printer once, and keep looking. Idempotent.

        Raises nothing for an ill printer: `health` tells, and it heals by itself when it can.
        """
        if self._thread is not None:
            return
        self._stop.clear()
        self._talk.link.rearm()
        self._look()
        self._thread = threading.Thread(target=self._watch, name="printer-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking and let go of the port. A print in progress ends with PrinterLostError."""
        self._stop.set()
        self._talk.link.cancel()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        self._talk.link.close()

    def health(self) -> Health:
        """What was seen last; `detail` is "near_end" when paper is low. Never waits."""
        return Health("printer", State.BUSY) if self._busy else self._health

    def print(
        self, image: Image.Image, on_progress: Callable[[float], None] | None = None
    ) -> PrintOutcome:
        """Put a mode "1" picture (0 is black) on paper and cut it; return when that is certain.

        `on_progress` is told the part that is on paper, 0.0 to 1.0, from this thread. A picture
        narrower than the paper is centred. Raises ValueError for a wider one or another mode,
        PrintStoppedError ("printer.paper_out", "printer.cover_open", "printer.jam",
        "printer.overheated", "printer.busy", "printer.stopped") and PrinterLostError
        ("printer.silent", ".unplugged", ".port_busy", ".broken"); both tell `partial`.
        """
        chunks = list(self._chunks(image))
        with self._turn:
            self._busy = True
            job = _Job(self._talk, chunks, on_progress or (lambda _part: None))
            try:
                self._talk.open()
                self._must_be_fit(self._talk.condition(), partial=False)
                self._prepare()
                proven = job.run()
                if not proven:
                    self._talk.forget()  # a report is missing: so may be bytes of an image
                condition = self._talk.condition()
                code = self._judge(condition)
                if condition.cutter_error or condition.unrecoverable:
                    raise _Trouble(code)
                return PrintOutcome(
                    Proof.CONFIRMED if proven else Proof.UNCONFIRMED, condition.paper_near_end
                )
            except _Trouble as trouble:
                self._give_up(trouble.code, partial=job.moved)
                raise _error(trouble.code, partial=job.moved) from None
            except LinkError as error:
                code = _link_code(error)
                self._lost(code)
                self._paper_hangs = self._paper_hangs or job.moved
                raise PrinterLostError(code, partial=job.moved) from error
            finally:
                self._busy = False

    def _chunks(self, image: Image.Image) -> Iterator[_Chunk]:
        """The picture as chunks of about one strip's size: white stretches join a neighbour."""
        if image.mode != "1":
            raise ValueError('a slip is a mode "1" picture')
        if image.width > self.profile.width_px:
            raise ValueError("the slip is wider than the paper")
        page = Image.new("1", (self.profile.width_px, image.height), 1)
        page.paste(image, ((page.width - image.width) // 2, 0))
        ink = bytes(byte ^ 0xFF for byte in page.tobytes())
        data, rows = b"", 0
        limit = self.profile.rows_per_strip * page.width // 8
        for strip in escpos.strips(
            ink,
            page.width // 8,
            rows_per_strip=self.profile.rows_per_strip,
            feed_units_per_row=self.profile.feed_units_per_row,
        ):
            if data and len(data) + len(strip.data) > limit:
                yield _Chunk(data, rows)
                data, rows = b"", 0
            data, rows = data + strip.data, rows + strip.rows
        if data:
            yield _Chunk(data, rows)
        # Its own chunk: the mark after it proves the cut, the one before it the last row.
        yield _Chunk(escpos.cut(partial=self.profile.partial_cut), 15 * DOTS_PER_MM)

    def _prepare(self) -> None:
        """All modes known; what an earlier slip left under the cutter is cut off first."""
        self._talk.straighten()
        if self._paper_hangs:
            self._talk.write(escpos.cut(partial=self.profile.partial_cut))
            self._paper_hangs = False

    def _must_be_fit(self, condition: Condition, *, partial: bool) -> None:
        code = self._judge(condition)
        if code:
            raise _error(code, partial=partial)

    def _give_up(self, code: str, *, partial: bool) -> None:
        """Forget what the printer still holds, so that it does not come out by itself later."""
        self._paper_hangs = self._paper_hangs or partial
        self._health = Health.ill("printer", code)
        with contextlib.suppress(LinkError):
            if self.profile.clears:
                self._talk.clear()
        self._talk.forget()

    # -- looking while idle --------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stop.wait(self._poll_s):
            self._look()

    def _look(self) -> None:
        """One look at the condition; every trouble becomes health."""
        with self._turn:
            try:
                self._talk.open()
                condition = self._talk.condition()
                code = self._judge(condition)
                self._free_cutter(condition)
                if not code and self._talk.fresh:
                    self._talk.straighten()  # no slip has to wait for it later
            except LinkError as error:
                self._lost(_link_code(error))

    def _free_cutter(self, condition: Condition) -> None:
        """Tell a jammed cutter to move again, once somebody has had the cover open and shut it.

        Not before: a cutter that starts by itself could meet fingers.
        """
        if not condition.cutter_error:
            self._cover_was_open = False
        elif condition.cover_open:
            self._cover_was_open = True
        elif self._cover_was_open:
            self._cover_was_open = False
            self._talk.write(escpos.RECOVER_AND_CLEAR)
            self._talk.forget()

    def _judge(self, condition: Condition) -> str:
        """Turn a condition into health; its complaint."""
        code = complaint(condition)
        if code:
            self._health = Health.ill("printer", code)
        else:
            detail = "near_end" if condition.paper_near_end else ""
            self._health = Health.ready("printer", detail)
        return code

    def _lost(self, code: str) -> None:
        self._talk.forget()
        self._health = Health.ill("printer", code)


class _Trouble(Exception):  # noqa: N818 - carried inside this file only
    """The printer named a reason to stop."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Job:
    """One picture on its way to paper."""

    def __init__(
        self, talk: Talk, chunks: list[_Chunk], on_progress: Callable[[float], None]
    ) -> None:
        self.moved = False  # whether paper may have moved
        self._talk = talk
        self._chunks = chunks
        self._tell = on_progress
        self._flying: deque[_Flying] = deque()
        self._total = sum(chunk.rows for chunk in chunks)
        self._done = 0
        self._gap = False
        self._asked_at = time.monotonic()

    def run(self) -> bool:
        """Send everything and wait until it is done.

        True: the printer reported every strip and the cut as done. Raises _Trouble when the
        printer says why it stopped, and link errors.
        """
        for chunk in self._chunks:
            question, mark = self._talk.next_mark()
            size = len(chunk.data) + len(question)
            while self._flying and self._in_flight + size > self._talk.profile.window:
                if not self._wait():
                    return False
            self.moved = True
            self._talk.write(chunk.data + question)
            seconds = self._talk.wire_s(size) + self._paper_s(chunk.rows)
            start = max(time.monotonic(), self._flying[-1].by if self._flying else 0.0)
            self._flying.append(_Flying(mark, size, chunk.rows, start + seconds))
            self._check()
        while self._flying:
            if not self._wait():
                return False
        return self._talk.marks is Marks.PRINTED and not self._gap

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

    def _landed(self) -> _Flying:
        flying = self._flying.popleft()
        self._done += flying.rows
        if self._flying:
            late = max(0.0, time.monotonic() - flying.by)
            self._flying = deque(
                _Flying(part.mark, part.size, part.rows, part.by + late) for part in self._flying
            )
        self._tell(min(1.0, self._done / self._total))
        return flying

    def _check(self, *, now: bool = False) -> None:
        """Ask, at most every `WATCH_S`, whether the printer has stopped, and why."""
        if not now and time.monotonic() - self._asked_at < WATCH_S:
            return
        self._asked_at = time.monotonic()
        if self._talk.status(2) & OFFLINE_CAUSES or now:
            code = complaint(self._talk.condition())
            if code:
                raise _Trouble(code)


def _link_code(error: LinkError) -> str:
    kinds = {LinkBusyError: "printer.port_busy", LinkTimeoutError: "printer.silent"}
    return kinds.get(type(error), "printer.unplugged")


def _error(code: str, *, partial: bool) -> PrintStoppedError | PrinterLostError:
    if code == "printer.broken":
        return PrinterLostError(code, partial=partial)
    return PrintStoppedError(code, partial=partial)

# SPDX-License-Identifier: Apache-2.0
"""Talking with an ESC/POS printer over its line: questions, answers, marks. No policy.

One thread at a time. A printer answers without saying which question it answers, so there is one
`DLE EOT` on its way at any time and late answers are dropped before the next.
"""

import contextlib
import time
from collections import deque
from enum import Enum
from typing import TypeVar

from drivers.printer_line import Line
from drivers.printer_profile import PrinterProfile, complaint
from firmware_io.codecs import escpos
from firmware_io.codecs.escpos_presenter import FULL_STATUS_QUERY, PresenterStatus
from firmware_io.codecs.escpos_status import (
    Answer,
    AutomaticStatus,
    BuffersCleared,
    Condition,
    Decoder,
    FlowControl,
    FullStatus,
    PlainByte,
    ProcessDone,
    RealtimeAnswer,
    WentOffline,
    realtime_condition,
)
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkTimeoutError

_A = TypeVar("_A", bound=Answer)
ANSWER_S = 0.5  # a status request is answered within 30 ms once it is through the wire
HELD_ANSWERS = 512  # answers nobody has asked for yet; many more than a window of marks
TRIES = 3
UNFIT_READINGS = 3  # of four: no printer changes that often while it is asked
TRY_PAUSE_S = 0.3
RESTING_TRIES = 2
TELLING = (1,)  # what a resting printer is asked that tells changes unasked: is it there?
MUTE = (1, 2, 3, 4)  # and one that does not: everything
PROBE_S = 2.0
_NO_WONDER = (
    AutomaticStatus,
    ProcessDone,
    WentOffline,
    BuffersCleared,
    FlowControl,
    FullStatus,
)
OFFLINE_CAUSES = 0x64  # of DLE EOT 2: cover, paper, error


class Marks(Enum):
    """How a printer lets us know that it got to a certain place of a job."""

    PRINTED = "process id: all before is on paper"
    PROCESSED = "GS r: all before was worked off"
    NONE = "not at all"


class StrangeError(LinkTimeoutError):
    """Something answers, but not as an ESC/POS printer does: another make, or another speed."""


class Talk:
    """The wire to one printer. Link errors pass through; LinkTimeoutError means silence."""

    def __init__(self, link: Line, profile: PrinterProfile) -> None:
        self.link = link
        self.profile = profile
        self.marks = Marks.PRINTED if profile.process_ids else Marks.PROCESSED
        self._decoder = Decoder(presenter=profile.presenter)
        self._answers: deque[Answer] = deque()
        self._number = 0
        self.fresh = True  # nothing is known of where in a command the printer stands
        self._tells = False  # it has sent its status unasked since it was met
        self._settled: dict[int, int] = {}  # the answers of the last `condition`, by question

    def open(self) -> None:
        """Open the port if it is not open. Raises LinkLostError."""
        if not self.link.is_open:
            self.link.open()
            self.forget()

    def forget(self) -> None:
        """Drop what was heard: the line broke, or the printer's place in the job is unknown."""
        self._decoder.reset()
        self._answers.clear()
        self.fresh = True
        self._tells = False
        self._settled = {}

    def write(self, data: bytes) -> None:
        """Bytes onto the wire; raises LinkTimeoutError when it does not take them."""
        self.link.write(data, Deadline.after(self.wire_s(len(data)) + 3.0))

    def wire_s(self, count: int) -> float:
        """How long the line carries `count` bytes."""
        return count * 10 / self.link.baudrate

    def hear(self, deadline: Deadline) -> bool:
        """Take in what comes; False when nothing came before the deadline."""
        try:
            data = self.link.read(deadline)
        except LinkTimeoutError:
            return False
        heard = self._decoder.feed(data)
        self._tells = self._tells or any(isinstance(one, AutomaticStatus) for one in heard)
        self._answers.extend(heard)
        while len(self._answers) > HELD_ANSWERS:  # a line that babbles
            self._answers.popleft()
        return True

    def status(
        self, n: int, tries: int = TRIES, *, limit_s: float = 0.0, pause_s: float = TRY_PAUSE_S
    ) -> int:
        """The answer to `DLE EOT` n, each try `limit_s` long (0: time for a job's bytes ahead).

        Raises LinkTimeoutError after `tries` unanswered ones, StrangeError when all that came were
        bytes that answer nothing.
        """
        strange = False
        for attempt in range(tries):
            if attempt:
                self._pause(pause_s)
            while self.hear(Deadline.after(0)):
                pass
            self.taken(RealtimeAnswer)
            before = len(self._answers)
            self.write(escpos.status_query(n))
            # Up to a window of job bytes may be ahead of the question on the wire.
            deadline = Deadline.after(limit_s or ANSWER_S + self.wire_s(self.profile.window))
            while True:
                found = self.taken(RealtimeAnswer)
                if found:
                    return found[0].value
                if not self.hear(deadline):
                    break
            heard = list(self._answers)[before:]
            strange = strange or any(not isinstance(one, _NO_WONDER) for one in heard)
        if strange:
            raise StrangeError("what answers is no ESC/POS printer at this speed")
        raise LinkTimeoutError("the printer does not answer")

    def answers(self, limit_s: float) -> None:
        """Whether a resting printer is still there. Raises LinkTimeoutError, StrangeError.

        Nothing is ahead of the question on the wire then, so that `limit_s`, twice, is enough.
        """
        self.status(1, RESTING_TRIES, limit_s=limit_s, pause_s=0.0)

    def unchanged(self, limit_s: float) -> bool:
        """Whether a resting printer answers as at the last `condition` and has told nothing since.

        One that tells its status unasked is only asked whether it is there and online. Raises as
        `answers`.
        """
        if not self._settled:
            self.answers(limit_s)
            return False
        for n in TELLING if self._tells else MUTE:
            if self.status(n, RESTING_TRIES, limit_s=limit_s, pause_s=0.0) != self._settled[n]:
                return False
        return not (self.taken(AutomaticStatus) or self.taken(WentOffline))

    def condition(self) -> Condition:
        """The four status answers in words. Raises LinkTimeoutError for a silent printer.

        A single odd answer may be noise on the wire: anything but a clean bill is asked for again
        until two readings in a row agree (at most four in all). The first question is asked once
        more at the end of a reading: a printer that always gives the answer to the question before
        would seem ill, or well, in a way that it is not. Raises StrangeError for such a one.
        """
        seen: Condition | None = None
        unfit = 0
        self._settled = {}
        for _ in range(TRIES + 1):
            n1, n2, n3, n4, again = (self.status(n) for n in (1, 2, 3, 4, 1))
            if again != n1:
                unfit += 1
                if unfit == UNFIT_READINGS:
                    break
                continue  # it changed meanwhile, or its answers come one question late
            last, seen = seen, realtime_condition(n1, n2, n3, n4)
            if not complaint(seen) or seen == last:
                self._settled = {1: n1, 2: n2, 3: n3, 4: n4}
                break
        if seen is None or unfit == UNFIT_READINGS:
            raise StrangeError("the printer's answers do not fit the questions")
        return seen

    def presenter(self) -> PresenterStatus:
        """The full status of a printer with a presenter. Raises LinkTimeoutError."""
        for _ in range(TRIES):
            while self.hear(Deadline.after(0)):
                pass
            self.taken(FullStatus)
            self.write(FULL_STATUS_QUERY)
            deadline = Deadline.after(ANSWER_S + self.wire_s(self.profile.window))
            while self.hear(deadline):
                if found := self.taken(FullStatus):
                    return found[-1].status
        raise LinkTimeoutError("the printer does not tell of its presenter")

    def alarmed(self) -> bool:
        """Whether the printer said by itself, since the last call, that something is wrong."""
        told = self.taken(AutomaticStatus)
        return bool(self.taken(WentOffline)) or any(complaint(one.condition) for one in told)

    def straighten(self) -> None:
        """Bring the printer to the start of a command with all modes reset, and see it get there.

        An image cut short by a broken line would swallow what follows, so it is filled with zeros
        first (ignored outside an image). Then it is found out how this printer marks its progress:
        a process id that comes back, else `GS r`, else nothing.
        """
        if self.fresh:
            if self.profile.clears:
                self.clear()
            self.write(bytes(self.profile.rows_per_strip * self.profile.width_px // 8))
        self.write(escpos.INIT)
        if self.profile.disables_pulse:
            self.write(escpos.NO_PULSE_NO_POWER_OFF)
        if self.profile.automatic:
            self.write(escpos.automatic_status(True))
        if self.profile.process_ids:
            self.write(escpos.offline_report(True))
        if self.fresh:
            self._probe()
            self.fresh = False

    def _probe(self) -> None:
        able = {
            Marks.PRINTED: self.profile.process_ids,
            Marks.PROCESSED: self.profile.queued_status,
        }
        for kind in (kind for kind in able if able[kind]):
            self.marks = kind
            question, mark = self.next_mark()
            self.write(question)
            deadline = Deadline.after(PROBE_S)
            while mark not in self.taken_marks():
                if not self.hear(deadline):
                    break
            else:
                return
        self.marks = Marks.NONE

    def next_mark(self) -> tuple[bytes, bytes]:
        """A question answered once all before it is done, and the mark its answer will carry."""
        if self.marks is Marks.PRINTED:
            self._number = (self._number + 1) & 0xFFFF
            return escpos.process_id(self._number), escpos.process_mark(self._number)
        return (escpos.QUEUED_PAPER_STATUS if self.marks is Marks.PROCESSED else b""), b""

    def taken_marks(self) -> list[bytes]:
        """The marks that have come back since the last call, oldest first; b"" for `GS r`."""
        if self.marks is Marks.PRINTED:
            return [answer.mark for answer in self.taken(ProcessDone)]
        return [b"" for _ in self.taken(PlainByte)]

    def clear(self) -> bool:
        """Make the printer forget what it has not printed. True when it says it did."""
        self.taken(BuffersCleared)
        with contextlib.suppress(LinkTimeoutError):
            self.write(escpos.CLEAR_BUFFERS)
            deadline = Deadline.after(ANSWER_S + self.wire_s(self.profile.window))
            while self.hear(deadline):
                if self.taken(BuffersCleared):
                    self._answers.clear()
                    return True
        return False

    def taken(self, kind: type[_A]) -> list[_A]:
        """Every answer of one kind, removed from what was heard."""
        taken = [answer for answer in self._answers if isinstance(answer, kind)]
        self._answers = deque(answer for answer in self._answers if not isinstance(answer, kind))
        return taken

    def _pause(self, seconds: float) -> None:
        """Wait, but listen and end at once when the link is called off."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.hear(Deadline(until))

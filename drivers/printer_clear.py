# SPDX-License-Identifier: Apache-2.0
"""What an ended or broken-off print leaves behind, and how it is put away: status before movement.

A torso hangs under the cutter: it is cut off (and taken back where there is a presenter) before
the next slip; one that an earlier process left, as soon as the printer is fit. A slip in the mouth
of a presenter carries a citizen's name: it is taken back when nobody takes it.
"""

import time

from drivers.printer_journal import Journal
from drivers.printer_profile import complaint
from drivers.printer_talk import Talk
from drivers.printer_types import TroubleError
from firmware_io.codecs.escpos_presenter import RETRACT
from firmware_io.links.deadline import Deadline

MOVE_S = 5.0  # a cut, or the presenter's motor, with time to spare
LOOK_S = 0.1


class Clearing:
    """Knows what may hang, from the journal at first. Callers hold the driver's turn."""

    def __init__(self, talk: Talk, journal: Journal) -> None:
        left = journal.left()
        self.hangs = left.torso
        self._inherited = left.torso
        self._talk, self._journal = talk, journal
        self._out = left.slip and talk.profile.presenter  # a slip may stand in the mouth
        self._out_by = time.monotonic() + talk.profile.take_s

    @property
    def due(self) -> bool:
        """Whether something is to be put away while the printer rests."""
        return self._inherited or self._out

    def torso(self) -> None:
        """Cut off what hangs, and see it done. TroubleError when the printer says why not."""
        if not self.hangs:
            return
        profile = self._talk.profile
        self._journal.note("clear")
        question, mark = self._talk.next_mark()
        data = profile.cut() + (RETRACT if profile.presenter else b"")
        self._talk.write(data + question)
        self._arrive(mark)
        code = complaint(self._talk.condition())
        if code:
            raise TroubleError(code)
        self.hangs = self._inherited = False
        self._journal.note("cleared")

    def _arrive(self, mark: bytes) -> None:
        """Until the mark comes back; a printer without marks, or one that stopped, has `MOVE_S`."""
        deadline = Deadline.after(MOVE_S)
        while not deadline.passed:
            self._talk.hear(deadline.within(LOOK_S))
            if mark in self._talk.taken_marks() or self._talk.alarmed():
                return

    def inherited(self) -> None:
        """Clear what an earlier process left; the printer is fit and straightened."""
        if self._inherited:
            self.torso()

    # -- the mouth of a presenter ----------------------------------------------------------------

    def presented(self) -> bool:
        """Wait until the slip stands in the mouth; whether it does."""
        return self._until_ticket(there=True)

    def wait_taken(self) -> None:
        """From now on somebody has `take_s` to take the slip."""
        self._out = True
        self._out_by = time.monotonic() + self._talk.profile.take_s
        self._journal.note("presented")

    def untaken(self) -> None:
        """See whether the slip was taken; take it back when its time is over."""
        if not self._out:
            return
        if not self._talk.presenter().ticket:
            self._out = False
            self._journal.note("taken")
        elif time.monotonic() >= self._out_by:
            self.mouth()

    def mouth(self) -> None:
        """Free the mouth before anything else is printed. TroubleError when it stays full."""
        if not self._talk.profile.presenter or not self._talk.presenter().ticket:
            return
        self._journal.note("retract")
        self._talk.write(RETRACT)
        if not self._until_ticket(there=False):
            raise TroubleError("printer.not_taken")
        self._out = False
        self._journal.note("retracted")

    def _until_ticket(self, *, there: bool) -> bool:
        deadline = Deadline.after(MOVE_S)
        while self._talk.presenter().ticket is not there:
            if deadline.passed:
                return False
            self._talk.hear(deadline.within(LOOK_S))
        return True

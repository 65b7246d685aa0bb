# SPDX-License-Identifier: Apache-2.0
"""The receipt printer: a picture goes in, paper comes out, and it is known whether it did.

Printed means confirmed: the printer itself has reported that the last row was printed and the
paper cut (process ids, `GS ( H` of ESC/POS), or holds the slip in its mouth and says so. A model
without such reports gives ``unconfirmed``, and so does a report that never comes; the outcome
names what the proof rests on. Nothing is ever printed again by itself: what has moved paper is
told by `partial` of the error, and the next step is for the flow and for people.

The line is never blocked. Instead of flow control, which would also hold back the questions
"paper out? cover open?", at most `PrinterProfile.window` bytes are on their way: strips of rows are
followed by a mark that comes back when they are done, and the next strips wait for it.

Every movement is written to a journal before it begins (`printer_journal`). A driver that finds
there a slip without an end asks the printer how it is and clears what may hang, before any other.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from drivers.health import Health, State
from drivers.printer_clear import Clearing
from drivers.printer_job import DOTS_PER_MM, WATCH_S, Job, chunks
from drivers.printer_journal import Journal
from drivers.printer_line import is_relayed, line_of, port_says_paper_out
from drivers.printer_profile import PROFILES, PrinterProfile, complaint, profile_of
from drivers.printer_talk import Marks, StrangeError, Talk
from drivers.printer_types import (
    PrinterLostError,
    PrintOutcome,
    PrintStoppedError,
    Proof,
    ProofBy,
    TroubleError,
    stopped,
)
from firmware_io.codecs import escpos
from firmware_io.codecs.escpos_status import Condition
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkError, LinkTimeoutError

POLL_S = 0.5
WHOLE_S = 5.0  # between two whole readings of a resting printer that seems to be as it was

__all__ = [
    "DOTS_PER_MM",
    "PROFILES",
    "WATCH_S",
    "PrintOutcome",
    "PrintStoppedError",
    "PrinterLostError",
    "PrinterProfile",
    "Proof",
    "ProofBy",
    "ReceiptPrinter",
]


class ReceiptPrinter:
    """One printer; `path` names its line as `drivers.printer_line` says.

    `profile` is a `PrinterProfile`, a name of `PROFILES` or a profile's file. `journal`: the file
    that outlives this process; None keeps none. After `start` a thread of its own asks for the
    printer's condition every `poll_s` while it is idle and reopens a lost port; `health` is what
    was seen last. `resting_s`: how long an idle printer may take to answer, asked twice, before it
    is called silent, and then it is asked only whether it is as it was; 0 asks for everything each
    time, patiently (3 s). All methods may be called from any thread; only one prints at a time.
    `on_change` is called each time `health` or `notes` may say something else; set it before
    `start`, and let it return at once. Raises ValueError for a setting that names no line or no
    profile.
    """

    def __init__(
        self,
        path: str,
        *,
        profile: PrinterProfile | str = "80",
        baudrate: int = 115200,
        poll_s: float = POLL_S,
        resting_s: float = 0.0,
        journal: Path | None = None,
    ) -> None:
        self.path = path
        self.profile = profile_of(profile) if isinstance(profile, str) else profile
        self._baudrate = baudrate
        self.on_change: Callable[[], None] = lambda: None
        self._told: object = None
        self._talk = Talk(line_of(path, baudrate), self.profile)
        self._journal = Journal(journal)
        self._clearing = Clearing(self._talk, self._journal)
        self._turn = threading.RLock()  # who talks to the printer
        self._health = Health.ill("printer", "printer.unplugged")
        self._poll_s = poll_s
        self._resting_s = resting_s
        self._busy = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._cover_was_open = False
        self._near_end = False
        self._whole_at = Deadline(0.0)  # when the next whole reading is due

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

    def look(self) -> None:
        """Open the port and ask once how the printer is, instead of `start`.

        Nothing moves, no mode is set and no entry is written: what an earlier print left hanging
        stays, and `hanging` tells. Raises nothing, as `start`.
        """
        self._talk.link.rearm()
        with self._seen():
            self._open()
            self._judge(self._talk.condition())

    @property
    def hanging(self) -> bool:
        """Whether part of a slip may stand under the cutter, by the journal."""
        return self._clearing.hangs

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

    def notes(self) -> tuple[str, ...]:
        """Message keys of what staff should see to although the printer works. Never waits.

        "printer.near_end": a new roll is due, with days to go. "printer.no_journal": the disk
        takes no entries, so that a crash could leave a slip hanging unnoticed.
        """
        low = ("printer.near_end",) if self._near_end else ()
        return (*low, "printer.no_journal") if self._journal.failed else low

    def print(
        self, image: Image.Image, on_progress: Callable[[float], None] | None = None
    ) -> PrintOutcome:
        """Put a mode "1" picture (0 is black) on paper and cut it; return when that is certain.

        `on_progress` is told the part that is on paper, 0.0 to 1.0, from this thread. A picture
        narrower than the paper is centred. Raises ValueError for a wider one or another mode,
        PrintStoppedError ("printer.paper_out", "printer.cover_open", "printer.jam",
        "printer.overheated", "printer.busy", "printer.stopped", "printer.not_taken") and
        PrinterLostError ("printer.silent", ".strange", ".unplugged", ".port_busy", ".broken"); both
        tell `partial`.
        """
        parts = list(chunks(image, self.profile))
        with self._turn:
            self._busy = True
            job = Job(self._talk, parts, on_progress or (lambda _part: None))
            try:
                self._open()
                self._must_be_fit(self._talk.condition())
                self._clearing.mouth()
                self._talk.straighten()
                self._clearing.torso()
                self._journal.note("print", rows=image.height)
                proven = job.run()
                if not proven:
                    self._talk.forget()  # a report is missing: so may be bytes of an image
                return self._outcome(proven)
            except TroubleError as trouble:
                self._give_up(trouble.code, partial=job.moved)
                raise stopped(trouble.code, partial=job.moved) from None
            except LinkError as error:
                code = self._link_code(error)
                self._lost(code)
                self._stopped(code, partial=job.moved)
                if code == "printer.paper_out":
                    raise PrintStoppedError(code, partial=job.moved) from error
                raise PrinterLostError(code, partial=job.moved) from error
            finally:
                self._busy = False
                self._tell()

    def _open(self) -> None:
        """Open the line; what was plugged in meanwhile may be of another kind."""
        if not self._talk.link.is_open and not self._stop.is_set():
            line = line_of(self.path, self._baudrate)
            if type(line) is not type(self._talk.link):
                self._talk.link = line
        self._talk.open()

    def _outcome(self, proven: bool) -> PrintOutcome:
        condition = self._talk.condition()
        code = self._judge(condition)
        if condition.cutter_error or condition.unrecoverable:
            raise TroubleError(code)
        by = ProofBy.NOTHING
        if proven and self._talk.marks is Marks.PRINTED:
            by = ProofBy.PROCESS_ID
        elif proven:
            by = ProofBy.PROCESSED
        if self.profile.presenter and self._clearing.presented() and proven:
            by = ProofBy.PRESENTER
        self._journal.note("printed", by=str(by))
        if self.profile.presenter:
            self._clearing.wait_taken()
        sure = by in (ProofBy.PROCESS_ID, ProofBy.PRESENTER)
        outcome = Proof.CONFIRMED if sure else Proof.UNCONFIRMED
        return PrintOutcome(outcome, condition.paper_near_end, by)

    def _must_be_fit(self, condition: Condition) -> None:
        code = self._judge(condition)
        if code:
            raise TroubleError(code)

    def _give_up(self, code: str, *, partial: bool) -> None:
        """Forget what the printer still holds, so that it does not come out by itself later."""
        self._health = Health.ill("printer", code)
        if partial:
            with contextlib.suppress(LinkError):
                if self.profile.clears:
                    self._talk.clear()
            self._talk.forget()
        self._stopped(code, partial=partial)

    def _stopped(self, code: str, *, partial: bool) -> None:
        if partial:
            self._clearing.hangs = True
            self._journal.note("stopped", code=code, partial=True)

    # -- looking while idle --------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stop.wait(self._poll_s):
            self._look()

    def _look(self) -> None:
        """One look at the condition, and what is to be done about it."""
        with self._seen():
            self._open()
            if not self._as_it_was():
                self._look_whole()

    @contextlib.contextmanager
    def _seen(self) -> Iterator[None]:
        """Every trouble becomes health."""
        with self._turn:
            try:
                yield
            except TroubleError as trouble:
                self._health = Health.ill("printer", trouble.code)
            except LinkError as error:
                self._lost(self._link_code(error))
            self._tell()

    def _tell(self) -> None:
        news = (self._health, self.notes())
        if news != self._told:
            self._told = news
            self.on_change()

    def _as_it_was(self) -> bool:
        """Whether a well and resting printer still is both, as far as a short question tells."""
        if not self._resting_s or self._health.state is not State.READY:
            return False
        same = self._talk.unchanged(self._resting_s)
        return same and not (self._whole_at.passed or self._clearing.due or self._talk.fresh)

    def _look_whole(self) -> None:
        condition = self._talk.condition()
        self._whole_at = Deadline.after(WHOLE_S)
        if self._talk.fresh and not complaint(condition):
            self._talk.straighten()  # no slip has to wait for it once the printer is called well
        code = self._judge(condition)
        self._free_cutter(condition)
        if code:
            return
        self._clearing.inherited()
        self._clearing.untaken()

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
        self._near_end = condition.paper_near_end
        if code:
            self._health = Health.ill("printer", code)
        else:
            self._health = Health.ready("printer", "near_end" if self._near_end else "")
        return code

    def _lost(self, code: str) -> None:
        self._talk.forget()
        self._health = Health.ill("printer", code)
        if code == "printer.silent" and is_relayed(self._talk.link):
            self._talk.link.close()  # the relay's connection may be dead: it makes another

    def _link_code(self, error: LinkError) -> str:
        if isinstance(error, StrangeError):
            return "printer.strange"
        if isinstance(error, LinkTimeoutError):
            silent = not port_says_paper_out(self._talk.link)
            return "printer.silent" if silent else "printer.paper_out"
        return "printer.port_busy" if isinstance(error, LinkBusyError) else "printer.unplugged"

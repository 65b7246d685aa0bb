# SPDX-License-Identifier: Apache-2.0
"""Ask an unknown printer what it can do, and make its profile of the answers.

Nothing is printed and no paper moves. Asked are, in this order: the four status requests, maker,
model and font language (`GS I`), initialisation, a process id (`GS ( H`), the queued paper status
(`GS r`), the automatic status (`GS a`), and forgetting (`DLE DC4` fn 8). A model without one of
them ignores it, or prints its tail as letters with the next line: look at the paper after.
"""

from dataclasses import dataclass, replace

from drivers.errors import OutOfServiceError
from drivers.printer_line import line_of
from drivers.printer_profile import PrinterProfile, complaint
from drivers.printer_talk import StrangeError, Talk
from drivers.printer_types import stopped
from firmware_io.codecs import escpos
from firmware_io.codecs.escpos_status import (
    Answer,
    AutomaticStatus,
    PlainByte,
    ProcessDone,
    TextBlock,
)
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkError, LinkTimeoutError

ANSWER_S = 2.0
MAKER, MODEL, LANGUAGE = 66, 67, 69
_NUMBER = 0x0001


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found; texts as the printer gives them, "" where it gives none."""

    profile: PrinterProfile
    maker: str = ""
    model: str = ""
    language: str = ""


def probe(path: str, *, baudrate: int, base: PrinterProfile, answer_s: float = ANSWER_S) -> Probed:
    """Asks the printer at `path`; `base` gives what cannot be asked: paper width, presenter.

    A printer that is not fit to print answers queued questions late or never, and would be taken
    for less than it is: PrintStoppedError or PrinterLostError says what to mend first. Raises
    OutOfServiceError: "printer.unplugged", ".port_busy", ".silent", ".strange".
    """
    line = line_of(path, baudrate)
    talk = Talk(line, base)
    try:
        talk.open()
        code = complaint(talk.condition())
        if code:
            raise stopped(code, partial=False)
        maker, model, language = (_text(talk, n, answer_s) for n in (MAKER, MODEL, LANGUAGE))
        talk.write(escpos.INIT)
        ids = _answers(talk, escpos.process_id(_NUMBER), answer_s, ProcessDone)
        queued = _answers(talk, escpos.QUEUED_PAPER_STATUS, answer_s, PlainByte)
        automatic = _answers(talk, escpos.automatic_status(True), answer_s, AutomaticStatus)
        if automatic:
            talk.write(escpos.automatic_status(False))
        clears = talk.clear()
        talk.write(escpos.INIT)
    except LinkError as error:
        raise OutOfServiceError(_code(error)) from error
    finally:
        line.close()
    found = replace(
        base,
        name=" ".join(part for part in (maker, model) if part) or base.name,
        process_ids=bool(ids),
        queued_status=bool(queued),
        automatic=bool(automatic),
        clears=clears,
    )
    return Probed(found, maker, model, language)


def _answers(talk: Talk, question: bytes, answer_s: float, kind: type[Answer]) -> list[Answer]:
    while talk.hear(Deadline.after(0)):
        pass
    talk.taken(kind)
    talk.write(question)
    deadline = Deadline.after(answer_s)
    while True:
        found: list[Answer] = list(talk.taken(kind))
        if found or not talk.hear(deadline):
            return found


def _text(talk: Talk, n: int, answer_s: float) -> str:
    """The text block that answers `GS I` n; "" from a model that has none, or says nonsense."""
    for one in _answers(talk, escpos.identity_query(n), answer_s, TextBlock):
        if isinstance(one, TextBlock):
            return one.data.decode("ascii", "ignore").strip()
    return ""


def _code(error: LinkError) -> str:
    if isinstance(error, StrangeError):
        return "printer.strange"
    if isinstance(error, LinkTimeoutError):
        return "printer.silent"
    return "printer.port_busy" if isinstance(error, LinkBusyError) else "printer.unplugged"

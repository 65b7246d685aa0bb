# SPDX-License-Identifier: Apache-2.0
"""An ESC/POS receipt printer on a pseudo-terminal: buffer, motor, cutter, sensors and paper.

``python -m firmware_io.emulators.printer --link /tmp/printer`` and point any ESC/POS program at
it. What it prints is drawn from the bytes by its own interpreter; ``{"render": "slip.png"}`` shows
the paper.

Manners of the real machine (Epson TM-T88III specification and ESC/POS guide): real-time commands
are obeyed on reception wherever they stand, also inside an image and while offline; everything
else waits in a 4 KB buffer and is worked off at the speed of the paper; with the buffer full the
line is held (`busy`), or XOFF is sent, or bytes are lost, as set; paper ending stops the head in
the middle of an image, and printing goes on by itself when paper is back.
"""

import argparse
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.device import ControlError, Device, Send
from firmware_io.emulators.printer_acts import (
    Act,
    Ask,
    Automatic,
    Cut,
    Nothing,
    Report,
    Reset,
    Rows,
)
from firmware_io.emulators.printer_commands import Interpreter
from firmware_io.emulators.printer_roll import (
    DOTS_PER_MM,
    HEAD_TO_CUTTER_MM,
    NEAR_END_MM,
    ROLL_MM,
    Roll,
)
from firmware_io.emulators.printer_state import PrinterState

PROFILES = {
    "80": (576, True),
    "58": (384, True),
    "80-plain": (576, False),
    "58-plain": (384, False),
}
"""Name: dots across, and whether the model reports process ids (`GS ( H`)."""

BUFFER = 4096
FULL_LEFT, RELEASE_LEFT = 128, 256  # TM-T88III: "buffer full" and its release
SPEED_MM_S = 150.0
CUT_S = 0.5
BOOT_S = 1.0
ANSWER_S = (0.001, 0.012)
_REALTIME_END = re.compile(
    rb"(\x10(\x04[\x01-\x04]|\x05[\x01\x02]|\x14(\x01[\x00\x01][\x01-\x08]|\x02\x01\x08"
    rb"|\x08\x01\x03\x14\x01\x06\x02\x08)))\Z",
    re.DOTALL,
)
_TICK_S = 0.004  # rows are moved in batches of at most this long

CONTROLS = """\
  {"paper": "ok"|"near_end"|"out"}  a full roll, a metre left, none; "after_mm": N with "out" lets
                                    the paper end N mm later, in the middle of a slip
  {"cover": "open"|"closed"}        opening it also takes a stuck slip out
  {"feed": MM}                      the FEED button
  {"render": "PATH"}                PNG of everything printed since the last tear
  {"tear": true}                    take the slip
  {"flow": "busy"|"xonxoff"|"none"} what a full buffer does
  {"fault": {"jam": true}}          the next cut blocks the cutter
  {"fault": {"hot": true}}          the head is too hot until false
  {"fault": {"broken": true}}       an unrecoverable error until power is cycled
  {"fault": {"no_reports": true}}   process ids and GS r are never answered
  {"fault": {"lost_report": true}}  the next process id is never answered
"""


class Printer(Device):
    """The machine: one record of its state, a receive buffer, and acts in virtual time."""

    name: ClassVar[str] = "printer"
    controls: ClassVar[str] = CONTROLS

    def __init__(self, *, profile: str = "80", factor: float = 1.0, seed: int = 0) -> None:
        super().__init__(factor=factor, seed=seed)
        if profile not in PROFILES:
            raise ValueError(f"profiles are {', '.join(PROFILES)}")
        width, process_ids = PROFILES[profile]
        self.profile = profile
        self.roll = Roll(width)
        self.interpreter = Interpreter(width, process_ids)
        self.flow = "busy"
        self.faults: dict[str, bool] = {}
        self.cover_open = self.cutter_error = self.broken = self.stopped_hot = False
        self.bytes_lost = self.realtime_in_image = self.pulses = 0
        self._queue = bytearray()
        self._tail = bytearray()
        self._rows: list[bytes | None] = []
        self._after: list[Act] = []
        self._free_at = 0.0
        self._boot_at = 0.0
        self._starved = True
        self._held = False
        self._off = False
        self._mask = 0
        self._told = b""

    # -- the line ------------------------------------------------------------------------------

    def power_cycle(self, now: float) -> None:
        """Everything in RAM is lost; bytes that come while it starts up are ignored."""
        self._queue.clear()
        self._tail.clear()
        self._rows.clear()
        self._after.clear()
        self.interpreter.reset()
        self._mask, self._told = 0, b""
        self._held = self._off = self.cutter_error = self.broken = False
        self._starved = True
        self._boot_at = self._free_at = now + self.delay(BOOT_S)
        if self.flow == "xonxoff":
            self.send(b"\x11", self._boot_at)

    def room(self) -> int:
        """What fits before the line is held; endless where the line is never held."""
        if self.flow == "none":
            return BUFFER
        # After XOFF, what the pty still holds stands for bytes the host has not sent yet.
        spare = FULL_LEFT if self.flow == "busy" else 0
        return max(0, BUFFER - spare - len(self._queue))

    def feed(self, data: bytes, now: float) -> None:
        """Real-time commands are obeyed at once, all bytes go to the receive buffer."""
        if now < self._boot_at or self._off:
            return
        self._advance(now)
        for byte in data:
            self._receive(byte, now)
        self._catch_up(now)
        if self.flow == "xonxoff" and not self._held and len(self._queue) > BUFFER - FULL_LEFT:
            self._held = True
            self.send(b"\x13", now)

    def _receive(self, byte: int, now: float) -> None:
        self._tail.append(byte)
        del self._tail[:-10]
        obeyed = 0x10 in self._tail and _REALTIME_END.search(self._tail) is not None
        if obeyed:
            self._catch_up(now)
            self.realtime_in_image += self.interpreter.in_image
        if len(self._queue) < BUFFER:
            self._queue.append(byte)
        else:
            self.bytes_lost += 1
        if obeyed:
            self._obey(now)

    def _catch_up(self, now: float) -> None:
        """Work on what has arrived; a head that waited for bytes starts at `now`."""
        if self._starved:
            self._free_at = max(self._free_at, now)
        self._advance(now)

    def _obey(self, now: float) -> None:
        """Real-time commands, seen the moment their last byte is in."""
        tail = bytes(self._tail)
        if tail[-3:-1] == b"\x10\x04" and 1 <= tail[-1] <= 4:
            self._answer(bytes((self._state().realtime()[tail[-1] - 1],)), now)
        elif tail[-3:-1] == b"\x10\x05" and tail[-1] in (1, 2):
            self._recover(clear=tail[-1] == 2)
        elif tail[-10:] == b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08":
            self._drop_all()
            self._recover(clear=True)
            self._answer(b"\x37\x25\x00", now)
        elif tail[-5:] == b"\x10\x14\x02\x01\x08":
            self._answer(b"\x3b\x30\x00", now)
            self._off = True
        else:
            self.pulses += 1
        self._tail.clear()

    def _drop_all(self) -> None:
        self._queue.clear()
        self._rows.clear()
        self._after.clear()
        self.interpreter.reset()

    def _recover(self, *, clear: bool) -> None:
        if not self.cutter_error or self.faults.get("jam"):
            return
        self.cutter_error = False
        if clear:
            self._drop_all()

    def _answer(self, data: bytes, now: float) -> None:
        self.send(data, now + self.delay(self.random.uniform(*ANSWER_S)))

    # -- state ---------------------------------------------------------------------------------

    @property
    def stopped(self) -> bool:
        """Whether the head must not move."""
        return (
            self.cover_open
            or self.roll.out
            or self.cutter_error
            or self.broken
            or self.faults.get("hot", False)
        )

    def _state(self) -> PrinterState:
        return PrinterState(
            stopped=self.stopped,
            cover_open=self.cover_open,
            cutter_error=self.cutter_error,
            broken=self.broken,
            hot=self.faults.get("hot", False) or self.stopped_hot,
            out=self.roll.out,
            near_end=self.roll.near_end,
        )

    def _tell_changes(self, now: float) -> None:
        group = self._state().automatic()
        if self._mask and group != self._told:
            self._answer(group, now)
        self._told = group

    # -- the mechanism, in virtual time --------------------------------------------------------

    def poll(self, now: float) -> list[Send]:
        """Moves paper up to `now` and says what changed."""
        self._advance(now)
        self._tell_changes(now)
        if self._held and BUFFER - len(self._queue) >= RELEASE_LEFT:
            self._held = False
            self.send(b"\x11", now)
        return super().poll(now)

    def wake_at(self) -> float | None:
        """While the motor runs: the end of the next batch of rows."""
        if self._starved or self.stopped or not (self._rows or self._after or self._queue):
            return None
        return self._free_at + self.delay(_TICK_S)

    def _advance(self, now: float) -> None:
        """Do everything that is done by `now`; `_free_at` is when the head is free again."""
        while self._free_at <= now and not self.stopped and not self._off:
            if self._rows:
                self.roll.move(self._rows.pop(0))
                self._free_at += self.delay(1 / (SPEED_MM_S * DOTS_PER_MM))
                continue
            act = self._after.pop(0) if self._after else self.interpreter.take(self._queue)
            if act is None:
                self._starved = True
                return
            self._starved = False
            self._do(act)
        if self.stopped:
            self._free_at = max(self._free_at, now)

    def _do(self, act: Act) -> None:
        match act:
            case Rows(rows):
                self._rows.extend(rows)
            case Cut(to_cutter=True, feed=feed):
                self._rows.extend([None] * (HEAD_TO_CUTTER_MM * DOTS_PER_MM + feed))
                self._after.append(Cut(to_cutter=False))
            case Cut():
                if self.faults.get("jam"):
                    self.cutter_error = True
                    return
                self.roll.cut()
                self._free_at += self.delay(CUT_S)
            case Report(data, printed):
                lost = printed and self.faults.pop("lost_report", False)
                if not lost and not self.faults.get("no_reports"):
                    self._answer(data, self._free_at)
            case Ask(what):
                if not self.faults.get("no_reports"):
                    paper = self._state().paper()
                    self._answer(bytes((paper if what == "paper" else 1,)), self._free_at)
            case Automatic(mask):
                self._mask = mask
                if mask:
                    self._told = self._state().automatic()
                    self._answer(self._told, self._free_at)
            case Reset():
                self._mask = 0
            case Nothing():
                pass

    # -- the desk ------------------------------------------------------------------------------

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """Sets or takes back the machine's own faults, see `CONTROLS`."""
        known = ("jam", "hot", "broken", "no_reports", "lost_report")
        unknown = set(fault) - set(known)
        if unknown:
            super().fault({key: fault[key] for key in unknown}, now)
        self._advance(now)
        if not fault:
            self.faults.clear()
        self.faults.update({key: bool(value) for key, value in fault.items()})
        self.broken = self.broken or self.faults.get("broken", False)

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """One request of the desk, see `CONTROLS`."""
        self._advance(now)
        if "paper" in request:
            self._paper(request)
        elif "cover" in request:
            self._cover(request["cover"])
        elif "feed" in request:
            self._feed_button(request["feed"])
        elif "render" in request:
            return self.roll.save(str(request["render"]))
        elif request.get("tear"):
            return {"rows": self.roll.tear()}
        elif "flow" in request:
            if request["flow"] not in ("busy", "xonxoff", "none"):
                raise ControlError("flow is busy, xonxoff or none")
            self.flow = request["flow"]
        elif not request.get("status"):
            raise ControlError(f"unknown request {', '.join(request)}; see --help")
        return self._report()

    def _paper(self, request: dict[str, Any]) -> None:
        match request["paper"]:
            case "ok":
                self.roll.left = ROLL_MM * DOTS_PER_MM
            case "near_end":
                self.roll.left = NEAR_END_MM * DOTS_PER_MM
            case "out":
                self.roll.left = int(float(request.get("after_mm", 0)) * DOTS_PER_MM)
            case other:
                raise ControlError(f"paper is ok, near_end or out, not {other!r}")

    def _cover(self, position: object) -> None:
        if position not in ("open", "closed"):
            raise ControlError("the cover is open or closed")
        opened = position == "open"
        if opened and not self.cover_open:
            self.faults.pop("jam", None)
            self.stopped_hot = bool(self._rows)  # opened while printing: n=3 says recoverable
            del self._rows[:1]  # the row under the head is lost
        if not opened:
            self.stopped_hot = False
        self.cover_open = opened

    def _feed_button(self, mm: object) -> None:
        if not isinstance(mm, int | float) or not 0 <= mm <= 1000:
            raise ControlError("feed is 0 to 1000 mm")
        for _ in range(int(mm * DOTS_PER_MM)):
            if self.stopped:
                break
            self.roll.move(None)

    def _report(self) -> dict[str, Any]:
        """What a person would see, and what only an emulator can know."""
        paper = "out" if self.roll.out else "near_end" if self.roll.near_end else "ok"
        return {
            "profile": self.profile,
            "paper": paper,
            "cover": "open" if self.cover_open else "closed",
            "stopped": self.stopped,
            "rows_printed": self.roll.printed,
            "rows_to_take": len(self.roll.rows),
            "cuts": len(self.roll.cuts),
            "queued_bytes": len(self._queue),
            "bytes_lost": self.bytes_lost,
            "realtime_in_image": self.realtime_in_image,
            "pulses": self.pulses,
            "violations": list(self.interpreter.violations),
        }


def main(argv: Sequence[str] | None = None) -> int:
    """The command: see ``--help``."""

    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--profile", choices=list(PROFILES), default="80", help="the model")

    def build(arguments: argparse.Namespace) -> Printer:
        return Printer(profile=arguments.profile, factor=arguments.factor, seed=arguments.seed)

    return serve(
        build,
        name="printer",
        description="An ESC/POS receipt printer on a pseudo-terminal.",
        controls=CONTROLS,
        options=options,
        argv=argv,
    )


if __name__ == "__main__":
    leave(main())

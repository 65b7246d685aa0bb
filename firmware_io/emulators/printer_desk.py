# SPDX-License-Identifier: Apache-2.0
"""What a person at the emulated printer can do and see, one JSON request at a time."""

from typing import TYPE_CHECKING, Any

from firmware_io.emulators.device import ControlError
from firmware_io.emulators.printer_roll import DOTS_PER_MM, NEAR_END_MM, ROLL_MM

if TYPE_CHECKING:
    from firmware_io.emulators.printer import Printer

CONTROLS = """\
  {"paper": "ok"|"near_end"|"out"}  a full roll, a metre left, none; "after_mm": N with "out" lets
                                    the paper end N mm later, in the middle of a slip
  {"cover": "open"|"closed"}        opening it also takes a stuck slip out
  {"feed": MM}                      the FEED button; {"hold_feed": true} until false
  {"render": "PATH"}                PNG of everything printed since the last tear
  {"tear": true}                    take the slip, also out of a presenter's mouth
  {"flow": "busy"|"xonxoff"|"none"} what a full buffer does
  {"offline_busy": true}            holds the line at once when it stops, not only when full
  {"fault": {"jam": true}}          the next cut blocks the cutter
  {"fault": {"hot": true}}          the head is too hot until false
  {"fault": {"mechanical": true}}   a mechanical error until false
  {"fault": {"waiting": true}}      waits for a key to go online until false
  {"fault": {"broken": true}}       an unrecoverable error until power is cycled
  {"fault": {"no_reports": true}}   process ids and GS r are never answered
  {"fault": {"lost_report": true}}  the next process id is never answered
  {"fault": {"no_automatic": true}} changes are not told unasked
  {"fault": {"no_present": true}}   slips never get to the mouth; "no_retract": nor back
  another make: {"fault": {"zeros": true}} answers 00, {"garbage": true} anything,
  {"late_answers": true} the question before, {"echo": true} what it is sent
"""

FAULTS = frozenset(
    {"jam", "hot", "mechanical", "waiting", "broken", "no_reports", "lost_report"}
    | {"no_automatic", "no_present", "no_retract", "zeros", "garbage", "late_answers", "echo"}
)


class Desk:
    """The hands at one printer."""

    def __init__(self, printer: "Printer") -> None:
        self._printer = printer

    def fault(self, fault: dict[str, Any], now: float) -> dict[str, Any]:
        """Sets or takes back the machine's own faults; {} clears. What it does not know."""
        unknown = {key: value for key, value in fault.items() if key not in FAULTS}
        if unknown:
            return unknown
        machine = self._printer.machine
        machine.advance(now)
        if not fault:
            machine.faults.clear()
        machine.faults.update({key: bool(value) for key, value in fault.items()})
        machine.broken = machine.broken or machine.faults.get("broken", False)
        return {}

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """Answers one request. ControlError when it is refused."""
        machine = self._printer.machine
        machine.advance(now)
        if "paper" in request:
            self._paper(request)
        elif "cover" in request:
            if request["cover"] not in ("open", "closed"):
                raise ControlError("the cover is open or closed")
            machine.open_cover(request["cover"] == "open")
        elif "feed" in request:
            mm = request["feed"]
            if not isinstance(mm, int | float) or not 0 <= mm <= 1000:
                raise ControlError("feed is 0 to 1000 mm")
            machine.feed_button(mm)
        elif "hold_feed" in request:
            machine.feed_held = bool(request["hold_feed"])
        elif "render" in request:
            return machine.roll.save(str(request["render"]))
        elif request.get("tear"):
            return {"rows": machine.take()}
        elif "offline_busy" in request:
            self._printer.offline_busy = bool(request["offline_busy"])
        elif "flow" in request:
            if request["flow"] not in ("busy", "xonxoff", "none"):
                raise ControlError("flow is busy, xonxoff or none")
            self._printer.flow = request["flow"]
        elif not request.get("status"):
            raise ControlError(f"unknown request {', '.join(request)}; see --help")
        return self._report()

    def _paper(self, request: dict[str, Any]) -> None:
        machine = self._printer.machine
        match request["paper"]:
            case "ok":
                if machine.roll.out:
                    machine.paper_loaded()
                machine.roll.left = ROLL_MM * DOTS_PER_MM
            case "near_end":
                machine.roll.left = NEAR_END_MM * DOTS_PER_MM
            case "out":
                machine.roll.left = int(float(request.get("after_mm", 0)) * DOTS_PER_MM)
            case other:
                raise ControlError(f"paper is ok, near_end or out, not {other!r}")

    def _report(self) -> dict[str, Any]:
        """What a person would see, and what only an emulator can know."""
        printer, machine = self._printer, self._printer.machine
        roll = machine.roll
        return {
            "profile": printer.profile,
            "paper": "out" if roll.out else "near_end" if roll.near_end else "ok",
            "cover": "open" if machine.cover_open else "closed",
            "stopped": machine.stopped,
            "rows_printed": roll.printed,
            "rows_to_take": len(roll.rows),
            "cuts": len(roll.cuts),
            "first_moved": machine.first_moved,
            "last_cut": machine.last_cut,
            "slip_in_mouth": machine.ticket,
            "slips_retracted": machine.retracted,
            "printed_behind_slip": machine.printed_behind_slip,
            "queued_bytes": len(machine.queue),
            "bytes_lost": printer.bytes_lost,
            "realtime_in_image": printer.realtime_in_image,
            "pulses": printer.pulses,
            "images": machine.interpreter.images,
            "violations": list(machine.interpreter.violations),
        }

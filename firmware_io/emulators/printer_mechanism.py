# SPDX-License-Identifier: Apache-2.0
"""The emulated printer behind its buffer: motor, cutter, presenter, sensors, in virtual time.

Acts come from the interpreter one after the other, when the head is free for them; what they
answer goes out through `say`.
"""

from collections.abc import Callable

from firmware_io.emulators.printer_acts import (
    Act,
    Ask,
    Automatic,
    Cut,
    Nothing,
    Present,
    Report,
    Reset,
    Retract,
    Rows,
    TellOffline,
)
from firmware_io.emulators.printer_commands import Interpreter
from firmware_io.emulators.printer_model import CUT_S, PRESENT_S, SPEED_MM_S, Model
from firmware_io.emulators.printer_roll import DOTS_PER_MM, HEAD_TO_CUTTER_MM, Roll
from firmware_io.emulators.printer_state import PrinterState

_TICK_S = 0.004  # rows are moved in batches of at most this long


class Mechanism:
    """Works `queue` off. `delay` scales its times; `say` sends bytes at a moment."""

    def __init__(
        self, model: Model, delay: Callable[[float], float], say: Callable[[bytes, float], None]
    ) -> None:
        self.model = model
        self.roll = Roll(model.width)
        self.interpreter = Interpreter(
            model.width,
            model.process_ids,
            model.chinese_at_start,
            presenter=model.presenter,
            four_byte=model.four_byte,
        )
        self.queue = bytearray()
        self.faults: dict[str, bool] = {}
        self.cover_open = self.cutter_error = self.broken = self.stopped_hot = False
        self.feed_held = self.off = self.ticket = False
        self.mask = self.tells_offline = 0
        self.told = b""
        self.retracted = self.printed_behind_slip = 0
        self.first_moved = self.last_cut = 0.0  # since the slip before was taken; 0: not yet
        self.starved = True
        self.free_at = 0.0
        self._delay, self._say = delay, say
        self._rows: list[bytes | None] = []
        self._after: list[Act] = []

    @property
    def stopped(self) -> bool:
        """Whether the head must not move."""
        stops = ("hot", "mechanical", "waiting")
        return (
            self.cover_open
            or self.roll.out
            or self.cutter_error
            or self.broken
            or self.feed_held
            or any(self.faults.get(name) for name in stops)
        )

    def state(self) -> PrinterState:
        """What the sensors say now."""
        return PrinterState(
            stopped=self.stopped,
            cover_open=self.cover_open,
            cutter_error=self.cutter_error,
            broken=self.broken,
            hot=self.faults.get("hot", False) or self.stopped_hot,
            out=self.roll.out,
            near_end=self.roll.near_end,
            mechanical=self.faults.get("mechanical", False),
            feeding=self.feed_held,
            waiting=self.faults.get("waiting", False),
            ticket=self.ticket,
        )

    def power_up(self, ready_at: float) -> None:
        """RAM is empty; paper, cover and slip are where they were."""
        self.drop_all()
        self.mask, self.told, self.tells_offline = 0, b"", 0
        self.off = self.cutter_error = self.broken = False
        self.starved = True
        self.free_at = ready_at

    def drop_all(self) -> None:
        """Forget what was not printed."""
        self.queue.clear()
        self._rows.clear()
        self._after.clear()
        self.interpreter.reset()

    def recover(self, *, clear: bool) -> None:
        """Leave a cutter error whose cause is gone."""
        if not self.cutter_error or self.faults.get("jam"):
            return
        self.cutter_error = False
        if clear:
            self.drop_all()

    def open_cover(self, opened: bool) -> None:
        """Opening while printing loses the row under the head, and says "recoverable error"."""
        if opened and not self.cover_open:
            self.faults.pop("jam", None)
            self.stopped_hot = bool(self._rows)
            del self._rows[:1]
        if not opened:
            self.stopped_hot = False
        self.cover_open = opened

    def paper_loaded(self) -> None:
        """Some models print the row again at which the paper ended."""
        midst = bool(self._rows) or self.interpreter.in_image
        if self.model.repeats_row and midst and self.roll.rows:
            self._rows.insert(0, self.roll.rows[-1])

    @property
    def wake_at(self) -> float | None:
        """While the motor runs: the end of the next batch of rows."""
        if self.starved or self.stopped or not (self._rows or self._after or self.queue):
            return None
        return self.free_at + self._delay(_TICK_S)

    def catch_up(self, now: float) -> None:
        """Work on what has arrived; a head that waited for bytes starts at `now`."""
        if self.starved:
            self.free_at = max(self.free_at, now)
        self.advance(now)

    def advance(self, now: float) -> None:
        """Do everything that is done by `now`; `free_at` is when the head is free again."""
        while self.free_at <= now and not self.stopped and not self.off:
            if self._rows:
                row = self._rows.pop(0)
                self.printed_behind_slip += self.ticket and row is not None
                self.roll.move(row)
                self.first_moved = self.first_moved or self.free_at
                self.free_at += self._delay(1 / (SPEED_MM_S * DOTS_PER_MM))
                continue
            act = self._after.pop(0) if self._after else self.interpreter.take(self.queue)
            if act is None:
                self.starved = True
                return
            self.starved = False
            self._do(act)
        if self.stopped:
            self.free_at = max(self.free_at, now)

    def _do(self, act: Act) -> None:
        match act:
            case Rows(rows):
                self._rows.extend(rows)
            case Cut(to_cutter=True, feed=feed):
                self._rows.extend([None] * (HEAD_TO_CUTTER_MM * DOTS_PER_MM + feed))
                self._after.append(Cut(to_cutter=False))
            case Cut():
                self._cut()
            case Present():
                if not self.roll.cuts:
                    self._cut()
                if not self.cutter_error:
                    self.ticket = not self.faults.get("no_present", False)
                    self.free_at += self._delay(PRESENT_S)
            case Retract():
                if self.ticket or self.roll.cuts:
                    self.retracted += 1
                    self.roll.tear()
                self.ticket = self.ticket and self.faults.get("no_retract", False)
                self.free_at += self._delay(PRESENT_S)
            case Report(data, printed):
                lost = printed and self.faults.pop("lost_report", False)
                if not lost and not self.faults.get("no_reports"):
                    self._say(data, self.free_at)
            case Ask(what):
                if self.model.queued_status and not self.faults.get("no_reports"):
                    paper = self.state().paper()
                    self._say(bytes((paper if what == "paper" else 1,)), self.free_at)
            case Automatic(mask):
                self.mask = mask if self.model.automatic else 0
                if self.mask:
                    self.told = self.state().automatic()
                    self._say(self.told, self.free_at)
            case TellOffline(on, with_cause):
                self.tells_offline = (1 + with_cause) if on else 0
            case Reset():
                self.mask = 0
            case Nothing():
                pass

    def _cut(self) -> None:
        if self.faults.get("jam"):
            self.cutter_error = True
            return
        self.roll.cut()
        self.free_at += self._delay(CUT_S)
        self.last_cut = self.free_at

    def feed_button(self, mm: float) -> None:
        """White paper by hand."""
        for _ in range(int(mm * DOTS_PER_MM)):
            if self.stopped:
                break
            self.roll.move(None)

    def take(self) -> int:
        """Somebody takes the slip; how many rows it had."""
        self.ticket = False
        self.first_moved = self.last_cut = 0.0
        return self.roll.tear()

# SPDX-License-Identifier: Apache-2.0
"""The only place where commands meet devices, and their answers become events.

One thread owns the visit: it takes an event, asks the flow, shows the view, and gives the commands
to the lanes. It implements `kiosk.head.Head`.
"""

import heapq
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kiosk import flow
from kiosk.acts.photo import KeepTakeAct, PhotoRoom
from kiosk.acts.post import PaymentAct
from kiosk.commands import (
    CallOff,
    CallStaff,
    Cancel,
    CancelPayment,
    Command,
    DropTake,
    EndVisit,
    Lamp,
    NoteConsent,
    PrepareCamera,
    WakeAfter,
)
from kiosk.events import Chose, Entered, Event, Focused, Pressed, Signed, Touched, Woke
from kiosk.facts import Outcome
from kiosk.flow import Issued, Visit
from kiosk.head import PreviewFrame
from kiosk.journeys import Journey
from kiosk.lane import Lane, note_fault
from kiosk.vault import Vault
from kiosk.view import View
from kiosk.voice import Silence, Spoken

TOUCHES_AT_ONCE = 64  # a booth that is this far behind drops touches, never a device's answer


@dataclass(frozen=True)
class Crew:
    """Everything the conductor sends commands to."""

    application_id: UUID
    vault: Vault
    lanes: Callable[[Callable[[Event], None]], Sequence[Lane]]
    room: PhotoRoom
    keep: KeepTakeAct
    payment: PaymentAct
    consents: Callable[[str, str], None]
    lamp: Callable[[str, float], None]
    call_staff: Callable[[bool], None]
    voice: Spoken = field(default_factory=Silence)


@dataclass(order=True, slots=True)
class _Alarm:
    at_s: float
    id: int
    tag: str = field(compare=False)


class Conductor:
    """Runs one visit."""

    def __init__(self, journey: Journey, limits: flow.Limits, crew: Crew) -> None:
        self._journey, self._limits, self._crew = journey, limits, crew
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._alarms: list[_Alarm] = []
        self._on_view: list[Callable[[View], None]] = []
        self._on_end: list[Callable[[], None]] = []
        self._on_keypad: list[Callable[[str], None]] = []
        self._lanes = crew.lanes(self.send)
        self._lane_of = {kind: lane for lane in self._lanes for kind in lane.takes}
        self._where: dict[int, Lane] = {}
        self._visit, self._first = flow.begin(journey, limits)
        self._view = flow.view(self._visit)
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self.application_id = crew.application_id
        self.outcome: Outcome | None = None

    def start(self) -> None:
        """Begins the visit."""
        self._thread.start()

    def view(self) -> View:
        """The newest view."""
        return self._view

    def on_view(self, callback: Callable[[View], None]) -> None:
        """Adds a listener to new views."""
        self._on_view.append(callback)

    def on_end(self, callback: Callable[[], None]) -> None:
        """Adds a listener to the end of the visit."""
        self._on_end.append(callback)

    def on_keypad(self, callback: Callable[[str], None]) -> None:
        """Adds a listener to the keypad."""
        self._on_keypad.append(callback)

    def keypad(self, key: str) -> None:
        """A key of the panel was pressed: next, back or choose. From any thread."""
        for callback in list(self._on_keypad):
            callback(key)

    def send(self, event: Event) -> None:
        """Hands an event to the flow; a touch is dropped when the booth is that far behind."""
        touch = isinstance(event, Pressed | Chose | Touched)
        if touch and self._events.qsize() >= TOUCHES_AT_ONCE:
            return
        self._events.put(event)

    def frame(self) -> PreviewFrame | None:
        """The newest preview picture."""
        return self._crew.room.frame()

    def media(self, ref: str) -> bytes:
        """The picture behind a reference."""
        return self._crew.vault.get(ref)

    def stop(self) -> None:
        """Ends the visit's threads without a wipe of devices (the process is ending)."""
        self._events.put(None)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout=2.0)
        for lane in self._lanes:
            lane.close()

    def _run(self) -> None:
        self._carry_out(self._first)
        while self._visit.ended is None:
            event = self._next_event()
            if event is None:
                return
            try:
                self._visit, issued = flow.step(self._visit, event)
            except Exception as wrong:  # the flow promises not to raise; a bug must not freeze it
                note_fault(wrong, "flow")
                continue
            self._show()
            self._speak(event)
            self._carry_out(issued)
        for callback in self._on_end:
            callback()

    def _next_event(self) -> Event | None:
        while True:
            wait = self._alarms[0].at_s - time.monotonic() if self._alarms else 60.0
            if wait <= 0:
                alarm = heapq.heappop(self._alarms)
                return Woke(alarm.id, alarm.tag)
            try:
                return self._events.get(timeout=wait)
            except queue.Empty:
                continue

    def _show(self) -> None:
        shown = flow.view(self._visit)
        if shown == self._view:
            return
        self._view = shown
        for callback in self._on_view:
            callback(shown)

    def _speak(self, event: Event) -> None:
        """Every word that is heard follows from here: what is shown, and where the mark stands."""
        language = self._visit.facts.language
        match event:
            case Touched() | Pressed() | Chose() | Entered() | Signed():
                self._crew.voice.touched()
            case Focused(what):
                self._crew.voice.focused(what)
        self._crew.voice.shown(self._view, language, on=bool(self._view.voice))

    def _carry_out(self, issued: Sequence[Issued]) -> None:
        for one in issued:
            self._do(one.id, one.command)

    def _do(self, id: int, command: Command) -> None:  # noqa: A002  the command's id
        crew = self._crew
        match command:
            case WakeAfter(seconds, tag):
                heapq.heappush(self._alarms, _Alarm(time.monotonic() + seconds, id, tag))
            case Cancel(other):
                self._alarms = [alarm for alarm in self._alarms if alarm.id != other]
                heapq.heapify(self._alarms)
                if lane := self._where.pop(other, None):
                    lane.cancel(other)
            case NoteConsent(text, version):
                crew.consents(text, version)
            case DropTake(take):
                crew.keep.drop(take)
            case PrepareCamera():
                crew.room.prepare()
            case CancelPayment():
                crew.payment.call_off()
            case Lamp(name, level):
                crew.lamp(name, level)
            case CallStaff(on):
                crew.call_staff(on)
            case CallOff():
                raise AssertionError("the flow turns it into Cancel")
            case EndVisit(outcome):
                self.outcome = outcome
            case _:
                lane = self._lane_of[type(command)]
                self._where[id] = lane
                lane.submit(id, command)

    @property
    def visit(self) -> Visit:
        """The visit's state, for tests."""
        return self._visit

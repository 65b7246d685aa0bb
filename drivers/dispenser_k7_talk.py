# SPDX-License-Identifier: Apache-2.0
"""Talking with a K7x0 dispenser: the status as often as needed, a movement let happen once."""

from collections.abc import Mapping
from typing import TypeVar

from drivers.bins_books import Verb
from drivers.dispenser_line import Line
from drivers.dispenser_machine import MachineStatus
from drivers.lockboard_talk import GarbledError, SilentError
from firmware_io.codecs import dispenser_k7 as k7
from firmware_io.codecs.dispenser_tables import POLL_S, Act
from firmware_io.links.deadline import Deadline
from firmware_io.links.serial_port import SerialLink

_A = TypeVar("_A", bound=k7.Answer)


class K7Talk:
    """See `MachineTalk`. A movement has no answer: the status tells of it.

    `reply_s`: the maker's own program waits 0.2 s for an acknowledgement.
    """

    def __init__(
        self,
        link: SerialLink,
        address: int,
        commands: Mapping[Verb, str],
        *,
        reply_s: float,
        tries: int,
    ) -> None:
        self._address = address
        self._commands = commands
        self._reply_s, self._tries = reply_s, tries
        self._line: Line[k7.Answer] = Line(link, k7.Decoder(address))
        self._next_status = Deadline.after(0.0)
        self._clean = False  # nothing of an earlier dialogue can be waiting or on its way
        self._moved = False  # it has said so since `execute`

    def reopened(self, *, moving: bool) -> None:
        """A movement of an earlier life may be waiting for its execution."""
        self._clean = False

    def cleared(self) -> None:
        """The status tells."""

    def status(self) -> MachineStatus:
        """At most every 0.2 s."""
        return _seen(self._status())

    def answers(self) -> bool:
        """Whether it acknowledges a question."""
        try:
            self._prepare(Act.STATUS)
        except (SilentError, GarbledError):
            return False
        finally:
            self.call_off()
        return True

    def prepare(self, verb: Verb) -> None:
        """Has a movement acknowledged. Repeats when it must."""
        wrong: Exception = SilentError()
        for _ in range(self._tries):
            try:
                self._prepare(self._commands[verb])
            except (SilentError, GarbledError) as told:
                wrong = told
                self.call_off()
            else:
                return
        raise wrong

    def execute(self) -> None:
        """Lets the acknowledged movement happen: no answer is to come."""
        self._moved = False
        self._line.say(k7.execute(self._address))
        self._next_status = Deadline.after(POLL_S)

    def call_off(self) -> None:
        """Takes back what was acknowledged."""
        self._clean = False
        self._line.say(k7.call_off())

    def watch(self) -> MachineStatus:
        """The status, with what it said of this movement earlier."""
        status = self._status()
        self._moved = self._moved or status.moving
        wrong = status.dispense_error or status.collect_error
        return _seen(status, "dispenser.jam" if wrong else "", self._moved, status.cannot_execute)

    def _status(self) -> k7.Status:
        odd = False
        for _ in range(self._tries):
            self._line.rest(self._next_status)
            self._next_status = Deadline.after(POLL_S)
            try:
                self._prepare(Act.STATUS)
                self._line.say(k7.execute(self._address))
                found = self._await(k7.Status)
            except SilentError:
                self._clean = False
                continue
            except GarbledError:
                self._clean, odd = False, True
                continue
            if found.channel_known:
                return found
            odd = True
        raise GarbledError if odd else SilentError

    def _prepare(self, act: str) -> None:
        if not self._clean:
            self._line.say(k7.call_off())
            self._line.clean()
            self._clean = True
        self._line.heard.clear()
        self._line.say(k7.command(act, self._address))
        self._await(k7.Acknowledged)

    def _await(self, kind: type[_A]) -> _A:
        deadline = Deadline.after(self._reply_s)
        odd = False
        while True:
            waiting = self._line.hear(deadline)
            if not waiting:
                self._line.silence()
            while self._line.heard:
                answer = self._line.heard.popleft()
                if isinstance(answer, kind):
                    return answer
                odd = True
            if not waiting:
                raise GarbledError if odd else SilentError


def _seen(
    status: k7.Status, fault: str = "", moved: bool = False, ended: bool = False
) -> MachineStatus:
    return MachineStatus(
        at_reader=status.at_reader,
        at_middle=status.at_middle,
        at_mouth=status.at_mouth,
        moving=status.moving,
        low=status.low,
        empty=status.empty,
        box_full=status.box_full,
        fault="dispenser.jam" if status.jam or status.overlapped else fault,
        moved=moved,
        ended=ended,
    )

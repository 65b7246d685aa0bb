# SPDX-License-Identifier: Apache-2.0
"""Talking with a K7x0 dispenser: the status as often as needed, a movement let happen once."""

from collections import deque
from typing import TypeVar

from drivers.lockboard_talk import GarbledError, SilentError
from firmware_io.codecs import dispenser_k7 as k7
from firmware_io.codecs.dispenser_tables import POLL_S, Act
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

_A = TypeVar("_A", bound=k7.Answer)
WRITE_S = 1.0


class DispenserTalk:
    """The line. One thread at a time; LinkLostError and LinkCancelledError pass through.

    `reply_s`: the maker's own program waits 0.2 s for an acknowledgement.
    """

    def __init__(self, link: SerialLink, address: int, *, reply_s: float, tries: int) -> None:
        self.link = link
        self._address = address
        self._reply_s, self._tries = reply_s, tries
        self._decoder = k7.Decoder(address)
        self._heard: deque[k7.Answer] = deque()
        self._next_status = Deadline.after(0.0)
        self._clean = False  # nothing of an earlier dialogue can be waiting or on its way

    def reopened(self) -> None:
        """A movement of an earlier life may be waiting for its execution."""
        self._clean = False

    def status(self) -> k7.Status:
        """The machine's own word, at most every 0.2 s. Raises SilentError, GarbledError."""
        odd = False
        for _ in range(self._tries):
            self.rest(self._next_status)
            try:
                self._prepare(Act.STATUS)
                self._execute()
                found = self._await(k7.Status)
            except SilentError:
                self._clean = False
                continue
            except GarbledError:
                self._clean, odd = False, True
                continue
            finally:
                self._next_status = Deadline.after(POLL_S)
            if found.channel_known:
                return found
            odd = True
        raise GarbledError if odd else SilentError

    def prepare(self, act: Act) -> None:
        """Has a movement acknowledged; nothing moves before `execute`. Repeats when it must.

        Raises SilentError or GarbledError, and then has called it off.
        """
        wrong: Exception = SilentError()
        for _ in range(self._tries):
            try:
                self._prepare(act)
            except (SilentError, GarbledError) as told:
                wrong = told
                self.call_off()
            else:
                return
        raise wrong

    def execute(self) -> None:
        """Lets the acknowledged movement happen: one message, and no answer is to come."""
        self._execute()
        self._next_status = Deadline.after(POLL_S)

    def call_off(self) -> None:
        """Takes back what was acknowledged and not executed."""
        self._clean = False
        self.link.write(k7.call_off(), Deadline.after(WRITE_S))

    def rest(self, until: Deadline) -> None:
        """Lets time pass. Ends at once when called off."""
        while not until.passed and self._hear(until):
            pass

    def _prepare(self, act: Act) -> None:
        if not self._clean:
            self.link.write(k7.call_off(), Deadline.after(WRITE_S))
            self.link.drain()
            self._decoder.reset()
            self._clean = True
        self._heard.clear()
        self.link.write(k7.command(act, self._address), Deadline.after(WRITE_S))
        self._await(k7.Acknowledged)

    def _execute(self) -> None:
        self.link.write(k7.execute(self._address), Deadline.after(WRITE_S))

    def _await(self, kind: type[_A]) -> _A:
        deadline = Deadline.after(self._reply_s)
        odd = False
        while True:
            waiting = self._hear(deadline)
            if not waiting:
                self._heard.extend(self._decoder.silence())
            while self._heard:
                answer = self._heard.popleft()
                if isinstance(answer, kind):
                    return answer
                odd = True
            if not waiting:
                raise GarbledError if odd else SilentError

    def _hear(self, deadline: Deadline) -> bool:
        try:
            self._heard.extend(self._decoder.feed(self.link.read(deadline)))
        except LinkTimeoutError:
            return False
        return True

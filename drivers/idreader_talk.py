# SPDX-License-Identifier: Apache-2.0
"""One request and its answer on the ID-card module's wire, within a deadline."""

import time
from typing import Final

from firmware_io.codecs.samv import Damaged, Decoder, Reply, encode
from firmware_io.codecs.samv_tables import Command, Status
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

LONGEST_ANSWER_BITS: Final = 2321 * 10

_DATA_SIZES: Final = {
    Command.RESET: range(0, 1),
    Command.STATUS: range(0, 1),
    Command.SAM_NUMBER: range(16, 17),
    Command.FIND: range(0, 9),
    Command.SELECT: range(0, 17),
    Command.READ: range(260, 4 + 256 + 1024 + 1),
    Command.READ_WITH_FINGERS: range(262, 6 + 256 + 1024 + 1024 + 1),
    Command.READ_ADDRESSES: range(0, 281),
    Command.READ_BODY_NUMBERS: range(28, 29),
}


_LEAST_S: Final[dict[Command, float]] = {
    Command.FIND: 0.3,
    Command.SELECT: 0.3,
    Command.READ: 2.0,
    Command.READ_WITH_FINGERS: 2.0,
    Command.READ_ADDRESSES: 0.5,
}
"""Seconds that an answer gets in any case, however quick the module was before."""
_TIMES_OVER: Final = 3.0
_WORKED: Final = frozenset({Status.SUCCESS, Status.CARD_FOUND, Status.NOT_FOUND})
"""Answers behind which the whole work was done; a refusal may be quicker."""


class Pace:
    """How long to wait for each command's answer on this module, so that a lost one costs little.

    No maker publishes what a module takes; clients wait 1 s for a find and 3 to 5 s for a reading,
    which is what a lost answer would cost. So the longest answer seen counts, three times over. An
    answer that still comes too late is passed over as any late one, and the next wait is the
    longest again.
    """

    def __init__(self) -> None:
        self._longest: dict[Command, float] = {}

    def limit_s(self, command: Command, most_s: float) -> float:
        """Seconds to wait for its answer, at most `most_s`."""
        seen, least_s = self._longest.get(command), _LEAST_S.get(command)
        if seen is None or least_s is None:
            return most_s
        return min(most_s, max(least_s, _TIMES_OVER * seen))

    def took(self, command: Command, seconds: float) -> None:
        """An answer came after so long."""
        self._longest[command] = max(seconds, self._longest.get(command, 0.0))

    def lost(self, command: Command) -> None:
        """None came: perhaps the module has become slower."""
        self._longest.pop(command, None)


class SilentError(Exception):
    """Nothing that looks like an answer came."""


class GarbledError(Exception):
    """An answer came, damaged or cut off."""


class Talk:
    """Asks the module, one request at a time. Belongs to one thread, as its link does.

    `silence_s` is the longest pause inside an answer.
    """

    def __init__(self, link: SerialLink, silence_s: float) -> None:
        self._link = link
        self._silence_s = silence_s
        self._late_answer_possible = True
        self._pace = Pace()

    def reopened(self) -> None:
        """Told that the wire may hold bytes of an earlier life, and another module."""
        self._late_answer_possible = True
        self._pace = Pace()

    def ask(self, command: Command, limit_s: float) -> Reply:
        """The answer to `command`, whatever its status, within `limit_s` or the module's own pace.

        Raises SilentError, GarbledError, or the link's LinkLostError and LinkCancelledError.
        The protocol has no sequence numbers: what cannot be an answer to this command is taken for
        a late answer to an earlier one and passed over.
        """
        deadline = Deadline.after(limit_s)
        if self._late_answer_possible:
            self._link.drain()
        else:
            self._link.drain(quiet_s=0.0)
        self._late_answer_possible = True
        begun = time.monotonic()
        deadline = deadline.within(self._pace.limit_s(command, limit_s))
        try:
            self._link.write(encode(command), deadline)
        except LinkTimeoutError:
            raise SilentError from None
        decoder, broken = Decoder(), False
        while True:
            patience = deadline.within(self._silence_s) if broken or decoder.held else deadline
            try:
                items = decoder.feed(self._link.read(patience))
                fell_silent = False
            except LinkTimeoutError:
                items = decoder.silence()
                fell_silent = True
            for item in items:
                if isinstance(item, Damaged):
                    broken = broken or item.reason != "junk"
                elif answers(command, item):
                    self._late_answer_possible = False
                    if item.status in _WORKED:
                        self._pace.took(command, time.monotonic() - begun)
                    return item
            if fell_silent and broken:
                raise GarbledError
            if fell_silent and deadline.passed:
                self._pace.lost(command)
                raise SilentError


def answers(command: Command, reply: Reply) -> bool:
    """Whether `reply` has the shape of an answer to `command`. A refusal carries no data."""
    if reply.status == Status.CARD_FOUND and command is not Command.FIND:
        return False
    if reply.status in (Status.SUCCESS, Status.CARD_FOUND):
        return len(reply.data) in _DATA_SIZES.get(command, range(0, 1))
    return not reply.data

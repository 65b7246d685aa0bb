# SPDX-License-Identifier: Apache-2.0
"""The ID-card module as a thing to keep alive: its port, its speed, its start-up, its illnesses."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.errors import OutOfServiceError
from drivers.idreader_talk import GarbledError, SilentError, Talk
from firmware_io.codecs.samv import Reply, parse_sam_number
from firmware_io.codecs.samv_tables import BAUDRATES, Command, Status
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError
from firmware_io.links.serial_port import SerialLink

_PROBE_S: Final = 0.3  # a status answer takes some milliseconds; at another speed none comes
_HEARTBEAT_ANSWER_S: Final = 0.2
_HEARTBEATS: Final = 3
_NOISE_LIMIT: Final = 8  # more damaged answers in a row than three readings of one card can meet
_NOT_UNDERSTOOD: Final = frozenset({Status.BAD_CHECKSUM, Status.BAD_LENGTH})
_NEEDED: Final = frozenset({Command.FIND, Command.SELECT, Command.READ})
"""Commands without which it is no ID-card module."""


@dataclass(frozen=True, slots=True)
class IdReaderSettings:
    """Times in seconds. Defaults follow what clients of real modules wait for.

    `answer_s`: longest wait for a short answer (clients use 1.0). `read_s`: for a reading, wire
    time not counted (clients use 3 to 5). `silence_s`: longest pause inside an answer (a byte takes
    1 ms at 9600 baud, a USB adapter bursts up to 16 ms apart). `poll_s`: pause between two looks
    for a card (makers ask for at least 0.3). `held_poll_s`: between two looks whether a card still
    lies there, which cost the card an exchange. `settle_s`: how long a card that moved may take to
    lie still again before the citizen is asked. `boot_s`: how long a module may stay silent after
    power comes. `reopen_s`: how long a vanished port may take to come back unnoticed.
    `heartbeat_s`: how often `health` really asks. `tries`: readings of one card before giving up.
    """

    answer_s: float = 1.5
    read_s: float = 4.0
    silence_s: float = 0.3
    poll_s: float = 0.3
    held_poll_s: float = 0.5
    settle_s: float = 2.0
    boot_s: float = 2.5
    reopen_s: float = 2.0
    heartbeat_s: float = 3.0
    tries: int = 3
    with_fingers: bool = False
    with_addresses: bool = False
    probe_speeds: bool = True


class Module:
    """One module on its port. Belongs to one thread; only `cancel` may come from another.

    `pause` waits the seconds it is given and may raise to end the act in progress. Every method
    that asks the module raises OutOfServiceError (idreader.unplugged, .busy, .silent, .faulty,
    .not_authorised) when it cannot be had, and the link's LinkCancelledError.
    """

    def __init__(
        self,
        path: str,
        baudrate: int,
        settings: IdReaderSettings,
        pause: Callable[[float], None],
        link: SerialLink | None = None,
    ) -> None:
        self._link = link or SerialLink(path, baudrate)
        self._talk = Talk(self._link, settings.silence_s)
        self._usual_rate = baudrate
        self._settings = settings
        self._pause = pause
        self._garbled = 0  # damaged answers in a row
        self._healed: set[Command] = set()  # by a reset, and not answered by anything but 60 since
        self.number = ""

    @property
    def path(self) -> str:
        """The port's stable name."""
        return self._link.path

    @property
    def baudrate(self) -> int:
        """The speed the module was found at."""
        return self._link.baudrate

    def cancel(self) -> None:
        """Ends the wait in progress and every later one until `rearm`. From any thread."""
        self._link.cancel()

    def rearm(self) -> None:
        """Takes `cancel` back."""
        self._link.rearm()

    def close(self) -> None:
        """Closes the port."""
        self._link.close()

    def ensure_ready(self) -> None:
        """Opens the port and greets the module, if that is not done."""
        if not self._link.is_open or not self.number:
            self._reopen()

    def ask(self, command: Command, limit_s: float | None = None) -> Reply | None:
        """The answer, or None when it was lost while the module is alive and well."""
        limit_s = self._settings.answer_s if limit_s is None else limit_s
        try:
            reply = self._talk.ask(command, limit_s)
            if reply.status in _NOT_UNDERSTOOD:
                reply = self._talk.ask(command, limit_s)
        except GarbledError:
            self._garbled += 1
            if self._garbled >= _NOISE_LIMIT:
                raise OutOfServiceError("idreader.faulty") from None
            return None
        except SilentError:
            self._revive()
            return None
        except LinkLostError:
            self._link.close()
            self._reopen()
            return None
        self._garbled = 0
        if reply.status in _NOT_UNDERSTOOD or reply.status == Status.NOT_PERMITTED:
            raise OutOfServiceError("idreader.faulty")
        if reply.status == Status.NOT_AUTHORISED:
            raise OutOfServiceError("idreader.not_authorised")
        if reply.status == Status.BAD_COMMAND and command in _NEEDED:
            raise OutOfServiceError("idreader.faulty")
        if reply.status == Status.SELF_TEST_FAILED:
            if command in self._healed:
                self._healed.clear()
                raise OutOfServiceError("idreader.faulty")
            self._heal()
            self._healed.add(command)
            return None
        self._healed.discard(command)
        return reply

    def heartbeat(self, *, was_ill: bool) -> str:
        """One quick status question, without patience: the code of an illness, "" when well.

        A module that was well may miss two in a row: it is asked up to three times at once, so that
        a lost one is known within a second.
        """
        try:
            if not self._link.is_open:
                self._link.open()
                self._talk.reopened()
            reply = self._heard(1 if was_ill else _HEARTBEATS)
        except LinkBusyError:
            return "idreader.busy"
        except LinkLostError:
            self._link.close()
            return "idreader.unplugged"
        except (SilentError, GarbledError):
            return "idreader.silent"
        match reply.status:
            case Status.SUCCESS:
                return ""
            case Status.NOT_AUTHORISED:
                return "idreader.not_authorised"
            case _:
                return "idreader.faulty"

    def _heard(self, times: int) -> Reply:
        for left in reversed(range(times)):
            try:
                return self._talk.ask(Command.STATUS, _HEARTBEAT_ANSWER_S)
            except (SilentError, GarbledError):
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _reopen(self) -> None:
        """Opens the port, waiting a little for it to come back, and greets the module."""
        self.number = ""  # it may come back as another reader
        deadline = Deadline.after(self._settings.reopen_s)
        while True:
            try:
                self._link.open()
                self._talk.reopened()
                self._greet()
                return
            except LinkLostError as error:
                self._link.close()
                if deadline.passed:
                    busy = isinstance(error, LinkBusyError)
                    code = "idreader.busy" if busy else "idreader.unplugged"
                    raise OutOfServiceError(code) from None
            self._pause(min(0.1, deadline.left))

    def _greet(self) -> None:
        """Waits for the module to start up, at its last speed and then at the others."""
        if not self._answers(self._settings.boot_s):
            self._find_speed()
        with contextlib.suppress(SilentError, GarbledError):
            reply = self._talk.ask(Command.SAM_NUMBER, self._settings.answer_s)
            self.number = parse_sam_number(reply.data) or ""

    def _find_speed(self) -> None:
        last = self._link.baudrate
        if self._settings.probe_speeds:
            for rate in dict.fromkeys((self._usual_rate, *BAUDRATES)):
                if rate == last:
                    continue
                self._link.set_baudrate(rate)
                self._talk.reopened()
                if self._answers(_PROBE_S):
                    return
        self._link.set_baudrate(self._usual_rate)
        raise OutOfServiceError("idreader.silent")

    def _answers(self, patience_s: float) -> bool:
        """Whether the module answers a status question before its patience ends."""
        deadline = Deadline.after(patience_s)
        while True:
            try:
                reply = self._talk.ask(Command.STATUS, min(_PROBE_S, patience_s))
            except (SilentError, GarbledError):
                if deadline.passed:
                    return False
                continue
            if reply.status == Status.SELF_TEST_FAILED:
                self._heal()
            elif reply.status == Status.NOT_AUTHORISED:
                raise OutOfServiceError("idreader.not_authorised")
            return True

    def _revive(self) -> None:
        """After a silence: more of it on plain status questions means that the reader is gone."""
        try:
            if not self._answers(self._settings.boot_s):
                raise OutOfServiceError("idreader.silent")
        except LinkLostError:
            self._link.close()
            self._reopen()

    def _heal(self) -> None:
        """A module whose self-test failed gets one reset."""
        with contextlib.suppress(SilentError, GarbledError):
            self._talk.ask(Command.RESET, self._settings.answer_s)
        deadline = Deadline.after(self._settings.boot_s)
        while not deadline.passed:
            with contextlib.suppress(SilentError, GarbledError):
                reply = self._talk.ask(Command.STATUS, _PROBE_S)
                if reply.status == Status.SUCCESS:
                    return
                if reply.status == Status.SELF_TEST_FAILED:
                    break
        raise OutOfServiceError("idreader.faulty")

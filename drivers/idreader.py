# SPDX-License-Identifier: Apache-2.0
"""Reads resident ID cards (and residence permits) laid on a serial reader with a SAM_V module."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.errors import (
    AskAgainError,
    AskStaffError,
    BoothError,
    CancelledError,
    OutOfServiceError,
)
from drivers.health import Health, State
from drivers.idreader_card import IdCard, damage, id_card
from drivers.idreader_talk import LONGEST_ANSWER_BITS, GarbledError, SilentError, Talk
from firmware_io.codecs.cardtext import parse_card_text
from firmware_io.codecs.samv import Reply, parse_addresses, parse_holdings, parse_sam_number
from firmware_io.codecs.samv_tables import BAUDRATES, Command, Status
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkCancelledError, LinkLostError
from firmware_io.links.serial_port import SerialLink

__all__ = ["IdCard", "IdReader", "IdReaderSettings"]

DEVICE: Final = "idreader"


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


class _Miss(StrEnum):
    """Why one reading failed."""

    MOVED = "card.moved"
    UNREADABLE = "card.unreadable"


_MOVED: Final = frozenset({Status.READ_FAILED, Status.NO_RANDOM_NUMBER, Status.NOT_SELECTED})
_PRESENT: Final = frozenset({Status.SUCCESS, Status.NO_SUCH_ITEM})
_PROBE_S: Final = 0.3  # a status answer takes some milliseconds; at another speed none comes
_HEARTBEAT_ANSWER_S: Final = 0.25
_NOISE_LIMIT: Final = 8  # more damaged answers in a row than three readings of one card can meet


class IdReader:
    """One reader on a serial port; `path` should be a stable name (``/dev/serial/by-id/...``).

    One thread works with it at a time; `health` and `cancel` may come from any thread. A reader
    that vanishes and comes back is opened again by the next call.
    """

    def __init__(
        self, path: str, *, baudrate: int = 115200, settings: IdReaderSettings | None = None
    ) -> None:
        self._settings = settings or IdReaderSettings()
        self._link = SerialLink(path, baudrate)
        self._talk = Talk(self._link, self._settings.silence_s)
        self._baudrate = baudrate
        self._turn = threading.Lock()
        self._state = threading.Lock()  # guards the four below
        self._acting = False
        self._called_off = threading.Event()
        self._health = Health.ill(DEVICE, "idreader.silent", "not started")
        self._checked_at = float("-inf")
        self._silences = 0
        self._module_no = ""
        self._finger_reading = True
        self._garbled = 0  # damaged answers in a row
        self._rest = Deadline.after(0.0)

    # -- the verbs -----------------------------------------------------------------------------

    def start(self) -> None:
        """Opens the port, finds the module's speed and reads its number.

        Raises OutOfServiceError: idreader.unplugged, .busy, .silent, .faulty or .not_authorised.
        May be called again to recover; every other verb does so by itself.
        """
        with self._act():
            self._link.close()
            self._ensure_ready()

    def health(self) -> Health:
        """The reader's own word. Asks it at most every `heartbeat_s`, then takes up to 0.3 s."""
        if not self._turn.acquire(blocking=False):
            return Health(DEVICE, State.BUSY)
        try:
            if time.monotonic() - self._checked_at >= self._settings.heartbeat_s:
                self._check()
            return self._health
        finally:
            self._turn.release()

    def read_card(self, wait_s: float, on_event: Callable[[str], None]) -> IdCard:
        """Waits up to `wait_s` seconds for a card and reads it, at most `tries` times.

        `on_event` hears, from this thread: "waiting" once; "found" when a card answers; "reading"
        before each reading; "again" when the card must be lifted and laid down anew, also for a
        card that was read before and never lifted (it may be the last citizen's).

        Raises AskAgainError card.none (nothing came), card.moved (lifted too early, or still to be
        lifted), card.unreadable (damaged `tries` times), card.not_id_card; AskStaffError
        card.text_odd (the chip itself says something impossible); CancelledError; and
        OutOfServiceError as `start` does.
        """
        with self._act():
            self._ensure_ready()
            # Asked again about the card that has just failed, the booth would ask in circles.
            self._pause(self._rest.left)
            try:
                return self._read_card(Deadline.after(wait_s), on_event)
            finally:
                self._rest = Deadline.after(self._settings.poll_s)

    def card_present(self) -> bool:
        """Whether a card lies on the reader. Raises OutOfServiceError, CancelledError."""
        with self._act():
            self._ensure_ready()
            return self._is_present()

    def wait_removed(self, wait_s: float) -> bool:
        """True as soon as no card lies there, False when one still does after `wait_s` seconds.

        Raises OutOfServiceError, CancelledError.
        """
        with self._act():
            self._ensure_ready()
            deadline = Deadline.after(wait_s)
            while self._is_present():
                if deadline.passed:
                    return False
                self._pause(min(self._settings.held_poll_s, deadline.left))
            return True

    def cancel(self) -> None:
        """Ends the verb in progress, if any, with CancelledError. From any thread."""
        with self._state:
            if self._acting:
                self._called_off.set()
                self._link.cancel()

    def close(self) -> None:
        """Ends what is in progress and closes the port. The reader may be started again."""
        self.cancel()
        with self._turn:
            self._link.close()
            self._checked_at = float("-inf")

    # -- looking for a card --------------------------------------------------------------------

    def _read_card(self, deadline: Deadline, on_event: Callable[[str], None]) -> IdCard:
        on_event("waiting")
        self._await_card(deadline, on_event)
        on_event("found")
        missed: _Miss | None = None
        odd_text = b""
        selected = False
        for turn in range(self._settings.tries):
            if turn and not selected and not self._find_again(on_event):
                break
            if not selected:
                refusal = self._select()
                if refusal is not None:
                    missed = refusal
                    continue
            on_event("reading")
            got, selected = self._read_once()
            if isinstance(got, IdCard):
                return got
            if isinstance(got, bytes):
                if got == odd_text:
                    raise AskStaffError("card.text_odd")
                odd_text, missed = got, _Miss.UNREADABLE
            else:
                missed = got
        raise AskAgainError(missed or _Miss.UNREADABLE)

    def _await_card(self, deadline: Deadline, on_event: Callable[[str], None]) -> None:
        """Returns when a card is found; asks twice at a time, the first find may miss a card."""
        told, lying, looks = False, False, 0
        while True:
            if self._finds() or self._finds():
                return
            looks += 1
            if looks % 4 == 1:
                lying = self._still_selected()
                if lying and not told:
                    on_event("again")
                    told = True
            if deadline.passed:
                raise AskAgainError(_Miss.MOVED if lying else "card.none")
            self._pause(min(self._settings.poll_s, deadline.left))

    def _find_again(self, on_event: Callable[[str], None]) -> bool:
        """Whether the card of a failed reading is found once more, by itself or laid down anew."""
        if self._finds() or self._finds():
            return True
        on_event("again")
        deadline = Deadline.after(self._settings.settle_s)
        while not deadline.passed:
            self._pause(min(self._settings.poll_s, deadline.left))
            if self._finds() or self._finds():
                on_event("found")
                return True
        return False

    def _finds(self) -> bool:
        reply = self._ask_kindly(Command.FIND)
        if reply is not None and reply.status == Status.NOT_AN_ID_CARD:
            raise AskAgainError("card.not_id_card")
        return reply is not None and reply.status == Status.CARD_FOUND

    def _still_selected(self) -> bool:
        """Whether a card selected earlier lies there unmoved: only such a one answers this."""
        reply = self._ask_kindly(Command.READ_ADDRESSES)
        return reply is not None and reply.status in _PRESENT

    def _is_present(self) -> bool:
        return self._still_selected() or self._finds() or self._finds()

    # -- reading it ----------------------------------------------------------------------------

    def _select(self) -> _Miss | None:
        """None when a reading may be tried."""
        reply = self._ask_kindly(Command.SELECT)
        # A lost answer says nothing about the card: it may well be selected. Nor does "not found",
        # which only a find is answered with: it came late.
        if reply is None or reply.status in (Status.SUCCESS, Status.NOT_FOUND):
            return None
        return self._why(reply.status)

    def _read_once(self) -> tuple[IdCard | bytes | _Miss, bool]:
        """The card, or the bytes of an impossible text, or why there is none.

        The second value tells whether the card may be read again without being found again: true
        when the chip was read well and only the wire, or what it carried, was damaged.
        """
        with_fingers = self._settings.with_fingers and self._finger_reading
        command = Command.READ_WITH_FINGERS if with_fingers else Command.READ
        wire_s = LONGEST_ANSWER_BITS / self._link.baudrate
        reply = self._ask_kindly(command, self._settings.read_s + wire_s)
        if reply is None:
            return _Miss.UNREADABLE, True
        if with_fingers and reply.status in (
            Status.BAD_COMMAND,
            Status.FINGER_VERIFICATION_FAILED,
        ):
            if reply.status == Status.BAD_COMMAND:
                self._finger_reading = False
            with_fingers = False
            reply = self._ask_kindly(Command.READ, self._settings.read_s + wire_s)
            if reply is None:
                return _Miss.UNREADABLE, True
        if reply.status == Status.NOT_FOUND:  # the late answer to a find; this one's is to come
            return _Miss.MOVED, True
        if reply.status != Status.SUCCESS:
            return self._why(reply.status), False
        holdings = parse_holdings(reply.data, with_fingers=with_fingers)
        text = parse_card_text(holdings.text) if holdings is not None else None
        if holdings is None or text is None:
            return _Miss.UNREADABLE, True
        if damage(text):
            return holdings.text, True
        return id_card(text, holdings, self._module_no, self._appended()), True

    def _appended(self) -> tuple[str, ...]:
        if not self._settings.with_addresses:
            return ()
        reply = self._ask_kindly(Command.READ_ADDRESSES)
        if reply is None or reply.status != Status.SUCCESS:
            return ()
        return parse_addresses(reply.data) or ()

    @staticmethod
    def _why(status: int) -> _Miss:
        if status == Status.NOT_AN_ID_CARD:
            raise AskAgainError("card.not_id_card")
        return _Miss.MOVED if status in _MOVED else _Miss.UNREADABLE

    # -- the module ----------------------------------------------------------------------------

    def _ask_kindly(self, command: Command, limit_s: float | None = None) -> Reply | None:
        """The answer, or None when it was lost while the module is alive and well.

        Raises OutOfServiceError when the module is gone, mute or unfit.
        """
        limit_s = self._settings.answer_s if limit_s is None else limit_s
        try:
            reply = self._talk.ask(command, limit_s)
            if reply.status in (Status.BAD_CHECKSUM, Status.BAD_LENGTH):
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
        if reply.status in (Status.BAD_CHECKSUM, Status.BAD_LENGTH, Status.NOT_PERMITTED):
            raise OutOfServiceError("idreader.faulty")
        if reply.status == Status.NOT_AUTHORISED:
            raise OutOfServiceError("idreader.not_authorised")
        if reply.status == Status.SELF_TEST_FAILED:
            self._heal()
            return None
        return reply

    def _ensure_ready(self) -> None:
        if not self._link.is_open or not self._module_no:
            self._reopen()

    def _reopen(self) -> None:
        """Opens the port, waiting a little for it to come back, and greets the module."""
        self._module_no = ""  # it may come back as another reader
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
                    raise OutOfServiceError(
                        "idreader.busy" if busy else "idreader.unplugged"
                    ) from None
            self._pause(min(0.1, deadline.left))

    def _greet(self) -> None:
        """Waits for the module to start up, at its usual speed and then at the others."""
        if not self._module_answers(self._settings.boot_s):
            self._find_speed()
        with contextlib.suppress(SilentError, GarbledError):
            reply = self._talk.ask(Command.SAM_NUMBER, self._settings.answer_s)
            self._module_no = parse_sam_number(reply.data) or ""

    def _find_speed(self) -> None:
        if self._settings.probe_speeds:
            for rate in (rate for rate in BAUDRATES if rate != self._baudrate):
                self._link.set_baudrate(rate)
                self._talk.reopened()
                if self._module_answers(_PROBE_S):
                    return
            self._link.set_baudrate(self._baudrate)
        raise OutOfServiceError("idreader.silent")

    def _module_answers(self, patience_s: float) -> bool:
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
        """After a silence: three more on plain status questions mean that the reader is gone."""
        try:
            if not self._module_answers(self._settings.boot_s):
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

    # -- turns, health -------------------------------------------------------------------------

    @contextlib.contextmanager
    def _act(self) -> Iterator[None]:
        """One verb's turn: cancellable, and its outcome is the reader's health."""
        with self._turn:
            with self._state:
                self._called_off.clear()
                self._link.rearm()
                self._acting = True
            try:
                yield
            except LinkCancelledError:
                raise CancelledError from None
            except LinkLostError:
                self._link.close()
                self._ill("idreader.unplugged")
                raise OutOfServiceError("idreader.unplugged") from None
            except OutOfServiceError as error:
                if error.code != "idreader.busy":
                    self._link.close()
                self._ill(error.code)
                raise
            except CancelledError:
                raise
            except BoothError:
                self._well()
                raise
            else:
                self._well()
            finally:
                with self._state:
                    self._acting = False
                    self._called_off.clear()
                    self._link.rearm()

    def _pause(self, seconds: float) -> None:
        if self._called_off.wait(seconds):
            raise CancelledError

    def _check(self) -> None:
        """One heartbeat, quick and without patience."""
        self._link.rearm()
        try:
            if not self._link.is_open:
                self._link.open()
                self._talk.reopened()
            reply = self._talk.ask(Command.STATUS, _HEARTBEAT_ANSWER_S)
        except LinkLostError:
            self._link.close()
            self._ill("idreader.unplugged")
            return
        except (SilentError, GarbledError):
            self._silences += 1
            if self._silences >= 3 or self._health.state is State.ILL:
                self._ill("idreader.silent")
            else:
                self._checked_at = time.monotonic()
            return
        except LinkCancelledError:
            return
        match reply.status:
            case Status.SUCCESS:
                self._well()
            case Status.NOT_AUTHORISED:
                self._ill("idreader.not_authorised")
            case _:
                self._ill("idreader.faulty")

    def _well(self) -> None:
        detail = f"{self._link.path} {self._link.baudrate} {self._module_no}".rstrip()
        self._note(Health.ready(DEVICE, detail))
        self._silences = 0

    def _ill(self, code: str) -> None:
        self._note(Health.ill(DEVICE, code, self._link.path))

    def _note(self, health: Health) -> None:
        self._health = health
        self._checked_at = time.monotonic()

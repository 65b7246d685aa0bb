# SPDX-License-Identifier: Apache-2.0
"""Reads resident ID cards (and residence permits) laid on a serial reader with a SAM_V module."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
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
from drivers.idreader_module import IdReaderSettings, Module
from drivers.idreader_talk import LONGEST_ANSWER_BITS
from firmware_io.codecs.cardtext import parse_card_text
from firmware_io.codecs.samv import parse_addresses, parse_holdings
from firmware_io.codecs.samv_tables import Command, Status
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkCancelledError, LinkLostError
from firmware_io.links.serial_port import SerialLink

__all__ = ["IdCard", "IdReader", "IdReaderSettings"]

DEVICE: Final = "idreader"


class _Miss(StrEnum):
    """Why one reading failed."""

    MOVED = "card.moved"
    UNREADABLE = "card.unreadable"


_MOVED: Final = frozenset({Status.READ_FAILED, Status.NO_RANDOM_NUMBER, Status.NOT_SELECTED})
_UNANSWERED: Final = 10  # questions in a row; more than the damaged answers that make a fault
_PRESENT: Final = frozenset({Status.SUCCESS, Status.NO_SUCH_ITEM})


class IdReader:
    """One reader on a serial port; `path` should be a stable name (``/dev/serial/by-id/...``).

    One thread works with it at a time; `health` and `cancel` may come from any thread. A reader
    that vanishes and comes back is opened again by the next call. `link` is taken in place of one
    of its own when it is given.
    """

    def __init__(
        self,
        path: str,
        *,
        baudrate: int = 115200,
        settings: IdReaderSettings | None = None,
        link: SerialLink | None = None,
    ) -> None:
        self._settings = settings or IdReaderSettings()
        self._module = Module(path, baudrate, self._settings, self._pause, link)
        self._turn = threading.Lock()
        self._state = threading.Lock()  # guards the two below
        self._acting = False
        self._called_off = threading.Event()
        self._health = Health.ill(DEVICE, "idreader.silent", "not started")
        self._checked_at = float("-inf")
        self._finger_reading = True
        self._odd_finds = 0  # in a row
        # A card was read that has not been seen to leave; maybe by the process before this one.
        self._delivered = True
        self._rest = Deadline.after(0.0)

    # -- the verbs -----------------------------------------------------------------------------

    def start(self) -> None:
        """Opens the port, finds the module's speed and reads its number.

        Raises OutOfServiceError: idreader.unplugged, .busy, .silent, .faulty or .not_authorised.
        May be called again to recover; every other verb does so by itself.
        """
        with self._act():
            self._delivered = True
            self._module.close()
            self._module.ensure_ready()
            self._delivered = self._was_delivered()

    def health(self) -> Health:
        """The reader's own word. Asks it at most every `heartbeat_s`, then takes up to 0.6 s."""
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
        card that was read before and never lifted (it may be the last citizen's). What it raises
        ends the act; a caller whose `cancel` may come before this act has begun checks there.

        Raises AskAgainError card.none (nothing came), card.moved (lifted too early, or still to be
        lifted), card.unreadable (damaged `tries` times), card.not_id_card; AskStaffError
        card.text_odd (the chip itself says something impossible); CancelledError; and
        OutOfServiceError as `start` does.
        """
        with self._act():
            self._module.ensure_ready()
            # Asked again about the card that has just failed, the booth would ask in circles.
            self._pause(self._rest.left)
            try:
                return self._read_card(Deadline.after(wait_s), on_event)
            finally:
                self._rest = Deadline.after(self._settings.poll_s)

    def card_present(self) -> bool:
        """Whether a card lies on the reader. Raises OutOfServiceError, CancelledError."""
        with self._act():
            self._module.ensure_ready()
            return self._is_present()

    def wait_removed(self, wait_s: float) -> bool:
        """True as soon as no card lies there, False when one still does after `wait_s` seconds.

        Raises OutOfServiceError, CancelledError.
        """
        with self._act():
            self._module.ensure_ready()
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
                self._module.cancel()

    def close(self) -> None:
        """Ends what is in progress and closes the port. The reader may be started again."""
        self.cancel()
        with self._turn:
            self._module.close()
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
                self._delivered = True
                return got
            if isinstance(got, bytes):
                if got == odd_text:
                    raise AskStaffError("card.text_odd")
                odd_text, missed = got, _Miss.UNREADABLE
            else:
                missed = got
        raise AskAgainError((missed or _Miss.UNREADABLE).value)

    def _await_card(self, deadline: Deadline, on_event: Callable[[str], None]) -> None:
        """Returns when a card is found; the first find may miss one, so the last is asked twice."""
        told = self._await_going(deadline, on_event)
        lying, looks = False, 0
        while True:
            next_look = Deadline.after(self._settings.poll_s)
            if self._finds() or (deadline.passed and self._finds()):
                return
            looks += 1
            if looks % 4 == 1:
                lying = self._still_selected()
                if lying and not told:
                    on_event("again")
                    told = True
            if deadline.passed:
                raise AskAgainError(_Miss.MOVED.value if lying else "card.none")
            self._pause(min(next_look.left, deadline.left))

    def _await_going(self, deadline: Deadline, on_event: Callable[[str], None]) -> bool:
        """Waits until the card read before has gone; whether anybody was told to lift it.

        Some modules find a card again and again that nobody has lifted: it would be read once more,
        for whoever stands there now. The question is put before any find, which ends a selection.
        """
        told = False
        while self._delivered:
            self._delivered = self._was_delivered()
            if not self._delivered:
                break
            if not told:
                on_event("again")
                told = True
            if deadline.passed:
                raise AskAgainError(_Miss.MOVED.value)
            self._pause(min(self._settings.held_poll_s, deadline.left))
        return told

    def _was_delivered(self) -> bool:
        """Whether a card lies there that was selected before, maybe by another process.

        Damage alone ends before the limit as a fault: a module that answers all but this question
        cannot be asked.
        """
        for _ in range(_UNANSWERED):
            reply = self._module.ask(Command.READ_ADDRESSES)
            if reply is not None:
                return reply.status in _PRESENT
        return False

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
        reply = self._module.ask(Command.FIND)
        if reply is None or reply.status in (Status.CARD_FOUND, Status.NOT_FOUND):
            self._odd_finds = 0
            return reply is not None and reply.status == Status.CARD_FOUND
        # Something lies there that is neither found nor absent: not to be waited for in silence.
        self._odd_finds += 1
        why = self._why(reply.status)
        if self._odd_finds >= self._settings.tries:
            self._odd_finds = 0
            raise AskAgainError(why.value)
        return False

    def _still_selected(self) -> bool:
        """Whether a card selected earlier lies there unmoved: only such a one answers this."""
        reply = self._module.ask(Command.READ_ADDRESSES)
        return reply is not None and reply.status in _PRESENT

    def _is_present(self) -> bool:
        present = self._still_selected() or self._finds() or self._finds()
        self._delivered = self._delivered and present
        return present

    # -- reading it ----------------------------------------------------------------------------

    def _select(self) -> _Miss | None:
        """None when a reading may be tried."""
        reply = self._module.ask(Command.SELECT)
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
        wire_s = LONGEST_ANSWER_BITS / self._module.baudrate
        reply = self._module.ask(command, self._settings.read_s + wire_s)
        if reply is None:
            return _Miss.UNREADABLE, True
        if with_fingers and reply.status in (
            Status.BAD_COMMAND,
            Status.FINGER_VERIFICATION_FAILED,
        ):
            if reply.status == Status.BAD_COMMAND:
                self._finger_reading = False
            with_fingers = False
            reply = self._module.ask(Command.READ, self._settings.read_s + wire_s)
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
        return id_card(text, holdings, self._module.number, self._appended()), True

    def _appended(self) -> tuple[str, ...]:
        if not self._settings.with_addresses:
            return ()
        reply = self._module.ask(Command.READ_ADDRESSES)
        if reply is None or reply.status != Status.SUCCESS:
            return ()
        return parse_addresses(reply.data) or ()

    @staticmethod
    def _why(status: int) -> _Miss:
        if status == Status.NOT_AN_ID_CARD:
            raise AskAgainError("card.not_id_card")
        return _Miss.MOVED if status in _MOVED else _Miss.UNREADABLE

    # -- turns, health -------------------------------------------------------------------------

    @contextlib.contextmanager
    def _act(self) -> Iterator[None]:
        """One verb's turn: cancellable, and its outcome is the reader's health."""
        with self._turn:
            with self._state:
                self._called_off.clear()
                self._module.rearm()
                self._acting = True
            try:
                yield
            except LinkCancelledError:
                raise CancelledError from None
            except LinkLostError:
                self._module.close()
                self._ill("idreader.unplugged")
                raise OutOfServiceError("idreader.unplugged") from None
            except OutOfServiceError as error:
                if error.code != "idreader.busy":
                    self._module.close()
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
                    self._module.rearm()

    def _pause(self, seconds: float) -> None:
        if self._called_off.wait(seconds):
            raise CancelledError

    def _check(self) -> None:
        self._module.rearm()
        try:
            code = self._module.heartbeat(was_ill=self._health.state is State.ILL)
        except LinkCancelledError:
            return
        if code:
            self._ill(code)
        else:
            self._well()

    def _well(self) -> None:
        module = self._module
        detail = f"{module.path} {module.baudrate} {module.number}".rstrip()
        self._note(Health.ready(DEVICE, detail))

    def _ill(self, code: str) -> None:
        self._note(Health.ill(DEVICE, code, self._module.path))

    def _note(self, health: Health) -> None:
        self._health = health
        self._checked_at = time.monotonic()

# SPDX-License-Identifier: Apache-2.0
"""What all devices that move a citizen's card have in common: books, a line, and a word on health.

Each is asked before it moves, writes down what it is about to do, and after a new start, a lost
line or a power cut decides from its sensors what became of that. What moves, and what the sensors
mean, is the device's own.
"""

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

from drivers.bins_books import Where
from drivers.bins_faults import translated
from drivers.bins_journal import Journal
from drivers.bins_turn import Turn
from drivers.errors import BoothError, OutOfServiceError
from drivers.health import Health, State
from firmware_io.links.serial_port import SerialLink


class Mover(ABC):
    """One line, one journal. One act at a time; `health`, `gone` and `cancel` from any thread.

    `device` names it in its error codes; `journal` is a file of its own in the booth's state
    folder; `may_move` is asked before each movement (is the mains there?).
    """

    def __init__(
        self,
        device: str,
        link: SerialLink,
        journal: Path,
        *,
        heartbeat_s: float,
        may_move: Callable[[], bool],
    ) -> None:
        self._device = device
        self._link = link
        self._journal = Journal(journal)
        self._heartbeat_s = heartbeat_s
        self._may_move = may_move
        self._turn = Turn(link)
        self._health = Health.ill(device, f"{device}.silent", "not started")
        self._checked_at = float("-inf")
        self._ready = False

    def start(self) -> None:
        """Opens journal and port, asks the device, decides what was left undone. Moves nothing.

        Raises OutOfServiceError: the device's .unplugged, .port_busy, .silent, .garbled,
        .books_busy, .books_damaged, .books_full, and those of its class. Every other verb does the
        same when it must.
        """
        with self._act():
            self._ready = False
            self._ensure_ready()

    def health(self) -> Health:
        """The device's own word. Asks it at most every `heartbeat_s`."""
        with self._turn.if_free() as free:
            if not free:
                return Health(self._device, State.BUSY)
            if time.monotonic() - self._checked_at >= self._heartbeat_s:
                with contextlib.suppress(BoothError), self._told():
                    self._ensure_ready()
                    self._refresh()
            return self._health

    def gone(self) -> dict[str, Where]:
        """Named cards that are in the device no more, and where they went."""
        return self._journal.books.gone()

    def cancel(self) -> None:
        """Ends the act in progress with CancelledError. What has begun to move moves on."""
        self._turn.call_off()

    def close(self) -> None:
        """Lets port and journal go. Idempotent."""
        self._link.close()
        with self._turn.mine():
            self._ready = False
            self._journal.close()

    # -- what a device has to say of itself ------------------------------------------------------

    @abstractmethod
    def _reopened(self) -> None:
        """The port was opened anew: the line may carry what belongs to an earlier life."""

    @abstractmethod
    def _wake(self, *, acts_are_over: bool) -> None:
        """Asks the device for the first time since its port was opened or it failed, and judges it.

        `acts_are_over`: of what the books have as begun, nobody waits for the end any more.
        """

    @abstractmethod
    def _refresh(self) -> None:
        """Asks the device how it is, and says so with `_judged`."""

    # -- for the devices' verbs ------------------------------------------------------------------

    @contextlib.contextmanager
    def _act(self) -> Iterator[None]:
        with self._turn.mine(), self._told():
            yield

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what went wrong below into the errors of drivers, and remembers it."""
        try:
            with translated(self._device):
                yield
        except OutOfServiceError as wrong:
            self._ready = False
            self._judged(Health.ill(self._device, wrong.code, self._link.path))
            raise

    def _judged(self, health: Health) -> None:
        self._health = health
        self._checked_at = time.monotonic()

    def _ensure_books(self) -> None:
        """The journal is open; if it was not, all else is made ready too."""
        if not self._journal.is_open:
            self._ensure_ready()

    def _ensure_ready(self) -> None:
        first = not self._journal.is_open
        self._journal.open()
        if self._open_link():
            self._ready = False
        if self._ready:
            return
        try:
            self._wake(acts_are_over=first)
        except BaseException:
            if first:
                self._journal.close()
            raise
        self._ready = True

    def _open_link(self) -> bool:
        """Whether the port had to be opened."""
        if self._link.is_open:
            return False
        self._link.open()
        self._reopened()
        return True

    def _need_power(self) -> None:
        if not self._may_move():
            raise OutOfServiceError(f"{self._device}.power")

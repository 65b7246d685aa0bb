# SPDX-License-Identifier: Apache-2.0
"""A cabinet with lock boards on one RS-485 line: bytes in, pulses and contacts out.

A wrong check byte, another board's address or an unknown command gets silence. The times of the
boards (when the pulse comes, when the answer) are not published: these are assumptions.
"""

import argparse
import heapq
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from firmware_io.codecs.lockboard_tables import (
    BOARDS_8A,
    BOARDS_WINNSEN,
    BOARDS_WKLY,
    LOCKS_8A,
    LOCKS_WINNSEN,
    LOCKS_WKLY,
    RATE,
    WINNSEN_COOLING_S,
)
from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.device import ControlError, Device, Send
from firmware_io.emulators.lockboard_cabinet import Cabinet, Lock
from firmware_io.emulators.lockboard_wire import TONGUES, Heard

PULSE_AFTER_S = 0.01
ANSWER_AFTER_S = 0.02
REACH = {  # addresses and locks of each make
    "8a": (BOARDS_8A, LOCKS_8A),
    "wkly": (BOARDS_WKLY, LOCKS_WKLY),
    "winnsen": (BOARDS_WINNSEN, LOCKS_WINNSEN),
}
INSTANTS = ("heard", "pulse", "sprung", "answer")

CONTROLS = """\
  {"put_card": "A17", "into": 3}     a card is laid into a bin, 3 or "2/3" (board 2); its id
  {"take_card": true}                what lies in the open bin is taken; 3 or "2/3": in that one
  {"close_door": true}               the open door is closed; 3 or "2/3": that one
  {"open_door": 3}                   staff open it with the mechanical key
  {"check": true}                    cards and where they are, pulses, violations
  {"fault": {"jammed": 3}}           the door does not spring; {"fault": {"jammed": 0}}: all free
  {"fault": {"dies_at": "pulse"}}    the supply is lost: heard (before the pulse) pulse (at it)
                                     sprung (the door is open) answer (before it leaves);
                                     {"power": "cycle"} brings it back
  {"fault": {"dies_after": n}}       the supply is lost when n more bytes have come
  {"fault": {"deaf": true}}          silent until its supply is switched
  {"fault": {"chatter": true}}       contacts bounce for 20 ms
  {"fault": {"unasked": true}}       a closing door is told unasked (WKLY boards always do)
  {"fault": {"same_address": true}}  a second board with the same address answers as well
"""
_FAULTS = {"jammed", "dies_at", "dies_after", "deaf", "chatter", "unasked", "same_address"}


class LockBoard(Device):
    """Boards `boards` of one make with `locks` doors each, by default as many as it can have.

    `echo`: the line repeats the host. `inverted`: contacts of the other kind. Winnsen boards only:
    `swapped` firmware says a door's state before its lock; a lock is refused a second pulse within
    `cooling_s`.
    """

    name = "lockboard"
    controls = CONTROLS

    def __init__(
        self,
        make: str = "8a",
        *,
        boards: tuple[int, ...] = (1,),
        locks: int | None = None,
        echo: bool = False,
        inverted: bool = False,
        swapped: bool = False,
        cooling_s: float = WINNSEN_COOLING_S,
        factor: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(factor=factor, seed=seed)
        known, most = REACH[make]
        locks = most.stop - 1 if locks is None else locks
        if not boards or not set(boards) <= set(known) or locks not in most:
            raise ValueError(f"boards {known[0]} to {known[-1]}, locks 1 to {most[-1]}")
        self.cabinet = Cabinet(boards, locks, self.random)
        self._make, self._tongue = make, TONGUES[make](inverted, swapped)
        self._boards, self._locks, self._echo = boards, locks, echo
        self._cooling_s = cooling_s
        self._busy_until: dict[int, float] = {}
        self._held = bytearray()
        # due, order, whether it happens without power, what
        self._due: list[tuple[float, int, bool, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._alive = False
        self._clear_faults()

    def _clear_faults(self) -> None:
        self._dies_at: str | None = None
        self._dies_after: int | None = None
        self._unasked = self._make == "wkly"
        self._twin = False

    @property
    def line_rate(self) -> int | None:
        """All makes speak 9600."""
        return RATE

    def power_cycle(self, now: float) -> None:
        """Doors and cards stay as they are; the board forgets what it was about to do."""
        self._die()
        self._alive = True

    def feed(self, data: bytes, now: float) -> None:
        """Acts on each whole request, as it comes."""
        if self._echo:
            self.send(data, now)  # by the adapter, which needs no board
        if not self._alive:
            return
        if self._dies_after is not None:
            data, self._dies_after = data[: self._dies_after], self._dies_after - len(data)
        self._held += data
        while (heard := self._tongue.hear(self._held)) is not None:
            self._obey(heard, now)
        if self._dies_after is not None and self._dies_after <= 0:
            self._dies_after = None
            self._die()

    def poll(self, now: float) -> list[Send]:
        """Does what is due."""
        while self._due and self._due[0][0] <= now:
            due, _, _, act = heapq.heappop(self._due)
            act(due)
        return super().poll(now)

    def wake_at(self) -> float | None:
        """When something is due."""
        return self._due[0][0] if self._due else None

    def _at(self, due: float, act: Callable[[float], None], *, unpowered: bool = False) -> None:
        heapq.heappush(self._due, (due, next(self._order), unpowered, act))

    def _die(self) -> None:
        self._alive = False
        self._held.clear()
        self._busy_until.clear()
        # A door that was about to spring does so without power; all else was the board's.
        self._due = [entry for entry in self._due if entry[2]]
        heapq.heapify(self._due)

    def _dead_at(self, instant: str) -> bool:
        """Whether the supply is lost just now."""
        if self._alive and self._dies_at == instant:
            self._dies_at = None
            self._die()
        return not self._alive

    def _obey(self, heard: Heard, now: float) -> None:
        board = heard.board
        if board not in self._boards or any(
            n not in range(1, self._locks + 1) for n in heard.locks
        ):
            return
        if heard.act == "open" and len(heard.locks) == 1:
            one = (board, heard.locks[0])
            self._at(now + self.delay(PULSE_AFTER_S), lambda at: self._pulse(one, at))
        elif heard.act == "open":
            self.cabinet.violations.append(f"{board}: several locks opened with one frame")
            for turn, lock in enumerate(heard.locks or range(1, self._locks + 1)):
                self._at(now + turn, lambda at, lock=lock: self._pulse((board, lock), at))
        elif heard.act == "ask":
            lock = (board, heard.locks[0])
            self._answer(board, now, ANSWER_AFTER_S, lambda at: self._door(lock, at))
        elif heard.act == "ask_all":
            self._answer(board, now, ANSWER_AFTER_S, lambda at: self._doors(board, at))

    def _answer(
        self, board: int, now: float, after_s: float, say: Callable[[float], bytes]
    ) -> None:
        def act(at: float) -> None:
            if at < self._busy_until.get(board, at):
                self._at(self._busy_until[board], act)
                return
            if self._dead_at("answer"):
                return
            said = say(at)
            self.send(said, at)
            if self._twin:
                self.send(said, at)

        self._at(now + self.delay(after_s), act)

    def _door(self, lock: Lock, now: float) -> bytes:
        self.cabinet.asked(lock)
        return self._tongue.door(*lock, self.cabinet.contact(lock, now))

    def _doors(self, board: int, now: float) -> bytes:
        every = [(board, lock) for lock in range(1, self._locks + 1)]
        for lock in every:
            self.cabinet.asked(lock)
        return self._tongue.doors(board, [self.cabinet.contact(lock, now) for lock in every])

    def _pulse(self, lock: Lock, now: float) -> None:
        if self._dead_at("heard"):
            return
        if self._tongue.resting(*lock) and self.cabinet.pulsed_at(lock) > now - self._cooling_s:
            self._answer(lock[0], now, ANSWER_AFTER_S, lambda _: self._tongue.resting(*lock))
            return
        springs_at = self.cabinet.pulse(lock, now)
        if springs_at is not None:

            def spring(at: float) -> None:
                self.cabinet.spring(lock, at)
                self._dead_at("sprung")

            self._at(springs_at, spring, unpowered=True)
        if self._dead_at("pulse"):
            return
        if self._tongue.busy:
            self._busy_until[lock[0]] = now + self.delay(self._tongue.takes_s)
        self._answer(
            lock[0],
            now,
            self._tongue.takes_s,
            lambda at: self._tongue.opened(*lock, self.cabinet.contact(lock, at)),
        )

    # -- the desk ------------------------------------------------------------------------------

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """See `CONTROLS`."""
        fault = {key: value for key, value in fault.items() if key not in ("times", "skip")}
        if not fault:
            self._clear_faults()
            self.cabinet.chatters = False
            for door in self.cabinet.doors.values():
                door.jammed = False
        if unknown := set(fault) - _FAULTS:
            super().fault(dict.fromkeys(unknown), now)
        match fault:
            case {"dies_at": instant} if instant not in INSTANTS:
                raise ControlError(f"dies_at is one of {', '.join(INSTANTS)}")
            case {"dies_after": count} if not isinstance(count, int) or count < 0:
                raise ControlError("dies_after is a number of bytes")
        if "jammed" in fault:
            for lock, door in self.cabinet.doors.items():
                door.jammed = bool(fault["jammed"]) and lock == self.cabinet.find(fault["jammed"])
        self._dies_at = fault.get("dies_at", self._dies_at)
        self._dies_after = fault.get("dies_after", self._dies_after)
        self._unasked = bool(fault.get("unasked", self._unasked))
        self._twin = bool(fault.get("same_address", self._twin))
        self.cabinet.chatters = bool(fault.get("chatter", self.cabinet.chatters))
        if fault.get("deaf"):
            self._die()

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """See `CONTROLS`."""
        match request:
            case {"put_card": str(card), "into": named}:
                self.cabinet.put(self.cabinet.find(named), card)
            case {"take_card": named}:
                lock = self.cabinet.find_open(named)
                if not self.cabinet.doors[lock].is_open:
                    raise ControlError("that door is shut")
                return {"cards": self.cabinet.take(lock)}
            case {"close_door": named}:
                lock = self.cabinet.find_open(named)
                self.cabinet.close(lock, now)
                if self._unasked and self._alive:
                    self.send(self._tongue.changed(*lock, False), now + self.delay(ANSWER_AFTER_S))
            case {"open_door": named}:
                self.cabinet.spring(self.cabinet.find(named), now)
            case {"check": True} | {"status": True}:
                return {"make": self._make, **self.cabinet.report()}
            case _:
                raise ControlError("unknown request; --help lists them")
        return {}


def main(argv: Sequence[str] | None = None) -> int:
    """The command: see ``--help``."""

    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--make", choices=list(TONGUES), default="8a", help="the protocol")
        parser.add_argument("--boards", default="1", help="addresses, as in 1,2 (1)")
        parser.add_argument("--locks", type=int, help="doors a board (24; winnsen: 16)")
        parser.add_argument("--echo", action="store_true", help="the line repeats the host")
        parser.add_argument("--inverted", action="store_true", help="contacts of the other kind")
        parser.add_argument(
            "--swapped", action="store_true", help="winnsen: says the state before the lock"
        )
        parser.add_argument(
            "--cooling",
            type=float,
            default=WINNSEN_COOLING_S,
            help="winnsen: seconds in which a lock gets no second pulse (15)",
        )

    def build(arguments: argparse.Namespace) -> LockBoard:
        return LockBoard(
            arguments.make,
            boards=tuple(int(board) for board in arguments.boards.split(",")),
            locks=arguments.locks,
            echo=arguments.echo,
            inverted=arguments.inverted,
            swapped=arguments.swapped,
            cooling_s=arguments.cooling,
            factor=arguments.factor,
            seed=arguments.seed,
        )

    return serve(
        build,
        name="lockboard",
        description="A cabinet with lock boards on a pseudo-terminal.",
        controls=CONTROLS,
        options=options,
        argv=argv,
    )


if __name__ == "__main__":
    leave(main())

# SPDX-License-Identifier: Apache-2.0
"""A resident-ID-card reader (SAM_V module) at the far end of a serial wire.

``python -m firmware_io.emulators.idreader [--link PATH]`` runs one alone; `IdReaderDevice` on a
`firmware_io.emulators.stage.Stage` runs one inside a test. It keeps the module's manners: one
request at a time, find then select before every reading, silence while it starts up, an answer to
a speed change at the old speed. No published figure of its times was found; `TIMES_S` are chosen
within what clients of real modules wait for.
"""

import argparse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeVar

from firmware_io.codecs.samv_tables import (
    BAUDRATES,
    FINGER_BYTES,
    HEAD_BYTES,
    Command,
    Status,
)
from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.device import ControlError, Device
from firmware_io.emulators.idreader_card import CardFileError, Chip, card_of
from firmware_io.emulators.idreader_ear import Ear
from firmware_io.emulators.idreader_manners import (
    BOOT_S,
    CONTROLS,
    QUICK_S,
    SPEED_CHANGE_S,
    TIMES_S,
    Faults,
    Repeat,
    Tear,
    frame,
)

SAM_NUMBER: Final = bytes.fromhex("05000300F47A330187D61200146A0ACE")
"""A made-up module number: 05.03-20151028-0001234567-3456789012."""

_CARD_COMMANDS: Final = frozenset(
    {
        Command.FIND,
        Command.SELECT,
        Command.READ,
        Command.READ_WITH_FINGERS,
        Command.READ_ADDRESSES,
        Command.READ_BODY_NUMBERS,
    }
)


class _Step(StrEnum):
    IDLE = "idle"
    FOUND = "found"
    SELECTED = "selected"


@dataclass(slots=True)
class _Job:
    command: int  # CMD and PARA, or 0 for a request answered by `refusal`
    due: float
    refusal: Status | None = None
    card: Chip | None = None  # what lay on the antenna when the work began
    torn: bool = False
    seconds: float = 0.0  # of the work, unscaled


_E = TypeVar("_E", bound=StrEnum)


class IdReaderDevice(Device):
    """The module and the antenna. `today` (default: the system's date) dates relative cards."""

    name: ClassVar[str] = "idreader"
    controls: ClassVar[str] = CONTROLS

    def __init__(
        self,
        *,
        factor: float = 1.0,
        seed: int = 0,
        repeat: Repeat = Repeat.ONCE,
        today: date | None = None,
    ) -> None:
        super().__init__(factor=factor, seed=seed)
        self._rate = BAUDRATES[0]  # kept over power cycles
        self._today = today
        self._repeat = repeat
        self._tear = Tear.ANSWER
        self._finger_reading = True
        self._card: Chip | None = None
        self._faults = Faults()
        self._served = 0
        self.power_cycle(0.0)

    @property
    def line_rate(self) -> int:
        """The speed set by command 60; kept over power cycles as the real module keeps it."""
        return self._rate

    def power_cycle(self, now: float) -> None:
        """Starts up: deaf for a second or two, and no card is selected."""
        self._ear = Ear()
        self._jobs: deque[tuple[int, Status | None]] = deque()
        self._job: _Job | None = None
        self._next_rate: tuple[float, int] | None = None
        self._boot(now)

    def _boot(self, now: float) -> None:
        self._deaf_until = now + self.delay(self.random.uniform(*BOOT_S))
        self._step = _Step.IDLE
        self._was_selected = False
        self._missed = False
        self._spoiled = False

    # -- the wire ------------------------------------------------------------------------------

    def feed(self, data: bytes, now: float) -> None:
        """Takes bytes of requests."""
        if now < self._deaf_until:
            return
        for command, refusal in (*self._ear.silent(now), *self._ear.feed(data, now)):
            self._accept(command, refusal, now)

    def _accept(self, command: int, refusal: Status | None, now: float) -> None:
        self._jobs.append((command, refusal))
        if self._job is None:
            self._begin(now)

    def _begin(self, now: float) -> None:
        if not self._jobs:
            return
        command, refusal = self._jobs.popleft()
        times = QUICK_S if refusal is not None else self._times(command)
        seconds = self.random.uniform(*times)
        due = now + self.delay(seconds)
        self._job = _Job(command, due, refusal, self._card, seconds=seconds)

    def _times(self, command: int) -> tuple[float, float]:
        refused_at_once = self._card is None and command in (
            Command.READ,
            Command.READ_WITH_FINGERS,
        )
        return QUICK_S if refused_at_once else TIMES_S.get(command, QUICK_S)

    def poll(self, now: float) -> list[Any]:
        """Ends what has become due, and starts what waits behind it."""
        if self._next_rate is not None and self._next_rate[0] <= now:
            self._rate, self._next_rate = self._next_rate[1], None
        for command, refusal in self._ear.silent(now):
            self._accept(command, refusal, now)
        while self._job is not None and self._job.due <= now:
            job, self._job = self._job, None
            before = len(self._outbox)
            self._finish(job)
            self._account(job, sum(len(said.data) for said in self._outbox[before:]))
            self._begin(job.due)
        return super().poll(now)

    def wake_at(self) -> float | None:
        """The end of the work in hand, of a half request, or of a speed's life."""
        moments = []
        if self._job is not None:
            moments.append(self._job.due)
        if self._next_rate is not None:
            moments.append(self._next_rate[0])
        if self._ear.silent_at is not None:
            moments.append(self._ear.silent_at)
        return min(moments, default=None)

    # -- the module ----------------------------------------------------------------------------

    def _finish(self, job: _Job) -> None:
        self._served += 1
        if job.refusal is not None:
            self._reply(job.due, job.refusal)
            return
        fault = self._faults.answer_to(job.command)
        if fault is not None:
            status, sw = fault
            if status == Status.READ_FAILED:
                self._step = _Step.IDLE
            self._reply(job.due, status, sw=sw)
            return
        if self._faults.self_test and job.command != Command.RESET:
            self._reply(job.due, Status.SELF_TEST_FAILED)
            return
        if self._faults.unauthorised and job.command in _CARD_COMMANDS:
            self._reply(job.due, Status.NOT_AUTHORISED)
            return
        handler = self._handlers().get(job.command)
        if handler is None:
            self._reply(job.due, Status.BAD_COMMAND)
        else:
            handler(job)

    def _account(self, job: _Job, answered: int) -> None:
        command = job.command
        name = Command(command).name.lower() if command in set(Command) else "unknown"
        if command == Command.FIND and self._step is not _Step.FOUND:
            name = "find of nothing"
        self.spend(name, job.seconds, HEAD_BYTES + 3, answered)

    def _handlers(self) -> dict[int, Callable[[_Job], None]]:
        speeds = {Command.SPEED_115200 + i: self._set_speed for i in range(len(BAUDRATES))}
        return {
            **speeds,
            Command.RESET: self._reset,
            Command.STATUS: lambda job: self._reply(
                job.due, Status.NOT_AUTHORISED if self._faults.unauthorised else Status.SUCCESS
            ),
            Command.SAM_NUMBER: lambda job: self._reply(job.due, Status.SUCCESS, SAM_NUMBER),
            Command.MAX_RF_BYTES: lambda job: self._reply(job.due, Status.SUCCESS),
            Command.FIND: self._find,
            Command.SELECT: self._select,
            Command.READ: self._read,
            Command.READ_WITH_FINGERS: self._read,
            Command.READ_ADDRESSES: self._read_addresses,
            Command.READ_BODY_NUMBERS: self._read_body_numbers,
        }

    def _reset(self, job: _Job) -> None:
        self._faults.self_test = False
        self._reply(job.due, Status.SUCCESS)
        self._boot(job.due)

    def _set_speed(self, job: _Job) -> None:
        self._reply(job.due, Status.SUCCESS)
        carried = 11 * 10 / self._rate * self.factor
        rate = BAUDRATES[job.command - Command.SPEED_115200]
        self._next_rate = (job.due + carried + SPEED_CHANGE_S, rate)

    def _find(self, job: _Job) -> None:
        if self._card is None or not self._answers_find():
            self._reply(job.due, Status.NOT_FOUND)
            return
        self._step = _Step.FOUND
        self._reply(job.due, Status.CARD_FOUND, bytes(4))

    def _answers_find(self) -> bool:
        match self._repeat:
            case Repeat.ONCE:
                return not self._was_selected
            case Repeat.AGAIN:
                return True
            case Repeat.FLAKY:
                self._missed = not self._missed
                return not self._missed

    def _select(self, job: _Job) -> None:
        if self._card is None or self._step is not _Step.FOUND:
            self._reply(job.due, Status.NOT_SELECTED)
        elif not self._card.is_id_card:
            self._step = _Step.IDLE
            self._reply(job.due, Status.NOT_AN_ID_CARD)
        else:
            self._step = _Step.SELECTED
            self._was_selected = True
            self._spoiled = False
            self._reply(job.due, Status.SUCCESS, bytes(8))

    def _read(self, job: _Job) -> None:
        with_fingers = job.command == Command.READ_WITH_FINGERS
        if with_fingers and not self._finger_reading:
            self._reply(job.due, Status.BAD_COMMAND)
            return
        card = job.card
        if job.torn and card is not None and self._tear is Tear.SILENCE:
            whole = self._reading(card, with_fingers)
            self.send(whole[: len(whole) // 2], job.due)
        elif job.torn or card is None or self._step is not _Step.SELECTED or self._spoiled:
            self._step = _Step.IDLE
            self._reply(job.due, Status.READ_FAILED)
        else:
            self.send(self._reading(card, with_fingers), job.due)

    def _reading(self, card: Chip, with_fingers: bool) -> bytes:
        if card.raw_read_frame is not None and not with_fingers and not self._faults.lengths:
            return card.raw_read_frame
        fingers = b"".join(card.fingers) if with_fingers else b""
        head = self._faults.lengths.pop("text_length", len(card.text)).to_bytes(2, "big")
        head += self._faults.lengths.pop("photo_length", len(card.photo)).to_bytes(2, "big")
        if with_fingers:
            head += (len(card.fingers) * FINGER_BYTES).to_bytes(2, "big")
        data = head + card.text + card.photo + fingers
        return frame(Status.SUCCESS, data, length=self._faults.lengths.pop("frame_length", None))

    def _read_addresses(self, job: _Job) -> None:
        if self._card is None or self._step is not _Step.SELECTED:
            self._reply(job.due, Status.READ_FAILED)
        elif not self._card.addresses:
            self._reply(job.due, Status.NO_SUCH_ITEM)
        else:
            self._reply(job.due, Status.SUCCESS, b"".join(self._card.addresses))

    def _read_body_numbers(self, job: _Job) -> None:
        if self._card is None or self._step is not _Step.SELECTED:
            self._reply(job.due, Status.READ_FAILED)
            return
        # At least one maker warns that this request, asked before the reading, spoils the reading.
        self._spoiled = True
        self._reply(job.due, Status.SUCCESS, self._card.body_numbers)

    def _reply(self, due: float, status: int, data: bytes = b"", sw: bytes = b"\0\0") -> None:
        self.send(frame(status, data, sw), due)

    # -- the desk ------------------------------------------------------------------------------

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """See `CONTROLS`. The answer to a status never holds a field of the card."""
        if "place_card" in request:
            self._place(str(request["place_card"]), request.get("with"))
        elif request.get("remove_card"):
            self._remove()
        elif "repeat" in request:
            self._repeat = _choice(Repeat, request["repeat"])
        elif "tear" in request:
            self._tear = _choice(Tear, request["tear"])
        elif "finger_reading" in request:
            self._finger_reading = bool(request["finger_reading"])
        elif not request.get("status"):
            raise ControlError(f"unknown request: {', '.join(map(str, request)) or 'empty'}")
        return {
            "card": "in_field" if self._card is not None else "none",
            "state": str(self._step),
            "repeat": str(self._repeat),
            "rate": self._rate,
            "served": self._served,
        }

    def _place(self, what: str, changes: Any) -> None:
        if self._card is not None:
            raise ControlError("a card lies on the reader; remove it first")
        if changes is not None and not isinstance(changes, dict):
            raise ControlError('"with" holds fields: {"address": "..."}')
        today = self._today or date.today()  # noqa: DTZ011 - the day on the wall is meant
        try:
            self._card = card_of(what, today, changes)
        except CardFileError as error:
            raise ControlError(str(error)) from error
        self._was_selected = self._missed = False
        self._step = _Step.IDLE

    def _remove(self) -> None:
        self._card = None
        self._step = _Step.IDLE
        self._was_selected = self._missed = False
        if self._job is not None:
            self._job.torn = True

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """See `CONTROLS`; {} clears."""
        rest = self._faults.take(fault)
        if fault:
            super().fault(rest, now)


def _choice(kind: type[_E], value: Any) -> _E:
    try:
        return kind(value)
    except ValueError:
        raise ControlError(f"one of {', '.join(kind)}") from None


def main(argv: list[str] | None = None) -> int:
    """The command."""

    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--repeat", choices=list(Repeat), default=Repeat.ONCE)
        parser.add_argument(
            "--today", type=date.fromisoformat, help="date that relative validity counts from"
        )

    return serve(
        lambda args: IdReaderDevice(
            factor=args.factor, seed=args.seed, repeat=Repeat(args.repeat), today=args.today
        ),
        name="idreader",
        description="A resident-ID-card reader (SAM_V module) on a pseudo-terminal.",
        controls=CONTROLS,
        options=options,
    )


if __name__ == "__main__":
    leave(main())

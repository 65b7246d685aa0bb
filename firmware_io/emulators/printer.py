# SPDX-License-Identifier: Apache-2.0
"""An ESC/POS receipt printer on a pseudo-terminal: buffer, motor, cutter, sensors and paper.

``python -m firmware_io.emulators.printer --link /tmp/printer`` and point any ESC/POS program at
it. What it prints is drawn from the bytes by its own interpreter; ``{"render": "slip.png"}`` shows
the paper.

Manners of the real machine (Epson TM-T88III specification and ESC/POS guide): real-time commands
are obeyed on reception wherever they stand, also inside an image and while offline; everything
else waits in a 4 KB buffer and is worked off at the speed of the paper; with the buffer full the
line is held (`busy`), or XOFF is sent, or bytes are lost, as set; paper ending stops the head in
the middle of an image, and printing goes on by itself when paper is back.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, ClassVar

from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.device import Device, Send
from firmware_io.emulators.printer_desk import CONTROLS, Desk
from firmware_io.emulators.printer_mechanism import Mechanism
from firmware_io.emulators.printer_model import (
    ANSWER_S,
    BOOT_S,
    BUFFER,
    CUT_S,
    FULL_LEFT,
    MODELS,
    RELEASE_LEFT,
    SPEED_MM_S,
)
from firmware_io.emulators.printer_network import listen

__all__ = ["BUFFER", "CUT_S", "SPEED_MM_S", "Printer", "main"]

_REALTIME_END = re.compile(
    rb"(\x10(\x04[\x01-\x04\x11\x14]|\x05[\x01\x02]|\x14(\x01[\x00\x01][\x01-\x08]|\x02\x01\x08"
    rb"|\x08\x01\x03\x14\x01\x06\x02\x08)))\Z",
    re.DOTALL,
)


class Printer(Device):
    """The machine's line: real-time commands, receive buffer, flow control; see `Mechanism`."""

    name: ClassVar[str] = "printer"
    controls: ClassVar[str] = CONTROLS

    def __init__(self, *, profile: str = "80", factor: float = 1.0, seed: int = 0) -> None:
        super().__init__(factor=factor, seed=seed)
        if profile not in MODELS:
            raise ValueError(f"profiles are {', '.join(MODELS)}")
        self.profile = profile
        self.machine = Mechanism(MODELS[profile], self.delay, self._answer)
        self.desk = Desk(self)
        self.flow = "busy"
        self.offline_busy = False
        self.bytes_lost = self.realtime_in_image = self.pulses = 0
        self._tail = bytearray()
        self._last = b"\x12"  # what a printer whose answers come one question late says next
        self._boot_at = 0.0
        self._held = self._was_offline = False

    def power_cycle(self, now: float) -> None:
        """Everything in RAM is lost; bytes that come while it starts up are ignored."""
        self._tail.clear()
        self._held = False
        self._boot_at = now + self.delay(BOOT_S)
        self.machine.power_up(self._boot_at)
        if self.flow == "xonxoff":
            self.send(b"\x11", self._boot_at)

    def room(self) -> int:
        """What fits before the line is held; endless where the line is never held."""
        if self.flow == "none":
            return BUFFER
        if self.flow == "busy" and self.offline_busy and self.machine.stopped:
            return 0
        # After XOFF, what the pty still holds stands for bytes the host has not sent yet.
        spare = FULL_LEFT if self.flow == "busy" else 0
        return max(0, BUFFER - spare - len(self.machine.queue))

    def feed(self, data: bytes, now: float) -> None:
        """Real-time commands are obeyed at once, all bytes go to the receive buffer."""
        if now < self._boot_at or self.machine.off:
            return
        if self.machine.faults.get("echo"):
            self.send(data, now)
            return
        self.machine.advance(now)
        for byte in data:
            self._receive(byte, now)
        self.machine.catch_up(now)
        self._flow(now)

    def _flow(self, now: float) -> None:
        """XOFF when the buffer is full, or as soon as it is offline where that is set."""
        waits = len(self.machine.queue)
        offline = self.offline_busy and self.machine.stopped
        if self.flow != "xonxoff":
            self._held = False
        elif not self._held and (waits > BUFFER - FULL_LEFT or offline):
            self._held = True
            self.send(b"\x13", now)
        elif self._held and BUFFER - waits >= RELEASE_LEFT and not offline:
            self._held = False
            self.send(b"\x11", now)

    def _receive(self, byte: int, now: float) -> None:
        self._tail.append(byte)
        del self._tail[:-10]
        obeyed = 0x10 in self._tail and _REALTIME_END.search(self._tail) is not None
        if obeyed:
            self.machine.catch_up(now)
            self.realtime_in_image += self.machine.interpreter.in_image
        if len(self.machine.queue) < BUFFER:
            self.machine.queue.append(byte)
        else:
            self.bytes_lost += 1
        if obeyed:
            self._obey(now)

    def _obey(self, now: float) -> None:
        """Real-time commands, seen the moment their last byte is in."""
        tail = bytes(self._tail)
        if tail[-3:-1] == b"\x10\x04":
            self._status(tail[-1], now)
        elif tail[-3:-1] == b"\x10\x05" and tail[-1] in (1, 2):
            self.machine.recover(clear=tail[-1] == 2)
        elif tail[-10:] == b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08":
            self.machine.drop_all()
            self.machine.recover(clear=True)
            self._answer(b"\x37\x25\x00", now)
        elif tail[-5:] == b"\x10\x14\x02\x01\x08":
            self._answer(b"\x3b\x30\x00", now)
            self.machine.off = True
        else:
            self.pulses += 1
        self._tail.clear()

    def _status(self, n: int, now: float) -> None:
        """Real-time status, in the manner of a printer of another make where that is set."""
        state, faults = self.machine.state(), self.machine.faults
        if n > 4:
            if self.machine.model.presenter:
                full = state.full()
                self._answer(full if n == 0x14 else full[2:3], now)
            return
        said = bytes((state.realtime()[n - 1],))
        if faults.get("zeros"):
            said = b"\0"
        elif faults.get("garbage"):
            said = bytes(self.random.choice((0x00, 0x0F, 0x80, 0xA5, 0xC3, 0xFF)) for _ in range(3))
        elif faults.get("late_answers"):
            said, self._last = self._last, said
        self._answer(said, now)

    def _answer(self, data: bytes, now: float) -> None:
        self.send(data, now + self.delay(self.random.uniform(*ANSWER_S)))

    def poll(self, now: float) -> list[Send]:
        """Moves paper up to `now` and says what changed."""
        self.machine.advance(now)
        group = self.machine.state().automatic()
        if self.machine.mask and group != self.machine.told and not self._swallows:
            self._answer(group, now)
        self.machine.told = group
        self._tell_offline(now)
        self._flow(now)
        return super().poll(now)

    def _tell_offline(self, now: float) -> None:
        """`GS ( H` fn 49: one block when it goes offline, with a cause of this model's own."""
        offline, was = self.machine.stopped, self._was_offline
        self._was_offline = offline
        if offline and not was and self.machine.tells_offline and not self._swallows:
            state = self.machine.state()
            cause = bytes((0x40 | 0x01 * state.cover_open | 0x02 * state.out,))
            with_cause = cause if self.machine.tells_offline == 2 else b""
            self._answer(b"\x37\x23" + with_cause + b"\0", now)

    @property
    def _swallows(self) -> bool:
        return self.machine.faults.get("no_automatic", False)

    def wake_at(self) -> float | None:
        """While the motor runs: the end of the next batch of rows."""
        return self.machine.wake_at

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """Sets or takes back the machine's own faults, see `CONTROLS`."""
        unknown = self.desk.fault(fault, now)
        if unknown:
            super().fault(unknown, now)

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """One request of the desk, see `CONTROLS`."""
        return self.desk.control(request, now)


def main(argv: Sequence[str] | None = None) -> int:
    """The command: see ``--help``."""
    built: list[Printer] = []
    strict: list[bool] = []

    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--profile", choices=list(MODELS), default="80", help="the model")
        parser.add_argument(
            "--listen", type=int, metavar="PORT", help="also a network printer there; needs --link"
        )
        parser.add_argument(
            "--strict", action="store_true", help="ends with 1 when it was sent what is no command"
        )

    def build(arguments: argparse.Namespace) -> Printer:
        if arguments.listen is not None:
            if arguments.link is None:
                raise ValueError("--listen needs --link")
            listen(arguments.listen, arguments.link)
        made = Printer(profile=arguments.profile, factor=arguments.factor, seed=arguments.seed)
        built.append(made)
        strict.append(arguments.strict)
        return made

    status = serve(
        build,
        name="printer",
        description="An ESC/POS receipt printer on a pseudo-terminal, and on TCP if asked.",
        controls=CONTROLS,
        options=options,
        argv=argv,
    )
    wrong = [one for printer in built for one in printer.machine.interpreter.violations]
    if any(strict) and wrong:
        print(f"no commands: {'; '.join(wrong[:5])}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    leave(main())

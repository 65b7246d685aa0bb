# SPDX-License-Identifier: Apache-2.0
"""A K7x0 card dispenser: frames in, acknowledgements and a status out, one card in its channel.

Only an acknowledged command that is executed (05) moves anything. A frame with a pause of more than
15 ms in it, a wrong check byte or length gets NAK; one for another address, silence.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from firmware_io.codecs.dispenser_tables import ACK, ENQ, EOT, ETX, GAP_S, NAK, RATE, STX
from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.device import ControlError, Device, Send
from firmware_io.emulators.dispenser_machine import BOX_HOLDS, Machine

ANSWER_S = 0.01
MOVEMENTS = ("FC7", "FC4", "FC0", "CP", "RS", "DC", "FC6", "FC8", "DB")
INSTANTS = ("acknowledge", "execute", "moving", "moved")

CONTROLS = """\
  {"stock": ["A17", "B4"]}           cards are laid into the hopper
  {"take_card": true}                the card in the mouth is pulled
  {"empty_box": true}                staff take out what was captured
  {"clear": true}                    staff take a jammed card out; it is theirs
  {"check": true}                    cards and where they are, movements, violations
  {"fault": {"jam": true}}           the next movement ends in a jam
  {"fault": {"slip": true}}          the next movement moves nothing and tells nothing
  {"fault": {"box_full": true}}      the box of captured cards is full of old ones
  {"fault": {"dies_at": "moving"}}   the supply is lost: acknowledge (before it leaves) execute
                                     (before it moves) moving moved; {"power": "cycle"}
"""
_FAULTS = {"jam", "slip", "box_full", "dies_at"}


class Dispenser(Device):
    """One machine at `address`, 0 to 15."""

    name = "dispenser"
    controls = CONTROLS

    def __init__(self, *, address: int = 0, factor: float = 1.0, seed: int = 0) -> None:
        super().__init__(factor=factor, seed=seed)
        if not 0 <= address <= 15:
            raise ValueError("addresses are 0 to 15")
        self.machine = Machine(self.random)
        self._mark = b"%02d" % address
        self._held = bytearray()
        self._heard_at = float("-inf")
        self._waiting: str | None = None  # acknowledged, not executed
        self._alive = False
        self._dies_at: str | None = None

    @property
    def line_rate(self) -> int | None:
        """As it leaves the factory."""
        return RATE

    def power_cycle(self, now: float) -> None:
        """Cards stay where they are; the motor stops, flags and the waiting command are gone."""
        self._die()
        self._alive = True
        self.machine.cannot_execute = False
        self.machine.dispense_error = self.machine.collect_error = False

    def feed(self, data: bytes, now: float) -> None:
        """Acts on each whole frame, and on each single byte between frames."""
        if not self._alive:
            return
        if self._held and now - self._heard_at > GAP_S:
            self._held.clear()
            self._reply(NAK, now)
        self._heard_at = now
        self._held += data
        while self._alive and self._one(now):
            pass

    def poll(self, now: float) -> list[Send]:
        """Ends the movement whose time has come."""
        if self.machine.advance(now):
            self._dead_at("moved")
        return super().poll(now)

    def wake_at(self) -> float | None:
        """When the motor will be through."""
        return self.machine.movement.ends_at if self.machine.movement else None

    def _die(self) -> None:
        self._alive = False
        self._held.clear()
        self._waiting = None
        self.machine.stop()

    def _dead_at(self, instant: str) -> bool:
        if self._alive and self._dies_at == instant:
            self._dies_at = None
            self._die()
        return not self._alive

    def _one(self, now: float) -> bool:
        """Takes one thing off the front of what was heard; False when it is not whole."""
        held = self._held
        if not held:
            return False
        if held[0] == EOT:
            del held[0]
            self._waiting = None
            return True
        if held[0] == ENQ:
            if len(held) < 3:
                return False
            mine = held[1:3] == self._mark
            del held[:3]
            if mine:
                self._execute(now)
            return True
        if held[0] != STX:
            del held[0]
            return True
        if len(held) < 5 or len(held) < 7 + (held[3] << 8 | held[4]):
            return False
        size = 7 + (held[3] << 8 | held[4])
        frame = bytes(held[:size])
        del held[:size]
        self._obey(frame, now)
        return True

    def _obey(self, frame: bytes, now: float) -> None:
        check = 0
        for byte in frame:
            check ^= byte
        if frame[1:3] != self._mark:
            return
        if check or frame[-2] != ETX or len(frame) < 8:
            self._reply(NAK, now)
            return
        if self._dead_at("acknowledge"):
            return
        self._waiting = frame[5:-2].decode("latin-1")
        self._reply(ACK, now)

    def _reply(self, byte: int, now: float) -> None:
        self.send(bytes((byte,)) + self._mark, now + self.delay(ANSWER_S))

    def _execute(self, now: float) -> None:
        act, self._waiting = self._waiting, None
        if act is None or self._dead_at("execute"):
            return
        if act in ("AP", "RF"):
            self.machine.asked = True
            digits = self.machine.digits()
            self._frame(b"SF" + digits[: 4 if act == "AP" else 3].encode(), now)
        elif act in MOVEMENTS:
            self.machine.move(act, now, self.factor)
            self._dead_at("moving")
        else:
            self._frame(b"N" + act[:2].encode("latin-1").ljust(2, b"\0") + b"\0", now)

    def _frame(self, payload: bytes, now: float) -> None:
        body = (
            bytes((STX,)) + self._mark + len(payload).to_bytes(2, "big") + payload + bytes((ETX,))
        )
        check = 0
        for byte in body:
            check ^= byte
        self.send(body + bytes((check,)), now + self.delay(ANSWER_S))

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """See `CONTROLS`."""
        fault = {key: value for key, value in fault.items() if key not in ("times", "skip")}
        if unknown := set(fault) - _FAULTS:
            super().fault(dict.fromkeys(unknown), now)
        if not fault:
            self._dies_at = None
            self.machine.jams_next = self.machine.slips_next = False
        if fault.get("dies_at", "moved") not in INSTANTS:
            raise ControlError(f"dies_at is one of {', '.join(INSTANTS)}")
        self._dies_at = fault.get("dies_at", self._dies_at)
        self.machine.jams_next = bool(fault.get("jam", self.machine.jams_next))
        self.machine.slips_next = bool(fault.get("slip", self.machine.slips_next))
        if fault.get("box_full"):
            old = [f"old-{n}" for n in range(len(self.machine.box), BOX_HOLDS)]
            self.machine.box += old
            self.machine.stocked += old

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """See `CONTROLS`."""
        machine = self.machine
        match request:
            case {"stock": [*cards]} if all(isinstance(card, str) for card in cards):
                machine.hopper += cards
                machine.stocked += cards
            case {"take_card": True}:
                card = machine.pull()
                if card is None:
                    raise ControlError("no card is in the mouth")
                return {"cards": [card]}
            case {"empty_box": True}:
                machine.taken += machine.box
                machine.box.clear()
            case {"clear": True}:
                machine.jam = False
                if machine.card is not None:
                    machine.taken.append(machine.card)
                machine.card = None
            case {"check": True} | {"status": True}:
                return {
                    "hopper": list(machine.hopper),
                    "card": machine.card,
                    "at": machine.spot.name.lower(),
                    "box": list(machine.box),
                    "taken": list(machine.taken),
                    "unaccounted": machine.unaccounted(),
                    "moves": [[round(at, 4), name] for at, name in machine.moves],
                    "violations": list(machine.violations),
                }
            case _:
                raise ControlError("unknown request; --help lists them")
        return {}


def main(argv: Sequence[str] | None = None) -> int:
    """The command: see ``--help``."""

    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--address", type=int, default=0, help="0 to 15 (0)")

    def build(arguments: argparse.Namespace) -> Dispenser:
        return Dispenser(address=arguments.address, factor=arguments.factor, seed=arguments.seed)

    return serve(
        build,
        name="dispenser",
        description="A K7x0 card dispenser on a pseudo-terminal.",
        controls=CONTROLS,
        options=options,
        argv=argv,
    )


if __name__ == "__main__":
    leave(main())

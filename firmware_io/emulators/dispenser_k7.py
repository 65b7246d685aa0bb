# SPDX-License-Identifier: Apache-2.0
"""The wire of a K7x0 card dispenser: frames in, acknowledgements and a status out.

Only an acknowledged command that is executed (05) moves anything. A frame with a pause of more than
15 ms in it, a wrong check byte or length gets NAK; one for another address, silence.
"""

from firmware_io.codecs.dispenser_tables import ACK, ENQ, EOT, ETX, GAP_S, NAK, RATE, STX
from firmware_io.emulators.device import Send
from firmware_io.emulators.dispenser_desk import ANSWER_S, DispenserDevice
from firmware_io.emulators.dispenser_machine import LOW_BELOW, Motion, Spot

MOTIONS = {
    "FC7": Motion(Spot.READER, feeds=True, empty_only=True),
    "FC4": Motion(Spot.MOUTH),
    "FC0": Motion(Spot.MOUTH),
    "CP": Motion(Spot.BOX),
}
_OTHERS = ("RS", "DC", "FC6", "FC8", "DB")  # understood, and not to be had here


class K7(DispenserDevice):
    """One machine at `address`, 0 to 15."""

    def __init__(self, *, address: int = 0, factor: float = 1.0, seed: int = 0) -> None:
        super().__init__(factor=factor, seed=seed)
        if not 0 <= address <= 15:
            raise ValueError("addresses are 0 to 15")
        self._mark = b"%02d" % address
        self._held = bytearray()
        self._heard_at = float("-inf")
        self._waiting: str | None = None  # acknowledged, not executed
        self._dispense_error = self._collect_error = self._cannot_execute = False

    @property
    def line_rate(self) -> int | None:
        """As it leaves the factory."""
        return RATE

    def forget(self) -> None:
        """The waiting command and the flags."""
        self._held.clear()
        self._waiting = None
        self._dispense_error = self._collect_error = self._cannot_execute = False

    def hear(self, data: bytes, now: float) -> None:
        """Acts on each whole frame, and on each single byte between frames."""
        if self._held and now - self._heard_at > GAP_S:
            self._held.clear()
            self._reply(NAK, now)
        self._heard_at = now
        self._held += data
        while self.alive and self._one(now):
            pass

    def poll(self, now: float) -> list[Send]:
        """Ends the movement whose time has come."""
        done = self.machine.advance(now)
        if done is not None:
            if self.machine.jam:
                self._dispense_error, self._collect_error = not done.collects, done.collects
            self.dead_at("moved")
        return super().poll(now)

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
        if self.dead_at("acknowledge"):
            return
        self._waiting = frame[5:-2].decode("latin-1")
        self._reply(ACK, now)

    def _reply(self, byte: int, now: float) -> None:
        self.send(bytes((byte,)) + self._mark, now + self.delay(ANSWER_S))

    def _execute(self, now: float) -> None:
        act, self._waiting = self._waiting, None
        if act is None or self.dead_at("execute"):
            return
        if act in ("AP", "RF"):
            self.machine.asked = True
            self._frame(b"SF" + self._digits()[: 4 if act == "AP" else 3].encode(), now)
        elif act in MOTIONS or act in _OTHERS:
            self._dispense_error = self._collect_error = False
            if act == "RS":
                self.machine.violations.append("RS: a reset may move a card")
            self._cannot_execute = not self.machine.move(act, MOTIONS.get(act), now, self.factor)
            self.dead_at("moving")
        else:
            self._frame(b"N" + act[:2].encode("latin-1").ljust(2, b"\0") + b"\0", now)

    def _digits(self) -> str:
        """The four hex digits of the status."""
        machine, moving = self.machine, self.machine.movement
        d1 = 8 * machine.box_full | 4 * self._cannot_execute
        d2 = 8 * (moving is not None and not moving.collects)
        d2 |= 4 * (moving is not None and moving.collects)
        d2 |= 2 * self._dispense_error | self._collect_error
        d3 = 2 * machine.jam | (0 < len(machine.hopper) < LOW_BELOW)
        seen = {Spot.READER: 4, Spot.MIDDLE: 2, Spot.MOUTH: 1}.get(machine.spot, 0)
        d4 = 8 * (not machine.hopper) | (seen if machine.card is not None else 0)
        return f"{d1:X}{d2:X}{d3:X}{d4:X}"

    def _frame(self, payload: bytes, now: float) -> None:
        body = (
            bytes((STX,)) + self._mark + len(payload).to_bytes(2, "big") + payload + bytes((ETX,))
        )
        check = 0
        for byte in body:
            check ^= byte
        self.send(body + bytes((check,)), now + self.delay(ANSWER_S))

# SPDX-License-Identifier: Apache-2.0
"""The wire of a CRT-571 or CRT-591 card machine: commands in; acknowledged, done, answered.

A damaged frame gets 15, one for another address silence. An answer that the host does not
acknowledge is given again, 15 from the host has it given again at once, 04 stops the motor and is
answered with 04. Until it was reset the machine does nothing and says B0. While it moves it hears
nothing but 04 (not published: the harshest reading).

The two builds differ as seen on a real CRT-591-(R02)HB-HDN: 33 says that it moved the card and
does not, 39 goes into the error bin, a negative answer begins with N, its letter codes come turned
round, and a full bin is "2" in the status and told by two of 17 sensor characters.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from firmware_io.codecs.dispenser_crt_tables import (
    ACK,
    ACK_S,
    CLEAR,
    HEAD,
    NAK,
    RATE,
    TAIL,
    Act,
    Code,
)
from firmware_io.emulators.device import ControlError, Send
from firmware_io.emulators.dispenser_desk import ANSWER_S, DispenserDevice
from firmware_io.emulators.dispenser_machine import LOW_BELOW, Motion, Spot

RESET_S = 1.5
REPEATS = 3
GAP_S = 0.3
"""A frame with a longer pause in it is forgotten (assumed)."""
_STATUS = (Act.STATUS, Act.SENSORS)
_RESETS: Final[tuple[str, ...]] = (
    Act.RESET_TO_MOUTH,
    Act.RESET_INTO_BIN,
    Act.RESET_LEAVING_THE_CARD,
)
_VERSION = "\xa40"
_HARMLESS: Final[tuple[str, ...]] = (
    Act.ALLOW_ENTRY,
    Act.FORBID_ENTRY,
    _VERSION,
)  # no hand feeds it
_REFUSALS: Final[tuple[str, ...]] = (
    Code.UNDEFINED,
    Code.PARAMETER,
    Code.SEQUENCE,
    Code.UNSUPPORTED,
    Code.DATA,
    Code.COUNTER_FULL,
    Code.EMPTY,
    Code.BIN_FULL,
    Code.NOT_RESET,
)
_IN = Motion(Spot.READER, feeds=True)
_OUT = Motion(Spot.MOUTH, feeds=True)


@dataclass(frozen=True, slots=True)
class Build:
    """What differs between two builds. `latches`: an error stays until the next reset."""

    motions: dict[str, Motion]
    negative: bytes
    turned: bool
    full: bytes
    sensors: int
    latches: bool


BUILDS: Final = {
    "crt571": Build(
        {"20": _OUT, "21": _IN, "22": _IN, "23": Motion(Spot.BOX), "29": Motion(Spot.MOUTH)},
        b"E",
        turned=False,
        full=b"1",
        sensors=8,
        latches=True,
    ),
    "crt591": Build(
        {"20": _OUT, "21": _IN, "22": _IN, "23": Motion(None), "29": Motion(Spot.BOX)},
        b"N",
        turned=True,
        full=b"2",
        sensors=17,
        latches=False,
    ),
}


class Crt(DispenserDevice):
    """One machine of a build of `BUILDS` at `address`, 0 to 15."""

    more_faults: ClassVar[frozenset[str]] = frozenset({"code"})

    def __init__(
        self, make: str = "crt571", *, address: int = 0, factor: float = 1.0, seed: int = 0
    ) -> None:
        super().__init__(factor=factor, seed=seed)
        if not 0 <= address <= 15:
            raise ValueError("addresses are 0 to 15")
        self._build = BUILDS[make]
        self._firmware = b"CRT-" + make[3:].encode("ascii")
        self._address = address
        self._held = bytearray()
        self._heard_at = float("-inf")
        self._reset = False
        self._doing: str | None = None  # acknowledged, not answered yet
        self._reset_until = 0.0
        self._answer = b""  # given and not acknowledged
        self._answers_left = 0
        self._again_at = 0.0
        self._latched = ""
        self._code_next = ""

    @property
    def line_rate(self) -> int | None:
        """What it adapts itself to is not emulated: one speed."""
        return RATE

    def forget(self) -> None:
        """Everything: it wants to be reset."""
        self._held.clear()
        self._reset = False
        self._doing = None
        self._answer = b""

    def hear(self, data: bytes, now: float) -> None:
        """Acts on each whole frame, and on each single byte between frames."""
        if now - self._heard_at > GAP_S:
            self._held.clear()
        self._heard_at = now
        for byte in data:
            if not self.alive:
                return
            self._byte(byte, now)

    def _byte(self, byte: int, now: float) -> None:
        held = self._held
        if not held and byte == CLEAR:
            self._stop(now)
        elif self._doing is not None:
            return
        elif held or byte == HEAD:
            held.append(byte)
            size = 6 + (held[2] << 8 | held[3]) if len(held) >= 4 else 9
            if len(held) >= size:
                frame = bytes(held)
                held.clear()
                self._obey(frame, now)
        elif byte == ACK:
            self._answer = b""
        elif byte == NAK and self._answer:
            self.send(self._answer, now + self.delay(ANSWER_S))

    def _stop(self, now: float) -> None:
        if self.machine.movement is not None:
            self.machine.violations.append("04: a movement was stopped half way")
            self.machine.stop()
        self._doing, self._answer = None, b""
        self.send(bytes((CLEAR,)), now + self.delay(ANSWER_S))

    def _obey(self, frame: bytes, now: float) -> None:
        if frame[1] != self._address:
            return
        check = 0
        for byte in frame:
            check ^= byte
        if check or frame[-2] != TAIL or frame[4:5] != b"C" or len(frame) < 9:
            self.send(bytes((NAK,)), now + self.delay(ANSWER_S))
            return
        self._answer = b""
        if self.dead_at("acknowledge"):
            return
        self.send(bytes((ACK,)), now + self.delay(ANSWER_S))
        act = frame[5:7].decode("latin-1")
        if act in _RESETS:
            self._begin_reset(act, now)
        elif not self._reset:
            self._no(act, Code.NOT_RESET, now)
        elif act in _STATUS:
            self.machine.asked = True
            self._yes(act, now) if not self._latched else self._no(act, self._latched, now)
        elif act in self._build.motions:
            self._begin(act, now)
        elif act in _HARMLESS:
            self._yes(act, now, self._firmware if act == _VERSION else b"")
        else:
            self._no(act, Code.UNDEFINED, now)

    def _begin_reset(self, act: str, now: float) -> None:
        complain = self.machine.violations.append
        if act != Act.RESET_LEAVING_THE_CARD:
            complain(f"{act}: a reset that moves a card")
        if self._reset and not self._latched:
            complain(f"{act}: a reset that nothing called for")
        self._doing, self._reset_until = act, now + self.delay(RESET_S)

    def _begin(self, act: str, now: float) -> None:
        if self.dead_at("execute"):
            return
        if self._code_next in _REFUSALS:
            code, self._code_next = self._code_next, ""
            self._no(act, code, now)
            return
        machine, motion = self.machine, self._build.motions[act]
        hopper, full = bool(machine.hopper), machine.box_full
        if machine.move(act, motion, now, self.factor):
            self._doing = act
            if machine.movement is None:  # it slips
                self._done(now)
            else:
                self.dead_at("moving")
        elif machine.jam:
            self._no(act, Code.JAM, now)
        elif motion.to is Spot.BOX and full:
            self._no(act, Code.BIN_FULL, now)
        else:
            self._no(act, Code.EMPTY if motion.feeds and not hopper else Code.SEQUENCE, now)

    def poll(self, now: float) -> list[Send]:
        """Ends what time ends: a movement, a reset, the wait for an acknowledgement."""
        if self.machine.advance(now) is not None and not self.dead_at("moved"):
            self._done(now)
        act = self._doing
        if act is not None and act in _RESETS and now >= self._reset_until:
            self._end_reset(act, now)
        if self._answer and now >= self._again_at:
            self.send(self._answer, now)
            self._answers_left -= 1
            self._again_at = now + ACK_S
            if not self._answers_left:
                self._answer = b""
        return super().poll(now)

    def wake_at(self) -> float | None:
        """When one of these will come."""
        due = [] if self.machine.movement is None else [self.machine.movement.ends_at]
        if self._doing in _RESETS:
            due.append(self._reset_until)
        if self._answer:
            due.append(self._again_at)
        return min(due, default=None)

    def _end_reset(self, act: str, now: float) -> None:
        self._doing, self._reset = None, True
        self._latched = Code.JAM if self.machine.jam else ""
        if self._latched:
            self._no(act, self._latched, now)
        else:
            self._yes(act, now, self._firmware)

    def _done(self, now: float) -> None:
        act, self._doing = self._doing, None
        if act is None:
            return
        code, self._code_next = self._code_next, ""
        if code and self.machine.card is not None:
            self.machine.spot = Spot.BETWEEN
        if self.machine.jam:
            code = Code.JAM
        if code:
            self._latched = code if self._build.latches else ""
            self._no(act, code, now)
        else:
            self._yes(act, now)

    def _yes(self, act: str, now: float, data: bytes = b"") -> None:
        machine, build = self.machine, self._build
        place = {Spot.MOUTH: b"1", Spot.READER: b"2"}.get(machine.spot, b"0")
        if machine.card is None:
            place = b"0"
        few = 0 < len(machine.hopper) < LOW_BELOW
        stacker = b"1" if few else b"2" if machine.hopper else b"0"
        full = build.full if machine.box_full else b"0"
        if act == Act.SENSORS:
            seen = bytearray(b"0" * build.sensors)
            if machine.card is not None and machine.spot is not Spot.BETWEEN:
                seen[{Spot.MOUTH: 0, Spot.READER: 1}.get(machine.spot, 4)] = ord("1")
            if machine.box_full and build.sensors == 17:
                seen[2], seen[16] = ord("2"), ord("1")
            data = bytes(seen)
        self._say(b"P" + act.encode("latin-1") + place + stacker + full + data, now)

    def _no(self, act: str, code: str, now: float) -> None:
        turned = self._build.turned and code[0].isalpha()
        text = code[::-1] if turned else code
        self._say(self._build.negative + (act + text).encode("latin-1"), now)

    def _say(self, text: bytes, now: float) -> None:
        frame = bytes((HEAD, self._address)) + len(text).to_bytes(2, "big") + text + bytes((TAIL,))
        check = 0
        for byte in frame:
            check ^= byte
        self._answer = frame + bytes((check,))
        self._answers_left = REPEATS
        due = now + self.delay(ANSWER_S)
        self.send(self._answer, due)
        self._again_at = due + ACK_S

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """See `CONTROLS`."""
        code = str(fault.get("code", self._code_next if fault else ""))
        if code and code not in list(Code):
            raise ControlError(f"the codes are {', '.join(Code)}")
        super().fault(fault, now)
        self._code_next = code

# SPDX-License-Identifier: Apache-2.0
"""The emulated module: reads packets, keeps its manners and times, answers.

A command is accepted when its last byte is through, takes its time, acts at the end of it and then
answers. What arrives in between is lost, as in the real, half-duplex module. Instructions are in
`instructions`; here are the supply, the wire, the desk and the faults.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from firmware_io.codecs.ef01_tables import (
    BAUD_UNIT,
    GREETING,
    MAX_PAYLOAD,
    PACKET_SIZES,
    Code,
    Op,
    Pid,
)
from firmware_io.emulators.ef01 import picture
from firmware_io.emulators.ef01.answer import Act, Answer, Later
from firmware_io.emulators.ef01.controls import CONTROLS
from firmware_io.emulators.ef01.faults import Faults
from firmware_io.emulators.ef01.fingers import Press
from firmware_io.emulators.ef01.instructions import REFUSAL_S, Instructions
from firmware_io.emulators.ef01.memory import Flash, Ram
from firmware_io.emulators.ef01.profiles import PROFILES, Profile
from firmware_io.emulators.ef01.window import Window
from firmware_io.emulators.ef01.wire import Ear, Heard, frame
from firmware_io.emulators.stage import BITS_PER_BYTE, ControlError, Device, Send

PACKET_BYTES = 11  # of a packet around its payload: start, address, kind, length, sum
LONGEST_TRANSFER = 40_960  # an image of 256 x 288 is 36 864 bytes


_NAMES = {int(op): op.name.lower() for op in Op}


@dataclass(slots=True)
class _Job:
    due: float
    op: int
    act: Act
    seconds: float  # unscaled
    heard_bytes: int
    begun: bool = False  # has gone on by itself: an automatic instruction, which Cancel ends


class Module(Device):
    """One fingerprint module of a given profile. `flash` outlives `power_cycle`."""

    name: ClassVar[str] = "fingerprint"
    controls: ClassVar[str] = CONTROLS

    def __init__(
        self,
        profile: Profile = PROFILES["as608"],
        *,
        flash: Flash | None = None,
        greets: bool = True,
        factor: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(factor=factor, seed=seed)
        self.profile = profile
        self.flash = flash if flash is not None else Flash()
        self.ram = Ram()
        self.window = Window()
        self.led: tuple[int, ...] = ()
        self.captures = 0
        self.busy_s = 0.0  # what all instructions so far have taken, unscaled
        self._ear = Ear()
        self._job: _Job | None = None
        self._ready_at = 0.0
        self._rate = self.flash.baud_n * BAUD_UNIT
        self._new_rate: tuple[float, int] | None = None
        self._receiving: Callable[[bytes], None] | None = None
        self._received = bytearray()
        self.faults = Faults(greets=greets)
        self._dead = False
        self._instructions = Instructions(self)

    # -- what the stage calls ------------------------------------------------------------------

    @property
    def line_rate(self) -> int | None:
        """9600 * N, as set by the host before."""
        return self._rate

    def power_cycle(self, now: float) -> None:
        """RAM, verification and an unfinished command are gone; flash stays."""
        self._dead = False
        self.restart(now)

    def restart(self, now: float) -> None:
        """Starts up: deaf for its time, then the greeting."""
        self.ram = Ram()
        self._job = self._new_rate = self._receiving = None
        self._received.clear()
        self._ear.forget()
        self._ear.address = self.flash.address
        self._rate = self.flash.baud_n * BAUD_UNIT
        self._ready_at = now + self.delay(self.profile.start_s)
        if self.faults.greets:
            # Never at once: the answer to SoftRst comes before the greeting.
            greeting = b"\0" * self.faults.edge + bytes([GREETING])
            self.send(greeting, max(self._ready_at, now + 0.001))

    def feed(self, data: bytes, now: float) -> None:
        """Bytes from the host."""
        self._settle(now)
        for byte in data:
            if now < self._ready_at or self._dead:
                self._ear.forget()
                continue
            heard = self._ear.hear(byte, now)
            if heard is None:
                continue
            if self._job is None:
                self._take(heard, now)
            elif self._job.begun and heard.payload == bytes([Op.CANCEL]):
                self._job = None
                self._take(heard, now)

    def poll(self, now: float) -> list[Send]:
        """Does what is due."""
        self._settle(now)
        return super().poll(now)

    def wake_at(self) -> float | None:
        """The end of the command in progress, or the next step of a script."""
        moments = [self.window.wake_at(), self._job.due if self._job else None]
        moments.append(self._new_rate[0] if self._new_rate else None)
        return min((moment for moment in moments if moment is not None), default=None)

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """The desk: fingers, scripts, status."""
        match request:
            case {"place": _}:
                self.window.place(request)
            case {"lift": True}:
                self.window.lift()
            case {"press": position}:
                place = {**request, "place": position}
                rest = [{"wait_ms": request.get("ms", 800)}, {"lift": True}]
                self.window.play([place, *rest], now)
                self.window.advance(now)
            case {"script": list() as script}:
                self.window.play(script, now)
                self.window.advance(now)
            case {"dump": str(path)}:
                self._dump(Path(path))
            case {"status": True}:
                return self._status(now)
            case _:
                raise ControlError("unknown request; --help lists them")
        return {}

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """Faults of the module itself; see `controls.CONTROLS`."""
        self.faults.set(fault, self.captures)
        if fault.get("dead"):
            self._dead = True
        if fault.get("brown_out"):
            self.restart(now)

    # -- what the instructions use -------------------------------------------------------------

    def receive(self, store: Callable[[bytes], None]) -> None:
        """The data packets that follow the next answer go to `store`, joined."""
        self._received.clear()
        self._receiving = store

    def change_rate(self, n: int, now: float) -> None:
        """Speaks at 9600 * n once the answer, still at the old rate, is through."""
        answered = 12 * BITS_PER_BYTE / self._rate * self.factor
        self._new_rate = (now + answered + 0.005, n * BAUD_UNIT)

    def count_capture(self) -> None:
        """One image more; some modules fall silent after some tens of them."""
        self.captures += 1

    # -- inside --------------------------------------------------------------------------------

    def _settle(self, now: float) -> None:
        self.window.advance(now)
        while self._job is not None and self._job.due <= now:
            job, self._job = self._job, None
            outcome = job.act(job.due)
            if isinstance(outcome, Later):
                self._go_on(job, outcome, spent=False)
            else:
                self._answer(job, outcome)
                if outcome.then is not None:
                    self._go_on(job, outcome.then, spent=True)
            self._ear.address = self.flash.address
        if self._new_rate is not None and self._new_rate[0] <= now:
            self._rate, self._new_rate = self._new_rate[1], None

    def _take(self, heard: Heard, now: float) -> None:
        if heard.pid in (Pid.DATA, Pid.END):
            self._take_data(heard, now)
            return
        self._receiving = None
        if heard.pid != Pid.COMMAND:
            return
        if heard.payload is None:
            self._start(0, REFUSAL_S, lambda due: Answer(Code.BAD_PACKET), now, 0)
            return
        op, arguments = heard.payload[0], heard.payload[1:]
        size = PACKET_BYTES + len(heard.payload)
        if self.flash.password and not self.ram.verified and op != Op.VFY_PWD:
            self._start(op, REFUSAL_S, lambda due: Answer(Code.NOT_VERIFIED), now, size)
            return
        seconds, act = self._instructions.begin(op, arguments)
        self._start(op, seconds, act, now, size)

    def _start(self, op: int, seconds: float, act: Act, now: float, heard_bytes: int) -> None:
        self.busy_s += seconds
        self._job = _Job(now + self.delay(seconds), op, act, seconds, heard_bytes)
        self._settle(now)

    def _go_on(self, job: _Job, later: Later, *, spent: bool) -> None:
        """The next part of a job; what its parts took is `spent` with the answer that ends them."""
        seconds = later.seconds if later.scaled else 0.0
        waited = self.delay(seconds) if later.scaled else later.seconds
        self.busy_s += seconds
        so_far = (0.0, 0) if spent else (job.seconds, job.heard_bytes)
        self._job = _Job(
            job.due + waited, job.op, later.act, so_far[0] + seconds, so_far[1], begun=True
        )

    def picture(self) -> bytes | None:
        """What the image buffer holds, 4 bits a pixel; None when it is empty."""
        return self._instructions.picture()

    def _dump(self, path: Path) -> None:
        held = self.picture()
        if held is None:
            raise ControlError("the image buffer is empty")
        press = self.ram.image
        whose = (
            f"{press.position}, {press.quality}" if isinstance(press, Press) else "from the host"
        )
        picture.write(
            path, held, self.profile.width_px, self.profile.height_px, f"SYNTHETIC {whose}"
        )

    def _take_data(self, heard: Heard, now: float) -> None:
        if self._receiving is None:
            return
        room = LONGEST_TRANSFER - len(self._received)
        if heard.payload is None or len(heard.payload) > min(room, MAX_PAYLOAD):
            self._receiving = None  # data packets are not acknowledged: the transfer just ends
            return
        self._received += heard.payload
        if heard.pid == Pid.END:
            store, self._receiving = self._receiving, None
            store(bytes(self._received))
            self._received.clear()

    def _answer(self, job: _Job, answer: Answer) -> None:
        due, fault = job.due, self.faults.of_answer(job.op)
        if "code" in fault:
            answer = Answer(int(fault["code"]))
        if fault.get("short") and answer.code != Code.OK:
            answer = Answer(answer.code)
        address = fault.get("address", self.flash.address)
        pid = fault.get("pid", Pid.ACK)
        payload = bytes([answer.code]) + answer.values
        self.send(frame(address, pid, payload, length=fault.get("length")), due)
        packets = 0
        if answer.upload is not None:
            after = due + self.delay(self._wire_s(len(payload)))
            self._upload(answer.upload, after, int(fault.get("stop_data", len(answer.upload))))
            packets = -(-len(answer.upload) // PACKET_SIZES[self.flash.size_code])
        sent = PACKET_BYTES * (1 + packets) + len(payload) + len(answer.upload or b"")
        self.spend(
            _act_name(job.op, answer.code),
            job.seconds + packets * self.profile.gap_s,
            job.heard_bytes,
            sent,
        )
        if self.faults.dead_after is not None and self.captures >= self.faults.dead_after:
            self._dead = True

    def _wire_s(self, payload_bytes: int) -> float:
        """How long the line carries a packet."""
        return (PACKET_BYTES + payload_bytes) * BITS_PER_BYTE / self._rate

    def _upload(self, content: bytes, due: float, packets: int) -> None:
        size = PACKET_SIZES[self.flash.size_code]
        for at in range(0, min(len(content), packets * size), size):
            part = content[at : at + size]
            due += self.delay(self.profile.gap_s)
            pid = Pid.END if at + size >= len(content) else Pid.DATA
            self.send(frame(self.flash.address, pid, part), due)
            due += self.delay(self._wire_s(len(part)))

    def _status(self, now: float) -> dict[str, Any]:
        press = self.window.press
        return {
            "profile": self.profile.name,
            "ready": now >= self._ready_at and not self._dead,
            "finger": press.position if press else None,
            "quality": press.quality if press else None,
            "script": self.window.playing,
            "captures": self.captures,
            "library": sorted(self.flash.pages),
            "traces": {"flash": len(self.flash.pages), "ram": self.ram.traces()},
            "verified": self.ram.verified,
            "rate": self._rate,
            "led": list(self.led),
            "blind": self.faults.blind,
            "busy_ms": round(self.busy_s * 1000),
        }


def _act_name(op: int, code: int) -> str:
    name = _NAMES.get(op, "unknown")
    return f"{name} of nothing" if code == Code.NO_FINGER else name

# SPDX-License-Identifier: Apache-2.0
"""A module and a clock that the test moves: no port, no thread."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder, Packet, encode
from firmware_io.codecs.ef01_messages import Reply
from firmware_io.codecs.ef01_tables import Code, Op, Pid
from firmware_io.emulators.ef01.memory import Flash
from firmware_io.emulators.ef01.module import Module
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.emulators.stage import Send


class Bench:
    """A module and a clock in seconds."""

    def __init__(self, profile: str = "as608", flash: Flash | None = None) -> None:
        self.module = Module(PROFILES[profile], flash=flash, factor=1.0, seed=7)
        self.now = 100.0
        self.later: list[Send] = []
        self.module.power_cycle(self.now)
        self.greeting = self.run(1.0)

    def run(self, seconds: float) -> bytes:
        """Lets time pass; what the module says meanwhile."""
        end = self.now + seconds
        while True:
            self.later += self.module.poll(self.now)
            wake = self.module.wake_at()
            if wake is None or wake > end:
                break
            self.now = max(self.now, wake)
        self.now = end
        said = sorted((s for s in self.later if s.due <= end), key=lambda send: send.due)
        self.later = [send for send in self.later if send.due > end]
        return b"".join(send.data for send in said)

    def desk(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.module.control(request, self.now)

    def hear(self, wire: bytes) -> None:
        self.module.feed(wire, self.now)

    def packets(self, payload: bytes, within: float = 5.0) -> list[Packet]:
        self.hear(encode(Packet(Pid.COMMAND, payload)))
        found = Decoder().feed(self.run(within))
        return [item for item in found if isinstance(item, Packet)]

    def ask(self, payload: bytes) -> Reply:
        (packet,) = self.packets(payload)
        reply = Reply.of(packet)
        assert reply is not None
        return reply

    def code(self, payload: bytes) -> int:
        return self.ask(payload).code

    def time_of(self, payload: bytes) -> float:
        """Seconds from a command's last byte to its answer."""
        self.hear(encode(Packet(Pid.COMMAND, payload)))
        start = self.now
        while True:
            if sends := self.module.poll(self.now):
                return min(send.due for send in sends) - start
            wake = self.module.wake_at()
            assert wake is not None
            self.now = wake

    def press(self, finger: str, buffer: int, **more: str) -> int:
        self.module.control({"place": finger, **more}, self.now)
        code = self.code(say.plain(Op.GEN_IMG))
        self.module.control({"lift": True}, self.now)
        return code or self.code(say.img2tz(buffer))

    def enrol(self, finger: str, page: int, **more: str) -> None:
        assert self.press(finger, 1, **more) == Code.OK
        assert self.press(finger, 2, **more) == Code.OK
        assert self.code(say.plain(Op.REG_MODEL)) == Code.OK
        assert self.code(say.store(1, page)) == Code.OK

    def upload(self, payload: bytes) -> bytes:
        reply, *data = self.packets(payload, 60.0)
        assert Reply.of(reply) == Reply(0)
        assert [p.pid for p in data] == [Pid.DATA] * (len(data) - 1) + [Pid.END]
        return b"".join(p.payload for p in data)

    def download(self, payload: bytes, content: bytes) -> None:
        assert self.code(payload) == Code.OK
        for packet in say.data_packets(content, 128):
            self.hear(encode(packet))


@pytest.fixture
def new_bench() -> Callable[..., Bench]:
    """Makes a module of a profile, switched on and ready."""
    return Bench

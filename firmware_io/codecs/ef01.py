# SPDX-License-Identifier: Apache-2.0
"""EF01 packets of serial fingerprint modules: bytes to packets and back. No port, no clock.

    EF 01 | address 4 | PID 1 | length 2 | payload | checksum 2

The length counts payload and checksum; the checksum is the sum of PID, length and payload bytes
modulo 65536, header and address left out (ZFM-70 and R503 manuals, "data package format").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from firmware_io.codecs.ef01_tables import (
    BROADCAST,
    CHECKSUM,
    HEADER,
    MAX_LENGTH,
    MAX_PAYLOAD,
    MIN_LENGTH,
    PREFIX,
    Pid,
)

FROM_MODULE = frozenset({Pid.DATA, Pid.ACK, Pid.END})


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. `payload` is 1-256 bytes, `address` 32 bits; the repr shows no payload byte."""

    pid: int
    payload: bytes
    address: int = BROADCAST

    def __repr__(self) -> str:
        return f"Packet(pid={self.pid:#04x}, payload=<{len(self.payload)} bytes>)"


class Damage(StrEnum):
    """Why bytes were skipped."""

    NOISE = "noise"  # no header where one should begin
    FOREIGN = "foreign"  # a header with another address or an unexpected PID
    LENGTH = "length"  # a length no packet can have
    CHECKSUM = "checksum"


@dataclass(frozen=True, slots=True)
class Damaged:
    """How many bytes were skipped and why. Never the bytes: they may be a fingerprint."""

    reason: Damage
    skipped: int


def encode(packet: Packet) -> bytes:
    """The packet's bytes. ValueError when the payload is empty or longer than 256 bytes."""
    if not 1 <= len(packet.payload) <= MAX_PAYLOAD:
        raise ValueError("a packet carries 1 to 256 bytes")
    length = len(packet.payload) + CHECKSUM
    counted = bytes([packet.pid]) + length.to_bytes(2, "big") + packet.payload
    checksum = sum(counted) & 0xFFFF
    return HEADER + packet.address.to_bytes(4, "big") + counted + checksum.to_bytes(2, "big")


class Decoder:
    """Finds packets in whatever a wire brings. Holds at most one packet's bytes between calls.

    Accepts only packets for `address` and of `pids`. After any damage exactly one byte is dropped
    and the search goes on, so that a good packet inside the rubble is found. Work is linear in the
    bytes fed: a place where a packet may begin is looked for with ``bytes.find`` and judged once
    it is whole; such places are at least eight bytes apart.
    """

    def __init__(self, address: int = BROADCAST, pids: Iterable[int] = FROM_MODULE) -> None:
        self._start = HEADER + address.to_bytes(4, "big")
        self._address = address
        self._pids = frozenset(pids)
        self._held = bytearray()

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished packet are held, 0 to 266."""
        return len(self._held)

    def reset(self) -> int:
        """Overwrites and forgets what is held; how many bytes that was."""
        dropped = len(self._held)
        self._held[:] = bytes(dropped)
        self._held.clear()
        return dropped

    def feed(self, data: bytes) -> list[Packet | Damaged]:
        """Everything that `data` completed, in wire order. Never raises, whatever comes."""
        raw = bytes(self._held) + data if self._held else bytes(data)
        found: list[Packet | Damaged] = []
        at, end = 0, len(raw)
        reason, skipped = Damage.NOISE, 0  # damage being counted
        while at < end:
            verdict = self._judge(raw, at, end)
            if verdict is None:
                break
            if isinstance(verdict, Packet):
                if skipped:
                    found.append(Damaged(reason, skipped))
                    skipped = 0
                found.append(verdict)
                at += PREFIX + len(verdict.payload) + CHECKSUM
                continue
            # Noise behind a packet that was given up is what is left of it.
            if skipped and verdict is not reason and verdict is not Damage.NOISE:
                found.append(Damaged(reason, skipped))
                skipped = 0
            if not skipped:
                reason = verdict
            behind = _next_header(raw, at + 1)
            skipped += behind - at
            at = behind
        if skipped:
            found.append(Damaged(reason, skipped))
        self.reset()
        self._held += raw[at:]
        return found

    def _judge(self, raw: bytes, at: int, end: int) -> Packet | Damage | None:
        """A packet at `at`, why there is none, or None: more is needed. There is a byte at `at`."""
        if not raw.startswith(self._start, at):
            head = raw[at : at + len(self._start)]
            if self._start.startswith(head):
                return None
            return Damage.FOREIGN if head.startswith(HEADER) else Damage.NOISE
        if end - at > len(self._start) and raw[at + 6] not in self._pids:
            return Damage.FOREIGN
        if end - at < PREFIX:
            return None
        length = raw[at + 7] << 8 | raw[at + 8]
        if not MIN_LENGTH <= length <= MAX_LENGTH:
            return Damage.LENGTH
        if end - at < PREFIX + length:
            return None
        last = at + PREFIX + length - CHECKSUM
        if not self._sum_holds(raw, at, last):
            return Damage.CHECKSUM
        return Packet(raw[at + 6], raw[at + PREFIX : last], self._address)

    def _sum_holds(self, raw: bytes, at: int, last: int, /) -> bool:
        """Whether the two bytes at `last` sum up PID, length and payload of the packet at `at`."""
        return sum(raw[at + 6 : last]) & 0xFFFF == raw[last] << 8 | raw[last + 1]


def _next_header(raw: bytes, at: int) -> int:
    """The first place from `at` on where a header is or may begin; the end when there is none."""
    found = raw.find(HEADER, at)
    if found >= 0:
        return found
    return len(raw) - 1 if at < len(raw) and raw[-1] == HEADER[0] else len(raw)

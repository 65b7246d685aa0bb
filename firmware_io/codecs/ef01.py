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
    and the search goes on, so that a good packet inside the rubble is found.
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
        found: list[Packet | Damaged] = []
        room = PREFIX + MAX_LENGTH
        for at in range(0, len(data), room):
            self._held += data[at : at + room]
            self._scan(found)
        return found

    def _scan(self, found: list[Packet | Damaged]) -> None:
        held = self._held
        while held:
            verdict = self._judge()
            if verdict is None:
                return
            if isinstance(verdict, Packet):
                found.append(verdict)
                del held[: PREFIX + len(verdict.payload) + CHECKSUM]
                continue
            last = found[-1] if found else None
            if isinstance(last, Damaged) and verdict is Damage.NOISE:
                found[-1] = Damaged(last.reason, last.skipped + 1)
            else:
                found.append(Damaged(verdict, 1))
            del held[0]

    def _judge(self) -> Packet | Damage | None:
        """A packet at the front of what is held, why there is none, or None: more is needed."""
        held = self._held
        begin = min(len(held), len(HEADER))
        if held[:begin] != HEADER[:begin]:
            return Damage.NOISE
        begin = min(len(held), len(self._start))
        if held[:begin] != self._start[:begin]:
            return Damage.FOREIGN
        if len(held) > len(self._start) and held[6] not in self._pids:
            return Damage.FOREIGN
        if len(held) < PREFIX:
            return None
        length = int.from_bytes(held[7:PREFIX], "big")
        if not MIN_LENGTH <= length <= MAX_LENGTH:
            return Damage.LENGTH
        if len(held) < PREFIX + length:
            return None
        end = PREFIX + length - CHECKSUM
        if not self._sum_holds(end):
            return Damage.CHECKSUM
        return Packet(held[6], bytes(held[PREFIX:end]), self._address)

    def _sum_holds(self, end: int) -> bool:
        """Whether the two bytes at `end` are the sum of PID, length and payload before them."""
        carried = int.from_bytes(self._held[end : end + CHECKSUM], "big")
        return sum(self._held[6:end]) & 0xFFFF == carried

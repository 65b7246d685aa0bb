# SPDX-License-Identifier: Apache-2.0
"""The module's end of the wire: reads the host's packets byte by byte, frames its own.

Shares number tables with the booth's codec and no code, so that a mistake of one is not hidden by
the same mistake of the other.
"""

import struct
from dataclasses import dataclass
from typing import Final

from firmware_io.codecs.ef01_tables import HEADER, MAX_LENGTH, MIN_LENGTH, Pid

INTER_BYTE_S: Final = 0.2  # a packet whose next byte stays out longer is forgotten


@dataclass(frozen=True, slots=True)
class Heard:
    """A packet from the host; `payload` is None when its checksum or length was wrong."""

    pid: int
    payload: bytes | None


def frame(address: int, pid: int, payload: bytes, *, length: int | None = None) -> bytes:
    """A packet of the module; `length` lies about the length field (for faults)."""
    told = len(payload) + 2 if length is None else length
    middle = struct.pack(">BH", pid, told) + payload
    return HEADER + struct.pack(">I", address) + middle + struct.pack(">H", sum(middle) % 65536)


class Ear:
    """Takes one byte at a time. Knows the address it answers to."""

    def __init__(self) -> None:
        self.address = 0xFFFFFFFF
        self._got = bytearray()
        self._last = 0.0

    def forget(self) -> None:
        """Drops an unfinished packet."""
        self._got.clear()

    def hear(self, byte: int, now: float) -> Heard | None:
        """The packet that this byte completes, if any."""
        got = self._got
        if got and now - self._last > INTER_BYTE_S:
            got.clear()
        self._last = now
        got.append(byte)
        place = len(got)
        if place <= 2:
            if byte != HEADER[place - 1]:
                got.clear()
                if byte == HEADER[0]:
                    got.append(byte)
            return None
        if place < 9:
            return None
        (length,) = struct.unpack_from(">H", got, 7)
        ours = struct.unpack_from(">I", got, 2)[0] == self.address
        if not MIN_LENGTH <= length <= MAX_LENGTH:
            got.clear()
            return Heard(Pid.COMMAND, None) if ours else None
        if place < 9 + length:
            return None
        packet = bytes(got)
        got.clear()
        if not ours:
            return None
        (told,) = struct.unpack(">H", packet[-2:])
        good = sum(packet[6:-2]) % 65536 == told
        return Heard(packet[6], packet[9:-2] if good else None)

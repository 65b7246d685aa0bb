# SPDX-License-Identifier: Apache-2.0
"""How the emulated ID-card reader hears requests: framing, checksums, and half of one."""

from firmware_io.codecs.samv_tables import HEAD_BYTES, PREAMBLE, Status
from firmware_io.emulators.idreader_manners import (
    MAX_REQUEST_LENGTH,
    REQUEST_SILENCE_S,
    check_of,
)

Heard = tuple[int, Status | None]
"""CMD and PARA of a request; or 0 and the refusal that it earned."""


class Ear:
    """Collects the bytes of requests. Times are monotonic seconds, handed in."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._heard_at = 0.0

    @property
    def silent_at(self) -> float | None:
        """When `silent` has something to say unless more comes; None: no half request."""
        return self._heard_at + REQUEST_SILENCE_S + 0.001 if self._buffer else None

    def silent(self, now: float) -> list[Heard]:
        """Gives up half a request after which the line fell silent."""
        if not self._buffer or now - self._heard_at <= REQUEST_SILENCE_S:
            return []
        given_up = len(self._buffer) >= HEAD_BYTES
        self._buffer.clear()
        return [(0, Status.BAD_LENGTH)] if given_up else []

    def feed(self, data: bytes, now: float) -> list[Heard]:
        """What `data` completed, in wire order."""
        self._heard_at = now
        self._buffer += data
        heard: list[Heard] = []
        while True:
            start = self._buffer.find(PREAMBLE)
            if start < 0:
                del self._buffer[: -(len(PREAMBLE) - 1)]
                return heard
            del self._buffer[:start]
            if len(self._buffer) < HEAD_BYTES:
                return heard
            length = self._buffer[5] << 8 | self._buffer[6]
            if not 2 < length <= MAX_REQUEST_LENGTH:
                del self._buffer[:HEAD_BYTES]
                heard.append((0, Status.BAD_LENGTH))
                continue
            if len(self._buffer) < HEAD_BYTES + length:
                return heard
            counted = bytes(self._buffer[5 : HEAD_BYTES + length])
            del self._buffer[: HEAD_BYTES + length]
            if check_of(counted[:-1]) != counted[-1]:
                heard.append((0, Status.BAD_CHECKSUM))
            else:
                heard.append((counted[2] << 8 | counted[3], None))

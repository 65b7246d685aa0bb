# SPDX-License-Identifier: Apache-2.0
"""Faults of the wire itself, the same for every serial emulator. No clock and no port in here.

A fault is asked for with ``{"fault": {...}}`` and touches the messages (one message is what the
device hands over as one `Send`) that leave after it. Keys, which can be combined:

    "times": n        how many messages it touches (default 1; 0 = all until cleared)
    "skip": n         lets the first n messages pass untouched
    "silent": true    the message is swallowed
    "slow": s         delivered s real seconds late (never scaled by --factor)
    "gap": s          delivered byte by byte with s real seconds between
    "corrupt": k      one bit of byte k is flipped (k < 0 counts from the end, "any" = random)
    "truncate": n     only the first n bytes are sent
    "duplicate": true sent twice
    "glue": true      held back and sent together with the next message
    "noise": n        n random bytes in front of it
    "noise_inside": n n random bytes somewhere inside it
    "stray": "55"     these bytes (hex) in front of it
    "replace": "..."  these bytes (hex) instead of it
    "lose": p         each byte is lost with probability p
    "lose_in": p      each byte from the host is lost with probability p (no message count: stays)

``{"fault": {}}`` clears every fault.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that leave `after_s` real seconds after the message was due."""

    after_s: float
    data: bytes


_NUMBERS = {
    "times": (int,),
    "skip": (int,),
    "silent": (bool,),
    "slow": (int, float),
    "gap": (int, float),
    "corrupt": (int, str),
    "truncate": (int,),
    "duplicate": (bool,),
    "glue": (bool,),
    "noise": (int,),
    "noise_inside": (int,),
    "stray": (str,),
    "replace": (str,),
    "lose": (int, float),
    "lose_in": (int, float),
}
WIRE_FAULT_KEYS = frozenset(_NUMBERS)

# The manners of a wire that a driver has to survive, by name: what its tests run over.
WIRES: Final[Mapping[str, Mapping[str, Any]]] = {
    "clean": {},
    "byte by byte": {"gap": 0.0002, "times": 0},
    "glued": {"glue": True, "times": 1},
    "late": {"slow": 0.02, "times": 0},
    "lossy": {"lose": 0.002, "lose_in": 0.002, "times": 0},
    "noisy": {"noise": 7, "times": 0},
    "corrupting": {"corrupt": "any", "times": 1},
    "truncating": {"truncate": 7, "times": 1},
    "duplicating": {"duplicate": True, "times": 0},
}


class FaultyWire:
    """Holds the faults asked for and applies them to one message after the other."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._fault: dict[str, Any] = {}
        self._skip = 0
        self._left: int | None = 0  # None: no end
        self._lose_in = 0.0
        self._glued = b""  # held back for the next message

    def set(self, fault: Mapping[str, Any]) -> None:
        """Takes `fault` (keys as in the module's text) in place of the one before.

        Raises ValueError, in words for the person who typed it, for an unknown key or value.
        """
        for key, value in fault.items():
            if key not in _NUMBERS:
                raise ValueError(f"unknown fault {key!r}; known: {', '.join(sorted(_NUMBERS))}")
            if not isinstance(value, _NUMBERS[key]):
                raise ValueError(f"fault {key!r} takes {_NUMBERS[key][-1].__name__}")
            if key in ("stray", "replace"):
                bytes.fromhex(value)
        rest = dict(fault)
        self._lose_in = float(rest.pop("lose_in", 0.0))
        if not rest:
            self._glued = b""
        times = int(rest.pop("times", 1))
        self._skip = int(rest.pop("skip", 0))
        self._left = None if times == 0 else times
        self._fault = rest

    def clear(self) -> None:
        """No fault from here on."""
        self.set({})

    def from_host(self, data: bytes) -> bytes:
        """What of the host's bytes reaches the device."""
        return self._thin(data, self._lose_in)

    def to_host(self, message: bytes) -> list[Piece]:
        """What becomes of one message of the device, in sending order."""
        message, self._glued = self._glued + message, b""
        if not self._fault or self._left == 0:
            return [Piece(0.0, message)]
        if self._skip > 0:
            self._skip -= 1
            return [Piece(0.0, message)]
        if self._left is not None:
            self._left -= 1
        fault = self._fault
        if fault.get("silent"):
            return []
        if "replace" in fault:
            message = bytes.fromhex(fault["replace"])
        if "corrupt" in fault and message:
            place = fault["corrupt"]
            at = self._random.randrange(len(message)) if place == "any" else int(place)
            wrong = bytearray(message)
            wrong[at % len(message)] ^= 1 << self._random.randrange(8)
            message = bytes(wrong)
        if "truncate" in fault:
            message = message[: fault["truncate"]]
        if "noise_inside" in fault:
            at = self._random.randint(0, len(message))
            noise = self._random.randbytes(fault["noise_inside"])
            message = message[:at] + noise + message[at:]
        if fault.get("duplicate"):
            message = message + message
        if fault.get("glue"):
            self._glued = message
            return []
        front = bytes.fromhex(fault.get("stray", "")) + self._random.randbytes(
            fault.get("noise", 0)
        )
        message = self._thin(front + message, float(fault.get("lose", 0.0)))
        late, gap = float(fault.get("slow", 0.0)), float(fault.get("gap", 0.0))
        if gap:
            return [Piece(late + i * gap, message[i : i + 1]) for i in range(len(message))]
        return [Piece(late, message)]

    def _thin(self, data: bytes, probability: float) -> bytes:
        if not probability:
            return data
        return bytes(byte for byte in data if self._random.random() >= probability)

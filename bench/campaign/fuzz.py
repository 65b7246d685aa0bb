# SPDX-License-Identifier: Apache-2.0
"""What campaigns of hostile bytes into a decoder share: streams, their pace, one slice."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

from bench.campaign.subject import Tally, Unit

LINEAR_SIZES: Final = (32_768, 262_144)
LINEAR_TURNS: Final = 3
LINEAR_FACTOR: Final = 3.0  # so much dearer a byte of the longer stream may be, for the caches

Maker = Callable[[random.Random], bytes]
Worst = Iterable[tuple[str, bytes]]


def garbage(chance: random.Random) -> bytes:
    """Bytes that mean nothing."""
    return chance.randbytes(chance.randint(1, 600))


def stream(makers: Sequence[Maker], chance: random.Random, size: int) -> bytes:
    """`size` hostile bytes, of one sort or of all."""
    makers = makers if chance.random() < 0.6 else (chance.choice(makers),)
    made = bytearray()
    while len(made) < size:
        made += chance.choice(makers)(chance)
    return bytes(made[:size])


class Hears(Protocol):
    """A decoder, as far as the cost of a byte goes."""

    def feed(self, data: bytes) -> object:
        """Takes bytes in."""
        ...


def linear(tally: Tally, make: Callable[[], Hears], worst: Worst) -> None:
    """Whether a byte costs the same in a stream eight times as long.

    `worst`: garbage that promises most, by name, repeated to fill the stream.
    """
    for name, unit in worst:
        # Processor time, and the best of several: another program's doings are not the decoder's.
        if min(_dearer(make, unit) for _ in range(LINEAR_TURNS)) > LINEAR_FACTOR:
            tally.flaw("slow", -1, f"{name}: a byte costs over {LINEAR_FACTOR:g} times as much")


def _dearer(make: Callable[[], Hears], unit: bytes) -> float:
    """How much more a byte costs in the longer stream."""
    costs = []
    for size in LINEAR_SIZES:
        wire = (unit * (size // len(unit) + 1))[:size]
        decoder, since = make(), time.thread_time()
        decoder.feed(wire)
        costs.append((time.thread_time() - since) / size)
    return costs[1] / costs[0]


D = TypeVar("D", bound=Hears)


class HostileBytes(Generic[D]):
    """A subject but for its name. `piece`: bytes of one stream; `worst`: as for `linear`."""

    unit: Unit = "bytes"
    usual: int = 20_000_000
    slice_limit_s: float = 600.0
    plants: tuple[str, ...] = ("checksum",)
    piece: int
    sound: type[D]
    planted: type[D]  # believes every checksum
    makers: Sequence[Maker]
    worst: Worst
    judge: Callable[[Any, bytes, random.Random, Tally, int], None]
    """Feeds one stream, at this place of the slice, and holds it against the oracle's."""

    def run(self, seed: int, amount: int, plant: str) -> Tally:
        """One slice."""
        chance, tally = random.Random(seed), Tally()
        make = self.planted if plant == "checksum" else self.sound
        decoder = make()
        while tally.done < amount:
            wire = stream(self.makers, chance, min(self.piece, amount - tally.done))
            self.judge(decoder, wire, chance, tally, tally.done)
            tally.done += len(wire)
            tally.count("streams")
        linear(tally, make, self.worst)
        return tally

# SPDX-License-Identifier: Apache-2.0
"""Hostile bytes into the fingerprint module's decoder, beside a slow oracle of the same rules."""

import random
from dataclasses import dataclass
from typing import Final

from bench.campaign import fuzz
from bench.campaign.fuzz import garbage
from bench.campaign.subject import Tally
from firmware_io.codecs.ef01 import Damaged, Decoder, Packet

START: Final = b"\xef\x01\xff\xff\xff\xff"
KINDS: Final = (2, 7, 8)  # data, acknowledge, end: what a module may send
LONGEST: Final = 9 + 258
STREAM: Final = 4096


class Uncounting(Decoder):
    """The planted fault: no checksum, as in several published drivers."""

    def _sum_holds(self, *_: object) -> bool:
        return True


def oracle(stream: bytes) -> tuple[list[tuple[int, bytes]], int, int]:
    """(kind, payload) of every packet, how many bytes are in none, how many may yet become one.

    Written from the manuals' "data package format" and one rule: where no packet can begin, one
    byte is dropped. Shares nothing with the decoder.
    """
    found: list[tuple[int, bytes]] = []
    at = dropped = 0
    while at < len(stream):
        rest = stream[at : at + LONGEST]
        possible = all(a == b for a, b in zip(rest, START, strict=False))
        if possible and len(rest) > 6:
            possible = rest[6] in KINDS
        if possible and len(rest) > 8:
            length = 256 * rest[7] + rest[8]
            possible = 3 <= length <= 258
            if possible and len(rest) >= 9 + length:
                total = 0
                for byte in rest[6 : 7 + length]:
                    total += byte
                if total % 65536 == 256 * rest[7 + length] + rest[8 + length]:
                    found.append((rest[6], rest[9 : 7 + length]))
                    at += 9 + length
                    continue
                possible = False
        if possible:
            return found, dropped, len(stream) - at
        at, dropped = at + 1, dropped + 1
    return found, dropped, 0


# -- streams ------------------------------------------------------------------------------------


def frame(chance: random.Random, kind: int | None = None) -> bytes:
    """A good packet."""
    size = chance.choice((1, 1, 3, 5, 17, 32, 35, 128, chance.randint(1, 256)))
    fill = chance.choice((chance.randbytes(size), bytes(size), b"\xff" * size, START * 50))
    payload = fill[:size]
    middle = bytes([kind or chance.choice(KINDS)]) + (size + 2).to_bytes(2, "big") + payload
    return START + middle + (sum(middle) % 65536).to_bytes(2, "big")


def mutated(chance: random.Random) -> bytes:
    """A packet to which one thing, or nothing, has happened."""
    good = bytearray(frame(chance))
    at = chance.randrange(len(good))
    match chance.randrange(10):
        case 0:
            good[at] ^= 1 << chance.randrange(8)
        case 1:
            del good[at]
        case 2:
            good.insert(at, chance.choice((0x00, 0x55, 0xEF, 0x01, chance.randrange(256))))
        case 3:
            del good[at:]
        case 4:
            good[7:9] = chance.choice((b"\xff\xff", b"\0\0", b"\0\x02", chance.randbytes(2)))
        case 5:
            good[2:6] = chance.choice((b"\x12\x34\x56\x78", chance.randbytes(4)))
        case 6:
            good[6] = chance.randrange(256)
        case 7:
            good[at:at] = frame(chance)  # a good packet inside a broken one
        case 8:
            good[9] ^= 1 << chance.randrange(8)  # the confirmation code
        case _:
            pass
    return bytes(good)


def almost(chance: random.Random) -> bytes:
    """Pieces of what a packet begins with."""
    whole = START + bytes([chance.choice(KINDS)]) + chance.randint(0, 300).to_bytes(2, "big")
    return b"".join(whole[: chance.randint(1, len(whole))] for _ in range(chance.randint(1, 40)))


def transfer(chance: random.Random) -> bytes:
    """Data packets, one of them maybe broken, and the last."""
    packets = [frame(chance, 2) for _ in range(chance.randint(1, 8))] + [frame(chance, 8)]
    if chance.random() < 0.5:
        packets[chance.randrange(len(packets))] = mutated(chance)
    return b"".join(packets)


MAKERS: Final[tuple[fuzz.Maker, ...]] = (
    garbage,
    almost,
    mutated,
    mutated,
    mutated,
    transfer,
    frame,
)
WORST: Final = (
    ("header", b"\xef"),
    ("pairs", START[:2]),
    ("promises", START + b"\x07\x01\x02" + bytes(9)),  # 258 bytes, and again after 18
)


def stream(chance: random.Random, size: int) -> bytes:
    """`size` hostile bytes, of one sort or of all."""
    return fuzz.stream(MAKERS, chance, size)


# -- judging ------------------------------------------------------------------------------------


def feed(decoder: Decoder, wire: bytes, chance: random.Random, tally: Tally, at: int) -> None:
    """Feeds one stream in portions and holds the outcome against the oracle's."""
    portion = chance.choice((1, 2, 7, 64, 300, len(wire)))
    got: list[tuple[int, bytes]] = []
    dropped = fed = 0
    while fed < len(wire):
        size = chance.randint(1, portion) if portion < len(wire) else portion
        try:
            items = decoder.feed(wire[fed : fed + size])
        except Exception as wrong:
            tally.flaw("exception", at + fed, type(wrong).__name__)
            decoder.reset()
            return
        fed += size
        for item in items:
            if isinstance(item, Packet):
                got.append((item.pid, item.payload))
            elif isinstance(item, Damaged):
                dropped += item.skipped
                tally.count(f"damage {item.reason}")
        if decoder.pending >= LONGEST:
            tally.flaw("unbounded", at + fed, f"{decoder.pending} bytes held")
    wanted, told_dropped, pending = oracle(wire)
    tally.count("packets", len(got))
    tally.count("bytes dropped", dropped)
    if got != wanted:
        agreed = next(
            (n for n, pair in enumerate(zip(got, wanted, strict=False)) if pair[0] != pair[1]),
            min(len(got), len(wanted)),
        )
        left = iter(wanted)
        kind = "missed" if all(one in left for one in got) else "wrong acceptance"
        tally.flaw(kind, at, f"packet {agreed} of {len(wanted)} in this stream")
    elif (dropped, decoder.pending) != (told_dropped, pending):
        tally.flaw("unbounded", at, "bytes dropped and held do not add up")
    decoder.reset()


def linear(tally: Tally, make: type[Decoder]) -> None:
    """Whether a byte of the worst garbage costs the same in a stream eight times as long."""
    fuzz.linear(tally, make, WORST)


@dataclass(frozen=True)
class Fuzz(fuzz.HostileBytes[Decoder]):
    """The subject."""

    name: str = "ef01-fuzz"
    about: str = (
        "hostile bytes in hostile portions into the fingerprint decoder: packets, bytes dropped"
        " and bytes held as by a slow oracle of the same rules; cost a byte in streams of two sizes"
    )
    slice_size: int = 250_000
    piece = STREAM
    sound = Decoder
    planted = Uncounting
    makers = MAKERS
    worst = WORST
    judge = staticmethod(feed)


SUBJECTS: Final = (Fuzz(),)

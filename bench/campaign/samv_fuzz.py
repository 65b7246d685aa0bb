# SPDX-License-Identifier: Apache-2.0
"""Hostile bytes into the ID-card module's decoder, beside a slow oracle of the same rules."""

import random
from dataclasses import dataclass
from typing import Final

from bench.campaign import fuzz
from bench.campaign.fuzz import garbage
from bench.campaign.subject import Tally
from firmware_io.codecs.samv import Damaged, Decoder, Reply

MARK: Final = b"\xaa\xaa\xaa\x96\x69"
SHORTEST, LONGEST = 4, 0x0A00  # values of the length field that an answer may have
MOST_HELD: Final = 7 + LONGEST
STREAM: Final = 8192

Told = tuple[int, int, int, bytes]


class Uncounting(Decoder):
    """The planted fault: success judged by length alone, as several published clients do."""

    def _check_holds(self, end: int) -> bool:
        return True


def oracle(wire: bytes, *, ended: bool) -> tuple[list[Told], int]:
    """(SW3, SW1, SW2, data) of every answer, and how many bytes are in none or hang unfinished.

    Written from the protocol sheet and one rule: where no answer can begin, one byte is dropped.
    `ended`: nothing more will come, so what hangs unfinished is dropped as well. Shares nothing
    with the decoder: checks come from running sums.
    """
    sums = [0]
    for byte in wire:
        sums.append(sums[-1] ^ byte)
    found: list[Told] = []
    at = used = 0
    while at < len(wire):
        rest = len(wire) - at
        if wire[at : at + 5] != MARK[: min(5, rest)]:
            at += 1
            continue
        if rest >= 7:
            length = 256 * wire[at + 5] + wire[at + 6]
            if not SHORTEST <= length <= LONGEST:
                at += 1
                continue
            end = at + 7 + length
            if end <= len(wire):
                if sums[end] ^ sums[at + 5]:
                    at += 1
                    continue
                found.append((wire[at + 9], wire[at + 7], wire[at + 8], wire[at + 10 : end - 1]))
                used += end - at
                at = end
                continue
        if not ended:
            break
        at += 1
    return found, len(wire) - used


# -- streams ------------------------------------------------------------------------------------


def answer(chance: random.Random) -> bytes:
    """A good answer of a size that a module sends, or of any."""
    sizes = (0, 0, 0, 4, 8, 16, 28, 70, 1284, 1286, 1798, 2310, chance.randint(0, 2556))
    size = chance.choice(sizes)
    fill = chance.choice((bytes(size), chance.randbytes(size), b"\xaa" * size, MARK * 520))
    body = chance.randbytes(2) + chance.choice((b"\x90", b"\x9f", b"\x80", b"\x41")) + fill[:size]
    counted = (len(body) + 1).to_bytes(2, "big") + body
    check = 0
    for byte in counted:
        check ^= byte
    return MARK + counted + bytes((check,))


def mutated(chance: random.Random) -> bytes:
    """An answer to which one thing, or nothing, has happened."""
    good = bytearray(answer(chance))
    at = chance.randrange(len(good))
    match chance.randrange(9):
        case 0:
            good[at] ^= 1 << chance.randrange(8)
        case 1:
            del good[at]
        case 2:
            good.insert(at, chance.choice((0xAA, 0x96, 0x69, chance.randrange(256))))
        case 3:
            del good[at:]
        case 4:
            good[5:7] = chance.choice((b"\xff\xff", b"\0\0", b"\0\x03", chance.randbytes(2)))
        case 5:
            good[at:at] = answer(chance)  # a good answer inside a broken one
        case 6:
            good[:0] = b"\xaa" * chance.randint(1, 9)
        case 7:
            good[-1] ^= chance.randint(1, 255)
        case _:
            pass
    return bytes(good)


def almost(chance: random.Random) -> bytes:
    """Pieces of what an answer begins with."""
    whole = MARK + chance.randint(0, LONGEST + 9).to_bytes(2, "big")
    return b"".join(whole[: chance.randint(1, 7)] for _ in range(chance.randint(1, 40)))


MAKERS: Final[tuple[fuzz.Maker, ...]] = (
    garbage,
    almost,
    mutated,
    mutated,
    mutated,
    answer,
)
WORST: Final = (("mark", b"\xaa"), ("promises", MARK + b"\x0a\x00"), ("head", MARK))


def stream(chance: random.Random, size: int) -> bytes:
    """`size` hostile bytes, of one sort or of all."""
    return fuzz.stream(MAKERS, chance, size)


# -- judging ------------------------------------------------------------------------------------


def feed(decoder: Decoder, wire: bytes, chance: random.Random, tally: Tally, at: int) -> None:
    """Feeds one stream in portions, then the silence, and holds both against the oracle's."""
    portion = chance.choice((1, 2, 7, 64, 300, len(wire)))
    got: list[Told] = []
    dropped = fed = 0

    def take(items: list[Reply | Damaged]) -> None:
        nonlocal dropped
        for item in items:
            if isinstance(item, Reply):
                got.append((item.status, item.sw1, item.sw2, item.data))
            else:
                dropped += item.skipped
                tally.count(f"damage {item.reason}")

    while fed < len(wire):
        size = chance.randint(1, portion) if portion < len(wire) else portion
        take(decoder.feed(wire[fed : fed + size]))
        fed += size
        if decoder.held > MOST_HELD:
            tally.flaw("unbounded", at + fed, f"{decoder.held} bytes held")
    compare(got, oracle(wire, ended=False)[0], tally, at)
    take(decoder.silence())
    wanted, lost = oracle(wire, ended=True)
    compare(got, wanted, tally, at)
    tally.count("answers", len(got))
    tally.count("bytes dropped", dropped)
    if got == wanted and (dropped, decoder.held) != (lost, 0):
        tally.flaw("unbounded", at, "bytes dropped and held do not add up")


def compare(got: list[Told], wanted: list[Told], tally: Tally, at: int) -> None:
    """A flaw unless both are the same."""
    if got != wanted:
        missed = got == wanted[: len(got)]
        words = f"{len(got)} answers, {len(wanted)} by the sheet"
        tally.flaw("missed" if missed else "wrong acceptance", at, words)


def linear(tally: Tally, make: type[Decoder]) -> None:
    """Whether a byte of the worst garbage costs the same in a stream eight times as long."""
    fuzz.linear(tally, make, WORST)


@dataclass(frozen=True)
class Fuzz(fuzz.HostileBytes[Decoder]):
    """The subject."""

    name: str = "samv-fuzz"
    about: str = (
        "hostile bytes in hostile portions into the ID-card reader's decoder: answers, bytes"
        " dropped and bytes held as by a slow oracle of the same rules; cost a byte in two sizes"
    )
    slice_size: int = 500_000
    piece = STREAM
    sound = Decoder
    planted = Uncounting
    makers = MAKERS
    worst = WORST
    judge = staticmethod(feed)


SUBJECTS: Final = (Fuzz(),)

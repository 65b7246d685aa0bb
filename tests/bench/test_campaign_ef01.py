# SPDX-License-Identifier: Apache-2.0
"""The fingerprint module's campaigns: sound on a small scale, and not blind."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.campaign import __main__ as command
from bench.campaign import ef01_fuzz
from bench.campaign.ef01_fuzz import Fuzz, feed, oracle
from bench.campaign.subject import Tally
from firmware_io.codecs.ef01 import Damage, Damaged, Decoder, Packet

# ZFM-70 manual, "data package format": address FFFFFFFF, "no finger" and "packet error".
NO_FINGER = bytes.fromhex("ef01ffffffff07000302000c")
FLIPPED = bytes.fromhex("ef01ffffffff07000301000c")  # code 01 under the checksum of 02


def test_the_oracle_knows_the_manuals_packets_and_what_is_none() -> None:
    assert oracle(NO_FINGER) == ([(7, b"\x02")], 0, 0)
    assert oracle(b"\x55\xef" + NO_FINGER + b"\x00") == ([(7, b"\x02")], 3, 0)
    assert oracle(NO_FINGER[:-1]) == ([], 0, 11)
    assert oracle(FLIPPED) == ([], 12, 0)
    assert oracle(FLIPPED[:9] + NO_FINGER) == ([(7, b"\x02")], 9, 0)
    assert oracle(bytes.fromhex("ef01ffffffff07ffff00010a")) == ([], 12, 0)


def test_a_slice_of_the_fuzz_is_sound_and_sees_all_kinds_of_damage() -> None:
    tally = Fuzz().run(1, 60_000, "")
    assert tally.flaws == []
    assert tally.done == 60_000
    assert all(tally.counts[f"damage {kind}"] > 10 for kind in Damage)
    assert tally.counts["packets"] > 100


def test_the_command_fails_when_the_checksum_is_ignored(tmp_path: Path) -> None:
    asked = ["ef01-fuzz", "--bytes=20000", "--jobs=1", f"--state={tmp_path / 'state'}"]
    where = [f"--results={tmp_path / 'result.json'}"]
    assert command.main([*asked, *where]) == 0
    assert command.main([*asked, *where, "--plant=checksum"]) == 1


class Hasty(Decoder):
    """Drops all it holds when a packet is broken."""

    def feed(self, data: bytes) -> list[Packet | Damaged]:
        found = super().feed(data)
        if any(isinstance(item, Damaged) for item in found):
            self.reset()
        return found


class Hoarding(Decoder):
    """Keeps everything."""

    hoard = b""

    def feed(self, data: bytes) -> list[Packet | Damaged]:
        self.hoard += data
        return super().feed(data)

    @property
    def pending(self) -> int:
        return len(self.hoard)


class Raising(Decoder):
    """Falls over a length that no packet has."""

    def feed(self, data: bytes) -> list[Packet | Damaged]:
        found = super().feed(data)
        for item in found:
            if isinstance(item, Damaged) and item.reason is Damage.LENGTH:
                raise ValueError("length")
        return found


class Slow(Decoder):
    """Looks at everything that it was ever given."""

    def feed(self, data: bytes) -> list[Packet | Damaged]:
        sum(byte for at in range(0, len(data), 16384) for byte in data[:at])
        return super().feed(data)


@pytest.mark.parametrize(
    ("wrong", "kinds"),
    [
        (ef01_fuzz.Uncounting, {"wrong acceptance"}),
        (Hasty, {"missed"}),
        (Hoarding, {"unbounded"}),
        (Raising, {"exception"}),
    ],
)
def test_each_way_of_being_wrong_is_told_by_its_name(
    wrong: Callable[[], Decoder], kinds: set[str]
) -> None:
    tally, chance = Tally(), random.Random(3)
    for at in range(12):
        feed(wrong(), ef01_fuzz.stream(chance, 2048), chance, tally, at)
    assert kinds <= {flaw.kind for flaw in tally.flaws}


def test_work_that_grows_faster_than_the_stream_is_told() -> None:
    tally = Tally()
    ef01_fuzz.linear(tally, Slow)
    assert {flaw.kind for flaw in tally.flaws} == {"slow"}

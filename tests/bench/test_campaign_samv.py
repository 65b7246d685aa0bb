# SPDX-License-Identifier: Apache-2.0
"""The ID-card reader's campaigns, in small: sound as it is, and not with a fault built in."""

import pytest

from bench.campaign.samv_dialogues import Dialogues
from bench.campaign.samv_fuzz import Fuzz, oracle
from bench.campaign.subject import Tally

STATUS_OK = bytes.fromhex("aaaaaa966900040000 90 94".replace(" ", ""))


def _kinds(tally: Tally) -> set[str]:
    return {flaw.kind for flaw in tally.flaws}


def test_the_oracle_reads_an_answer_of_the_sheet_behind_junk_and_extra_marks() -> None:
    wire = b"\x00\xaa\xaa" + STATUS_OK + b"\xaa\xaa"
    assert oracle(wire, ended=False) == ([(0x90, 0, 0, b"")], 5)
    broken = STATUS_OK[:-1] + b"\x95"
    assert oracle(broken, ended=True) == ([], len(broken))


def test_the_decoder_agrees_with_the_oracle_on_hostile_bytes() -> None:
    tally = Fuzz().run(11, 60_000, "")
    assert tally.flaws == []
    assert tally.done == 60_000
    assert tally.counts["answers"] > 20


def test_a_decoder_without_checksum_is_noticed() -> None:
    assert "wrong acceptance" in _kinds(Fuzz().run(11, 60_000, "checksum"))


def test_hostile_dialogues_yield_only_cards_that_lay_there() -> None:
    tally = Dialogues().run(5, 150, "")
    assert tally.flaws == []
    assert tally.counts["cards read"] > 50
    assert len(tally.counts) > 6  # refusals of every sort were met as well


def test_a_driver_without_checksum_is_noticed_in_dialogues() -> None:
    slices = (Dialogues().run(seed, 150, "checksum") for seed in range(1, 20))
    assert any("wrong acceptance" in _kinds(tally) for tally in slices)


@pytest.mark.parametrize("subject", [Fuzz(), Dialogues()])
def test_the_same_seed_gives_the_same_slice(subject: Fuzz | Dialogues) -> None:
    amount = 20_000 if subject.unit == "bytes" else 30
    first, again = subject.run(3, amount, ""), subject.run(3, amount, "")
    assert first.counts == again.counts

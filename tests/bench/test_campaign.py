# SPDX-License-Identifier: Apache-2.0
"""The frame of the campaigns, with subjects made for it."""

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.campaign import __main__ as command
from bench.campaign.registry import subjects
from bench.campaign.state import State, digest
from bench.campaign.subject import KEPT_FLAWS, Subject, Tally, Unit
from bench.campaign.workers import Slice, run, seed_of


@dataclass(frozen=True)
class Fake:
    """A subject whose slice is `do`."""

    do: Callable[[int, int, str], Tally]
    name: str = "fake"
    about: str = "counts"
    unit: Unit = "dialogues"
    usual: int = 100
    slice_size: int = 10
    slice_limit_s: float = 60.0
    plants: tuple[str, ...] = ("checksum",)

    def run(self, seed: int, amount: int, plant: str) -> Tally:
        return self.do(seed, amount, plant)


def steady(seed: int, amount: int, plant: str) -> Tally:
    tally = Tally(done=amount)
    tally.count("seen", random.Random(seed).randrange(1000))
    if plant:
        tally.flaw("wrong acceptance", 0, "as planted")
    return tally


@pytest.fixture
def campaign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, Any]]:
    """Runs the command with one subject; its exit status and the subject's result."""

    def start(subject: Subject, *arguments: str) -> tuple[int, Any]:
        monkeypatch.setattr(command, "subjects", lambda: {subject.name: subject})
        result, state = tmp_path / "campaign.json", tmp_path / "state.json"
        status = command.main([*arguments, f"--results={result}", f"--state={state}"])
        if not result.exists():
            return status, None
        return status, json.loads(result.read_text())["subjects"][0]

    return start


def test_every_subject_of_the_folder_says_what_it_is() -> None:
    for name, subject in subjects().items():
        assert name == subject.name
        assert subject.about
        assert subject.plants, "a campaign without a planted fault shows nothing"


def test_a_sound_campaign_tells_what_it_has_done(campaign: Callable[..., Any]) -> None:
    status, told = campaign(Fake(steady), "--dialogues=45", "--seed=7")
    assert status == 0
    assert (told["asked"], told["done"], told["slices"], told["sound"]) == (45, 45, 5, True)
    assert told["seed"] == 7
    assert told["planted"] == {"checksum": {"caught": True, "after": 10, "as": "wrong acceptance"}}
    assert told["rss_before_mb"] > 1


def test_the_same_seed_sees_the_same_whatever_the_number_of_workers(
    campaign: Callable[..., Any],
) -> None:
    one = campaign(Fake(steady), "--jobs=1")[1]["counts"]
    assert campaign(Fake(steady), "--jobs=3")[1]["counts"] == one
    assert campaign(Fake(steady), "--seed=2")[1]["counts"] != one


def test_a_planted_fault_makes_it_fail_and_writes_no_result(campaign: Callable[..., Any]) -> None:
    assert campaign(Fake(steady), "--plant=checksum") == (1, None)


def test_a_campaign_that_does_not_notice_its_planted_fault_is_not_sound(
    campaign: Callable[..., Any],
) -> None:
    status, told = campaign(Fake(lambda seed, amount, plant: steady(seed, amount, "")))
    assert (status, told["flawed"], told["sound"]) == (1, 0, False)
    assert told["planted"]["checksum"]["caught"] is False


def test_an_interrupted_campaign_goes_on_and_ends_as_one_that_was_not(
    campaign: Callable[..., Any], tmp_path: Path
) -> None:
    whole = campaign(Fake(steady))[1]
    kept = State(tmp_path / "state.json", resume=True, made_of=digest())
    progress = kept.subject("fake", 1, 100)
    assert progress.slices == set(range(10))
    half = State(tmp_path / "state.json", resume=False, made_of=digest())
    part = half.subject("fake", 1, 100)
    for done in run(Fake(steady), 1, [Slice(3, 10), Slice(8, 10)], "", 1):
        part.take(done)
    half.save()

    def counted(seed: int, amount: int, plant: str) -> Tally:
        (tmp_path / f"ran-{seed}").touch()
        return steady(seed, amount, plant)

    status, told = campaign(Fake(counted, plants=()), "--resume")
    ran = [n for n in range(10) if (tmp_path / f"ran-{seed_of(1, 'fake', n)}").exists()]
    assert status == 0
    assert ran == [0, 1, 2, 4, 5, 6, 7, 9]
    assert told["counts"] == whole["counts"]


def test_another_seed_is_not_mixed_into_what_was_kept(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json", resume=False)
    for done in run(Fake(steady), 1, [Slice(0, 10)], "", 1):
        state.subject("fake", 1, 100).take(done)
    state.save()
    again = State(tmp_path / "state.json", resume=True)
    assert again.subject("fake", 1, 100).slices == {0}
    assert again.subject("fake", 2, 100).slices == set()


def test_slices_of_another_program_do_not_count(tmp_path: Path) -> None:
    before = State(tmp_path / "state.json", resume=False, made_of="before")
    before.subject("fake", 1, 100).slices.add(0)
    before.save()
    for made_of, left in (("before", {0}), ("after", set())):
        again = State(tmp_path / "state.json", resume=True, made_of=made_of)
        assert again.subject("fake", 1, 100).slices == left
    (tmp_path / "one.py").write_text("x = 1")
    one = digest([tmp_path])
    (tmp_path / "one.py").write_text("x = 2")
    assert digest([tmp_path]) != one


def test_an_exception_is_a_flaw_that_quotes_nothing(campaign: Callable[..., Any]) -> None:
    def fails(seed: int, amount: int, plant: str) -> Tally:
        raise ValueError("EF01 and somebody's finger")

    status, told = campaign(Fake(fails), "--dialogues=10")
    assert status == 1
    assert told["flaws"][0]["kind"] == "exception"
    assert "ValueError" in told["flaws"][0]["words"]
    assert "finger" not in json.dumps(told["flaws"])


def test_a_hanging_slice_ends_the_campaign_and_is_told(campaign: Callable[..., Any]) -> None:
    def hangs(seed: int, amount: int, plant: str) -> Tally:
        while True:
            time.sleep(60)

    status, told = campaign(Fake(hangs, slice_limit_s=0.2, plants=()), "--jobs=1")
    assert status == 1
    assert [flaw["kind"] for flaw in told["flaws"]] == ["hang"]
    assert told["done"] == 0


def test_a_worker_that_falls_is_told(campaign: Callable[..., Any]) -> None:
    status, told = campaign(Fake(lambda *_: os._exit(3), plants=()), "--jobs=1")
    assert status == 1
    assert told["flaws"][0]["words"] == "hang: the worker fell"


def test_growth_of_a_worker_is_a_flaw(campaign: Callable[..., Any]) -> None:
    held: list[bytes] = []

    def grows(seed: int, amount: int, plant: str) -> Tally:
        held.append(random.Random(seed).randbytes(4_000_000))
        return steady(seed, amount, plant)

    status, told = campaign(Fake(grows), "--jobs=1")
    assert status == 1
    assert told["flaws"][-1]["kind"] == "growth"
    assert told["growth_mb"] > 16


def test_all_flaws_are_counted_and_some_are_kept() -> None:
    one, other = Tally(), Tally()
    for tally in (one, other):
        for at in range(KEPT_FLAWS):
            tally.flaw("overrun", at, "late")
    one.add(other)
    assert one.flawed == 2 * KEPT_FLAWS
    assert len(one.flaws) == KEPT_FLAWS
    assert Tally.of(json.loads(json.dumps(one.plain()))) == one


def test_one_slice_can_be_run_again_by_itself(campaign: Callable[..., Any]) -> None:
    assert campaign(Fake(steady), "--slice=4") == (0, None)

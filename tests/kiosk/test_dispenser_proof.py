# SPDX-License-Identifier: Apache-2.0
"""A technician with dummy cards at emulated machines, on a clock that nobody waits for."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bench.campaign.virtual import Line, VirtualLink
from drivers.dispenser import Dispenser
from drivers.dispenser_settings import DispenserSettings
from drivers.errors import OutOfServiceError
from firmware_io.emulators.dispenser import dispenser
from firmware_io.emulators.stage import Stage
from kiosk.dispenser_cli import _elsewhere, app
from kiosk.dispenser_proof import CARDS, Place, Step, prove, proven

MAKES = ("k7", "crt571", "crt591")


class Hall:
    """One machine, and the person before it."""

    def __init__(
        self, folder: Path, make: str, cards: int = CARDS, at: int = 0, **settings: Any
    ) -> None:
        self.machine = dispenser(make, seed=5, address=at)
        self.line = Line(self.machine, 5)
        self.machine.control({"stock": [f"dummy {n}" for n in range(cards)]}, self.line.now)
        self.settings = DispenserSettings(make, **settings)
        link: Any = VirtualLink(self.line, "line", self.settings.baudrate)
        self.driver = Dispenser("line", folder / "journal", settings=self.settings, link=link)
        self.gives_up = False
        self.blind = False

    def where(self, step: str) -> Place:
        mechanics = self.machine.machine
        if self.blind:
            return Place.ELSEWHERE
        if mechanics.card is None:
            return Place.BOX if step == "capture" and mechanics.box else Place.ELSEWHERE
        seen = {"READER": Place.READER, "MOUTH": Place.MOUTH}
        return seen.get(mechanics.spot.name, Place.ELSEWHERE)

    def takes(self) -> bool:
        if not self.gives_up:
            self.machine.control({"take_card": True}, self.line.now)
        return not self.gives_up

    def prove(self) -> list[Step]:
        return prove(self.driver, self.settings.commands, self)

    @property
    def moves(self) -> list[str]:
        return [name for _, name in self.machine.machine.moves]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Callable[..., Hall]]:
    with ExitStack() as stack:

        def make(name: str, **more: Any) -> Hall:
            one = Hall(tmp_path, name, **more)
            stack.enter_context(one.line.clock())
            stack.callback(one.driver.close)
            return one

        yield make


@pytest.mark.parametrize("make", MAKES)
def test_a_machine_that_does_what_its_settings_say_is_proven_with_three_cards(hall, make) -> None:
    one = hall(make)
    steps = one.prove()
    assert proven(steps)
    assert [step.name for step in steps] == [
        *("feed", "present", "taken"),
        *("feed", "capture"),
        *("feed", "present", "capture"),
    ]
    assert [(step.before, step.after) for step in steps[:2]] == [
        ("no card", "reader"),
        ("reader", "mouth"),
    ]
    feed, present, capture = one.settings.commands.values()
    assert one.moves == [feed, present, feed, capture, feed, present, capture]
    assert one.machine.machine.violations == []


@pytest.mark.parametrize(
    ("settings", "name", "seen"),
    [
        ({"capture": "23"}, "capture", Place.READER),  # says that it did
        ({"present": "29", "capture": "23"}, "present", Place.BOX),  # into the error bin
    ],
)
def test_what_a_build_does_otherwise_is_named_and_nothing_moves_after_it(
    hall, settings, name, seen
) -> None:
    one = hall("crt591", **settings)
    one.where = lambda step: seen if step == name else Hall.where(one, step)
    steps = one.prove()
    assert not proven(steps)
    assert (steps[-1].name, steps[-1].seen) == (name, seen)
    assert steps[-1].reason == "dispenser.stalled"
    assert one.moves[-1] == steps[-1].command


def test_a_person_who_sees_it_elsewhere_is_believed_more_than_the_sensors(hall) -> None:
    one = hall("k7")
    one.blind = True
    steps = one.prove()
    assert [step.reason for step in steps] == [""]
    assert not proven(steps)


def test_an_empty_hopper_or_a_card_that_nobody_takes_ends_it(hall) -> None:
    (step,) = hall("crt571", cards=0).prove()
    assert (step.reason, step.proven) == ("dispenser.empty", False)


def test_who_gives_up_proves_nothing(hall) -> None:
    one = hall("k7")
    one.gives_up = True
    steps = one.prove()
    assert (steps[-1].name, steps[-1].proven) == ("taken", False)
    assert len(one.moves) == 2


def patient(folder: Path, stage: Stage, make: str) -> str:
    """A booth.toml with times that a slow machine keeps too."""
    booth = folder / "booth.toml"
    booth.write_text(
        f'[devices.dispenser]\npath = "{stage.path}"\nmake = "{make}"\n'
        "reply_s = 5.0\ntries = 10\nmove_s = 60.0\n"
    )
    return str(booth)


def test_the_command_shows_asks_and_writes_its_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with Stage(dispenser("crt571", factor=0.0)) as stage:
        stage.control({"stock": ["a", "b", "c"]})
        command = ["prove", "--config", patient(tmp_path, stage, "crt571"), "--out", str(report)]
        done = CliRunner().invoke(app, command, input="y\nwho knows\nmouth\n")
        moves = stage.control({"check": True})["moves"]
    assert done.exit_code == 1, done.output
    assert "feed 21, present 20, capture 23" in done.output
    assert "Not proven: 'feed' (21) brought the card to: mouth" in done.output
    told = json.loads(report.read_text("utf-8"))
    assert (told["make"], told["proven"]) == ("crt571", False)
    assert [(one["name"], one["seen"], one["reason"]) for one in told["steps"]] == [
        ("feed", "mouth", "")
    ]
    assert [name for _, name in moves] == ["21"]


def test_who_does_not_say_yes_moves_nothing(tmp_path: Path) -> None:
    with Stage(dispenser("k7", factor=0.0)) as stage:
        stage.control({"stock": ["a", "b", "c"]})
        command = ["prove", "--config", patient(tmp_path, stage, "k7")]
        done = CliRunner().invoke(app, command, input="n\n")
        moves = stage.control({"check": True})["moves"]
    assert (done.exit_code, moves) == (1, [])


def test_a_machine_that_is_not_there_is_one_sentence_with_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["prove", "--path", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "The card dispenser is not connected. Please " in done.output


def test_a_command_that_would_reset_the_machine_is_not_tried(tmp_path: Path) -> None:
    command = ["prove", "--path", str(tmp_path / "none"), "--make", "crt571", "--feed", "00"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert "no such movement" in done.output


def test_a_machine_at_another_address_is_named(hall) -> None:
    one = hall("crt571", at=11)
    with pytest.raises(OutOfServiceError, match=r"dispenser\.silent") as silent:
        one.driver.look()
    assert _elsewhere(one.driver, silent.value) == ["One answers at address 11"]
    one.line.control({"fault": {"silent": True, "times": 0}})
    assert _elsewhere(one.driver, silent.value) == ["None answers at any address"]

# SPDX-License-Identifier: Apache-2.0
"""The conductor gives commands to lanes, wakes in time, and lets no late answer through."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from uuid6 import uuid7

from drivers.errors import CancelledError
from kiosk.commands import AskEligibility, ReadCard, StartPreview, WakeAfter, Wipe
from kiosk.conductor import TOUCHES_AT_ONCE, Conductor, Crew
from kiosk.events import (
    Chose,
    Done,
    Event,
    Focused,
    HealthChanged,
    LanguageChosen,
    Pressed,
    Told,
    Touched,
    VoiceChosen,
    VoiceFitted,
    Woke,
)
from kiosk.facts import Outcome
from kiosk.flow import Limits
from kiosk.journeys import RENEW
from kiosk.lane import Lane, Tell
from kiosk.vault import Vault
from kiosk.view import text
from kiosk.voice import Silence, Spoken

SECONDS = 10.0


class Waiting:
    """An act that runs until it is called off or let go with a value."""

    def __init__(self, *takes: type) -> None:
        self.takes = takes
        self.begun: list[Any] = []
        self.offs: list[threading.Event] = []
        self.let_go = threading.Event()
        self.value: Any = None

    def run(self, command: Any, tell: Tell, off: threading.Event) -> Any:
        self.offs.append(off)
        self.begun.append(command)
        while not self.let_go.wait(0.005):
            if off.is_set():
                raise CancelledError
        self.let_go.clear()
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value

    def cancel(self) -> None:
        """`off` is enough."""


class Hall:
    """A conductor with acts that a test holds in its hands."""

    def __init__(self, limits: Limits, voice: Spoken | None = None) -> None:
        self.acts = {
            name: Waiting(kind)
            for name, kind in (
                ("card", ReadCard),
                ("rules", AskEligibility),
                ("preview", StartPreview),
                ("wipe", Wipe),
            )
        }
        self.lamps: list[tuple[str, float]] = []
        self.consents: list[str] = []
        self.staff: list[bool] = []
        self.ended = threading.Event()
        parts = SimpleNamespace(frame=lambda: None, drop=lambda take: None, call_off=lambda: None)
        crew = Crew(
            application_id=uuid7(),
            vault=Vault(),
            lanes=self._lanes,
            room=parts,  # type: ignore[arg-type]
            keep=parts,  # type: ignore[arg-type]
            payment=parts,  # type: ignore[arg-type]
            consents=lambda what, version: self.consents.append(what),
            lamp=lambda name, level: self.lamps.append((name, level)),
            call_staff=self.staff.append,
            voice=voice or Silence(),
        )
        self.conductor = Conductor(RENEW, limits, crew)
        self.conductor.on_end(self.ended.set)
        self.conductor.start()
        self.conductor.send(HealthChanged())

    def _lanes(self, send: Callable[[Event], None]) -> tuple[Lane, ...]:
        self.send = send
        return tuple(Lane(name, (act,), send) for name, act in self.acts.items())

    def until(self, there: Callable[[], bool]) -> None:
        end = time.monotonic() + SECONDS
        while not there():
            assert time.monotonic() < end, f"it never came; shown: {self.conductor.view()}"
            time.sleep(0.005)

    @property
    def step(self) -> str:
        return self.conductor.view().step_name

    def press(self, button: str) -> None:
        self.until(lambda: button in [b.id for b in self.conductor.view().buttons if b.enabled])
        self.conductor.send(Pressed(self.conductor.view().question, button))

    def to_card(self) -> "Hall":
        self.press("start")
        self.until(lambda: self.step == "menu")
        self.conductor.send(Chose(self.conductor.view().question, "renew"))
        self.until(lambda: self.step == "consent")
        self.press("yes")
        self.until(lambda: len(self.acts["card"].begun) == 1)
        return self


class Short:
    """Limits of a citizen who is given little time."""

    LIMITS: ClassVar = Limits(warn_s=1, end_s=2)


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall(Limits())
    yield hall
    hall.conductor.stop()


@pytest.fixture
def short_hall() -> Iterator[Hall]:
    hall = Hall(Short.LIMITS)
    yield hall
    hall.conductor.stop()


def test_a_step_s_commands_reach_lane_lamp_and_consent(hall: Hall) -> None:
    hall.to_card()
    assert hall.acts["card"].begun == [ReadCard()]
    assert ("reader", 1.0) in hall.lamps
    assert hall.consents == ["purpose"]


def test_going_back_calls_the_device_off_and_its_late_answer_changes_nothing(hall: Hall) -> None:
    hall.to_card()
    running = next(o for o in hall.conductor.visit.open if isinstance(o.command, ReadCard))
    hall.press("back")
    hall.until(lambda: hall.step == "consent")
    assert hall.acts["card"].offs[0].wait(SECONDS)
    hall.send(Told(running.id, "reading", None))
    hall.send(Done(running.id, "a card that came too late"))
    hall.send(Woke(running.id, "count"))
    hall.press("no")
    hall.until(lambda: hall.step == "menu")
    assert hall.conductor.visit.facts.identity is None


def test_the_call_for_a_person_is_given_and_taken_back(hall: Hall) -> None:
    hall.to_card()
    hall.press("staff")
    hall.until(lambda: hall.staff == [True])
    hall.press("close")
    hall.until(lambda: hall.staff == [True, False])


def test_silence_ends_the_visit_by_the_clock_with_a_wipe(short_hall: Hall) -> None:
    hall = short_hall.to_card()
    hall.until(lambda: hall.conductor.view().leaving_s is not None)
    hall.until(lambda: len(hall.acts["wipe"].begun) == 1)
    assert hall.acts["card"].offs[0].is_set()
    hall.acts["wipe"].let_go.set()
    assert hall.ended.wait(SECONDS)
    assert hall.conductor.outcome is Outcome.ABANDONED


def test_an_alarm_that_was_called_off_never_rings(hall: Hall) -> None:
    hall.to_card()
    visit = hall.conductor.visit
    alarms = [o for o in visit.open if isinstance(o.command, WakeAfter)]
    assert len(alarms) == 1, "one clock a visit"
    hall.press("back")
    hall.until(lambda: hall.step == "consent")
    assert len([o for o in hall.conductor.visit.open if isinstance(o.command, WakeAfter)]) == 1


def test_a_fault_in_an_act_ends_in_a_word_for_the_citizen(hall: Hall) -> None:
    hall.to_card()
    hall.acts["card"].value = ZeroDivisionError("张静")
    hall.acts["card"].let_go.set()
    hall.until(lambda: hall.step == "trouble")
    assert hall.conductor.view().heading.key == "device.failed"


def test_a_listener_hears_each_new_view_once(hall: Hall) -> None:
    seen: list[Any] = []
    hall.conductor.on_view(seen.append)
    hall.to_card()
    assert all(one != after for one, after in pairwise(seen))
    assert {one.step_name for one in seen} >= {"menu", "consent", "identify"}


def test_a_booth_that_is_far_behind_drops_touches_and_never_an_answer() -> None:
    hall = Hall.__new__(Hall)
    hall.acts = {"card": Waiting(ReadCard)}
    parts: Any = SimpleNamespace()
    crew = Crew(
        application_id=uuid7(),
        vault=Vault(),
        lanes=hall._lanes,
        room=parts,
        keep=parts,
        payment=parts,
        consents=lambda what, version: None,
        lamp=lambda name, level: None,
        call_staff=lambda on: None,
    )
    idle = Conductor(RENEW, Limits(), crew)  # not started: nothing is taken out of its queue
    for _ in range(TOUCHES_AT_ONCE + 10):
        idle.send(Touched())
    idle.send(Done(1, None))
    assert idle._events.qsize() == TOUCHES_AT_ONCE + 1
    idle.stop()


class Listening:
    """A voice that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def shown(self, view: Any, language: str, *, on: bool) -> None:
        self.told.append(("shown", (view.step_name, language, on)))

    def touched(self) -> None:
        self.told.append(("touched", None))

    def focused(self, what: Any) -> None:
        self.told.append(("focused", what.key))


def test_the_voice_hears_of_every_screen_language_touch_and_mark() -> None:
    voice = Listening()
    hall = Hall(Limits(), voice)
    hall.send(VoiceFitted(True))
    hall.press("start")
    hall.until(lambda: ("shown", ("menu", "zh", True)) in voice.told)
    hall.send(Touched())
    hall.send(Focused(text("frame.help")))
    hall.send(LanguageChosen("en"))
    hall.until(lambda: voice.told[-1] == ("shown", ("menu", "en", True)))
    assert ("touched", None) in voice.told
    assert ("focused", "frame.help") in voice.told
    hall.send(VoiceChosen(False))
    hall.until(lambda: voice.told[-1] == ("shown", ("menu", "en", False)))
    hall.conductor.stop()


def test_the_keypads_keys_reach_the_screens(hall: Hall) -> None:
    pressed: list[str] = []
    hall.conductor.on_keypad(pressed.append)
    for key in ("next", "choose"):
        hall.conductor.keypad(key)
    assert pressed == ["next", "choose"]

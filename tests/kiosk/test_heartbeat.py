# SPDX-License-Identifier: Apache-2.0
"""A device that is slow to ask keeps nobody waiting, and its word is the last one heard."""

import threading
import time
from collections.abc import Callable

import pytest

from drivers.errors import OutOfServiceError
from drivers.health import Health, State
from kiosk.heartbeat import Heartbeat

PATIENCE_S = 40.0
READY = Health.ready("bins")
ILL = Health.ill("bins", "bins.unplugged")


class Slow:
    """A driver whose question lasts until the test lets it end."""

    def __init__(self) -> None:
        self.word = READY
        self.refuses = False
        self.fault: Exception | None = None
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0
        self.closed = 0

    def start(self) -> None:
        if self.refuses:
            raise OutOfServiceError("bins.unplugged")

    def health(self) -> Health:
        self.asked += 1
        self.answers.wait(PATIENCE_S)
        if self.fault is not None:
            raise self.fault
        return self.word

    def close(self) -> None:
        self.closed += 1
        self.answers.set()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def test_what_is_only_starting_is_busy_and_not_ill(slow: Slow) -> None:
    assert Heartbeat("bins", slow, 0.01).health().state is State.BUSY


def test_a_change_is_heard_at_the_next_beat_and_told_once(slow: Slow) -> None:
    beat = Heartbeat("bins", slow, 0.001)
    told: list[Health] = []
    beat.on_change = lambda: told.append(beat.health())
    beat.start()
    until(lambda: beat.health() == READY)
    slow.word = ILL
    until(lambda: beat.health() == ILL)
    asked = slow.asked
    until(lambda: slow.asked > asked + 3)
    beat.close()
    assert told == [READY, ILL]


def test_whoever_wants_the_word_does_not_wait_for_a_question_under_way(slow: Slow) -> None:
    slow.answers.clear()
    beat = Heartbeat("bins", slow, 0.001)
    beat.start()
    until(lambda: slow.asked == 1)
    assert beat.health().state is State.BUSY  # the question has not ended, and this line is reached
    beat.close()


def test_a_device_that_does_not_start_is_asked_on_and_heals(slow: Slow) -> None:
    slow.refuses, slow.word = True, ILL
    beat = Heartbeat("bins", slow, 0.001)
    with pytest.raises(OutOfServiceError):
        beat.start()
    until(lambda: beat.health() == ILL)
    slow.word = READY
    until(lambda: beat.health() == READY)
    beat.close()


def test_a_fault_of_the_program_is_an_ill_device_and_the_beat_goes_on(
    slow: Slow, capsys: pytest.CaptureFixture[str]
) -> None:
    slow.fault = RuntimeError("card 310105196111300012")
    beat = Heartbeat("bins", slow, 0.001)
    beat.start()
    until(lambda: beat.health().state is State.ILL)
    asked = slow.asked
    until(lambda: slow.asked > asked + 3)
    slow.fault = None
    until(lambda: beat.health() == READY)
    beat.close()
    said = "".join(capsys.readouterr())
    assert said.count("program fault") == 1  # not once a beat
    assert "310105196111300012" not in said


def test_after_close_nobody_asks_and_the_device_is_let_go_for_good(slow: Slow) -> None:
    slow.answers.clear()
    beat = Heartbeat("bins", slow, 0.001)
    beat.start()
    until(lambda: slow.asked == 1)
    beat.close()
    asked, closed = slow.asked, slow.closed
    assert closed >= 2  # once to end the question, once after the beat has ended
    beat.close()
    assert slow.asked == asked
    with pytest.MonkeyPatch.context() as patched:  # a start that ends later lets go again
        patched.setattr(slow, "closed", 0)
        beat.start()
        assert slow.closed == 1
    assert slow.asked == asked

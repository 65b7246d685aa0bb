# SPDX-License-Identifier: Apache-2.0
"""A lane does one thing after another, and whatever an act does, the next command still works."""

import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from drivers.errors import (
    AskAgainError,
    AskStaffError,
    BoothError,
    CancelledError,
    OutOfServiceError,
    RefusedError,
)
from kiosk.commands import PrintSlip, ReadCard, Wipe
from kiosk.events import Done, Event, Failed, Told
from kiosk.facts import Facts, Who
from kiosk.lane import Lane, Tell

SECONDS = 10.0


class Reader:
    """An act that waits until it may go on, and then does what it was told to."""

    takes = (ReadCard, Wipe)

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.outcome: Any = "read"
        self.cancelled, self.runs = 0, 0

    def run(self, command: ReadCard, tell: Tell, off: threading.Event) -> Any:
        self.runs += 1
        tell("waiting", None)
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        if off.is_set():
            raise CancelledError
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    def cancel(self) -> None:
        self.cancelled += 1
        self.go_on.set()


class Rig:
    """A lane with one act and everything that it has said."""

    def __init__(self) -> None:
        self.act, self.said = Reader(), queue.Queue[Event]()
        self.lane = Lane("test", (self.act,), self.said.put)

    def next(self) -> Event:
        return self.said.get(timeout=SECONDS)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.act.go_on.set()
    rig.lane.close()


def test_answers_name_the_command_they_answer_and_keep_their_order(rig: Rig) -> None:
    rig.act.go_on.set()
    rig.lane.submit(7, ReadCard())
    rig.lane.submit(8, ReadCard())
    assert [rig.next() for _ in range(4)] == [
        Told(7, "waiting"),
        Done(7, "read"),
        Told(8, "waiting"),
        Done(8, "read"),
    ]


def test_a_running_command_is_called_off_through_its_act(rig: Rig) -> None:
    rig.lane.submit(1, ReadCard())
    assert rig.act.begun.wait(SECONDS)
    assert rig.lane.cancel(1)
    assert rig.next() == Told(1, "waiting")
    assert rig.next() == Failed(1, "cancelled", Who.CANCELLED)
    assert rig.act.cancelled == 1


def test_a_queued_command_that_is_called_off_is_never_begun(rig: Rig) -> None:
    rig.lane.submit(1, ReadCard())
    assert rig.act.begun.wait(SECONDS)
    rig.lane.submit(2, ReadCard())
    assert rig.lane.cancel(2)
    assert rig.act.cancelled == 0, "the running one was called off in its place"
    rig.act.go_on.set()
    assert [rig.next() for _ in range(3)] == [
        Told(1, "waiting"),
        Done(1, "read"),
        Failed(2, "cancelled", Who.CANCELLED),
    ]
    assert rig.act.runs == 1


def test_a_command_that_is_over_or_was_never_given_cannot_be_called_off(rig: Rig) -> None:
    rig.act.go_on.set()
    rig.lane.submit(1, ReadCard())
    rig.lane.submit(2, ReadCard())
    while rig.next() != Told(2, "waiting"):
        pass
    assert not rig.lane.cancel(1)
    assert not rig.lane.cancel(99)


@pytest.mark.parametrize(
    ("error", "who"),
    [
        (AskAgainError("card.moved"), Who.AGAIN),
        (AskStaffError("printer.paper_out"), Who.STAFF),
        (OutOfServiceError("idreader.silent"), Who.TECHNICIAN),
        (RefusedError("post.refused"), Who.REFUSED),
        (BoothError("something.else"), Who.TECHNICIAN),
    ],
)
def test_an_error_tells_its_reason_and_who_must_act(rig: Rig, error: BoothError, who: Who) -> None:
    rig.act.go_on.set()
    rig.act.outcome = error
    rig.lane.submit(1, ReadCard())
    assert rig.next() == Told(1, "waiting")
    assert rig.next() == Failed(1, error.code, who)


def test_a_fault_of_the_program_becomes_a_word_and_the_next_command_works(rig: Rig) -> None:
    rig.act.go_on.set()
    rig.act.outcome = KeyError("张静 341522199811070025")
    with capture_logs() as logged:
        rig.lane.submit(1, ReadCard())
        assert rig.next() == Told(1, "waiting")
        assert rig.next() == Failed(1, "device.failed", Who.TECHNICIAN)
    assert logged[0]["kind"] == "KeyError"
    assert "张静" not in str(logged)
    rig.act.outcome = "read"
    rig.lane.submit(2, ReadCard())
    assert rig.next() == Told(2, "waiting")
    assert rig.next() == Done(2, "read")


def test_a_closed_lane_calls_off_what_it_had_and_its_thread_ends() -> None:
    rig = Rig()
    threads = {one for one in threading.enumerate() if one.name == "lane-test"}
    rig.lane.submit(1, ReadCard())
    assert rig.act.begun.wait(SECONDS)
    rig.lane.submit(2, ReadCard())
    rig.lane.close()
    assert rig.next() == Told(1, "waiting")
    assert rig.next() == Failed(1, "cancelled", Who.CANCELLED)
    assert rig.next() == Failed(2, "cancelled", Who.CANCELLED)
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_a_lane_tells_which_commands_are_its_own(rig: Rig) -> None:
    assert set(rig.lane.takes) == {ReadCard, Wipe}
    assert PrintSlip not in rig.lane.takes
    assert PrintSlip(Facts()) is not None

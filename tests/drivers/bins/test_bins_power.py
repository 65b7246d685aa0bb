# SPDX-License-Identifier: Apache-2.0
"""The booth, the cabinet or both die at every instant of a hand-out; then somebody looks."""

from contextlib import suppress

import pytest

from drivers.bins_books import Standing, Verb, Where
from drivers.errors import BoothError
from drivers.lockboard_talk import LockTalk
from firmware_io.emulators.lockboard import INSTANTS

NAME, CARD = "1/3", "A17"
MOST = 400  # instants of one hand-out; more would mean that the loop never ends


def person(booth, takes: bool, closes: bool) -> None:
    """What a citizen does at an open door."""
    if booth.board.cabinet.doors[1, 3].is_open:
        if takes:
            booth.desk({"take_card": 3})
        if closes:
            booth.desk({"close_door": 3})


def hand_out(booth, bins, takes: bool) -> None:
    bins.start()
    bins.open(NAME, Verb.HAND_OUT, CARD)
    person(booth, takes, closes=True)
    bins.await_closed(NAME, 30.0)
    bins.settle(NAME, Where.HOLDER) if takes else bins.settle(NAME, Where.HERE, CARD)


def afterwards(booth, *, takes: bool, closes: bool) -> Standing:
    """The next start moves nothing and is sure of nothing that is not so; then staff look."""
    booth.line.pass_time(2.0)  # a frame that was on its way has arrived
    before = booth.desk({"check": True})["pulses"]
    person(booth, takes, closes)
    bins = booth.switch_on()
    bins.start()
    assert booth.desk({"check": True})["pulses"] == before
    booth.check()
    booth.agrees(bins)
    found = bins.slots()[2].standing
    person(booth, takes=False, closes=True)
    look(booth, bins)
    booth.agrees(bins)
    booth.check()
    return found


def look(booth, bins) -> None:
    """Staff look into the bin when it is in doubt, and what they find is what the books say."""
    lies = booth.board.cabinet.doors[1, 3].cards
    if bins.slots()[2].standing is Standing.REACH:
        bins.await_closed(NAME, 30.0)
    if bins.slots()[2].standing is not Standing.REST:
        bins.settle(NAME, Where.HERE, CARD) if lies else bins.settle(NAME, Where.HOLDER)
    assert bool(bins.slots()[2].card) == bool(lies)
    if lies:
        bins.open(NAME, Verb.HAND_OUT, CARD)
        assert booth.board.cabinet.doors[1, 3].is_open


@pytest.mark.parametrize(
    ("fate", "takes", "closes"),
    [
        ("lost", True, True),
        ("torn", True, True),
        ("kept", True, True),
        ("kept", True, False),
        ("kept", False, True),
    ],
)
def test_a_booth_that_dies_at_any_instant_of_a_hand_out_loses_no_card_and_moves_nothing_twice(
    new_booth, mortal_disk, power_cut, make, fate, takes, closes
):
    standings = set()
    for instants in range(MOST):
        booth = new_booth(make, locks=4)
        booth.stock(NAME, CARD)
        bins = booth.switch_on()
        mortal_disk(booth.life, fate)
        booth.life.left = instants
        try:
            hand_out(booth, bins, takes)
            break
        except power_cut:
            booth.die()
            if instants % 2:  # half of the cuts take the cabinet with them
                booth.line.control({"power": "cycle"})
        standings.add(afterwards(booth, takes=takes, closes=closes))
    else:
        pytest.fail("a hand-out has no end")
    assert instants > 20
    assert {Standing.REST, Standing.DOUBT} <= standings
    assert (Standing.REACH in standings) is not closes


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("fault", [{"dies_at": one} for one in INSTANTS])
def test_a_cabinet_that_loses_its_supply_in_a_movement_is_asked_and_not_moved_again(
    new_booth, make, fault, takes
):
    for answers in range(4):
        booth = new_booth(make, locks=4)
        booth.stock(NAME, CARD)
        bins = booth.switch_on()
        bins.start()
        dies = {"fault": fault}
        if fault == {"dies_at": "answer"}:
            for _ in range(answers):
                bins.sense(NAME)
        booth.line.control(dies)
        with pytest.raises(BoothError):
            bins.open(NAME, Verb.HAND_OUT, CARD)
        booth.line.control({"power": "cycle"})
        afterwards(booth, takes=takes, closes=True)


def test_a_cabinet_that_dies_after_any_byte_is_asked_and_not_moved_again(new_booth, make):
    for count in range(70 if make == "winnsen" else 40):
        booth = new_booth(make, locks=4)
        booth.stock(NAME, CARD)
        bins = booth.switch_on()
        bins.start()
        booth.line.control({"fault": {"dies_after": count}})
        with suppress(BoothError):
            bins.open(NAME, Verb.HAND_OUT, CARD)
        booth.line.control({"fault": {}})
        booth.line.control({"power": "cycle"})
        afterwards(booth, takes=True, closes=True)


def repeats_after_silence(self: LockTalk, board: int, lock: int) -> None:
    """A planted fault: no answer to the pulse, so it is sent once more."""
    deadline_passed = not self._hear(type(self._quiet).after(self._reply_s))
    if deadline_passed:
        self.pulse(board, lock)


def test_a_driver_that_repeats_a_pulse_after_silence_is_caught(new_booth, monkeypatch, make):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    booth.line.control({"fault": {"silent": True, "skip": booth.answers}})
    monkeypatch.setattr(LockTalk, "answered_pulse", repeats_after_silence)
    bins.open(NAME, Verb.INSPECT)
    with pytest.raises(AssertionError, match=r"without asking|within 1 s|while a door is open"):
        booth.check()


def test_a_driver_that_forgets_the_intent_is_caught(new_booth, monkeypatch):
    booth = new_booth()
    bins = booth.switch_on()
    bins.start()
    bins.sense(NAME)
    bins._talk.pulse(1, 3)
    booth.line.pass_time(1.0)
    with pytest.raises(AssertionError, match="without an intent"):
        booth.check()


def test_books_that_claim_what_is_not_so_are_caught(new_booth):
    booth = new_booth()
    booth.stock(NAME, CARD)
    bins = booth.switch_on()
    bins.start()
    booth.agrees(bins)
    booth.board.cabinet.take((1, 3))  # behind everybody's back
    with pytest.raises(AssertionError, match="sure of a card"):
        booth.agrees(bins)

# SPDX-License-Identifier: Apache-2.0
"""Winnsen boards alone: frames without a check byte, two orders of fields, coils that rest."""

from contextlib import suppress

import pytest

from drivers.bins_books import Kind, Standing, Verb, Where
from drivers.bins_settings import BinSettings
from drivers.errors import AskAgainError, AskStaffError, OutOfServiceError
from drivers.health import State
from drivers.lockboard_talk import LockTalk

LOCKS = 4
LOOK = 2 * LOCKS  # answers


def pulses(booth):
    return [name for _, name in booth.desk({"check": True})["pulses"]]


def false_word(answer: int, is_open: bool, **more) -> dict:
    """The answer of this number, counted from now in a look, is replaced by a false one."""
    said = f"900792{1:02x}{answer % LOCKS + 1:02x}{int(is_open):02x}03"
    return {"fault": {"replace": said, "skip": answer, "times": 1, **more}}


def test_firmware_that_says_the_state_first_is_lived_with_when_the_site_says_so(new_booth):
    booth = new_booth("winnsen", swapped=True)
    booth.stock("1/16", "A17")
    bins = booth.switch_on()
    bins.open("1/16", Verb.HAND_OUT, "A17")
    booth.desk({"take_card": True})
    booth.desk({"close_door": True})
    bins.await_closed("1/16", 30.0)
    bins.settle("1/16", Where.HOLDER)
    assert pulses(booth) == ["1/16", "1/16"]
    booth.check()
    booth.agrees(bins)


@pytest.mark.parametrize("swapped", [True, False])
def test_an_order_set_the_wrong_way_round_is_told_and_nothing_moves(new_booth, swapped):
    booth = new_booth("winnsen", swapped=swapped)
    booth.desk({"open_door": 1})  # lock 1, open: the one answer that fits both orders
    bins = booth.switch_on(state_first=not swapped)
    with pytest.raises(OutOfServiceError, match=r"bins\.garbled"):
        bins.open("1/2", Verb.INSPECT)
    assert bins.health().reason == "bins.garbled"
    assert pulses(booth) == []
    assert booth.entries() == []


@pytest.mark.parametrize(("boards", "locks"), [((5,), 16), ((1,), 17), ((1,), 24)])
def test_a_site_cannot_have_more_than_such_boards_have(boards, locks):
    with pytest.raises(ValueError, match=r"range|1 to 16"):
        BinSettings("winnsen", boards=boards, locks=locks)


def test_a_board_that_answers_after_its_pulse_and_nothing_meanwhile_is_waited_for(new_booth):
    booth = new_booth("winnsen", locks=LOCKS)
    bins = booth.switch_on(reply_s=0.1, tries=1)
    bins.open("1/1", Verb.INSPECT)
    assert bins.slots()[0].standing is Standing.REACH
    booth.check()


def shut_doors_and_one_false_word(new_booth, answer: int, **more) -> None:
    """All doors are shut, one answer says open: the bin opens, and no other is in the books."""
    booth = new_booth("winnsen", locks=LOCKS)
    bins = booth.switch_on()
    bins.start()
    booth.line.control(false_word(answer, is_open=True, **more))
    bins.open("1/1", Verb.INSPECT)
    assert pulses(booth) == ["1/1"]
    assert {entry.place for entry in booth.entries()} == {"1/1"}
    booth.check()


def an_open_door_and_one_false_word(new_booth, answer: int, **more) -> None:
    """Bin 3 stands open, one answer says shut: nothing is opened beside it."""
    booth = new_booth("winnsen", locks=LOCKS)
    bins = booth.switch_on()
    bins.start()
    booth.desk({"open_door": 3})
    booth.line.control(false_word(answer, is_open=False, **more))
    with pytest.raises(AskStaffError, match=r"bins\.door_open"):
        bins.open("1/1", Verb.INSPECT)
    assert pulses(booth) == []


def at_every_answer(new_booth, story, **more) -> None:
    for answer in range(LOOK):
        story(new_booth, answer, **more)


STORIES = [shut_doors_and_one_false_word, an_open_door_and_one_false_word]


@pytest.mark.parametrize("copies", [{}, {"duplicate": True}])
@pytest.mark.parametrize("story", STORIES)
def test_one_false_word_is_believed_at_no_point_of_a_look(new_booth, story, copies):
    at_every_answer(new_booth, story, **copies)


@pytest.mark.parametrize(
    ("story", "caught"),
    [
        (shut_doors_and_one_false_word, AskStaffError),  # bins.door_open, and none is
        (an_open_door_and_one_false_word, pytest.fail.Exception),  # nothing was raised
    ],
)
def test_a_driver_that_takes_one_unverified_answer_is_caught(new_booth, monkeypatch, story, caught):
    monkeypatch.setattr(LockTalk, "_agreed", lambda self, board, lock, last: last)
    with pytest.raises(caught):
        at_every_answer(new_booth, story)


def test_a_line_that_copies_an_answer_does_not_verify_it(new_booth):
    """The copy of a false word would agree with it, were it taken for the second answer."""
    booth = new_booth("winnsen", locks=LOCKS)
    booth.line.portion = 7  # the copy reaches the host after the answer, not with it
    bins = booth.switch_on()
    bins.start()
    for answer in range(3):
        booth.line.control({"fault": {}})
        false = {"replace": "90079201010103", "duplicate": True, "skip": answer, "times": 1}
        booth.line.control({"fault": false})
        assert bins.sense("1/1") is False


def test_a_false_word_does_not_make_a_resting_cabinet_ill(new_booth):
    booth = new_booth("winnsen", locks=LOCKS)
    bins = booth.switch_on()
    bins.start()
    for answer in range(LOCKS):
        booth.line.pass_time(6.0)
        booth.line.control(false_word(answer, is_open=True))
        assert bins.health().state is State.READY
    assert booth.entries() == []


def test_an_opened_door_is_told_at_the_next_look_though_a_glance_asks_each_door_once(new_booth):
    booth = new_booth("winnsen")
    bins = booth.switch_on()
    bins.start()
    booth.line.pass_time(6.0)
    begun = booth.line.now
    assert bins.health().state is State.READY
    assert booth.line.now - begun < 1.0  # 16 questions, where 32 take 1.4 s
    booth.desk({"open_door": 16})
    booth.line.pass_time(6.0)
    assert bins.health().reason == "bins.door_open"


def test_a_look_at_a_resting_cabinet_gives_way_to_whoever_waits_for_the_line(new_booth):
    booth = new_booth("winnsen")
    bins = booth.switch_on()
    bins.start()
    booth.line.pass_time(6.0)
    told, asked = [False] * 4 + [True], []

    class Turn(type(bins._turn)):
        wanted = property(lambda self: asked.append(booth.line.now) or told[len(asked) - 1])

    bins._turn.__class__ = Turn
    begun = booth.line.now
    assert bins.health().state is State.READY
    assert len(asked) == len(told)  # between the questions, and not after it was told to end
    assert booth.line.now - begun < 0.25  # the whole look takes 0.7 s
    bins.open("1/1", Verb.INSPECT)
    booth.check()


def opened_and_shut(booth, bins, name: str) -> None:
    booth.desk({"close_door": name})
    bins.await_closed(name, 10.0)


def test_a_lock_that_must_cool_down_moves_nothing_and_opens_a_little_later(new_booth):
    booth = new_booth("winnsen", cooling_s=15.0)
    booth.stock("1/5", "B")
    bins = booth.switch_on()
    for _ in range(3):
        with pytest.raises(AskAgainError, match=r"bins\.resting"):
            bins.open("1/5", Verb.HAND_OUT, "B")
        assert bins.slots()[4].standing is Standing.REST
        assert bins.slots()[4].card == "B"
        assert bins.health().state is State.READY
    assert [entry.kind for entry in booth.entries()[-3:]] == [
        Kind.INTENT,
        Kind.SENT,
        Kind.REFUSED,
    ]
    assert pulses(booth) == ["1/5"]
    booth.line.pass_time(15.0)
    bins.open("1/5", Verb.HAND_OUT, "B")
    booth.check()
    booth.agrees(bins)


def test_a_card_that_a_resting_lock_kept_out_is_with_staff_and_its_bin_is_free(new_booth):
    booth = new_booth("winnsen", cooling_s=15.0)
    bins = booth.switch_on()
    bins.open("1/5", Verb.INSPECT)
    opened_and_shut(booth, bins, "1/5")
    bins.settle("1/5", Where.STAFF)
    with pytest.raises(AskAgainError, match=r"bins\.resting"):
        bins.open("1/5", Verb.LOAD, "B")
    assert bins.slots()[4].standing is Standing.REST
    assert bins.gone() == {"B": Where.STAFF}
    booth.line.pass_time(15.0)
    bins.open("1/5", Verb.LOAD, "B")
    booth.check()


@pytest.mark.parametrize("standing", [Standing.DOUBT, Standing.STUCK])
def test_a_bin_to_be_looked_into_stays_one_when_its_lock_rests(new_booth, standing):
    booth = new_booth("winnsen", cooling_s=15.0)
    booth.stock("1/5", "B")
    booth.line.pass_time(15.0)
    booth.line.control({"fault": {"jammed": 5 if standing is Standing.STUCK else 0}})
    bins = booth.switch_on()
    with suppress(AskStaffError):
        bins.open("1/5", Verb.HAND_OUT, "B")
    booth.line.control({"fault": {"jammed": 0}})
    booth.desk({"close_door": 5})
    bins = booth.switch_on()  # which has not seen whether the card was taken
    bins.start()
    assert bins.slots()[4].standing is standing
    with pytest.raises(AskAgainError, match=r"bins\.resting"):
        bins.open("1/5", Verb.INSPECT)
    assert bins.slots()[4].standing is standing
    booth.check()


@pytest.mark.parametrize("fate", ["lost", "torn", "kept"])
def test_a_booth_that_dies_at_any_instant_of_a_refusal_moves_nothing_afterwards(
    new_booth, mortal_disk, power_cut, fate
):
    for instants in range(200):
        booth = new_booth("winnsen", locks=LOCKS, cooling_s=60.0)
        booth.stock("1/3", "A17")
        bins = booth.switch_on()
        mortal_disk(booth.life, fate)
        booth.life.left = instants
        try:
            with pytest.raises(AskAgainError, match=r"bins\.resting"):
                bins.open("1/3", Verb.HAND_OUT, "A17")
            break
        except power_cut:
            booth.die()
        bins = booth.switch_on()
        bins.start()
        assert pulses(booth) == ["1/3"]
        assert bins.slots()[2].standing in (Standing.REST, Standing.DOUBT)
        booth.agrees(bins)
        booth.check()
    else:
        pytest.fail("a refusal has no end")
    assert instants > 20

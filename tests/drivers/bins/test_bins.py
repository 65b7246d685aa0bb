# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from drivers.bins import Bins
from drivers.bins_books import Kind, Standing, Verb, Where
from drivers.bins_settings import BinSettings
from drivers.errors import (
    AskAgainError,
    AskStaffError,
    CancelledError,
    OutOfServiceError,
    RefusedError,
)
from drivers.health import State
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.emulators.stage import Stage


def pulses(booth):
    return [name for _, name in booth.desk({"check": True})["pulses"]]


def test_a_card_is_loaded_handed_out_and_the_books_follow(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/3", "A17")
    bins = booth.switch_on()
    bins.start()
    assert bins.slots()[2].card == "A17"
    bins.open("1/3", Verb.HAND_OUT, "A17")
    assert bins.sense("1/3") is True
    assert booth.desk({"take_card": True}) == {"cards": ["A17"]}
    booth.desk({"close_door": True})
    bins.await_closed("1/3", 30.0)
    assert bins.slots()[2].standing is Standing.CLOSED  # a door opened is not a card taken
    bins.settle("1/3", Where.HOLDER)
    assert bins.gone() == {"A17": Where.HOLDER}
    assert bins.slots()[2].standing is Standing.REST
    assert pulses(booth) == ["1/3", "1/3"]
    booth.check()
    booth.agrees(bins)


def test_the_intent_is_written_before_the_pulse_and_the_outcome_after_it(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/1", "A")
    kinds = [entry.kind for entry in booth.entries()]
    assert kinds == [Kind.INTENT, Kind.SENT, Kind.REACH, Kind.CLOSED, Kind.SETTLED]


@pytest.mark.parametrize("manner", ["echo", "inverted"])
def test_an_echoing_line_and_contacts_of_the_other_kind_are_lived_with(new_booth, make, manner):
    booth = new_booth(make, **{manner: True})
    bins = booth.switch_on(inverted=manner == "inverted" and make != "wkly")
    bins.start()
    bins.open("1/2", Verb.INSPECT)
    booth.desk({"close_door": 2})
    bins.await_closed("1/2", 10.0)
    bins.settle("1/2", Where.STAFF)
    booth.check()


@pytest.mark.parametrize("make", ["8a", "winnsen"])
def test_a_feedback_set_the_wrong_way_round_is_told_and_nothing_moves(new_booth, make):
    booth = new_booth(make, inverted=True)
    bins = booth.switch_on()
    with pytest.raises(OutOfServiceError, match=r"bins\.feedback"):
        bins.open("1/2", Verb.INSPECT)
    assert bins.health().reason == "bins.feedback"
    assert pulses(booth) == []
    assert booth.entries() == []


def test_two_boards_on_a_line_have_bins_of_their_own(new_booth, make):
    booth = new_booth(make, boards=(1, 2), locks=8)
    bins = booth.switch_on(boards=(1, 2), locks=8)
    bins.start()
    bins.open("2/3", Verb.INSPECT)
    assert pulses(booth) == ["2/3"]
    with pytest.raises(AskStaffError, match=r"bins\.door_open"):
        bins.open("1/3", Verb.INSPECT)  # one door of a cabinet at a time
    booth.check()


def test_a_board_with_another_address_is_silent_and_can_be_found(new_booth, make):
    booth = new_booth(make, boards=(4,))
    bins = booth.switch_on()
    with pytest.raises(OutOfServiceError, match=r"bins\.silent"):
        bins.start()
    told = bins.health()
    assert (told.state, told.reason, told.remedy) == (
        State.ILL,
        "bins.silent",
        "bins.silent.remedy",
    )
    assert bins.find_boards() == (4,)


def test_two_boards_with_one_address_are_told(new_booth, make):
    booth = new_booth(make)
    booth.line.control({"fault": {"same_address": True}})
    with pytest.raises(OutOfServiceError, match=r"bins\.two_boards"):
        booth.switch_on().start()


def test_one_answer_said_twice_is_no_second_board(new_booth, make):
    booth = new_booth(make)
    booth.line.control({"fault": {"duplicate": True, "times": 1}})
    bins = booth.switch_on()
    bins.start()
    assert bins.health().state is State.READY


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"silent": True, "times": 0}, "bins.silent"),
        ({"corrupt": "any", "times": 0}, "bins.garbled"),
        ({"truncate": 3, "times": 0}, "bins.garbled"),
        ({"replace": "00ff00ff00ff", "times": 0}, "bins.garbled"),
    ],
)
def test_a_line_that_carries_no_answer_is_one_reason_and_no_movement(new_booth, make, fault, code):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    booth.line.control({"fault": fault})
    with pytest.raises(OutOfServiceError, match=code):
        bins.open("1/1", Verb.INSPECT)
    assert pulses(booth) == []
    assert bins.health().reason == code
    booth.line.control({"fault": {}})
    bins.open("1/1", Verb.INSPECT)  # well again by itself
    booth.check()


@pytest.mark.parametrize(
    "wire", [{"noise": 9}, {"noise_inside": 1}, {"gap": 0.01}, {"duplicate": 1}]
)
def test_a_single_odd_answer_is_asked_again(new_booth, make, wire):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    for skip in range(4):
        wire = {key: bool(v) if key == "duplicate" else v for key, v in wire.items()}
        booth.line.control({"fault": {**wire, "times": 1, "skip": skip}})
        bins.open("1/1", Verb.INSPECT)
        booth.desk({"close_door": 1})
        bins.await_closed("1/1", 10.0)
        bins.settle("1/1", Where.STAFF)
        booth.line.control({"fault": {}})
    booth.check()


def test_a_lost_answer_to_the_pulse_is_decided_by_the_contact_and_not_repeated(new_booth, make):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    booth.line.control({"fault": {"silent": True, "skip": booth.answers}})  # after the look
    bins.open("1/5", Verb.INSPECT)
    assert pulses(booth) == ["1/5"]
    booth.check()


def test_a_frame_lost_on_its_way_leaves_the_card_where_it_is(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/5", "B")
    bins = booth.switch_on()
    bins.start()
    talk = bins._talk
    real = talk.pulse

    def lost(board: int, lock: int) -> None:
        booth.line.control({"fault": {"lose_in": 1.0}})
        real(board, lock)
        booth.line.control({"fault": {"lose_in": 0.0}})

    talk.pulse = lost
    with pytest.raises(AskStaffError, match=r"bins\.stuck"):
        bins.open("1/5", Verb.HAND_OUT, "B")
    assert bins.slots()[4].card == "B"
    assert pulses(booth) == ["1/5"]  # when it was loaded
    booth.check()
    booth.agrees(bins)


def test_a_jammed_door_is_told_and_waits_for_staff(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/5", "B")
    bins = booth.switch_on()
    bins.start()
    booth.line.control({"fault": {"jammed": 5}})
    with pytest.raises(AskStaffError, match=r"bins\.stuck"):
        bins.open("1/5", Verb.HAND_OUT, "B")
    with pytest.raises(AskStaffError, match=r"bins\.stuck"):
        bins.open("1/5", Verb.HAND_OUT, "B")
    assert bins.health().detail == "look into 1/5"
    booth.line.control({"fault": {}})
    bins.open("1/5", Verb.INSPECT)
    booth.desk({"close_door": 5})
    bins.await_closed("1/5", 10.0)
    bins.settle("1/5", Where.HERE, "B")
    bins.open("1/5", Verb.HAND_OUT, "B")
    booth.check()


def test_bouncing_contacts_do_not_mislead(new_booth, make):
    booth = new_booth(make)
    booth.line.control({"fault": {"chatter": True}})
    bins = booth.switch_on(poll_s=0.02)
    bins.start()
    for _ in range(5):
        bins.open("1/1", Verb.INSPECT)
        booth.desk({"close_door": 1})
        bins.await_closed("1/1", 10.0)
        bins.settle("1/1", Where.STAFF)
    booth.check()


def test_a_closed_door_told_unasked_in_the_middle_is_no_answer(new_booth, make):
    booth = new_booth(make)
    booth.line.control({"fault": {"unasked": True}})
    bins = booth.switch_on()
    bins.start()
    bins.open("1/1", Verb.INSPECT)
    booth.desk({"close_door": 1})
    bins.await_closed("1/1", 10.0)


def test_a_door_left_open_is_asked_for_again_and_the_wait_goes_on(new_booth, make):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    bins.open("1/1", Verb.INSPECT)
    with pytest.raises(AskAgainError, match=r"bins\.left_open"):
        bins.await_closed("1/1", 60.0)
    assert bins.health().state is State.BUSY
    booth.desk({"close_door": 1})
    bins.health()
    bins.await_closed("1/1", 60.0)


def test_a_door_that_nobody_was_to_open_puts_its_bin_in_doubt(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/5", "B")
    bins = booth.switch_on()
    bins.start()
    booth.desk({"open_door": 5})
    booth.line.pass_time(6.0)
    assert bins.health().reason == "bins.door_open"
    booth.desk({"take_card": 5})
    booth.desk({"close_door": 5})
    with pytest.raises(AskStaffError, match=r"bins\.doubt"):
        bins.open("1/5", Verb.HAND_OUT, "B")
    bins.settle("1/5", Where.STAFF)
    booth.agrees(bins)


def test_coils_rest_a_second_between_two_pulses_and_after_a_start(new_booth, make):
    booth = new_booth(make)
    bins = booth.switch_on()
    for lock in (1, 2):
        bins.open(f"1/{lock}", Verb.INSPECT)
        booth.desk({"close_door": lock})
        bins.await_closed(f"1/{lock}", 10.0)
        bins.settle(f"1/{lock}", Where.STAFF)
    first, second = (at for at, _ in booth.desk({"check": True})["pulses"])
    assert second - first >= 1.0
    booth.check()


def test_the_books_refuse_what_they_know_better(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/5", "B")
    bins = booth.switch_on()
    bins.start()
    for name, verb, card in [
        ("1/6", Verb.HAND_OUT, "B"),
        ("1/5", Verb.HAND_OUT, "C"),
        ("1/5", Verb.LOAD, "C"),
        ("1/6", Verb.LOAD, "B"),
    ]:
        with pytest.raises(RefusedError, match=r"bins\.not_here"):
            bins.open(name, verb, card)
    assert len(pulses(booth)) == 1
    assert bins.free_bin() == "1/1"


def test_nothing_moves_while_the_mains_fails(new_booth, make):
    booth = new_booth(make)
    bins = booth.switch_on(may_move=lambda: False)
    with pytest.raises(OutOfServiceError, match=r"bins\.power"):
        bins.open("1/1", Verb.INSPECT)
    assert pulses(booth) == []


def test_a_second_process_does_not_get_the_bins(new_booth, make, tmp_path):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    other = type(bins)("line", booth.journal, link=bins._link)
    with pytest.raises(OutOfServiceError, match=r"bins\.books_busy"):
        other.start()


def test_a_pulled_plug_is_told_and_the_bins_come_back_with_it(new_booth, make):
    booth = new_booth(make)
    bins = booth.switch_on()
    bins.start()
    booth.line.control({"unplug": True})
    with pytest.raises(OutOfServiceError, match=r"bins\.unplugged"):
        bins.open("1/1", Verb.INSPECT)
    booth.line.control({"replug": True})
    bins.open("1/1", Verb.INSPECT)
    booth.check()


def test_called_off_in_the_middle_of_an_opening_the_bin_is_decided_by_its_contact(new_booth, make):
    booth = new_booth(make)
    booth.stock("1/5", "B")
    bins = booth.switch_on()
    bins.start()
    real = bins._talk.answered_pulse

    def called_off(board: int, lock: int) -> None:
        bins.cancel()
        real(board, lock)

    bins._talk.answered_pulse = called_off
    with pytest.raises(CancelledError):
        bins.open("1/5", Verb.HAND_OUT, "B")
    assert bins.slots()[4].standing is Standing.MOVING
    booth.line.pass_time(2.0)
    with pytest.raises(AskStaffError, match=r"bins\.door_open"):
        bins.open("1/6", Verb.INSPECT)
    assert bins.slots()[4].standing is Standing.REACH
    booth.desk({"close_door": 5})
    bins.await_closed("1/5", 10.0)
    booth.check()


def test_called_off_while_somebody_else_looks_no_door_springs_behind_staff_s_back(new_booth):
    booth = new_booth()
    bins = booth.switch_on()
    bins.start()
    real, acting = bins._turn._lock, threading.Event()

    class Slow:
        """The line is held by a look; the card of staff is pulled meanwhile."""

        def __enter__(self) -> None:
            bins.cancel()
            real.__enter__()
            acting.set()

        def __exit__(self, *about: object) -> None:
            real.__exit__(*about)

    bins._turn._lock = Slow()
    with pytest.raises(CancelledError):
        bins.open("1/1", Verb.INSPECT)
    assert acting.is_set()
    assert pulses(booth) == []
    assert booth.entries() == []
    bins._turn._lock = real
    bins.open("1/1", Verb.INSPECT)
    assert pulses(booth) == ["1/1"]


def test_called_off_while_nothing_is_done_the_next_act_goes_on(new_booth, make):
    bins = new_booth(make).switch_on()
    bins.start()
    bins.cancel()
    assert bins.sense("1/1") is False


@pytest.mark.parametrize("make", ["8a", "winnsen"])
def test_a_cabinet_on_a_real_port_opens_and_closes(tmp_path, make):
    with Stage(LockBoard(make, locks=4, factor=0.0)) as stage:
        settings = BinSettings(
            make, locks=4, reply_s=20.0, spring_s=20.0, poll_s=0.01, closed_s=0.0
        )
        bins = Bins(stage.path, tmp_path / "bins.journal", settings=settings)
        try:
            bins.open("1/2", Verb.INSPECT)
            stage.control({"close_door": 2})
            bins.await_closed("1/2", 40.0)
            bins.settle("1/2", Where.STAFF)
            assert stage.control({"check": True})["violations"] == []
            assert bins.health().state is State.READY
        finally:
            bins.close()

# SPDX-License-Identifier: Apache-2.0
"""What bins and dispenser have from their common base, told by the bins."""

import pytest

from drivers.bins_books import Standing, Verb
from drivers.errors import AskAgainError, AskStaffError, OutOfServiceError
from drivers.health import State

SILENCE = {"fault": {"silent": True, "times": 0}}


def test_an_act_of_an_earlier_process_is_decided_also_when_the_first_start_failed(new_booth):
    booth = new_booth()
    booth.stock("1/3", "A17")
    bins = booth.switch_on()
    bins.open("1/3", Verb.HAND_OUT, "A17")
    booth.die()
    booth.desk({"take_card": True})
    booth.desk({"close_door": True})
    bins = booth.switch_on()
    booth.line.control(SILENCE)
    with pytest.raises(OutOfServiceError, match=r"bins\.silent"):
        bins.start()
    booth.line.control({"fault": {}})
    bins.start()
    assert bins.slots()[2].standing is Standing.DOUBT
    with pytest.raises(AskStaffError, match=r"bins\.doubt"):
        bins.await_closed("1/3", 10.0)
    booth.agrees(bins)


def test_a_start_that_failed_keeps_the_books_from_nobody(new_booth):
    booth = new_booth(boards=(4,))
    bins = booth.switch_on()
    with pytest.raises(OutOfServiceError, match=r"bins\.silent"):
        bins.start()
    other = type(bins)("line", booth.journal, link=bins._link)
    with pytest.raises(OutOfServiceError, match=r"bins\.silent"):
        other.start()


@pytest.mark.parametrize("outage", ["silence", "port"])
def test_a_cabinet_that_was_away_is_looked_at_as_a_new_one(new_booth, outage):
    booth = new_booth()
    bins = booth.switch_on()
    bins.start()
    if outage == "silence":
        booth.line.control(SILENCE)
        with pytest.raises(OutOfServiceError, match=r"bins\.silent"):
            bins.sense("1/1")
        booth.line.control({"fault": {}})
    else:
        bins._link.close()
    booth.line.control({"fault": {"same_address": True}})
    with pytest.raises(OutOfServiceError, match=r"bins\.two_boards"):
        bins.sense("1/1")


def test_nothing_that_the_books_know_needs_the_line(new_booth):
    booth = new_booth()
    booth.stock("1/3", "A17")
    bins = booth.switch_on()
    bins.start()
    booth.line.control({"unplug": True})
    assert bins.slots()[2].card == "A17"
    assert bins.gone() == {}
    assert bins.free_bin() == "1/1"


def test_a_door_that_was_left_open_by_an_earlier_process_is_told_and_is_a_doubt_once_shut(
    new_booth,
):
    booth = new_booth()
    bins = booth.switch_on()
    bins.open("1/3", Verb.LOAD, "A17")
    booth.line.pass_time(10.0)
    assert bins.health().state is State.BUSY  # somebody stands before it
    booth.die()
    bins = booth.switch_on()
    bins.start()
    assert bins.health().reason == "bins.door_open"
    booth.desk({"put_card": "A17", "into": 3})
    booth.desk({"close_door": True})
    booth.line.pass_time(10.0)
    assert bins.health().state is State.READY
    assert (bins.slots()[2].standing, bins.slots()[2].card) == (Standing.DOUBT, "A17")
    booth.agrees(bins)


def test_a_door_of_an_earlier_process_that_somebody_waits_for_is_theirs(new_booth):
    booth = new_booth()
    booth.stock("1/3", "A17")
    booth.switch_on().open("1/3", Verb.INSPECT)
    booth.die()
    bins = booth.switch_on()
    with pytest.raises(AskAgainError, match=r"bins\.left_open"):
        bins.await_closed("1/3", 1.0)
    booth.line.pass_time(10.0)
    assert bins.health().state is State.BUSY
    booth.desk({"close_door": True})
    bins.await_closed("1/3", 10.0)
    assert bins.slots()[2].standing is Standing.CLOSED

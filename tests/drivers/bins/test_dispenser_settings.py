# SPDX-License-Identifier: Apache-2.0
"""Sites whose machine does something else for a command than their settings say."""

import pytest

from drivers.bins_books import Standing, Verb
from drivers.dispenser_settings import PROFILES, DispenserSettings
from drivers.errors import AskStaffError, OutOfServiceError

CARD = "A17"


def at_reader(booth):
    driver = booth.switch_on()
    driver.start()
    driver.feed()
    driver.bind(CARD)
    return driver


def moves(booth) -> list[str]:
    return [name for _, name in booth.desk({"check": True})["moves"]]


def test_the_other_build_s_way_into_the_box_is_found_out_and_no_card_is_lost(new_dispenser):
    """On a CRT-591 the documented 33 says that it collected, and the card is still there."""
    booth = new_dispenser("crt591")
    booth.settings = DispenserSettings("crt591", capture="23")
    booth.desk({"stock": [CARD]})
    driver = at_reader(booth)
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.retract()
    assert (driver.slot().card, driver.slot().standing) == (CARD, Standing.REST)
    booth.check()
    booth.agrees(driver, CARD)


def test_the_documented_way_out_would_end_in_the_error_bin_and_is_not_believed(new_dispenser):
    booth = new_dispenser("crt591")
    booth.settings = DispenserSettings("crt591", present="29", capture="23")
    booth.desk({"stock": [CARD]})
    driver = at_reader(booth)
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.present(CARD)
    assert booth.device.machine.box == [CARD]
    assert driver.slot().standing is Standing.DOUBT
    assert CARD not in driver.gone()


def test_a_card_that_was_fed_into_the_mouth_can_be_taken_back(new_dispenser):
    """As one CRT-591 was seen to do for 21: it stopped in the gate."""
    booth = new_dispenser("crt571")
    booth.settings = DispenserSettings("crt571", feed="20", present="21")
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.feed()
    assert driver.slot().standing is Standing.REACH
    driver.retract()
    assert booth.device.machine.box == [CARD]


def test_a_box_of_which_nothing_is_known_counts_as_full(new_dispenser):
    """A CRT-571 has fewer sensors than the 591 whose box two of them tell of."""
    booth = new_dispenser("crt571")
    booth.settings = DispenserSettings("crt591")
    booth.desk({"stock": [CARD]})
    with pytest.raises(AskStaffError, match=r"dispenser\.box_full"):
        booth.switch_on().feed()
    assert moves(booth) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"make": "crt541"},
        {"make": "crt571", "address": 16},
        {"make": "crt571", "capture": "03"},
        {"make": "crt571", "feed": "FC7"},
        {"make": "k7", "feed": "21"},
        {"make": "k7", "capture": "RS"},
        {"make": "crt591", "present": "29"},
    ],
)
def test_a_site_cannot_set_what_no_machine_has_or_one_command_for_two_movements(wrong):
    with pytest.raises(ValueError, match=r"dispensers are|addresses|no such|one command"):
        DispenserSettings(**wrong)


def test_every_make_has_a_command_for_each_movement_and_none_is_a_reset():
    for make in PROFILES:
        told = DispenserSettings(make).commands
        assert set(told) == {Verb.FEED, Verb.HAND_OUT, Verb.RETRACT}
        assert not set(told.values()) & {"RS", "00", "01", "03"}

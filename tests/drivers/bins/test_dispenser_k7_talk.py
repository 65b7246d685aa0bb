# SPDX-License-Identifier: Apache-2.0
"""What only the K7x0 does: tell of a movement by its status alone."""

import pytest

from drivers.bins_books import Standing, Where
from drivers.errors import OutOfServiceError

CARD = "A17"


@pytest.fixture
def booth(new_dispenser):
    booth = new_dispenser("k7")
    booth.desk({"stock": [CARD]})
    return booth


def test_one_that_never_said_that_it_collects_has_no_card_that_is_gone(booth):
    """Its box has no sensor: a hand was quicker, and nothing but a person can tell."""
    driver = booth.switch_on()
    driver.feed()
    driver.bind(CARD)
    driver.present(CARD)
    booth.line.control({"fault": {"slip": True}})
    execute = driver._talk.execute

    def pulled() -> None:
        booth.desk({"take_card": True})
        execute()

    driver._talk.execute = pulled
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.retract()
    assert driver.slot().standing is Standing.DOUBT
    assert driver.gone() == {}
    booth.agrees(driver, CARD)


def test_a_jam_at_rest_stays_a_doubt_when_the_card_was_taken_out(booth):
    driver = booth.switch_on()
    driver.start()
    booth.device.machine.jam = True
    booth.line.pass_time(6.0)
    assert driver.health().reason == "dispenser.jam"
    booth.desk({"clear": True})
    booth.line.pass_time(6.0)
    assert driver.health().reason == "dispenser.doubt"
    driver.settle(Where.STAFF)
    driver.feed()
    booth.check()

# SPDX-License-Identifier: Apache-2.0
import pytest

from drivers.bins_books import Standing, Verb, Where
from drivers.dispenser_settings import DispenserSettings
from drivers.errors import (
    AskAgainError,
    AskStaffError,
    BoothError,
    CancelledError,
    OutOfServiceError,
    RefusedError,
)
from drivers.health import State
from firmware_io.emulators.dispenser_desk import INSTANTS

CARD = "A17"
MOST = 600
MAKES = ("k7", "crt571", "crt591")
REASONS_AFTER_A_JAM = {  # while the card is in there, and when it was taken out
    "k7": ("jam", "doubt"),  # its sensors tell
    "crt571": ("jam", "jam"),  # it says so until staff have said that they looked
    "crt591": ("doubt", "doubt"),  # it says so once
}


@pytest.fixture(params=MAKES)
def make(request) -> str:
    return request.param


@pytest.fixture
def booth(new_dispenser, make):
    return new_dispenser(make)


def moves(booth):
    """What was moved, in the driver's words."""
    verbs = {told: verb for verb, told in booth.settings.commands.items()}
    return [verbs.get(name, name) for _, name in booth.desk({"check": True})["moves"]]


def presented(booth, driver) -> None:
    driver.start()
    driver.feed()
    driver.bind(CARD)
    driver.present(CARD)


def test_a_card_is_fed_named_shown_and_taken(booth):
    booth.desk({"stock": [CARD, "B", "C"]})
    driver = booth.switch_on()
    presented(booth, driver)
    assert driver.slot().standing is Standing.REACH
    assert booth.desk({"take_card": True}) == {"cards": [CARD]}
    driver.await_taken(30.0)
    assert driver.gone() == {CARD: Where.HOLDER}
    assert moves(booth) == [Verb.FEED, Verb.HAND_OUT]
    booth.check()
    booth.agrees(driver, CARD)


def test_a_forgotten_card_goes_into_the_box_and_stays_its_holder_s(booth):
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    presented(booth, driver)
    with pytest.raises(AskAgainError, match=r"dispenser\.left"):
        driver.await_taken(30.0)
    driver.retract()
    assert driver.gone() == {CARD: Where.BOX}
    assert booth.desk({"check": True})["box"] == [CARD]
    booth.check()


def test_nothing_is_taken_back_into_a_full_box_and_nothing_fed_when_it_is(booth):
    booth.desk({"stock": [CARD, "B"]})
    driver = booth.switch_on()
    presented(booth, driver)
    booth.line.control({"fault": {"box_full": True}})
    with pytest.raises(AskStaffError, match=r"dispenser\.box_full"):
        driver.retract()
    booth.desk({"take_card": True})
    driver.await_taken(5.0)
    with pytest.raises(AskStaffError, match=r"dispenser\.box_full"):
        driver.feed()
    booth.check()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_jam_is_told_and_every_movement_waits_for_staff(booth, make, at):
    booth.desk({"stock": [CARD, "B"]})
    driver = booth.switch_on()
    driver.start()
    steps = [driver.feed, lambda: (driver.bind(CARD), driver.present(CARD)), driver.retract]
    for step in steps[:at]:
        step()
    booth.line.control({"fault": {"jam": True}})
    with pytest.raises(AskStaffError, match=r"dispenser\.jam"):
        steps[at]()
    before = moves(booth)
    jammed, cleared = REASONS_AFTER_A_JAM[make]
    for step in (driver.feed, driver.retract):
        with pytest.raises(AskStaffError, match=rf"dispenser\.{jammed}"):
            step()
    booth.desk({"clear": True})
    with pytest.raises(AskStaffError, match=rf"dispenser\.{cleared}"):
        driver.feed()
    assert moves(booth) == before
    driver.settle(Where.STAFF)
    driver.feed()
    booth.check()


def test_a_movement_that_does_not_happen_is_told_and_not_repeated(booth):
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    driver.start()
    driver.feed()
    driver.bind(CARD)
    booth.line.control({"fault": {"slip": True}})
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.present(CARD)
    assert moves(booth) == [Verb.FEED, Verb.HAND_OUT]
    assert driver.slot().card == CARD
    booth.agrees(driver, CARD)


def test_an_empty_hopper_another_card_and_an_unnamed_one_are_refused(booth):
    driver = booth.switch_on()
    with pytest.raises(AskStaffError, match=r"dispenser\.empty"):
        driver.feed()
    assert driver.health().reason == "dispenser.empty"
    booth.desk({"stock": [CARD, "B"]})
    driver.feed()
    with pytest.raises(RefusedError, match=r"dispenser\.not_here"):
        driver.present(CARD)  # nobody has read it yet
    driver.bind("B")
    with pytest.raises(RefusedError, match=r"dispenser\.not_here"):
        driver.present(CARD)
    with pytest.raises(AskStaffError, match=r"dispenser\.occupied"):
        driver.feed()
    assert moves(booth) == [Verb.FEED]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"silent": True, "times": 0}, "dispenser.silent"),
        ({"corrupt": 0, "times": 0}, "dispenser.garbled"),
        ({"replace": "ff00ff", "times": 0}, "dispenser.garbled"),
    ],
)
def test_a_line_that_carries_no_answer_moves_nothing(booth, fault, code):
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    driver.start()
    booth.line.control({"fault": fault})
    with pytest.raises(OutOfServiceError, match=code):
        driver.feed()
    assert (driver.health().state, driver.health().reason) == (State.ILL, code)
    assert moves(booth) == []
    booth.line.control({"fault": {}})
    driver.feed()
    booth.check()


def test_another_address_is_silence(new_dispenser, make):
    booth = new_dispenser(make, address=3)
    with pytest.raises(OutOfServiceError, match=r"dispenser\.silent"):
        booth.switch_on().start()


def test_a_technician_finds_the_address_at_which_a_machine_answers(new_dispenser, make):
    booth = new_dispenser(make, address=11)
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    assert driver.find_addresses() == (11,)
    assert booth.desk({"check": True})["moves"] == []
    assert booth.desk({"check": True})["violations"] == []
    with pytest.raises(OutOfServiceError, match=r"dispenser\.silent"):
        driver.start()
    booth.settings = DispenserSettings(make, address=11)
    driver = booth.switch_on()
    driver.start()
    assert driver.find_addresses() == (11,)
    driver.feed()
    booth.check()


@pytest.mark.parametrize(
    ("fitted", "told"), [("k7", "crt571"), ("crt571", "k7"), ("crt591", "k7"), ("k7", "crt591")]
)
def test_a_machine_of_another_make_is_found_out_and_not_moved(new_dispenser, fitted, told):
    booth = new_dispenser(fitted)
    booth.settings = DispenserSettings(told)
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    with pytest.raises(OutOfServiceError, match=r"dispenser\.(silent|garbled)"):
        driver.feed()
    assert booth.desk({"check": True})["moves"] == []


def test_on_a_line_that_echoes_every_movement_is_still_made_once(booth):
    carry = booth.line.host_says

    def echoing(data: bytes, rate: int) -> None:
        carry(data, rate)
        booth.line._carry(data, booth.line.now)

    booth.line.host_says = echoing
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    presented(booth, driver)
    driver.retract()
    assert moves(booth) == list(booth.settings.commands)
    assert driver.gone() == {CARD: Where.BOX}
    booth.check()


def test_a_movement_that_the_machine_never_heard_is_told_and_not_said_again(booth):
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    driver.start()
    driver.feed()
    driver.bind(CARD)
    execute, carry = driver._talk.execute, booth.line.host_says

    def unheard() -> None:
        booth.line.host_says = lambda data, rate: None
        execute()
        booth.line.host_says = carry

    driver._talk.execute = unheard
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.present(CARD)
    assert moves(booth) == [Verb.FEED]
    assert (driver.slot().card, driver.slot().standing) == (CARD, Standing.REST)
    driver._talk.execute = execute
    driver.present(CARD)
    booth.check()


@pytest.mark.parametrize("skip", range(8))
@pytest.mark.parametrize("wire", [{"silent": True}, {"corrupt": "any"}, {"duplicate": True}])
def test_one_odd_answer_costs_a_question_and_no_movement(booth, wire, skip):
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    driver.start()
    booth.line.control({"fault": {**wire, "times": 1, "skip": skip}})
    presented(booth, driver)
    assert moves(booth) == [Verb.FEED, Verb.HAND_OUT]
    booth.check()


def afterwards(booth) -> Standing:
    booth.line.pass_time(15.0)
    before = moves(booth)
    driver = booth.switch_on()
    driver.start()
    assert moves(booth) == before
    booth.check()
    booth.agrees(driver, CARD)
    found = driver.slot().standing
    if found is Standing.REST and booth.device.machine.card == CARD:
        driver.bind(CARD)
        driver.present(CARD)
        booth.check()
    return found


@pytest.mark.parametrize("later", [0.5, 14.0])
def test_a_machine_that_lost_its_supply_does_not_let_a_shown_card_pass_for_taken(booth, later):
    booth.desk({"stock": [CARD, "B"]})
    driver = booth.switch_on()
    presented(booth, driver)
    booth.line.pass_time(later)
    booth.line.control({"power": "cycle"})
    with pytest.raises((AskAgainError, AskStaffError), match=r"dispenser\.(left|restarted)"):
        driver.await_taken(10.0)
    assert driver.slot().standing is Standing.REACH
    booth.line.pass_time(14.0)
    booth.desk({"take_card": True})
    driver.await_taken(10.0)
    assert driver.gone() == {CARD: Where.HOLDER}
    booth.check()


@pytest.mark.parametrize("fate", ["lost", "torn", "kept"])
@pytest.mark.parametrize("ending", ["taken", "forgotten"])
def test_a_booth_that_dies_at_any_instant_loses_no_card_and_moves_nothing_twice(
    new_dispenser, mortal_disk, power_cut, make, ending, fate
):
    standings = set()
    for instants in range(MOST):
        booth = new_dispenser(make)
        booth.desk({"stock": [CARD]})
        driver = booth.switch_on()
        mortal_disk(booth.life, fate)
        booth.life.left = instants
        try:
            presented(booth, driver)
            if ending == "taken":
                booth.desk({"take_card": True})
                driver.await_taken(30.0)
            else:
                driver.retract()
            break
        except power_cut:
            booth.die()
            if instants % 2:
                booth.line.control({"power": "cycle"})
        standings.add(afterwards(booth))
    else:
        pytest.fail("a hand-out has no end")
    assert instants > 60
    assert {Standing.REST, Standing.DOUBT, Standing.REACH} <= standings


@pytest.mark.parametrize("instant", INSTANTS)
@pytest.mark.parametrize("questions", range(6))
def test_a_machine_that_loses_its_supply_is_asked_and_not_moved_again(booth, instant, questions):
    booth.desk({"stock": [CARD]})
    driver = booth.switch_on()
    try:
        driver.start()
        driver.feed()
        driver.bind(CARD)
        booth.line.pass_time(0.1 * questions)
        booth.line.control({"fault": {"dies_at": instant}})
        driver.present(CARD)
    except BoothError:
        pass
    booth.line.control({"fault": {}})
    booth.line.control({"power": "cycle"})
    afterwards(booth)


def test_a_driver_that_lets_a_movement_happen_twice_is_caught(booth):
    booth.desk({"stock": [CARD, "B"]})
    driver = booth.switch_on()
    driver.start()
    once = driver._talk.execute

    def twice() -> None:
        once()
        booth.line.pass_time(5.0)
        driver._talk.prepare(Verb.FEED)
        once()

    driver._talk.execute = twice
    driver.feed()
    booth.line.pass_time(1.0)
    with pytest.raises(AssertionError, match=r"without asking|onto a card"):
        booth.check()


def test_called_off_in_the_middle_of_a_movement_the_next_act_waits_for_its_end(booth):
    booth.desk({"stock": [CARD, "B"]})
    driver = booth.switch_on()
    driver.start()
    real = driver._talk.execute

    def called_off() -> None:
        real()
        driver.cancel()

    driver._talk.execute = called_off
    with pytest.raises(CancelledError):
        driver.feed()
    driver._talk.execute = real
    driver.retract()
    assert booth.desk({"check": True})["box"] == [CARD]
    booth.check()


def test_a_named_card_that_went_away_while_the_booth_was_off_is_a_doubt(booth):
    booth.desk({"stock": [CARD, "B"]})
    driver = booth.switch_on()
    driver.start()
    driver.feed()
    driver.bind(CARD)
    booth.desk({"clear": True})
    driver = booth.switch_on()
    driver.start()
    assert driver.slot().standing is Standing.DOUBT
    assert driver.health().reason == "dispenser.doubt"
    with pytest.raises(AskStaffError, match=r"dispenser\.doubt"):
        driver.feed()
    driver.settle(Where.STAFF)
    assert driver.gone() == {CARD: Where.STAFF}
    driver.feed()
    booth.check()

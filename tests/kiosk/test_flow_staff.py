# SPDX-License-Identifier: Apache-2.0
"""Staff come with their card, the seat stays empty, the key is turned: what a visit makes of it."""

import pytest

from drivers.health import Health
from drivers.staffcard import StaffCardState
from kiosk import flow
from kiosk.commands import CallStaff, EndVisit, WakeAfter, Wipe
from kiosk.events import (
    Chose,
    Done,
    Event,
    HealthChanged,
    PresenceLost,
    Pressed,
    StaffCame,
    StaffLeft,
    Touched,
    Woke,
)
from kiosk.facts import Outcome
from kiosk.health import fitness
from kiosk.journeys import RENEW
from kiosk.texts import words
from kiosk.view import View, text
from kiosk.watch import SeatWatch, StaffWatch

LIMITS = flow.Limits(warn_s=60, end_s=90, staff_s=600)


class Citizen:
    """A visit in play; `lamp` is the status lamp as the last command left it."""

    def __init__(self) -> None:
        self.visit, _ = flow.begin(RENEW, LIMITS)
        self.visit, _ = flow.step(self.visit, HealthChanged())
        self.lamp: bool | None = None

    @property
    def view(self) -> View:
        return flow.view(self.visit)

    @property
    def heading(self) -> str:
        return words(self.view.heading, "zh")

    def send(self, *events: Event) -> "Citizen":
        for event in events:
            self.visit, issued = flow.step(self.visit, event)
            for one in issued:
                if isinstance(one.command, CallStaff):
                    self.lamp = one.command.on
        return self

    def press(self, button: str) -> "Citizen":
        return self.send(Pressed(self.visit.question, button))

    def seconds(self, count: int) -> "Citizen":
        for _ in range(count):
            tick = next(o for o in self.visit.open if o.command == WakeAfter(1.0, "idle"))
            self.send(Woke(tick.id, "idle"))
        return self

    def at_consent(self) -> "Citizen":
        return self.press("start").send(Chose(self.visit.question, "renew"))


def test_a_staff_card_says_that_staff_are_here_and_puts_the_lamp_out() -> None:
    citizen = Citizen().at_consent().press("staff")
    assert citizen.lamp is True
    citizen.send(StaffCame())
    assert citizen.heading == "工作人员已到"
    assert words(citizen.view.heading, "en") == "Staff are here"
    assert citizen.lamp is False


def test_when_the_card_is_taken_out_the_citizen_goes_on_where_they_were() -> None:
    citizen = Citizen().at_consent()
    before = citizen.view
    citizen.press("staff").send(StaffCame(), StaffLeft())
    after = citizen.view
    assert (after.screen, after.heading, after.step_name, after.buttons) == (
        before.screen,
        before.heading,
        before.step_name,
        before.buttons,
    )
    assert after.question > before.question


def test_staff_who_were_not_called_change_no_screen() -> None:
    citizen = Citizen().at_consent()
    before = citizen.view
    citizen.send(StaffCame(), StaffLeft())
    assert citizen.view == before
    citizen.press("help").send(StaffCame())
    assert citizen.view.heading == text("overlay.help.heading")


def test_a_touch_meant_for_the_call_does_nothing_once_staff_are_here() -> None:
    citizen = Citizen().at_consent().press("staff")
    late = Pressed(citizen.visit.question, "close")
    citizen.send(StaffCame(), late)
    assert citizen.heading == "工作人员已到"
    assert citizen.press("close").view.step_name == "consent"
    assert citizen.heading != "工作人员已到"


def test_a_card_left_behind_by_staff_does_not_keep_the_visit_open_for_ever() -> None:
    citizen = Citizen().at_consent().press("staff").send(StaffCame())
    citizen.seconds(LIMITS.end_s + 30)
    assert citizen.view.leaving_s is None
    assert citizen.view.step_name == "consent"
    citizen.seconds(LIMITS.staff_s - LIMITS.end_s - 30)
    assert citizen.view.step_name == "wipe"


def test_an_empty_seat_starts_the_countdown_at_once_and_a_touch_stops_it() -> None:
    citizen = Citizen().at_consent().seconds(3).send(PresenceLost())
    assert citizen.view.leaving_s == 30
    citizen.seconds(5).send(Touched())
    assert citizen.view.leaving_s is None


def test_an_empty_seat_ends_the_visit_after_the_countdown_and_everything_is_wiped() -> None:
    citizen = Citizen().at_consent().send(PresenceLost()).seconds(30)
    wipe = next(one for one in citizen.visit.open if isinstance(one.command, Wipe))
    citizen.send(Done(wipe.id)).press("end")
    assert citizen.visit.ended is Outcome.ABANDONED
    assert flow.step(citizen.visit, StaffCame())[1] == ()


def test_an_empty_seat_neither_lengthens_a_countdown_nor_starts_one_on_the_welcome() -> None:
    citizen = Citizen().at_consent().seconds(80).send(PresenceLost())
    assert citizen.view.leaving_s == 10
    assert Citizen().send(PresenceLost()).view.leaving_s is None


def test_with_the_key_turned_no_visit_begins_and_the_welcome_says_who_closed_it() -> None:
    closed = fitness((Health.ready("idreader"),), key_open=True)
    assert closed == HealthChanged(closing=("panel.key_open",))
    citizen = Citizen().send(closed)
    assert citizen.view.advice is not None
    assert citizen.view.advice.reason is not None
    assert words(citizen.view.advice.reason, "zh") == "本机已由工作人员暂停"
    assert citizen.press("start").view.step_name == "welcome"
    assert citizen.send(fitness(())).press("start").view.step_name == "menu"


def test_the_key_turned_during_a_visit_lets_the_citizen_finish() -> None:
    citizen = Citizen().at_consent().send(HealthChanged(("panel.key_open",)))
    assert citizen.press("yes").view.step_name == "identify"


def test_the_key_is_named_before_any_ill_device() -> None:
    ill = Health.ill("camera", "camera.unplugged")
    assert fitness((ill,), key_open=True).closing == ("panel.key_open", "camera.unplugged")


def test_the_seat_is_told_empty_once_after_its_time_and_only_when_somebody_was_there() -> None:
    seat = SeatWatch(away_s=15)
    assert seat.look(False, 0.0) is None
    assert seat.look(False, 99.0) is None
    assert seat.look(True, 100.0) is None
    assert seat.look(False, 101.0) is None
    assert seat.look(True, 115.0) is None  # leaned aside
    assert seat.look(False, 116.0) is None
    assert seat.look(False, 130.9) is None
    assert seat.look(False, 131.0) == PresenceLost()
    assert seat.look(False, 200.0) is None
    assert seat.look(True, 201.0) is None
    assert seat.look(False, 202.0) is None
    assert seat.look(False, 217.0) == PresenceLost()


class Reader:
    """What lies in the reader, as `StaffCard.poll` says it."""

    def __init__(self, card: bool = False) -> None:
        self.card, self.insertions, self.looks = card, 0, 0

    def put(self, card: bool) -> None:
        if card != self.card:
            self.card, self.insertions = card, self.insertions + 1

    def poll(self) -> StaffCardState:
        self.looks += 1
        return StaffCardState(True, "reader", self.card, self.insertions)


def test_a_card_put_in_after_the_call_is_told_and_so_is_its_removal() -> None:
    reader = Reader()
    watch = StaffWatch(reader.poll)
    assert watch.look() is None
    watch.called(True)
    assert watch.look() is None
    reader.put(True)
    assert watch.look() == StaffCame()
    assert watch.look() is None
    watch.called(False)  # the flow takes the call back
    assert watch.wanted
    reader.put(False)
    assert watch.look() == StaffLeft()
    assert not watch.wanted


@pytest.mark.parametrize("between", [True, False])
def test_a_card_forgotten_in_the_reader_calls_nobody_here(between: bool) -> None:
    reader = Reader(card=True)
    watch = StaffWatch(reader.poll)
    assert watch.look() is None
    watch.called(True)
    assert watch.look() is None
    reader.put(False)
    if between:
        assert watch.look() is None
    reader.put(True)  # a hand may be quicker than two looks
    assert watch.look() == StaffCame()


def test_a_card_that_is_in_at_the_very_first_look_counts_when_staff_are_called_already() -> None:
    watch = StaffWatch(Reader(card=True).poll)
    watch.called(True)
    assert watch.look() == StaffCame()


def test_nobody_looks_into_the_reader_while_nobody_is_called() -> None:
    reader = Reader()
    watch = StaffWatch(reader.poll)
    assert watch.wanted  # one look to know what lies there
    watch.look()
    assert not watch.wanted
    reader.put(True)
    watch.called(True)
    assert watch.look() == StaffCame()  # put in before the touch on "call staff"


def test_a_reader_that_is_pulled_out_with_the_card_means_that_staff_have_left() -> None:
    states = [
        StaffCardState(True),
        StaffCardState(True, "r", True, 1),
        StaffCardState(ready=False),
    ]
    watch = StaffWatch(lambda: states.pop(0))
    watch.look()
    watch.called(True)
    assert [watch.look(), watch.look()] == [StaffCame(), StaffLeft()]


def test_staff_who_come_after_the_end_end_nothing_twice() -> None:
    citizen = Citizen().at_consent().press("leave").press("leave-yes")
    wipe = next(one for one in citizen.visit.open if isinstance(one.command, Wipe))
    citizen.send(Done(wipe.id), StaffCame())
    assert citizen.lamp is False
    assert citizen.view.step_name == "wipe"
    visit, issued = flow.step(citizen.visit, Pressed(citizen.visit.question, "end"))
    assert [one.command for one in issued if isinstance(one.command, EndVisit)]
    assert visit.ended is Outcome.ABANDONED

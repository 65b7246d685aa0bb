# SPDX-License-Identifier: Apache-2.0
"""The panel's part in a visit: the button for help, the service door, failing mains."""

import pytest

from kiosk import flow
from kiosk.commands import CallStaff, Command, Wipe
from kiosk.events import (
    Chose,
    Done,
    DoorOpened,
    Event,
    HealthChanged,
    PowerFailing,
    Pressed,
    StaffAsked,
)
from kiosk.facts import Facts, HandedOver, Outcome
from kiosk.health import fitness
from kiosk.journeys import RENEW
from kiosk.steps.receipt import ReceiptStep
from kiosk.steps.submit import SubmitStep
from kiosk.texts import words

POWER = "panel.power_failing"


class Play:
    """A visit in play; `issued` are the commands of the last event."""

    def __init__(self) -> None:
        self.visit, _ = flow.begin(RENEW, flow.Limits())
        self.issued: list[Command] = []
        self.send(HealthChanged())

    def send(self, event: Event) -> "Play":
        self.visit, issued = flow.step(self.visit, event)
        self.issued = [one.command for one in issued]
        return self

    def press(self, button: str) -> "Play":
        return self.send(Pressed(self.visit.question, button))

    def at_consent(self) -> "Play":
        return self.press("start").send(Chose(self.visit.question, "renew"))

    @property
    def name(self) -> str:
        return flow.view(self.visit).step_name

    @property
    def heading(self) -> str:
        return flow.view(self.visit).heading.key


def test_the_button_for_help_does_what_the_screens_own_does() -> None:
    by_screen, by_button = Play().at_consent().press("staff"), Play().at_consent()
    by_button.send(StaffAsked())
    assert by_button.issued == by_screen.issued == [CallStaff(True)]
    assert flow.view(by_button.visit) == flow.view(by_screen.visit)
    assert by_button.press("close").issued == [CallStaff(False)]


def test_help_is_called_from_the_help_page_and_a_second_press_changes_nothing() -> None:
    play = Play().at_consent().press("help").send(StaffAsked())
    assert play.heading == "overlay.staff.heading"
    play.send(StaffAsked())
    assert (play.heading, play.issued) == ("overlay.staff.heading", [CallStaff(True)])


def test_on_the_welcome_screen_help_is_called_and_nothing_is_left_there_for_the_next() -> None:
    play = Play()
    before = flow.view(play.visit)
    play.send(StaffAsked())
    assert play.issued == [CallStaff(True)]
    assert flow.view(play.visit) == before


def test_a_service_door_opened_in_a_visit_is_told_and_the_citizen_goes_on() -> None:
    play = Play().at_consent()
    before = flow.view(play.visit)
    play.send(DoorOpened())
    assert play.issued == [CallStaff(True)]
    assert flow.view(play.visit) == before


def test_failing_mains_end_a_visit_with_the_wipe_and_its_reason() -> None:
    play = Play().at_consent().press("staff").send(PowerFailing())
    assert play.name == "wipe"
    assert any(isinstance(one, Wipe) for one in play.issued)
    advice = flow.view(play.visit).advice
    assert advice is not None
    assert advice.reason is not None
    assert advice.reason.key == POWER
    assert words(advice.reason, "zh") == "停电了，本机暂停办理"
    wipe = next(one for one in play.visit.open if isinstance(one.command, Wipe))
    play.send(Done(wipe.id)).press("end")
    assert play.visit.ended is Outcome.ABANDONED


@pytest.mark.parametrize("step", ["submit", "receipt"])
def test_what_is_being_handed_over_or_printed_is_finished_on_the_battery(step: str) -> None:
    play = Play().at_consent()
    handed = HandedOver(received=True, booth_number="B03-261122-0001-N")
    facts = Facts(fee=None) if step == "submit" else Facts(handed=handed)
    now = SubmitStep() if step == "submit" else ReceiptStep()
    play.visit = flow.replace(play.visit, step=now, facts=facts)
    play.send(PowerFailing())
    assert (play.name, play.issued) == (step, [])
    assert play.visit.facts.closing == (POWER,)


def test_on_the_welcome_screen_failing_mains_only_close_the_booth() -> None:
    play = Play().send(PowerFailing()).send(PowerFailing())
    assert (play.name, play.visit.facts.closing) == ("welcome", (POWER,))
    assert play.press("start").name == "welcome"
    assert play.send(fitness(())).press("start").name == "menu"


def test_key_mains_and_door_close_the_booth_in_this_order() -> None:
    closed = fitness((), key_open=True, power_failing=True, door_open=True)
    assert closed.closing == ("panel.key_open", POWER, "panel.door_open")
    for reason in closed.closing:
        assert words(flow.view(Play().send(HealthChanged((reason,))).visit).heading, "zh")

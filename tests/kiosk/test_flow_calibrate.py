# SPDX-License-Identifier: Apache-2.0
"""Staff set the camera up: what each page waits for, what is kept, and how it ends."""

import re
from typing import Any

import pytest

from kiosk import flow
from kiosk.commands import (
    AdmitStaff,
    CheckCamera,
    KeepCalibration,
    KeepTake,
    Lamp,
    LookAtStaffCard,
    Wipe,
)
from kiosk.events import (
    Chose,
    Done,
    Entered,
    Event,
    Failed,
    HealthChanged,
    Pressed,
    StaffCame,
    StaffLeft,
    Told,
)
from kiosk.facts import StaffStanding
from kiosk.journeys import RENEW
from kiosk.steps import calibrate
from kiosk.texts import LANGUAGES, words
from kiosk.view import Screen, Tone, text

WALL_FAULTS = ("not_empty", "uneven", "coloured", "dark", "bright")
SEAT_FAULTS = (
    *("no_face", "several", "too_far", "too_close", "aside"),
    *("dark", "bright", "moves", "blurred"),
)


class Staff:
    """A member of the staff whose card has proven itself, at the first page."""

    def __init__(self) -> None:
        self.issued: list[flow.Issued] = []
        self.visit, _ = flow.begin(RENEW, flow.Limits())
        self.send(HealthChanged(closing=("panel.key_open",)), StaffCame())
        self.answer(LookAtStaffCard, StaffStanding(tries_left=3))
        self.send(Entered(self.visit.question, (("pin", "123456"),)))
        self.answer(AdmitStaff, StaffStanding(admitted=True))
        self.send(Chose(self.visit.question, "calibrate"))
        assert self.visit.step.name == "calibrate"

    @property
    def view(self) -> Any:
        return flow.view(self.visit)

    @property
    def keep(self) -> bool:
        return next(one.enabled for one in self.view.buttons if one.id == "keep")

    def send(self, *events: Event) -> "Staff":
        for event in events:
            self.visit, issued = flow.step(self.visit, event)
            self.issued += issued
        return self

    def press(self, button: str) -> "Staff":
        return self.send(Pressed(self.visit.question, button))

    def open(self, kind: type) -> int:
        (found,) = [one.id for one in self.visit.open if isinstance(one.command, kind)]
        return found

    def answer(self, kind: type, value: Any = None) -> "Staff":
        return self.send(Done(self.open(kind), value))

    def sees(self, reason: str) -> "Staff":
        check = self.open(CheckCamera)
        return self.send(Told(check, "live", True), Told(check, "checked", reason))

    def commands(self, kind: type) -> list[Any]:
        return [one.command for one in self.issued if isinstance(one.command, kind)]

    def to_seat(self) -> "Staff":
        self.sees("").press("keep").press("keep").answer(KeepCalibration, "")
        return self.sees("")


def test_four_pages_lead_to_a_calibrated_booth() -> None:
    staff = Staff()
    assert staff.commands(CheckCamera) == [CheckCamera("wall")]
    staff.sees("").press("keep")
    staff.press("keep").answer(KeepCalibration, "")
    assert staff.commands(CheckCamera)[-1] == CheckCamera("seat")
    staff.sees("").press("keep").press("keep").answer(KeepCalibration, "")
    assert [one.what for one in staff.commands(KeepCalibration)] == ["wall", "seat"]
    assert staff.view.heading.key == "calibrate.kept"
    assert staff.press("end").visit.step.name == "wipe"
    assert not staff.commands(KeepTake)


def test_without_a_picture_nothing_can_be_kept() -> None:
    staff = Staff()
    assert not staff.keep
    staff.send(Told(staff.open(CheckCamera), "checked", "camera.torn"))
    assert not staff.keep
    assert staff.view.advice.reason.key == "camera.torn"
    assert not staff.press("keep").commands(KeepCalibration)


@pytest.mark.parametrize("fault", WALL_FAULTS)
def test_the_wall_must_be_good_before_it_is_kept(fault: str) -> None:
    staff = Staff().sees(f"calibration.wall.{fault}")
    if not staff.keep:
        assert staff.view.advice.reason.key == f"calibration.wall.{fault}"
        assert staff.view.advice.tone is Tone.CHANGE
        return
    staff.press("keep")  # the lamps have their own page
    assert not staff.keep
    assert staff.view.advice.reason.key == f"calibration.wall.{fault}"


@pytest.mark.parametrize("fault", SEAT_FAULTS)
def test_the_seat_must_be_good_before_it_is_kept(fault: str) -> None:
    staff = Staff().to_seat().sees(f"calibration.seat.{fault}")
    if staff.keep:
        staff.press("keep")
    assert not staff.keep
    assert staff.view.advice.reason.key == f"calibration.seat.{fault}"
    shown = [one for one in staff.view.content.checks if one.good is False]
    assert len(shown) == 1
    for language in LANGUAGES:
        for said in (shown[0].label, shown[0].words, staff.view.heading):
            assert words(said, language)


def test_every_fault_that_can_be_measured_has_its_page() -> None:
    pages: dict[str, set[str]] = {"wall": set(), "seat": set()}
    for name, what, faults in calibrate.PAGES:
        pages[what] |= set(faults)
        listed = {fault for _label, some in calibrate.CHECKS[name] for fault in some}
        assert listed == set(faults)
    assert pages == {"wall": set(WALL_FAULTS), "seat": set(SEAT_FAULTS)}
    for what, faults in pages.items():
        for fault in faults:
            for language in LANGUAGES:
                assert words(text(f"calibration.{what}.{fault}"), language)
                assert words(text(f"calibration.{what}.{fault}.remedy"), language)
                assert words(text(f"calibrate.word.{fault}"), language)


def test_the_lamps_are_set_in_steps_and_their_level_is_kept_with_the_wall() -> None:
    staff = Staff().sees("").press("keep").press("darker").press("darker").press("darker")
    staff.press("brighter")
    assert [one.level for one in staff.commands(Lamp)] == [1.0, 0.9, 0.8, 0.7, 0.8]
    assert staff.press("keep").commands(KeepCalibration) == [KeepCalibration("wall", 0.8)]


def test_a_lamp_that_cannot_be_dimmed_burns_full_and_the_page_says_so() -> None:
    staff = Staff()
    staff.send(Told(staff.open(CheckCamera), "dims", False)).sees("").press("keep")
    assert staff.view.heading.key == "calibrate.lamp_plain"
    assert {one.id for one in staff.view.buttons} == {"before", "keep"}
    staff.press("darker").press("brighter")
    assert staff.commands(Lamp) == [Lamp("photo", 1.0)]
    assert staff.press("keep").commands(KeepCalibration) == [KeepCalibration("wall", 1.0)]


@pytest.mark.parametrize("fault", ["dark", "bright"])
@pytest.mark.parametrize("what", ["wall", "seat"])
def test_nobody_is_asked_to_turn_a_lamp_that_cannot_be_dimmed(what: str, fault: str) -> None:
    staff = Staff()
    staff.send(Told(staff.open(CheckCamera), "dims", False))
    staff = staff.sees("") if what == "wall" else staff.to_seat()
    staff.press("keep").sees(f"calibration.{what}.{fault}")
    advice = staff.view.advice
    assert advice.reason.key == f"calibration.{what}.{fault}"
    for language in LANGUAGES:
        said = words(advice.remedy, language)
        assert said != words(text(f"calibration.{what}.{fault}.remedy"), language)
        assert not re.search("调[亮暗]|[Tt]urn", said)


def test_the_lamps_never_go_out_altogether() -> None:
    staff = Staff().sees("").press("keep")
    for _ in range(20):
        staff.press("darker")
    assert min(one.level for one in staff.commands(Lamp)) == calibrate.LAMP_LEAST


def test_what_was_good_and_is_not_when_it_is_measured_again_is_not_kept() -> None:
    staff = Staff().sees("").press("keep").press("keep")
    staff.answer(KeepCalibration, "calibration.wall.not_empty")
    assert staff.view.heading.key == "calibrate.lamp"
    assert not staff.keep
    assert staff.sees("").keep  # the camera is looked at again


def test_a_disk_that_takes_nothing_is_said() -> None:
    staff = Staff().sees("").press("keep").press("keep")
    staff.send(Failed(staff.open(KeepCalibration), "calibration.not_kept", "staff"))
    assert staff.view.advice.reason.key == "calibration.not_kept"
    assert staff.view.heading.key == "calibrate.lamp"


def test_a_card_that_is_taken_out_ends_it_in_the_wipe() -> None:
    staff = Staff().sees("").press("keep").send(StaffLeft())
    assert staff.visit.step.name == "wipe"
    assert staff.visit.open
    assert not [one for one in staff.visit.open if isinstance(one.command, CheckCamera)]
    assert staff.commands(Wipe)
    assert staff.commands(Lamp)[-1] == Lamp("photo", 0.0)


def test_back_leads_to_the_page_before_and_from_the_first_to_the_end() -> None:
    staff = Staff().to_seat().press("before")
    assert staff.view.heading.key == "calibrate.lamp"
    assert staff.commands(CheckCamera)[-1] == CheckCamera("wall")
    staff.press("before")
    assert staff.view.heading.key == "calibrate.wall"
    assert staff.view.screen is Screen.CALIBRATE
    assert staff.press("end").visit.step.name == "wipe"

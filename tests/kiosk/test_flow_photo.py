# SPDX-License-Identifier: Apache-2.0
"""The photo step as pure events: the countdown, the takes, the pick, and what time may not lose."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.records import EligibilityAnswer, Identity
from kiosk import flow
from kiosk.commands import (
    AskEligibility,
    DropTake,
    EndVisit,
    KeepTake,
    ReadCard,
    Shoot,
    StartPreview,
    WakeAfter,
    Wipe,
)
from kiosk.events import Chose, Done, Failed, HealthChanged, Pressed, Told, Woke
from kiosk.facts import Eligible, Hint, Outcome, Shot, Who
from kiosk.journeys import RENEW
from kiosk.view import Screen, Tone

GOOD = Hint("", "photo.ok.remedy", icon="ok")
# Synthetic, from the public example of GB 11643: no real person is meant.
CITIZEN = Identity(
    citizen_no="11010519491231002X",
    name="林桂兰",
    sex="2",
    ethnicity="01",
    birth_date=date(1949, 12, 31),
    address="北京市朝阳区（测试）",
    issuer="北京市公安局朝阳分局",
    old_card_start=date(2006, 12, 11),
    old_card_end=date(2026, 12, 11),
)
ANSWER = EligibilityAnswer(
    fee_fen=2000,
    legal_date=date(2027, 1, 30),
    promise_date=date(2026, 12, 29),
    checked_at=datetime(2026, 12, 1, tzinfo=UTC),
)


class Citizen:
    """Plays a visit from the photo step on and keeps every command issued."""

    def __init__(self) -> None:
        self.issued: list[flow.Issued] = []
        self.visit, _ = flow.begin(RENEW, flow.Limits(60, 90))
        self.send(HealthChanged()).press("start").choose("renew").press("yes")
        self.answer(ReadCard, CITIZEN).answer(AskEligibility, Eligible(ANSWER, online=True))
        self.press("right").tell("live", True).guide(GOOD)
        assert self.visit.step.name == "photo"

    @property
    def view(self) -> Any:
        return flow.view(self.visit)

    @property
    def step(self) -> Any:
        return self.visit.step

    @property
    def buttons(self) -> dict[str, bool]:
        return {one.id: one.enabled for one in self.view.buttons}

    def send(self, event: Any) -> "Citizen":
        self.visit, issued = flow.step(self.visit, event)
        self.issued += issued
        return self

    def press(self, button: str) -> "Citizen":
        return self.send(Pressed(self.visit.question, button))

    def choose(self, item: str) -> "Citizen":
        return self.send(Chose(self.visit.question, item))

    def open(self, kind: type) -> flow.Issued:
        return next(one for one in reversed(self.visit.open) if isinstance(one.command, kind))

    def answer(self, kind: type, value: Any = None) -> "Citizen":
        return self.send(Done(self.open(kind).id, value))

    def tell(self, what: str, value: Any) -> "Citizen":
        return self.send(Told(self.open(StartPreview).id, what, value))

    def guide(self, hint: Hint | None) -> "Citizen":
        return self.tell("guidance", hint)

    def wake(self, tag: str) -> "Citizen":
        alarms = [
            one
            for one in self.visit.open
            if isinstance(one.command, WakeAfter) and one.command.tag == tag
        ]
        assert len(alarms) == 1, tag
        return self.send(Woke(alarms[0].id, tag))

    def count(self) -> "Citizen":
        """A second of the newest countdown passes."""
        return self.wake(f"count-{self.step.countdowns}")

    def shoot(self, name: str, advice: str = "", rank: float = 1.0) -> "Citizen":
        return self.press("shoot").answer(Shoot, Shot(name, name, advice, rank))

    def commands(self, kind: type) -> list[Any]:
        return [one.command for one in self.issued if isinstance(one.command, kind)]


def takes_of(citizen: Citizen) -> list[str]:
    return [one.id for one in citizen.view.content.takes]


def test_three_takes_stand_side_by_side_and_the_best_without_advice_is_proposed() -> None:
    citizen = Citizen()
    citizen.shoot("take-1", "photo.mouth", 9.0).shoot("take-2", "", 1.0).shoot("take-3", "", 2.0)
    takes = citizen.press("pick").view.content.takes
    assert [take.id for take in takes if take.proposed] == ["take-3"]
    assert citizen.view.content.chosen == "take-3"
    citizen.choose("take-2").press("use").answer(KeepTake)
    assert citizen.commands(KeepTake) == [KeepTake("take-2", 3)]
    assert citizen.visit.facts.chosen == Shot("take-2", "take-2", "", 1.0)


def test_a_touch_on_a_small_picture_opens_all_with_it_chosen() -> None:
    citizen = Citizen().shoot("take-1").shoot("take-2").choose("take-1")
    assert citizen.view.screen is Screen.TAKES
    assert citizen.view.content.chosen == "take-1"


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("camera.silent", "camera.silent.remedy"),
        ("camera.busy", "camera.busy.remedy"),
        ("camera.format", "photo.camera_away.remedy"),
        ("camera.denied", "photo.camera_away.remedy"),
        ("camera.absent", "photo.camera_away.remedy"),
    ],
)
def test_a_citizen_is_never_told_to_mend_the_camera(reason: str, remedy: str) -> None:
    citizen = Citizen().tell("live", False).guide(Hint(reason, f"{reason}.remedy", blocks=True))
    assert (citizen.view.advice.reason.key, citizen.view.advice.remedy.key) == (reason, remedy)


def to_the_fingers(citizen: Citizen) -> Citizen:
    citizen.shoot("take-1").shoot("take-2", "photo.mouth").press("pick").press("use")
    return citizen.answer(KeepTake)


def test_who_comes_back_from_the_fingers_finds_the_picked_take_and_may_keep_it() -> None:
    citizen = to_the_fingers(Citizen())
    assert citizen.visit.step.name == "fingers"
    citizen.press("back")
    assert citizen.commands(StartPreview)[-1] == StartPreview("take-1")
    citizen.tell("kept", True).tell("live", True).guide(GOOD)
    assert takes_of(citizen) == ["take-1"]
    citizen.shoot("take-3", "", 9.0).press("pick")
    assert citizen.view.content.chosen == "take-1"
    citizen.press("use").answer(KeepTake)
    assert citizen.commands(KeepTake)[-1] == KeepTake("take-1", 3)


def test_a_picked_take_that_is_gone_is_not_offered_again() -> None:
    citizen = to_the_fingers(Citizen()).press("back").tell("kept", False).tell("live", True)
    assert takes_of(citizen) == []
    assert not citizen.buttons["pick"]


def test_who_goes_back_before_the_camera_and_says_so_has_no_picked_take_left() -> None:
    citizen = to_the_fingers(Citizen()).press("back").tell("kept", True)
    citizen.press("back").press("go-back")
    assert citizen.visit.facts.chosen is None
    citizen.press("right")
    assert citizen.commands(StartPreview)[-1] == StartPreview()


def test_there_is_no_last_picture() -> None:
    citizen = Citizen()
    for number in range(1, 31):
        citizen.shoot(f"take-{number}")
    assert len(takes_of(citizen)) == 30
    assert citizen.buttons["shoot"]


# -- the countdown -----------------------------------------------------------------------------


def test_the_countdown_shoots_once_after_three_seconds() -> None:
    citizen = Citizen().press("shoot3")
    for left in (3, 2, 1):
        assert citizen.view.content.counting == left
        citizen.count()
    assert len(citizen.commands(Shoot)) == 1


def test_the_countdown_is_stopped_by_the_button_that_began_it_but_not_by_its_second_tap() -> None:
    citizen = Citizen().press("shoot3")
    assert citizen.buttons["stop"] is False
    citizen.count()
    assert citizen.buttons["stop"] is True
    citizen.press("stop").count()
    assert citizen.view.content.counting is None
    assert not citizen.commands(Shoot)


def test_a_countdown_begun_anew_counts_three_whole_seconds() -> None:
    citizen = Citizen().press("shoot3").count().press("stop").press("shoot3")
    citizen.wake("count-1")  # the stopped one's last second
    assert citizen.view.content.counting == 3
    citizen.count()
    assert citizen.view.content.counting == 2


def test_while_the_seconds_run_the_screen_says_only_where_to_look() -> None:
    citizen = Citizen().press("shoot3").guide(Hint("photo.mouth", "photo.mouth.remedy"))
    assert citizen.view.advice.remedy.key == "photo.hold"
    assert citizen.view.advice.icon == "look"
    citizen.guide(Hint("photo.no_face", "photo.no_face.remedy", blocks=True, icon="no_face"))
    assert citizen.view.advice.remedy.key == "photo.no_face.remedy"


def test_a_shot_that_gave_no_picture_is_said_and_the_next_one_may_follow() -> None:
    citizen = Citizen().press("shoot")
    citizen.send(Failed(citizen.open(Shoot).id, "photo.no_face", Who.AGAIN))
    assert [line.key for line in citizen.view.lines] == ["photo.missed"]
    assert citizen.buttons["shoot"]
    citizen.shoot("take-1")
    assert [line.key for line in citizen.view.lines] == ["photo.taken"]


def test_a_picture_taken_is_said_for_a_moment_and_then_guidance_goes_on() -> None:
    citizen = Citizen().shoot("take-1")
    assert citizen.view.advice.remedy.key == "photo.done"
    citizen.wake("done-1")
    assert citizen.view.advice.remedy.key == "photo.ok.remedy"


def test_of_two_pictures_in_a_row_the_second_has_its_whole_moment() -> None:
    citizen = Citizen().shoot("take-1").shoot("take-2").wake("done-1")
    assert citizen.view.advice.remedy.key == "photo.done"
    assert citizen.wake("done-2").view.advice.remedy.key == "photo.ok.remedy"


# -- guidance ----------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["shoot", "shoot3"])
def test_the_shutter_is_closed_while_no_portrait_could_be_cut(button: str) -> None:
    citizen = Citizen().guide(Hint("photo.no_face", "photo.no_face.remedy", blocks=True))
    assert citizen.buttons[button] is False
    citizen.press(button)
    assert not citizen.commands(Shoot)
    assert citizen.view.content.counting is None


def test_advice_alone_never_closes_the_shutter() -> None:
    citizen = Citizen().guide(Hint("photo.eyes", "photo.eyes.remedy", icon="eyes"))
    assert citizen.view.advice.tone is Tone.CHANGE
    assert citizen.buttons["shoot"]
    citizen.shoot("take-1", "photo.eyes")
    assert takes_of(citizen) == ["take-1"]


def test_guidance_that_is_out_of_date_is_taken_back() -> None:
    citizen = Citizen().guide(Hint("photo.tilted", "photo.tilted.remedy", icon="tilted"))
    assert citizen.view.advice.reason.key == "photo.tilted"
    citizen.guide(None)
    assert citizen.view.advice.reason is None
    assert citizen.view.advice.remedy.key == "photo.look"
    assert citizen.view.advice.tone is Tone.CALM


# -- a take that may be sent back, and a take to delete ----------------------------------------


def test_a_take_that_may_be_sent_back_is_told_with_its_reason_before_it_is_used() -> None:
    citizen = Citizen().shoot("take-1", "photo.mouth").press("pick").press("use")
    assert not citizen.commands(KeepTake)
    assert citizen.view.heading.key == "takes.warn.heading"
    assert citizen.view.advice.reason.key == "photo.mouth"
    assert citizen.view.advice.remedy.key == "photo.mouth.remedy"
    assert citizen.press("keep").commands(KeepTake) == [KeepTake("take-1", 1)]


@pytest.mark.parametrize(("button", "screen"), [("retake", Screen.PHOTO), ("takes", Screen.TAKES)])
def test_from_the_warning_one_shoots_again_or_sees_the_others(button: str, screen: Screen) -> None:
    citizen = Citizen().shoot("take-1", "photo.mouth").press("pick").press("use").press(button)
    assert citizen.view.screen is screen
    assert takes_of(citizen) == ["take-1"]


def test_a_take_is_deleted_only_after_one_question() -> None:
    citizen = Citizen().shoot("take-1").shoot("take-2").press("pick").choose("take-2")
    citizen.press("delete")
    assert citizen.view.heading.key == "takes.drop.heading"
    assert citizen.view.content.take.id == "take-2"
    assert not citizen.commands(DropTake)
    assert takes_of(citizen.press("takes")) == ["take-1", "take-2"]
    citizen.press("delete").press("drop")
    assert citizen.commands(DropTake) == [DropTake("take-2")]
    assert takes_of(citizen) == ["take-1"]
    assert citizen.view.content.chosen == "take-1"


def test_the_last_take_deleted_leads_back_to_the_camera() -> None:
    citizen = Citizen().shoot("take-1").press("pick").press("delete").press("drop")
    assert citizen.view.screen is Screen.PHOTO
    assert citizen.buttons["pick"] is False


def test_a_deleted_take_counts_as_taken() -> None:
    citizen = Citizen().shoot("take-1").press("pick").press("delete").press("drop")
    citizen.shoot("take-2").press("pick").press("use")
    assert citizen.commands(KeepTake) == [KeepTake("take-2", 2)]


def test_back_with_pictures_taken_asks_before_it_forgets_them() -> None:
    citizen = Citizen().shoot("take-1").press("back")
    assert citizen.view.heading.key == "photo.leave.heading"
    assert takes_of(citizen.press("again")) == ["take-1"]
    assert citizen.press("back").press("go-back").visit.step.name == "details"


def test_back_without_pictures_goes_back_at_once() -> None:
    assert Citizen().press("back").visit.step.name == "details"


# -- time --------------------------------------------------------------------------------------


def test_when_the_time_before_the_camera_is_up_the_best_take_is_kept_ready() -> None:
    citizen = Citizen().shoot("take-1", "photo.eyes", 9.0).shoot("take-2", "", 2.0)
    citizen.wake("limit")
    assert citizen.view.screen is Screen.TAKES
    assert citizen.view.content.chosen == "take-2"
    assert citizen.view.advice.remedy.key == "takes.kept"
    assert not citizen.commands(KeepTake)  # silence picks nothing
    citizen.press("again").shoot("take-3")  # and who wants to goes on
    assert takes_of(citizen) == ["take-1", "take-2", "take-3"]


def test_without_a_take_the_time_loses_nothing_and_goes_on() -> None:
    citizen = Citizen().wake("limit").wake("limit")
    assert citizen.view.screen is Screen.PHOTO
    assert citizen.shoot("take-1").wake("limit").view.screen is Screen.TAKES


@pytest.mark.parametrize("busy", ["shoot", "shoot3"])
def test_the_time_does_not_come_between_press_and_picture(busy: str) -> None:
    citizen = Citizen().shoot("take-1").press(busy).wake("limit")
    assert citizen.view.screen is Screen.PHOTO
    if busy == "shoot3":
        citizen.count().count().count()
    citizen.answer(Shoot, Shot("take-2", "take-2"))
    citizen.wake("limit")
    assert takes_of(citizen) == ["take-1", "take-2"]
    assert citizen.view.screen is Screen.TAKES


@pytest.mark.parametrize("where", ["booth", "sheet", "kept"])
def test_silence_ends_the_visit_in_the_wipe_and_keeps_no_take(where: str) -> None:
    citizen = Citizen().shoot("take-1")
    if where == "sheet":
        citizen.press("pick")
    if where == "kept":
        citizen.wake("limit")
    for _ in range(90):
        citizen.wake("idle")
    assert citizen.visit.step.name == "wipe"
    citizen.answer(Wipe).press("end")
    assert citizen.commands(EndVisit) == [EndVisit(Outcome.ABANDONED)]
    assert not citizen.commands(KeepTake)


# -- any order ---------------------------------------------------------------------------------

BUTTONS = ("shoot", "shoot3", "stop", "pick", "again", "delete", "drop", "takes", "use", "keep")
OTHER = ("retake", "back", "go-back", "@take-1", "@take-2")
HAPPENS = ("!done", "!failed", "!count", "!limit", "!hint", "!blocked")
ANY = st.sampled_from((*BUTTONS, *OTHER, *HAPPENS))


@settings(max_examples=120, deadline=None)
@given(st.lists(ANY, max_size=40))
def test_in_any_order_only_a_shown_take_is_kept_and_one_picture_comes_of_one_press(
    doings: list[str],
) -> None:
    citizen, number = Citizen(), 0
    for doing in doings:
        if citizen.visit.step.name != "photo":
            break
        kinds = [type(one.command) for one in citizen.visit.open]
        tags = [o.command.tag for o in citizen.visit.open if isinstance(o.command, WakeAfter)]
        if doing == "!done" and Shoot in kinds:
            number += 1
            citizen.answer(Shoot, Shot(f"take-{number}", "x", "photo.eyes" if number % 2 else ""))
        elif doing == "!failed" and Shoot in kinds:
            citizen.send(Failed(citizen.open(Shoot).id, "photo.no_face", Who.AGAIN))
        elif doing == "!count" and tags.count(f"count-{citizen.step.countdowns}") == 1:
            citizen.count()
        elif doing == "!limit":
            citizen.wake("limit")
        elif doing == "!hint":
            citizen.guide(GOOD)
        elif doing == "!blocked":
            citizen.guide(Hint("photo.no_face", "photo.no_face.remedy", blocks=True))
        elif doing.startswith("@"):
            citizen.choose(doing[1:])
        elif doing.isalnum() or doing == "go-back":
            citizen.press(doing)
        assert tags.count("limit") == 1
        assert sum(1 for one in citizen.visit.open if isinstance(one.command, Shoot)) <= 1
        known = {shot.id for shot in citizen.step.takes} if citizen.step.name == "photo" else None
        if known is not None:
            dropped = {one.take for one in citizen.commands(DropTake)}
            assert not known & dropped
            for kept in citizen.commands(KeepTake):
                assert kept.take in known

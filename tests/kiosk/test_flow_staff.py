# SPDX-License-Identifier: Apache-2.0
"""Staff come with their card, the seat stays empty, the key is turned: what a visit makes of it."""

import pytest

from drivers.health import Health
from drivers.staffcard import StaffCardState
from kiosk import flow
from kiosk.commands import (
    AdmitStaff,
    CallStaff,
    EndVisit,
    LookAtStaffCard,
    ReadCard,
    WakeAfter,
    Wipe,
)
from kiosk.events import (
    Chose,
    Done,
    Entered,
    Event,
    Failed,
    HealthChanged,
    PresenceLost,
    Pressed,
    StaffCame,
    StaffLeft,
    Touched,
    Woke,
)
from kiosk.facts import Outcome, StaffStanding, Who
from kiosk.health import fitness
from kiosk.journeys import RENEW
from kiosk.texts import words
from kiosk.view import Choices, Rows, Screen, View, text
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

    def choose(self, item: str) -> "Citizen":
        return self.send(Chose(self.visit.question, item))

    def open(self, kind: type) -> flow.Issued:
        return next(one for one in self.visit.open if isinstance(one.command, kind))

    def waits_for(self, kind: type) -> bool:
        return any(isinstance(one.command, kind) for one in self.visit.open)

    def answer(self, kind: type, value: object) -> "Citizen":
        return self.send(Done(self.open(kind).id, value))

    def fail(self, kind: type, code: str) -> "Citizen":
        return self.send(Failed(self.open(kind).id, code, Who.REFUSED))

    def look(self, tries_left: int) -> "Citizen":
        return self.answer(LookAtStaffCard, StaffStanding(tries_left=tries_left))

    def pin(self, typed: str) -> "Citizen":
        return self.send(Entered(self.visit.question, (("pin", typed),)))

    def admit(self) -> "Citizen":
        return self.answer(AdmitStaff, StaffStanding(admitted=True))

    def at_consent(self) -> "Citizen":
        return self.press("start").send(Chose(self.visit.question, "renew"))


def proven(citizen: Citizen) -> Citizen:
    """Staff put their card in, and it signs after its PIN."""
    return citizen.send(StaffCame()).look(3).pin("123456").admit()


def test_a_staff_card_is_looked_at_and_asks_for_its_pin_with_the_tries_left() -> None:
    citizen = Citizen().at_consent().press("staff").send(StaffCame())
    assert citizen.view.screen is Screen.WAIT
    citizen.look(3)
    assert citizen.heading == "请输入工作卡口令"
    assert [words(line, "zh") for line in citizen.view.lines] == ["还可以输 3 次"]
    assert citizen.lamp is True  # a card alone answers no call


def test_the_right_pin_says_that_staff_are_here_and_puts_the_lamp_out() -> None:
    citizen = proven(Citizen().at_consent().press("staff"))
    assert citizen.heading == "工作人员已到"
    assert words(citizen.view.heading, "en") == "Staff are here"
    assert citizen.lamp is False


def test_a_wrong_pin_is_told_with_the_tries_that_are_left_and_opens_nothing() -> None:
    citizen = Citizen().send(StaffCame()).look(3).pin("000000")
    asked = citizen.visit.question
    citizen.answer(AdmitStaff, StaffStanding(tries_left=2))
    assert citizen.heading == "请输入工作卡口令"
    assert citizen.visit.question > asked  # a fresh, empty field
    assert words(citizen.view.lines[0], "zh") == "还可以输 2 次"
    assert citizen.view.advice is not None
    assert words(citizen.view.advice.remedy, "zh") == "请再输一次口令"


@pytest.mark.parametrize("command", [LookAtStaffCard, AdmitStaff])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("staffcard.blocked", "工作卡已锁定"),
        ("staffcard.last_try", "口令只剩一次机会"),
        ("staffcard.unknown", "本机不认识这张卡"),
        ("staffcard.expired", "工作卡已到期"),
        ("staffcard.not_staff", "这不是工作卡"),
        ("staffcard.stuck", "工作卡读卡器没有反应"),
    ],
)
def test_a_card_that_opens_nothing_says_why_and_what_helps(
    command: type, code: str, said: str
) -> None:
    citizen = Citizen().send(StaffCame())
    if command is AdmitStaff:
        citizen.look(3).pin("123456")
    citizen.fail(command, code)
    assert citizen.heading == said
    assert citizen.view.lines == (text(f"{code}.remedy"),)
    assert citizen.press("close").view.step_name == "welcome"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_staff_has_words(language: str) -> None:
    for visit in (Citizen(), Citizen().at_consent().press("staff")):
        seen = [visit.send(StaffCame()).view, visit.look(3).view, visit.pin("123456").view]
        seen += [visit.admit().view, visit.choose("devices").view]
        for shown in seen:
            said = [shown.heading, shown.section, *shown.lines, *(b.text for b in shown.buttons)]
            if isinstance(shown.content, Choices):
                said += [one for tile in shown.content.items for one in (tile.title, tile.line)]
            assert all(words(one, language) for one in said if one is not None)


def test_no_menu_opens_by_touches_without_a_card_that_signed() -> None:
    citizen = Citizen().send(StaffCame()).look(3)
    for name in ("devices", "go-on", "end-visit", "menu", "close"):
        fresh = Citizen().send(StaffCame()).look(3)
        fresh.choose(name)
        fresh.press(name)
        assert fresh.view.step_name in ("staff-pin", "welcome")
    late = citizen.open(LookAtStaffCard) if citizen.waits_for(LookAtStaffCard) else None
    assert late is None
    citizen.send(Done(999, StaffStanding(admitted=True)))
    assert citizen.view.step_name == "staff-pin"


def test_an_answer_to_a_look_never_admits() -> None:
    citizen = Citizen().send(StaffCame())
    citizen.answer(LookAtStaffCard, StaffStanding(admitted=True))
    assert citizen.view.step_name == "staff-pin"


def test_on_the_welcome_a_staff_card_opens_the_menu_without_a_call() -> None:
    citizen = proven(Citizen())
    assert citizen.heading == "工作人员菜单"
    assert citizen.send(StaffLeft()).view.step_name == "welcome"


def test_the_devices_page_names_each_reason_with_its_remedy() -> None:
    citizen = proven(Citizen().send(HealthChanged(("idreader.unplugged",), ("printer.paper_out",))))
    citizen.choose("devices")
    assert isinstance(citizen.view.content, Rows)
    assert [row.label.key for row in citizen.view.content.rows] == [
        "idreader.unplugged",
        "printer.paper_out",
    ]
    assert [row.picture for row in citizen.view.content.rows] == ["card-off-reader", "paper"]
    assert citizen.press("menu").view.step_name == "staff"


def test_a_device_that_is_ill_has_the_picture_on_the_staff_page_that_the_welcome_shows() -> None:
    citizen = Citizen().send(HealthChanged(("camera.frozen",)))
    shown = citizen.view.picture
    content = proven(citizen).choose("devices").view.content
    assert isinstance(content, Rows)
    assert [row.picture for row in content.rows] == [shown]


def test_staff_can_end_a_visit_and_everything_is_wiped() -> None:
    citizen = proven(Citizen().at_consent().press("staff")).choose("end-visit")
    assert citizen.view.step_name == "wipe"
    assert citizen.waits_for(Wipe)


def test_when_the_card_is_taken_out_the_citizen_goes_on_where_they_were() -> None:
    citizen = Citizen().at_consent()
    before = citizen.view
    proven(citizen.press("staff")).send(StaffLeft())
    after = citizen.view
    assert (after.screen, after.heading, after.step_name, after.buttons) == (
        before.screen,
        before.heading,
        before.step_name,
        before.buttons,
    )
    assert after.question > before.question


def test_a_card_taken_out_before_its_pin_leaves_the_call_standing() -> None:
    citizen = Citizen().at_consent().press("staff").send(StaffCame()).look(3).send(StaffLeft())
    assert citizen.view.heading == text("overlay.staff.heading")
    assert citizen.lamp is True


def test_an_answer_that_comes_after_the_card_is_out_opens_nothing() -> None:
    citizen = Citizen().send(StaffCame()).look(3).pin("123456")
    waiting = citizen.open(AdmitStaff)
    citizen.send(StaffLeft(), Done(waiting.id, StaffStanding(admitted=True)))
    assert citizen.view.step_name == "welcome"


def test_what_the_booth_was_doing_goes_on_under_the_staff_page() -> None:
    citizen = Citizen().at_consent().press("yes")
    waiting = citizen.open(ReadCard)
    citizen.press("staff").send(StaffCame()).look(3)
    citizen.send(Failed(waiting.id, "idreader.unplugged", Who.TECHNICIAN))
    assert citizen.heading == "请输入工作卡口令"
    assert citizen.pin("123456").admit().view.step_name == "staff"
    assert citizen.press("close").view.step_name == "trouble"


def test_staff_who_were_not_called_change_no_screen_of_a_visit() -> None:
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
    assert citizen.view.step_name == "staff-pin"
    assert citizen.press("close").view.heading == text("overlay.staff.heading")


def test_a_card_left_behind_by_staff_does_not_keep_the_visit_open_for_ever() -> None:
    citizen = proven(Citizen().at_consent().press("staff"))
    citizen.seconds(LIMITS.end_s + 30)
    assert citizen.view.leaving_s is None
    assert citizen.view.step_name == "staff"
    citizen.seconds(LIMITS.staff_s - LIMITS.end_s - 30)
    assert citizen.view.step_name == "wipe"


def test_a_pin_page_that_nobody_answers_gives_the_welcome_back() -> None:
    citizen = Citizen().send(StaffCame()).look(3).seconds(LIMITS.end_s)
    assert citizen.view.step_name == "welcome"
    menu = proven(Citizen()).seconds(LIMITS.staff_s)
    assert menu.view.step_name == "welcome"
    assert menu.visit.ended is None


def test_the_button_of_the_countdown_confirms_no_pin() -> None:
    citizen = Citizen().send(StaffCame()).look(3).seconds(LIMITS.warn_s)
    assert citizen.view.leaving_s == 30
    citizen.press("stay")
    assert citizen.view.leaving_s is None
    assert not citizen.waits_for(AdmitStaff)


def test_the_pin_shows_in_no_repr() -> None:
    citizen = Citizen().send(StaffCame()).look(3)
    entered = Entered(citizen.visit.question, (("pin", "24681357"),))
    citizen.send(entered)
    assert "24681357" not in repr((citizen.visit, entered, citizen.view))


def test_an_empty_seat_starts_the_countdown_at_once_and_a_touch_stops_it() -> None:
    citizen = Citizen().at_consent().seconds(3).send(PresenceLost())
    assert citizen.view.leaving_s == 30
    citizen.seconds(5).send(Touched())
    assert citizen.view.leaving_s is None


def test_an_empty_seat_ends_the_visit_after_the_countdown_and_everything_is_wiped() -> None:
    citizen = Citizen().at_consent().send(PresenceLost()).seconds(30)
    assert citizen.view.heading.key == "wipe.heading.nobody", "nothing was begun to be sent"
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
    assert (closed.closing, closed.limiting) == (("panel.key_open",), ())
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
    ill = Health.ill("camera", "idreader.unplugged")
    assert fitness((ill,), key_open=True).closing == ("panel.key_open", "idreader.unplugged")


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
    assert watch.look(idle=False) is None
    watch.called(True)
    assert watch.look(idle=False) is None
    reader.put(True)
    assert watch.look(idle=False) == StaffCame()
    assert watch.look(idle=False) is None
    watch.called(False)  # the flow takes the call back
    assert watch.wanted(idle=False)
    reader.put(False)
    assert watch.look(idle=False) == StaffLeft()
    assert not watch.wanted(idle=False)


@pytest.mark.parametrize("between", [True, False])
def test_a_card_forgotten_in_the_reader_calls_nobody_here(between: bool) -> None:
    reader = Reader(card=True)
    watch = StaffWatch(reader.poll)
    assert watch.look(idle=True) is None
    watch.called(True)
    assert watch.look(idle=False) is None
    reader.put(False)
    if between:
        assert watch.look(idle=False) is None
    reader.put(True)  # a hand may be quicker than two looks
    assert watch.look(idle=False) == StaffCame()


def test_a_card_that_is_in_at_the_very_first_look_counts_when_staff_are_called_already() -> None:
    watch = StaffWatch(Reader(card=True).poll)
    watch.called(True)
    assert watch.look(idle=False) == StaffCame()


def test_in_a_visit_nobody_looks_into_the_reader_while_nobody_is_called() -> None:
    reader = Reader()
    watch = StaffWatch(reader.poll)
    assert watch.wanted(idle=False)  # one look to know what lies there
    watch.look(idle=False)
    assert not watch.wanted(idle=False)
    reader.put(True)
    watch.called(True)
    assert watch.look(idle=False) == StaffCame()  # put in before the touch on "call staff"


def test_a_booth_that_waits_for_a_citizen_hears_of_a_staff_card_without_a_call() -> None:
    reader = Reader()
    watch = StaffWatch(reader.poll)
    assert watch.look(idle=True) is None
    assert watch.wanted(idle=True)
    reader.put(True)
    assert watch.look(idle=True) == StaffCame()
    assert watch.look(idle=False) is None  # their own page is shown


def test_another_card_in_place_of_the_first_is_told_anew() -> None:
    reader = Reader()
    watch = StaffWatch(reader.poll)
    watch.look(idle=True)
    reader.put(True)
    assert watch.look(idle=True) == StaffCame()
    reader.put(False)
    reader.put(True)  # quicker than two looks: what was opened must close
    assert watch.look(idle=False) == StaffLeft()
    assert watch.look(idle=True) == StaffCame()


def test_a_reader_that_is_pulled_out_with_the_card_means_that_staff_have_left() -> None:
    states = [
        StaffCardState(True),
        StaffCardState(True, "r", True, 1),
        StaffCardState(ready=False),
    ]
    watch = StaffWatch(lambda: states.pop(0))
    watch.look(idle=False)
    watch.called(True)
    assert [watch.look(idle=False), watch.look(idle=False)] == [StaffCame(), StaffLeft()]


def test_staff_who_come_after_the_end_end_nothing_twice() -> None:
    citizen = Citizen().at_consent().press("leave").press("leave-yes")
    wipe = next(one for one in citizen.visit.open if isinstance(one.command, Wipe))
    citizen.send(Done(wipe.id), StaffCame())
    assert citizen.view.step_name == "wipe"
    visit, issued = flow.step(citizen.visit, Pressed(citizen.visit.question, "end"))
    assert [one.command for one in issued if isinstance(one.command, EndVisit)]
    assert visit.ended is Outcome.ABANDONED

# SPDX-License-Identifier: Apache-2.0
"""Staff at the bins: what is asked, what opens, who says where a card is, and how it ends."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from idcard.booth_health import DeviceWord
from kiosk import flow
from kiosk.cabinet import BinSeen, CabinetSeen, DispenserSeen, Found, NewCard
from kiosk.commands import (
    AdmitStaff,
    AwaitBin,
    CallStaff,
    Cancel,
    Lamp,
    LookAtStaffCard,
    OpenBin,
    OpenFreeBin,
    ReadNewCard,
    SettleBin,
    SettleDispenser,
    WakeAfter,
    WatchBins,
    WatchDispenser,
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
    Woke,
)
from kiosk.facts import StaffStanding, Who
from kiosk.journeys import RENEW
from kiosk.texts import LANGUAGES, words
from kiosk.view import Cabinet, Choices, DoorState, Role, Rows, Text, View

SINCE = datetime.fromisoformat("2026-11-20T16:05:00+08:00")
CARD = NewCard("张*", "341522**********25", date(2036, 12, 11))
FITTED = tuple(DeviceWord(device=one, state="ready") for one in ("bins", "dispenser"))
MOVING = (OpenBin, OpenFreeBin)


def cabinet(*states: DoorState, reason: str = "") -> CabinetSeen:
    return CabinetSeen(
        tuple(
            BinSeen(f"1/{n}", str(n), state, card=state is not DoorState.FREE, since=SINCE)
            for n, state in enumerate(states, 1)
        ),
        reason,
    )


SOME = cabinet(DoorState.CARD, DoorState.LOOK, DoorState.STUCK, DoorState.OPEN, DoorState.FREE)


class Staff:
    """A member of the staff whose card has proven itself, before the menu."""

    def __init__(self, *, devices: tuple[DeviceWord, ...] = FITTED) -> None:
        self.issued: list[flow.Issued] = []
        self.visit, _ = flow.begin(RENEW, flow.Limits())
        self.send(HealthChanged(devices=devices), StaffCame())
        self.answer(LookAtStaffCard, StaffStanding(tries_left=3))
        self.send(Entered(self.visit.question, (("pin", "123456"),)))
        self.answer(AdmitStaff, StaffStanding(admitted=True))

    @property
    def view(self) -> View:
        return flow.view(self.visit)

    @property
    def heading(self) -> str:
        return self.view.heading.key

    @property
    def choices(self) -> list[str]:
        content = self.view.content
        return [one.id for one in content.items] if isinstance(content, Choices) else []

    def buttons(self) -> set[str]:
        return {one.id for one in self.view.buttons if one.enabled}

    def send(self, *events: Event) -> "Staff":
        for event in events:
            self.visit, issued = flow.step(self.visit, event)
            self.issued += issued
        return self

    def press(self, button: str) -> "Staff":
        return self.send(Pressed(self.visit.question, button))

    def choose(self, item: str) -> "Staff":
        return self.send(Chose(self.visit.question, item))

    def open(self, kind: type) -> int:
        (found,) = [one.id for one in self.visit.open if isinstance(one.command, kind)]
        return found

    def waits_for(self, kind: type) -> bool:
        return any(isinstance(one.command, kind) for one in self.visit.open)

    def answer(self, kind: type, value: Any = None) -> "Staff":
        return self.send(Done(self.open(kind), value))

    def fail(self, kind: type, code: str, who: str = Who.STAFF) -> "Staff":
        return self.send(Failed(self.open(kind), code, who))

    def commands(self, *kinds: type) -> list[Any]:
        return [one.command for one in self.issued if isinstance(one.command, kinds)]

    def at_bins(self, seen: CabinetSeen = SOME) -> "Staff":
        self.choose("bins")
        return self.send(Told(self.open(WatchBins), "seen", seen))

    def read(self) -> "Staff":
        return self.press("load").answer(ReadNewCard, CARD)

    def opened(self) -> "Staff":
        return self.read().press("open").answer(OpenFreeBin, SOME.bins[4])

    def shut(self) -> "Staff":
        return self.opened().answer(AwaitBin)


def test_a_card_is_loaded_and_the_next_one_may_come() -> None:
    staff = Staff().at_bins().press("load")
    assert staff.heading == "bins.read"
    assert staff.commands(Lamp)[-1] == Lamp("reader", 1.0)
    staff.answer(ReadNewCard, CARD)
    assert isinstance(staff.view.content, Rows)
    shown = [row.value for row in staff.view.content.rows]
    assert shown[:2] == ["张*", "341522**********25"]
    assert not staff.commands(*MOVING)
    staff.press("open").answer(OpenFreeBin, SOME.bins[4])
    assert words(staff.view.heading, "zh") == "请把证放进 5 号柜"
    assert staff.view.picture == "card-into-bin"
    assert staff.commands(AwaitBin) == [AwaitBin("1/5")]
    staff.answer(AwaitBin)
    assert words(staff.view.heading, "zh") == "证在 5 号柜里吗？"
    staff.choose("yes").answer(SettleBin)
    assert staff.commands(SettleBin) == [SettleBin("1/5", Found.SAME)]
    assert words(staff.view.heading, "zh") == "证已放进 5 号柜"
    staff.press("next")
    assert staff.heading == "bins.read"
    assert len(staff.commands(ReadNewCard)) == 2


def test_a_card_that_stayed_in_the_hand_is_not_in_the_bin() -> None:
    staff = Staff().at_bins().shut().choose("no").answer(SettleBin)
    assert staff.commands(SettleBin) == [SettleBin("1/5", Found.TAKEN)]
    assert words(staff.view.heading, "zh") == "5 号柜是空的"


def test_where_the_card_is_has_no_answer_that_is_set_before_and_silence_gives_none() -> None:
    staff = Staff().at_bins().shut()
    assert isinstance(staff.view.content, Choices)
    assert staff.view.content.chosen == ""
    assert staff.view.buttons == ()
    for button in ("open", "shut", "home", "next", "again"):
        staff.press(button)
    for _ in range(staff.visit.limits.staff_s + 2):
        tick = [one for one in staff.visit.open if one.command == WakeAfter(1.0, "idle")]
        staff.send(*(Woke(one.id, "idle") for one in tick))
    assert staff.visit.step.name == "wipe"
    assert not staff.commands(SettleBin)


@pytest.mark.parametrize(
    ("code", "who"),
    [
        ("bins.card_over", Who.REFUSED),
        ("card.unreadable", Who.AGAIN),
        ("card.not_id_card", Who.AGAIN),
        ("idreader.unplugged", Who.TECHNICIAN),
    ],
)
def test_a_card_that_cannot_be_loaded_is_told_why_and_opens_nothing(code: str, who: Who) -> None:
    staff = Staff().at_bins().press("load").fail(ReadNewCard, code, who)
    assert staff.view.advice is not None
    assert staff.view.advice.reason == Text(code)
    assert not staff.waits_for(ReadNewCard)  # read again only when a person says so
    staff.press("open")
    assert not staff.commands(*MOVING)
    assert staff.press("again").waits_for(ReadNewCard)


@pytest.mark.parametrize("code", ["bins.none_free", "bins.stuck", "bins.door_open"])
def test_a_bin_that_does_not_open_lets_the_same_card_be_tried_again(code: str) -> None:
    staff = Staff().at_bins().read().press("open").fail(OpenFreeBin, code)
    assert (staff.heading, staff.view.picture) == (code, "cabinet")
    assert staff.press("open").waits_for(OpenFreeBin)
    assert staff.fail(OpenFreeBin, code).press("home").visit.step.name == "bins"


def test_a_cabinet_that_broke_ends_the_loading_and_leads_back() -> None:
    staff = Staff().at_bins().read().press("open")
    staff.fail(OpenFreeBin, "bins.unplugged", Who.TECHNICIAN)
    assert (staff.heading, staff.view.picture) == ("bins.unplugged", "cabinet")
    assert staff.press("home").visit.step.name == "bins"


def test_a_door_left_open_is_waited_for_again_only_when_a_person_says_that_it_is_shut() -> None:
    staff = Staff().at_bins().opened().fail(AwaitBin, "bins.left_open", Who.AGAIN)
    assert staff.buttons() == {"shut"}
    assert not staff.waits_for(AwaitBin)
    staff.press("shut")
    assert staff.waits_for(AwaitBin)
    assert staff.buttons() == set()
    assert len(staff.commands(AwaitBin)) == 2


def test_the_cabinet_counts_its_doors_in_words_and_opens_none_by_itself() -> None:
    staff = Staff().at_bins()
    content = staff.view.content
    assert isinstance(content, Cabinet)
    assert [words(said, "zh") for _state, said in content.legend] == [
        *("空 1", "有证 1", "待核对 1", "开着 1", "打不开 1"),
    ]
    assert not staff.commands(*MOVING)


@pytest.mark.parametrize(
    "seen",
    [
        cabinet(DoorState.CARD, DoorState.LOOK),
        cabinet(DoorState.FREE, reason="bins.door_open"),
        CabinetSeen(reason="bins.books_damaged"),
    ],
)
def test_nothing_is_loaded_into_a_cabinet_that_is_full_or_ill(seen: CabinetSeen) -> None:
    staff = Staff().at_bins(seen)
    assert "load" not in staff.buttons()
    assert staff.press("load").visit.step.name == "bins"
    if seen.reason:
        assert staff.view.advice is not None
        assert staff.view.advice.reason == Text(seen.reason)


@pytest.mark.parametrize("place", ["1/1", "1/2", "1/3", "1/5"])
def test_a_look_into_a_bin_ends_with_what_the_person_found(place: str) -> None:
    staff = Staff().at_bins().choose(place)
    assert not staff.commands(*MOVING)
    staff.press("open").answer(OpenBin)
    assert staff.commands(OpenBin) == [OpenBin(place)]
    assert staff.view.picture == "bin-open"
    staff.answer(AwaitBin)
    answers = {one for one in Found if one is not Found.SAME or place != "1/5"}
    assert set(staff.choices) == answers  # in an empty bin lies no "same card as before"
    staff.choose(Found.TAKEN).answer(SettleBin)
    assert staff.commands(SettleBin) == [SettleBin(place, Found.TAKEN)]
    assert staff.visit.step.name == "bins"


def test_a_card_that_nobody_came_for_is_counted_and_its_page_says_to_take_it_out() -> None:
    staff = Staff().at_bins(cabinet(DoorState.LATE, DoorState.CARD))
    content = staff.view.content
    assert isinstance(content, Cabinet)
    assert [words(said, "zh") for _state, said in content.legend] == ["有证 1", "没人领 1"]
    staff.choose("1/1")
    assert staff.view.advice is not None
    assert words(staff.view.advice.remedy, "zh") == "请打开取出这张证"
    staff.press("open").answer(OpenBin).answer(AwaitBin).choose(Found.TAKEN)
    assert staff.commands(SettleBin) == [SettleBin("1/1", Found.TAKEN)]


@pytest.mark.parametrize(("place", "key"), [("1/2", "look"), ("1/3", "stuck"), ("1/4", "open")])
def test_a_door_that_is_not_at_rest_says_first_what_to_do(place: str, key: str) -> None:
    staff = Staff().at_bins().choose(place)
    assert staff.view.advice is not None
    assert staff.view.advice.remedy == Text(f"bins.todo.{key}")


def test_a_door_that_stands_open_is_shut_without_opening_it_again() -> None:
    staff = Staff().at_bins().choose("1/4").press("open").press("shut")
    assert not staff.commands(*MOVING)
    staff.answer(AwaitBin).choose(Found.SAME)
    assert staff.commands(SettleBin) == [SettleBin("1/4", Found.SAME)]


@pytest.mark.parametrize("place", ["1/2", "1/3"])
def test_a_lock_that_is_broken_is_settled_by_what_was_seen_with_the_key(place: str) -> None:
    staff = Staff().at_bins().choose(place).press("by-key").choose(Found.NOTHING)
    assert not staff.commands(*MOVING)
    assert staff.commands(SettleBin) == [SettleBin(place, Found.NOTHING)]


@pytest.mark.parametrize("place", ["1/1", "1/5"])
def test_a_bin_at_rest_is_settled_only_after_a_look(place: str) -> None:
    staff = Staff().at_bins().choose(place).press("by-key").press("shut")
    assert staff.heading == "bins.door"
    assert not staff.commands(AwaitBin, SettleBin)


@pytest.mark.parametrize("kind", [OpenBin, AwaitBin, SettleBin])
def test_a_failure_at_a_door_says_why_and_leads_back_to_the_cabinet(kind: type) -> None:
    staff = Staff().at_bins().choose("1/1").press("open")
    if kind is not OpenBin:
        staff.answer(OpenBin)
    if kind is SettleBin:
        staff.answer(AwaitBin).choose(Found.SAME)
    staff.fail(kind, "bins.stuck")
    assert staff.heading == "bins.stuck"
    assert words(staff.view.lines[0], "zh") == "请点这个柜门，按提示用钥匙"
    assert staff.press("home").visit.step.name == "bins"


def test_the_cabinet_is_watched_only_while_it_is_shown() -> None:
    staff = Staff().at_bins()
    watch = staff.open(WatchBins)
    staff.press("load")
    assert Cancel(watch) in staff.commands(Cancel)
    staff.press("home")
    assert staff.open(WatchBins) != watch
    assert staff.heading == "bins.asking"  # what was seen before may be old


@pytest.mark.parametrize("page", ["bins", "read", "check", "lay", "ask", "dispenser"])
def test_a_card_of_staff_that_is_taken_out_ends_every_page_in_the_wipe(page: str) -> None:
    staff = Staff()
    match page:
        case "bins":
            staff.at_bins()
        case "read":
            staff.at_bins().press("load")
        case "check":
            staff.at_bins().read()
        case "lay":
            staff.at_bins().opened()
        case "ask":
            staff.at_bins().shut()
        case "dispenser":
            staff.choose("dispenser")
    staff.send(StaffLeft())
    assert staff.visit.step.name == "wipe"
    assert [one.command for one in staff.visit.open if not isinstance(one.command, WakeAfter)] == [
        Wipe()
    ]
    assert not staff.commands(SettleBin, SettleDispenser)


def test_bins_and_dispenser_are_offered_where_they_are_fitted_and_no_citizen_is_here() -> None:
    assert {"bins", "dispenser"} <= set(Staff().choices)
    absent = tuple(one.model_copy(update={"state": "absent"}) for one in FITTED)
    for devices in (absent, ()):
        bare = Staff(devices=devices)
        assert not {"bins", "dispenser"} & set(bare.choices)
        assert bare.choose("bins").view.step_name == "staff"
    visit, _ = flow.begin(RENEW, flow.Limits())
    visit, _ = flow.step(visit, HealthChanged(devices=FITTED))
    visit, _ = flow.step(visit, Pressed(visit.question, "start"))
    visit, _ = flow.step(visit, Chose(visit.question, "renew"))
    called, _ = flow.step(visit, Pressed(visit.question, "staff"))
    staff = Staff.__new__(Staff)
    staff.issued, staff.visit = [], called
    staff.send(StaffCame()).answer(LookAtStaffCard, StaffStanding(tries_left=3))
    staff.send(Entered(staff.visit.question, (("pin", "123456"),)))
    staff.answer(AdmitStaff, StaffStanding(admitted=True))
    assert set(staff.choices) == {"go-on", "devices", "end-visit"}
    assert staff.choose("bins").view.step_name == "staff"


def second_asked() -> Staff:
    staff = Staff().at_bins().choose("1/1").press("open")
    return staff.fail(OpenBin, "bins.second_staff")


def test_where_two_are_wanted_the_first_card_goes_and_the_second_one_s_pin_opens_the_bin() -> None:
    staff = second_asked()
    assert staff.heading == "bins.second_staff"
    assert staff.commands(CallStaff)[-1] == CallStaff(True)
    staff.send(StaffLeft())
    assert staff.heading == "bins.second_staff"  # the page waits, without a card
    staff.send(StaffCame()).answer(LookAtStaffCard, StaffStanding(tries_left=3))
    assert staff.view.step_name == "staff-pin"
    staff.send(Entered(staff.visit.question, (("pin", "123456"),)))
    staff.answer(AdmitStaff, StaffStanding(admitted=True))
    assert staff.commands(CallStaff)[-1] == CallStaff(False)
    assert staff.commands(OpenBin) == [OpenBin("1/1")] * 2
    staff.answer(OpenBin)
    assert staff.view.picture == "bin-open"
    assert staff.send(StaffLeft()).visit.step.name == "wipe"


def test_while_the_second_card_is_awaited_nothing_can_be_done_at_the_booth() -> None:
    staff = second_asked().send(StaffLeft())
    assert staff.buttons() == {"end"}
    for touch in ("home", "open", "by-key", "shut", "load"):
        staff.press(touch)
    staff.choose("1/1")
    assert staff.heading == "bins.second_staff"
    assert len(staff.commands(OpenBin)) == 1
    assert staff.press("end").visit.step.name == "wipe"


def test_a_second_card_that_is_pulled_out_before_its_pin_opens_nothing_and_may_come_again() -> None:
    staff = second_asked().send(StaffLeft(), StaffCame())
    staff.answer(LookAtStaffCard, StaffStanding(tries_left=3)).send(StaffLeft())
    assert staff.heading == "bins.second_staff"
    assert len(staff.commands(OpenBin)) == 1
    assert staff.send(StaffCame()).waits_for(LookAtStaffCard)


def test_a_page_that_waits_for_a_second_card_ends_with_a_citizen_s_time() -> None:
    staff = second_asked().send(StaffLeft())
    for _ in range(staff.visit.limits.end_s + 1):
        tick = [one for one in staff.visit.open if one.command == WakeAfter(1.0, "idle")]
        staff.send(*(Woke(one.id, "idle") for one in tick))
    assert staff.visit.step.name == "wipe"


DOUBT = DispenserSeen("ill", "dispenser.doubt", card=True, doubt=True, since=SINCE)


@pytest.mark.parametrize("found", [Found.NOTHING, Found.TAKEN])
def test_a_doubt_in_the_dispenser_is_settled_by_a_person_who_looked(found: Found) -> None:
    staff = Staff().choose("dispenser")
    staff.send(Told(staff.open(WatchDispenser), "seen", DOUBT))
    assert staff.view.advice is not None
    assert staff.view.advice.remedy == Text("dispenser.todo.doubt")
    staff.press("looked").choose(found)
    assert staff.commands(SettleDispenser) == [SettleDispenser(found)]
    assert not staff.waits_for(WatchDispenser)  # its lane does one thing at a time
    assert staff.answer(SettleDispenser).waits_for(WatchDispenser)
    assert staff.press("end").visit.step.name == "wipe"


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (DispenserSeen("ready", hopper="fine"), None),
        (DispenserSeen("ready", hopper="low"), "dispenser.low"),
        (DispenserSeen("ill", "dispenser.jam"), "dispenser.jam"),
        (DispenserSeen("ill", "dispenser.empty", "empty"), "dispenser.empty"),
        (DispenserSeen("ill", "dispenser.box_full"), "dispenser.box_full"),
    ],
)
def test_the_dispenser_page_says_the_machine_s_own_word_and_settles_nothing_that_is_no_doubt(
    seen: DispenserSeen, reason: str | None
) -> None:
    staff = Staff().choose("dispenser")
    staff.send(Told(staff.open(WatchDispenser), "seen", seen))
    assert staff.view.advice is not None
    told = staff.view.advice.reason
    assert (told.key if told else None) == reason
    staff.press("looked")
    assert staff.choices == []
    assert not staff.commands(SettleDispenser)


def test_the_card_s_page_is_not_read_aloud_and_has_no_frame_for_citizens() -> None:
    staff = Staff().at_bins().read()
    assert staff.view.voice is None
    assert not {Role.STAFF, Role.TOP} & {one.role for one in staff.view.buttons}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_staff_are_told_to_do_has_words(language: str) -> None:
    for seen in (SOME, replace(SOME, reason="bins.two_boards")):
        for place in ("1/1", "1/2", "1/3", "1/4", "1/5"):
            staff = Staff().at_bins(seen).choose(place)
            said = [staff.view.heading, *staff.view.lines, *(b.text for b in staff.view.buttons)]
            assert all(words(one, language) for one in said)

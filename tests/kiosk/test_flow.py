# SPDX-License-Identifier: Apache-2.0
"""A whole visit as pure events: what is asked, what is sent, and what never is."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.records import (
    EligibilityAnswer,
    FeeState,
    FingerResult,
    Ground,
    Identity,
    NoneReason,
    Payment,
    PaymentState,
)
from kiosk import flow
from kiosk.commands import (
    AskEligibility,
    Cancel,
    EndVisit,
    EnrolFinger,
    HandOver,
    KeepTake,
    Lamp,
    OpenPayment,
    PrintSlip,
    ReadCard,
    SealFingers,
    Shoot,
    StartPreview,
    WakeAfter,
    Wipe,
)
from kiosk.events import (
    Chose,
    Done,
    Entered,
    Failed,
    HealthChanged,
    LanguageChosen,
    LargeChosen,
    Pressed,
    Signed,
    Told,
    Touched,
    Woke,
)
from kiosk.facts import Eligible, FingerHint, FingerOutcome, HandedOver, Hint, Outcome, Shot, Who
from kiosk.journeys import RENEW
from kiosk.texts import words
from kiosk.view import Screen, Text

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
OPENED = Payment(
    payment_id="p1",
    amount_fen=2000,
    state=PaymentState.WAITING,
    qr="http://127.0.0.1/testpay/p1",
    expires_at=datetime(2026, 12, 1, tzinfo=UTC),
)
STROKES = (tuple((x / 20, 0.5) for x in range(20)),)
HANDED = HandedOver(True, "B03-261201-0007-K", "3204020012026120100007", date(2027, 1, 30))


class Citizen:
    """Plays a visit and keeps every command issued."""

    def __init__(self) -> None:
        self.issued: list[flow.Issued] = []
        self.visit, first = flow.begin(RENEW, flow.Limits(60, 90))
        self.issued += first
        self.views = [flow.view(self.visit)]
        self.send(HealthChanged())

    @property
    def view(self) -> Any:
        return flow.view(self.visit)

    def send(self, event: Any) -> "Citizen":
        self.visit, issued = flow.step(self.visit, event)
        self.issued += issued
        self.views.append(flow.view(self.visit))
        return self

    def press(self, button: str) -> "Citizen":
        return self.send(Pressed(self.visit.question, button))

    def choose(self, item: str) -> "Citizen":
        return self.send(Chose(self.visit.question, item))

    def open(self, kind: type) -> flow.Issued:
        return next(one for one in reversed(self.visit.open) if isinstance(one.command, kind))

    def answer(self, kind: type, value: Any = None) -> "Citizen":
        return self.send(Done(self.open(kind).id, value))

    def fail(self, kind: type, code: str, who: str) -> "Citizen":
        return self.send(Failed(self.open(kind).id, code, who))

    def tell(self, kind: type, what: str, value: Any = None) -> "Citizen":
        return self.send(Told(self.open(kind).id, what, value))

    def seconds(self, count: int) -> "Citizen":
        for _ in range(count):
            tick = next(o for o in self.visit.open if o.command == WakeAfter(1.0, "idle"))
            self.send(Woke(tick.id, "idle"))
        return self

    def commands(self, kind: type) -> list[Any]:
        return [one.command for one in self.issued if isinstance(one.command, kind)]

    # -- as far as a named step of the glad path ---------------------------------------------------

    def to_card(self) -> "Citizen":
        return self.press("start").choose("renew").press("yes")

    def to_details(self, answer: EligibilityAnswer = ANSWER) -> "Citizen":
        self.to_card().answer(ReadCard, CITIZEN)
        return self.answer(AskEligibility, Eligible(answer, online=True))

    def to_photo(self) -> "Citizen":
        self.to_details().press("right").tell(StartPreview, "live", True)
        return self.tell(StartPreview, "guidance", Hint("", "photo.ok.remedy"))

    def shoot(self, name: str, advice: str = "", rank: float = 1.0) -> "Citizen":
        return self.press("shoot").answer(Shoot, Shot(name, name, advice, rank))

    def to_fingers(self) -> "Citizen":
        return self.to_photo().shoot("take-1").press("pick").press("use").answer(KeepTake)

    def to_delivery(self) -> "Citizen":
        self.to_fingers()
        for slot, position in ((1, "right-thumb"), (2, "left-thumb")):
            taken = FingerOutcome(slot, position, FingerResult.REGISTERED, 1)
            self.answer(EnrolFinger, taken)
        return self.answer(SealFingers)

    def to_review(self) -> "Citizen":
        self.to_delivery().choose("station").choose("qr").tell(OpenPayment, "opened", OPENED)
        return self.answer(OpenPayment, PaymentState.PAID)

    def to_sent(self) -> "Citizen":
        return self.to_review().send(Signed(self.visit.question, STROKES))


def texts_in(shown: Any) -> Iterator[Text]:
    if isinstance(shown, Text):
        yield shown
    elif isinstance(shown, tuple | list):
        for one in shown:
            yield from texts_in(one)
    elif is_dataclass(shown):
        for one in fields(shown):
            yield from texts_in(getattr(shown, one.name))


def test_the_glad_path_ends_received_and_wiped() -> None:
    citizen = Citizen().to_sent()
    citizen.tell(HandOver, "stored", "B03-261201-0007-K").answer(HandOver, HANDED)
    assert citizen.view.screen is Screen.SLIP
    citizen.tell(PrintSlip, "drawn", "slip").answer(PrintSlip, True).press("end")
    citizen.answer(Wipe).press("end")
    assert citizen.commands(EndVisit) == [EndVisit(Outcome.RECEIVED)]
    assert len(citizen.commands(HandOver)) == len(citizen.commands(PrintSlip)) == 1


def test_every_screen_of_the_visit_has_words_in_both_languages() -> None:
    citizen = Citizen().to_sent().answer(HandOver, HANDED).answer(PrintSlip, True).press("end")
    for view in citizen.views:
        for said in texts_in(view):
            for language in ("zh", "en"):
                assert words(said, language).strip()


def test_large_text_is_known_to_the_slip_and_asks_no_new_question() -> None:
    citizen = Citizen().to_sent()
    question = citizen.visit.question
    citizen.send(LargeChosen(True)).answer(HandOver, HANDED)
    assert citizen.commands(PrintSlip)[-1].facts.large
    assert citizen.visit.question == question + 1, "only the slip's own"


def test_twenty_touches_of_one_button_answer_one_question() -> None:
    citizen = Citizen()
    question = citizen.visit.question
    for _ in range(20):
        citizen.send(Pressed(question, "start"))
    assert citizen.visit.step.name == "menu"


def test_a_late_answer_of_a_device_is_dropped() -> None:
    citizen = Citizen().to_card()
    old = citizen.open(ReadCard)
    citizen.press("back")
    assert Cancel(old.id) in citizen.commands(Cancel)
    citizen.send(Done(old.id, CITIZEN))
    assert citizen.visit.step.name == "consent"
    assert citizen.visit.facts.identity is None


def test_saying_no_to_the_purpose_text_reads_nothing() -> None:
    citizen = Citizen().press("start").choose("renew").press("no")
    assert citizen.visit.step.name == "menu"
    assert not citizen.commands(ReadCard)


def test_silence_shows_a_countdown_and_then_sends_nothing() -> None:
    citizen = Citizen().to_review().seconds(60)
    assert citizen.view.leaving_s == 30
    assert "stay" in [button.id for button in citizen.view.buttons]
    citizen.seconds(30)
    assert citizen.visit.step.name == "wipe"
    assert citizen.view.heading.key == "wipe.heading.abandoned"
    citizen.answer(Wipe).press("end")
    assert citizen.commands(EndVisit) == [EndVisit(Outcome.ABANDONED)]
    assert not citizen.commands(HandOver)


@pytest.mark.parametrize("sign_of_life", ["stay", "touch"])
def test_somebody_who_is_still_here_keeps_the_visit(sign_of_life: str) -> None:
    citizen = Citizen().to_review().seconds(80)
    citizen.press("stay") if sign_of_life == "stay" else citizen.send(Touched())
    assert citizen.view.leaving_s is None
    assert citizen.seconds(50).visit.step.name == "review"


def test_the_machine_s_own_work_is_not_the_citizen_s_silence() -> None:
    citizen = Citizen().to_sent().seconds(200)
    assert citizen.visit.step.name == "submit"


def lamps_on(citizen: Citizen) -> set[str]:
    levels = {one.name: one.level for one in citizen.commands(Lamp)}
    return {name for name, level in levels.items() if level}


@pytest.mark.parametrize(
    ("reach", "lamp"), [("to_card", "reader"), ("to_photo", "photo"), ("to_fingers", "finger")]
)
def test_a_lamp_burns_only_while_its_step_is_shown(reach: str, lamp: str) -> None:
    citizen = Citizen()
    getattr(citizen, reach)()
    assert lamps_on(citizen) == {lamp}
    assert lamp not in lamps_on(citizen.press("back"))
    citizen.press("leave").press("leave-yes")
    assert lamps_on(citizen) == set()


def test_leaving_asks_once_and_wipes() -> None:
    citizen = Citizen().to_fingers().press("leave")
    assert citizen.visit.step.name == "fingers"
    assert citizen.press("close").view.screen is Screen.FINGER
    citizen.press("leave").press("leave-yes")
    assert citizen.visit.step.name == "wipe"
    assert len(citizen.commands(Wipe)) == 1


@pytest.mark.parametrize(
    "reach", ["to_card", "to_details", "to_photo", "to_fingers", "to_delivery", "to_review"]
)
def test_back_help_staff_and_leave_stand_on_every_step(reach: str) -> None:
    citizen = Citizen()
    getattr(citizen, reach)()
    offered = {button.id for button in citizen.view.buttons}
    assert {"help", "staff", "leave"} <= offered
    assert citizen.press("help").view.heading.key == "overlay.help.heading"
    assert citizen.press("close").press("staff").view.heading.key == "overlay.staff.heading"
    step = citizen.visit.step.name
    assert citizen.press("close").press("back").visit.step.name != step


def test_an_early_no_names_reason_remedy_and_date() -> None:
    ground = Ground(
        code="N03", reason="rule.N03", remedy="rule.N03.remedy", possible_from=date(2027, 3, 5)
    )
    citizen = Citizen().to_details(ANSWER.model_copy(update={"ground": ground}))
    assert citizen.view.screen is Screen.REFUSAL
    assert citizen.view.picture == "calendar"
    said = [words(line, "zh") for line in citizen.view.lines]
    assert any("2027 年 3 月 5 日" in line for line in said)
    citizen.press("end").answer(Wipe).press("end")
    assert citizen.commands(EndVisit) == [EndVisit(Outcome.REFUSED)]
    assert not citizen.commands(StartPreview)


def test_a_card_moved_too_early_is_asked_for_again() -> None:
    citizen = Citizen().to_card().fail(ReadCard, "card.moved", Who.AGAIN)
    assert citizen.view.advice is not None
    assert citizen.view.advice.reason == Text("card.moved")
    assert len(citizen.commands(ReadCard)) == 2


def test_a_card_that_contradicts_itself_is_for_the_window_and_no_other_booth() -> None:
    citizen = Citizen().to_card().fail(ReadCard, "card.text_odd", Who.STAFF)
    assert citizen.view.screen is Screen.REFUSAL
    assert citizen.view.heading.key == "card.text_odd"
    assert [line.key for line in citizen.view.lines] == ["card.text_odd.remedy"]


def test_a_reader_that_fails_ends_in_a_way_on_not_in_a_dead_end() -> None:
    citizen = Citizen().to_card().fail(ReadCard, "idreader.unplugged", Who.TECHNICIAN)
    assert citizen.view.heading.key == "idreader.unplugged"
    assert citizen.press("give-up").view.lines[0].key == "rule.M01.remedy"
    assert citizen.press("end").visit.step.name == "wipe"


def test_the_next_finger_is_asked_when_one_cannot_be_read() -> None:
    citizen = Citizen().to_fingers().fail(EnrolFinger, "finger.tries_failed", Who.AGAIN)
    assert citizen.commands(EnrolFinger)[-1] == EnrolFinger("right-index", 1)
    citizen.press("hurt")
    assert citizen.commands(EnrolFinger)[-1] == EnrolFinger("right-middle", 1)


def test_a_remedy_told_twice_is_two_presses_judged() -> None:
    citizen = Citizen().to_fingers()
    for number in (1, 2):
        citizen.tell(EnrolFinger, "pressed", FingerHint("pressed"))
        assert citizen.view.content.down
        citizen.tell(EnrolFinger, "finger", FingerHint("hint", "finger.too_dry"))
        citizen.tell(EnrolFinger, "finger", FingerHint("lift"))
        assert citizen.view.content.down
        assert citizen.view.content.judged == number
        citizen.tell(EnrolFinger, "finger", FingerHint("waiting"))
        assert not citizen.view.content.down
        assert citizen.view.content.judged == number


def test_the_same_finger_twice_is_refused_by_name() -> None:
    citizen = Citizen().to_fingers()
    citizen.answer(EnrolFinger, FingerOutcome(1, "right-thumb", FingerResult.REGISTERED, 1))
    citizen.tell(EnrolFinger, "finger", FingerHint("same_finger", other="right-thumb"))
    assert words(citizen.view.advice.reason, "zh") == "这是刚才的右手拇指"
    assert words(citizen.view.advice.remedy, "zh") == "请按左手拇指"


@pytest.mark.parametrize("button", ["hurt", "none"])
def test_a_finger_no_longer_wanted_is_no_longer_waited_for(button: str) -> None:
    citizen = Citizen().to_fingers()
    asked = citizen.open(EnrolFinger)
    citizen.press(button)
    assert Cancel(asked.id) in citizen.commands(Cancel)


def test_no_usable_finger_is_recorded_with_its_reason_and_goes_on() -> None:
    citizen = Citizen().to_fingers()
    for _ in range(2):
        citizen.press("none").choose("worn")
    sealed = citizen.commands(SealFingers)[0].fingers
    assert [one.none_reason for one in sealed] == [NoneReason.WORN, NoneReason.WORN]
    assert all(one.result is FingerResult.NONE for one in sealed)
    assert citizen.answer(SealFingers).visit.step.name == "delivery"


def test_after_all_five_fingers_failed_the_reason_is_asked() -> None:
    citizen = Citizen().to_fingers()
    citizen.tell(EnrolFinger, "pressed", FingerHint("pressed"))
    for _ in range(5):
        citizen.fail(EnrolFinger, "finger.tries_failed", Who.AGAIN)
    assert citizen.view.heading.key == "fingers.why"
    citizen.choose("worn")
    assert citizen.visit.step.taken[0].result is FingerResult.FAILED


def test_a_declined_payment_is_told_and_asked_again() -> None:
    citizen = Citizen().to_delivery().choose("station").choose("qr")
    citizen.tell(OpenPayment, "opened", OPENED).answer(OpenPayment, PaymentState.DECLINED)
    assert citizen.view.advice.reason == Text("fee.declined")
    citizen.choose("window")
    assert citizen.visit.facts.fee.state is FeeState.DUE
    assert citizen.visit.step.name == "review"


def test_a_paid_fee_is_never_asked_for_twice() -> None:
    citizen = Citizen().to_review().press("back")
    assert citizen.view.heading.key == "fee.paid.heading"
    assert citizen.choose("qr").press("go").visit.step.name == "review"
    assert len(citizen.commands(OpenPayment)) == 1


def test_a_payment_that_came_before_it_was_called_off_counts() -> None:
    citizen = Citizen().to_delivery().choose("station").choose("qr")
    citizen.tell(OpenPayment, "opened", OPENED).press("other")
    assert citizen.answer(OpenPayment, PaymentState.PAID).visit.step.name == "review"


def test_without_a_line_the_window_takes_the_fee() -> None:
    citizen = Citizen().to_delivery().choose("station").choose("qr")
    citizen.fail(OpenPayment, "post.line_down", Who.TECHNICIAN)
    assert citizen.view.advice.reason == Text("fee.offline")


def test_the_post_needs_a_whole_mobile_number() -> None:
    citizen = Citizen().to_delivery().choose("post")
    citizen.send(Entered(citizen.visit.question, (("phone", "1380000"),)))
    assert citizen.view.advice is not None
    citizen.send(Entered(citizen.visit.question, (("phone", "13800000000"),)))
    assert citizen.visit.facts.delivery.post_phone == "13800000000"


def test_a_touch_on_the_pad_is_no_signature() -> None:
    citizen = Citizen().to_review()
    citizen.send(Signed(citizen.visit.question, (((0.5, 0.5),),)))
    assert not citizen.commands(HandOver)


def test_a_case_that_only_the_booth_has_is_never_called_received() -> None:
    citizen = Citizen().to_sent().answer(HandOver, HandedOver(False, "B03-261201-0007-K"))
    citizen.answer(PrintSlip, True)
    assert not citizen.view.content.received
    assert citizen.view.content.number == "B03-261201-0007-K"
    assert citizen.view.lines[0] == Text("receipt.stored")


def test_what_could_not_be_stored_is_told_and_handed_over_again_only_when_asked() -> None:
    citizen = Citizen().to_sent().fail(HandOver, "post.full", Who.TECHNICIAN)
    assert citizen.view.heading.key == "submit.failed"
    assert len(citizen.commands(HandOver)) == 1
    assert len(citizen.press("retry").commands(HandOver)) == 2


def test_no_paper_shows_the_number_and_prints_again_only_when_asked() -> None:
    citizen = Citizen().to_sent().answer(HandOver, HANDED)
    citizen.fail(PrintSlip, "printer.paper_out", Who.STAFF)
    assert citizen.view.heading.key == "receipt.no_paper"
    assert citizen.view.content.number == "320402 001 20261201 00007"
    assert len(citizen.commands(PrintSlip)) == 1
    assert citizen.press("print").commands(PrintSlip)[-1].again


def test_nobody_starts_before_the_devices_are_known_to_be_well() -> None:
    visit, _ = flow.begin(RENEW, flow.Limits(60, 90))
    pressed, issued = flow.step(visit, Pressed(visit.question, "start"))
    assert pressed.step.name == "welcome"
    assert not issued
    assert flow.view(visit).advice.remedy == Text("welcome.starting")


def test_an_ill_booth_says_so_before_anyone_starts() -> None:
    citizen = Citizen().send(HealthChanged(closing=("camera.absent",)))
    assert citizen.view.advice.reason == Text("camera.absent")
    assert citizen.press("start").visit.step.name == "welcome"
    citizen.send(HealthChanged())
    assert citizen.press("start").visit.step.name == "menu"


BUTTONS = [
    "start",
    "yes",
    "no",
    "back",
    "right",
    "wrong",
    "shoot",
    "shoot3",
    "pick",
    "use",
    "keep",
    "retake",
    "again",
    "delete",
    "drop",
    "takes",
    "stop",
    "go-back",
    "hurt",
    "none",
    "try",
    "other",
    "go",
    "sign",
    "end",
    "retry",
    "give-up",
    "print",
    "help",
    "close",
    "leave",
    "leave-yes",
    "staff",
    "stay",
    "no-card",
]
ITEMS = ("renew", "lost", "take-1", "station", "post", "qr", "waiver", "window", "worn")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_order_of_events_sends_without_a_signature_or_prints_without_a_hand_over(
    data: st.DataObject,
) -> None:
    citizen = Citizen()
    if data.draw(st.booleans()):
        citizen.to_delivery()
    signed = handed = False
    question = citizen.visit.question
    for _ in range(data.draw(st.integers(1, 40))):
        kind = data.draw(st.integers(0, 6))
        waiting = [o for o in citizen.visit.open if o.command != WakeAfter(1.0, "idle")]
        if kind == 0:
            citizen.press(data.draw(st.sampled_from(BUTTONS)))
        elif kind == 1:
            citizen.choose(data.draw(st.sampled_from(ITEMS)))
        elif kind == 2 and waiting:
            one = data.draw(st.sampled_from(waiting))
            values = [None, CITIZEN, Eligible(ANSWER, True), Shot("take-1", "take-1")]
            values += [HANDED, PaymentState.PAID, True]
            value = data.draw(st.sampled_from(values))
            handed |= isinstance(one.command, HandOver) and value == HANDED
            citizen.send(Done(one.id, value))
        elif kind == 3 and waiting:
            one = data.draw(st.sampled_from(waiting))
            code = data.draw(st.sampled_from(["card.moved", "finger.tries_failed", "post.full"]))
            citizen.send(Failed(one.id, code, data.draw(st.sampled_from(list(Who)))))
        elif kind == 4:
            signed = True
            citizen.send(Signed(citizen.visit.question, STROKES))
        elif kind == 5 and citizen.visit.ended is None:
            citizen.seconds(data.draw(st.integers(1, 3)))
        else:
            citizen.send(LanguageChosen(data.draw(st.sampled_from(["zh", "en"]))))
        assert citizen.visit.question >= question
        question = citizen.visit.question
        for said in texts_in(citizen.view):
            assert words(said, "en")
    assert signed or not citizen.commands(HandOver)
    assert handed or not citizen.commands(PrintSlip)

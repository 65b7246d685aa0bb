# SPDX-License-Identifier: Apache-2.0
"""What is kept, what is tried again, and how a visit ends when a device stays away."""

from typing import Any

from idcard.records import PaymentState
from kiosk.commands import (
    EnrolFinger,
    HandOver,
    KeepTake,
    OpenPayment,
    PrintNote,
    PrintSlip,
    SealFingers,
    Shoot,
    StartPreview,
    WakeAfter,
    Wipe,
)
from kiosk.events import Failed, PowerFailing
from kiosk.facts import Who
from kiosk.texts import words
from kiosk.view import Text


def test_silence_on_the_question_ends_in_the_wipe_and_sends_nothing(hall: Any) -> None:
    visit = hall.ill(hall.at("fingers, second"), "fingers")
    for _ in range(90):
        visit.wake("idle")
    assert visit.name == "wipe"
    assert visit.count(HandOver) == 0


def test_the_mains_gone_on_the_question_end_in_the_wipe(hall: Any) -> None:
    assert hall.ill(hall.at("fingers, first"), "fingers").send(PowerFailing()).name == "wipe"


def test_a_module_that_is_broken_is_neither_a_failed_finger_nor_none(hall: Any) -> None:
    visit = (
        hall.ill(hall.at("fingers, second"), "fingers")
        .press("retry")
        .fail(EnrolFinger, "fingerprint.not_wiped")
    )
    assert visit.name == "trouble"
    assert visit.count(SealFingers) == 0
    assert visit.visit.facts.fingers == ()


def test_fingers_that_could_not_be_sealed_are_sealed_when_it_is_tried_again(hall: Any) -> None:
    visit = hall.at("fingers, second").answer(EnrolFinger, hall.finger(2, "left-thumb"))
    sealing = visit.open(SealFingers)[-1].command
    visit.fail(SealFingers, "device.failed").press("retry")
    assert visit.open(SealFingers)[-1].command == sealing
    assert visit.answer(SealFingers).name == "delivery"


def test_a_picked_take_that_could_not_be_kept_may_be_picked_again(hall: Any) -> None:
    visit = hall.at("photo, a take").press("pick").press("use").fail(KeepTake, "device.failed")
    assert visit.view.advice.reason == Text("takes.unkept")
    assert visit.press("use").answer(KeepTake).name == "fingers"


def test_a_camera_that_goes_away_stops_the_countdown(hall: Any) -> None:
    visit = hall.at("photo, no take").press("shoot3").tell(StartPreview, "live", False)
    assert visit.view.content.counting is None
    visit.wake("count-")
    assert visit.count(Shoot) == 0


def test_a_preview_that_ends_by_itself_leaves_the_takes_to_go_on_with(hall: Any) -> None:
    visit = hall.at("photo, a take").fail(StartPreview, "device.failed")
    assert visit.view.advice.remedy == Text("photo.camera_away.pick")
    assert hall.pick(visit).name == "fingers"
    assert hall.at("photo, no take").fail(StartPreview, "device.failed").name == "trouble"


def test_a_print_that_is_still_telling_the_post_answers_no_later_one(hall: Any) -> None:
    visit = hall.at("receipt").tell(PrintSlip, "ended", "printer.paper_out")
    first = visit.open(PrintSlip)[-1]
    assert visit.view.heading == Text("receipt.no_paper")
    visit.press("print").send(Failed(first.id, "printer.paper_out", Who.STAFF))
    assert visit.view.heading == Text("receipt.printing")
    visit.tell(PrintSlip, "ended", True).answer(PrintSlip, True)
    assert visit.view.heading == Text("receipt.take")
    assert visit.press("end").name == "wipe"


def test_a_fee_that_was_paid_is_named_when_the_visit_ends_at_the_window(hall: Any) -> None:
    visit = hall.at("fee").choose("qr").tell(OpenPayment, "opened", hall.OPENED)
    visit.answer(OpenPayment, PaymentState.PAID).sign().fail(HandOver, "post.full")
    visit.press("give-up")
    said = [words(line, "zh") for line in visit.view.lines]
    assert "已付 20 元，付款号 3f9a1c02" in said


def test_an_outbox_that_fell_silent_over_the_hand_over_is_not_called_nothing_sent(
    hall: Any,
) -> None:
    visit = hall.at("review").sign().fail(HandOver, "post.mailbox_down")
    assert (visit.view.heading, visit.view.advice.remedy) == (
        Text("submit.doubt"),
        Text("submit.doubt.remedy"),
    )
    visit.press("give-up")
    assert visit.view.lines == (Text("rule.M01.doubt"),)
    assert visit.view.advice.remedy == Text("refusal.doubt")
    # The same word before anything was handed over leaves no doubt.
    early = hall.at("review").health("post", "post.mailbox_down").sign()
    assert early.fail(HandOver, "post.disk").view.heading == Text("submit.failed")
    none = hall.at("menu").choose("renew").health("post", "post.mailbox_down").press("yes")
    assert none.press("give-up").view.lines == (Text("rule.M01.remedy"),)


def test_who_touched_the_window_by_mistake_comes_back_and_has_lost_nothing(hall: Any) -> None:
    visit = hall.ill(hall.at("fingers, second"), "fingers").press("give-up")
    printing = visit.twin().press("print")
    assert "back" not in {one.id for one in printing.view.buttons if one.enabled}
    printing.answer(PrintNote, True)
    assert "back" not in {one.id for one in printing.view.buttons}, "the slip says: nothing sent"
    visit.press("back").press("retry")
    assert visit.visit.step.taken == (hall.finger(1, "right-thumb"),)


def test_a_fee_that_was_paid_is_named_however_the_visit_ends(hall: Any) -> None:
    visit = hall.at("fee").choose("qr").tell(OpenPayment, "opened", hall.OPENED)
    visit.answer(OpenPayment, PaymentState.PAID)
    silent, left, dark = visit.twin(), visit.twin(), visit.twin()
    for _ in range(90):
        silent.wake("idle")
    left.press("leave").press("leave-yes")
    dark.send(PowerFailing())
    for ended in (silent, left, dark):
        assert ended.name == "wipe"
        assert words(ended.view.lines[0], "zh") == "已付 20 元，付款号 3f9a1c02"
        ended.answer(Wipe)
        assert ended.open(WakeAfter)[-1].command.seconds >= 20
    sent = visit.sign().answer(HandOver, hall.HANDED).answer(PrintSlip, True).press("end")
    assert [line.key for line in sent.view.lines] == ["wipe.belongings"]

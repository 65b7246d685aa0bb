# SPDX-License-Identifier: Apache-2.0
"""Every step with everything that can fall ill on it, as docs/mid-visit.md has it in a table."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from idcard.booth_health import DeviceWord
from idcard.records import (
    EligibilityAnswer,
    FeeState,
    FingerResult,
    Ground,
    Identity,
    Payment,
    PaymentState,
)
from kiosk import flow
from kiosk.commands import (
    AskEligibility,
    EnrolFinger,
    HandOver,
    KeepTake,
    OpenPayment,
    PrintNote,
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
    Failed,
    HealthChanged,
    PowerFailing,
    Pressed,
    Signed,
    Told,
    Woke,
)
from kiosk.facts import Eligible, FingerOutcome, HandedOver, Hint, Outcome, Shot, Who
from kiosk.journeys import RENEW
from kiosk.texts import words
from kiosk.view import SlipSheet, Text

TABLE = Path(__file__).parents[2] / "docs" / "mid-visit.md"
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
ANSWER = EligibilityAnswer(fee_fen=2000, checked_at=datetime(2026, 12, 1, tzinfo=UTC))
OPENED = Payment(
    payment_id="3f9a1c02d4e5f607",
    amount_fen=2000,
    state=PaymentState.WAITING,
    qr="http://127.0.0.1/testpay/3f9a1c02d4e5f607",
    expires_at=datetime(2026, 12, 1, tzinfo=UTC),
)
STROKES = (tuple((x / 20, 0.5) for x in range(20)),)
HANDED = HandedOver(True, "B03-261201-0007-K", "3204020012026120100007", date(2027, 1, 30))

DEVICES = {
    "reader": ("idreader", "idreader.unplugged"),
    "camera": ("camera", "camera.absent"),
    "fingers": ("fingerprint", "fingerprint.silent"),
    "printer": ("printer", "printer.paper_out"),
    "post": ("post", "post.full"),
    "line": ("line", "post.line_down"),
    "clock": ("clock", "clock.wrong"),
    "speaker": ("speaker", "speaker.absent"),
    "bins": ("bins", "bins.unplugged"),
}
LIVES = tuple(name for name, _ in DEVICES.values())


class Visit:
    """A visit in play at a booth whose devices' words are known."""

    def __init__(self) -> None:
        self.visit, first = flow.begin(RENEW, flow.Limits(60, 90))
        self.issued = [one.command for one in first]
        self.health()

    def health(self, ill: str = "", reason: str = "") -> "Visit":
        devices = tuple(
            DeviceWord(
                device=name,
                state="ill" if name == ill else "ready",
                reason=reason if name == ill else "",
            )
            for name in LIVES
        )
        needed = ill in RENEW.needs
        notes = (reason,) if ill in ("speaker", "bins") else ()
        closing = (reason,) if needed else ()
        return self.send(HealthChanged(closing=closing, notes=notes, devices=devices))

    def send(self, event: Any) -> "Visit":
        self.visit, issued = flow.step(self.visit, event)
        self.issued += [one.command for one in issued]
        return self

    def press(self, button: str) -> "Visit":
        offered = {one.id for one in self.view.buttons if one.enabled}
        assert button in offered, f"{button} is not offered on {self.name}: {offered}"
        return self.send(Pressed(self.visit.question, button))

    def choose(self, item: str) -> "Visit":
        return self.send(Chose(self.visit.question, item))

    def sign(self) -> "Visit":
        return self.send(Signed(self.visit.question, STROKES))

    def open(self, kind: type) -> list[flow.Issued]:
        return [one for one in self.visit.open if isinstance(one.command, kind)]

    def answer(self, kind: type, value: Any = None) -> "Visit":
        return self.send(Done(self.open(kind)[-1].id, value))

    def fail(self, kind: type, code: str) -> "Visit":
        return self.send(Failed(self.open(kind)[-1].id, code, Who.TECHNICIAN))

    def tell(self, kind: type, what: str, value: Any) -> "Visit":
        return self.send(Told(self.open(kind)[-1].id, what, value))

    def wake(self, tag: str) -> "Visit":
        alarms = [one for one in self.open(WakeAfter) if one.command.tag.startswith(tag)]
        return self.send(Woke(alarms[-1].id, alarms[-1].command.tag))

    def count(self, kind: type) -> int:
        return sum(isinstance(one, kind) for one in self.issued)

    @property
    def view(self) -> Any:
        return flow.view(self.visit)

    @property
    def name(self) -> str:
        return self.visit.step.name

    @property
    def back(self) -> Any:
        return self.visit.step.back  # type: ignore[attr-defined]


def finger(slot: int, position: str) -> FingerOutcome:
    return FingerOutcome(slot, position, FingerResult.REGISTERED, 1)


def look(visit: Visit) -> Visit:
    return visit.tell(StartPreview, "live", True).tell(
        StartPreview, "guidance", Hint("", "photo.ok.remedy")
    )


def shoot(visit: Visit) -> Visit:
    return visit.press("shoot").answer(Shoot, Shot("take-1", "take-1"))


def pick(visit: Visit) -> Visit:
    return visit.press("pick").press("use").answer(KeepTake)


ELIGIBLE = Eligible(ANSWER, online=True)
# How each row of the table is left by a citizen who goes on, in the order of a visit.
ON: dict[str, Callable[[Visit], Visit]] = {
    "menu": lambda v: v.choose("renew"),
    "consent": lambda v: v.press("yes"),
    "identify": lambda v: v.answer(ReadCard, CITIZEN),
    "eligibility": lambda v: v.answer(AskEligibility, ELIGIBLE),
    "details": lambda v: v.press("right"),
    "photo, no take": lambda v: shoot(look(v)),
    "photo, a take": pick,
    "fingers, first": lambda v: v.answer(EnrolFinger, finger(1, "right-thumb")),
    "fingers, second": lambda v: v.answer(EnrolFinger, finger(2, "left-thumb")).answer(SealFingers),
    "delivery": lambda v: v.choose("station"),
    "fee": lambda v: v.choose("window"),
    "review": lambda v: v.sign(),
    "submit": lambda v: v.answer(HandOver, HANDED),
    "receipt": lambda v: v.answer(PrintSlip, True).press("end"),
    "refusal": lambda v: v.press("end"),
    "wipe": lambda v: v.answer(Wipe),
}
AFTER = {name.partition(",")[0]: name for name in ON}


def at(row: str) -> Visit:
    """A visit on the table's row."""
    visit = Visit().press("start")
    if row == "refusal":
        at_once = Ground(code="N02", reason="rule.N02", remedy="rule.N02.remedy")
        visit = at("eligibility")
        refused = ANSWER.model_copy(update={"ground": at_once})
        return visit.answer(AskEligibility, Eligible(refused, online=True))
    for name, go_on in ON.items():
        if name == row:
            break
        if name != "refusal":
            visit = go_on(visit)
    if row == "photo, no take":
        visit = look(visit)
    assert visit.name == row.partition(",")[0]
    return visit


def cells() -> Iterator[tuple[str, str, str]]:
    lines = [line.strip("| ") for line in TABLE.read_text("utf-8").splitlines() if "|" in line]
    heads = [one.strip() for one in lines[0].split("|")][1:]
    for line in lines[2:]:
        row, *words_of_row = (one.strip() for one in line.split("|"))
        assert len(words_of_row) == len(heads)
        yield from ((row, head, word) for head, word in zip(heads, words_of_row, strict=True))


def ill(visit: Visit, head: str) -> Visit:
    """The device falls ill: its own word, and the command that it was at."""
    device, reason = DEVICES[head]
    visit.health(device, reason)
    at_it = {
        "idreader": (ReadCard,),
        "fingerprint": (EnrolFinger, Wipe),
        "printer": (PrintSlip,),
        "post": (HandOver,),
    }.get(device, ())
    for kind in at_it:
        if visit.open(kind):
            visit.fail(kind, reason)
    if device == "camera" and visit.open(StartPreview):
        visit.tell(StartPreview, "live", False)
        visit.tell(StartPreview, "guidance", Hint(reason, f"{reason}.remedy", True))
    return visit


def rest(visit: Visit, row: str) -> None:
    """The visit comes to its end from here as if nothing had been."""
    names = list(ON)
    for name in names[names.index(row) :]:
        if name == "refusal":
            continue
        ON[name](visit)
    assert visit.name == "wipe"
    assert visit.count(HandOver) == visit.count(PrintSlip) == 1


@pytest.mark.parametrize(("row", "head", "word"), list(cells()))
def test_every_cell_of_the_table_is_what_the_citizen_meets(row: str, head: str, word: str) -> None:
    visit = at(row)
    if head == "mains":
        before = visit.name
        visit.send(PowerFailing())
        assert visit.name == (before if word == "finished" else "wipe")
        assert word in ("wiped", "finished")
        return
    device, reason = DEVICES[head]
    shown = visit.view
    match word:
        case "on":
            ill(visit, head)
            assert visit.name == shown.step_name
            assert (visit.view.heading, visit.view.advice) == (shown.heading, shown.advice)
            if row not in ("refusal", "wipe"):
                healthy = device not in ("printer",) or row == "receipt"
                rest(visit if healthy else visit.health(), row)
        case "asked":
            ill(visit, head)
            if device == "camera":
                assert visit.name == "photo"
                visit.wake("away-")
            asked(visit, row, device, reason)
        case "next":
            ill(visit, head)
            assert visit.view.heading == shown.heading
            ON[row](visit)
            if row in ("photo, no take", "fingers, first"):  # the same step goes on to its end
                assert visit.name == row.partition(",")[0]
                ON[list(ON)[list(ON).index(row) + 1]](visit)
            assert visit.name == "trouble"
            assert visit.view.heading == Text(reason)
            there = visit.back.name
            if device != "fingerprint":
                assert "retry" not in {one.id for one in visit.view.buttons if one.enabled}
            visit.health().press("retry")
            assert visit.name == there
            rest(visit, AFTER_FIRST[there])
        case "takes":
            ill(visit, head).wake("away-")
            assert visit.view.advice.remedy == Text("photo.camera_away.pick")
            rest(visit, row)
        case "own rules":
            visit.health(device, reason)
            visit.answer(AskEligibility, Eligible(ANSWER, online=False))
            assert visit.name == "details"
        case "window":
            visit.choose("qr").health(device, reason).fail(OpenPayment, "post.line_down")
            assert visit.view.advice.reason == Text("fee.offline")
            visit.health()
            rest(visit, row)
            assert visit.visit.facts.fee is not None
            assert visit.visit.facts.fee.state is FeeState.DUE
        case "at sending":
            visit.health(device, reason).sign()
            assert visit.name == "submit"
            asked(visit.fail(HandOver, reason), "submit", device, reason)
        case "stored":
            visit.health(device, reason)
            visit = visit.sign() if row == "review" else visit
            visit.answer(HandOver, HandedOver(False, "B03-261201-0007-K"))
            assert visit.view.lines[0] == Text("receipt.stored")
        case "number":
            visit.tell(PrintSlip, "drawn", "slip").tell(PrintSlip, "code", "https://x/1")
            ill(visit, head)
            sheet = visit.view.content
            assert isinstance(sheet, SlipSheet)
            assert (sheet.number, sheet.code) == ("320402 001 20261201 00007", "https://x/1")
            assert visit.count(PrintSlip) == 1, "nothing is printed twice unasked"
            assert visit.press("print").count(PrintSlip) == 2
        case "no slip":
            assert "print" in {one.id for one in visit.view.buttons}
            ill(visit, head)
            assert "print" not in {one.id for one in visit.view.buttons}
            assert visit.press("end").count(PrintNote) == 0
        case "told":
            ill(visit, head)
            assert visit.view.advice.reason == Text("wipe.failed")
        case _:
            raise AssertionError(f"the table says {word!r}, which means nothing")


AFTER_FIRST = {name.partition(",")[0]: name for name in reversed(ON)}


def asked(visit: Visit, row: str, device: str, reason: str) -> None:
    """One reason and two ways: on with the visit where it was, or the window and the wipe."""
    assert visit.name == "trouble"
    view = visit.view
    named = (view.heading, *view.lines)
    assert Text(reason) in named
    offered = {one.id: one.enabled for one in view.buttons}
    assert offered["give-up"]
    assert {"staff", "help", "leave"} <= offered.keys()
    # Where only trying can tell, one may try at once; else when the device says that it is well.
    assert offered["retry"] == (device in ("fingerprint", "post"))
    going = Visit.__new__(Visit)
    going.visit, going.issued = visit.visit, list(visit.issued)
    going.health().press("retry")
    assert going.name == row.partition(",")[0]
    if row == "fingers, second":
        assert going.visit.step.taken == (finger(1, "right-thumb"),)  # type: ignore[attr-defined]
        assert going.open(EnrolFinger)[-1].command == EnrolFinger("left-thumb", 2)
    handed = going.count(HandOver)
    if row == "submit":
        assert going.open(HandOver)[-1].command.strokes == STROKES
        ON["receipt"](ON["submit"](going))
    else:
        rest(look(going) if row == "photo, no take" else going, row)
    assert going.count(HandOver) == max(handed, 1)
    sent = visit.count(HandOver)
    visit.press("give-up")
    assert visit.view.lines[0] == Text("rule.M01.remedy")
    visit.press("print").answer(PrintNote, True).press("end").answer(Wipe)
    visit.press("end")
    assert visit.visit.ended is Outcome.REFUSED
    assert visit.count(HandOver) == sent
    assert visit.count(PrintSlip) == 0


def test_the_table_has_every_step_of_the_journey_and_everything_that_can_fall_ill() -> None:
    found = list(cells())
    steps = {make().name for make in RENEW.steps} - {"welcome"}
    assert {row.partition(",")[0] for row, _, _ in found} == steps | {"refusal", "wipe"}
    assert {head for _, head, _ in found} == {*DEVICES, "mains"}


def test_what_a_journey_needs_is_what_its_steps_use() -> None:
    used = frozenset[str]().union(*(make().uses for make in RENEW.steps))
    from kiosk.steps.submit import SubmitStep

    assert used | SubmitStep.uses == RENEW.needs


def test_silence_on_the_question_ends_in_the_wipe_and_sends_nothing() -> None:
    visit = ill(at("fingers, second"), "fingers")
    for _ in range(90):
        visit.wake("idle")
    assert visit.name == "wipe"
    assert visit.count(HandOver) == 0


def test_the_mains_gone_on_the_question_end_in_the_wipe() -> None:
    assert ill(at("fingers, first"), "fingers").send(PowerFailing()).name == "wipe"


def test_a_module_that_is_broken_is_neither_a_failed_finger_nor_none() -> None:
    visit = ill(at("fingers, second"), "fingers").press("retry").fail(EnrolFinger, "x.y")
    assert visit.name == "trouble"
    assert visit.count(SealFingers) == 0
    assert visit.visit.facts.fingers == ()


def test_fingers_that_could_not_be_sealed_are_sealed_when_it_is_tried_again() -> None:
    visit = at("fingers, second").answer(EnrolFinger, finger(2, "left-thumb"))
    sealing = visit.open(SealFingers)[-1].command
    visit.fail(SealFingers, "device.failed").press("retry")
    assert visit.open(SealFingers)[-1].command == sealing
    assert visit.answer(SealFingers).name == "delivery"


def test_a_picked_take_that_could_not_be_kept_may_be_picked_again() -> None:
    visit = at("photo, a take").press("pick").press("use").fail(KeepTake, "device.failed")
    assert visit.view.advice.reason == Text("takes.unkept")
    assert visit.press("use").answer(KeepTake).name == "fingers"


def test_a_camera_that_goes_away_stops_the_countdown() -> None:
    visit = at("photo, no take").press("shoot3").tell(StartPreview, "live", False)
    assert visit.view.content.counting is None
    visit.wake("count-")
    assert visit.count(Shoot) == 0


def test_a_preview_that_ends_by_itself_leaves_the_takes_to_go_on_with() -> None:
    visit = at("photo, a take").fail(StartPreview, "device.failed")
    assert visit.view.advice.remedy == Text("photo.camera_away.pick")
    assert pick(visit).name == "fingers"
    assert at("photo, no take").fail(StartPreview, "device.failed").name == "trouble"


def test_a_fee_that_was_paid_is_named_when_the_visit_ends_at_the_window() -> None:
    visit = at("fee").choose("qr").tell(OpenPayment, "opened", OPENED)
    visit.answer(OpenPayment, PaymentState.PAID).sign().fail(HandOver, "post.full")
    visit.press("give-up")
    said = [words(line, "zh") for line in visit.view.lines]
    assert "已付 20 元，付款号 3f9a1c02" in said


@pytest.mark.parametrize(
    ("end", "key"),
    [
        (True, "refusal.take"),
        (False, "refusal.look"),
        ("printer.paper_out", "refusal.no_paper"),
    ],
)
def test_a_refusal_s_slip_says_how_it_went_and_is_printed_once(end: Any, key: str) -> None:
    visit = at("refusal").press("print")
    assert "end" not in {one.id for one in visit.view.buttons if one.enabled}
    visit.send(Pressed(visit.visit.question, "print"))
    assert visit.count(PrintNote) == 1
    visit = visit.fail(PrintNote, end) if isinstance(end, str) else visit.answer(PrintNote, end)
    assert visit.view.advice.remedy == Text(key)
    assert visit.press("end").name == "wipe"
    for view in (visit.view,):
        assert words(view.heading, "zh")
        assert words(view.heading, "en")


def test_without_paper_no_refusal_sends_people_to_a_slip() -> None:
    visit = at("details").press("wrong")
    assert visit.view.lines == (Text("rule.N04.remedy"),)
    visit.health("printer", "printer.paper_out")
    assert visit.view.lines == (Text("refusal.household"),)

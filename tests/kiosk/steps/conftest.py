# SPDX-License-Identifier: Apache-2.0
"""A visit in play at a booth whose devices' words are known, and how it comes to each step."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from idcard.booth_health import DeviceWord
from idcard.records import (
    EligibilityAnswer,
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
    Pressed,
    Signed,
    Told,
    Woke,
)
from kiosk.facts import Eligible, FingerOutcome, HandedOver, Hint, Shot, Who
from kiosk.journeys import RENEW
from kiosk.texts import LANGUAGES, words

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
        self._has_words()
        return self

    def _has_words(self) -> None:
        """Whatever is shown has words in both languages."""
        view, advice = self.view, self.view.advice
        told = (advice.remedy, advice.reason) if advice is not None else ()
        for one in (view.heading, *view.lines, *told, *(button.text for button in view.buttons)):
            assert one is None or all(words(one, language).strip() for language in LANGUAGES)

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

    def twin(self) -> "Visit":
        """The same visit, to be led another way."""
        made = Visit.__new__(Visit)
        made.visit, made.issued = self.visit, list(self.issued)
        return made

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
AFTER_FIRST = {name.partition(",")[0]: name for name in reversed(ON)}


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


@pytest.fixture
def hall() -> SimpleNamespace:
    """`at(row)`: a visit there; `ill(visit, head)`; `rest(visit, row)`; `ON`: how rows are left."""
    return SimpleNamespace(
        at=at,
        ill=ill,
        rest=rest,
        ON=ON,
        AFTER_FIRST=AFTER_FIRST,
        DEVICES=DEVICES,
        ANSWER=ANSWER,
        OPENED=OPENED,
        HANDED=HANDED,
        STROKES=STROKES,
        pick=pick,
        look=look,
        finger=finger,
    )

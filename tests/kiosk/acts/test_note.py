# SPDX-License-Identifier: Apache-2.0
"""The slip of somebody who could not be served: what it says, and that it comes out."""

import threading
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import BoothError
from drivers.printer import ReceiptPrinter
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from idcard.records import Fee, FeeState, Ground, Identity
from idcard.rules import as_shown, refusal
from kiosk.acts.note import HOUSEHOLD, PrintNoteAct, note_of
from kiosk.acts.slip import LARGE, scale_of
from kiosk.commands import PrintNote
from kiosk.config import Settings
from kiosk.facts import Facts
from kiosk.receipts import Kind, ReferralFacts, WindowFacts, build_slip, render
from kiosk.receipts.offices import Office
from kiosk.steps.refusal import booth_ground, doubt_ground, window_ground
from kiosk.texts import words
from kiosk.view import text

NOON = datetime.fromisoformat("2026-12-01T12:00:00+08:00")
# Made up, over the example number of GB 11643: no real person is meant.
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
KNOWN = Facts(identity=CITIZEN)
PERSONAL = ("N02", "R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09")
GROUNDS = [
    *(as_shown(refusal(code)) for code in PERSONAL),
    refusal("N04"),
    refusal("N03", possible_from=date(2027, 3, 5)),
    refusal("N05", "running", running="B03-261201-0007-K"),
    refusal("N05", "long_term"),
    window_ground(),
    booth_ground("camera.absent"),
]


def said(part: object) -> list[str]:
    """Every text of a slip, found by walking its values."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, tuple):
        return [one for item in part for one in said(item)]
    if is_dataclass(part):
        return [one for field in fields(part) for one in said(getattr(part, field.name))]
    return []


def note(ground: Ground, facts: Facts = KNOWN, **offices: Office) -> tuple[Kind, Any]:
    return note_of(ground, facts, Settings(), offices, NOON)


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda one: one.reason)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_slip_names_the_person_or_why_they_were_refused(ground: Ground, language: str) -> None:
    kind, facts = note(ground)
    everything = " ".join(said(build_slip(kind, facts, language)))
    for personal in (CITIZEN.name, "林", CITIZEN.citizen_no, "002X", CITIZEN.address):
        assert personal not in everything
    if ground.code in PERSONAL:
        for spoken in ("zh", "en"):
            reason = words(text(ground.reason), spoken)
            assert reason not in everything
    assert build_slip(kind, facts, language).blocks


def test_the_household_authority_is_the_one_on_the_card_and_where_it_is_if_known() -> None:
    place = Office("朝阳户政", "某路1号", "010-0000 0000", "周一至周五")
    for code in HOUSEHOLD:
        kind, facts = note(refusal(code), **{CITIZEN.issuer: place})
        assert kind is Kind.REFERRAL
        assert (facts.office, facts.address, facts.phone) == (
            "朝阳户政",
            "某路1号",
            "010-0000 0000",
        )
    _, unknown = note(refusal("N04"))
    assert isinstance(unknown, ReferralFacts)
    assert (unknown.office, unknown.address, unknown.phone) == (CITIZEN.issuer, "", "")


def test_an_unknown_place_is_not_invented_and_nothing_is_dialled() -> None:
    lines = said(build_slip(*note(refusal("N04"))))
    assert "地址和电话请问大厅工作人员。" in lines
    assert not {"地址", "电话"} & set(lines)


def test_too_early_says_the_day() -> None:
    lines = said(build_slip(*note(refusal("N03", possible_from=date(2027, 3, 5)))))
    assert "可办日期" in lines
    assert "最早 2027 年 3 月 5 日 可以办" in lines
    assert "这不是排队号，请在大厅取号。" not in lines, "they are not sent to the window"


def test_no_queue_number_is_invented() -> None:
    lines = said(build_slip(*note(window_ground())))
    assert "这不是排队号，请在大厅取号。" in lines
    assert "您的号" not in lines


def test_only_a_device_is_named_as_the_reason() -> None:
    _, broken = note(booth_ground("camera.absent"))
    _, under_age = note(refusal("N02"))
    assert broken.reason.key == "camera.absent"
    assert under_age.reason is None


@pytest.mark.parametrize(
    ("fee", "paid"),
    [
        (Fee(due_fen=2000, state=FeeState.PAID, payment_id="3f9a1c02d4e5"), 2000),
        (Fee(due_fen=2000, state=FeeState.DUE), 0),
        (None, 0),
    ],
)
def test_money_that_was_paid_is_on_the_slip_with_its_number(fee: Fee | None, paid: int) -> None:
    _, facts = note(booth_ground("post.full"), Facts(identity=CITIZEN, fee=fee))
    assert isinstance(facts, WindowFacts)
    assert (facts.paid_fen, facts.payment) == (paid, fee.payment_id if fee else "")


def test_what_may_have_been_stored_is_not_called_nothing_applied_for() -> None:
    nothing = "没有提交申请，您的信息随即删除。"
    doubt = said(build_slip(*note(doubt_ground("post.mailbox_down"))))
    assert "申请可能已存下，请到窗口查清。" in doubt
    assert nothing not in doubt
    assert nothing in said(build_slip(*note(booth_ground("post.mailbox_down"))))


def test_without_a_card_the_matter_is_not_guessed() -> None:
    assert note(window_ground(), Facts())[1].business == "other"
    assert note(refusal("N04"), Facts())[0] is Kind.WINDOW


def test_large_text_on_the_screen_is_large_type_on_paper() -> None:
    assert (scale_of(Facts()), scale_of(Facts(large=True))) == (1.0, LARGE)
    usual, large = (render(build_slip(*note(window_ground())), 576, s) for s in (1.0, LARGE))
    assert large.height > 1.3 * usual.height


def test_it_comes_out_once_and_a_printer_without_paper_says_so(tmp_path: Path) -> None:
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        driver = ReceiptPrinter(stage.path, poll_s=0.05)
        driver.start()
        act = PrintNoteAct(driver, Settings(), {}, lambda: NOON)
        wanted = PrintNote(KNOWN, window_ground())
        try:
            assert act.run(wanted, lambda *_: None, threading.Event())
            stage.control({"paper": "out"})
            with pytest.raises(BoothError) as out:
                act.run(wanted, lambda *_: None, threading.Event())
            assert out.value.code == "printer.paper_out"
        finally:
            driver.close()

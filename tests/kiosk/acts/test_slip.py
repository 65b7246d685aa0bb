# SPDX-License-Identifier: Apache-2.0
"""The slip through act, driver, wire and emulated printer, with paper that ends and is refilled."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from drivers.errors import BoothError
from drivers.printer import PrintStoppedError, ReceiptPrinter
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from idcard.records import Delivery, Identity
from kiosk.acts.slip import PrintSlipAct, slip_facts
from kiosk.commands import PrintSlip
from kiosk.config import Settings
from kiosk.facts import Facts, HandedOver
from kiosk.vault import Vault

NOON = datetime.fromisoformat("2026-12-01T12:00:00+08:00")
# Made up, over the example number of GB 11643: no real person is meant.
FACTS = Facts(
    identity=Identity(
        citizen_no="11010519491231002X",
        name="林桂兰",
        sex="2",
        ethnicity="01",
        birth_date=date(1949, 12, 31),
        address="北京市朝阳区（测试）",
        issuer="北京市公安局朝阳分局",
        old_card_start=date(2006, 12, 11),
        old_card_end=date(2026, 12, 11),
    ),
    delivery=Delivery(pickup="station"),
    handed=HandedOver(False, "B03-261201-0007-K", hash8="0123abcd"),
)


class Rig:
    """An act and its printer."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.vault = stage, Vault()
        self.driver = ReceiptPrinter(stage.path, poll_s=0.05)
        self.act = PrintSlipAct(self.driver, self.vault, Settings(), lambda: NOON)

    def print(self, *, again: bool = False) -> bool:
        return self.act.run(PrintSlip(FACTS, again), self.tell, threading.Event())

    def tell(self, what: str, value: Any = None) -> None:
        assert (what, value) in (("drawn", "slip"), ("code", "B03-261201-0007-K"))

    @property
    def copies(self) -> int:
        return self.act._copies


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        rig = Rig(stage)
        rig.driver.start()
        yield rig
        rig.driver.close()


@pytest.mark.parametrize(
    ("control", "code"),
    [
        ({"paper": "out"}, "printer.paper_out"),
        ({"cover": "open"}, "printer.cover_open"),
    ],
)
def test_a_printer_that_cannot_begin_says_why_and_the_slip_is_still_to_be_seen(
    rig: Rig, control: dict, code: str
) -> None:
    rig.stage.control(control)
    with pytest.raises(PrintStoppedError) as stopped:
        rig.print()
    assert (stopped.value.code, stopped.value.partial) == (code, False)
    assert rig.vault.get("slip").startswith(b"\x89PNG")
    rig.stage.control({"paper": "ok"})
    rig.stage.control({"cover": "closed"})
    assert rig.print(again=True)
    assert rig.copies == 1, "nothing came out before: this is the first, not a reprint"


def test_the_act_says_what_its_print_rests_on(rig: Rig) -> None:
    rig.stage.control({"paper": "out"})
    with pytest.raises(PrintStoppedError):
        rig.print()
    assert rig.act.by == ""
    rig.stage.control({"paper": "ok"})
    assert rig.print(again=True)
    assert rig.act.by == "process_id"


def test_who_reads_large_text_gets_large_type(rig: Rig) -> None:
    rig.print()
    usual = rig.vault.get("slip")
    rig.act.run(PrintSlip(replace(FACTS, large=True)), rig.tell, threading.Event())
    with Image.open(BytesIO(usual)) as small, Image.open(BytesIO(rig.vault.get("slip"))) as large:
        assert large.height > 1.3 * small.height


def test_paper_that_ends_in_the_slip_is_told_and_the_next_one_is_marked_as_a_reprint(
    rig: Rig,
) -> None:
    rig.stage.control({"paper": "out", "after_mm": 20})
    with pytest.raises(PrintStoppedError) as stopped:
        rig.print()
    assert (stopped.value.code, stopped.value.partial) == ("printer.paper_out", True)
    first = rig.vault.get("slip")
    rig.stage.control({"paper": "ok"})
    assert rig.print(again=True)
    assert rig.vault.get("slip") != first, "it says that it is a reprint"
    assert rig.copies == 2


def test_a_printer_pulled_out_is_told(rig: Rig) -> None:
    rig.stage.control({"unplug": True})
    with pytest.raises(BoothError) as gone:
        rig.print()
    assert gone.value.code == "printer.unplugged"


def test_a_booth_without_a_printer_shows_the_slip_and_claims_no_paper() -> None:
    vault = Vault()
    act = PrintSlipAct(None, vault, Settings(), lambda: NOON)
    assert not act.run(PrintSlip(FACTS), lambda what, value: None, threading.Event())
    assert vault.get("slip").startswith(b"\x89PNG")


def test_a_slip_of_what_only_the_booth_has_carries_the_booth_s_number() -> None:
    facts = slip_facts(FACTS, Settings(), NOON, 0)
    assert (facts.acceptance_number, facts.booth_number) == ("", "B03-261201-0007-K")
    assert facts.latest == date(2027, 1, 30)  # 60 days from 1 December (the law's article 12)

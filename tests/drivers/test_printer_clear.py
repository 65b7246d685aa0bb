# SPDX-License-Identifier: Apache-2.0
"""What a print leaves behind and how it is put away; the driver that comes after a killed one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from drivers import printer_clear, printer_talk
from drivers.health import State
from drivers.printer import PrinterLostError, PrintStoppedError, Proof, ProofBy, ReceiptPrinter
from drivers.printer_journal import Journal
from drivers.printer_profile import PROFILES
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.printer_roll import DOTS_PER_MM, HEAD_TO_CUTTER_MM
from firmware_io.emulators.stage import Stage

PATIENCE_S = 40.0
HEAD_ROWS = HEAD_TO_CUTTER_MM * DOTS_PER_MM


# -- the successor ----------------------------------------------------------------------------


class Booth:
    """One printer and its journal; drivers come and go."""

    def __init__(self, tmp_path: Path, profile: str = "80", factor: float = 0.0) -> None:
        self.tmp_path, self.profile = tmp_path, profile
        self.journal = tmp_path / "printer.jsonl"
        self.stage = Stage(Printer(profile=profile, factor=factor), link=tmp_path / "printer")

    def driver(self, **more) -> ReceiptPrinter:
        profile = more.pop("profile", self.profile)
        return ReceiptPrinter(
            str(self.tmp_path / "printer"),
            profile=profile,
            journal=self.journal,
            baudrate=921600,
            poll_s=0.05,
            **more,
        )

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer

    def status(self) -> dict:
        return self.control(status=True)

    def acts(self) -> list[str]:
        return [json.loads(line)["act"] for line in self.journal.read_bytes().splitlines()]

    def pages(self) -> list[Image.Image]:
        """The paper between the cuts."""
        cuts = self.control(render=str(self.tmp_path / "paper.png"))["cuts"]
        paper = Image.open(self.tmp_path / "paper.png").convert("L")
        edges = [0, *cuts, paper.height]
        return [paper.crop((0, a, 576, b)) for a, b in pairwise(edges)]


@pytest.fixture
def booth(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Booth]:
    made = Booth(tmp_path, **getattr(request, "param", {}))
    with made.stage:
        yield made


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def slip(height: int = 64) -> Image.Image:
    image = Image.new("1", (576, height), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 575, height - 1), outline=0, width=2)
    draw.line((0, 0, 575, height - 1), fill=0, width=3)
    return image


def whole(page: Image.Image, image: Image.Image) -> bool:
    """Whether the picture stands at the end of a page, dot for dot."""
    top = page.height - image.height
    if top < 0:
        return False
    got = page.crop((0, top, image.width, page.height)).point([0] * 128 + [255] * 128, "1")
    return ImageChops.logical_xor(got, image).getbbox() is None


class KilledError(BaseException):
    """Stands for SIGKILL: no handler of the driver may catch it."""


POINTS = [(k, when) for k in (0, 1) for when in ("before", "after")]


@pytest.mark.parametrize(("entry", "when"), POINTS)
@pytest.mark.parametrize("booth", [{}, {"profile": "80-presenter"}], indirect=True)
def test_killed_at_any_entry_the_next_front_clears_and_prints_nothing_twice(
    booth: Booth, monkeypatch, entry: int, when: str
) -> None:
    real, count = Journal.note, []

    def note(journal: Journal, act: str, **more) -> None:
        count.append(act)
        if len(count) == entry + 1 and when == "before":
            raise KilledError
        real(journal, act, **more)
        if len(count) == entry + 1:
            raise KilledError

    first = booth.driver()
    first.start()
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "note", note)
        with pytest.raises(KilledError):
            first.print(slip())
    first._talk.link.close()  # what the kernel does for a killed process
    first.close()
    second = booth.driver()
    second.start()
    until(lambda: not second._clearing.hangs and second.health().state is State.READY)
    begun = entry == 1  # the first entry stands before the first movement
    slips = [page for page in booth.pages() if whole(page, slip())]
    assert len(slips) + booth.status()["slips_retracted"] <= 1 + (booth.profile != "80")
    if booth.profile == "80":
        assert len(slips) == begun
        assert second.print(slip()).outcome is Proof.CONFIRMED
        assert len([page for page in booth.pages() if whole(page, slip())]) == 1 + begun
    second.close()


def test_a_front_killed_by_the_system_in_a_slip_leaves_a_torso_that_is_cut_off(
    tmp_path: Path,
) -> None:
    booth = Booth(tmp_path, factor=0.5)
    program = (
        "import sys; from PIL import Image; from drivers.printer import ReceiptPrinter\n"
        "from pathlib import Path\n"
        "p = ReceiptPrinter(sys.argv[1], journal=Path(sys.argv[2]), baudrate=921600)\n"
        "p.start(); print('ready', flush=True)\n"
        "p.print(Image.new('1', (576, 8000), 0), lambda part: print(part, flush=True))\n"
    )
    with booth.stage:
        command = [sys.executable, "-c", program, str(tmp_path / "printer"), str(booth.journal)]
        root = Path(__file__).parents[2]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as front:
            assert front.stdout is not None
            assert front.stdout.readline() == "ready\n"
            front.stdout.readline()  # some of it is on paper
            os.kill(front.pid, signal.SIGKILL)
        assert booth.acts() == ["print"]
        second = booth.driver()
        second.start()
        until(lambda: booth.acts() == ["print", "clear", "cleared"])
        status = booth.status()
        assert status["cuts"] == 1
        assert status["rows_printed"] < 8000, "what was not sent does not come out later"
        assert second.print(slip()).outcome is Proof.CONFIRMED
        assert whole(booth.pages()[1], slip())
        second.close()


@pytest.mark.parametrize("booth", [{}, {"profile": "80-presenter"}], indirect=True)
def test_a_look_moves_nothing_and_writes_nothing_also_when_a_torso_hangs(booth: Booth) -> None:
    Journal(booth.journal).note("print", rows=64)  # the front that began this slip is gone
    before = booth.journal.read_bytes()
    visitor = booth.driver()
    visitor.look()
    assert (visitor.health().state, visitor.hanging) == (State.READY, True)
    booth.control(paper="out")
    visitor.look()
    assert visitor.health().reason == "printer.paper_out"
    booth.control(paper="near_end")
    visitor.look()
    assert visitor.notes() == ("printer.near_end",)
    visitor.close()
    assert booth.journal.read_bytes() == before
    assert booth.control(render=str(booth.tmp_path / "roll.png"))["cuts"] == []
    after = booth.driver()  # the next front's own start does cut it off
    after.start()
    until(lambda: "cleared" in booth.acts())
    after.close()


def test_a_torso_waits_for_paper_and_nothing_moves_before(booth: Booth) -> None:
    booth.control(paper="out", after_mm=5)
    first = booth.driver()
    first.start()
    with pytest.raises(PrintStoppedError):
        first.print(slip(400))
    first.close()
    second = booth.driver()
    second.start()
    assert second.health().reason == "printer.paper_out"
    assert booth.acts() == ["print", "stopped"]
    assert booth.status()["rows_printed"] == 40
    booth.control(paper="ok")
    until(lambda: booth.acts()[-1] == "cleared")
    assert booth.status()["rows_printed"] == 40 + HEAD_ROWS
    second.close()


@pytest.mark.parametrize("when", ["in the middle", "after the cut"])
def test_power_lost_by_both_leaves_nothing_hanging_and_nothing_twice(
    booth: Booth, monkeypatch, when: str
) -> None:
    first = booth.driver()
    first.start()

    def mains(part: float) -> None:
        if when == "in the middle" or part == 1.0:
            booth.control(power="off")
            patch.setattr(printer_talk, "ANSWER_S", 0.1)  # no answer will come
            patch.setattr(printer_talk, "TRY_PAUSE_S", 0.05)

    with monkeypatch.context() as patch, pytest.raises(PrinterLostError) as caught:
        first.print(slip(1200), mains)
    assert (caught.value.code, caught.value.partial) == ("printer.silent", True)
    first.close()
    assert [whole(page, slip(1200)) for page in booth.pages()].count(True) == (
        when != "in the middle"
    )
    booth.control(power="on")
    second = booth.driver()
    second.start()
    until(lambda: booth.acts()[-1] == "cleared")
    assert second.print(slip()).outcome is Proof.CONFIRMED
    assert whole(booth.pages()[-2], slip())
    second.close()


def test_printing_again_after_a_time_out_would_be_caught(booth: Booth, monkeypatch) -> None:
    """The planted fault: a driver that repeats what it got no answer to gives two slips."""
    monkeypatch.setattr(printer_talk, "PROBE_S", 0.1)  # no answer is to be waited for here
    driver = booth.driver(profile=replace(PROFILES["80"], proof_s=0.5))
    driver.start()
    booth.control(fault={"no_reports": True})

    def repeating(image: Image.Image) -> None:
        for _ in range(2):
            if driver.print(image).outcome is Proof.CONFIRMED:
                return

    assert driver.print(slip(32)).outcome is Proof.UNCONFIRMED
    assert copies(booth) == 1
    booth.control(tear=True)
    repeating(slip(32))
    assert copies(booth) == 2, "the check sees a second slip"
    driver.close()


def copies(booth: Booth) -> int:
    return len([page for page in booth.pages() if whole(page, slip(32))])


# -- the presenter ----------------------------------------------------------------------------

PRESENTER = {"profile": "80-presenter"}


@pytest.mark.parametrize("booth", [PRESENTER], indirect=True)
def test_a_slip_in_the_mouth_is_the_proof_and_is_seen_to_be_taken(booth: Booth) -> None:
    driver = booth.driver()
    driver.start()
    printed = driver.print(slip())
    assert (printed.outcome, printed.by) == (Proof.CONFIRMED, ProofBy.PRESENTER)
    assert booth.status()["slip_in_mouth"] is True
    assert booth.acts() == ["print", "printed", "presented"]
    booth.control(tear=True)
    until(lambda: booth.acts()[-1] == "taken")
    assert booth.status()["slips_retracted"] == 0
    assert booth.status()["violations"] == []
    driver.close()


@pytest.mark.parametrize("booth", [PRESENTER], indirect=True)
def test_a_slip_that_never_gets_to_the_mouth_is_not_confirmed(booth, monkeypatch) -> None:
    monkeypatch.setattr(printer_clear, "MOVE_S", 0.3)
    booth.control(fault={"no_present": True})
    driver = booth.driver()
    driver.start()
    printed = driver.print(slip())
    assert (printed.outcome, printed.by) == (Proof.UNCONFIRMED, ProofBy.PROCESSED)
    driver.close()


@pytest.mark.parametrize("booth", [PRESENTER], indirect=True)
@pytest.mark.parametrize("by_successor", [False, True])
def test_a_slip_that_nobody_takes_is_taken_back(booth: Booth, by_successor: bool) -> None:
    profile = replace(PROFILES["80-presenter"], take_s=0.5)
    driver = booth.driver(profile=profile)
    driver.start()
    driver.print(slip())
    if by_successor:
        driver.close()
        driver = booth.driver(profile=profile)
        driver.start()
    until(lambda: booth.acts()[-1] == "retracted")
    assert booth.status()["slips_retracted"] == 1
    assert booth.status()["slip_in_mouth"] is False
    driver.close()


@pytest.mark.parametrize("booth", [PRESENTER], indirect=True)
def test_the_next_slip_is_never_printed_behind_one_in_the_mouth(booth: Booth) -> None:
    driver = booth.driver()
    driver.start()
    driver.print(slip())
    assert driver.print(slip()).by is ProofBy.PRESENTER
    status = booth.status()
    assert (status["slips_retracted"], status["printed_behind_slip"]) == (1, 0)
    driver.close()


@pytest.mark.parametrize("booth", [PRESENTER], indirect=True)
def test_a_mouth_that_stays_full_stops_the_next_slip_before_it_moves(booth, monkeypatch) -> None:
    monkeypatch.setattr(printer_clear, "MOVE_S", 0.3)
    driver = booth.driver()
    driver.start()
    driver.print(slip())
    rows = booth.status()["rows_printed"]
    booth.control(fault={"no_retract": True})
    with pytest.raises(PrintStoppedError) as caught:
        driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.not_taken", False)
    assert booth.status()["rows_printed"] == rows
    driver.close()


# -- the disk --------------------------------------------------------------------------------------


def test_a_disk_that_takes_nothing_is_told_and_the_slip_still_printed(tmp_path: Path) -> None:
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        driver = ReceiptPrinter(stage.path, journal=tmp_path / "no" / "folder" / "j", poll_s=60)
        driver.start()
        assert driver.notes() == ()
        assert driver.print(slip()).outcome is Proof.CONFIRMED
        assert driver.notes() == ("printer.no_journal",)
        stage.control({"paper": "near_end"})
        driver.print(slip())
        assert driver.notes() == ("printer.near_end", "printer.no_journal")
        driver.close()

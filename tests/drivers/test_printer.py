# SPDX-License-Identifier: Apache-2.0
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageDraw

from drivers.errors import AskStaffError, OutOfServiceError
from drivers.health import State
from drivers.printer import PrinterLostError, PrintOutcome, PrintStoppedError, Proof, ReceiptPrinter
from drivers.printer_profile import PROFILES
from firmware_io.codecs.escpos import status_query
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage


class Rig:
    """The driver on one side of a real pseudo-terminal, the emulator on the other."""

    def __init__(self, tmp_path, *, profile: str = "80", factor: float = 0.0) -> None:
        self.tmp_path = tmp_path
        self.stage = Stage(Printer(profile=profile, factor=factor), link=tmp_path / "printer")
        model = replace(PROFILES[profile], proof_s=1.0)
        self.driver = ReceiptPrinter(str(tmp_path / "printer"), profile=model, poll_s=0.05)

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer

    def paper(self) -> Image.Image:
        self.control(render=str(self.tmp_path / "paper.png"))
        return Image.open(self.tmp_path / "paper.png").convert("L")

    def until(self, true: Callable[[], bool], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, self.driver.health()
            time.sleep(0.01)


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path) -> Iterator[Rig]:
    made = Rig(tmp_path, **getattr(request, "param", {}))
    with made.stage:
        made.driver.start()
        yield made
        made.driver.close()


def slip(width: int = 576, height: int = 300) -> Image.Image:
    """Black frame, white stretch, diagonal: every kind of row."""
    image = Image.new("1", (width, height), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width - 1, 20), outline=0, width=2)
    draw.line((0, height // 2, width - 1, height - 1), fill=0, width=3)
    return image


def same(paper: Image.Image, image: Image.Image, top: int = 0) -> bool:
    got = paper.crop((0, top, image.width, top + image.height)).point([0] * 128 + [255] * 128, "1")
    return ImageChops.logical_xor(got, image).getbbox() is None


@pytest.mark.parametrize(
    ("rig", "width"), [({"profile": "80"}, 576), ({"profile": "58"}, 384)], indirect=["rig"]
)
def test_a_slip_comes_out_dot_for_dot_cut_and_confirmed(rig: Rig, width: int) -> None:
    told: list[float] = []
    image = slip(width)
    assert rig.driver.print(image, told.append) == PrintOutcome(Proof.CONFIRMED)
    paper = rig.paper()
    assert same(paper, image)
    status = rig.control(status=True)
    assert status["cuts"] == 1
    assert status["violations"] == []
    assert status["bytes_lost"] == 0
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert rig.driver.health().state is State.READY


def test_no_picture_can_command_the_printer(rig: Rig) -> None:
    hazard = bytes.fromhex("100401 100502 1014020108 10140803011406 0208 1004") * 30
    image = Image.frombytes("1", (576, 8), bytes(byte ^ 0xFF for byte in hazard[:576]))
    assert rig.driver.print(image).outcome is Proof.CONFIRMED
    status = rig.control(status=True)
    assert status["realtime_in_image"] == 0
    assert status["rows_printed"] == 8 + 120


@pytest.mark.parametrize("rig", [{"profile": "80-plain"}], indirect=True)
def test_a_printer_without_reports_is_never_called_confirmed(rig: Rig) -> None:
    assert rig.driver.print(slip()).outcome is Proof.UNCONFIRMED
    assert same(rig.paper(), slip())


def test_reports_that_never_come_leave_it_unconfirmed_and_print_once(rig: Rig) -> None:
    rig.control(fault={"no_reports": True})
    assert rig.driver.print(slip(height=64)).outcome is Proof.UNCONFIRMED
    assert rig.control(status=True)["cuts"] == 1


BEFORE = [
    ({"paper": "out"}, "printer.paper_out", AskStaffError),
    ({"cover": "open"}, "printer.cover_open", AskStaffError),
    ({"fault": {"hot": True}}, "printer.overheated", AskStaffError),
    ({"fault": {"broken": True}}, "printer.broken", OutOfServiceError),
]


@pytest.mark.parametrize(("wrong", "code", "kind"), BEFORE)
def test_a_printer_that_is_not_fit_moves_no_paper(rig, wrong, code, kind) -> None:
    rig.control(**wrong)
    with pytest.raises(kind) as caught:
        rig.driver.print(slip())
    assert caught.value.code == code
    assert caught.value.partial is False
    assert rig.control(status=True)["rows_printed"] == 0
    health = rig.driver.health()
    assert (health.state, health.reason, health.remedy) == (State.ILL, code, f"{code}.remedy")


def test_paper_that_ends_in_the_middle_is_told_and_nothing_comes_out_later(rig: Rig) -> None:
    rig.control(paper="out", after_mm=10)
    with pytest.raises(PrintStoppedError) as caught:
        rig.driver.print(slip(height=800))
    assert caught.value.code == "printer.paper_out"
    assert caught.value.partial is True
    assert rig.control(status=True)["rows_printed"] == 80
    rig.control(paper="ok")
    rig.until(lambda: rig.driver.health().state is State.READY)
    assert rig.control(status=True)["rows_printed"] == 80, "no rest of the slip by itself"


def test_after_a_stop_the_next_slip_is_whole_and_apart_from_the_torso(rig: Rig) -> None:
    rig.control(paper="out", after_mm=10)
    with pytest.raises(PrintStoppedError):
        rig.driver.print(slip(height=800))
    rig.control(paper="ok")
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    cuts = rig.control(render=str(rig.tmp_path / "paper.png"))["cuts"]
    assert cuts[0] == 80, "the torso was cut off first"
    assert same(rig.paper(), slip(), top=cuts[0] + 120)


@pytest.mark.parametrize("rig", [{"factor": 0.3}], indirect=True)
def test_a_cover_opened_while_printing_stops_it(rig: Rig) -> None:
    opened = threading.Event()

    def open_cover(_part: float) -> None:
        if not opened.is_set():
            opened.set()
            rig.control(cover="open")

    with pytest.raises(PrintStoppedError) as caught:
        rig.driver.print(slip(height=2000), open_cover)
    assert (caught.value.code, caught.value.partial) == ("printer.cover_open", True)


def test_a_jammed_cutter_is_told_and_moves_again_only_after_somebody_was_there(rig: Rig) -> None:
    rig.control(fault={"jam": True})
    with pytest.raises(PrintStoppedError) as caught:
        rig.driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.jam", True)
    rig.until(lambda: rig.driver.health().reason == "printer.jam")
    rig.control(cover="open")
    rig.until(lambda: rig.driver.health().reason == "printer.cover_open")
    rig.control(cover="closed")
    rig.until(lambda: rig.driver.health().state is State.READY)
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED


def test_a_cutter_never_starts_by_itself_while_nobody_has_opened_the_cover(rig: Rig) -> None:
    rig.control(fault={"jam": True})
    with pytest.raises(PrintStoppedError):
        rig.driver.print(slip())
    rig.control(fault={"jam": False})  # it would move again if it were told to
    for _ in range(5):
        before = rig.driver.health()
        rig.until(lambda before=before: rig.driver.health() is not before)  # looked at again
        assert rig.driver.health().reason == "printer.jam"


def test_low_paper_is_told_with_the_outcome_and_in_health(rig: Rig) -> None:
    rig.control(paper="near_end")
    assert rig.driver.print(slip()).near_end is True
    health = rig.driver.health()
    assert (health.state, health.detail) == (State.READY, "near_end")


def test_an_unplugged_printer_is_told_and_heals_when_plugged_in(rig: Rig) -> None:
    rig.control(unplug=True)
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.unplugged", False)
    assert rig.driver.health().reason == "printer.unplugged"
    rig.control(replug=True)
    rig.until(lambda: rig.driver.health().state is State.READY)
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED


@pytest.mark.parametrize("rig", [{"factor": 0.3}], indirect=True)
def test_a_plug_pulled_while_printing_is_told_with_paper_moved(rig: Rig) -> None:
    def unplug(_part: float) -> None:
        rig.control(unplug=True)

    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip(height=2000), unplug)
    assert (caught.value.code, caught.value.partial) == ("printer.unplugged", True)


@pytest.mark.parametrize("rig", [{"factor": 0.1}], indirect=True)
def test_after_a_power_cut_in_an_image_the_next_slip_is_whole(rig: Rig) -> None:
    told = threading.Event()

    def cut_power(_part: float) -> None:
        if not told.is_set():
            told.set()
            rig.control(power="cycle")

    with pytest.raises(PrintStoppedError) as caught:
        rig.driver.print(slip(height=2000), cut_power)
    assert (caught.value.code, caught.value.partial) == ("printer.stopped", True)
    assert told.is_set()
    rig.until(lambda: rig.driver.health().state is State.READY)
    rig.control(tear=True)
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    cuts = rig.control(render=str(rig.tmp_path / "paper.png"))["cuts"]
    assert same(rig.paper(), slip(), top=cuts[-1] - slip().height)


def test_a_silent_printer_is_told_and_heals(rig: Rig) -> None:
    rig.control(power="off")
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.silent", False)
    rig.control(power="on")
    rig.until(lambda: rig.driver.health().state is State.READY)


@pytest.mark.parametrize(
    "fault",
    [{"noise": 3, "times": 40}, {"duplicate": True, "times": 10}, {"slow": 0.05, "times": 10}],
)
def test_noise_doubling_and_delay_on_the_wire_print_one_slip(rig: Rig, fault: dict) -> None:
    rig.control(fault=fault)
    assert rig.driver.print(slip()).outcome in (Proof.CONFIRMED, Proof.UNCONFIRMED)
    rig.control(fault={})
    assert rig.control(status=True)["cuts"] == 1
    assert same(rig.paper(), slip())


def test_one_wrong_status_byte_is_asked_for_again(tmp_path) -> None:
    made = Rig(tmp_path)
    made.driver = ReceiptPrinter(made.driver.path, profile="80", poll_s=60)
    with made.stage:
        made.driver.start()
        made.control(fault={"stray": "36"})  # "waiting to go online", in front of the true answer
        assert made.driver.print(slip()).outcome is Proof.CONFIRMED
        made.driver.close()


def test_a_report_that_was_skipped_is_not_made_up_for_by_later_ones(rig: Rig) -> None:
    rig.control(fault={"lost_report": True})
    assert rig.driver.print(slip(height=2000)).outcome is Proof.UNCONFIRMED
    assert rig.control(status=True)["cuts"] == 1
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED


def test_closing_ends_a_print_in_progress(tmp_path) -> None:
    rig = Rig(tmp_path, factor=1.0)
    with rig.stage:
        rig.driver.start()
        rig.until(lambda: rig.driver.health().state is State.READY)
        closer = threading.Thread(target=rig.driver.close)

        def close_once(_part: float) -> None:
            if closer.ident is None:
                closer.start()

        with pytest.raises(PrinterLostError):
            rig.driver.print(slip(height=2000), close_once)
        closer.join(10)
        assert not closer.is_alive()


@pytest.mark.parametrize(
    "image", [Image.new("1", (600, 10), 1), Image.new("L", (100, 10), 255)], ids=["wide", "grey"]
)
def test_a_picture_that_does_not_fit_is_a_programs_mistake(rig: Rig, image) -> None:
    with pytest.raises(ValueError, match=r"paper|picture"):
        rig.driver.print(image)


def test_without_a_printer_the_driver_starts_and_says_so(tmp_path) -> None:
    driver = ReceiptPrinter(str(tmp_path / "nothing"))
    driver.start()
    assert driver.health().reason == "printer.unplugged"
    driver.close()


class Resting:
    """A driver that watches a resting printer as a booth does, and what it asks meanwhile."""

    def __init__(self, rig: Rig, profile: str) -> None:
        rig.driver.close()
        self.rig, self.asked = rig, list[bytes]()
        self.changed = threading.Event()
        rig.driver = ReceiptPrinter(
            str(rig.tmp_path / "printer"), profile=profile, poll_s=0.05, resting_s=0.3
        )
        rig.driver.on_change = self.changed.set
        write = rig.driver._talk.write
        rig.driver._talk.write = lambda data: (self.asked.append(data), write(data))[1]
        rig.driver.start()
        self.settled()

    def settled(self) -> None:
        """Waits until it is well and has been asked often enough for the start to be over."""
        self.rig.until(lambda: self.rig.driver.health().state is State.READY, 40)
        begun = len(self.asked)
        self.rig.until(lambda: len(self.asked) >= begun + 20, 40)
        self.asked.clear()
        self.changed.clear()


def test_a_resting_printer_that_falls_silent_is_told_by_the_quick_question(rig: Rig) -> None:
    rest = Resting(rig, "80")
    asked: list[float] = []
    talk = rig.driver._talk
    talk.unchanged = lambda limit_s, ask=talk.unchanged: (asked.append(limit_s), ask(limit_s))[1]
    rig.control(power="off")
    rig.until(lambda: rig.driver.health().reason == "printer.silent", 40)
    assert rest.changed.is_set()
    assert set(asked) == {0.3}
    rig.control(power="on")
    rig.until(lambda: rig.driver.health().state is State.READY, 40)


def test_a_resting_printer_that_tells_changes_is_asked_only_whether_it_is_there(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.printer.WHOLE_S", 3600.0)
    rest = Resting(rig, "80")
    rig.until(lambda: rest.asked[-20:] == [status_query(1)] * 20, 40)
    rig.control(paper="near_end")  # the printer stays online: only what it tells unasked says so
    rig.until(lambda: rig.driver.notes() == ("printer.near_end",), 40)
    rig.until(rest.changed.is_set, 40)
    assert status_query(4) in rest.asked


@pytest.mark.parametrize("rig", [{"profile": "80-plain"}], indirect=True)
@pytest.mark.parametrize("change", [{"paper": "near_end"}, {"paper": "out"}, {"cover": "open"}])
def test_a_resting_printer_that_tells_nothing_is_asked_for_all(
    rig: Rig, change: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.printer.WHOLE_S", 3600.0)
    rest = Resting(rig, "80-plain")
    rig.control(**change)
    rig.until(rest.changed.is_set, 40)
    assert rig.driver.notes() or rig.driver.health().state is State.ILL


def test_a_printer_plugged_in_anew_is_called_well_once_it_can_print_at_once(rig: Rig) -> None:
    Resting(rig, "80")
    meanwhile: list[State] = []
    talk = rig.driver._talk

    def straighten(as_ever: Callable[[], None] = talk.straighten) -> None:
        meanwhile.append(rig.driver.health().state)
        as_ever()

    talk.straighten = straighten
    rig.control(unplug=True)
    rig.until(lambda: rig.driver.health().state is State.ILL, 40)
    rig.control(replug=True)
    rig.until(lambda: rig.driver.health().state is State.READY, 40)
    assert meanwhile
    assert set(meanwhile) == {State.ILL}


def test_a_printer_that_stops_telling_is_read_whole_now_and_then(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.printer.WHOLE_S", 0.5)
    Resting(rig, "80")
    rig.control(fault={"no_automatic": True})
    rig.control(paper="near_end")
    rig.until(lambda: rig.driver.notes() == ("printer.near_end",), 40)

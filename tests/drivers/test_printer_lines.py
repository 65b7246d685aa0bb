# SPDX-License-Identifier: Apache-2.0
"""The same driver over each of its lines, with the emulated printer at the far side."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from drivers import printer_talk
from drivers.health import State
from drivers.printer import PrinterLostError, PrintStoppedError, Proof, ReceiptPrinter
from drivers.printer_line import line_of, port_says_paper_out
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.printer_network import NetworkCard
from firmware_io.emulators.stage import Stage
from firmware_io.links import lp
from firmware_io.links.lp import LpLink
from firmware_io.links.serial_port import SerialLink
from firmware_io.links.socket_port import SocketLink

PATIENCE_S = 30.0


class Rig:
    """A driver, its line and the printer."""

    def __init__(self, stage: Stage, path: str, card: NetworkCard | None = None) -> None:
        self.stage, self.card = stage, card
        self.driver = ReceiptPrinter(path, profile="80", poll_s=0.05)

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, self.driver.health()
            time.sleep(0.01)


@pytest.fixture(params=["serial", "usb", "network"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        if request.param == "network":
            with NetworkCard(0, stage.path) as card:
                yield from started(Rig(stage, f"tcp://127.0.0.1:{card.port}", card))
        else:
            path = stage.path if request.param == "serial" else f"lp:{stage.path}"
            yield from started(Rig(stage, path))


def started(rig: Rig) -> Iterator[Rig]:
    rig.driver.start()
    yield rig
    rig.driver.close()


def slip(height: int = 300) -> Image.Image:
    image = Image.new("1", (576, height), 1)
    ImageDraw.Draw(image).line((0, 0, 575, height - 1), fill=0, width=3)
    return image


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("/dev/ttyUSB0", SerialLink),
        ("/dev/idbooth/printer", SerialLink),
        ("/dev/usb/lp0", LpLink),
        ("lp:/dev/idbooth/printer", LpLink),
        ("tcp://10.0.0.9:9100", SocketLink),
        ("unix:/run/idbooth/printer.sock", SocketLink),
    ],
)
def test_the_form_of_the_setting_chooses_the_line(setting: str, kind: type) -> None:
    assert type(line_of(setting, 115200)) is kind


def test_a_udev_link_is_followed_to_what_is_plugged_in_at_the_moment(tmp_path: Path) -> None:
    name = tmp_path / "printer"
    driver = ReceiptPrinter(str(name), poll_s=60)
    driver.start()
    assert type(driver._talk.link) is SerialLink
    name.symlink_to("/dev/usb/lp99")
    with pytest.raises(PrinterLostError) as caught:
        driver.print(slip())
    assert type(driver._talk.link) is LpLink
    assert caught.value.code == "printer.unplugged"
    driver.close()


def test_a_slip_comes_out_dot_for_dot_over_every_line(rig: Rig, tmp_path: Path) -> None:
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    rig.control(render=str(tmp_path / "paper.png"))
    paper = Image.open(tmp_path / "paper.png").convert("L").crop((0, 0, 576, 300))
    got = paper.point([0] * 128 + [255] * 128, "1")
    assert ImageChops.logical_xor(got, slip()).getbbox() is None
    assert rig.control(status=True)["violations"] == []


def test_paper_that_ends_is_told_over_every_line_and_nothing_comes_later(rig: Rig) -> None:
    rig.control(paper="out", after_mm=10)
    with pytest.raises(PrintStoppedError) as caught:
        rig.driver.print(slip(800))
    assert (caught.value.code, caught.value.partial) == ("printer.paper_out", True)
    rig.control(paper="ok")
    rig.until(lambda: rig.driver.health().state is State.READY)
    assert rig.control(status=True)["rows_printed"] == 80


def test_a_line_that_breaks_is_told_and_heals(rig: Rig) -> None:
    rig.control(unplug=True)
    rig.until(lambda: rig.driver.health().reason == "printer.unplugged")
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip())
    assert caught.value.partial is False
    rig.control(replug=True)
    rig.until(lambda: rig.driver.health().state is State.READY)
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED


@pytest.mark.parametrize("rig", ["network"], indirect=True)
def test_a_reset_while_printing_is_told_with_paper_moved_and_the_torso_cut_off(rig: Rig) -> None:
    assert rig.card is not None
    card = rig.card
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip(3000), lambda _part: card.cut())
    assert (caught.value.code, caught.value.partial) == ("printer.unplugged", True)
    rig.until(lambda: rig.driver.health().state is State.READY)
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    assert rig.control(status=True)["cuts"] == 2


@pytest.mark.parametrize("rig", ["network"], indirect=True)
def test_a_network_printer_serves_one_host_and_the_other_is_told(rig: Rig) -> None:
    second = ReceiptPrinter(rig.driver.path, profile="80", poll_s=60)
    second.start()
    assert second.health().state is State.ILL
    second.close()
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED


def test_a_usb_port_that_reports_paper_out_names_the_reason_of_silence(tmp_path, monkeypatch):
    """A stopped printer that takes no byte cannot answer; its port still tells."""

    def answer(_fd: int, _number: int, status: bytearray) -> int:
        status[0] = 0x38
        return 0

    monkeypatch.setattr(lp, "ioctl", answer)
    monkeypatch.setattr(printer_talk, "ANSWER_S", 0.1)  # no answer will come
    monkeypatch.setattr(printer_talk, "TRY_PAUSE_S", 0.05)
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        stage.control({"power": "off"})
        driver = ReceiptPrinter(f"lp:{stage.path}", poll_s=60)
        with pytest.raises(PrintStoppedError) as caught:
            driver.print(slip())
        assert (caught.value.code, caught.value.partial) == ("printer.paper_out", False)
        assert driver.health().reason == "printer.paper_out"
        driver.close()


def test_only_a_usb_port_tells_of_paper() -> None:
    assert not port_says_paper_out(line_of("/dev/ttyUSB0", 115200))
    assert not port_says_paper_out(line_of("/dev/usb/lp0", 115200))

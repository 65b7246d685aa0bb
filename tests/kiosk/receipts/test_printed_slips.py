# SPDX-License-Identifier: Apache-2.0
"""Every slip through the driver and the wire: a stranger's reader reads what the printer drew."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from drivers.printer import ReceiptPrinter
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from kiosk.receipts import Kind, Slip, build_slip, render
from kiosk.receipts.blocks import Code, Number
from kiosk.receipts.samples import SAMPLES


@dataclass(frozen=True)
class Desk:
    """A booth's printer, and the roll that comes out of it."""

    width_px: int
    printer: ReceiptPrinter
    stage: Stage
    folder: Path

    def roll(self, slip: Slip) -> Image.Image:
        """Prints `slip` and tears it off: the paper as the emulator drew it from the bytes."""
        self.printer.print(render(slip, self.width_px))
        path = self.folder / "roll.png"
        assert self.stage.control({"render": str(path)})["ok"]
        assert self.stage.control({"tear": True})["ok"]
        with Image.open(path) as image:
            return image.convert("L")


@pytest.fixture(scope="module", params=[("58", 384), ("80", 576)], ids=["58 mm", "80 mm"])
def desk(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Desk]:
    profile, width_px = request.param
    folder = tmp_path_factory.mktemp("printed")
    stage = Stage(Printer(profile=profile, factor=0.0), link=folder / "printer")
    printer = ReceiptPrinter(str(folder / "printer"), profile=profile, poll_s=60.0)
    with stage:
        printer.start()
        yield Desk(width_px, printer, stage, folder)
        printer.close()


def codes(slip: Slip) -> dict[str, str]:
    """What the slip's bars and squares are meant to hold."""
    wanted = {}
    for block in slip.blocks:
        if isinstance(block, Number) and block.payload:
            wanted["CODE128"] = block.payload
        elif isinstance(block, Code):
            wanted["QRCODE"] = block.payload
    return wanted


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", Kind)
def test_bars_and_squares_are_read_from_the_paper(desk: Desk, kind, lang, read) -> None:
    slip = build_slip(kind, SAMPLES[kind], lang)
    wanted = codes(slip)
    unnumbered = (Kind.REFERRAL, Kind.WINDOW)
    assert ("CODE128" in wanted) == (kind not in unnumbered), "what to do next has no number"
    assert read(desk.roll(slip)) == wanted

# SPDX-License-Identifier: Apache-2.0
from datetime import date, datetime

from PIL import Image, ImageOps
from pyzbar.pyzbar import decode

from drivers.printer import ReceiptPrinter
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from kiosk.receipts import SlipFacts, build_slip, render


def test_a_receipt_can_be_scanned_from_the_paper(tmp_path) -> None:
    facts = SlipFacts(
        name="𬭛建国",
        citizen_number="370102197502140032",
        matter="expiry",
        at=datetime(2026, 12, 1, 14, 32),  # noqa: DTZ001 - the booth's local time
        station="遥观派出所",
        booth="B03",
        fee_fen=2000,
        fee_state="paid",
        latest=date(2027, 1, 30),
        record_hash="3f9a1c02",
        fingers=("right-thumb",),
        acceptance_number="3204020012026120100007",
        progress_url="https://example.test/r",
    )
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        driver = ReceiptPrinter(stage.path)
        driver.start()
        driver.print(render(build_slip("received", facts, "en"), 576))
        driver.close()
        stage.control({"render": str(tmp_path / "paper.png")})
    page = ImageOps.expand(Image.open(tmp_path / "paper.png").convert("L"), 20, 255)
    assert {code.type: code.data.decode() for code in decode(page)} == {
        "CODE128": "3204020012026120100007",
        "QRCODE": "https://example.test/r/3204020012026120100007",
    }

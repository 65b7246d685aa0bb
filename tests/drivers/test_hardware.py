# SPDX-License-Identifier: Apache-2.0
"""Card reader and printer on their real ports; skipped unless ``--device`` names them.

The fingerprint module's cases are those of `test_fingerprint`, with the same option.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw

from drivers.health import State
from drivers.idreader import IdReader
from drivers.printer import Proof, ReceiptPrinter

pytestmark = [pytest.mark.device, pytest.mark.timeout(300)]


@pytest.fixture
def reader(hardware: Any) -> Iterator[IdReader]:
    port = hardware.port("idreader")
    if port is None:
        pytest.skip("no --device idreader=PORT")
    reader = IdReader(port)
    reader.start()
    yield reader
    reader.close()


@pytest.fixture
def printer(hardware: Any) -> Iterator[ReceiptPrinter]:
    port = hardware.port("printer")
    if port is None:
        pytest.skip("no --device printer=PORT")
    printer = ReceiptPrinter(port)
    printer.start()
    yield printer
    printer.close()


def test_the_reader_starts_and_is_well(reader: IdReader) -> None:
    assert reader.health().state is State.READY


def test_a_card_is_read_and_its_going_noticed(reader: IdReader, hardware: Any) -> None:
    hardware.say("lay your own ID card on the reader")
    card = reader.read_card(60.0, lambda event: hardware.say(event))
    assert len(card.number) == 18
    hardware.say("take the card away")
    assert reader.wait_removed(60.0)
    assert not reader.card_present()


def test_the_printer_is_well_and_proves_a_slip(printer: ReceiptPrinter, hardware: Any) -> None:
    assert printer.health().state is State.READY, printer.health().reason
    hardware.say("a slip with a frame and a diagonal must come out whole and be cut")
    image = Image.new("1", (384, 200), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 383, 199), outline=0, width=3)
    draw.line((0, 0, 383, 199), fill=0, width=3)
    assert printer.print(image).outcome in set(Proof)

# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyzbar.pyzbar import ZBarSymbol, decode

from kiosk.receipts.code128 import modules, symbols


def test_twenty_two_digits_are_the_symbols_of_set_c() -> None:
    # Start C, eleven pairs, check, stop; the check is the standard's weighted sum modulo 103.
    values = symbols("4405241880010100142601")
    assert values[:3] == [105, 44, 5]
    assert len(values) == 1 + 11 + 2
    assert len(modules("4405241880010100142601")) == 11 * 13 + 13


def drawn(text: str) -> Image.Image:
    bars = modules(text)
    image = Image.new("L", ((len(bars) + 20) * 2, 60), 255)
    for place, black in enumerate(bars):
        if black:
            image.paste(0, ((place + 10) * 2, 0, (place + 11) * 2, 60))
    return image


@pytest.mark.parametrize(
    "text", ["3204020012026120100007", "B03-261201-0007-K", "12", "1", "A1234"]
)
def test_an_independent_reader_reads_the_bars(text: str) -> None:
    assert [found.data.decode() for found in decode(drawn(text), [ZBarSymbol.CODE128])] == [text]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=3, max_size=24))
def test_any_printable_text_is_read_back(text: str) -> None:
    assert [found.data.decode() for found in decode(drawn(text), [ZBarSymbol.CODE128])] == [text]


@pytest.mark.parametrize("text", ["", "张", "a\n"])
def test_what_bars_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        symbols(text)

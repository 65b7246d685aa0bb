# SPDX-License-Identifier: Apache-2.0
import hashlib
from dataclasses import replace

import pytest
from pyzbar.pyzbar import ZBarSymbol, decode

from kiosk.receipts import Kind, build_slip, render
from kiosk.receipts.blocks import Number
from kiosk.receipts.code128 import modules
from kiosk.receipts.preview import SCRIPTS, in_script
from kiosk.receipts.samples import SAMPLES

LONG_NAME = "阿依古丽·买买提·托合提江·𬭛𠀁𫍽𣲗阿布都热依木·吐尔逊江买"
BANNER_ENDS = 300  # rows; the banner alone reaches the paper's edges


def test_the_long_name_has_thirty_characters_and_some_outside_the_basic_plane() -> None:
    assert len(LONG_NAME) == 30
    assert sum(ord(letter) > 0xFFFF for letter in LONG_NAME) == 4


@pytest.mark.parametrize("width_px", [384, 576])
@pytest.mark.parametrize("kind", [Kind.RECEIVED, Kind.STORED, Kind.LOSS])
def test_bars_are_two_dots_thick_at_least_and_stand_when_that_is_too_wide(kind, width_px) -> None:
    # 2 dots at 203 dots an inch are 0.25 mm, the narrowest element that hand scanners are sold for.
    slip = build_slip(kind, SAMPLES[kind])
    payload = next(b.payload for b in slip.blocks if isinstance(b, Number))
    (found,) = decode(render(slip, width_px).convert("L"), [ZBarSymbol.CODE128])
    bars = modules(payload)
    standing = 2 * (len(bars) + 20) > width_px
    assert standing == (kind is Kind.STORED and width_px == 384)
    assert (found.rect.height if standing else found.rect.width) > 1.7 * len(bars)


@pytest.mark.parametrize("width_px", [384, 576])
@pytest.mark.parametrize("kind", [Kind.RECEIVED, Kind.STORED, Kind.TICKET])
def test_type_of_twice_the_size_keeps_its_codes(kind, width_px, read) -> None:
    slip = build_slip(kind, SAMPLES[kind], "en")
    usual, large = render(slip, width_px), render(slip, width_px, 2.0)
    assert (large.mode, large.width) == ("1", width_px)
    assert large.height > 1.5 * usual.height
    assert read(large) == read(usual)
    assert {"CODE128", "QRCODE"} == read(large).keys()


def test_with_a_web_address_the_qr_code_leads_to_the_case(facts, read) -> None:
    slip = build_slip("received", replace(facts, progress_url="https://example.test/r/"))
    assert read(render(slip, 384))["QRCODE"] == "https://example.test/r/3204020012026120100007"


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width_px", [384, 576])
@pytest.mark.parametrize("kind", ["received", "stored"])
def test_the_longest_words_stay_inside_the_paper(facts, kind, width_px, scale, margins) -> None:
    long = replace(
        facts,
        name=LONG_NAME,
        station="伊犁哈萨克自治州伊宁市公安局萨依布依街派出所",
        collect_at="伊犁哈萨克自治州伊宁市公安局萨依布依街派出所户政服务大厅",
        finger_result="failed",
        booth_number="B0300001-261201-0007-K",
        reprint=3,
    )
    image = render(build_slip(kind, long, "en"), width_px, scale)
    assert min(margins(image, round(BANNER_ENDS * scale**2))) >= 2


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("width_px", [384, 576])
def test_other_scripts_stay_inside_the_paper_and_disturb_no_code(
    facts, script, width_px, margins, read
) -> None:
    slip = in_script(build_slip("received", facts, "en"), SCRIPTS[script])
    image = render(slip, width_px)
    assert min(margins(image, 400)) >= 2
    assert read(image).keys() == {"CODE128", "QRCODE"}


def test_a_slip_with_an_unusual_name_is_another_picture(facts) -> None:
    def picture(name: str) -> str:
        data = render(build_slip("received", replace(facts, name=name))).tobytes()
        return hashlib.sha256(data).hexdigest()

    assert len({picture(name) for name in ("张静", "𬭛建国", "𠀁建国", "\U000323af建国")}) == 4


def test_paper_of_another_width_is_refused(facts) -> None:
    with pytest.raises(ValueError, match="384 or 576"):
        render(build_slip("received", facts), 400)


@pytest.mark.parametrize("scale", [0.5, 2.5])
def test_type_of_another_size_is_refused(facts, scale) -> None:
    with pytest.raises(ValueError, match="1 to 2 times"):
        render(build_slip("received", facts), 384, scale)

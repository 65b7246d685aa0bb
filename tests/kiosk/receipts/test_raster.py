# SPDX-License-Identifier: Apache-2.0
import hashlib
from dataclasses import replace

import pytest
from PIL import Image, ImageOps
from pyzbar.pyzbar import decode

from kiosk.receipts import build_slip, render


def read(image: Image.Image) -> dict[str, str]:
    """What an independent reader (zbar) finds on the slip."""
    page = ImageOps.expand(image.convert("L"), 20, 255)
    return {found.type: found.data.decode() for found in decode(page)}


@pytest.mark.parametrize("width_px", [384, 576])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_received_slip_gives_its_number_to_a_reader(facts, lang, width_px) -> None:
    image = render(build_slip("received", facts, lang), width_px)
    assert (image.mode, image.width) == ("1", width_px)
    assert read(image) == {
        "CODE128": "3204020012026120100007",
        "QRCODE": "3204020012026120100007",
    }


def test_bars_too_long_for_narrow_paper_stand_along_its_edge(facts) -> None:
    assert read(render(build_slip("stored", facts), 384)) == {
        "CODE128": "B03-261201-0007-K",
        "QRCODE": "B03-261201-0007-K",
    }


def test_with_a_web_address_the_qr_code_leads_to_the_case(facts) -> None:
    slip = build_slip("received", replace(facts, progress_url="https://example.test/r/"))
    assert read(render(slip, 384))["QRCODE"] == "https://example.test/r/3204020012026120100007"


@pytest.mark.parametrize("width_px", [384, 576])
@pytest.mark.parametrize("kind", ["received", "stored"])
def test_the_longest_words_stay_inside_the_paper(facts, kind, width_px) -> None:
    long = replace(
        facts,
        name="阿依古丽·买买提·托合提江",
        station="伊犁哈萨克自治州伊宁市公安局萨依布依街派出所",
        collect_at="伊犁哈萨克自治州伊宁市公安局萨依布依街派出所户政服务大厅",
        finger_result="failed",
        reprint=3,
    )
    image = render(build_slip(kind, long, "en"), width_px)
    ink = image.convert("L").point([255] * 128 + [0] * 128)
    # The banner alone reaches the edges, so look below it.
    box = ink.crop((0, 280, width_px, ink.height)).getbbox()
    assert box is not None
    assert box[0] >= 2
    assert box[2] <= width_px - 2


def test_a_slip_with_an_unusual_name_is_another_picture(facts) -> None:
    def picture(name: str) -> str:
        data = render(build_slip("received", replace(facts, name=name))).tobytes()
        return hashlib.sha256(data).hexdigest()

    assert len({picture(name) for name in ("张静", "𬭛建国", "𠀁建国", "\U000323af建国")}) == 4


def test_paper_of_another_width_is_refused(facts) -> None:
    with pytest.raises(ValueError, match="384 or 576"):
        render(build_slip("received", facts), 400)

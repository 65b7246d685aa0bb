# SPDX-License-Identifier: Apache-2.0
"""A card on the emulated reader as the visit's identity, and what no resident's card can hold."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from drivers.errors import AskAgainError, CancelledError, OutOfServiceError
from drivers.idreader import IdCard, IdReader, IdReaderSettings
from drivers.idreader_photo import PhotoDecoderError
from firmware_io.emulators.idreader import IdReaderDevice
from firmware_io.emulators.stage import Stage
from kiosk.acts.card import ReadCardAct, identity_of
from kiosk.commands import ReadCard
from kiosk.steps.details import ethnicity_of
from kiosk.texts import words
from kiosk.vault import Vault

ZHANG = "341522199811070025"  # made up
QUICK = IdReaderSettings(
    answer_s=0.4, read_s=0.4, silence_s=0.06, poll_s=0.01, boot_s=0.4, reopen_s=0.3
)


class Rig:
    """Act, driver, wire and module."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.act = ReadCardAct(IdReader(stage.path, settings=QUICK))
        self.told: list[str] = []
        self.off = threading.Event()

    def tell(self, what: str, value: object = None) -> None:
        self.told.append(what)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    device = IdReaderDevice(factor=0.0, seed=7, today=date(2026, 12, 1))
    with Stage(device, link=tmp_path / "idreader") as stage:
        rig = Rig(stage)
        yield rig
        rig.act._reader.close()


def test_a_card_becomes_an_identity_with_real_days(rig: Rig) -> None:
    rig.stage.control({"place_card": ZHANG})
    identity = rig.act.run(ReadCard(), rig.tell, rig.off)
    assert (identity.citizen_no, identity.birth_date) == (ZHANG, date(1998, 11, 7))
    assert (identity.old_card_start, identity.old_card_end) == (
        date(2016, 12, 11),
        date(2026, 12, 11),
    )
    assert rig.told == ["waiting", "found", "reading"]


def test_a_card_of_another_kind_is_asked_away(rig: Rig) -> None:
    rig.stage.control({"place_card": "other"})
    with pytest.raises(AskAgainError) as asked:
        rig.act.run(ReadCard(), rig.tell, rig.off)
    assert asked.value.code == "card.not_id_card"


def test_a_reader_pulled_out_is_a_technician_s_matter(rig: Rig) -> None:
    def unplug(what: str, value: object = None) -> None:
        rig.stage.control({"unplug": True})

    with pytest.raises(OutOfServiceError) as gone:
        rig.act.run(ReadCard(), unplug, rig.off)
    assert gone.value.code == "idreader.unplugged"


def test_a_call_off_before_the_wait_began_is_not_lost(rig: Rig) -> None:
    rig.off.set()
    with pytest.raises(CancelledError):
        rig.act.run(ReadCard(), rig.tell, rig.off)


def card(rig: Rig) -> IdCard:
    rig.stage.control({"place_card": ZHANG})
    return rig.act._reader.read_card(5.0, lambda what: None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth", "19981307"),
        ("valid_from", "20160230"),
        ("valid_to", "soon"),
        ("number", "34152219981107002"),
        ("name", ""),
    ],
)
def test_a_text_that_no_resident_s_card_can_hold_is_unreadable_and_never_repeated(
    rig: Rig, field: str, value: str
) -> None:
    odd = replace(card(rig), **{field: value})
    with pytest.raises(AskAgainError) as asked:
        identity_of(odd)
    assert asked.value.code == "card.unreadable"
    assert "张静" not in str(asked.value)
    assert asked.value.__cause__ is None
    assert asked.value.__suppress_context__


def test_a_long_term_card_has_no_end(rig: Rig) -> None:
    assert identity_of(replace(card(rig), valid_to="长期")).old_card_end is None


class Decoder:
    """Answers every photo with the same bytes."""

    def __init__(self, says: bytes | PhotoDecoderError) -> None:
        self.says, self.asked = says, 0

    def decode(self, wlt: bytes) -> bytes:
        self.asked += 1
        if isinstance(self.says, PhotoDecoderError):
            raise self.says
        return self.says


def _picture(size: tuple[int, int], kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(made, kind)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["BMP", "PNG", "JPEG"])
def test_with_a_decoder_the_chips_photo_is_there_to_be_shown(rig: Rig, kind: str) -> None:
    vault = Vault()
    rig.act = ReadCardAct(rig.act._reader, vault, Decoder(_picture((102, 126), kind)))
    rig.stage.control({"place_card": ZHANG})
    assert rig.act.run(ReadCard(), rig.tell, rig.off).citizen_no == ZHANG
    assert rig.told[-1] == "photo"
    with Image.open(io.BytesIO(vault.get("card-photo"))) as shown:
        assert (shown.format, shown.size) == ("JPEG", (102, 126))


@pytest.mark.parametrize(
    "says",
    [
        b"no picture",
        b"",
        _picture((4000, 4000), "PNG"),
        _picture((102, 126), "GIF"),
        _picture((102, 126), "PNG")[:60],
        PhotoDecoderError("it hangs"),
    ],
)
def test_a_decoder_that_fails_costs_the_photo_and_nothing_else(
    rig: Rig, says: bytes | PhotoDecoderError
) -> None:
    vault = Vault()
    rig.act = ReadCardAct(rig.act._reader, vault, Decoder(says))
    rig.stage.control({"place_card": ZHANG})
    assert rig.act.run(ReadCard(), rig.tell, rig.off).citizen_no == ZHANG
    assert "photo" not in rig.told
    assert vault.get("card-photo") == b""


@pytest.mark.parametrize(("code", "kept"), [("77", "77"), ("", ""), ("A1", "A1")])
def test_nobody_is_refused_for_an_ethnicity_that_no_list_knows(
    rig: Rig, code: str, kept: str
) -> None:
    rig.stage.control({"place_card": ZHANG, "with": {"ethnicity_code": code}})
    identity = rig.act.run(ReadCard(), rig.tell, rig.off)
    assert identity.ethnicity == kept
    assert words(ethnicity_of(kept), "zh")


def test_a_sex_that_no_list_knows_is_the_code_for_unknown(rig: Rig) -> None:
    rig.stage.control({"place_card": ZHANG, "with": {"sex_code": "7"}})
    assert rig.act.run(ReadCard(), rig.tell, rig.off).sex == "0"

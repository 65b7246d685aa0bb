# SPDX-License-Identifier: Apache-2.0
"""A finished card on the emulated reader: what staff see of it, and what stays in the booth."""

import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from drivers.errors import AskAgainError, CancelledError, RefusedError
from drivers.idreader import IdReader, IdReaderSettings
from firmware_io.emulators.idreader import IdReaderDevice
from firmware_io.emulators.stage import Stage
from idcard.keys import OpeningKey
from idcard.records import CardInBin
from idcard.sealing import SealContext, open_sealed
from kiosk.acts.bins_card import CardInHand, ReadNewCardAct
from kiosk.cabinet import NewCard
from kiosk.commands import ReadNewCard
from kiosk.sealer import Sealer

COUNTER, CENTRE = OpeningKey.generate(), OpeningKey.generate()
TODAY = date(2026, 12, 1)
NOW = datetime.fromisoformat("2026-12-01T09:00:00+08:00")
ZHANG = "341522199811070025"  # these people are made up; this card ends in ten days
LONG_TERM, OVER, ENDS = "370202194105200013", "110101199003070011", "320412201011300061"
QUICK = IdReaderSettings(
    answer_s=0.4, read_s=0.4, silence_s=0.06, poll_s=0.01, boot_s=0.4, reopen_s=0.3
)


class Rig:
    """Act, driver, wire and module; `now` is the booth's clock."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.now, self.hand = stage, NOW, CardInHand()
        self.reader = IdReader(stage.path, settings=QUICK)
        sealer = Sealer("B03", UUID(int=7), COUNTER.recipient, CENTRE.recipient)
        self.act = ReadNewCardAct(self.reader, sealer, self.hand, lambda: self.now)
        self.off = threading.Event()

    def read(self, number: str) -> NewCard:
        self.stage.control({"place_card": number})
        try:
            return self.act.run(ReadNewCard(), lambda *_: None, self.off)
        finally:
            self.stage.control({"remove_card": True})


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    device = IdReaderDevice(factor=0.0, seed=7, today=TODAY)
    with Stage(device, link=tmp_path / "idreader") as stage:
        rig = Rig(stage)
        yield rig
        rig.reader.close()


def test_staff_see_the_card_masked_and_its_person_is_sealed_to_the_counter(rig: Rig) -> None:
    assert rig.read(ZHANG) == NewCard("张*", "341522**********25", date(2026, 12, 11))
    held = rig.hand.held
    assert held is not None
    context = SealContext.of_card("B03", held.id)
    record = CardInBin.model_validate_json(open_sealed(held.sealed, COUNTER, context=context))
    assert (record.citizen_no, record.name, record.loaded_at) == (ZHANG, "张静", NOW)
    kept = repr((rig.hand, vars(rig.hand), vars(rig.act), held)).encode() + held.sealed
    assert ZHANG.encode() not in kept
    assert "张静".encode() not in kept


def test_every_card_has_an_id_of_its_own_that_says_nothing_of_the_person(rig: Rig) -> None:
    ids = set()
    for _ in range(2):
        rig.read(ZHANG)
        assert rig.hand.held is not None
        ids.add(rig.hand.held.id)
    assert len(ids) == 2
    assert all(len(one) == 32 and UUID(one).version == 4 for one in ids)


def test_a_long_term_card_has_no_end(rig: Rig) -> None:
    assert rig.read(LONG_TERM).end is None


def test_a_card_whose_validity_is_over_is_refused_and_not_held(rig: Rig) -> None:
    rig.read(ZHANG)
    with pytest.raises(RefusedError) as refused:
        rig.read(OVER)
    assert refused.value.code == "bins.card_over"
    assert rig.hand.held is None


def test_a_card_is_valid_on_its_last_day_and_not_on_the_next(rig: Rig) -> None:
    end = rig.read(ZHANG).end
    assert end is not None
    rig.now = NOW.replace(day=end.day)
    rig.read(ZHANG)
    rig.now = NOW.replace(day=end.day + 1)
    with pytest.raises(RefusedError):
        rig.read(ZHANG)


def test_a_card_of_another_kind_is_not_held(rig: Rig) -> None:
    with pytest.raises(AskAgainError) as told:
        rig.read("other")
    assert told.value.code == "card.not_id_card"
    assert rig.hand.held is None


def test_a_reading_that_was_called_off_before_it_began_reads_nothing(rig: Rig) -> None:
    rig.off.set()
    with pytest.raises(CancelledError):
        rig.read(ZHANG)
    assert rig.hand.held is None

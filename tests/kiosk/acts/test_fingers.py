# SPDX-License-Identifier: Apache-2.0
"""Fingers through act, driver, wire and emulated module: taken, sealed, and proven gone."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from uuid6 import uuid7

from drivers.errors import CancelledError, OutOfServiceError
from drivers.fingerprint import (
    CapturedFinger,
    FingerImage,
    Fingerprint,
    FingerprintSettings,
)
from firmware_io.emulators.fingerprint import FingerprintEmulator
from idcard.keys import OpeningKey
from idcard.records import Finger, FingerprintsPart, FingerResult, NoneReason, Part
from idcard.sealing import SealContext, open_sealed
from kiosk.acts.fingers import FingersAct
from kiosk.commands import EnrolFinger, SealFingers
from kiosk.facts import FingerHint, FingerOutcome
from kiosk.sealer import Sealer

QUICK: dict[str, Any] = {
    "poll_s": 0.002,
    "wait_s": 20.0,
    "lift_s": 20.0,
    "quiet_s": 0.003,
    # A slow machine's, too; only a silent module makes anybody wait as long.
    "image_answer_s": 2.0,
    "answer_s": 2.0,
    "work_answer_s": 20.0,
    "match_answer_s": 20.0,
    "empty_answer_s": 20.0,
    "replug_s": 0.0,
}
CENTRE = OpeningKey.generate()


class Rig:
    """An act with a citizen who does what the screen says."""

    def __init__(self, module: FingerprintEmulator, *, images: bool = False) -> None:
        self.module = module
        settings = FingerprintSettings(**QUICK, images=images)
        self.driver = Fingerprint(module.path, settings=settings)
        self.driver.start()
        self.sealer = Sealer("B03", uuid7(), OpeningKey.generate().recipient, CENTRE.recipient)
        self.act = FingersAct(self.driver, self.sealer)
        self.off = threading.Event()
        self.hints: list[FingerHint] = []
        self.finger = "right-thumb"
        self.on: dict[str, dict[str, Any]] = {}

    def tell(self, what: str, hint: Any = None) -> None:
        self.hints.append(hint)
        if hint.kind in self.on:
            self.module.control(self.on.pop(hint.kind))
        elif hint.kind in ("waiting", "again", "same_finger"):
            self.module.control({"place": self.finger, "quality": "good"})
        elif hint.kind == "lift":
            self.module.control({"lift": True})

    def enrol(self, position: str, slot: int) -> FingerOutcome:
        self.module.control({"lift": True})
        self.finger = position
        outcome = self.act.run(EnrolFinger(position, slot), self.tell, self.off)
        assert outcome is not None
        return outcome

    def until_empty(self) -> None:
        end = time.monotonic() + 40.0
        while self.traces != {"flash": 0, "ram": 0}:
            assert time.monotonic() < end, "the module still holds a finger"
            time.sleep(0.01)

    def sealed(self) -> tuple[Finger, ...]:
        sealed = self.sealer.parts()[Part.FINGERPRINTS]
        context = SealContext.of_part("B03", self.sealer.application_id, Part.FINGERPRINTS)
        opened = open_sealed(sealed, CENTRE, context=context)
        return FingerprintsPart.model_validate_json(opened).fingers

    @property
    def traces(self) -> dict[str, int]:
        return self.module.control({"status": True})["traces"]

    @property
    def pages(self) -> int:
        return self.traces["flash"]


@pytest.fixture
def rig() -> Iterator[Rig]:
    with FingerprintEmulator("as608", factor=0.0, seed=1) as module:
        rig = Rig(module)
        yield rig
        rig.driver.close()


def test_two_fingers_are_sealed_to_the_card_centre_and_the_module_is_empty(rig: Rig) -> None:
    taken = (rig.enrol("right-thumb", 1), rig.enrol("left-thumb", 2))
    assert rig.pages == 2, "they are kept for the next finger's comparison"
    rig.act.run(SealFingers(taken), rig.tell, rig.off)
    rig.until_empty()  # beside the citizen, who goes on
    sealed = rig.sealer.parts()[Part.FINGERPRINTS]
    context = SealContext.of_part("B03", rig.sealer.application_id, Part.FINGERPRINTS)
    part = FingerprintsPart.model_validate_json(open_sealed(sealed, CENTRE, context=context))
    assert [one.position for one in part.fingers] == ["right-thumb", "left-thumb"]
    assert all(len(one.template) == 512 for one in part.fingers)


def test_a_hand_without_a_finger_is_sealed_with_its_reason(rig: Rig) -> None:
    none = FingerOutcome(1, "right-thumb", FingerResult.NONE, 0, None, NoneReason.MISSING)
    rig.act.run(SealFingers((none, rig.enrol("left-thumb", 2))), rig.tell, rig.off)
    sealed = rig.sealer.parts()[Part.FINGERPRINTS]
    context = SealContext.of_part("B03", rig.sealer.application_id, Part.FINGERPRINTS)
    first, second = FingerprintsPart.model_validate_json(
        open_sealed(sealed, CENTRE, context=context)
    ).fingers
    assert (first.result, first.none_reason, first.template) == ("none", "missing", b"")
    assert second.template


def test_a_module_pulled_out_under_the_finger_takes_none_and_back_it_serves_the_next(
    rig: Rig,
) -> None:
    rig.on["pressed"] = {"unplug": True}
    with pytest.raises(OutOfServiceError) as gone:
        rig.enrol("right-thumb", 1)
    assert gone.value.code == "fingerprint.unplugged"
    with pytest.raises(OutOfServiceError):
        rig.act.wipe()
    rig.module.control({"replug": True})
    rig.driver._module._link.path = rig.module.path  # a pty has another name then
    rig.act.wipe()
    assert rig.pages == 0


def test_a_silent_module_is_told_and_a_wipe_that_is_not_proven_is_no_wipe(rig: Rig) -> None:
    rig.enrol("right-thumb", 1)
    rig.module.control({"fault": {"silent": True, "times": 0}})
    with pytest.raises(OutOfServiceError) as silent:
        rig.act.run(EnrolFinger("left-thumb", 2), rig.tell, rig.off)
    assert silent.value.code == "fingerprint.silent"
    with pytest.raises(OutOfServiceError):
        rig.act.wipe()
    rig.module.control({"fault": {}})
    rig.act.wipe()
    assert rig.pages == 0


def test_templates_of_a_front_that_fell_are_gone_when_the_next_one_starts(rig: Rig) -> None:
    rig.enrol("right-thumb", 1)
    rig.driver.close()  # as a kill: closes the port, wipes nothing
    assert rig.pages == 1
    rig.driver.start()
    assert rig.pages == 0


def test_a_first_finger_taken_again_begins_with_an_empty_module(rig: Rig) -> None:
    rig.enrol("right-thumb", 1)
    rig.enrol("right-thumb", 1)
    assert rig.pages == 1
    assert "same_finger" not in [hint.kind for hint in rig.hints]


def test_a_capture_that_was_called_off_before_it_began_takes_nothing(rig: Rig) -> None:
    rig.off.set()
    with pytest.raises(CancelledError):
        rig.enrol("right-thumb", 1)
    assert rig.pages == 0


def test_images_are_sealed_with_their_fingers_only_where_the_booth_is_set_to() -> None:
    with FingerprintEmulator("r503", factor=0.0, seed=1) as module:
        for images in (False, True):
            rig = Rig(module, images=images)
            taken = (rig.enrol("right-thumb", 1), rig.enrol("left-thumb", 2))
            rig.act.run(SealFingers(taken), rig.tell, rig.off)
            rig.until_empty()
            first, second = rig.sealed()
            size = 192 * 192 // 2 if images else 0
            assert (len(first.image), len(second.image)) == (size, size)
            assert (first.image_width, second.image_width) == (192 * images, 192 * images)
            assert not images or first.image != second.image
            rig.driver.close()


def test_an_image_on_its_way_keeps_neither_the_next_finger_nor_the_wipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FingerprintEmulator("r503", factor=0.0, seed=1) as module:
        rig = Rig(module, images=True)
        fetch, gate = rig.driver.fetch_image, threading.Event()

        def slow(finger: CapturedFinger, *, stopped: Callable[[], bool]) -> FingerImage | None:
            while not gate.wait(0.005) and not stopped():
                pass
            return fetch(finger, stopped=stopped)

        monkeypatch.setattr(rig.driver, "fetch_image", slow)
        rig.enrol("right-thumb", 1)
        rig.hints.clear()
        assert rig.enrol("left-thumb", 2).position == "left-thumb"
        assert rig.hints[0].kind == "lift", "the citizen is told to take the finger off meanwhile"
        rig.act.wipe()  # with the second image still on its way
        assert rig.traces == {"flash": 0, "ram": 0}
        gate.set()
        rig.driver.close()


def test_an_early_leaver_leaves_nothing_in_the_module(rig: Rig) -> None:
    rig.enrol("right-thumb", 1)
    rig.act.wipe()
    assert rig.traces == {"flash": 0, "ram": 0}

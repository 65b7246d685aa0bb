# SPDX-License-Identifier: Apache-2.0
"""The panel and the voice on a whole booth: keys, the call for help, failing mains, and an ear."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from drivers.speaker import LEVELS_DB, USUAL
from firmware_io.emulators.speaker import SpeakerEmulator
from kiosk import voice_maker
from kiosk.stack.stack import Stack
from kiosk.view import Text, text
from kiosk.visit.door import Door, DoorError
from kiosk.voice_prompts import Prompts

pytestmark = [
    pytest.mark.visit,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("visits-b"),
    pytest.mark.skipif(not voice_maker.available(), reason="espeak-ng is not installed"),
]


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeakerEmulator]:
    with SpeakerEmulator(tmp_path_factory.mktemp("ear") / "sound", factor=0) as made:
        yield made


@pytest.fixture(scope="module")
def stack(ear: SpeakerEmulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    speaker = {"device": f"file:FILE={ear.path},FORMAT=raw"}
    booth = {"devices": {"speaker": speaker}}
    folder = tmp_path_factory.mktemp("panel")
    with Stack(folder, factor=0.2, booth=booth, say=lambda line: None) as running:
        yield running


def until(there: Callable[[], bool], seconds: float = 180.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def shown(stack: Stack) -> dict[str, Any]:
    """What the front of the moment shows; one that is being replaced shows nothing."""
    try:
        door = Door(stack.door)
        view = door.view()
    except DoorError:
        return {"step_name": "", "heading_key": "", "reason_key": "", "buttons": [], "voice": None}
    door.close()
    return view


def heard(ear: SpeakerEmulator, *said: Text) -> bool:
    """Whether these sentences are in the air, at the usual volume."""
    air = np.frombuffer(ear.heard(), "<i2").astype(float)
    wanted = np.frombuffer(Prompts().samples(said, "zh"), "<i2") * 10 ** (LEVELS_DB[USUAL] / 20)
    if len(air) < len(wanted):
        return False
    size = 1 << (len(air) + len(wanted)).bit_length()
    match = np.fft.irfft(np.fft.rfft(air, size) * np.conj(np.fft.rfft(wanted, size)))
    return bool(match.max() > 0.95 * np.dot(wanted, wanted))


def test_a_visit_begins_by_keys_and_by_ear_help_is_called_and_failing_mains_end_it(
    stack: Stack, ear: SpeakerEmulator
) -> None:
    until(lambda: "start" in shown(stack)["buttons"])
    until(lambda: shown(stack)["voice"] is True)  # the sound card has been tried
    stack.control("panel", {"presence": True})
    until(lambda: heard(ear, text("welcome.heading")))

    for _mark_then_act in range(2):
        stack.control("panel", {"press": "choose"})
        time.sleep(0.5)  # a hand
    until(lambda: shown(stack)["step_name"] == "menu")
    until(lambda: heard(ear, text("menu.heading")))

    stack.control("panel", {"press": "call"})
    until(lambda: shown(stack)["heading_key"] == "overlay.staff.heading")
    until(lambda: stack.control("panel", {"lamps": True})["lamps"]["status"] == 1.0)
    until(lambda: heard(ear, text("overlay.staff.heading")))

    stack.control("panel", {"power": "failing"})
    until(lambda: shown(stack)["reason_key"] == "panel.power_failing")
    until(lambda: shown(stack)["step_name"] == "welcome")
    until(lambda: shown(stack)["reason_key"] == "panel.power_failing")
    stack.control("panel", {"power": "good"})
    until(lambda: "start" in shown(stack)["buttons"])

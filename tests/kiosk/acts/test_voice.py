# SPDX-License-Identifier: Apache-2.0
"""From a view to sound in the air: the real prompts, the real player, an ear at the far side."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.speaker import LEVELS_DB, USUAL, Manner, Speaker
from firmware_io.emulators.speaker import SpeakerEmulator
from kiosk import voice, voice_maker
from kiosk.acts.voice import Voice
from kiosk.view import Button, Role, Screen, View, text
from kiosk.voice import Talk
from kiosk.voice_prompts import Prompts

pytestmark = pytest.mark.skipif(
    shutil.which("aplay") is None or not voice_maker.available(),
    reason="alsa-utils or espeak-ng is not installed",
)
SECONDS = 40.0
CARD = View(
    Screen.CARD,
    text("identify.heading"),
    text("section.renew"),
    buttons=(Button("next", text("frame.next"), Role.PRIMARY),),
)
WAIT = View(Screen.WAIT, text("fingers.sealing"), text("section.fingers"))


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


class Booth:
    """A voice whose speaker is heard; the ear takes sound as fast as it comes."""

    def __init__(self, folder: Path, manner: voice.Manner) -> None:
        self.ear = SpeakerEmulator(folder / "sound", factor=0)
        self.ear.open()
        patient = Manner(late_s=SECONDS, probe_s=SECONDS)
        self.speaker = Speaker(f"file:FILE={self.ear.path},FORMAT=raw", manner=patient)
        self.speaker.start()
        self.prompts = Prompts(folder / "prompts")
        self.voice = Voice(self.speaker, self.prompts, talk=Talk(manner))

    def close(self) -> None:
        self.voice.close()
        self.speaker.close()
        self.ear.close()

    @property
    def utterances(self) -> int:
        return self.ear.control({"status": True})["utterances"]

    def heard(self, sent: bytes, *, gain_db: float = LEVELS_DB[USUAL]) -> bool:
        """Whether these samples, at this volume, are in what the ear heard."""
        heard = np.frombuffer(self.ear.heard(), "<i2").astype(float)
        wanted = np.frombuffer(sent, "<i2") * 10 ** (gain_db / 20)
        if len(heard) < len(wanted):
            return False
        size = 1 << (len(heard) + len(wanted)).bit_length()
        match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)))
        return bool(match.max() > 0.98 * np.dot(wanted, wanted))


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    made = Booth(tmp_path, voice.Manner(settle_s=0.0, again_s=3600.0))
    yield made
    made.close()


def test_the_heading_and_the_one_thing_to_do_are_in_the_air(booth: Booth) -> None:
    view = View(Screen.CARD, CARD.heading, CARD.section, lines=(text("identify.line"),))
    booth.voice.shown(view, "zh", on=True)
    until(lambda: booth.utterances == 1)
    assert booth.heard(booth.prompts.samples((CARD.heading,), "zh"))
    assert not booth.heard(booth.prompts.samples((WAIT.heading,), "zh"))


def test_english_words_are_said_in_english(booth: Booth) -> None:
    booth.voice.shown(CARD, "en", on=True)
    until(lambda: booth.utterances == 1)
    assert booth.heard(booth.prompts.samples((CARD.heading,), "en"))


def test_a_voice_that_is_off_says_nothing_and_on_says_the_screen(booth: Booth) -> None:
    booth.voice.shown(CARD, "zh", on=False)
    booth.voice.shown(WAIT, "zh", on=False)
    booth.voice.shown(WAIT, "zh", on=True)
    until(lambda: booth.utterances == 1)
    assert booth.heard(booth.prompts.samples((WAIT.heading,), "zh"))
    assert not booth.heard(booth.prompts.samples((CARD.heading,), "zh"))


def test_the_volume_key_says_the_screen_again_at_the_new_volume(booth: Booth) -> None:
    booth.voice.shown(CARD, "zh", on=True)
    until(lambda: booth.utterances == 1)
    booth.ear.control({"forget": True})
    booth.voice.louder()
    until(lambda: booth.utterances == 1)
    assert booth.heard(booth.prompts.samples((CARD.heading,), "zh"), gain_db=LEVELS_DB[2])


def test_silence_brings_the_screen_again_with_the_place_of_its_button(tmp_path: Path) -> None:
    booth = Booth(tmp_path, voice.Manner(settle_s=0.0, apart_s=0.0, again_s=0.3, times=1))
    booth.voice.shown(CARD, "zh", on=True)
    place = text("voice.press.primary", button=text("frame.next"))
    until(lambda: booth.heard(booth.prompts.samples((place,), "zh")))
    booth.close()


def test_a_hung_card_keeps_nobody_waiting(booth: Booth) -> None:
    booth.ear.control({"fault": {"hang": True}})
    booth.voice.shown(CARD, "zh", on=True)
    until(lambda: booth.speaker.talking)
    for view in (WAIT, CARD) * 500:
        booth.voice.shown(view, "zh", on=True)
    booth.voice.close()
    assert not any(one.name == "voice" for one in threading.enumerate())


def test_prompts_that_fail_do_not_end_the_voice(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = booth.prompts.samples
    tried = threading.Event()

    def broken(*_given: object) -> bytes:
        tried.set()
        raise RuntimeError("bug")

    monkeypatch.setattr(booth.prompts, "samples", broken)
    booth.voice.shown(CARD, "zh", on=True)
    assert tried.wait(SECONDS)
    monkeypatch.setattr(booth.prompts, "samples", whole)
    booth.voice.shown(WAIT, "zh", on=True)
    until(lambda: booth.utterances == 1)

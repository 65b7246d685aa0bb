# SPDX-License-Identifier: Apache-2.0
"""The speaker through the real aplay and ALSA, with an emulated loudspeaker at the far side."""

import shutil
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.errors import OutOfServiceError
from drivers.health import State
from drivers.speaker import LEVELS_DB, USUAL, Manner, Speaker
from firmware_io.emulators.speaker import SpeakerEmulator
from firmware_io.links.sound import RATE_HZ

pytestmark = pytest.mark.skipif(shutil.which("aplay") is None, reason="alsa-utils is not installed")
PATIENT = Manner(late_s=40.0, probe_s=40.0, again_s=0.2)
SECONDS = 40.0


def tone(seconds: float, hertz: float = 440.0, height: int = 20000) -> bytes:
    wave_of = np.sin(np.arange(round(seconds * RATE_HZ)) * 2 * np.pi * hertz / RATE_HZ)
    return (height * wave_of).astype("<i2").tobytes()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[SpeakerEmulator]:
    with SpeakerEmulator(tmp_path / "sound") as made:
        yield made


@pytest.fixture
def speaker(ear: SpeakerEmulator) -> Iterator[Speaker]:
    made = Speaker(f"file:FILE={ear.path},FORMAT=raw", manner=PATIENT)
    made.start()
    yield made
    made.close()


def utterances(ear: SpeakerEmulator) -> int:
    return ear.control({"status": True})["utterances"]


def sounding(ear: SpeakerEmulator) -> np.ndarray:
    """What was heard, without the silence before and after."""
    heard = np.frombuffer(ear.heard(), "<i2")
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 20)
    return heard[loud[0] : loud[-1] + 1] if len(loud) else heard[:0]


def test_the_samples_of_a_prompt_arrive_whole_and_at_the_usual_volume(
    speaker: Speaker, ear: SpeakerEmulator, tmp_path: Path
) -> None:
    assert speaker.health().state is State.READY
    said = tone(0.4)
    speaker.play(said)
    until(lambda: utterances(ear) == 1)
    sent = np.frombuffer(said, "<i2")
    heard = sounding(ear)
    gain = 10 ** (LEVELS_DB[USUAL] / 20)
    assert abs(len(heard) - len(sent)) < 10
    assert np.abs(heard).max() == pytest.approx(20000 * gain, rel=0.01)
    spectrum = np.abs(np.fft.rfft(heard.astype(float)))
    assert np.argmax(spectrum) * RATE_HZ / len(heard) == pytest.approx(440, abs=5)
    assert ear.control({"record": str(tmp_path / "heard.wav")}) == {"ok": True}
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22050, 1, 2)


def test_a_newer_utterance_cuts_the_older(speaker: Speaker, ear: SpeakerEmulator) -> None:
    speaker.play(tone(30.0, 300))
    until(lambda: ear.control({"status": True})["playing"])
    speaker.play(tone(0.3, 1500))
    until(lambda: not speaker.talking)
    until(lambda: not ear.control({"status": True})["playing"])
    heard = sounding(ear)
    assert len(heard) < 25 * RATE_HZ
    last = heard[-round(0.2 * RATE_HZ) :].astype(float)
    assert np.argmax(np.abs(np.fft.rfft(last))) * RATE_HZ / len(last) == pytest.approx(1500, abs=9)


def test_hush_stops_at_once_and_the_next_utterance_is_heard(
    speaker: Speaker, ear: SpeakerEmulator
) -> None:
    speaker.play(tone(30.0))
    until(lambda: ear.control({"status": True})["playing"])
    speaker.hush()
    until(lambda: not speaker.talking)
    until(lambda: utterances(ear) == 1)
    assert len(sounding(ear)) < 25 * RATE_HZ
    ear.control({"forget": True})
    speaker.play(tone(0.2))
    until(lambda: utterances(ear) == 1)


def test_the_end_of_an_utterance_is_told_once_and_a_cut_one_s_is_not(
    speaker: Speaker, ear: SpeakerEmulator
) -> None:
    told: list[int] = []
    speaker.on_end(lambda: told.append(utterances(ear)))
    speaker.play(tone(30.0))
    until(lambda: ear.control({"status": True})["playing"])
    speaker.play(tone(0.2))
    until(lambda: len(told) == 1)
    assert not speaker.talking


def test_the_volume_key_goes_round_and_headphones_begin_quietly(
    speaker: Speaker, ear: SpeakerEmulator
) -> None:
    loud = []
    for expected in (2, 0, 1):
        assert speaker.louder() == expected
        ear.control({"forget": True})
        speaker.play(tone(0.1))
        until(lambda: utterances(ear) == 1)
        loud.append(int(np.abs(sounding(ear)).max()))
    assert loud[0] > 3 * loud[2] > 9 * loud[1]
    assert 20 * np.log10(loud[0] / loud[1]) == pytest.approx(20, abs=0.1)
    speaker.private(True)
    assert speaker.level_db == LEVELS_DB[0]
    speaker.louder()
    speaker.private(True)
    assert speaker.level_db == LEVELS_DB[1], "only putting them in sets the volume"
    speaker.private(False)
    assert speaker.level_db == LEVELS_DB[USUAL]


def test_without_a_sound_card_the_speaker_is_ill_and_says_nothing(tmp_path: Path) -> None:
    speaker = Speaker("hw:CARD=nosuchcard", manner=PATIENT)
    with pytest.raises(OutOfServiceError) as caught:
        speaker.start()
    assert caught.value.code == "speaker.absent"
    assert (speaker.health().state, speaker.health().remedy) == (
        State.ILL,
        "speaker.absent.remedy",
    )
    speaker.play(tone(0.1))
    assert not speaker.talking
    speaker.close()


def test_without_a_player_the_reason_is_another() -> None:
    speaker = Speaker("null", player="/nowhere/aplay", manner=PATIENT)
    with pytest.raises(OutOfServiceError, match="no_player"):
        speaker.start()
    speaker.close()


def test_a_hung_card_blocks_nobody_is_told_and_comes_back_by_itself(ear: SpeakerEmulator) -> None:
    speaker = Speaker(
        f"file:FILE={ear.path},FORMAT=raw", manner=Manner(late_s=0.2, probe_s=40.0, again_s=0.2)
    )
    speaker.start()
    ear.control({"fault": {"hang": True}})
    speaker.play(tone(0.5))  # more than pipe and card buffer hold
    until(lambda: speaker.health().reason == "speaker.hung")
    ear.control({"fault": {}})
    until(lambda: speaker.health().state is State.READY)
    speaker.close()


def test_a_card_that_is_pulled_and_put_back_speaks_again(
    speaker: Speaker, ear: SpeakerEmulator
) -> None:
    speaker.play(tone(30.0))
    until(lambda: ear.control({"status": True})["playing"])
    ear.control({"unplug": True})
    until(lambda: speaker.health().reason == "speaker.failed")
    ear.control({"replug": True})
    until(lambda: speaker.health().state is State.READY)
    ear.control({"forget": True})
    speaker.play(tone(0.1))
    until(lambda: utterances(ear) == 1)


def test_a_booth_without_a_speaker_says_absent() -> None:
    speaker = Speaker(fitted=False)
    speaker.start()
    speaker.play(tone(0.1))
    assert speaker.health().state is State.ABSENT
    speaker.close()


def test_closing_ends_what_is_being_said_and_the_thread(
    speaker: Speaker, ear: SpeakerEmulator
) -> None:
    speaker.play(tone(30.0))
    until(lambda: ear.control({"status": True})["playing"])
    speaker.close()
    until(lambda: utterances(ear) == 1)
    assert len(sounding(ear)) < 25 * RATE_HZ
    speaker.play(tone(0.1))
    assert not speaker.talking

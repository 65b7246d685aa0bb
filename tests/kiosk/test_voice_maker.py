# SPDX-License-Identifier: Apache-2.0
"""The synthesiser says Chinese as Chinese, and neither hangs nor leaks."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from kiosk import voice_maker
from kiosk.texts import catalogue
from kiosk.voice_maker import RATE_HZ, VOICES, VoiceError, respelt, say

needs_espeak = pytest.mark.skipif(
    not voice_maker.available(), reason="espeak-ng is not installed here"
)
PATIENCE_S = 60.0


def phonemes(words: str, voice: str) -> str:
    told = subprocess.run(
        ["espeak-ng", "-q", "-x", "-b", "1", "-v", voice, "--stdin"],
        input=words.encode(),
        capture_output=True,
        check=True,
        timeout=PATIENCE_S,
    )
    return told.stdout.decode()


@needs_espeak
def test_chinese_is_not_read_as_english_pinyin() -> None:
    # espeak-ng marks a change of language by (en) in its phonemes; the voice cmn of 1.51 does so
    # for nearly every character (issues 1028, 1236, 1370).
    assert "(en)" in phonemes("OK", "cmn")
    said = [one for one in catalogue("zh").values() if "{" not in one and one.isalpha()]
    own = [one for one in said if not any("a" <= letter.lower() <= "z" for letter in one)]
    assert len(own) > 300
    assert "(en)" not in phonemes("\n".join(respelt(one) for one in own), VOICES["zh"][0])


@needs_espeak
@pytest.mark.parametrize(
    ("words", "sound"),
    [
        # Tones as Xiandai Hanyu Cidian gives them: chong2, ying4, tiao2; kh'A21 is ka3.
        ("请重新开始", "ts.h'ong35"),
        ("没有反应", "j'i51N"),
        ("正在调灯", "thj'Au35"),
        ("平放在读卡区", "kh'A21"),
        ("您还在吗", "X'ai35"),
        ("擦干手指", "k'a55n"),
    ],
)
def test_a_character_with_two_readings_is_read_the_right_way(words: str, sound: str) -> None:
    assert sound in phonemes(respelt(words), VOICES["zh"][0])


@needs_espeak
@pytest.mark.parametrize(("language", "words"), [("zh", "请坐正"), ("en", "Sit straight")])
def test_a_sentence_has_sound_and_no_silence_at_its_ends(language: str, words: str) -> None:
    heard = np.frombuffer(say(words, language, patience_s=PATIENCE_S), "<i2")
    assert 0.4 < len(heard) / RATE_HZ < 4
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 150)
    assert loud[0] < 0.05 * RATE_HZ
    assert len(heard) - loud[-1] < 0.05 * RATE_HZ


def test_words_never_stand_in_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "espeak-ng"
    spy.write_text('#!/bin/sh\necho "$@" > "$0.args"\nexit 3\n')
    spy.chmod(0o755)
    monkeypatch.setattr(voice_maker, "PROGRAM", str(spy))
    with pytest.raises(VoiceError, match="status 3") as caught:
        say("张静", "zh", patience_s=PATIENCE_S)
    assert "张静" not in (tmp_path / "espeak-ng.args").read_text() + str(caught.value)


def test_a_synthesiser_that_hangs_is_left_after_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "espeak-ng"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr(voice_maker, "PROGRAM", str(slow))
    with pytest.raises(VoiceError, match="TimeoutExpired"):
        say("请坐正", "zh", patience_s=0.2)


def test_a_missing_synthesiser_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_maker, "PROGRAM", "espeak-that-nobody-has")
    assert shutil.which(voice_maker.PROGRAM) is None
    assert not voice_maker.available()
    with pytest.raises(VoiceError, match="not installed"):
        say("请坐正", "zh")

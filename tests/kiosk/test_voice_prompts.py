# SPDX-License-Identifier: Apache-2.0
"""Spoken sentences: made once, found again by their words, replaced by a person's recording."""

import warnings
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import voice_maker, voice_prompts
from kiosk.view import Money, text
from kiosk.voice_maker import RATE_HZ, VoiceError
from kiosk.voice_prompts import PAUSE_S, Prompts, _packed, _unpacked, build, complete, sentences

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop  # Python 3.11's own G.711 coder, to compare with


class Maker:
    """Stands in for the synthesiser: sound whose length tells the words."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.broken = False

    def __call__(self, spoken: str, language: str, *, patience_s: float = 2.0) -> bytes:
        if self.broken:
            raise VoiceError("broken")
        self.said.append((language, spoken))
        return np.full(len(spoken) * 10, 1000, "<i2").tobytes()


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    made = Maker()
    monkeypatch.setattr(voice_maker, "say", made)
    return made


@given(st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2]))
def test_files_are_g711_mu_law(samples: bytes) -> None:
    assert _packed(samples) == audioop.lin2ulaw(samples, 2)
    if samples:
        assert _unpacked(_packed(samples)) == audioop.ulaw2lin(_packed(samples), 2)


def test_every_catalogue_sentence_without_places_is_made_and_paper_is_not() -> None:
    said = dict.fromkeys(sentences())
    assert ("zh", "请坐正看镜头") in said or len(said) > 600
    assert not any("{" in words for _language, words in said)
    assert not any("记录摘要" in words for _language, words in said)
    assert {language for language, _words in said} == {"zh", "en"}


def test_building_is_repeated_at_no_cost_and_forgets_what_nobody_says(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_prompts, "sentences", lambda: iter([("zh", "一"), ("en", "one")]))
    assert not complete(tmp_path)
    assert build(tmp_path) == 2
    assert complete(tmp_path)
    assert build(tmp_path) == 2
    assert len(maker.said) == 2
    monkeypatch.setattr(voice_prompts, "sentences", lambda: iter([("zh", "二"), ("en", "one")]))
    build(tmp_path)
    assert sorted(maker.said)[-1] == ("zh", "二")
    assert len(list(tmp_path.iterdir())) == 3  # two sentences and the stamp


def test_a_build_that_breaks_off_is_not_called_complete(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_prompts, "sentences", lambda: iter([("zh", "一")]))
    maker.broken = True
    with pytest.raises(VoiceError):
        build(tmp_path)
    assert not complete(tmp_path)
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(".")] == []


def test_a_sentence_that_was_built_is_not_made_again(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_prompts, "sentences", lambda: iter([("zh", "我还在")]))
    build(tmp_path)
    said = Prompts(tmp_path).samples((text("frame.stay"),), "zh")
    assert len(said) == 2 * 30
    assert len(maker.said) == 1


def test_a_sentence_with_a_named_part_is_made_when_said_and_leaves_no_file(
    tmp_path: Path, maker: Maker
) -> None:
    prompts = Prompts(tmp_path)
    asked = text("voice.press.primary", button=text("frame.next"))
    for _ in range(3):
        assert len(prompts.samples((asked,), "zh")) == 20 * len("继续，请按屏幕右下角")
    assert maker.said == [("zh", "继续，请按屏幕右下角")]
    prompts.samples((text("fee.heading", fee=Money(2000)),), "zh")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", None])
def test_a_damaged_or_lost_file_is_made_anew_in_memory(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    monkeypatch.setattr(voice_prompts, "sentences", lambda: iter([("zh", "我还在")]))
    build(tmp_path)
    for path in tmp_path.glob("*.ulaw"):
        path.unlink() if damage is None else path.write_bytes(damage)
    assert Prompts(tmp_path).samples((text("frame.stay"),), "zh")
    assert len(maker.said) == 2


def test_names_and_numbers_are_never_made_into_sound(tmp_path: Path, maker: Maker) -> None:
    secret = text("voice.press.primary", button="张静 341522199811070025")
    assert Prompts(tmp_path).samples((secret, text("frame.stay")), "zh")
    assert [spoken for _language, spoken in maker.said] == ["我还在"]


def test_two_sentences_have_a_pause_between_and_what_cannot_be_said_leaves_none(
    tmp_path: Path, maker: Maker
) -> None:
    both = Prompts(tmp_path).samples(
        (text("frame.stay"), text("nobody.said.this"), text("frame.next")), "zh"
    )
    assert len(both) == 2 * (30 + 20 + round(PAUSE_S * RATE_HZ))
    maker.broken = True
    assert Prompts(tmp_path).samples((text("frame.stay"),), "zh") == b""


def test_a_recorded_voice_comes_first_and_a_wrong_recording_last(
    tmp_path: Path, maker: Maker
) -> None:
    (tmp_path / "zh").mkdir()
    for key, rate in (("frame.stay", RATE_HZ), ("frame.next", 8000)):
        with wave.open(str(tmp_path / "zh" / f"{key}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(bytes(2 * 77))
    prompts = Prompts(tmp_path / "none", recorded=tmp_path)
    assert prompts.samples((text("frame.stay"),), "zh") == bytes(2 * 77)
    assert maker.said == []
    assert len(prompts.samples((text("frame.next"),), "zh")) == 2 * 20
    assert maker.said == [("zh", "继续")]

# SPDX-License-Identifier: Apache-2.0
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from drivers import printer_talk
from drivers.errors import BoothError, OutOfServiceError
from drivers.printer import Proof, ReceiptPrinter
from drivers.printer_probe import probe
from drivers.printer_profile import PROFILES, PrinterProfile, profile_of, save
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage


@pytest.mark.parametrize(
    ("model", "able"),
    [
        ("80", (True, True, True, True)),
        ("80-plain", (False, True, True, True)),
        ("58-china", (False, False, False, True)),
        ("80-presenter", (False, True, False, True)),
    ],
)
def test_what_a_printer_can_do_is_found_by_asking_and_no_paper_moves(tmp_path, model, able) -> None:
    base = PROFILES["80-presenter" if model == "80-presenter" else "80"]
    with Stage(Printer(profile=model, factor=0.0), link=tmp_path / "printer") as stage:
        found = probe(stage.path, baudrate=921600, base=base, answer_s=0.5)
        status = stage.control({"status": True})
    got = found.profile
    assert (got.process_ids, got.queued_status, got.automatic, got.clears) == able
    assert (found.maker, found.model, found.language) == ("EMULATED", "RASTER-80", "CHINA GB18030")
    assert (status["rows_printed"], status["violations"]) == (0, [])


def test_a_found_profile_is_kept_in_a_file_and_prints(tmp_path: Path) -> None:
    from PIL import Image

    kept = tmp_path / "profile.toml"
    with Stage(Printer(profile="80-plain", factor=0.0), link=tmp_path / "printer") as stage:
        save(probe(stage.path, baudrate=921600, base=PROFILES["80"], answer_s=0.5).profile, kept)
        driver = ReceiptPrinter(stage.path, profile=str(kept), baudrate=921600)
        driver.start()
        assert driver.print(Image.new("1", (576, 8), 0)).outcome is Proof.UNCONFIRMED
        driver.close()
    assert tomllib.loads(kept.read_text("utf-8"))["process_ids"] is False


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"power": "off"}, "printer.silent"),
        ({"fault": {"zeros": True}}, "printer.strange"),
        ({"paper": "out"}, "printer.paper_out"),  # queued questions would wait for paper
    ],
)
def test_a_printer_that_cannot_be_asked_is_told(tmp_path, monkeypatch, wrong, code) -> None:
    if code != "printer.paper_out":
        monkeypatch.setattr(printer_talk, "ANSWER_S", 0.1)  # no answer will come
        monkeypatch.setattr(printer_talk, "TRY_PAUSE_S", 0.05)
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        stage.control(wrong)
        with pytest.raises(BoothError) as caught:
            probe(stage.path, baudrate=921600, base=PROFILES["80"], answer_s=0.2)
    assert caught.value.code == code


def test_a_port_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutOfServiceError) as caught:
        probe(str(tmp_path / "none"), baudrate=9600, base=PROFILES["80"])
    assert caught.value.code == "printer.unplugged"


def test_a_saved_profile_is_read_back_as_it_was(tmp_path: Path) -> None:
    odd = replace(PROFILES["80-presenter"], name='K"PM\\216\n', present_steps=7, mm_per_s=75.5)
    save(odd, tmp_path / "p.toml")
    assert profile_of(str(tmp_path / "p.toml")) == replace(odd, name="KPM216")


@pytest.mark.parametrize(
    "text",
    [
        "width_px = 577",
        "width_px = '576'",
        "width_px = true",
        "width_px = 0",
        "name = 'x'",
        "width_px = 576\nwidht = 5",
        "width_px = 576\nwindow = 100",
        "width_px = 576\nrows_per_strip = 0",
        "width_px = 576\nrows_per_strip = 256",
        "width_px = 576\nmm_per_s = 0",
        "width_px = 576\nproof_s = -1.0",
        "width_px = 576\npresent_steps = 256",
        "width_px =",
        "\x00",
    ],
)
def test_a_profile_that_cannot_be_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.toml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"p\.toml: .+"):
        profile_of(str(tmp_path / "p.toml"))


@pytest.mark.parametrize("setting", ["90", "/no/such/file.toml", ""])
def test_a_profile_that_is_not_there_is_told(setting: str) -> None:
    with pytest.raises(ValueError, match="profile"):
        profile_of(setting)


def test_a_window_must_hold_a_strip() -> None:
    assert all(profile.window < 4096 - 128 for profile in PROFILES.values())
    with pytest.raises(ValueError, match="window"):
        PrinterProfile("tiny", 576, window=1000)

# SPDX-License-Identifier: Apache-2.0
"""A wrong setting is told in one sentence that names the file, the key and what to do."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from drivers.bins_settings import BinSettings
from drivers.dispenser_settings import DispenserSettings
from drivers.panel import PanelPins
from kiosk.config import BinsTable, ConfigError, DispenserTable, Settings, load


def said(tmp_path: Path, text: str) -> str:
    path = tmp_path / "booth.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as wrong:
        load(path)
    sentence = str(wrong.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


def test_an_empty_file_is_a_whole_configuration(tmp_path: Path) -> None:
    path = tmp_path / "booth.toml"
    path.touch()
    assert load(path) == Settings()


def test_an_unknown_key_is_named_with_its_table_and_the_way_out(tmp_path: Path) -> None:
    assert said(tmp_path, "[devices.printer]\npapper = 80\n") == (
        "there is no setting called 'devices.printer.papper'; remove it or mend its spelling"
    )


def test_every_unknown_key_is_named_at_once(tmp_path: Path) -> None:
    sentence = said(tmp_path, "[colour]\nred = 1\n[visit]\nidle = 3\n")
    assert "'colour'" in sentence
    assert "'visit.idle'" in sentence


def test_a_value_of_another_kind_is_told_without_repeating_it(tmp_path: Path) -> None:
    sentence = said(tmp_path, '[visit]\nidle_end_s = "hunter2"\n')
    assert sentence.startswith("'visit.idle_end_s': ")
    assert "integer" in sentence
    assert "hunter2" not in sentence


def test_a_value_out_of_range_is_told_with_the_range(tmp_path: Path) -> None:
    sentence = said(tmp_path, "[devices.fingerprint]\ntries = 0\n")
    assert sentence.startswith("'devices.fingerprint.tries': ")
    assert "1" in sentence


def test_a_pin_library_that_is_not_on_the_list_is_refused_never_replaced(tmp_path: Path) -> None:
    sentence = said(tmp_path, '[devices.panel]\nfactory = "native"\n')
    assert "'lgpio'" in sentence


def test_two_parts_of_the_panel_on_one_pin_are_refused(tmp_path: Path) -> None:
    sentence = said(tmp_path, "[devices.panel.pins]\ndoor = 18\n")
    assert "pin 18 is given to two parts" in sentence


def test_the_panels_pins_by_default_are_those_of_its_driver() -> None:
    assert Settings().devices.panel.pins.model_dump() == PanelPins().all


def test_the_photo_lamps_channel_is_named_as_the_kernel_names_it(tmp_path: Path) -> None:
    sentence = said(tmp_path, '[devices.panel]\nphoto_pwm = "/dev/pwm0"\n')
    assert sentence.startswith("'devices.panel.photo_pwm': ")
    assert "/sys/class/pwm/pwmchip0/pwm0" in sentence


@pytest.mark.parametrize(
    ("given", "dims"),
    [
        ('photo_pwm = "/sys/class/pwm/pwmchip0/pwm0"', True),
        ('photo_pwm = "/sys/class/pwm/pwmchip0/pwm0"\nfactory = "none"', False),
        ("", False),
    ],
)
def test_a_photo_lamp_dims_by_a_channel_or_not_at_all(
    tmp_path: Path, given: str, dims: bool
) -> None:
    path = tmp_path / "booth.toml"
    path.write_text(f"[devices.panel]\n{given}\n")
    assert load(path).devices.panel.dims is dims


def test_what_is_no_toml_says_so(tmp_path: Path) -> None:
    assert said(tmp_path, "idle = = 3\n").startswith("this is not TOML: ")


def test_bytes_that_are_no_text_say_so(tmp_path: Path) -> None:
    path = tmp_path / "booth.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="this is not TOML"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "booth.toml")


@pytest.mark.parametrize(
    "command",
    [("ui", "--config"), ("kiosk.post.uplink", "--config"), ("kiosk", "doctor", "--config")],
    ids=lambda command: " ".join(command[:-1]),
)
def test_each_process_ends_with_that_sentence_and_nothing_of_a_program(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "booth.toml"
    path.write_text("[visit]\nidle_out_s = 3\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", *command, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    said = ended.stdout + ended.stderr
    assert "there is no setting called 'visit.idle_out_s'" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("table", "driver"), [(BinsTable, BinSettings), (DispenserTable, DispenserSettings)]
)
def test_everything_a_site_may_say_of_its_bins_and_dispenser_reaches_the_driver(
    table: type[BinsTable] | type[DispenserTable], driver: Any
) -> None:
    known = {one.name for one in fields(driver)} - {"poll_s"}
    assert known == set(table.model_fields) - {"fitted", "path", "journal"}


def test_what_no_cabinet_can_be_is_told_before_the_booth_starts(tmp_path: Path) -> None:
    assert "wkly" in said(tmp_path, '[devices.bins]\nmake = "abacus"\n')
    assert "1 to 24" in said(tmp_path, "[devices.bins]\nlocks = 25\n")
    assert "address" in said(tmp_path, "[devices.bins]\nboards = [1, 99]\n")
    assert "twice" in said(tmp_path, "[devices.bins]\nboards = [2, 2]\n")
    assert "coils rest" in said(tmp_path, "[devices.bins]\ncoil_rest_s = 0.2\n")
    assert "0 to 15" in said(tmp_path, "[devices.dispenser]\naddress = 16\n")


def test_bins_and_dispenser_never_share_their_books(tmp_path: Path) -> None:
    both = """
[devices.bins]
fitted = true
journal = "/tmp/books"
[devices.dispenser]
fitted = true
journal = "/tmp/books"
"""
    assert "one journal" in said(tmp_path, both)
    one = tmp_path / "one.toml"
    one.write_text(both.replace("fitted = true", "fitted = false", 1))
    assert load(one).devices.dispenser.fitted

# SPDX-License-Identifier: Apache-2.0
import json
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drivers.printer_probe import probe
from drivers.printer_profile import profile_of
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from kiosk.config import ConfigError, load
from kiosk.printer_cli import app


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.printer_cli.ask", partial(probe, answer_s=0.5))


def test_probing_writes_a_profile_that_the_settings_take(tmp_path: Path) -> None:
    kept = tmp_path / "profile.toml"
    booth = tmp_path / "booth.toml"
    with Stage(Printer(profile="58-plain", factor=0.0), link=tmp_path / "printer") as stage:
        booth.write_text(f'[devices.printer]\npath = "{stage.path}"\nprofile = "58"\n')
        command = ["probe", "--config", str(booth), "--out", str(kept), "--json"]
        done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["profile"]["process_ids"] is False
    assert profile_of(str(kept)).width_px == 384
    booth.write_text(f'[devices.printer]\nprofile = "{kept}"\n')
    assert load(booth).printer_dots == 384


def test_a_printer_that_is_not_there_is_one_sentence_with_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["probe", "--path", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "The printer is not connected. A technician must plug it in" in done.output


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('profile = "90"', "profile"),
        ('profile = "/none.toml"', "no such printer profile"),
        ('path = "tcp://printer:9100"', "printer"),
        ('path = "tcp://10.0.0.1:99999"', "port"),
    ],
)
def test_settings_that_name_no_printer_are_refused_at_the_start(tmp_path, line, says) -> None:
    (tmp_path / "booth.toml").write_text(f"[devices.printer]\n{line}\n")
    with pytest.raises(ConfigError, match=says):
        load(tmp_path / "booth.toml")

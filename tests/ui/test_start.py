# SPDX-License-Identifier: Apache-2.0
"""What cannot start says so in one sentence and shows no window."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idcard.devca import write_development_keys

pytestmark = pytest.mark.screen

ROOT = Path(__file__).parents[2]
BOOTH = """
[devices.panel]
factory = "none"
[screen]
fullscreen = false
[post]
state_dir = "{folder}/outbox"
socket = "{folder}/mailbox.sock"
keys_dir = "{keys}"
"""


def started(folder: Path, config: str, **environment: str) -> str:
    """What `python -m ui` said on stderr; it must have refused to start."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), "SDL_VIDEODRIVER": "offscreen"}
    known.pop("DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-m", "ui", "--config", config],
        cwd=folder,
        env={**known, "KIVY_HOME": str(folder / "kivy"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("ui: ")
    return done.stderr


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    assert "none.toml: there is no such file" in started(tmp_path, "none.toml")


def test_an_unknown_key_of_the_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "booth.toml").write_text('[screen]\nwidht = "1280"\n')
    assert "'screen.widht'" in started(tmp_path, "booth.toml")


def test_a_missing_key_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "booth.toml").write_text(BOOTH.format(folder=tmp_path, keys=tmp_path / "keys"))
    said = started(tmp_path, "booth.toml")
    assert "counter-seal.pub" in said
    assert "post.keys_dir" in said


def test_a_file_that_holds_no_key_is_told_from_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "booth.toml").write_text(BOOTH.format(folder=tmp_path, keys=tmp_path))
    (tmp_path / "counter-seal.pub").write_text("not a key")
    assert "does not hold a public key" in started(tmp_path, "booth.toml")


def test_a_display_that_is_not_there_is_said(tmp_path: Path) -> None:
    write_development_keys(tmp_path / "keys", now=datetime.now(UTC))
    keys = tmp_path / "keys" / "booth"
    (tmp_path / "booth.toml").write_text(BOOTH.format(folder=tmp_path, keys=keys))
    said = started(tmp_path, "booth.toml", SDL_VIDEODRIVER="nonsense")
    assert "no window can be opened with nonsense (nonsense not available)" in said

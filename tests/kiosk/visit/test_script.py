# SPDX-License-Identifier: Apache-2.0
"""A script that cannot be played is refused with one sentence before anything starts."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from kiosk.visit.script import ScriptError, Step, read_script

PLAYBOOK = Path(__file__).parents[2] / "playbook"
HEAD = 'journey = "renew"\n'


def said(tmp_path: Path, text: str) -> str:
    path = tmp_path / "citizen.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError) as wrong:
        read_script(path)
    assert "\n" not in str(wrong.value)
    return str(wrong.value).removeprefix(f"{path}: ")


def test_an_unknown_step_is_told_with_its_place_and_every_verb_there_is(tmp_path: Path) -> None:
    sentence = said(tmp_path, HEAD + '[[step]]\ndo = "touch"\nwhat = "start"\n[[step]]\ndo = "fly"')
    assert sentence.startswith("step 1")
    assert "'fly'" in sentence
    verbs = [kind.model_fields["do"].annotation for kind in get_args(get_args(Step)[0])]
    for (verb,) in map(get_args, verbs):
        assert f"'{verb}'" in sentence, f"{verb} is not offered"


def test_a_step_without_a_verb_is_told(tmp_path: Path) -> None:
    assert "do" in said(tmp_path, HEAD + '[[step]]\nwhat = "start"')


def test_an_unknown_argument_is_named(tmp_path: Path) -> None:
    sentence = said(tmp_path, HEAD + '[[step]]\ndo = "touch"\nwhat = "start"\nhard = true')
    assert "hard" in sentence


def test_an_unknown_key_of_the_file_is_named(tmp_path: Path) -> None:
    assert "hurry" in said(tmp_path, HEAD + "hurry = true\nstep = []")


def test_another_journey_is_told_which_there_are(tmp_path: Path) -> None:
    assert "'renew'" in said(tmp_path, 'journey = "marry"\nstep = []')


def test_what_is_no_toml_and_what_is_not_there_say_so(tmp_path: Path) -> None:
    assert said(tmp_path, "[[step").startswith("this is not TOML: ")
    with pytest.raises(ScriptError, match="there is no such citizen script"):
        read_script(tmp_path / "nobody.toml")


@pytest.mark.parametrize("path", sorted(PLAYBOOK.glob("*.toml")), ids=lambda path: path.stem)
def test_every_citizen_of_the_playbook_can_be_read_and_says_what_it_shows(path: Path) -> None:
    script = read_script(path)
    assert script.about
    assert script.step


def test_the_command_ends_with_that_sentence_before_anything_is_started(tmp_path: Path) -> None:
    path, state = tmp_path / "citizen.toml", tmp_path / "state"
    path.write_text(HEAD + '[[step]]\ndo = "fly"\n', encoding="utf-8")
    command = ("-m", "kiosk", "visit", "--citizen", str(path), "--out", str(tmp_path / "out"))
    ended = subprocess.run(
        [sys.executable, *command, "--state", str(state)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 2
    assert "'fly'" in said
    assert "'touch'" in said
    assert "Traceback" not in said
    assert not state.exists()

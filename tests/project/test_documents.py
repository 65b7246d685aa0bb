# SPDX-License-Identifier: Apache-2.0
"""What the documents say exists: links, commands, options, control lines, verbs."""

import importlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from firmware_io.emulators.wire_faults import WIRE_FAULT_KEYS
from kiosk.view import Screen
from kiosk.visit import script

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^ *(?:\$ )?(?:[\w./]*/)?(kiosk|counter) ([a-z]+)((?: [^#;]*)?)")
GROUPS = {("kiosk", "photo"), ("kiosk", "receipt"), ("counter", "user")}
TARGET = re.compile(r"^ *make ([a-z]+)\b")
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
DEVICES = (
    "fingerprint",
    "idreader",
    "printer",
    "camera",
    "speaker",
    "smartcard",
    "lockboard",
    "dispenser",
)


@pytest.fixture(scope="module")
def papers(root: Path, files: list[Path]) -> dict[Path, str]:
    return {name: (root / name).read_text("utf-8") for name in files if name.suffix == ".md"}


def _commands(text: str) -> list[str]:
    """What stands in back quotes, in a fenced block or indented: one example a line."""
    spans = re.findall(r"`([^`\n]+)`", text)
    fenced = [line for block in FENCED.findall(text) for line in block.splitlines()]
    indented = [line for line in text.splitlines() if line.startswith("    ")]
    return [part.strip() for line in (*spans, *fenced, *indented) for part in line.split(";")]


def _options_of(program: str, words: tuple[str, ...]) -> set[str] | None:
    """The options of a command of `kiosk` or `counter`; None when there is no such command."""
    main = importlib.import_module(f"{program}.__main__")
    if hasattr(main, "add_groups"):
        main.add_groups()
    found: Any = typer.main.get_command(main.app)
    for word in words:
        found = getattr(found, "commands", {}).get(word)
        if found is None:
            return None
    return {option for one in found.params for option in (*one.opts, *one.secondary_opts)}


@cache
def _help(*command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", *command, "--help"], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout


def test_every_relative_link_leads_to_a_file(root: Path, papers: dict[Path, str]) -> None:
    broken = [
        f"{name}: {there}"
        for name, text in papers.items()
        for there in LINK.findall(text)
        if not (root / name.parent / there).exists()
    ]
    assert not broken, "\n".join(broken)


def test_the_readme_leads_to_every_document(root: Path, papers: dict[Path, str]) -> None:
    reached = {"README.md"}
    grew = True
    while grew:
        there = {
            str((root / name.parent / link).resolve().relative_to(root))
            for name, text in papers.items()
            if str(name) in reached
            for link in LINK.findall(text)
        }
        grew = not there <= reached
        reached |= there
    lost = [
        str(name)
        for name in papers
        if name.parts[0] == "docs" and not {str(name), str(name.parent)} & reached
    ]
    assert not lost, lost


def test_every_make_target_that_is_named_exists(root: Path, papers: dict[Path, str]) -> None:
    known = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    lines = [line for text in papers.values() for line in _commands(text)]
    named = {found[1] for line in lines if (found := TARGET.match(line))}
    assert "test" in named
    assert named <= known, named - known


def test_the_readmes_test_command_is_what_ci_runs(root: Path, papers: dict[Path, str]) -> None:
    assert re.search(r"^    make test$", papers[Path("README.md")], re.MULTILINE)
    assert "make --no-print-directory test" in (root / ".ci/run").read_text("utf-8")


def test_every_command_and_option_that_is_named_exists(papers: dict[Path, str]) -> None:
    lines = [line for text in papers.values() for line in _commands(text)]
    named = {found.groups() for line in lines if (found := COMMAND.match(line))}
    assert {("kiosk", "doctor"), ("counter", "show")} <= {found[:2] for found in named}
    wrong = []
    for program, command, rest in sorted(named):
        if command == "emulate":
            continue  # its options are the device's, see below
        words = [command]
        if (program, command) in GROUPS and (more := re.match(r" ([a-z]+)", rest)):
            words.append(more[1])
        known = _options_of(program, tuple(words))
        wrong += [f"{program} {' '.join(words)}: no such command"] if known is None else []
        wrong += [
            f"{program} {' '.join(words)}: no {option}"
            for option in re.findall(r"--[a-z-]+", rest)
            if known is not None and option not in known
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("device", DEVICES)
def test_every_control_of_an_emulator_is_described(device: str, papers: dict[Path, str]) -> None:
    page = papers[Path("docs/emulators.md")]
    status, said = _help(f"firmware_io.emulators.{device}")
    assert status == 0
    assert f"kiosk emulate {device}" in page
    keys = set(re.findall(r'"([a-z_]{3,})":', said)) - {"device", "path", "field"}
    options = set(re.findall(r"^  (--[a-z-]+)", said, re.MULTILINE))
    assert len(keys) > 3
    assert not {key for key in keys | options if key not in page}
    chosen = re.findall(r"\{([a-z0-9,-]+)\}", said)
    assert not {word for words in chosen for word in words.split(",") if word not in page}


def test_every_fault_of_the_wire_is_described(papers: dict[Path, str]) -> None:
    page = papers[Path("docs/emulators.md")]
    assert not {key for key in WIRE_FAULT_KEYS if f'"{key}"' not in page}


@pytest.mark.parametrize("name", ["line", "panel"])
def test_every_control_of_the_line_and_the_panel_is_described(
    name: str, papers: dict[Path, str]
) -> None:
    told = importlib.import_module(f"firmware_io.emulators.{name}").__doc__ or ""
    keys = set(re.findall(r'\{"([a-z_]+)"', told)) - {"device", "ok"}
    assert len(keys) >= 3
    assert not {key for key in keys if f'"{key}"' not in papers[Path("docs/emulators.md")]}


def test_every_verb_of_a_citizen_script_is_described(papers: dict[Path, str]) -> None:
    page = papers[Path("docs/citizen-scripts.md")]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*)$", page, re.MULTILINE))
    del rows["do"]  # the table's head
    verbs = get_args(get_args(script.Step)[0])
    for verb in verbs:
        (word,) = get_args(verb.model_fields["do"].annotation)
        for argument in set(verb.model_fields) - {"do"}:
            assert f"`{argument}`" in rows[word], (word, argument)
    assert len(rows) == len(verbs), "a verb is described that does not exist"
    assert all(f"`{screen}`" in page for screen in Screen)

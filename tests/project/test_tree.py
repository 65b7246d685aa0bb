# SPDX-License-Identifier: Apache-2.0
"""What holds for every file of the checkout."""

import ast
import re
from pathlib import Path

SOURCE_FOLDERS = {"ui", "kiosk", "drivers", "firmware_io", "counter", "idcard", "bench", "scripts"}
SPDX = "SPDX-License-Identifier: Apache-2.0"
LONGEST = 400  # lines; a longer file has more than one job

# Files that are longer, each with the length it may not pass. The list should shrink.
STILL_LONG: dict[str, int] = {}

# Written in two halves so that this list does not find itself.
FORBIDDEN = [
    r"(?<![\w.])/wo" + "rk/",
    r"\.\./sha" + "red",
    r"sha" + "red/facts",
    r"\.lib" + "rary/",
    "pypi" + r"\.org",
    "python" + "hosted",
    "deb\\.deb" + r"ian\.org",
    "registry\\.npm" + "js",
    "githubuser" + "content",
    "storage\\.google" + "apis",
    "huggingface\\." + "co",
]
LEFT_OUT = {"pytest.mark.skip", "pytest.mark.xfail"}

# Vendored, minified or generated text that is not ours to head or to measure.
VENDORED = re.compile(r"(^|/)static/vendor/|\.min\.(js|css)$|(^|/)htmx[^/]*\.js$")


def _texts(root: Path, files: list[Path]) -> list[tuple[Path, str]]:
    found = []
    for name in files:
        try:
            found.append((name, (root / name).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_every_python_file_and_script_opens_with_its_licence(root: Path, files: list[Path]) -> None:
    lacking = []
    for name, text in _texts(root, files):
        script = text.startswith("#!")
        if name.suffix == ".py" or script or name.suffix in {".service", ".rules", ".toml"}:
            if name.name == "pyproject.toml" or "playbook" in name.parts:
                continue
            head = text.splitlines()[: 2 if script else 1]
            if text and not any(SPDX in line for line in head):
                lacking.append(str(name))
    assert not lacking, "\n".join(lacking)


def test_no_file_names_a_place_of_the_machine_it_was_written_on(
    root: Path, files: list[Path]
) -> None:
    pattern = re.compile("|".join(FORBIDDEN), re.IGNORECASE)
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in _texts(root, files)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line) and not VENDORED.search(str(name))
    ]
    assert not found, "\n".join(found)


def _lengths(root: Path, files: list[Path]) -> dict[str, int]:
    return {
        str(name): text.count("\n")
        for name, text in _texts(root, files)
        if name.suffix == ".py" and name.parts[0] in SOURCE_FOLDERS
    }


def test_no_source_file_is_longer_than_one_job_needs(root: Path, files: list[Path]) -> None:
    long = [
        f"{name}: {lines} lines"
        for name, lines in _lengths(root, files).items()
        if lines > STILL_LONG.get(name, LONGEST)
    ]
    assert not long, "\n".join(long)


def test_the_list_of_long_files_names_only_long_files(root: Path, files: list[Path]) -> None:
    lengths = _lengths(root, files)
    shorter = [name for name in STILL_LONG if lengths.get(name, 0) <= LONGEST]
    assert not shorter, "take off the list: " + ", ".join(shorter)


def test_no_file_is_too_big_to_review(root: Path, files: list[Path]) -> None:
    assert [f"{n}" for n in files if (root / n).stat().st_size > 2_000_000] == []


def test_no_module_is_named_after_nothing_in_particular(files: list[Path]) -> None:
    vague = re.compile(r"^(utils?|helpers?|common|misc|manager)\.py$")
    assert [str(n) for n in files if vague.match(n.name) or n.parent.name == "utils"] == []


def test_nothing_is_left_for_later_in_the_code(root: Path, files: list[Path]) -> None:
    found = []
    for name, text in _texts(root, files):
        if name.suffix != ".py" or name.parts[0] not in SOURCE_FOLDERS:
            continue
        if re.search(r"\b(TO" + "DO|FIX" + r"ME|X" + r"XX)\b", text):
            found.append(str(name))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                found.append(f"{name}:{node.lineno}: catches everything")
    assert not found, "\n".join(found)


def test_the_tests_neither_sleep_nor_stand_skipped(root: Path, files: list[Path]) -> None:
    # A sleep is allowed only inside a polling loop with a deadline.
    found = []
    for name, text in _texts(root, files):
        if name.suffix != ".py" or name.parts[0] != "tests":
            continue
        tree = ast.parse(text)
        looped = {
            id(call)
            for loop in ast.walk(tree)
            if isinstance(loop, ast.While | ast.For)
            for call in ast.walk(loop)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in LEFT_OUT:
                found.append(f"{name}:{node.lineno}: {node.attr}")
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep":
                found += [f"{name}:{node.lineno}: sleeps"] if id(node) not in looped else []
    assert not found, "\n".join(found)


def test_licence_and_notice_are_there(root: Path) -> None:
    licence = (root / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    notice = (root / "NOTICE").read_text(encoding="utf-8")
    for carried in ("MediaPipe", "Noto", "Hanazono", "htmx", "NASA"):
        assert carried in notice

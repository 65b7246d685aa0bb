# SPDX-License-Identifier: Apache-2.0
"""The lock files: in step with pyproject.toml, hashed throughout, naming no download address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

LOCKS = ["booth", "build", "counter", "dev", "uv"]
EXTRAS = {"booth": {"booth", "hardware"}, "counter": {"counter"}}
ENTRY = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;]+)(?: ; (.+?))? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
HERE = {"extra": "", "python_version": "3.11", "python_full_version": "3.11.2"}


def _read(root: Path, name: str) -> list[tuple[str, str, str]]:
    """(name, version, marker or '') of each entry; every line is understood or the test fails."""
    entries: list[tuple[str, str, str]] = []
    hashes = 1
    for line in (root / "requirements" / f"{name}.lock").read_text("utf-8").splitlines():
        if match := ENTRY.match(line):
            assert hashes > 0, f"{name}: {entries[-1]} has no hash"
            entries.append((match[1], match[2], match[3] or ""))
            hashes = 0
        else:
            assert HASH.match(line), f"{name}: {line!r}"
            hashes += 1
    assert entries
    assert hashes > 0
    return entries


def _for_linux(root: Path, name: str) -> dict[str, str]:
    """Name to version of what `name`.lock installs on Linux with Python 3.11."""
    from packaging.markers import Marker

    machine = {**HERE, "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    machine |= {"platform_machine": "aarch64", "implementation_name": "cpython"}
    return {
        package: version
        for package, version, marker in _read(root, name)
        if not marker or Marker(marker).evaluate(machine)
    }


def _declared(root: Path) -> dict[str, list[Requirement]]:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [Requirement(text) for text in texts] for extra, texts in declared.items()}


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_is_pinned_and_hashed_and_nothing_else_is_said(name: str, root: Path) -> None:
    assert len({(package, version) for package, version, _ in _read(root, name)}) >= 1


@pytest.mark.parametrize("name", ["booth", "counter", "dev"])
def test_a_lock_holds_what_pyproject_asks_for(name: str, root: Path) -> None:
    declared = _declared(root)
    extras = EXTRAS.get(name, set(declared)) | {""}
    locked = _for_linux(root, name)
    for extra in extras:
        for wanted in declared[extra]:
            version = locked.get(canonicalize_name(wanted.name))
            assert version, f"{name}.lock lacks {wanted}; run scripts/lock"
            assert wanted.specifier.contains(Version(version)), f"{wanted} is locked at {version}"


@pytest.mark.parametrize("name", ["booth", "build", "counter"])
def test_what_is_tested_is_what_is_installed(name: str, root: Path) -> None:
    tested = _for_linux(root, "dev")
    for package, version in _for_linux(root, name).items():
        assert tested[package] == version, f"{package}: run scripts/lock"


def test_no_lock_is_made_for_one_processor_only(root: Path) -> None:
    for name in LOCKS:
        assert [entry for entry in _read(root, name) if "x86_64" in entry[2]] == []


def test_a_booth_carries_no_test_tools_and_a_counter_no_screens(root: Path) -> None:
    booth, counter = _for_linux(root, "booth"), _for_linux(root, "counter")
    assert not {"pytest", "playwright", "hypothesis", "fastapi"} & set(booth)
    assert not {"kivy", "opencv-python", "pyscard", "pytest"} & set(counter)

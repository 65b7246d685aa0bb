# SPDX-License-Identifier: Apache-2.0
"""Importing any module starts nothing: no thread, no child, no open file, no file on disk.

Every module of a package is imported in one fresh interpreter, with empty folders as home, working
and temporary folder, and the interpreter looks at itself after each import.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ["ui", "kiosk", "drivers", "firmware_io", "counter", "idcard"]

# Alembic runs these files itself; outside a migration they have no context to run in.
RUN_BY_ALEMBIC = ("counter/migrations/env.py", "counter/migrations/versions/")

WATCH = """
import importlib, json, os, sys, threading

def children():
    return open(f"/proc/self/task/{os.getpid()}/children").read().split()

def descriptors():
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
        if not target.startswith(("/proc/", "/dev/urandom", "/dev/null")):
            found.add(target)
    return found

complaints = []
before = descriptors()
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as failed:
        complaints.append(f"{name}: cannot be imported: {failed!r}")
        continue
    if threading.active_count() > 1:
        complaints.append(f"{name}: started {[t.name for t in threading.enumerate()][1:]}")
        break
    if children():
        complaints.append(f"{name}: started a child process")
        break
    if descriptors() - before:
        complaints.append(f"{name}: left open {sorted(descriptors() - before)}")
        before = descriptors()
    if "kivy.core.window" in sys.modules:
        complaints.append(f"{name}: opens Kivy's window")
        break
print(json.dumps(complaints))
"""


def _modules(root: Path, files: list[Path], package: str) -> list[str]:
    names = []
    for path in files:
        if path.suffix != ".py" or path.parts[0] != package:
            continue
        if str(path).startswith(RUN_BY_ALEMBIC):
            continue
        parts = path.with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(names)


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_starts_nothing(
    package: str, root: Path, files: list[Path], tmp_path: Path
) -> None:
    modules = _modules(root, files, package)
    assert package in modules
    folders = {name: tmp_path / name for name in ("home", "tmp", "here")}
    for folder in folders.values():
        folder.mkdir()
    kivy = tmp_path / "kivy"  # Kivy itself writes there on import; that is not ours to judge
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["tmp"]),
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "KIVY_HOME": str(kivy),
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_NO_CONSOLELOG": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *modules],
        cwd=folders["here"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []
    written = [str(p.relative_to(tmp_path)) for f in folders.values() for p in f.rglob("*")]
    assert written == []

# SPDX-License-Identifier: Apache-2.0
"""The Python environment `.venv`: made from a lock file with every hash checked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from setting_up.programs import Programs, clean_environment
from setting_up.telling import SetupError, Teller

VERSION = (3, 11)
_UNFINISHED = ".unfinished"  # lies in .venv while pip works there
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off")
_PIP += ("--no-deps", "--require-hashes", "--no-build-isolation", "--use-pep517")
_ENTRY = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==")

# What each purpose must be able to import; says at once which system library is missing.
SMOKE = {
    "dev": "import cv2, numpy, smartcard.scard, PIL.Image, fastapi, pytest",
    "booth": "import cv2, numpy, smartcard.scard, PIL.Image, cryptography",
    "counter": "import fastapi, sqlalchemy, cryptography",
}


def healthy(venv: Path) -> bool:
    """True when `venv` runs Python 3.11, nothing in it was interrupted, and nobody moved it."""
    if (venv / _UNFINISHED).exists() or not _in_place(venv):
        return False
    return _version(str(venv / "bin" / "python")) == VERSION


def _in_place(venv: Path) -> bool:
    """The commands in an environment name its path; after a move they would not start."""
    try:
        return str(venv / "bin").encode() in (venv / "bin" / "pip").read_bytes()[:1000]
    except OSError:
        return False


def distributions(venv: Path) -> list[str]:
    """The installed distributions by folder name, sorted."""
    folder = venv / "lib" / "python3.11" / "site-packages"
    return sorted(record.parent.name for record in folder.glob("*.dist-info/RECORD"))


def make(
    venv: Path, lock: Path, build_lock: Path, smoke: str, programs: Programs, teller: Teller
) -> None:
    """Makes or completes `venv` from `lock`; one that was interrupted is made anew.

    `build_lock` pins what source packages are built with, so that nothing unpinned is fetched;
    `smoke` is a line of Python that must run in the finished environment.
    Raises SetupError: no Python 3.11, no network, a hash that differs, a build that fails.
    """
    if not healthy(venv):
        python = find_python()
        teller.progress("making the environment")
        status, last = programs.run([python, "-m", "venv", "--clear", str(venv)])
        if status:
            raise SetupError(
                f"{python} could not make an environment: {_tail(last)}",
                "Check that python3-venv is installed, then run the same command again.",
            )
    marker = venv / _UNFINISHED
    marker.touch()
    _pip(venv, build_lock, programs, teller)
    _pip(venv, lock, programs, teller)
    teller.progress("checking")
    python = str(venv / "bin" / "python")
    for command in ([python, "-m", "pip", "check"], [python, "-c", smoke]):
        status, last = programs.run(command, cwd=venv)
        if status:
            raise SetupError(
                f"the environment does not work: {_tail(last)}",
                "Remove the folder .venv and run the same command again; the whole output is in "
                "build/setup.log.",
            )
    marker.unlink()


def write_commands(venv: Path, root: Path) -> None:
    """Makes the packages of `root` importable in `venv`, and `kiosk` and `counter` commands."""
    site = venv / "lib" / "python3.11" / "site-packages"
    (site / "id_booth.pth").write_text(f"{root}\n", encoding="utf-8")
    for name in ("kiosk", "counter"):
        script = venv / "bin" / name
        script.write_text(_COMMAND.format(venv=venv, name=name), encoding="utf-8")
        script.chmod(0o755)


_COMMAND = """\
#!{venv}/bin/python
import sys

from {name}.__main__ import main

sys.exit(main())
"""


def commands_there(venv: Path) -> bool:
    """True when write_commands has done its work in `venv`."""
    site = venv / "lib" / "python3.11" / "site-packages"
    needed = [site / "id_booth.pth", venv / "bin" / "kiosk", venv / "bin" / "counter"]
    return all(path.exists() for path in needed)


def find_python() -> str:
    """A Python 3.11 with headers: Debian's own first, then any on the path.

    Raises SetupError when there is none.
    """
    for candidate in ("/usr/bin/python3.11", shutil.which("python3.11"), sys.executable):
        if candidate and _version(candidate) == VERSION:
            return candidate
    raise SetupError(
        f"No Python 3.11 was found (python3 here is {sys.version.split()[0]}).",
        "Debian 12 brings it: apt-get install python3.11 python3.11-venv python3.11-dev",
    )


def _version(python: str) -> tuple[int, int] | None:
    code = "import sys; print(*sys.version_info[:2])"
    try:
        told = subprocess.run(
            [python, "-I", "-c", code],
            capture_output=True,
            text=True,
            timeout=30,
            env=clean_environment(),
        )
        major, minor = told.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _pip(venv: Path, lock: Path, programs: Programs, teller: Teller) -> None:
    names = [m.group(1) for m in map(_ENTRY.match, lock.read_text("utf-8").splitlines()) if m]
    seen = 0

    def tell(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
            seen += 1
            name = re.split(r"[=:; ]", line.partition(" ")[2].strip())[0]
            teller.progress(f"package {min(seen, len(names))}/{len(names)} {name}")
        elif line.startswith("Installing collected"):
            teller.progress(f"unpacking {len(names)} packages")

    with tempfile.TemporaryDirectory(prefix="idbooth-pip-") as temporary:
        status, last = programs.run(
            [str(venv / "bin" / "python"), *_PIP, "-r", str(lock)],
            on_line=tell,
            cwd=Path(temporary),
        )
    if status:
        raise _explain(last)


def _explain(last: Sequence[str]) -> SetupError:
    lower = "\n".join(last).lower()
    if "no space left" in lower:
        return SetupError("The disk is full.", "Free at least 4 GB and run the same command again.")
    if "do not match the hashes" in lower or "hash mismatch" in lower:
        return SetupError(
            "A downloaded package is not the one that the lock file names: " + _tail(last),
            "Do not use this mirror or proxy until you know why; then run the same command again.",
        )
    signs = ("connection", "timed out", "name resolution", "ssl", "proxy", "from versions: none")
    if any(sign in lower for sign in signs):
        return SetupError(
            "pip could not download: " + _tail(last),
            "Check the network (and pip's proxy or index settings), then run the same command "
            "again.",
        )
    return SetupError(
        "pip failed: " + _tail(last),
        "The whole output is in build/setup.log; mend the cause and run the same command again.",
    )


def _tail(last: Sequence[str]) -> str:
    errors = [line for line in last if "rror" in line]
    return (errors or [line for line in last if line] or ["no message"])[-1].strip()

# SPDX-License-Identifier: Apache-2.0
"""The Debian packages: which are missing, and their installation by apt-get."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from setting_up.programs import Programs
from setting_up.telling import SetupError, Teller

ROLES = {
    "dev": {"base", "compile", "booth", "test"},
    "booth": {"base", "compile", "booth"},
    "counter": {"base"},
}


_INSTALL = ("-o", "Dpkg::Options::=--force-confold", "install", "--no-install-recommends", "--")


@dataclass(frozen=True)
class Wanted:
    """One line of apt-packages.txt."""

    name: str
    role: str
    why: str


def wanted(listing: Path, purpose: str) -> list[Wanted]:
    """The packages in `listing` that `purpose` (a key of ROLES) needs, in file order."""
    found = []
    for line in listing.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, role, why = line.split(None, 2)
            if role in ROLES[purpose]:
                found.append(Wanted(name, role, why))
    return found


def missing(packages: Sequence[Wanted]) -> list[Wanted]:
    """Those of `packages` that dpkg does not hold as installed; all, where there is no dpkg."""
    if not shutil.which("dpkg-query"):
        return list(packages)
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *(p.name for p in packages)],
        capture_output=True,
        text=True,
    )
    there = {line.split()[1] for line in asked.stdout.splitlines() if line.startswith("installed ")}
    return [package for package in packages if package.name not in there]


def install(packages: Sequence[Wanted], programs: Programs, teller: Teller) -> None:
    """Installs `packages` without recommended extras; finishes an interrupted dpkg first.

    Raises SetupError: not Debian, no right to install, no network, disk full, apt busy.
    """
    names = [package.name for package in packages]
    apt = [*_as_root(names), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    apt += ["-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "APT::Status-Fd=1"]
    if _dpkg_was_interrupted():
        teller.progress("finishing an interrupted installation")
        programs.run([*_as_root(names), "dpkg", "--configure", "-a", "--force-confold"])
    teller.progress("reading the package lists")
    status, last = programs.run([*apt, "update"])
    if status:
        raise _explain(last, names)
    status, last = programs.run(
        [*apt, *_INSTALL, *names],
        on_line=lambda line: _tell(line, teller),
    )
    if status:
        raise _explain(last, names)
    still = missing(packages)
    if still:
        raise SetupError(
            "apt-get ended well, yet these packages are not installed: "
            + " ".join(package.name for package in still),
            "Look at build/setup.log, then run the same command again.",
        )


def _tell(line: str, teller: Teller) -> None:
    kind, _, rest = line.partition(":")
    if kind in ("dlstatus", "pmstatus"):
        fields = rest.split(":")
        if len(fields) >= 3:
            doing = "downloading" if kind == "dlstatus" else "unpacking"
            teller.progress(f"{doing} {float(fields[1]):.0f} %")


def _as_root(names: Sequence[str]) -> list[str]:
    if not shutil.which("apt-get"):
        raise SetupError(
            "This machine has no apt-get; the booth is made for Debian 12.",
            "Run it on Debian 12, or install the equivalents of: " + " ".join(names),
        )
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        rights = subprocess.run(["sudo", "-n", "true"], capture_output=True)
        if rights.returncode == 0:
            return ["sudo", "-n"]
        if sys.stdin.isatty() and subprocess.run(["sudo", "-v"]).returncode == 0:
            return ["sudo", "-n"]
    raise SetupError(
        f"{len(names)} Debian packages are missing and this user may not install them.",
        "Run the same command as root or as a user with sudo, or ask an administrator to run:\n"
        "    apt-get install --no-install-recommends " + " ".join(names),
    )


def _dpkg_was_interrupted() -> bool:
    audit = subprocess.run(["dpkg", "--audit"], capture_output=True, text=True)
    return bool(audit.stdout.strip())


def _explain(last: Sequence[str], names: Sequence[str]) -> SetupError:
    said = "\n".join(last)
    lower = said.lower()
    if "no space left" in lower or "enough free space" in lower:
        return SetupError("The disk is full.", "Free at least 4 GB and run the same command again.")
    if "could not get lock" in lower or "is another process using it" in lower:
        return SetupError(
            "Another package installation is running.",
            "Wait until it has ended and run the same command again.",
        )
    if "unable to locate package" in lower or "has no installation candidate" in lower:
        return SetupError(
            "apt-get does not know one of the packages: " + _last_error(last),
            "The booth is made for Debian 12 (bookworm) with its 'main' component; check "
            "/etc/apt/sources.list, then run the same command again.",
        )
    if any(
        sign in lower
        for sign in ("temporary failure", "could not resolve", "failed to fetch", "connect", "404")
    ):
        return SetupError(
            "apt-get could not download: " + _last_error(last),
            "Check the network (and the proxy or mirror in /etc/apt), then run the same command "
            "again; it goes on where it stopped.",
        )
    return SetupError(
        "apt-get failed: " + _last_error(last),
        "The whole output is in build/setup.log. To try by hand:\n"
        "    apt-get install --no-install-recommends " + " ".join(names),
    )


def _last_error(last: Sequence[str]) -> str:
    errors = [line for line in last if line.startswith(("E:", "W:", "Err:"))]
    return (errors or [line for line in last if line] or ["no message"])[-1]

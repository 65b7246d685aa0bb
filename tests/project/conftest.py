# SPDX-License-Identifier: Apache-2.0
"""Where the checkout is, and which files belong to it."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def files(root: Path) -> list[Path]:
    """Every file that is or is about to be under version control, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    )
    names = {Path(name) for name in listed.stdout.split("\0") if name}
    found = sorted(name for name in names if (root / name).is_file())
    assert len(found) > 50
    return found

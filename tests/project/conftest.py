# SPDX-License-Identifier: Apache-2.0
"""Where the checkout is, which files belong to it, and a booth without devices."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idcard.devca import write_development_keys

BOOTH = """
[devices.fingerprint]
path = "{folder}/absent"
[devices.idreader]
path = "{folder}/absent"
[devices.printer]
path = "{folder}/absent"
[devices.camera]
source = "{folder}/absent"
[devices.panel]
factory = "none"
[devices.staffcard]
fitted = false
[screen]
fullscreen = false
[post]
state_dir = "{folder}/outbox"
socket = "{folder}/mailbox.sock"
keys_dir = "{folder}/keys/booth"
"""

COUNTER = """
state_dir = "{folder}/counter"
keys_dir = "{folder}/keys/counter"
[booth]
port = 0
[console]
port = 0
"""


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


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with development keys and the settings of a booth without devices."""
    write_development_keys(tmp_path / "keys", now=datetime.now(UTC))
    (tmp_path / "booth.toml").write_text(BOOTH.format(folder=tmp_path))
    (tmp_path / "counter.toml").write_text(COUNTER.format(folder=tmp_path))
    return tmp_path

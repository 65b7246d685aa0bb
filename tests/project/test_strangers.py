# SPDX-License-Identifier: Apache-2.0
"""Other people's programs that scripts/prove-strangers installs are pinned, whoever serves them."""

import json
from pathlib import Path


def test_every_package_of_a_stranger_is_pinned_with_its_checksum(root: Path) -> None:
    folder = root / "scripts" / "strangers"
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert lock["packages"][""]["dependencies"] == wanted
    assert all(part.isdigit() for version in wanted.values() for part in version.split("."))
    assert {one["integrity"][:7] for one in packages.values()} == {"sha512-"}
    assert not any("resolved" in one for one in packages.values()), "names where it came from"

# SPDX-License-Identifier: Apache-2.0
"""Tests that share something of the machine run on one worker, see tests/conftest.py."""

from collections.abc import Callable
from pathlib import Path

MARK = "xdist_" + "group("


def test_every_file_that_names_a_group_is_in_it_as_a_whole(
    root: Path, group: Callable[[str], str]
) -> None:
    named = {
        str(path.relative_to(root)): text.count(MARK)
        for path in (root / "tests").rglob("test_*.py")
        if MARK in (text := path.read_text(encoding="utf-8"))
    }
    assert "tests/drivers/test_staffcard.py" in named
    assert set(named.values()) == {1}, "one mark for the whole file"
    assert all(map(group, named))
    assert group("tests/drivers/test_staffcard.py") == "pcscd"


def test_a_file_of_no_group_stands_alone(group: Callable[[str], str]) -> None:
    assert group("tests/project/test_groups.py") == group("no/such_file.py") == ""

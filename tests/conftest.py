# SPDX-License-Identifier: Apache-2.0
"""Which worker runs what, under ``-n 2 --dist loadgroup``."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[1]
_GROUP = re.compile(r'xdist_group\("([\w-]+)"\)')


@cache
def group_of(file: str) -> str:
    """The group a file's tests are marked with as a whole; "" for none."""
    path = _ROOT / file
    found = _GROUP.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found[1] if found else ""


@pytest.fixture
def group() -> Callable[[str], str]:
    """`group_of`, for the test of it."""
    return group_of


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one group to one worker, as xdist means it.

    xdist 3.8 tells the group in a test's name, which pytest 9.2 no longer lets it change: groups
    were torn apart without a word, and two workers waited for the machine's one PC/SC service.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Grouped(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid.partition("::")[0]) or nodeid

    return Grouped(config, log)

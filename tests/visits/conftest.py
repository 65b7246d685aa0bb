# SPDX-License-Identifier: Apache-2.0
"""Whole visits on a whole booth: real processes, wires, TLS, SQLite and pixels."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack
from kiosk.visit.play import show, visit
from kiosk.visit.player import PlayError
from kiosk.visit.script import read_script

PLAYBOOK = Path(__file__).parent.parent / "playbook"
FACTOR = 0.2  # of the devices' own delays: what is tested here is what happens, not how fast


class Hall:
    """A running booth with its counter, and what a test asks of both."""

    def __init__(self, stack: Stack, out: Path) -> None:
        self.stack, self._out = stack, out

    def play(self, name: str) -> dict[str, Any]:
        """One citizen of the playbook."""
        script = read_script(PLAYBOOK / f"{name}.toml")
        try:
            return visit(self.stack, script, self._out / name, lambda line: None)
        except (PlayError, StackError):
            self.stack.kill("front")  # the next test's citizen shall find a fresh one
            raise

    def fronts(self, at_least: int) -> bool:
        """Whether so many front processes have been started, waiting a little for the last."""
        end = time.monotonic() + 10.0
        while self.stack.fronts < at_least and time.monotonic() < end:
            time.sleep(0.05)
        return self.stack.fronts >= at_least

    def at_counter(self, application_id: str, seconds: float = 40.0) -> dict[str, Any]:
        """The application as the counter holds it, waiting for it to arrive."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            held = show(self.stack, application_id)
            if held is not None:
                return held
        raise AssertionError("the application did not arrive at the counter")

    def applications(self) -> int:
        """How many applications the counter holds."""
        path = self.stack.folder.counter / "counter.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as held:
            return int(held.execute("SELECT count(*) FROM application").fetchone()[0])

    def traces(self, *words: str) -> list[str]:
        """Files of the booth (not of the counter) that hold one of these words in any encoding."""
        found = []
        for place in (self.stack.folder.logs, self.stack.folder.uplink, self.stack.folder.run):
            for path in place.rglob("*"):
                if path.is_file() and _holds(path.read_bytes(), words):
                    found.append(str(path.relative_to(self.stack.folder.root)))
        return found


def _holds(raw: bytes, words: tuple[str, ...]) -> bool:
    encodings = ("utf-8", "utf-16-le", "utf-32-le")
    return any(word.encode(kind) in raw for word in words for kind in encodings)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One booth for the module's citizens; each has a front process of their own."""
    root = tmp_path_factory.mktemp("hall")
    with Stack(root / "booth", factor=FACTOR) as stack:
        yield Hall(stack, root)


@pytest.fixture
def hall_for(tmp_path: Path) -> Callable[[str], AbstractContextManager[Hall]]:
    """A booth with the settings that a script brings."""

    @contextlib.contextmanager
    def opened(name: str) -> Iterator[Hall]:
        script = read_script(PLAYBOOK / f"{name}.toml")
        with Stack(
            tmp_path / "booth", factor=FACTOR, booth=script.settings, counter=script.counter
        ) as stack:
            yield Hall(stack, tmp_path)

    return opened

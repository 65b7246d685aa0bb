# SPDX-License-Identifier: Apache-2.0
"""What a campaign has done so far, on disk, so that an interrupted one goes on."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.campaign.subject import Tally
from bench.campaign.workers import Done

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("firmware_io", "drivers", "bench/campaign")  # what a campaign is about


def digest(folders: Iterable[Path] = tuple(ROOT / one for one in SOURCES)) -> str:
    """Of every Python file there: slices of another program say nothing about this one."""
    whole = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            whole.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return whole.hexdigest()[:16]


@dataclass(slots=True)
class Progressed:
    """One subject's part: what was asked, which slices are done, what they saw."""

    seed: int
    asked: int
    made_of: str = ""  # digest of the sources
    slices: set[int] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    rss_before_mb: float = 0.0  # of the worker that grew most, after its first slice
    rss_after_mb: float = 0.0
    took_s: float = 0.0
    _first: dict[int, float] = field(default_factory=dict)  # of this run's workers

    @property
    def growth_mb(self) -> float:
        """By how much the worker that grew most has grown since its first slice."""
        return self.rss_after_mb - self.rss_before_mb

    def take(self, done: Done) -> None:
        """One slice more."""
        self.slices.add(done.slice.number)
        self.tally.add(done.tally)
        if not done.rss_mb:
            return
        first = self._first.setdefault(done.worker, done.rss_mb)
        if not self.rss_before_mb or done.rss_mb - first > self.growth_mb:
            self.rss_before_mb, self.rss_after_mb = first, done.rss_mb

    def restarted(self) -> None:
        """New workers: their memory begins anew."""
        self._first.clear()


class State:
    """The state file: one `Progressed` a subject."""

    def __init__(self, path: Path, *, resume: bool, made_of: str = "") -> None:
        self._path, self._made_of = path, made_of
        self._subjects: dict[str, Progressed] = {}
        if resume and path.exists():
            for name, plain in json.loads(path.read_text("utf-8")).items():
                kept = {**plain, "slices": set(plain["slices"]), "tally": Tally.of(plain["tally"])}
                self._subjects[name] = Progressed(**kept)

    def subject(self, name: str, seed: int, asked: int) -> Progressed:
        """What is there of `name`; a fresh start for another seed, amount or program."""
        found = self._subjects.get(name)
        wanted = seed, asked, self._made_of
        if found is None or (found.seed, found.asked, found.made_of) != wanted:
            found = self._subjects[name] = Progressed(*wanted)
        return found

    def save(self) -> None:
        """To disk, in one step."""
        plain: dict[str, Any] = {}
        for name, one in self._subjects.items():
            plain[name] = {
                "seed": one.seed,
                "asked": one.asked,
                "made_of": one.made_of,
                "slices": sorted(one.slices),
                "tally": one.tally.plain(),
                "rss_before_mb": one.rss_before_mb,
                "rss_after_mb": one.rss_after_mb,
                "took_s": one.took_s,
            }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(plain), encoding="utf-8")
        fresh.replace(self._path)

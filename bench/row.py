# SPDX-License-Identifier: Apache-2.0
"""One figure beside its baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

NAMES = ("name", "unit", "ours", "baseline", "baseline_is", "ratio", "target", "met", "spread")
"""The fields of a row in latest.json; `at` and `runs` follow them."""


@dataclass(frozen=True, slots=True)
class Target:
    """A bound of "ratio" or "ours": at most, or with `least` at least, `bound`."""

    of: str
    bound: float
    least: bool = False

    def __str__(self) -> str:
        return f"{self.of} {'>=' if self.least else '<='} {self.bound:g}"

    def met(self, ours: float, ratio: float | None) -> bool | None:
        """Whether it holds; None when there is no such figure."""
        value = ratio if self.of == "ratio" else ours
        if value is None:
            return None
        return value >= self.bound if self.least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` and `baseline` in `unit`; `ratio` is ours / baseline. None: there is none.

    `spread` is the smallest and the largest of the samples that `ours` was picked from; none was
    left out. `runs` is how many they were.
    """

    name: str
    unit: str
    ours: float
    baseline: float | None
    baseline_is: str
    ratio: float | None
    target: str | None
    met: bool | None
    spread: tuple[float, float]
    runs: int


def row(
    name: str,
    unit: str,
    samples: Sequence[float],
    baseline: Sequence[float] = (),
    baseline_is: str = "",
    *,
    target: Target | None = None,
    pick: Callable[[Sequence[float]], float] = median,
) -> Row:
    """A row from samples of both sides; `pick` (the median) makes one figure of ours.

    Baselines are always their median. Raises ValueError without samples.
    """
    if not samples:
        raise ValueError(f"{name}: nothing was measured")
    ours = pick(samples)
    base = median(baseline) if baseline else None
    ratio = ours / base if base else None
    return Row(
        name=name,
        unit=unit,
        ours=round(ours, 4),
        baseline=None if base is None else round(base, 4),
        baseline_is=baseline_is,
        ratio=None if ratio is None else round(ratio, 4),
        target=None if target is None else str(target),
        met=None if target is None else target.met(ours, ratio),
        spread=(round(min(samples), 4), round(max(samples), 4)),
        runs=len(samples),
    )


@dataclass(frozen=True, slots=True)
class Course:
    """What a subject gets: how often, a folder of its own on a real disk, and whom to tell."""

    runs: int | None  # asked for on the command line; None: the subject's own number
    scratch: Path
    say: Callable[[str], None]
    step: Callable[[int, int], None]  # done, of how many

    def times(self, usual: int) -> int:
        """How often to measure."""
        return self.runs or usual


@dataclass(frozen=True, slots=True)
class Subject:
    """One file of `bench.rows`: a name for --only, a sentence, and what measures."""

    name: str
    about: str
    measure: Callable[[Course], list[Row]]

# SPDX-License-Identifier: Apache-2.0
"""What a campaign runs, and what it counts."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Protocol

Unit = Literal["bytes", "dialogues"]
Kind = Literal[
    "wrong acceptance", "missed", "exception", "overrun", "unbounded", "slow", "growth", "hang"
]
KEPT_FLAWS: Final = 20  # of each slice; all are counted


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that must not happen. `at` is where in its slice; no word of it is a wire's."""

    kind: Kind
    at: int
    words: str
    slice: int = -1  # filled in by the frame


@dataclass(slots=True)
class Tally:
    """What one slice, or a whole campaign, has seen."""

    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    flawed: int = 0  # how many flaws, kept or not
    longest_overrun_ms: float = 0.0  # by how much the worst call missed its deadline

    def count(self, name: str, times: int = 1) -> None:
        """One more of `name`."""
        self.counts[name] = self.counts.get(name, 0) + times

    def flaw(self, kind: Kind, at: int, words: str) -> None:
        """Something that must not happen has happened."""
        self.flawed += 1
        if len(self.flaws) < KEPT_FLAWS:
            self.flaws.append(Flaw(kind, at, words))

    def overran(self, seconds: float) -> None:
        """A call ended so long after its deadline."""
        self.longest_overrun_ms = max(self.longest_overrun_ms, seconds * 1000)

    def add(self, other: "Tally") -> None:
        """Takes in what another slice has seen."""
        self.done += other.done
        for name, times in other.counts.items():
            self.count(name, times)
        self.flawed += other.flawed
        self.flaws += other.flaws[: KEPT_FLAWS - len(self.flaws)]
        self.longest_overrun_ms = max(self.longest_overrun_ms, other.longest_overrun_ms)

    def plain(self) -> dict[str, Any]:
        """As JSON values; `of` takes them back."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Tally":
        """From what `plain` gave."""
        return cls(**{**plain, "flaws": [Flaw(**one) for one in plain["flaws"]]})


class Subject(Protocol):
    """One thing to torment. Implementations are frozen dataclasses at module level.

    A campaign is cut into slices of `slice_size` units; each has a seed of its own, runs in a
    worker process and can be run again by itself. Between slices the state is saved.
    """

    @property
    def name(self) -> str:
        """As on the command line: "ef01-fuzz"."""
        ...

    @property
    def about(self) -> str:
        """One sentence: what is fed to what, and what it is judged by."""
        ...

    @property
    def unit(self) -> Unit:
        """What is counted, and whether --bytes or --dialogues says how many."""
        ...

    @property
    def usual(self) -> int:
        """How many units a full campaign has."""
        ...

    @property
    def slice_size(self) -> int:
        """Units a slice."""
        ...

    @property
    def slice_limit_s(self) -> float:
        """Real time after which a slice counts as a hang; generous."""
        ...

    @property
    def plants(self) -> tuple[str, ...]:
        """Names of the faults that `run` can plant and must then report as flaws."""
        ...

    def run(self, seed: int, amount: int, plant: str) -> Tally:
        """Does one slice of `amount` units; the same seed gives the same slice.

        `plant` names a fault to build in, "" none. What must not happen goes to `Tally.flaw`; an
        exception that leaves here is counted as one.
        """
        ...

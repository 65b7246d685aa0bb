# SPDX-License-Identifier: Apache-2.0
"""How often to look, how closely, and what to look for this time. Pure: time is handed in.

Each look fits the mesh and takes the small measures; beside that it does at most one of the dearer
things, in turn, so that no look is much longer than another. Between two looks the analysis rests
half as long as the look took, so drawing and the finger module get their share on a weak board too.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

RATE_MOST = 15.0
"""Looks a second; more would tell nobody anything sooner."""
REST = 1.5
"""The next look begins no earlier than this many durations of the last one after its beginning."""
SMALL_WIDTH = 640
"""Width of the picture that a weak board looks at; its landmarks differ from those of 1280 pixels
by 0.65 % of the eye distance (measured on the test face)."""
_SLOW_S, _QUICK_S = 0.040, 0.010  # a look in full size takes about twice one in half size
_JUDGED = 8  # looks before the size is changed
_DEAR = 0.08  # each dearer thing may take this share of the time on the average


class Job(StrEnum):
    """A dearer thing to do beside a look."""

    EYES = "eyes"
    HAIR = "hair"
    SWEEP = "sweep"
    WALL = "wall"


_EVERY_S = {Job.EYES: 0.25, Job.HAIR: 1.0, Job.SWEEP: 0.27, Job.WALL: 2.0}
_AT_MOST_S = {Job.EYES: 1.0, Job.HAIR: 2.0, Job.SWEEP: 1.0, Job.WALL: 4.0}
_PATIENCE = 2.0  # so many times its interval anything else may wait for a closed eye
_EYES_SOON_S = 0.12  # until the person's own opening is known


def threads_for(cores: int) -> int:
    """How many threads OpenCV may use in the front: one core stays free for drawing, two suffice.

    Measured on two cores: a second thread takes a quarter off a look and makes drawing stutter.
    """
    return max(1, min(2, cores - 1))


@dataclass(slots=True)
class Pace:
    """The analysis of one visit. Times are monotonic seconds, durations seconds."""

    small: bool = False
    _done_at: dict[Job, float] = field(default_factory=dict[Job, float])
    _cost: dict[Job, float] = field(default_factory=dict[Job, float])
    _recent: list[float] = field(default_factory=list[float])

    def job(self, t: float, *, eyes_known: bool, eyes_low: bool) -> Job | None:
        """What else to do in the look that begins at `t`: the thing that is most overdue.

        `eyes_known`: the person's own opening is known. `eyes_low`: the last figure was low; it
        may be a blink and is looked at again at once.
        """
        late = {job: (t - self._done_at.get(job, float("-inf"))) / self._every(job, eyes_known)
                for job in Job}  # fmt: skip
        first = max(late, key=lambda job: late[job])
        if eyes_low and late[first] < _PATIENCE:
            return Job.EYES
        return first if late[first] >= 1.0 else None

    def did(self, job: Job, t: float, cost: float) -> None:
        """`job` was done at `t` and took `cost`."""
        self._done_at[job] = t
        self._cost[job] = 0.5 * (cost + self._cost.get(job, cost))

    def age(self, job: Job, t: float) -> float:
        """How long ago `job` was done; infinite when never."""
        return t - self._done_at.get(job, float("-inf"))

    def looked(self, took: float) -> float:
        """A look and its job `took` so long; the next may begin so long after its beginning."""
        self._recent.append(took)
        if len(self._recent) >= _JUDGED:
            usual = median(self._recent)
            if not self.small and usual > _SLOW_S:
                self.small, self._recent = True, []
            elif self.small and usual < _QUICK_S:
                self.small, self._recent = False, []
            else:
                del self._recent[0]
        return max(1.0 / RATE_MOST, REST * took)

    def forget(self) -> None:
        """Somebody else sits there: everything is due. What the board can do stays known."""
        self._done_at.clear()

    def _every(self, job: Job, eyes_known: bool) -> float:
        usual = _EVERY_S[job]
        if job is Job.EYES and not eyes_known:
            usual = _EYES_SOON_S
        return max(usual, min(_AT_MOST_S[job], self._cost.get(job, 0.0) / _DEAR))

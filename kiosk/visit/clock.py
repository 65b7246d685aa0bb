# SPDX-License-Identifier: Apache-2.0
"""Where a visit's time goes: the citizen's own, and what was waited for the machine."""

import time
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Monotonic seconds. `machine_s` grows only while the citizen waits for the machine."""

    begun_s: float = field(default_factory=time.monotonic)
    machine_s: float = 0.0
    by_step: dict[str, float] = field(default_factory=dict)
    waits: list[tuple[str, str, float]] = field(default_factory=list)
    _step: str = ""
    _since_s: float = field(default_factory=time.monotonic)

    def waited(self, step: str, what: str, seconds: float) -> None:
        """The citizen waited for the machine."""
        self.machine_s += seconds
        self.waits.append((step, what, round(seconds, 3)))

    def at(self, step: str) -> None:
        """The visit is at this step."""
        if step == self._step:
            return
        now = time.monotonic()
        if self._step:
            self.by_step[self._step] = self.by_step.get(self._step, 0.0) + now - self._since_s
        self._step, self._since_s = step, now

    def seconds(self) -> dict[str, object]:
        """The JSON object's `seconds`."""
        self.at("end")
        return {
            "total": round(time.monotonic() - self.begun_s, 2),
            "machine": round(self.machine_s, 2),
            "by_step": {name: round(s, 2) for name, s in self.by_step.items()},
        }

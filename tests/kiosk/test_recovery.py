# SPDX-License-Identifier: Apache-2.0
"""A device pulled out and plugged in again serves the next citizen, without a new start."""

import threading
from collections.abc import Sequence

from drivers.health import Health
from kiosk.devices import Device
from kiosk.recovery import EVERY_S, Recovery


class Module:
    """A device whose plug a test holds."""

    def __init__(self) -> None:
        self.plugged, self.well, self.starts = False, False, 0

    def start(self) -> None:
        self.starts += 1
        self.well = self.plugged

    def health(self) -> Health:
        return Health.ready("fingerprint") if self.well else Health.ill("fingerprint", "x.y")

    def close(self) -> None:
        """Nothing to let go."""


class Booth:
    """A recovery whose tries a test ends."""

    def __init__(self) -> None:
        self.module, self.idle = Module(), True
        self.go_on = threading.Event()
        self.go_on.set()
        self.threads: list[threading.Thread] = []
        self.recovery = Recovery((self.module,), self._start, lambda: self.idle)

    def _start(self, ill: Sequence[Device]) -> list[threading.Thread]:
        def begin() -> None:
            assert self.go_on.wait(10)
            for one in ill:
                one.start()

        self.threads.append(threading.Thread(target=begin))
        self.threads[-1].start()
        return self.threads[-1:]

    def look(self, now_s: float) -> int:
        self.recovery.look(now_s)
        if self.go_on.is_set():
            for thread in self.threads:
                thread.join(10)
        return self.module.starts


def test_it_is_tried_again_until_it_is_there_and_then_left_alone() -> None:
    booth = Booth()
    assert booth.look(0.0) == 1
    assert booth.look(EVERY_S / 2) == 1, "not without a pause"
    booth.module.plugged = True
    assert booth.look(EVERY_S) == 2
    assert booth.look(EVERY_S * 9) == 2


def test_nothing_is_started_under_a_citizen_s_hands() -> None:
    booth = Booth()
    booth.idle = False
    assert booth.look(EVERY_S) == 0
    booth.idle = True
    assert booth.look(EVERY_S) == 1


def test_a_try_that_hangs_is_not_tried_beside_itself() -> None:
    booth = Booth()
    booth.go_on.clear()
    booth.look(0.0)
    booth.look(EVERY_S * 3)
    assert len(booth.threads) == 1
    booth.go_on.set()
    assert booth.look(EVERY_S * 6) >= 1

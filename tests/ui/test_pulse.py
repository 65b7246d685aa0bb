# SPDX-License-Identifier: Apache-2.0
import pytest

from ui.pulse import Pulse, every_s


def test_ready_is_said_once_with_the_first_picture() -> None:
    said: list[str] = []
    pulse = Pulse(said.append)
    assert said == []
    pulse.drawn()
    pulse.drawn()
    assert said == ["READY=1"]


def test_life_is_said_only_when_the_picture_asked_for_has_come() -> None:
    said: list[str] = []
    pulse = Pulse(said.append)
    pulse.drawn()
    pulse.beat(pulse.drawn)  # drawn at once
    pulse.beat(lambda: None)  # asked for another, which never comes
    assert said == ["READY=1", "WATCHDOG=1"]
    pulse.beat(lambda: None)
    pulse.beat(lambda: None)
    assert said == ["READY=1", "WATCHDOG=1"]
    pulse.drawn()
    pulse.beat(pulse.drawn)
    pulse.ends()
    assert said == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(
    ("allowed", "beat"),
    [("20000000", 20 / 3), ("3000000", 1.0), ("", None), ("0", None), ("soon", None)],
)
def test_the_beat_is_a_third_of_what_the_manager_allows(allowed: str, beat: float | None) -> None:
    # sd_watchdog_enabled(3): microseconds; half of it or less is recommended.
    assert every_s({"WATCHDOG_USEC": allowed}) == beat
    assert every_s({}) is None

# SPDX-License-Identifier: Apache-2.0
import time

from firmware_io.links.deadline import Deadline


def test_a_passed_deadline_has_no_time_left_and_never_a_negative_one() -> None:
    gone = Deadline(time.monotonic() - 5)
    assert gone.passed
    assert gone.left == 0.0


def test_a_step_inside_an_act_never_outlasts_the_act() -> None:
    act = Deadline.after(100)
    assert not act.passed
    assert 0 < act.left <= 100
    assert act.within(500) == act
    assert act.within(1).at < act.at
